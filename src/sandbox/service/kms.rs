//! KMS keys, their policies, rotation, tags and aliases, as the KMS API has them.
//!
//! A key's record holds the members of `KeyMetadata`, its policy as raw text in `Policy`, and rotation in
//! `_rotation_days` (`null` when off); grants, as ListGrants shows them, in `_grants`.

mod aliases;
mod grants;
mod keys;
mod policy;
mod settings;

use super::record::{Page, page};
use super::{Answer, Call, Fault, Operation, policy_check};
use crate::sandbox::state::State;
use serde_json::Value;

/// The operations of KMS.
pub const OPERATIONS: &[Operation] = &[
    row("CancelKeyDeletion", true, keys::cancel_deletion),
    row("CreateAlias", true, aliases::create),
    row("CreateGrant", true, grants::create),
    row("CreateKey", true, keys::create),
    row("DeleteAlias", true, aliases::delete),
    row("DescribeKey", false, keys::describe),
    row("DisableKey", true, keys::disable),
    row("DisableKeyRotation", true, settings::disable_rotation),
    row("EnableKey", true, keys::enable),
    row("EnableKeyRotation", true, settings::enable_rotation),
    row("GetKeyPolicy", false, policy::get),
    row("GetKeyRotationStatus", false, settings::rotation),
    row("ListAliases", false, aliases::list),
    row("ListGrants", false, grants::list),
    row("ListKeys", false, keys::list),
    row("ListResourceTags", false, settings::list_tags),
    row("PutKeyPolicy", true, policy::put),
    row("RetireGrant", true, grants::retire),
    row("RevokeGrant", true, grants::revoke),
    row("ScheduleKeyDeletion", true, keys::schedule_deletion),
    row("TagResource", true, settings::tag),
    row("UntagResource", true, settings::untag),
    row("UpdateAlias", true, aliases::update),
    row("UpdateKeyDescription", true, keys::describe_anew),
];

const fn row(name: &'static str, writes: bool, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "kms", name, writes, handler }
}

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

/// Returns the id of the key that `KeyId` names in the caller's account and Region.
///
/// Only DescribeKey takes aliases among the operations here (KMS API, `KeyId` of each operation). A key of another account is refused.
fn locate(call: &Call<'_>, action: &str, takes_alias: bool) -> Result<String, Fault> {
    let named = call.need("KeyId")?;
    let parts: Vec<&str> = named.splitn(6, ':').collect();
    if let ["arn", _, service, region, account, resource] = parts[..] {
        if service != "kms" || region != call.region {
            return Err(missing(format!("Invalid arn {region}")));
        }
        if account != call.account {
            // Of the operations here only DescribeKey and GetKeyRotationStatus work across accounts; the tool uses neither so.
            return Err(denied(call, action, resource));
        }
    }
    let is_alias = named.starts_with("alias/") || named.contains(":alias/");
    if is_alias && !takes_alias {
        return Err(missing(format!("Invalid keyId '{named}'")));
    }
    let found = find(call.state, call.account, call.region, &named);
    match found.filter(|(_, record)| !is_gone(record, call)) {
        Some((arn, record)) => {
            let policy = record.get("Policy").and_then(Value::as_str).unwrap_or_default();
            let caller = super::record::principal_arn(call);
            let context = [("kms:CallerAccount", call.account), ("aws:PrincipalArn", caller.as_str())];
            // Without a statement for the account or the caller, IAM policies count for nothing (KMS Developer
            // Guide, "Default key policy").
            if policy_check::admits(policy, call.principal, action, arn, &context) {
                Ok(arn.rsplit('/').next().unwrap_or_default().to_owned())
            } else {
                Err(denied(call, action, arn))
            }
        }
        None if is_alias => {
            let name =
                named.rsplit_once(":alias/").map_or(named.clone(), |(_, rest)| format!("alias/{rest}"));
            Err(missing(format!("Alias {} is not found.", aliases::arn(call, &name))))
        }
        None if is_key_id(named.rsplit('/').next().unwrap_or_default()) => {
            let id = named.rsplit('/').next().unwrap_or_default();
            Err(missing(format!("Key '{}' does not exist", keys::arn(call, id))))
        }
        None => Err(missing(format!("Invalid keyId '{named}'"))),
    }
}

fn denied(call: &Call<'_>, action: &str, resource: &str) -> Fault {
    let who = call.principal;
    Fault::bad(
        "AccessDeniedException",
        format!("User: {who} is not authorized to perform: {action} on resource: {resource}"),
    )
}

/// Returns true for a key whose waiting period is over: it does not exist any more.
pub fn is_gone(record: &Value, call: &Call<'_>) -> bool {
    let due = record.get("DeletionDate").and_then(Value::as_f64);
    due.is_some_and(|due| due * 1000.0 <= call.now.as_millisecond() as f64)
}

fn is_key_id(text: &str) -> bool {
    text.starts_with("mrk-") || text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Returns a key's record for writing; `id` comes from [`locate`].
fn record<'c>(call: &'c mut Call<'_>, id: &str) -> Result<&'c mut Value, Fault> {
    call.table("kms_keys").get_mut(id).ok_or_else(|| missing(format!("Invalid keyId '{id}'")))
}

fn missing(message: String) -> Fault {
    Fault::bad("NotFoundException", message)
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::bad("ValidationException", message)
}

/// Refuses what a key's state does not allow (KMS Developer Guide, "Key states of KMS keys").
fn require_state(record: &Value, enabled_only: bool) -> Result<(), Fault> {
    let arn = record.get("Arn").and_then(Value::as_str).unwrap_or_default();
    match record.get("KeyState").and_then(Value::as_str) {
        Some("PendingDeletion") => {
            Err(Fault::bad("KMSInvalidStateException", format!("{arn} is pending deletion.")))
        }
        Some("Disabled") if enabled_only => {
            Err(Fault::bad("DisabledException", format!("{arn} is disabled.")))
        }
        _ => Ok(()),
    }
}

/// Answers with one page of a list, in the members KMS uses.
fn listed(call: &Call<'_>, member: &str, entries: Vec<Value>, default: i64, most: i64) -> Answer {
    let limit = call.number("Limit").unwrap_or(default);
    if !(1..=most).contains(&limit) {
        return Err(invalid(format!("Limit {limit} is not between 1 and {most}")));
    }
    let bad = Fault::bad("InvalidMarkerException", "The marker is not valid");
    let Page { entries, next } = page(entries, call.text("Marker"), limit.unsigned_abs() as usize, bad)?;
    let mut answer = serde_json::json!({member: entries, "Truncated": next.is_some()});
    if let Some(next) = next {
        answer["NextMarker"] = next.into();
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
