//! A KMS key with its alias, policy and rotation: what makes the records readable only for whom they are meant.

pub mod desired;
pub mod observe;
pub mod perform;

use crate::kinds::policies::meaning;
use crate::kinds::{ApiCall, Attribute, Class, Effect, Fate, Managed, NotYet};
use crate::model::tags::Tags;
use crate::model::{Input, Policy};
use serde::Serialize;
use std::collections::BTreeMap;

/// A key as the blueprint asks for it, and as AWS reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KmsKey {
    /// The alias that leads to the key; for a key that nobody asks for and that has none, its id.
    #[serde(skip)]
    pub name: String,
    /// Days between scheduling the deletion and the deletion, 7 to 30.
    #[serde(skip)]
    pub deletion_window_days: u32,
    /// True if the deletion is scheduled; cancelling it leaves the key disabled (KMS API, CancelKeyDeletion).
    #[serde(skip)]
    pub pending_deletion: bool,
    /// Fixed per role: it tells which role a key without its alias has.
    pub description: String,
    /// False if the key is disabled or its deletion is scheduled.
    pub enabled: bool,
    pub policy: Policy,
    /// Days between rotations; `None`: the key is not rotated.
    pub rotation_days: Option<u32>,
    /// Our alias, if it leads to this key.
    pub alias: Option<String>,
    /// Grants on the key by id, as `PRINCIPAL: OPERATIONS`; not those that AWS services hold (their grantee is a service
    /// principal), which are made and retired as the services come and go.
    pub grants: BTreeMap<String, String>,
    pub tags: Tags,
}

/// Calls that change a key, in the order they are sent: a key must be enabled before anything else about it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    CreateKey,
    SetEnabled,
    PutKeyPolicy,
    UpdateKeyDescription,
    SetAlias,
    SetRotation,
    RevokeGrant,
    SetTags,
    DeleteAlias,
    ScheduleKeyDeletion,
}

/// KMS API, PutKeyPolicy: each principal must exist and be visible to KMS.
const PRINCIPAL_SPREADS: NotYet = NotYet {
    code: "MalformedPolicyDocumentException",
    text: "principal",
    waiting_for: "the principals of the key policy to reach KMS",
};
/// KMS Developer Guide, eventual consistency: a new key may not be found at once.
const KEY_SPREADS: NotYet =
    NotYet { code: "NotFoundException", text: "", waiting_for: "the new key to be known everywhere" };

impl ApiCall for Call {
    const ALL: &'static [Self] = &[
        Self::CreateKey,
        Self::SetEnabled,
        Self::PutKeyPolicy,
        Self::UpdateKeyDescription,
        Self::SetAlias,
        Self::SetRotation,
        Self::RevokeGrant,
        Self::SetTags,
        Self::DeleteAlias,
        Self::ScheduleKeyDeletion,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::CreateKey => "CreateKey",
            Self::SetEnabled => "SetEnabled",
            Self::PutKeyPolicy => "PutKeyPolicy",
            Self::UpdateKeyDescription => "UpdateKeyDescription",
            Self::SetAlias => "SetAlias",
            Self::SetRotation => "SetRotation",
            Self::RevokeGrant => "RevokeGrant",
            Self::SetTags => "SetTags",
            Self::DeleteAlias => "DeleteAlias",
            Self::ScheduleKeyDeletion => "ScheduleKeyDeletion",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::CreateKey => &["kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource"],
            Self::SetEnabled => &["kms:CancelKeyDeletion", "kms:EnableKey", "kms:DisableKey"],
            Self::PutKeyPolicy => &["kms:PutKeyPolicy"],
            Self::UpdateKeyDescription => &["kms:UpdateKeyDescription"],
            // The last four when another run was faster: its key is looked at, and ours given up.
            Self::SetAlias => &[
                "kms:CreateAlias",
                "kms:UpdateAlias",
                "kms:DescribeKey",
                "kms:ListResourceTags",
                "kms:ScheduleKeyDeletion",
                "kms:UntagResource",
            ],
            Self::SetRotation => &["kms:EnableKeyRotation", "kms:DisableKeyRotation"],
            Self::RevokeGrant => &["kms:RevokeGrant"],
            Self::SetTags => &["kms:TagResource", "kms:UntagResource"],
            Self::DeleteAlias => &["kms:DeleteAlias"],
            Self::ScheduleKeyDeletion => &["kms:ScheduleKeyDeletion", "kms:UntagResource", "kms:TagResource"],
        }
    }
    fn not_yet(self) -> &'static [NotYet] {
        match self {
            Self::CreateKey => &[PRINCIPAL_SPREADS],
            Self::PutKeyPolicy => &[PRINCIPAL_SPREADS, KEY_SPREADS],
            Self::DeleteAlias | Self::ScheduleKeyDeletion => &[],
            _ => &[KEY_SPREADS],
        }
    }
}

