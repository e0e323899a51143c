//! What is added beside ours: nothing of ours changes, and the record leaks, or is masked, all the same.

use super::{Place, Record, bucket, edit_policy, home, key, log_group, record, role, set, topic_arn, trail};
use crate::sandbox::state::State;
use serde_json::{Map, Value, json};

/// An account that has no business here.
const STRANGER: &str = "444455556666";

/// Appends to a list in a record, which is made if it is not there.
fn push(record: Record<'_>, member: &str, value: Value) -> bool {
    let Some(record) = record else { return false };
    let list = record.entry(member).or_insert_with(|| json!([]));
    list.as_array_mut().map(|list| list.push(value)).is_some()
}

pub(super) fn attach_policy(state: &mut State, place: &Place) -> bool {
    let policy = json!({"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    push(role(state, place), "_attached", policy)
}

pub(super) fn inline_policy(state: &mut State, place: &Place) -> bool {
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let policies = role(state, place).and_then(|role| role.get_mut("_policies")?.as_object_mut());
    policies.map(|policies| policies.insert("more".into(), json!(document.to_string()))).is_some()
}

pub(super) fn bound_role(state: &mut State, place: &Place) -> bool {
    let arn = format!("arn:aws:iam::{}:policy/boundary", place.account);
    let boundary =
        json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn});
    set(role(state, place), "PermissionsBoundary", boundary)
}

pub(super) fn grant(state: &mut State, place: &Place) -> bool {
    let grant = json!({
        "GrantId": "0c237476b39f8bc44e45212e08498fbe3151305030726c0590dd8d3e9f3d6a60",
        "GranteePrincipal": format!("arn:aws:iam::{STRANGER}:root"),
        "Operations": ["Decrypt", "GenerateDataKey"],
        "IssuingAccount": format!("arn:aws:iam::{}:root", place.account),
        "CreationDate": place.now_millis / 1000,
    });
    push(key(state, place), "_grants", grant)
}

/// Adds a statement that lets another account in.
pub(super) fn admit(record: Record<'_>, action: &str, resource: &str) -> bool {
    edit_policy(record, "Policy", |statements| {
        statements.push(json!({"Sid": "More", "Effect": "Allow", "Action": action, "Resource": resource,
            "Principal": {"AWS": format!("arn:aws:iam::{STRANGER}:root")}}));
    })
}

pub(super) fn admit_to_bucket(state: &mut State, place: &Place) -> bool {
    let bucket = bucket(state, place, "logs");
    let name = bucket.as_ref().and_then(|bucket| bucket["Name"].as_str()).unwrap_or_default().to_owned();
    admit(bucket, "s3:GetObject", &format!("arn:aws:s3:::{name}/*"))
}

pub(super) fn admit_to_topic(state: &mut State, place: &Place) -> bool {
    let arn = topic_arn(place);
    admit(record(home(state, place, "topics"), &arn), "sns:Subscribe", &arn)
}

