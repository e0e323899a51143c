//! Inline policies of roles.

use super::{
    changeable, check_sids, check_text, encoded, existing, limit, listed, malformed, missing, name,
    role_name, without_space,
};
use crate::sandbox::service::policy_check::shape;
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::json;

/// Characters of all inline policies of a role together, white space not counted (`reference/kms-iam-sns.md` §2.1).
const MOST_CHARACTERS: usize = 10_240;

pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let (role_name, policy_name) = (role_name(call)?, policy_name(call)?);
    let text = call.text("PolicyDocument").unwrap_or_default();
    let over = format!("Maximum policy size of {MOST_CHARACTERS} bytes exceeded for role {role_name}");
    let now = call.now.as_millisecond();
    let role = changeable(call, &role_name)?;
    check_text(&text, MOST_CHARACTERS, &over)?;
    let document = shape::parse(&text, shape::Use::Identity).map_err(malformed)?;
    check_sids(&document)?;
    let others =
        role["_policies"].as_object().into_iter().flatten().filter(|(name, _)| **name != policy_name);
    let size: usize = others.filter_map(|(_, text)| text.as_str()).map(without_space).sum();
    if size + without_space(&text) > MOST_CHARACTERS {
        return Err(limit(over));
    }
    role["_policies"][policy_name] = text.into();
    role["_changed_at"] = now.into();
    Ok(json!({}))
}

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let (role_name, policy_name) = (role_name(call)?, policy_name(call)?);
    let document = existing(call, &role_name)?["_policies"].get(&policy_name).map(encoded);
    let document = document.ok_or_else(|| no_policy(&policy_name))?;
    Ok(json!({"RoleName": role_name, "PolicyName": policy_name, "PolicyDocument": document}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let (role_name, policy_name) = (role_name(call)?, policy_name(call)?);
    let now = call.now.as_millisecond();
    let role = changeable(call, &role_name)?;
    let policies = role["_policies"].as_object_mut();
    policies.and_then(|policies| policies.remove(&policy_name)).ok_or_else(|| no_policy(&policy_name))?;
    role["_changed_at"] = now.into();
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let role_name = role_name(call)?;
    let policies = existing(call, &role_name)?["_policies"].as_object();
    let entries = policies.into_iter().flat_map(|policies| policies.keys()).map(|name| json!(name)).collect();
    listed(call, "PolicyNames", entries)
}

fn policy_name(call: &Call<'_>) -> Result<String, Fault> {
    name(call, "PolicyName", 128)
}

fn no_policy(name: &str) -> Fault {
    missing(format!("The role policy with name {name} cannot be found."))
}