impl Managed for KmsKey {
    type Call = Call;
    const FATE: Fate = Fate::Evidence;
    const READS: &'static [&'static str] = &[
        "kms:ListAliases",
        "kms:ListKeys",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
        "kms:ListGrants",
        "tag:GetResources",
    ];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::created("description", Call::UpdateKeyDescription, "What the key is for; fixed per role."),
        Attribute::created(
            "enabled",
            Call::SetEnabled,
            "Whether the key can be used; a key that is not stops deliveries.",
        ),
        Attribute::created("policy", Call::PutKeyPolicy, "Who may use and administer the key."),
        Attribute::written(
            "rotation_days",
            Call::SetRotation,
            "Days between rotations of the key material; null: never.",
        ),
        Attribute::written("alias", Call::SetAlias, "The name that leads to the key."),
        Attribute::written(
            "grants",
            Call::RevokeGrant,
            "Who else may use the key, past its policy; there must be nobody but AWS services.",
        ),
        Attribute::created("tags", Call::SetTags, "Tags, ours and the blueprint's."),
    ];
    const CREATE: &'static [Call] = &[Call::CreateKey];
    const DELETE: &'static [Call] = &[Call::DeleteAlias, Call::ScheduleKeyDeletion];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        Vec::new()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        Vec::new()
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        let Some(before) = before else { return Vec::new() };
        let mut effects = meaning::of_resource("policy", "key", Some(&before.policy), Some(&after.policy));
        match (before.enabled, after.enabled) {
            (true, false) => effects.push(Effect::new(
                Class::Weaken,
                "enabled",
                "nothing can be delivered, and no record be read, while the key is disabled",
            )),
            (false, true) => effects.push(Effect::new(
                Class::Restoring,
                "enabled",
                "what the key encrypts can be delivered and read again",
            )),
            _ => {}
        }
        let period = |days: Option<u32>| days.unwrap_or(u32::MAX);
        if before.rotation_days != after.rotation_days {
            let text = match (before.rotation_days, after.rotation_days) {
                (_, None) => "the key is no longer rotated".to_owned(),
                (None, Some(days)) => format!("the key is rotated every {days} days"),
                (Some(was), Some(days)) => {
                    format!("the key is rotated every {days} days instead of every {was} days")
                }
            };
            let rarer = period(after.rotation_days) > period(before.rotation_days);
            let class = if rarer { Class::Weaken } else { Class::Restoring };
            effects.push(Effect::new(class, "rotation_days", text));
        }
        if before.alias != after.alias {
            let (class, text) = match &after.alias {
                Some(alias) => (Class::Restoring, format!("{alias} leads to the key")),
                None => (Class::Weaken, "no alias leads to the key any more".to_owned()),
            };
            effects.push(Effect::new(class, "alias", text));
        }
        for (id, grant) in &before.grants {
            if !after.grants.contains_key(id) {
                let text = format!("the grant to {grant} is revoked");
                effects.push(Effect::new(Class::Restoring, "grants", text));
            }
        }
        effects
    }
    fn loss(&self) -> Vec<Effect> {
        let text = format!(
            "whatever the key encrypted can never be read again once it is gone, {} days from now",
            self.deletion_window_days
        );
        vec![Effect::new(Class::Delete, "", text)]
    }
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
    fn adopt_given(&mut self, observed: &Self) {
        self.pending_deletion = observed.pending_deletion;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::example;

    #[test]
    fn what_a_change_does_to_the_record() {
        let key = desired::desired(&example::blueprint(), &crate::kinds::Facts::default()).remove(0).1;
        type Change = fn(&mut KmsKey);
        type Want = &'static [(Class, &'static str)];
        let cases: [(&str, Change, Change, Want); 6] = [
            ("nothing", |_| {}, |_| {}, &[]),
            (
                "enabled again",
                |before| before.enabled = false,
                |_| {},
                &[(Class::Restoring, "what the key encrypts can be delivered and read again")],
            ),
            (
                "rotated less often",
                |_| {},
                |after| after.rotation_days = Some(730),
                &[(Class::Weaken, "the key is rotated every 730 days instead of every 365 days")],
            ),
            (
                "rotated no more",
                |_| {},
                |after| after.rotation_days = None,
                &[(Class::Weaken, "the key is no longer rotated")],
            ),
            (
                "rotated again",
                |before| before.rotation_days = None,
                |_| {},
                &[(Class::Restoring, "the key is rotated every 365 days")],
            ),
            (
                "the alarms lose the key",
                |_| {},
                |after| {
                    let mut blueprint = example::blueprint();
                    blueprint.detections.clear();
                    let states = desired::desired(&blueprint, &crate::kinds::Facts::default());
                    after.policy = states[0].1.policy.clone();
                },
                &[(Class::Weaken, "cloudwatch.amazonaws.com may no longer use the key")],
            ),
        ];
        for (case, change_before, change_after, want) in cases {
            let (mut before, mut after) = (key.clone(), key.clone());
            change_before(&mut before);
            change_after(&mut after);
            let effects = KmsKey::effects(Some(&before), &after);
            let seen: Vec<(Class, &str)> = effects.iter().map(|e| (e.class, e.text.as_str())).collect();
            assert_eq!(seen, want, "{case}");
        }
    }
}
