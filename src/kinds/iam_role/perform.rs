//! Writes roles.

use super::{Call, INLINE, IamRole};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};
use crate::model::Scope;
use crate::model::tags::{self, Tags};
use aws_sdk_iam::types::Tag;
use std::collections::BTreeSet;

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, IamRole>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.iam(scope);
    let want = target.desired;
    let name = want.name.as_str();
    match call {
        Call::CreateRole => {
            let send = client
                .create_role()
                .role_name(name)
                .path(&want.path)
                .description(&want.description)
                .assume_role_policy_document(want.trust.to_text())
                .set_tags(Some(pairs(&want.tags)))
                .send();
            let role = cx.send("iam:CreateRole", scope, send).await?.role;
            return Ok(role.into_iter().map(|role| ("arn", role.arn)).collect());
        }
        Call::UpdateAssumeRolePolicy => {
            let send = client
                .update_assume_role_policy()
                .role_name(name)
                .policy_document(want.trust.to_text())
                .send();
            cx.send("iam:UpdateAssumeRolePolicy", scope, send).await?;
        }
        Call::PutRolePolicy => {
            if let Some(policy) = &want.policy {
                let send = client
                    .put_role_policy()
                    .role_name(name)
                    .policy_name(INLINE)
                    .policy_document(policy.to_text())
                    .send();
                cx.send("iam:PutRolePolicy", scope, send).await?;
            }
        }
        Call::RemovePolicies => {
            let there = target.observed.map(|state| state.extra_policies.clone()).unwrap_or_default();
            remove(cx, scope, name, there.difference(&want.extra_policies)).await?;
        }
        Call::DeleteRolePermissionsBoundary => {
            let send = client.delete_role_permissions_boundary().role_name(name).send();
            match cx.send("iam:DeleteRolePermissionsBoundary", scope, send).await {
                Err(error) if error.is(&["NoSuchEntity"]) => {}
                answer => drop(answer?),
            }
        }
        Call::UpdateRole => {
            let send = client.update_role().role_name(name).description(&want.description).send();
            cx.send("iam:UpdateRole", scope, send).await?;
        }
        Call::SetTags => {
            let before = target.observed.map(|state| state.tags.clone()).unwrap_or_default();
            let (set, remove) = tags::changes(&before, &want.tags);
            if !set.is_empty() {
                let send = client.tag_role().role_name(name).set_tags(Some(pairs(&set))).send();
                cx.send("iam:TagRole", scope, send).await?;
            }
            if !remove.is_empty() {
                let send = client.untag_role().role_name(name).set_tag_keys(Some(remove)).send();
                cx.send("iam:UntagRole", scope, send).await?;
            }
        }
        Call::DeleteRole => {
            // IAM API, DeleteRole: DeleteConflict while the role has policies.
            let own = want.policy.iter().map(|_| format!("inline:{INLINE}"));
            let all: BTreeSet<String> = want.extra_policies.iter().cloned().chain(own).collect();
            remove(cx, scope, name, all.iter()).await?;
            cx.send("iam:DeleteRole", scope, client.delete_role().role_name(name).send()).await?;
        }
    }
    Ok(Vec::new())
}

/// Takes policies off a role: `inline:NAME` is deleted, an ARN detached. One that is gone already is no error.
async fn remove(
    cx: &Cx,
    scope: &Scope,
    name: &str,
    policies: impl Iterator<Item = &String>,
) -> Result<(), ApiError> {
    let client = cx.iam(scope);
    for policy in policies {
        let answer = match policy.strip_prefix("inline:") {
            Some(inline) => {
                let send = client.delete_role_policy().role_name(name).policy_name(inline).send();
                cx.send("iam:DeleteRolePolicy", scope, send).await.map(|_| ())
            }
            None => {
                let send = client.detach_role_policy().role_name(name).policy_arn(policy).send();
                cx.send("iam:DetachRolePolicy", scope, send).await.map(|_| ())
            }
        };
        match answer {
            Err(error) if error.is(&["NoSuchEntity"]) => {}
            answer => answer?,
        }
    }
    Ok(())
}

fn pairs(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(|pair| tag(pair).expect("key and value are given")).collect()
}
