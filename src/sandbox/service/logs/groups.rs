//! Log groups: create, delete, describe, retention and deletion protection.

use super::{constraint, group, group_name, invalid, keys, name_of};
use crate::sandbox::service::listing::{page, public, with_token};
use crate::sandbox::service::record::{TagProblem, begin, merge_tags};
use crate::sandbox::service::{Answer, Call, Fault, text};
use serde_json::{Map, Value, json};

/// Days that PutRetentionPolicy takes.
pub const RETENTION_DAYS: &[i64] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const CLASSES: &[&str] = &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"];

/// Answers CreateLogGroup, which is not idempotent.
///
/// # Errors
/// `ResourceAlreadyExistsException`; `InvalidParameterException` for a bad name, class, tag or key.
pub fn create(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    if call.table("log_groups").contains_key(&name) {
        return Err(Fault::bad("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    let class = call.text("logGroupClass").unwrap_or_else(|| "STANDARD".into());
    if !CLASSES.contains(&class.as_str()) {
        let rule = format!("satisfy enum value set: [{}]", CLASSES.join(", "));
        return Err(constraint(&class, "logGroupClass", &rule));
    }
    let tags = merged_tags(call, Map::new())?;
    let arn = format!("arn:aws:logs:{}:{}:log-group:{name}", call.region, call.account);
    let mut record = Map::new();
    if let Some(key) = call.text("kmsKeyId") {
        keys::check(call, &key, &arn)?;
        record.insert("kmsKeyId".into(), json!(key));
    }
    for (member, value) in [
        ("logGroupName", json!(name)),
        ("creationTime", json!(call.now.as_millisecond())),
        ("arn", json!(format!("{arn}:*"))),
        ("logGroupArn", json!(arn)),
        ("storedBytes", json!(0)),
        ("logGroupClass", json!(class)),
        ("deletionProtectionEnabled", json!(call.flag("deletionProtectionEnabled").unwrap_or(false))),
    ] {
        record.insert(member.into(), value);
    }
    let mut record = Value::Object(record);
    begin(&mut record, &arn, tags, call.now);
    call.table("log_groups").insert(name, record);
    Ok(json!({}))
}

/// Adds the call's `tags`, a map, to the tags there are.
///
/// # Errors
/// `TooManyTagsException`, `InvalidParameterException`.
pub fn merged_tags(call: &Call<'_>, there: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    let given = call.input.get("tags").and_then(Value::as_object).into_iter().flatten();
    let given: Vec<Value> = given.map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    merge_tags(there, &given, ("Key", "Value")).map_err(|problem| match problem {
        TagProblem::TooMany => Fault::bad("TooManyTagsException", problem.to_string()),
        TagProblem::Duplicate(_) | TagProblem::Invalid(_) => invalid(problem.to_string()),
    })
}

/// Answers DeleteLogGroup; its filters go with the group.
///
/// # Errors
/// `ResourceNotFoundException`; `ValidationException` under deletion protection.
pub fn delete(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    if group(call, &name)?["deletionProtectionEnabled"] == true {
        return Err(Fault::bad(
            "ValidationException",
            format!("Log group {name} cannot be deleted because deletion protection is enabled."),
        ));
    }
    call.table("log_groups").remove(&name);
    for filters in ["metric_filters", "subscription_filters"] {
        call.table(filters).retain(|_, filter| filter["logGroupName"] != name.as_str());
    }
    Ok(json!({}))
}

/// Answers DescribeLogGroups. Tags are not part of it; the prefix is not equality.
///
/// # Errors
/// `InvalidParameterException` for prefix and pattern together, a bad limit or a bad token.
pub fn describe(call: &mut Call<'_>) -> Answer {
    let (prefix, pattern) = (call.text("logGroupNamePrefix"), call.text("logGroupNamePattern"));
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let limit = limit(call)?;
    let class = call.text("logGroupClass");
    let wanted: Vec<String> =
        call.list("logGroupIdentifiers").iter().filter_map(Value::as_str).map(name_of).collect();
    let pattern = pattern.map(|pattern| pattern.to_lowercase());
    let filters = call.table("metric_filters").clone();
    let policy = retention_policy(call);
    let groups = call.table("log_groups").iter().filter(|(name, group)| {
        prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
            // A pattern matches anywhere and ignores case (CloudWatch Logs API, DescribeLogGroups).
            && pattern.as_ref().is_none_or(|pattern| name.to_lowercase().contains(pattern))
            && class.as_ref().is_none_or(|class| group["logGroupClass"] == class.as_str())
            && (wanted.is_empty() || wanted.contains(name))
    });
    let groups: Vec<(String, Value)> = groups
        .map(|(name, group)| {
            let mut shown = public(group);
            let count = filters.values().filter(|filter| filter["logGroupName"] == name.as_str()).count();
            shown.insert("metricFilterCount".into(), json!(count));
            if let Some((policy, days)) = &policy {
                shown.insert("retentionInDays".into(), json!(days));
                shown.insert("retentionPolicyName".into(), json!(policy));
            }
            (name.clone(), Value::Object(shown))
        })
        .collect();
    let token = call.text("nextToken");
    let (groups, next) = page(groups, token.as_deref(), limit, "InvalidParameterException")?;
    Ok(with_token(json!({"logGroups": groups}), "nextToken", next))
}

/// Returns the page size a call asks for: 1 to 50, and 50 if it says nothing.
///
/// # Errors
/// `InvalidParameterException`.
pub fn limit(call: &Call<'_>) -> Result<usize, Fault> {
    let limit = call.number("limit").unwrap_or(50);
    usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=50).contains(limit))
        .ok_or_else(|| constraint(&limit.to_string(), "limit", "have value between 1 and 50"))
}

/// Returns the account's RETENTION_POLICY, which goes before each group's own retention: its name and days.
fn retention_policy(call: &mut Call<'_>) -> Option<(String, i64)> {
    let policies = call.table("account_policies").values();
    policies.filter(|policy| policy["policyType"] == "RETENTION_POLICY").find_map(|policy| {
        let document: Value = serde_json::from_str(policy["policyDocument"].as_str()?).ok()?;
        Some((text(policy, "policyName")?, document["retentionInDays"].as_i64()?))
    })
}

/// Answers DescribeAccountPolicies for one type of policy.
///
/// # Errors
/// `InvalidParameterException` without a type.
pub fn describe_account_policies(call: &mut Call<'_>) -> Answer {
    let kind = call.text("policyType").ok_or_else(|| invalid("policyType must not be null"))?;
    let name = call.text("policyName");
    let policies = call.table("account_policies").values().filter(|policy| {
        policy["policyType"] == kind.as_str()
            && name.as_ref().is_none_or(|name| policy["policyName"] == name.as_str())
    });
    let policies: Vec<Value> = policies.map(|policy| Value::Object(public(policy))).collect();
    Ok(json!({"accountPolicies": policies}))
}

/// Answers PutRetentionPolicy.
///
/// # Errors
/// `InvalidParameterException` for days between the steps, `ResourceNotFoundException`.
pub fn put_retention(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    let days = call.number("retentionInDays").ok_or_else(|| invalid("retentionInDays must not be null"))?;
    if !RETENTION_DAYS.contains(&days) {
        let rule = format!("satisfy enum value set: {RETENTION_DAYS:?}");
        return Err(constraint(&days.to_string(), "retentionInDays", &rule));
    }
    group(call, &name)?["retentionInDays"] = json!(days);
    Ok(json!({}))
}

/// Answers DeleteRetentionPolicy: events never expire.
///
/// # Errors
/// `ResourceNotFoundException`.
pub fn delete_retention(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    if let Some(record) = group(call, &name)?.as_object_mut() {
        record.remove("retentionInDays");
    }
    Ok(json!({}))
}

/// Answers PutLogGroupDeletionProtection.
///
/// # Errors
/// `ResourceNotFoundException`, `InvalidParameterException`.
pub fn put_deletion_protection(call: &mut Call<'_>) -> Answer {
    let name = name_of(&call.text("logGroupIdentifier").unwrap_or_default());
    let on = call.flag("deletionProtectionEnabled");
    let on = on.ok_or_else(|| invalid("deletionProtectionEnabled must not be null"))?;
    group(call, &name)?["deletionProtectionEnabled"] = json!(on);
    Ok(json!({}))
}
