//! Roles, their trust policies and tags.

use super::{changeable, check_sids, check_text, encoded, existing, limit, listed, malformed, role_name};
use crate::sandbox::service::policy_check::{principals, shape, statements, texts};
use crate::sandbox::service::record::{
    TagProblem, begin, given, merge_tags, retag, tag_list, tags, unique_id,
};
use crate::sandbox::service::{Answer, Call, Fault};
use crate::sandbox::state::State;
use serde_json::{Map, Value, json};

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let name = role_name(call)?;
    let path = path(call)?;
    let description = description(call)?;
    let seconds = session_seconds(call)?;
    let text = call.text("AssumeRolePolicyDocument").unwrap_or_default();
    // Names are unique whatever their case (IAM API, CreateRole).
    if call.global("roles").keys().any(|there| there.eq_ignore_ascii_case(&name)) {
        let message = format!("Role with name {name} already exists.");
        return Err(Fault::with(409, "EntityAlreadyExists", message));
    }
    let trust = accept_trust(call, &text)?;
    let tags = merge(Map::new(), &call.list("Tags"))?;
    let arn = format!("arn:aws:iam::{}:role{path}{name}", call.account);
    let mut role = json!({
        "Path": path, "RoleName": name, "RoleId": unique_id("AROA", call.state.fresh()), "Arn": arn,
        "CreateDate": seconds_of(call), "AssumeRolePolicyDocument": trust, "MaxSessionDuration": seconds,
        "_policies": {}, "_attached": [], "_changed_at": call.now.as_millisecond(),
    });
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        role["Description"] = description.into();
    }
    if let Some(boundary) = call.text("PermissionsBoundary") {
        role["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": boundary});
    }
    begin(&mut role, &arn, tags, call.now);
    let answer = json!({"Role": shown(&role, true)});
    call.global("roles").insert(name, role);
    Ok(answer)
}

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let name = role_name(call)?;
    Ok(json!({"Role": shown(existing(call, &name)?, true)}))
}

/// ListRoles leaves tags and boundaries out (IAM API, ListRoles).
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let prefix = call.text("PathPrefix").unwrap_or_else(|| "/".into());
    let roles = call
        .global("roles")
        .values()
        .filter(|role| role["Path"].as_str().is_some_and(|p| p.starts_with(&prefix)));
    let entries = roles.map(|role| shown(role, false)).collect();
    listed(call, "Roles", entries)
}

/// Without MaxSessionDuration the default of one hour is applied (IAM API, UpdateRole).
pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let name = role_name(call)?;
    let (description, seconds) = (description(call)?, session_seconds(call)?);
    let role = changeable(call, &name)?;
    role["MaxSessionDuration"] = seconds.into();
    match description {
        Some(text) if !text.is_empty() => role["Description"] = text.into(),
        // An empty description is read back as none.
        Some(_) => role.as_object_mut().map_or((), |members| {
            members.remove("Description");
        }),
        None => {}
    }
    Ok(json!({}))
}

pub(super) fn update_trust(call: &mut Call<'_>) -> Answer {
    let name = role_name(call)?;
    changeable(call, &name)?;
    let text = call.text("PolicyDocument").unwrap_or_default();
    let trust = accept_trust(call, &text)?;
    let now = call.now.as_millisecond();
    let role = changeable(call, &name)?;
    role["AssumeRolePolicyDocument"] = trust.into();
    role["_changed_at"] = now.into();
    Ok(json!({}))
}

/// A role goes only when nothing hangs on it; policies that name it then show its id instead.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let name = role_name(call)?;
    let role = changeable(call, &name)?;
    let conflict = |what: &str| {
        Err(Fault::with(409, "DeleteConflict", format!("Cannot delete entity, must {what} first.")))
    };
    if role["_policies"].as_object().is_some_and(|policies| !policies.is_empty()) {
        return conflict("delete policies");
    }
    if role["_attached"].as_array().is_some_and(|attached| !attached.is_empty()) {
        return conflict("detach all policies");
    }
    let (arn, id) = (role["Arn"].clone(), role["RoleId"].clone());
    call.global("roles").remove(&name);
    if let (Some(arn), Some(id)) = (arn.as_str(), id.as_str()) {
        forget_everywhere(call.state, arn, id);
    }
    Ok(json!({}))
}

pub(super) fn tag(call: &mut Call<'_>) -> Answer {
    let (name, list, now) = (role_name(call)?, call.list("Tags"), call.now);
    let role = changeable(call, &name)?;
    let merged = merge(tags(role), &list)?;
    retag(role, merged, now);
    Ok(json!({}))
}

pub(super) fn untag(call: &mut Call<'_>) -> Answer {
    let (name, list, now) = (role_name(call)?, call.list("TagKeys"), call.now);
    let role = changeable(call, &name)?;
    let mut left = tags(role);
    left.retain(|key, _| !list.iter().filter_map(Value::as_str).any(|gone| gone.eq_ignore_ascii_case(key)));
    retag(role, left, now);
    Ok(json!({}))
}

pub(super) fn list_tags(call: &mut Call<'_>) -> Answer {
    let name = role_name(call)?;
    let entries = tag_list(existing(call, &name)?, "Key", "Value");
    listed(call, "Tags", entries)
}

