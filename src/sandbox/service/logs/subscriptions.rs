//! Subscription filters: what copies a group's events elsewhere.

use super::filters::filter_name;
use super::groups::limit;
use super::{group, group_name, invalid, no_group};
use crate::pattern::Pattern;
use crate::sandbox::service::listing::{page, public, with_token};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// Filters that one group may have (CloudWatch Logs API, PutSubscriptionFilter).
const MOST: usize = 2;

/// Answers PutSubscriptionFilter, which replaces the filter of that name. Whether the destination takes events is not
/// modelled.
///
/// # Errors
/// `InvalidParameterException`, `LimitExceededException` above two filters, `ResourceNotFoundException`.
pub fn put(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    let filter = filter_name(call)?;
    let pattern = call.input.get("filterPattern").and_then(Value::as_str);
    let pattern = pattern.ok_or_else(|| invalid("filterPattern must not be null"))?.to_owned();
    Pattern::parse(&pattern).map_err(|problem| invalid(format!("Invalid filter pattern: {problem}")))?;
    let destination = call.text("destinationArn").unwrap_or_default();
    let service = destination.split(':').nth(2).unwrap_or_default().to_owned();
    if !destination.starts_with("arn:") || !["kinesis", "firehose", "lambda", "logs"].contains(&&*service) {
        return Err(invalid("destinationArn must be a stream, a function or a destination"));
    }
    let role = call.text("roleArn");
    if role.is_none() && ["kinesis", "firehose"].contains(&&*service) {
        return Err(invalid("destinationArn for vendor kinesis cannot be used without roleArn"));
    }
    group(call, &name)?;
    let key = format!("{name}|{filter}");
    let table = call.table("subscription_filters");
    let others = table.iter().filter(|(k, f)| **k != key && f["logGroupName"] == name.as_str()).count();
    if others >= MOST {
        return Err(Fault::bad("LimitExceededException", "Resource limit exceeded."));
    }
    let mut record = json!({
        "filterName": filter, "logGroupName": name, "filterPattern": pattern, "destinationArn": destination,
        "distribution": call.text("distribution").unwrap_or_else(|| "ByLogStream".into()),
        "applyOnTransformedLogs": call.flag("applyOnTransformedLogs").unwrap_or(false),
        "creationTime": call.now.as_millisecond(),
    });
    if let Some(role) = role {
        record["roleArn"] = role.into();
    }
    call.table("subscription_filters").insert(key, record);
    Ok(json!({}))
}

/// Answers DeleteSubscriptionFilter.
///
/// # Errors
/// `ResourceNotFoundException` for a missing group or filter.
pub fn delete(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    let filter = filter_name(call)?;
    group(call, &name)?;
    match call.table("subscription_filters").remove(&format!("{name}|{filter}")) {
        Some(_) => Ok(json!({})),
        None => {
            Err(Fault::bad("ResourceNotFoundException", "The specified subscription filter does not exist."))
        }
    }
}

/// Answers DescribeSubscriptionFilters of one group.
///
/// # Errors
/// `ResourceNotFoundException`, `InvalidParameterException`.
pub fn describe(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    let prefix = call.text("filterNamePrefix").unwrap_or_default();
    if !call.table("log_groups").contains_key(&name) {
        return Err(no_group());
    }
    let limit = limit(call)?;
    let filters = call.table("subscription_filters").iter().filter(|(_, filter)| {
        filter["logGroupName"] == name.as_str()
            && filter["filterName"].as_str().is_some_and(|name| name.starts_with(&prefix))
    });
    let filters = filters.map(|(key, filter)| (key.clone(), Value::Object(public(filter)))).collect();
    let token = call.text("nextToken");
    let (filters, next) = page(filters, token.as_deref(), limit, "InvalidParameterException")?;
    Ok(with_token(json!({"subscriptionFilters": filters}), "nextToken", next))
}
