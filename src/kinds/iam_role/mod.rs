//! An IAM role that a service assumes to write to one log group, with its one inline policy.

pub mod desired;
pub mod observe;
pub mod perform;

use crate::kinds::policies::meaning;
use crate::kinds::{ApiCall, Attribute, Class, Effect, Fate, Managed, NotYet, Revealed};
use crate::model::tags::Tags;
use crate::model::{Address, Input, Names, Policy};
use serde::Serialize;
use std::collections::BTreeSet;

/// Name of the one inline policy a role of ours has.
pub const INLINE: &str = "delivery";

/// A role as the blueprint asks for it, and as AWS reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IamRole {
    #[serde(skip)]
    pub name: String,
    /// Part of the ARN; `/`.
    pub path: String,
    pub description: String,
    /// Who may assume the role.
    pub trust: Policy,
    /// The inline policy [`INLINE`]; `None`: there is none.
    pub policy: Option<Policy>,
    /// What else gives the role permissions, which must be nothing: ARNs of attached policies, and `inline:NAME`.
    pub extra_policies: BTreeSet<String>,
    /// ARN of the policy that bounds what the role may do; `None`: nothing does.
    pub permissions_boundary: Option<String>,
    pub tags: Tags,
}

/// Calls that change a role, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    CreateRole,
    UpdateAssumeRolePolicy,
    PutRolePolicy,
    RemovePolicies,
    DeleteRolePermissionsBoundary,
    UpdateRole,
    SetTags,
    DeleteRole,
}

/// IAM User Guide, eventual consistency: a role may not be found right after its creation.
const ROLE_SPREADS: NotYet =
    NotYet { code: "NoSuchEntity", text: "", waiting_for: "the new role to be known everywhere" };
/// IAM API, common to its writes: another request is changing the role.
const BUSY: NotYet =
    NotYet { code: "ConcurrentModification", text: "", waiting_for: "another change of the role" };

impl ApiCall for Call {
    const ALL: &'static [Self] = &[
        Self::CreateRole,
        Self::UpdateAssumeRolePolicy,
        Self::PutRolePolicy,
        Self::RemovePolicies,
        Self::DeleteRolePermissionsBoundary,
        Self::UpdateRole,
        Self::SetTags,
        Self::DeleteRole,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::CreateRole => "CreateRole",
            Self::UpdateAssumeRolePolicy => "UpdateAssumeRolePolicy",
            Self::PutRolePolicy => "PutRolePolicy",
            Self::RemovePolicies => "RemovePolicies",
            Self::DeleteRolePermissionsBoundary => "DeleteRolePermissionsBoundary",
            Self::UpdateRole => "UpdateRole",
            Self::SetTags => "SetTags",
            Self::DeleteRole => "DeleteRole",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::CreateRole => &["iam:CreateRole", "iam:TagRole"],
            Self::UpdateAssumeRolePolicy => &["iam:UpdateAssumeRolePolicy"],
            Self::PutRolePolicy => &["iam:PutRolePolicy"],
            Self::RemovePolicies => &["iam:DeleteRolePolicy", "iam:DetachRolePolicy"],
            Self::DeleteRolePermissionsBoundary => &["iam:DeleteRolePermissionsBoundary"],
            Self::UpdateRole => &["iam:UpdateRole"],
            Self::SetTags => &["iam:TagRole", "iam:UntagRole"],
            Self::DeleteRole => &["iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRole"],
        }
    }
    fn not_yet(self) -> &'static [NotYet] {
        match self {
            Self::CreateRole | Self::DeleteRole => &[BUSY],
            _ => &[ROLE_SPREADS, BUSY],
        }
    }
}

