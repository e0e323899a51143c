//! KMS keys, their policies, rotation, tags and aliases, as the KMS API has them.
//!
//! A key's record holds the members of `KeyMetadata`, its policy as raw text in `Policy`, and rotation in
//! `_rotation_days` (`null` when off).

use crate::sandbox::state::State;
use serde_json::Value;

/// Finds a key by id, ARN, alias name or alias ARN as seen from an account and Region; gives its ARN and record.
///
/// An ARN may lead to another account or Region; the record's `Policy` is the raw key policy, `KeyState` its state.
#[must_use]
pub fn find<'s>(
    state: &'s State,
    account: &str,
    region: &str,
    id_or_arn_or_alias: &str,
) -> Option<(&'s str, &'s Value)> {
    let parts: Vec<&str> = id_or_arn_or_alias.splitn(6, ':').collect();
    let (account, region, name) = match parts[..] {
        ["arn", _, "kms", region, account, resource] => (account, region, resource),
        _ => (account, region, id_or_arn_or_alias),
    };
    let id = if name.starts_with("alias/") {
        state.peek(account, region, "kms_aliases")?.get(name)?.get("TargetKeyId")?.as_str()?
    } else {
        name.strip_prefix("key/").unwrap_or(name)
    };
    let record = state.peek(account, region, "kms_keys")?.get(id)?;
    Some((record.get("Arn")?.as_str()?, record))
}
