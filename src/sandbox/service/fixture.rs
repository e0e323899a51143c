//! An account that is ready for deliveries, for the tests of handlers.

use super::{Answer, Call, Operation};
use crate::sandbox::state::State;
use jiff::Timestamp;
use serde_json::{Value, json};

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-central-1";
pub const TRAIL: &str = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit";
pub const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1";
pub const GROUP: &str = "arn:aws:logs:eu-central-1:111122223333:log-group:/audit";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/audit-logs";
/// Time of a call unless it says otherwise, in milliseconds since 1970.
pub const NOW: i64 = 1_800_000_000_000;

/// Calls an operation in the fixture's account and Region.
pub fn run(state: &mut State, operations: &[Operation], name: &str, input: Value) -> Answer {
    run_at(state, operations, (ACCOUNT, REGION, NOW), name, input)
}

/// Calls an operation in an account and Region at a time.
pub fn run_at(
    state: &mut State,
    operations: &[Operation],
    (account, region, millis): (&str, &str, i64),
    name: &str,
    input: Value,
) -> Answer {
    let now = Timestamp::from_millisecond(millis).expect("in range");
    let principal = "arn:aws:iam::111122223333:user/anna";
    let mut call = Call { state, now, account, region, principal, input: &input };
    let operation = operations.iter().find(|o| o.name == name).expect("an operation");
    (operation.handler)(&mut call)
}

/// Returns the code of a fault, or `ok`.
pub fn code(answer: Answer) -> String {
    answer.map_or_else(|fault| fault.code, |_| "ok".into())
}

/// Returns a state with a bucket `audit-bucket`, a key, a log group `/audit` and a role, all of which admit CloudTrail and
/// Bedrock; the role has been there for long.
pub fn account() -> State {
    let mut state = State::default();
    let source = json!({"StringEquals": {"aws:SourceArn": TRAIL}});
    let put = json!({"StringEquals": {"aws:SourceArn": TRAIL, "s3:x-amz-acl": "bucket-owner-full-control"}});
    let bedrock = json!({"StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": "arn:aws:bedrock:eu-central-1:111122223333:*"}});
    let bucket = document(&[
        allow("cloudtrail", "s3:GetBucketAcl", "arn:aws:s3:::audit-bucket", &source),
        allow("cloudtrail", "s3:PutObject", "arn:aws:s3:::audit-bucket/AWSLogs/111122223333/*", &put),
        allow(
            "bedrock",
            "s3:PutObject",
            "arn:aws:s3:::audit-bucket/AWSLogs/111122223333/BedrockModelInvocationLogs/*",
            &bedrock,
        ),
    ]);
    let bucket = json!({
        "Name": "audit-bucket", "Region": REGION, "Policy": bucket, "_versions": [],
        "Encryption": {"Rules": [{"BucketKeyEnabled": true,
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    });
    state.table(ACCOUNT, "global", "buckets").insert("audit-bucket".into(), bucket);
    let trail_context = json!({"StringEquals": {"aws:SourceArn": TRAIL},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}});
    let group_context = json!({"ArnLike": {"kms:EncryptionContext:aws:logs:arn": format!("{GROUP}*")}});
    let key = document(&[
        allow("cloudtrail", "kms:GenerateDataKey*", "*", &trail_context),
        allow("cloudtrail", "kms:DescribeKey", "*", &source),
        allow("cloudtrail", "kms:Decrypt", "*", &source),
        allow("logs.eu-central-1", "kms:*", "*", &group_context),
        allow("bedrock", "kms:GenerateDataKey", "*", &bedrock),
    ]);
    let key = json!({"Arn": KEY, "KeyId": "1", "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "Policy": key});
    state.table(ACCOUNT, REGION, "kms_keys").insert("1".into(), key);
    state.table(ACCOUNT, REGION, "kms_aliases").insert("alias/audit".into(), json!({"TargetKeyId": "1"}));
    let group = json!({"logGroupName": "/audit", "arn": format!("{GROUP}:*"), "logGroupArn": GROUP,
        "logGroupClass": "STANDARD", "deletionProtectionEnabled": false, "_arn": GROUP, "_tags": {}});
    state.table(ACCOUNT, REGION, "log_groups").insert("/audit".into(), group);
    let trust = document(&[assume("cloudtrail", &json!({})), assume("bedrock", &bedrock)]);
    let write = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": format!("{GROUP}:log-stream:*")}});
    let role = json!({"RoleName": "audit-logs", "Arn": ROLE, "AssumeRolePolicyDocument": trust,
        "_policies": {"write": write.to_string()}, "_changed_at": NOW - 60_000, "_created_at": NOW - 60_000});
    state.table(ACCOUNT, "global", "roles").insert("audit-logs".into(), role);
    state
}

/// Returns one record for a change.
pub fn record<'s>(state: &'s mut State, region: &str, table: &str, key: &str) -> &'s mut Value {
    state.table(ACCOUNT, region, table).get_mut(key).expect("a record of the fixture")
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn allow(service: &str, action: &str, resource: &str, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": format!("{service}.amazonaws.com")}, "Action": action,
        "Resource": resource, "Condition": condition})
}

fn assume(service: &str, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": format!("{service}.amazonaws.com")},
        "Action": "sts:AssumeRole", "Condition": condition})
}
