//! Whether a log service could deliver: what CloudTrail and Bedrock check of roles, buckets and keys.

use super::policy_check::{admits, statements};
use super::{iam, kms};
use crate::sandbox::state::{Delay, State};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Why a delivery role cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleProblem {
    /// There is no such role, or it is too young to be known.
    Unknown,
    /// The role does not trust the service.
    Trust,
    /// The role's inline policies do not allow what it is for.
    Permissions,
}

/// What a service is going to do with a role.
pub struct RoleUse<'a> {
    /// ARN of the role.
    pub role: &'a str,
    /// Service that assumes it.
    pub service: &'a str,
    /// Condition keys of the AssumeRole call.
    pub context: &'a [(&'a str, &'a str)],
    /// Log stream to be written, as ARN.
    pub stream: &'a str,
}

/// Checks that a role can be assumed by a service and may write to a log stream.
///
/// # Errors
/// The first thing that is wrong.
pub fn check_role(state: &State, now: Timestamp, wanted: &RoleUse<'_>) -> Result<(), RoleProblem> {
    let role = iam::role(state, wanted.role).ok_or(RoleProblem::Unknown)?;
    let changed = role.get("_changed_at").or_else(|| role.get("_created_at")).and_then(Value::as_i64);
    if now.as_millisecond() - changed.unwrap_or(0) < state.delay_millis(Delay::Role) {
        return Err(RoleProblem::Unknown);
    }
    let trust = role.get("AssumeRolePolicyDocument").and_then(Value::as_str).unwrap_or_default();
    if !admits(trust, wanted.service, "sts:AssumeRole", wanted.role, wanted.context) {
        return Err(RoleProblem::Trust);
    }
    let may = |action| role_allows(role, wanted.role, action, wanted.stream);
    if may("logs:CreateLogStream") && may("logs:PutLogEvents") {
        Ok(())
    } else {
        Err(RoleProblem::Permissions)
    }
}

/// Returns true if a role's inline policies, taken together, allow an action on a resource.
#[must_use]
pub fn role_allows(role: &Value, arn: &str, action: &str, resource: &str) -> bool {
    let policies = role.get("_policies").and_then(Value::as_object).into_iter().flatten();
    let documents: Vec<Value> =
        policies.filter_map(|(_, text)| serde_json::from_str(text.as_str()?).ok()).collect();
    // An identity policy speaks about its own role, which is what a principal of `*` says here.
    let all: Vec<Value> = documents
        .iter()
        .flat_map(statements)
        .map(|statement| {
            let mut statement = statement.clone();
            statement.insert("Principal".into(), json!("*"));
            Value::Object(statement)
        })
        .collect();
    admits(&json!({"Version": "2012-10-17", "Statement": all}).to_string(), arn, action, resource, &[])
}

/// Returns the policy of a bucket or key as other services see it at the moment; empty if it has none, or none that has
/// spread.
#[must_use]
pub fn policy<'s>(state: &State, record: &'s Value) -> &'s str {
    let changed = record.get("_policy_at").and_then(Value::as_i64).unwrap_or(0);
    let spreads = 0..state.delay_millis(Delay::Policy);
    let member = if spreads.contains(&(state.now_millis - changed)) { "_policy_before" } else { "Policy" };
    record.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// Replaces the policy of a bucket or key and keeps the former one, which other services see for a while.
pub fn put_policy(record: &mut Value, policy: String, now: Timestamp) {
    record["_policy_before"] = record["Policy"].take();
    record["_policy_at"] = now.as_millisecond().into();
    record["Policy"] = policy.into();
}

/// Returns true if a key encrypts: neither disabled nor on its way out, and symmetric.
#[must_use]
pub fn is_usable(key: &Value) -> bool {
    let says =
        |member: &str, want: &str| key.get(member).and_then(Value::as_str).is_none_or(|value| value == want);
    says("KeyState", "Enabled") && says("KeySpec", "SYMMETRIC_DEFAULT")
}

/// Returns the default-encryption rule of a bucket that uses KMS: the key as it was given, and whether bucket
/// keys are on. `None` for SSE-S3.
#[must_use]
pub fn bucket_key(bucket: &Value) -> Option<(&str, bool)> {
    let rule = bucket.get("Encryption")?.get("Rules")?.get(0)?;
    let default = rule.get("ApplyServerSideEncryptionByDefault")?;
    let key = default.get("KMSMasterKeyID")?.as_str()?;
    let on = rule.get("BucketKeyEnabled").is_some_and(|on| on == true || on == "true");
    Some((key, on))
}

/// Returns true if a service may use a key for all these actions.
#[must_use]
pub fn key_admits(
    state: &State,
    (arn, key): (&str, &Value),
    service: &str,
    actions: &[&str],
    context: &[(&str, &str)],
) -> bool {
    is_usable(key) && actions.iter().all(|action| admits(policy(state, key), service, action, arn, context))
}

/// Finds a key as seen from an account and Region.
#[must_use]
pub fn key<'s>(state: &'s State, account: &str, region: &str, id: &str) -> Option<(&'s str, &'s Value)> {
    kms::find(state, account, region, id)
}
