//! What a careless or hostile colleague would do to an account, done to the sandbox's state.
//!
//! The damage goes past the handlers, as the console and other tools do: nothing asks whether it is wise.

mod added;

use crate::sandbox::state::State;
use serde_json::{Map, Value, json};

/// Where a scope lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub account: String,
    /// Name of the audit scope.
    pub scope_name: String,
    pub home_region: String,
    pub bedrock_regions: Vec<String>,
    /// Time of the damage, in milliseconds since 1970.
    pub now_millis: i64,
}

/// One way to damage an audit scope.
#[derive(Clone, Copy, Debug)]
pub struct Tampering {
    pub name: &'static str,
    /// One line: what is done.
    pub what: &'static str,
    /// What `drift` must name: short address and attribute; the address alone if the thing is gone or no longer ours.
    pub expect: &'static str,
    /// Does it; false if there is nothing there to damage.
    pub apply: fn(&mut State, &Place) -> bool,
}

macro_rules! tamperings {
    ($($name:literal, $what:literal, $expect:literal, $apply:expr;)+) => {
        /// Every tampering, in the order `--list` shows them.
        pub const TAMPERINGS: &[Tampering] = &[
            $(Tampering { name: $name, what: $what, expect: $expect, apply: $apply }),+
        ];
    };
}

