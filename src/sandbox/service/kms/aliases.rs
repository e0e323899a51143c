//! Aliases: names of their own that point to keys.

use super::{denied, invalid, is_gone, listed, missing, require_state};
use crate::sandbox::service::record::epoch_seconds;
use crate::sandbox::service::{Answer, Call, Fault, policy_check};
use serde_json::{Value, json};

/// KMS Developer Guide, "Quotas": aliases per key.
const MOST_PER_KEY: usize = 50;

/// Aliases that accounts have without asking; they are listed with no key until the service first uses it.
const AWS_ALIASES: &[&str] = &["alias/aws/s3", "alias/aws/sns"];

pub(super) fn arn(call: &Call<'_>, name: &str) -> String {
    format!("arn:aws:kms:{}:{}:{name}", call.region, call.account)
}

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let name = name(call)?;
    let target = target(call, "kms:CreateAlias")?;
    let arn = arn(call, &name);
    if call.table("kms_aliases").contains_key(&name) {
        return Err(Fault::bad(
            "AlreadyExistsException",
            format!("An alias with the name {arn} already exists"),
        ));
    }
    check_quota(call, &target)?;
    let now = epoch_seconds(call.now.as_millisecond());
    let alias = json!({"AliasName": name, "AliasArn": arn, "TargetKeyId": target, "CreationDate": now,
        "LastUpdatedDate": now});
    call.table("kms_aliases").insert(name, alias);
    Ok(json!({}))
}

/// Both keys have to be of the same type and usage (KMS API, UpdateAlias).
pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let name = name(call)?;
    let old = existing(call, &name)?;
    let target = target(call, "kms:UpdateAlias")?;
    let keys = call.table("kms_keys");
    if let (Some(old), Some(new)) = (keys.get(&old), keys.get(&target))
        && (old["KeySpec"] != new["KeySpec"] || old["KeyUsage"] != new["KeyUsage"])
    {
        let message = "The current and the new key of an alias must have the same type and usage";
        return Err(Fault::bad("KMSInvalidStateException", message));
    }
    if old != target {
        check_quota(call, &target)?;
    }
    let now = epoch_seconds(call.now.as_millisecond());
    if let Some(alias) = call.table("kms_aliases").get_mut(&name) {
        alias["TargetKeyId"] = target.into();
        alias["LastUpdatedDate"] = now;
    }
    Ok(json!({}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let name = name(call)?;
    existing(call, &name)?;
    call.table("kms_aliases").remove(&name);
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let wanted = match call.text("KeyId") {
        Some(_) => Some(super::locate(call, "kms:ListAliases", false)?),
        None => None,
    };
    let table = call.state.peek(call.account, call.region, "kms_aliases");
    let mut entries: Vec<Value> = table.into_iter().flat_map(|table| table.values().cloned()).collect();
    match wanted {
        Some(id) => entries.retain(|alias| alias["TargetKeyId"] == id.as_str()),
        None => entries
            .extend(AWS_ALIASES.iter().map(|name| json!({"AliasName": name, "AliasArn": arn(call, name)}))),
    }
    listed(call, "Aliases", entries, 50, 100)
}

/// Returns the key that an existing alias points to.
fn existing(call: &mut Call<'_>, name: &str) -> Result<String, Fault> {
    let arn = arn(call, name);
    let alias = call.table("kms_aliases").get(name).and_then(|alias| alias["TargetKeyId"].as_str());
    alias.map(str::to_owned).ok_or_else(|| missing(format!("Alias {arn} is not found.")))
}

/// `alias/NAME`, 1–256 of `[a-zA-Z0-9:/_-]`, and no colon in a name one makes (KMS API, CreateAlias).
fn name(call: &Call<'_>) -> Result<String, Fault> {
    let name = call.need("AliasName")?;
    let fits = name.len() <= 256 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b":/_-".contains(&b));
    let Some(rest) = name.strip_prefix("alias/").filter(|rest| fits && !rest.is_empty()) else {
        return Err(invalid(format!("Invalid identifier {name}")));
    };
    if rest.starts_with("aws/") {
        return Err(Fault::bad("NotAuthorizedException", format!("{name} is reserved")));
    }
    if rest.contains(':') {
        return Err(invalid(format!("{name} contains invalid characters for an alias")));
    }
    Ok(name)
}

fn target(call: &Call<'_>, action: &str) -> Result<String, Fault> {
    let named = call.need("TargetKeyId")?;
    if named.contains("alias/") {
        return Err(invalid("Aliases must refer to keys. Not aliases"));
    }
    if named.starts_with("arn:") && named.split(':').nth(4) != Some(call.account) {
        return Err(denied(call, action, &named));
    }
    let found = super::find(call.state, call.account, call.region, &named);
    let (arn, key) = found
        .filter(|(arn, key)| !is_gone(key, call) && arn.split(':').nth(3) == Some(call.region))
        .ok_or_else(|| missing(format!("Key '{named}' does not exist")))?;
    let policy = key["Policy"].as_str().unwrap_or_default();
    if !policy_check::admits(policy, call.principal, action, arn, &[("kms:CallerAccount", call.account)]) {
        return Err(denied(call, action, arn));
    }
    require_state(key, false)?;
    Ok(key["KeyId"].as_str().unwrap_or_default().to_owned())
}

fn check_quota(call: &mut Call<'_>, key: &str) -> Result<(), Fault> {
    let there = call.table("kms_aliases").values().filter(|alias| alias["TargetKeyId"] == key).count();
    if there < MOST_PER_KEY {
        return Ok(());
    }
    Err(Fault::bad(
        "LimitExceededException",
        format!("Too many aliases for key {key}: at most {MOST_PER_KEY}"),
    ))
}