pub(super) fn replicate(state: &mut State, place: &Place) -> bool {
    let rule = json!({"ID": "out", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": "arn:aws:s3:::somebody-s-copies", "Account": STRANGER}});
    let role = format!("arn:aws:iam::{}:role/copies", place.account);
    set(bucket(state, place, "logs"), "Replication", json!({"Role": role, "Rules": [rule]}))
}

pub(super) fn notify(state: &mut State, place: &Place) -> bool {
    let queue = format!("arn:aws:sqs:{}:{STRANGER}:records", place.home_region);
    let told = json!({"Id": "records", "QueueArn": queue, "Events": ["s3:ObjectCreated:*"]});
    set(bucket(state, place, "logs"), "Notification", json!({"QueueConfigurations": [told]}))
}

pub(super) fn website(state: &mut State, place: &Place) -> bool {
    set(bucket(state, place, "prompts"), "Website", json!({"IndexDocument": {"Suffix": "index.html"}}))
}

/// Turns ACLs on, and lets everybody list the bucket by one.
pub(super) fn open_acl(state: &mut State, place: &Place) -> bool {
    let everybody = json!({"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"});
    let grants = json!([{"Grantee": everybody, "Permission": "READ"}]);
    let ownership = json!({"Rules": [{"ObjectOwnership": "ObjectWriter"}]});
    set(bucket(state, place, "logs"), "OwnershipControls", ownership)
        && set(bucket(state, place, "logs"), "Acl", grants)
}

pub(super) fn access_point(state: &mut State, place: &Place) -> bool {
    let name = bucket(state, place, "logs").and_then(|bucket| bucket.get("Name").cloned());
    let Some(name) = name else { return false };
    let arn = format!("arn:aws:s3:{}:{}:accesspoint/side-door", place.home_region, place.account);
    let point = json!({"Name": "side-door", "Bucket": name, "BucketAccountId": place.account,
        "NetworkOrigin": "Internet", "AccessPointArn": arn, "Alias": "side-door-0123456789-s3alias"});
    home(state, place, "access_points").insert("side-door".into(), point);
    true
}

pub(super) fn copy_events(state: &mut State, place: &Place) -> bool {
    if log_group(state, place, "trail").is_none() {
        return false;
    }
    let group = format!("/auditscope/{}/trail", place.scope_name);
    let filter = json!({"filterName": "copies", "logGroupName": group, "filterPattern": "",
        "destinationArn": format!("arn:aws:logs:{}:{STRANGER}:destination:copies", place.home_region),
        "distribution": "ByLogStream", "creationTime": place.now_millis});
    home(state, place, "subscription_filters").insert(format!("{group}|copies"), filter);
    true
}

pub(super) fn mask(state: &mut State, place: &Place) -> bool {
    let name = "arn:aws:dataprotection::aws:data-identifier/IpAddress";
    let policy = json!({"Name": "mask", "Version": "2021-06-01", "Statement": [
        {"Sid": "audit", "DataIdentifier": [name], "Operation": {"Audit": {"FindingsDestination": {}}}},
        {"Sid": "mask", "DataIdentifier": [name], "Operation": {"Deidentify": {"MaskConfig": {}}}}]});
    set(log_group(state, place, "trail"), "_data_protection", json!(policy.to_string()))
        && set(log_group(state, place, "trail"), "dataProtectionStatus", json!("ACTIVATED"))
}

pub(super) fn subscribe(state: &mut State, place: &Place) -> bool {
    let topic = topic_arn(place);
    let subscription = json!({"SubscriptionArn": format!("{topic}:00000000-0000-4000-8000-0000000000aa"),
        "Protocol": "https", "Endpoint": "https://example.com/hook", "Owner": STRANGER, "_pending": false,
        "_since": place.now_millis, "_mails": 0});
    push(record(home(state, place, "topics"), &topic), "_subscriptions", subscription)
}

/// A second trail with its records between ours.
pub(super) fn second_trail(state: &mut State, place: &Place) -> bool {
    let Some(mut second) = trail(state, place).map(|trail| trail.clone()) else { return false };
    let arn = format!("arn:aws:cloudtrail:{}:{}:trail/second", place.home_region, place.account);
    for (member, value) in [
        ("Name", json!("second")),
        ("TrailARN", json!(arn)),
        ("_arn", json!(arn)),
        ("_tags", json!({})),
        ("_tags_before", json!({})),
        ("_selectors", Value::Null),
        ("_insights", json!([])),
    ] {
        second.insert(member.into(), value);
    }
    second.retain(|member, _| !member.starts_with("CloudWatchLogs"));
    home(state, place, "trails").insert("second".into(), Value::Object(second));
    true
}

/// A trail without selectors of its own records management events only.
pub(super) fn reset_selectors(trail: Record<'_>) -> bool {
    let Some(trail) = trail else { return false };
    let had = trail.get("_selectors").is_some_and(Value::is_array);
    trail.insert("_selectors".into(), Value::Null);
    trail.insert("_basic".into(), Value::Null);
    had
}

/// Insights that were on go off; where none were asked for, some go on.
pub(super) fn other_insights(trail: Record<'_>) -> bool {
    let Some(trail) = trail else { return false };
    let are_on = trail.get("_insights").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let call_rate = json!([{"InsightType": "ApiCallRateInsight", "EventCategories": ["Management"]}]);
    trail.insert("_insights".into(), if are_on { json!([]) } else { call_rate });
    true
}

/// Puts a composite alarm at a metric alarm's name; CloudWatch has one namespace for both.
pub(super) fn alarm_of_another_kind(state: &mut State, place: &Place) -> bool {
    let name = format!("{}-gai-audit-tamper", place.scope_name);
    let Some(mut alarm) = home(state, place, "alarms").remove(&name) else { return false };
    if let Some(members) = alarm.as_object_mut() {
        let of_a_metric =
            ["MetricName", "Namespace", "Statistic", "Threshold", "Period", "ComparisonOperator"];
        let keep = |member: &str| !of_a_metric.contains(&member) && !member.contains("Evaluat");
        *members =
            std::mem::take(members).into_iter().filter(|(member, _)| keep(member)).collect::<Map<_, _>>();
        members.insert("AlarmRule".into(), json!("FALSE"));
    }
    home(state, place, "composite_alarms").insert(name, alarm);
    true
}