tamperings! {
    "stop-logging", "stops the trail", "trail.main logging",
        |s, p| set(trail(s, p), "_logging", json!(false));
    "narrow-selectors", "drops every Bedrock, AgentCore and Mantle data-event selector", "trail.main event_selectors",
        |s, p| narrow(trail(s, p));
    "write-only-management", "records only management events that write, so no InvokeModel", "trail.main event_selectors",
        |s, p| write_only(trail(s, p));
    "disable-validation", "turns log-file validation off", "trail.main log_file_validation",
        |s, p| set(trail(s, p), "LogFileValidationEnabled", json!(false));
    "single-region-trail", "makes the trail record one Region only", "trail.main multi_region",
        |s, p| set(trail(s, p), "IsMultiRegionTrail", json!(false));
    "detach-log-group", "takes the trail's log group away, so no detection sees anything", "trail.main log_group",
        |s, p| drop_members(trail(s, p), &["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"]);
    "remove-trail-key", "writes log files without our key", "trail.main kms_key",
        |s, p| drop_members(trail(s, p), &["KmsKeyId"]);
    "untag-trail", "takes our tag off the trail", "trail.main",
        |s, p| untag(trail(s, p), p.now_millis);
    "retag-trail", "writes another contact on the trail", "trail.main tags",
        |s, p| retag(trail(s, p), "auditscope:contact", "nobody@example.com", p.now_millis);
    "shorten-log-retention", "keeps the trail's events one day only", "log_group.trail retention_days",
        |s, p| set(log_group(s, p, "trail"), "retentionInDays", json!(1));
    "disassociate-log-group-key", "takes the key off the trail's log group", "log_group.trail kms_key",
        |s, p| drop_members(log_group(s, p, "trail"), &["kmsKeyId"]);
    "unprotect-log-group", "lets anybody delete the trail's log group", "log_group.trail deletion_protection",
        |s, p| set(log_group(s, p, "trail"), "deletionProtectionEnabled", json!(false));
    "delete-metric-filter", "deletes the filter that sees tampering", "metric_filter.gai-audit-tamper",
        |s, p| take(home(s, p, "metric_filters"), &format!("/auditscope/{0}/trail|{0}-gai-audit-tamper", p.scope_name));
    "edit-filter-pattern", "makes the tampering filter match nothing", "metric_filter.gai-audit-tamper pattern",
        |s, p| set(record(home(s, p, "metric_filters"), &format!("/auditscope/{0}/trail|{0}-gai-audit-tamper", p.scope_name)),
            "filterPattern", json!("{ $.eventName = \"Nothing\" }"));
    "delete-alarm", "deletes the alarm on tampering", "metric_alarm.gai-audit-tamper",
        |s, p| take(home(s, p, "alarms"), &format!("{}-gai-audit-tamper", p.scope_name));
    "disable-alarm-actions", "silences the alarm on tampering", "metric_alarm.gai-audit-tamper actions_enabled",
        |s, p| set(alarm(s, p), "ActionsEnabled", json!(false));
    "empty-alarm-actions", "tells nobody when the alarm fires", "metric_alarm.gai-audit-tamper alarm_actions",
        |s, p| set(alarm(s, p), "AlarmActions", json!([]));
    "raise-alarm-threshold", "lets a thousand tamperings pass", "metric_alarm.gai-audit-tamper threshold",
        |s, p| set(alarm(s, p), "Threshold", json!(1000.0));
    "untag-alarm", "takes our tag off an alarm", "metric_alarm.gai-audit-tamper",
        |s, p| untag(alarm(s, p), p.now_millis);
    "mute-composite", "points the composite alarm at a single alarm", "composite_alarm.severity-high alarms",
        |s, p| {
            let rule = format!("ALARM(\"{}-gai-audit-tamper\")", p.scope_name);
            set(record(home(s, p, "composite_alarms"), &format!("{}-severity-high", p.scope_name)), "AlarmRule", json!(rule))
        };
    "allow-plain-http", "drops the TLS-only statement from the log bucket's policy", "s3_bucket.logs policy",
        |s, p| drop_statements(bucket(s, p, "logs"), |statement| statement["Condition"].get("Bool").is_some());
    "shorten-bucket-lifecycle", "deletes log files after ten days", "s3_bucket.logs lifecycle",
        |s, p| shorten(bucket(s, p, "logs"));
    "open-public-access", "takes the public access block off the log bucket", "s3_bucket.logs public_access_block",
        |s, p| drop_members(bucket(s, p, "logs"), &["PublicAccessBlock"]);
    "weaken-object-lock", "locks new log files for one day only", "s3_bucket.logs object_lock",
        |s, p| set(bucket(s, p, "logs"), "ObjectLock", json!({"ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}));
    "bucket-own-key", "encrypts the log bucket with S3's key, and lets SSE-C in", "s3_bucket.logs encryption",
        |s, p| set(bucket(s, p, "logs"), "Encryption", json!({"Rules": [{
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false}]}));
    "stop-access-logs", "stops the log bucket's access log", "s3_bucket.logs logging",
        |s, p| drop_members(bucket(s, p, "logs"), &["Logging"]);
    "suspend-prompt-versioning", "overwrites prompts without a trace", "s3_bucket.prompts versioning",
        |s, p| set(bucket(s, p, "prompts"), "Versioning", json!({"Status": "Suspended"}));
    "edit-key-policy", "shuts CloudTrail out of the key", "kms_key.main policy",
        |s, p| drop_statements(key(s, p), |statement| {
            statement["Principal"]["Service"].to_string().contains("cloudtrail")
        });
    "disable-key", "disables the key of the records", "kms_key.main enabled",
        |s, p| set(key(s, p), "KeyState", json!("Disabled"));
    "schedule-key-deletion", "schedules the key of the records for deletion", "kms_key.main enabled",
        |s, p| {
            let due = (p.now_millis + 7 * 86_400_000) / 1000;
            set(key(s, p), "KeyState", json!("PendingDeletion")) && set(key(s, p), "DeletionDate", json!(due))
        };
    "disable-rotation", "stops the key's rotation", "kms_key.main rotation_days",
        |s, p| set(key(s, p), "_rotation_days", Value::Null);
    "widen-role", "lets the delivery role do anything", "iam_role.trail-logs policy",
        |s, p| widen(role(s, p));
    "open-role-trust", "lets EC2 assume the delivery role", "iam_role.trail-logs trust",
        |s, p| open_trust(role(s, p));
    "delete-topic", "deletes the topic that alarms go to", "sns_topic.alarms",
        |s, p| {
            let arn = topic_arn(p);
            take(home(s, p, "topics"), &arn)
        };
    "mute-topic-policy", "shuts CloudWatch out of the topic", "sns_topic.alarms policy",
        |s, p| {
            let arn = topic_arn(p);
            drop_statements(record(home(s, p, "topics"), &arn), |statement| statement["Effect"] == "Allow")
        };
    "bedrock-logging-off", "turns invocation logging off", "bedrock_logging.main",
        |s, p| take(home(s, p, "bedrock_logging"), "config");
    "bedrock-drop-text", "keeps prompts out of the invocation log", "bedrock_logging.main text",
        |s, p| set(record(home(s, p, "bedrock_logging"), "config"), "textDataDeliveryEnabled", json!(false));
    "delete-dashboard", "deletes the dashboard", "dashboard.main",
        |s, p| take(s.table(&p.account, "global", "dashboards"), &p.scope_name);
    "reset-selectors", "sets the trail's selectors back to the default", "trail.main event_selectors",
        |s, p| added::reset_selectors(trail(s, p));
    "other-insights", "clears CloudTrail Insights, or turns on some that nobody asked for", "trail.main insights",
        |s, p| added::other_insights(trail(s, p));
    "second-trail", "lets a second trail write into the log bucket", "trail.main other_trails",
        added::second_trail;
    "copy-events", "copies the trail's events to another account", "log_group.trail subscription_filters",
        added::copy_events;
    "mask-events", "masks addresses in the trail's events", "log_group.trail data_protection_policy",
        added::mask;
    "attach-role-policy", "makes the delivery role an administrator", "iam_role.trail-logs extra_policies",
        added::attach_policy;
    "add-inline-policy", "gives the delivery role a second inline policy", "iam_role.trail-logs extra_policies",
        added::inline_policy;
    "delete-role-policy", "takes the delivery role's policy away", "iam_role.trail-logs policy",
        |s, p| set(role(s, p), "_policies", json!({}));
    "bound-role", "bounds the delivery role, which can stop the delivery", "iam_role.trail-logs permissions_boundary",
        added::bound_role;
    "grant-key", "lets another account decrypt by a grant", "kms_key.main grants",
        added::grant;
    "widen-key-policy", "lets another account decrypt by the key's policy", "kms_key.main policy",
        |s, p| added::admit(key(s, p), "kms:Decrypt", "*");
    "delete-key-alias", "deletes the alias of the records' key", "kms_key.main alias",
        |s, p| take(home(s, p, "kms_aliases"), &format!("alias/{}", p.scope_name));
    "widen-bucket-policy", "lets another account read the log files", "s3_bucket.logs policy",
        added::admit_to_bucket;
    "replicate-bucket", "copies new log files to another account", "s3_bucket.logs replication",
        added::replicate;
    "notify-of-objects", "tells another account's queue of each log file", "s3_bucket.logs notifications",
        added::notify;
    "serve-website", "serves the prompts as a website", "s3_bucket.prompts website",
        added::website;
    "open-acl", "lets everybody list the log bucket by an ACL", "s3_bucket.logs acl",
        added::open_acl;
    "add-access-point", "adds an access point to the log bucket", "s3_bucket.logs access_points",
        added::access_point;
    "add-subscriber", "tells a stranger of every alarm", "sns_topic.alarms extra_subscriptions",
        added::subscribe;
    "widen-topic-policy", "lets another account subscribe", "sns_topic.alarms policy",
        added::admit_to_topic;
    "alarm-of-another-kind", "puts a composite alarm in the place of the alarm on tampering", "metric_alarm.gai-audit-tamper",
        added::alarm_of_another_kind;
    "untag-bucket", "takes our tag off the log bucket", "s3_bucket.logs",
        |s, p| untag(bucket(s, p, "logs"), p.now_millis);
    "untag-key", "takes our tag off the key of the records", "kms_key.main",
        |s, p| untag(key(s, p), p.now_millis);
    "untag-log-group", "takes our tag off the trail's log group", "log_group.trail",
        |s, p| untag(log_group(s, p, "trail"), p.now_millis);
    "untag-role", "takes our tag off the delivery role", "iam_role.trail-logs",
        |s, p| untag(role(s, p), p.now_millis);
    "untag-topic", "takes our tag off the topic", "sns_topic.alarms",
        |s, p| {
            let arn = topic_arn(p);
            untag(record(home(s, p, "topics"), &arn), p.now_millis)
        };
    "delete-log-group", "deletes the trail's log group with its filters", "log_group.trail",
        |s, p| {
            let group = format!("/auditscope/{}/trail", p.scope_name);
            home(s, p, "metric_filters").retain(|_, filter| filter["logGroupName"] != group.as_str());
            take(home(s, p, "log_groups"), &group)
        };
    "redirect-trail", "sends the log files to another bucket", "trail.main bucket",
        |s, p| set(trail(s, p), "S3BucketName", json!("somebody-s-bucket"));
    "delete-trail", "deletes the trail", "trail.main",
        |s, p| take(home(s, p, "trails"), &p.scope_name);
}

type Record<'a> = Option<&'a mut Map<String, Value>>;

fn home<'s>(state: &'s mut State, place: &Place, table: &str) -> &'s mut Map<String, Value> {
    state.table(&place.account, &place.home_region, table)
}

fn record<'t>(table: &'t mut Map<String, Value>, key: &str) -> Record<'t> {
    table.get_mut(key)?.as_object_mut()
}