/// Trust policies: 2048 characters, STS actions only, principals that exist (`reference/kms-iam-sns.md` §2.1).
fn accept_trust(call: &Call<'_>, text: &str) -> Result<String, Fault> {
    check_text(text, 2048, "Cannot exceed quota for ACLSizePerRole: 2048")?;
    let mut document = shape::parse(text, shape::Use::Trust).map_err(malformed)?;
    check_sids(&document)?;
    let only_sts = statements(&document).into_iter().all(|statement| {
        let actions = statement.get("Action").map(texts).unwrap_or_default();
        !actions.is_empty() && actions.iter().all(|action| action.to_ascii_lowercase().starts_with("sts:"))
    });
    if !only_sts {
        return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
    }
    if let Some(who) = principals::unknown(call.state, call.now, &document) {
        let kind = if who.contains(':') || who.starts_with("AROA") { "AWS" } else { "SERVICE" };
        return Err(malformed(format!("Invalid principal in policy: \"{kind}\":\"{who}\"")));
    }
    Ok(if principals::complete_accounts(&mut document) { document.to_string() } else { text.to_owned() })
}

fn path(call: &Call<'_>) -> Result<String, Fault> {
    let path = call.text("Path").unwrap_or_else(|| "/".into());
    let printable = path.bytes().all(|b| (0x21..=0x7e).contains(&b));
    if path.len() > 512 || !path.starts_with('/') || !path.ends_with('/') || !printable {
        return Err(Fault::bad("ValidationError", "The specified value for path is invalid"));
    }
    Ok(path)
}

fn description(call: &Call<'_>) -> Result<Option<String>, Fault> {
    let description = given(call, "Description");
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if description.as_ref().is_some_and(|text| text.chars().count() > 1000 || !text.chars().all(allowed)) {
        return Err(Fault::bad("ValidationError", "The specified value for description is invalid"));
    }
    Ok(description)
}

fn session_seconds(call: &Call<'_>) -> Result<i64, Fault> {
    let seconds = call.number("MaxSessionDuration").unwrap_or(3600);
    if (3600..=43_200).contains(&seconds) {
        return Ok(seconds);
    }
    Err(Fault::bad("ValidationError", "MaxSessionDuration must be between 3600 and 43200"))
}

/// Tag keys of roles are the same whatever their case (`reference/kms-iam-sns.md` §2.1, Tags).
fn merge(mut there: Map<String, Value>, list: &[Value]) -> Result<Map<String, Value>, Fault> {
    let refuse = |problem: TagProblem| match problem {
        TagProblem::TooMany => limit(problem.to_string()),
        TagProblem::Duplicate(_) | TagProblem::Invalid(_) => Fault::bad("InvalidInput", problem.to_string()),
    };
    if list.len() > 50 {
        let message =
            "Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50";
        return Err(Fault::bad("ValidationError", message));
    }
    let keys: Vec<&str> = list.iter().filter_map(|tag| tag.get("Key")?.as_str()).collect();
    let twice =
        keys.iter().enumerate().any(|(at, key)| keys[..at].iter().any(|k| k.eq_ignore_ascii_case(key)));
    if twice {
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(Fault::bad("InvalidInput", message));
    }
    there.retain(|key, _| !keys.iter().any(|k| k.eq_ignore_ascii_case(key)));
    merge_tags(there, list, ("Key", "Value")).map_err(refuse)
}

fn shown(role: &Value, whole: bool) -> Value {
    let mut out = Map::new();
    for member in ["Path", "RoleName", "RoleId", "Arn", "CreateDate", "Description", "MaxSessionDuration"] {
        if let Some(value) = role.get(member) {
            out.insert(member.into(), value.clone());
        }
    }
    out.insert("AssumeRolePolicyDocument".into(), encoded(&role["AssumeRolePolicyDocument"]).into());
    if whole {
        if let Some(boundary) = role.get("PermissionsBoundary") {
            out.insert("PermissionsBoundary".into(), boundary.clone());
        }
        let tags = tag_list(role, "Key", "Value");
        if !tags.is_empty() {
            out.insert("Tags".into(), tags.into());
        }
        out.insert("RoleLastUsed".into(), json!({}));
    }
    Value::Object(out)
}

fn seconds_of(call: &Call<'_>) -> String {
    jiff::Timestamp::from_second(call.now.as_second()).unwrap_or(call.now).to_string()
}

/// Puts a deleted role's id into every policy of the organisation that named it.
fn forget_everywhere(state: &mut State, arn: &str, id: &str) {
    let documents = [
        ("kms_keys", "Policy"),
        ("buckets", "Policy"),
        ("topics", "Policy"),
        ("roles", "AssumeRolePolicyDocument"),
    ];
    let tables = state.accounts.values_mut().flat_map(|regions| regions.values_mut());
    for table in tables {
        for (name, member) in documents {
            for record in table.get_mut(name).into_iter().flat_map(|records| records.values_mut()) {
                let text = record.get(member).and_then(Value::as_str);
                if let Some(changed) = text.and_then(|text| principals::forget(text, arn, id)) {
                    record[member] = changed.into();
                }
            }
        }
    }
}
