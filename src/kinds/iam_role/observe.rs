//! Reads roles by name. GetResources does not list roles, so a role nobody asks for is found by its fixed name.

use super::{INLINE, IamRole};
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Wanted, owned};
use crate::model::{Address, Policy, Scope, tags};
use aws_sdk_iam::types::Role;
use futures_util::future::join_all;
use std::collections::BTreeSet;

/// Returns a reading for each wanted role, and for those of our other names that are there and ours.
///
/// # Errors
/// None of its own: what fails is a reading.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, IamRole>],
) -> Result<Vec<(Address, Reading<IamRole>)>, ApiError> {
    let at_home = scope.region == cx.names.home_region;
    let trail = at_home.then(|| ("trail-logs", cx.names.trail_role()));
    let roles = trail.into_iter().chain([("bedrock-logs", cx.names.bedrock_role(&scope.region))]);
    let looks = roles.map(|(role, name)| async move {
        let address = Address::new(Kind::IamRole, role, scope);
        let asked = wanted.iter().any(|wanted| *wanted.address == address);
        (address, asked, look(cx, scope, &name).await)
    });
    let mut readings = Vec::new();
    for (address, asked, reading) in join_all(looks).await {
        match reading {
            Reading::Unreadable(errors) if !asked => {
                for error in errors {
                    cx.note(format!("whether {} is left over cannot be told: {error}", address.short()));
                }
            }
            reading if asked || matches!(reading, Reading::Found(_)) => readings.push((address, reading)),
            _ => {}
        }
    }
    Ok(readings)
}

async fn look(cx: &Cx, scope: &Scope, name: &str) -> Reading<IamRole> {
    const CALL: &str = "iam:GetRole";
    let client = cx.iam(scope);
    let role = match cx.send(CALL, scope, client.get_role().role_name(name).send()).await {
        Ok(answer) => answer.role,
        Err(error) if error.is(&["NoSuchEntity", "NoSuchEntityException"]) => return Reading::Absent,
        Err(error) => return Reading::Unreadable(vec![error]),
    };
    let Some(role) = role else {
        return Reading::Unreadable(vec![ApiError::odd(CALL, scope, "the answer describes no role")]);
    };
    let (inline, attached) = tokio::join!(inline(cx, scope, name), attached(cx, scope, name));
    let document = role.assume_role_policy_document().unwrap_or_default();
    let trust = Policy::parse_encoded(document, scope.partition())
        .map_err(|error| ApiError::odd(CALL, scope, error.to_string()));
    match (inline, attached, trust) {
        (Ok((policy, others)), Ok(attached), Ok(trust)) => {
            let extra_policies = others.into_iter().chain(attached).collect();
            found(cx, role, trust, policy, extra_policies)
        }
        (inline, attached, trust) => {
            let errors = [inline.err(), attached.err(), trust.err()];
            Reading::Unreadable(errors.into_iter().flatten().collect())
        }
    }
}

fn found(
    cx: &Cx,
    role: Role,
    trust: Policy,
    policy: Option<Policy>,
    extra_policies: BTreeSet<String>,
) -> Reading<IamRole> {
    let boundary = role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
    let permissions_boundary = boundary.map(ToOwned::to_owned);
    let tags = tags::from_pairs(role.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
    let state = IamRole {
        name: role.role_name.clone(),
        path: role.path,
        description: role.description.unwrap_or_default(),
        trust,
        policy,
        extra_policies,
        permissions_boundary,
        tags: tags.clone(),
    };
    let found = Found::new(state, [("arn", role.arn), ("name", role.role_name)]);
    owned(found, &tags, &cx.names.scope)
}

/// Returns our inline policy, and the names of the others.
async fn inline(cx: &Cx, scope: &Scope, name: &str) -> Result<(Option<Policy>, BTreeSet<String>), ApiError> {
    const CALL: &str = "iam:GetRolePolicy";
    let client = cx.iam(scope);
    let mut names = BTreeSet::new();
    let mut marker = None;
    loop {
        let request = client.list_role_policies().role_name(name).set_marker(marker).send();
        let page = cx.send("iam:ListRolePolicies", scope, request).await?;
        names.extend(page.policy_names);
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            break;
        }
    }
    let mut policy = None;
    if names.remove(INLINE) {
        let request = client.get_role_policy().role_name(name).policy_name(INLINE).send();
        let text = cx.send(CALL, scope, request).await?.policy_document;
        policy = Some(
            Policy::parse_encoded(&text, scope.partition())
                .map_err(|error| ApiError::odd(CALL, scope, error.to_string()))?,
        );
    }
    Ok((policy, names.into_iter().map(|name| format!("inline:{name}")).collect()))
}

/// Returns the ARNs of attached policies.
async fn attached(cx: &Cx, scope: &Scope, name: &str) -> Result<BTreeSet<String>, ApiError> {
    let client = cx.iam(scope);
    let mut arns = BTreeSet::new();
    let mut marker = None;
    loop {
        let request = client.list_attached_role_policies().role_name(name).set_marker(marker).send();
        let page = cx.send("iam:ListAttachedRolePolicies", scope, request).await?;
        arns.extend(
            page.attached_policies.unwrap_or_default().into_iter().filter_map(|found| found.policy_arn),
        );
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(arns);
        }
    }
}
