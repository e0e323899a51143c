//! IAM roles: trust and inline policies, as the IAM API has them.

use crate::sandbox::state::State;
use serde_json::Value;

/// Returns a role by its ARN, whatever account it is in.
///
/// The record holds the API's members plus `_created_at`, `_changed_at` (epoch millis of the last change of trust or
/// inline policies), `AssumeRolePolicyDocument` as raw text and `_policies` (name → raw text).
#[must_use]
pub fn role<'s>(state: &'s State, arn: &str) -> Option<&'s Value> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "iam", "", account, resource] = parts[..] else { return None };
    let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
    state
        .peek(account, "global", "roles")?
        .get(name)
        .filter(|role| role.get("Arn").and_then(Value::as_str) == Some(arn))
}
