//! The KMS key of a log group.

use super::{group, invalid, name_of, no_group};
use crate::sandbox::service::delivery::{key, key_admits};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::json;

/// Checks that CloudWatch Logs can encrypt a group with a key.
///
/// The key is given as ARN, lies in this Region, is enabled and symmetric, and its policy lets the Region's service
/// principal use it for this group (CloudWatch Logs User Guide, "Encrypt log data").
///
/// # Errors
/// `InvalidParameterException`, the same for a missing, a disabled and an unwilling key.
pub fn check(call: &Call<'_>, id: &str, group_arn: &str) -> Result<(), Fault> {
    let service = format!("logs.{}.amazonaws.com", call.region);
    let context = [("kms:EncryptionContext:aws:logs:arn", group_arn)];
    let actions = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];
    let here = id.split(':').nth(3) == Some(call.region) && id.contains(":key/");
    let found = key(call.state, call.account, call.region, id).filter(|_| here);
    if found.is_some_and(|key| key_admits(call.state, key, &service, &actions, &context)) {
        return Ok(());
    }
    Err(invalid(format!(
        "The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'"
    )))
}

/// Answers AssociateKmsKey; only events ingested from then on are encrypted with the key.
///
/// # Errors
/// `ResourceNotFoundException`, and as [`check`].
pub fn associate(call: &mut Call<'_>) -> Answer {
    let name = wanted(call)?;
    let id = call.text("kmsKeyId").ok_or_else(|| invalid("kmsKeyId must not be null"))?;
    let arn = group(call, &name)?["logGroupArn"].as_str().unwrap_or_default().to_owned();
    check(call, &id, &arn)?;
    group(call, &name)?["kmsKeyId"] = json!(id);
    Ok(json!({}))
}

/// Answers DisassociateKmsKey.
///
/// # Errors
/// `ResourceNotFoundException`.
pub fn disassociate(call: &mut Call<'_>) -> Answer {
    let name = wanted(call)?;
    group(call, &name)?.as_object_mut().ok_or_else(no_group)?.remove("kmsKeyId");
    Ok(json!({}))
}

/// Returns the group that `logGroupName` or `resourceIdentifier` means; exactly one of them is given.
fn wanted(call: &Call<'_>) -> Result<String, Fault> {
    match (call.text("logGroupName"), call.text("resourceIdentifier")) {
        (Some(name), None) => Ok(name),
        (None, Some(arn)) => Ok(name_of(&arn)),
        _ => Err(invalid("Exactly one of logGroupName and resourceIdentifier must be specified.")),
    }
}
