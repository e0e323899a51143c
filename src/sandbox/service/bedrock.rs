//! Bedrock's model-invocation logging: one configuration per account and Region (`reference/bedrock-logging.md`).
//!
//! It lies in the regional table `bedrock_logging` under the key `config`.

use super::delivery::{RoleUse, bucket_key, check_role, key, key_admits, policy};
use super::policy_check::admits;
use super::s3::versions;
use super::{Answer, Call, Fault, Operation, text};
use serde_json::{Value, json};

/// Every Bedrock operation that the sandbox answers.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        service: "bedrock",
        name: "GetModelInvocationLoggingConfiguration",
        writes: false,
        handler: get,
    },
    Operation {
        service: "bedrock",
        name: "PutModelInvocationLoggingConfiguration",
        writes: true,
        handler: put,
    },
    Operation {
        service: "bedrock",
        name: "DeleteModelInvocationLoggingConfiguration",
        writes: true,
        handler: delete,
    },
];

const SERVICE: &str = "bedrock.amazonaws.com";
/// Booleans that are on when left out, as in the console.
const DELIVERIES: &[&str] = &[
    "textDataDeliveryEnabled",
    "imageDataDeliveryEnabled",
    "embeddingDataDeliveryEnabled",
    "videoDataDeliveryEnabled",
    "audioDataDeliveryEnabled",
];

/// Answers GetModelInvocationLoggingConfiguration; nothing configured is an answer without `loggingConfig`.
fn get(call: &mut Call<'_>) -> Answer {
    let config = call.state.peek(call.account, call.region, "bedrock_logging").and_then(|t| t.get("config"));
    Ok(config.map_or_else(|| json!({}), |config| json!({"loggingConfig": config})))
}

/// Answers DeleteModelInvocationLoggingConfiguration, which succeeds when there is none.
fn delete(call: &mut Call<'_>) -> Answer {
    call.table("bedrock_logging").remove("config");
    Ok(json!({}))
}

/// Answers PutModelInvocationLoggingConfiguration: checks by trying each delivery, then replaces all there was.
fn put(call: &mut Call<'_>) -> Answer {
    let given = call.input.get("loggingConfig").filter(|config| config.is_object());
    let mut config = given.cloned().ok_or_else(|| invalid("loggingConfig must not be null"))?;
    if let Some(logs) = config.get("cloudWatchConfig").filter(|c| !c.is_null()) {
        check_logs(call, logs)?;
        if let Some(large) = logs.get("largeDataDeliveryS3Config").filter(|c| !c.is_null()) {
            check_bucket(call, large)?;
        }
    }
    if let Some(bucket) = config.get("s3Config").filter(|c| !c.is_null()) {
        check_bucket(call, bucket)?;
    }
    for member in DELIVERIES {
        if config.get(*member).is_none_or(Value::is_null) {
            config[*member] = json!(true);
        }
    }
    for bucket in [&config["cloudWatchConfig"]["largeDataDeliveryS3Config"], &config["s3Config"]] {
        leave_check(call, bucket);
    }
    call.table("bedrock_logging").insert("config".into(), config);
    Ok(json!({}))
}

fn check_logs(call: &Call<'_>, config: &Value) -> Result<(), Fault> {
    let need = |member: &str| {
        text(config, member).ok_or_else(|| invalid(format!("cloudWatchConfig.{member} must not be null")))
    };
    let (group, role) = (need("logGroupName")?, need("roleArn")?);
    if group.chars().count() > 512 || !group.chars().all(|c| c.is_ascii_alphanumeric() || "._-/#".contains(c))
    {
        return Err(invalid(format!("logGroupName {group} does not name a log group")));
    }
    if !role.starts_with(&format!("arn:aws:iam::{}:role/", call.account)) {
        return Err(invalid(format!("roleArn {role} is not a role of account {}", call.account)));
    }
    let groups = call.state.peek(call.account, call.region, "log_groups");
    let stream = format!(
        "arn:aws:logs:{}:{}:log-group:{group}:log-stream:aws/bedrock/modelinvocations",
        call.region, call.account
    );
    let source = source_arn(call);
    let context = [("aws:SourceAccount", call.account), ("aws:SourceArn", source.as_str())];
    let wanted = RoleUse { role: &role, service: SERVICE, context: &context, stream: &stream };
    let exists = groups.is_some_and(|groups| groups.contains_key(&group));
    if exists && check_role(call.state, call.now, &wanted).is_ok() {
        return Ok(());
    }
    // The same text whether the group is missing or the role may not write (reference/bedrock-logging.md §2).
    Err(invalid(format!(
        "Failed to validate permissions for log group: {group}, with role: {role}. Verify the IAM role permissions are correct."
    )))
}

