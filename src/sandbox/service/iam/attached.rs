//! Managed policies on roles, and what bounds a role.

use super::{changeable, existing, limit, listed, missing, role_name};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// Managed policies that one role may have (IAM User Guide, quotas; the default).
const MOST: usize = 10;

pub(super) fn attach(call: &mut Call<'_>) -> Answer {
    let (role_name, arn) = (role_name(call)?, policy_arn(call, "PolicyArn")?);
    let role = changeable(call, &role_name)?;
    let attached = list_of(role);
    if attached.iter().any(|policy| policy["PolicyArn"] == arn.as_str()) {
        return Ok(json!({}));
    }
    if attached.len() >= MOST {
        return Err(limit(format!("Cannot exceed quota for PoliciesPerRole: {MOST}")));
    }
    let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
    attached.push(json!({"PolicyName": name, "PolicyArn": arn}));
    Ok(json!({}))
}

pub(super) fn detach(call: &mut Call<'_>) -> Answer {
    let (role_name, arn) = (role_name(call)?, policy_arn(call, "PolicyArn")?);
    let role = changeable(call, &role_name)?;
    let attached = list_of(role);
    let before = attached.len();
    attached.retain(|policy| policy["PolicyArn"] != arn.as_str());
    if attached.len() == before {
        return Err(missing(format!("Policy {arn} was not found.")));
    }
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let role_name = role_name(call)?;
    let attached: Vec<Value> =
        existing(call, &role_name)?["_attached"].as_array().cloned().unwrap_or_default();
    listed(call, "AttachedPolicies", attached)
}

pub(super) fn put_boundary(call: &mut Call<'_>) -> Answer {
    let (role_name, arn) = (role_name(call)?, policy_arn(call, "PermissionsBoundary")?);
    let role = changeable(call, &role_name)?;
    role["PermissionsBoundary"] =
        json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn});
    Ok(json!({}))
}

pub(super) fn delete_boundary(call: &mut Call<'_>) -> Answer {
    let role_name = role_name(call)?;
    let role = changeable(call, &role_name)?;
    let removed = role.as_object_mut().and_then(|role| role.remove("PermissionsBoundary"));
    match removed {
        Some(_) => Ok(json!({})),
        None => Err(missing(format!("Role {role_name} does not have a permissions boundary."))),
    }
}

fn list_of(role: &mut Value) -> &mut Vec<Value> {
    if !role["_attached"].is_array() {
        role["_attached"] = json!([]);
    }
    role["_attached"].as_array_mut().expect("it was just made one")
}

/// Returns a managed policy's ARN: of AWS or of the caller's account. The policies themselves are not modelled, so that
/// any name is taken.
fn policy_arn(call: &Call<'_>, member: &str) -> Result<String, Fault> {
    let arn = call.text(member).unwrap_or_default();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let owners = ["aws", call.account];
    match parts[..] {
        ["arn", _, "iam", "", owner, resource]
            if owners.contains(&owner) && resource.starts_with("policy/") =>
        {
            Ok(arn)
        }
        ["arn", ..] => Err(missing(format!("Policy {arn} does not exist or is not attachable."))),
        _ => Err(Fault::bad("InvalidInput", format!("ARN {arn} is not valid."))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::OPERATIONS;
    use crate::sandbox::service::fixture::{account, code, run};
    use serde_json::json;

    const POLICY: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

    #[test]
    fn policies_come_and_go() {
        let mut state = account();
        let mut call = |name: &str, input| run(&mut state, OPERATIONS, name, input);
        let both = json!({"RoleName": "audit-logs", "PolicyArn": POLICY});
        assert_eq!(code(call("DetachRolePolicy", both.clone())), "NoSuchEntity");
        for _ in 0..2 {
            assert_eq!(code(call("AttachRolePolicy", both.clone())), "ok", "attaching twice is no error");
        }
        let listed = call("ListAttachedRolePolicies", json!({"RoleName": "audit-logs"})).expect("listed");
        assert_eq!(
            listed["AttachedPolicies"],
            json!([{"PolicyName": "AdministratorAccess", "PolicyArn": POLICY}])
        );
        assert_eq!(code(call("DetachRolePolicy", both)), "ok");
        for (case, arn, want) in [
            ("no ARN", "AdministratorAccess", "InvalidInput"),
            ("another account's", "arn:aws:iam::444455556666:policy/x", "NoSuchEntity"),
        ] {
            let input = json!({"RoleName": "audit-logs", "PolicyArn": arn});
            assert_eq!(code(call("AttachRolePolicy", input)), want, "{case}");
        }
    }

    #[test]
    fn a_role_has_ten_policies_at_most() {
        let mut state = account();
        let codes: Vec<String> = (0..11)
            .map(|at| {
                let arn = format!("arn:aws:iam::111122223333:policy/p{at}");
                let input = json!({"RoleName": "audit-logs", "PolicyArn": arn});
                code(run(&mut state, OPERATIONS, "AttachRolePolicy", input))
            })
            .collect();
        assert_eq!((codes[9].as_str(), codes[10].as_str()), ("ok", "LimitExceeded"));
    }

    #[test]
    fn a_boundary_is_shown_with_the_role() {
        let mut state = account();
        let mut call = |name: &str, input| run(&mut state, OPERATIONS, name, input);
        let role = json!({"RoleName": "audit-logs"});
        assert_eq!(code(call("DeleteRolePermissionsBoundary", role.clone())), "NoSuchEntity");
        let put = json!({"RoleName": "audit-logs", "PermissionsBoundary": POLICY});
        assert_eq!(code(call("PutRolePermissionsBoundary", put)), "ok");
        let shown = call("GetRole", role.clone()).expect("there");
        assert_eq!(shown["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"], POLICY);
        assert_eq!(code(call("DeleteRolePermissionsBoundary", role.clone())), "ok");
        assert_eq!(call("GetRole", role).expect("there")["Role"].get("PermissionsBoundary"), None);
    }
}