fn trail<'s>(state: &'s mut State, place: &Place) -> Record<'s> {
    record(home(state, place, "trails"), &place.scope_name)
}

fn log_group<'s>(state: &'s mut State, place: &Place, role: &str) -> Record<'s> {
    record(home(state, place, "log_groups"), &format!("/auditscope/{}/{role}", place.scope_name))
}

fn alarm<'s>(state: &'s mut State, place: &Place) -> Record<'s> {
    record(home(state, place, "alarms"), &format!("{}-gai-audit-tamper", place.scope_name))
}

fn role<'s>(state: &'s mut State, place: &Place) -> Record<'s> {
    record(state.table(&place.account, "global", "roles"), &format!("{}-trail-logs", place.scope_name))
}

fn topic_arn(place: &Place) -> String {
    format!("arn:aws:sns:{}:{}:{}-alarms", place.home_region, place.account, place.scope_name)
}

/// The log bucket's name is the blueprint's choice: the trail knows it.
fn bucket<'s>(state: &'s mut State, place: &Place, role: &str) -> Record<'s> {
    let name = match role {
        "logs" => trail(state, place)?.get("S3BucketName")?.as_str()?.to_owned(),
        role => format!("{}-{role}-{}-{}", place.scope_name, place.account, place.home_region),
    };
    record(state.table(&place.account, "global", "buckets"), &name)
}