fn check_bucket(call: &Call<'_>, config: &Value) -> Result<(), Fault> {
    let name = text(config, "bucketName").ok_or_else(|| invalid("bucketName must not be null"))?;
    let prefix = text(config, "keyPrefix").unwrap_or_default();
    if !(3..=63).contains(&name.len()) || prefix.chars().count() > 1024 {
        return Err(invalid(format!("bucketName {name} or its keyPrefix has not a valid length")));
    }
    if bucket_takes(call, &name, &prefix) {
        return Ok(());
    }
    Err(invalid(format!(
        "Failed to validate permissions for bucket {name}. Verify the bucket policy and the permissions of its key are correct."
    )))
}

/// Returns true if Bedrock could write into a bucket: of this account and Region, without ACLs, with a policy that
/// admits it, and with a key that does.
fn bucket_takes(call: &Call<'_>, name: &str, prefix: &str) -> bool {
    let Some((owner, bucket)) = call.state.bucket(name) else { return false };
    if owner != call.account || text(bucket, "Region").as_deref() != Some(call.region) || has_acls(bucket) {
        return false;
    }
    let source = source_arn(call);
    let who = [("aws:SourceAccount", call.account), ("aws:SourceArn", source.as_str())];
    let put = [&who[..], &[("aws:SecureTransport", "true"), ("s3:TlsVersion", "1.3")]].concat();
    let object = format!("arn:aws:s3:::{name}/{}", check_object(call.account, prefix));
    if !admits(policy(call.state, bucket), SERVICE, "s3:PutObject", &object, &put) {
        return false;
    }
    let Some((id, _)) = bucket_key(bucket) else { return true };
    key(call.state, call.account, call.region, id)
        .is_some_and(|key| key_admits(call.state, key, SERVICE, &["kms:GenerateDataKey"], &who))
}

/// Name of the empty object that Bedrock writes to see whether it can.
fn check_object(account: &str, prefix: &str) -> String {
    let folder = if prefix.is_empty() { String::new() } else { format!("{}/", prefix.trim_end_matches('/')) };
    format!("{folder}AWSLogs/{account}/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check")
}

/// Leaves that object behind: from then on the bucket is not empty (`reference/bedrock-logging.md` §2).
fn leave_check(call: &mut Call<'_>, destination: &Value) {
    let Some(name) = text(destination, "bucketName") else { return };
    let key = check_object(call.account, &text(destination, "keyPrefix").unwrap_or_default());
    let (counter, now) = (call.state.fresh(), call.now);
    if let Some(bucket) = call.global("buckets").get_mut(&name) {
        // A later check overwrites the object; with versioning it is one more version.
        versions::deliver_empty(bucket, &key, counter, now);
    }
}

/// Returns true if a bucket still has ACLs: its ownership is not `BucketOwnerEnforced`, which new buckets have.
fn has_acls(bucket: &Value) -> bool {
    bucket
        .get("OwnershipControls")
        .filter(|ownership| !ownership.is_null())
        .is_some_and(|ownership| !ownership.to_string().contains("BucketOwnerEnforced"))
}

/// ARN that Bedrock's deliveries carry as their source; policies match it as `arn:aws:bedrock:REGION:ACCOUNT:*`.
fn source_arn(call: &Call<'_>) -> String {
    format!("arn:aws:bedrock:{}:{}:model-invocation-logging", call.region, call.account)
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::bad("ValidationException", message)
}

#[cfg(test)]
mod tests;