impl Managed for IamRole {
    type Call = Call;
    const FATE: Fate = Fate::Evidence;
    const READS: &'static [&'static str] =
        &["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::fixed("path", "Part of the role's ARN."),
        Attribute::created("description", Call::UpdateRole, "What the role is for."),
        Attribute::created("trust", Call::UpdateAssumeRolePolicy, "Which service may assume the role."),
        Attribute::written(
            "policy",
            Call::PutRolePolicy,
            "What the role may do: write to the streams of one log group.",
        ),
        Attribute::written(
            "extra_policies",
            Call::RemovePolicies,
            "Other policies on the role; there must be none.",
        ),
        Attribute::pruned(
            "permissions_boundary",
            Call::DeleteRolePermissionsBoundary,
            "it can stop the delivery, but an organisation may demand one of every role; apply --prune takes it off",
            "Policy that bounds what the role may do; there must be none.",
        ),
        Attribute::created("tags", Call::SetTags, "Tags, ours and the blueprint's."),
    ];
    const CREATE: &'static [Call] = &[Call::CreateRole];
    const DELETE: &'static [Call] = &[Call::DeleteRole];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        Vec::new()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        Vec::new()
    }
    fn known_outputs(&self, address: &Address) -> Revealed {
        let partition = Names::partition(&address.scope.region);
        let arn = format!("arn:{partition}:iam::{}:role{}{}", address.scope.account, self.path, self.name);
        vec![("name", self.name.clone()), ("arn", arn)]
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        let Some(before) = before else { return Vec::new() };
        let mut effects = Vec::new();
        effects.extend(meaning::of_role("trust", &before.trust, &after.trust));
        if let (Some(before), Some(after)) = (&before.policy, &after.policy) {
            effects.extend(meaning::of_role("policy", before, after));
        }
        if before.policy.is_some() && after.policy.is_none() {
            effects.push(Effect::new(Class::Weaken, "policy", "nothing can be delivered through the role"));
        }
        if before.policy.is_none() && after.policy.is_some() {
            effects.push(Effect::new(
                Class::Restoring,
                "policy",
                "records can be delivered through the role",
            ));
        }
        for gone in before.extra_policies.difference(&after.extra_policies) {
            let text = format!("{gone} is taken off the role");
            effects.push(Effect::new(Class::Restoring, "extra_policies", text));
        }
        if let (Some(gone), None) = (&before.permissions_boundary, &after.permissions_boundary) {
            let text = format!("{gone} no longer bounds what the role may do");
            effects.push(Effect::new(Class::Restoring, "permissions_boundary", text));
        }
        effects
    }
    fn loss(&self) -> Vec<Effect> {
        vec![Effect::new(Class::Delete, "", "nothing more is delivered to the log group this role writes to")]
    }
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{Facts, example};
    use crate::model::Statement;

    #[test]
    fn what_a_change_does_to_the_record() {
        let role = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        type Change = fn(&mut IamRole);
        type Want = &'static [(Class, &'static str)];
        let cases: [(&str, Change, Want); 5] = [
            ("nothing", |_| {}, &[]),
            (
                "the policy had been taken away",
                |before| before.policy = None,
                &[(Class::Restoring, "records can be delivered through the role")],
            ),
            (
                "somebody attached more",
                |before| before.extra_policies.extend(["inline:more".to_owned()]),
                &[(Class::Restoring, "inline:more is taken off the role")],
            ),
            (
                "another service was let in",
                |before| {
                    let other =
                        Statement::allow("Other").service("ec2.amazonaws.com").actions(&["sts:AssumeRole"]);
                    before.trust = Policy::new([other]);
                },
                &[
                    (Class::Restoring, "cloudtrail.amazonaws.com may now sts:AssumeRole"),
                    (Class::Restoring, "ec2.amazonaws.com may no longer sts:AssumeRole"),
                ],
            ),
            ("another description", |before| before.description.clear(), &[]),
        ];
        for (case, change, want) in cases {
            let mut before = role.clone();
            change(&mut before);
            let effects = IamRole::effects(Some(&before), &role);
            let seen: Vec<(Class, &str)> = effects.iter().map(|e| (e.class, e.text.as_str())).collect();
            assert_eq!(seen, want, "{case}");
        }
    }
}
