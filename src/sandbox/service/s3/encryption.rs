//! With what an object is encrypted, and whether the key lets the caller do so.

use super::super::record::{principal_arn, scatter, uuid};
use super::super::{Call, Fault, kms, policy_check};
use super::{Open, argument, denied};
use serde_json::{Map, Value, json};

/// Returns the members that tell a new object's encryption: what the call asks for, or else the bucket's default.
///
/// # Errors
/// `InvalidArgument` for what does not go together; what KMS says to the key.
pub(super) fn of_new_object(
    call: &mut Call<'_>,
    bucket: &Open,
    key: &str,
) -> Result<Map<String, Value>, Fault> {
    let rule = bucket.record(call)?["Encryption"]["Rules"][0].clone();
    let default = &rule["ApplyServerSideEncryptionByDefault"];
    let asked = call.text("ServerSideEncryption");
    let asked_key = call.text("SSEKMSKeyId");
    if asked_key.is_some() && asked.as_deref().is_none_or(|algorithm| algorithm == "AES256") {
        return Err(argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
        ));
    }
    let text = |member: &str| default[member].as_str().map(str::to_owned);
    let (algorithm, kms_key) = match asked {
        // A call that names KMS without a key means AWS's own, whatever the bucket's default is.
        Some(algorithm) => (algorithm, asked_key),
        None => (text("SSEAlgorithm").unwrap_or_else(|| "AES256".into()), text("KMSMasterKeyID")),
    };
    if algorithm == "AES256" {
        return Ok(members(json!({"ServerSideEncryption": algorithm})));
    }
    if !["aws:kms", "aws:kms:dsse"].contains(&algorithm.as_str()) {
        return Err(argument("The encryption method specified is not supported"));
    }
    let with_bucket_key = call.flag("BucketKeyEnabled").unwrap_or(rule["BucketKeyEnabled"] == true);
    let arn = match kms_key {
        Some(id) => use_key(call, bucket, key, &id, with_bucket_key, "kms:GenerateDataKey")?,
        None => aws_managed(call.account, call.region),
    };
    let mut told = json!({"ServerSideEncryption": algorithm, "SSEKMSKeyId": arn});
    if with_bucket_key && algorithm == "aws:kms" {
        told["BucketKeyEnabled"] = true.into();
    }
    Ok(members(told))
}

/// Checks that the caller may read an object with these members.
///
/// # Errors
/// What KMS says to the key.
pub(super) fn may_read(call: &Call<'_>, bucket: &Open, key: &str, headers: &Value) -> Result<(), Fault> {
    let Some(id) = headers["SSEKMSKeyId"].as_str() else { return Ok(()) };
    if id == aws_managed(&bucket.owner, call.region) || id == aws_managed(call.account, call.region) {
        return Ok(());
    }
    use_key(call, bucket, key, id, headers["BucketKeyEnabled"] == true, "kms:Decrypt").map(|_| ())
}

/// Uses a key on behalf of the caller; returns its ARN. An id or alias is one of the caller's account
/// (`reference/s3-log-bucket.md` §4).
fn use_key(
    call: &Call<'_>,
    bucket: &Open,
    object: &str,
    id: &str,
    with_bucket_key: bool,
    action: &str,
) -> Result<String, Fault> {
    let parts: Vec<&str> = id.splitn(6, ':').collect();
    if let ["arn", _, "kms", region, ..] = parts[..]
        && region != call.region
    {
        return Err(Fault::bad("KMS.NotFoundException", format!("Invalid arn {region}")));
    }
    let found = kms::find(call.state, call.account, call.region, id);
    let Some((arn, record)) = found.filter(|(_, record)| !kms::is_gone(record, call)) else {
        let message = format!("Key '{id}' does not exist");
        return Err(Fault::bad("KMS.NotFoundException", message));
    };
    // S3 hands on what KMS says, under KMS's code (KMS Developer Guide, "Key states of AWS KMS keys").
    match record.get("KeyState").and_then(Value::as_str) {
        Some("Disabled") => return Err(Fault::bad("KMS.DisabledException", format!("{arn} is disabled."))),
        Some("PendingDeletion") => {
            let message = format!("{arn} is pending deletion.");
            return Err(Fault::bad("KMS.KMSInvalidStateException", message));
        }
        _ => {}
    }
    // With a bucket key KMS sees the bucket, else the object (S3 User Guide, "Reducing the cost of SSE-KMS with Amazon
    // S3 Bucket Keys").
    let path = if with_bucket_key { String::new() } else { format!("/{object}") };
    let resource = format!("arn:aws:s3:::{}{path}", bucket.name);
    let via = format!("s3.{}.amazonaws.com", call.region);
    let caller = principal_arn(call);
    let context = [
        ("aws:PrincipalArn", caller.as_str()),
        ("aws:PrincipalAccount", call.account),
        ("kms:CallerAccount", call.account),
        ("kms:ViaService", via.as_str()),
        ("kms:EncryptionContext:aws:s3:arn", resource.as_str()),
        ("kms:EncryptionContextKeys", "aws:s3:arn"),
    ];
    let policy = record.get("Policy").and_then(Value::as_str).unwrap_or_default();
    if !policy_check::admits(policy, call.principal, action, arn, &context) {
        return Err(denied(format!(
            "User: {} is not authorized to perform: {action} on resource: {arn} because no resource-based policy allows the {action} action",
            call.principal
        )));
    }
    Ok(arn.to_owned())
}

/// Returns the ARN of the key behind `alias/aws/s3`, which AWS makes and nobody can switch off.
fn aws_managed(account: &str, region: &str) -> String {
    let mark = account.bytes().chain(region.bytes()).fold(0, |mark, byte| scatter(mark ^ u64::from(byte)));
    format!("arn:aws:kms:{region}:{account}:key/{}", uuid(mark))
}

fn members(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
