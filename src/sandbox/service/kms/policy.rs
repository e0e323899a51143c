//! Key policies.

use super::{locate, missing, record};
use crate::sandbox::service::policy_check::{admits, principals, shape};
use crate::sandbox::service::record::principal_arn;
use crate::sandbox::service::{Answer, Call, Fault, delivery};
use serde_json::{Value, json};

/// KMS Developer Guide, "Quotas": a key policy document has at most 32 KB.
const MOST_BYTES: usize = 32 * 1024;

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:GetKeyPolicy", false)?;
    check_name(call)?;
    let text = record(call, &id)?["Policy"].as_str().unwrap_or_default().to_owned();
    Ok(json!({"Policy": pretty(&text), "PolicyName": "default"}))
}

pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:PutKeyPolicy", false)?;
    check_name(call)?;
    let text = call.need("Policy")?;
    let arn = super::keys::arn(call, &id);
    let accepted = accept(call, &text, &arn)?;
    let now = call.now;
    delivery::put_policy(record(call, &id)?, accepted, now);
    Ok(json!({}))
}

/// Returns the policy as KMS would store it.
///
/// # Errors
/// `MalformedPolicyDocumentException` for a document outside the grammar, for principals that do not exist, and for
/// one that would lock the caller out, unless that check is bypassed (KMS API, PutKeyPolicy).
pub(super) fn accept(call: &Call<'_>, text: &str, key_arn: &str) -> Result<String, Fault> {
    let malformed = |message: &str| Fault::bad("MalformedPolicyDocumentException", message);
    if text.len() > MOST_BYTES {
        return Err(Fault::bad("LimitExceededException", "The key policy exceeds the limit of 32768 bytes"));
    }
    let mut document = shape::parse(text, shape::Use::Resource).map_err(|reason| malformed(&reason))?;
    if principals::unknown(call.state, call.now, &document).is_some() {
        return Err(malformed("Policy contains a statement with one or more invalid principals."));
    }
    let caller = principal_arn(call);
    let context = [
        ("kms:CallerAccount", call.account),
        ("aws:PrincipalAccount", call.account),
        ("aws:PrincipalArn", caller.as_str()),
    ];
    if !call.flag("BypassPolicyLockoutSafetyCheck").unwrap_or(false)
        && !admits(text, call.principal, "kms:PutKeyPolicy", key_arn, &context)
    {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future.",
        ));
    }
    Ok(if principals::complete_accounts(&mut document) { document.to_string() } else { text.to_owned() })
}

/// Returns the policy a key gets when none is sent (KMS Developer Guide, "Default key policy").
pub(super) fn default(account: &str) -> String {
    let root = format!("arn:aws:iam::{account}:root");
    json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [{
        "Sid": "Enable IAM User Permissions", "Effect": "Allow",
        "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}]})
    .to_string()
}

fn check_name(call: &Call<'_>) -> Result<(), Fault> {
    match call.text("PolicyName").as_deref() {
        None | Some("default") => Ok(()),
        Some(_) => Err(missing("No such policy exists".into())),
    }
}

/// Prints a policy on many lines, as KMS returns it whatever was sent.
fn pretty(text: &str) -> String {
    let document = serde_json::from_str::<Value>(text);
    document.and_then(|document| serde_json::to_string_pretty(&document)).unwrap_or_else(|_| text.to_owned())
}
