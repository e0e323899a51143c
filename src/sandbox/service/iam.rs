//! IAM roles: trust, policies and boundaries, as the IAM API has them.

mod attached;
mod policies;
mod roles;

use super::record::{Page, page};
use super::{Answer, Call, Fault, Operation};
use crate::sandbox::state::State;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// The operations of IAM.
pub const OPERATIONS: &[Operation] = &[
    row("AttachRolePolicy", true, attached::attach),
    row("CreateRole", true, roles::create),
    row("DeleteRole", true, roles::delete),
    row("DeleteRolePermissionsBoundary", true, attached::delete_boundary),
    row("DeleteRolePolicy", true, policies::delete),
    row("DetachRolePolicy", true, attached::detach),
    row("GetRole", false, roles::get),
    row("GetRolePolicy", false, policies::get),
    row("ListAttachedRolePolicies", false, attached::list),
    row("ListRolePolicies", false, policies::list),
    row("ListRoleTags", false, roles::list_tags),
    row("ListRoles", false, roles::list),
    row("PutRolePermissionsBoundary", true, attached::put_boundary),
    row("PutRolePolicy", true, policies::put),
    row("TagRole", true, roles::tag),
    row("UntagRole", true, roles::untag),
    row("UpdateAssumeRolePolicy", true, roles::update_trust),
    row("UpdateRole", true, roles::update),
];

const fn row(name: &'static str, writes: bool, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "iam", name, writes, handler }
}

/// Returns a role by its ARN, whatever account it is in.
///
/// The record holds the API's members plus `_created_at`, `_changed_at` (epoch millis of the last change of trust or
/// inline policies), `AssumeRolePolicyDocument` as raw text, `_policies` (name → raw text) and `_attached` (the
/// managed policies, as ListAttachedRolePolicies shows them).
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

/// Returns the name in `RoleName`: at most 64 of `[\w+=,.@-]` (IAM API, CreateRole).
fn role_name(call: &Call<'_>) -> Result<String, Fault> {
    name(call, "RoleName", 64)
}

fn name(call: &Call<'_>, member: &str, most: usize) -> Result<String, Fault> {
    let name = call.text(member).unwrap_or_default();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    if (1..=most).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(name);
    }
    let message = format!("The specified value for {member} is invalid: 1 to {most} of [\\w+=,.@-]");
    Err(Fault::bad("ValidationError", message))
}

/// Returns a role of the caller's account for writing.
fn existing<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Value, Fault> {
    let found = call.global("roles").get_mut(name);
    found.ok_or_else(|| missing(format!("The role with name {name} cannot be found.")))
}

/// Returns a role that may be changed: not one that belongs to a service.
fn changeable<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Value, Fault> {
    let role = existing(call, name)?;
    if role["Path"].as_str().is_some_and(|path| path.starts_with("/aws-service-role/")) {
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(Fault::bad("UnmodifiableEntity", message));
    }
    Ok(role)
}

fn missing(message: String) -> Fault {
    Fault::with(404, "NoSuchEntity", message)
}

fn malformed(message: impl Into<String>) -> Fault {
    Fault::bad("MalformedPolicyDocument", message)
}

fn limit(message: impl Into<String>) -> Fault {
    Fault::with(409, "LimitExceeded", message)
}

/// Encodes a document as IAM returns it (IAM API, GetRole: "URL-encoded compliant with RFC 3986").
fn encoded(document: &Value) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(document.as_str().unwrap_or_default(), RESERVED).to_string()
}

/// Checks characters and length of a document that is to be stored; the quota does not count white space.
fn check_text(text: &str, most: usize, over: &str) -> Result<(), Fault> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if text.is_empty() || text.len() > 131_072 || !text.chars().all(allowed) {
        return Err(Fault::bad("ValidationError", "The specified value for policyDocument is invalid"));
    }
    if without_space(text) > most { Err(limit(over)) } else { Ok(()) }
}

fn without_space(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// IAM, unlike S3 or KMS, takes only letters and digits in a statement's id.
fn check_sids(document: &Value) -> Result<(), Fault> {
    let sids = super::policy_check::statements(document).into_iter().filter_map(|s| s.get("Sid")?.as_str());
    match sids.into_iter().find(|sid| !sid.bytes().all(|b| b.is_ascii_alphanumeric())) {
        Some(_) => Err(malformed(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
        )),
        None => Ok(()),
    }
}

/// Answers with one page of a list: 100 entries, at most 1000 (IAM API, MaxItems).
fn listed(call: &Call<'_>, member: &str, entries: Vec<Value>) -> Answer {
    let size = call.number("MaxItems").unwrap_or(100);
    if !(1..=1000).contains(&size) {
        return Err(Fault::bad("ValidationError", "MaxItems must be between 1 and 1000"));
    }
    let bad = Fault::bad("ValidationError", "Invalid Marker.");
    let Page { entries, next } = page(entries, call.text("Marker"), size.unsigned_abs() as usize, bad)?;
    let mut answer = json!({member: entries, "IsTruncated": next.is_some()});
    if let Some(next) = next {
        answer["Marker"] = next.into();
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