fn key<'s>(state: &'s mut State, place: &Place) -> Record<'s> {
    let alias = format!("alias/{}", place.scope_name);
    let id = home(state, place, "kms_aliases").get(&alias)?["TargetKeyId"].as_str()?.to_owned();
    record(home(state, place, "kms_keys"), &id)
}

fn set(record: Record<'_>, member: &str, value: Value) -> bool {
    let Some(record) = record else { return false };
    record.insert(member.into(), value);
    true
}

fn drop_members(record: Record<'_>, members: &[&str]) -> bool {
    let Some(record) = record else { return false };
    members.iter().filter(|member| record.remove(**member).is_some()).count() > 0
}

fn take(table: &mut Map<String, Value>, key: &str) -> bool {
    table.remove(key).is_some()
}

/// How long ago tags were changed: the tagging index, which lags (Resource Groups Tagging API), has caught up since.
const LONG_AGO_MILLIS: i64 = 3_600_000;

/// Changes tags as a tagging call does, some time ago.
fn change_tags(record: Record<'_>, now_millis: i64, change: impl FnOnce(&mut Map<String, Value>)) -> bool {
    let Some(record) = record else { return false };
    let Some(mut tags) = record.get("_tags").and_then(Value::as_object).cloned() else { return false };
    record.insert("_tags_before".into(), json!(tags));
    change(&mut tags);
    record.insert("_tags".into(), json!(tags));
    record.insert("_tagged_at".into(), json!(now_millis - LONG_AGO_MILLIS));
    true
}

