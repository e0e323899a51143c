//! Grants: they stand beside the policy, each on one key.

use super::{invalid, listed, locate, missing, record, require_state};
use crate::sandbox::service::policy_check::principals;
use crate::sandbox::service::record::{epoch_seconds, scatter};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// What a grant on a symmetric key may allow (KMS API, CreateGrant).
const OPERATIONS: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
];

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:CreateGrant", false)?;
    let grantee = call.need("GranteePrincipal")?;
    let document = json!({"Statement": [{"Principal": {"AWS": grantee}}]});
    if !grantee.starts_with("arn:") || principals::unknown(call.state, call.now, &document).is_some() {
        return Err(Fault::bad("InvalidArnException", format!("ARN {grantee} is invalid")));
    }
    let operations = call.list("Operations");
    let known = |value: &Value| value.as_str().is_some_and(|name| OPERATIONS.contains(&name));
    if operations.is_empty() || !operations.iter().all(known) {
        return Err(invalid("Operations must name what the key can do, at least one"));
    }
    let number = call.state.fresh();
    let grant_id: String = (0..4).map(|part| format!("{:016x}", scatter(number ^ part << 32))).collect();
    let (now, account) = (call.now.as_millisecond(), call.account.to_owned());
    let mut grant = json!({
        "GrantId": grant_id, "GranteePrincipal": grantee, "Operations": operations,
        "CreationDate": epoch_seconds(now), "IssuingAccount": format!("arn:aws:iam::{account}:root"),
    });
    for member in ["RetiringPrincipal", "Name", "Constraints"] {
        if let Some(value) = call.input.get(member).filter(|value| !value.is_null()) {
            grant[member] = value.clone();
        }
    }
    let key = record(call, &id)?;
    require_state(key, true)?;
    grant["KeyId"] = key["Arn"].clone();
    list_of(key).push(grant);
    Ok(json!({"GrantId": grant_id, "GrantToken": format!("token-{grant_id}")}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:ListGrants", false)?;
    let (grant, grantee) = (call.text("GrantId"), call.text("GranteePrincipal"));
    let is = |value: &Value, want: &Option<String>| want.as_ref().is_none_or(|want| value == want.as_str());
    let all = record(call, &id)?["_grants"].as_array().cloned().unwrap_or_default();
    let entries = all
        .into_iter()
        .filter(|one| is(&one["GrantId"], &grant) && is(&one["GranteePrincipal"], &grantee))
        .collect();
    listed(call, "Grants", entries, 50, 100)
}

pub(super) fn revoke(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:RevokeGrant", false)?;
    let grant = call.need("GrantId")?;
    let key = record(call, &id)?;
    let grants = list_of(key);
    let before = grants.len();
    grants.retain(|one| one["GrantId"] != grant.as_str());
    if grants.len() == before {
        return Err(Fault::bad("InvalidGrantIdException", "Invalid grant id"));
    }
    Ok(json!({}))
}

/// The holder of a grant, or whom it names for that, gives it back by its id and key.
pub(super) fn retire(call: &mut Call<'_>) -> Answer {
    let (Some(key), Some(grant)) = (call.text("KeyId"), call.text("GrantId")) else {
        return Err(invalid("KeyId and GrantId are required"));
    };
    let id = key.rsplit('/').next().unwrap_or_default().to_owned();
    let found = call.table("kms_keys").get_mut(&id);
    let found = found.ok_or_else(|| missing(format!("Key '{key}' does not exist")))?;
    let grants = list_of(found);
    let before = grants.len();
    grants.retain(|one| one["GrantId"] != grant.as_str());
    if grants.len() == before {
        return Err(Fault::bad("InvalidGrantIdException", "Invalid grant id"));
    }
    Ok(json!({}))
}

fn list_of(key: &mut Value) -> &mut Vec<Value> {
    if !key["_grants"].is_array() {
        key["_grants"] = json!([]);
    }
    key["_grants"].as_array_mut().expect("it was just made one")
}