fn untag(record: Record<'_>, now_millis: i64) -> bool {
    change_tags(record, now_millis, |tags| {
        tags.remove("auditscope:scope");
    })
}

fn retag(record: Record<'_>, key: &str, value: &str, now_millis: i64) -> bool {
    change_tags(record, now_millis, |tags| {
        tags.insert(key.into(), json!(value));
    })
}

fn narrow(trail: Record<'_>) -> bool {
    let Some(selectors) = trail.and_then(|trail| trail.get_mut("_selectors")?.as_array_mut()) else {
        return false;
    };
    let before = selectors.len();
    selectors.retain(|selector| !selector.to_string().contains("AWS::Bedrock"));
    selectors.len() < before
}

fn write_only(trail: Record<'_>) -> bool {
    let selectors = trail.and_then(|trail| trail.get_mut("_selectors")?.as_array_mut());
    let management =
        selectors.into_iter().flatten().find(|selector| selector["Name"] == "Management events selector");
    let Some(fields) = management.and_then(|selector| selector["FieldSelectors"].as_array_mut()) else {
        return false;
    };
    fields.push(json!({"Field": "readOnly", "Equals": ["false"]}));
    true
}

fn shorten(bucket: Record<'_>) -> bool {
    let rules = bucket.and_then(|bucket| bucket.get_mut("Lifecycle")?.get_mut("Rules")?.as_array_mut());
    let mut done = false;
    for rule in rules.into_iter().flatten().filter(|rule| rule["Expiration"].get("Days").is_some()) {
        rule["Expiration"] = json!({"Days": 10});
        if let Some(rule) = rule.as_object_mut() {
            rule.remove("Transitions");
        }
        done = true;
    }
    done
}

fn edit_policy(record: Record<'_>, member: &str, edit: impl FnOnce(&mut Vec<Value>)) -> bool {
    let Some(text) = record.and_then(|record| record.get_mut(member)) else { return false };
    let Some(mut policy) = text.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return false;
    };
    if policy["Statement"].is_object() {
        policy["Statement"] = json!([policy["Statement"].take()]);
    }
    let before = policy.to_string();
    if let Some(statements) = policy["Statement"].as_array_mut() {
        edit(statements);
    }
    let after = policy.to_string();
    *text = json!(after);
    before != after
}

fn drop_statements(record: Record<'_>, unwanted: impl Fn(&Value) -> bool) -> bool {
    edit_policy(record, "Policy", |statements| statements.retain(|statement| !unwanted(statement)))
}

fn widen(role: Record<'_>) -> bool {
    let policies = role.and_then(|role| role.get_mut("_policies")?.as_object_mut());
    let mut done = false;
    for policy in policies.into_iter().flat_map(Map::values_mut) {
        let anything = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        *policy = json!(anything.to_string());
        done = true;
    }
    done
}

fn open_trust(role: Record<'_>) -> bool {
    edit_policy(role, "AssumeRolePolicyDocument", |statements| {
        statements.push(json!({"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"}}));
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_stand_once_and_nothing_is_done_to_an_empty_account() {
        let names: BTreeSet<&str> = TAMPERINGS.iter().map(|tampering| tampering.name).collect();
        assert_eq!(names.len(), TAMPERINGS.len());
        let place = Place {
            account: "111122223333".into(),
            scope_name: "genai-audit".into(),
            home_region: "eu-central-1".into(),
            bedrock_regions: vec!["eu-central-1".into()],
            now_millis: 0,
        };
        for tampering in TAMPERINGS {
            assert!(!(tampering.apply)(&mut State::default(), &place), "{}", tampering.name);
        }
    }
}
