//! A CloudWatch log group: where the trail and the invocation log can be searched and alarmed on.

pub mod desired;
pub mod observe;
pub mod perform;

use crate::kinds::{ApiCall, Attribute, Class, Effect, Fate, Managed, NotYet, Revealed, key_effect};
use crate::model::tags::Tags;
use crate::model::{Address, Input};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A log group as the blueprint asks for it, and as AWS reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogGroup {
    #[serde(skip)]
    pub name: String,
    /// `STANDARD` is the only class that metric filters work on (CloudWatch Logs API, CreateLogGroup).
    pub class: String,
    /// ARN of the key that encrypts the events; `None`: encrypted with a key of AWS's.
    pub kms_key: Option<Input>,
    /// Days AWS keeps an event; `None` keeps it for ever.
    pub retention_days: Option<u32>,
    /// True if DeleteLogGroup is refused.
    pub deletion_protection: bool,
    /// What copies events elsewhere: `DESTINATION, pattern …` by filter name.
    pub subscription_filters: BTreeMap<String, String>,
    /// Policy of the group that masks parts of events; `None`: nothing is masked.
    pub data_protection_policy: Option<Value>,
    pub tags: Tags,
    /// Account policy that sets the retention in place of the group's own (CloudWatch Logs API, DescribeLogGroups); the
    /// group's setting has no effect then, so it is neither compared nor written.
    #[serde(skip)]
    pub retention_policy: Option<String>,
    /// True if AWS counts no byte in the group. The count is not of this minute, but no retention is shorter than a day
    /// (CloudWatch Logs API, `LogGroup.storedBytes` and PutRetentionPolicy).
    #[serde(skip)]
    pub holds_nothing: bool,
}

/// Calls that change a log group, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    CreateLogGroup,
    SetKmsKey,
    SetRetention,
    SetDeletionProtection,
    DeleteSubscriptionFilter,
    DeleteDataProtectionPolicy,
    SetTags,
    DeleteLogGroup,
}

/// CloudWatch Logs API, AssociateKmsKey and CreateLogGroup: a key it cannot use yet is an InvalidParameterException.
const KEY_SPREADS: NotYet = NotYet {
    code: "InvalidParameterException",
    text: "KMS",
    waiting_for: "the key's policy to reach CloudWatch Logs",
};
const BUSY: NotYet =
    NotYet { code: "OperationAbortedException", text: "", waiting_for: "another change of the log group" };

impl ApiCall for Call {
    const ALL: &'static [Self] = &[
        Self::CreateLogGroup,
        Self::SetKmsKey,
        Self::SetRetention,
        Self::SetDeletionProtection,
        Self::DeleteSubscriptionFilter,
        Self::DeleteDataProtectionPolicy,
        Self::SetTags,
        Self::DeleteLogGroup,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::CreateLogGroup => "CreateLogGroup",
            Self::SetKmsKey => "SetKmsKey",
            Self::SetRetention => "SetRetention",
            Self::SetDeletionProtection => "PutLogGroupDeletionProtection",
            Self::DeleteSubscriptionFilter => "DeleteSubscriptionFilter",
            Self::DeleteDataProtectionPolicy => "DeleteDataProtectionPolicy",
            Self::SetTags => "SetTags",
            Self::DeleteLogGroup => "DeleteLogGroup",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::CreateLogGroup => &["logs:CreateLogGroup", "logs:TagResource"],
            Self::SetKmsKey => &["logs:AssociateKmsKey", "logs:DisassociateKmsKey"],
            Self::SetRetention => &["logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy"],
            Self::SetDeletionProtection => &["logs:PutLogGroupDeletionProtection"],
            Self::DeleteSubscriptionFilter => &["logs:DeleteSubscriptionFilter"],
            Self::DeleteDataProtectionPolicy => &["logs:DeleteDataProtectionPolicy"],
            Self::SetTags => &["logs:TagResource", "logs:UntagResource"],
            Self::DeleteLogGroup => &["logs:DeleteLogGroup", "logs:PutLogGroupDeletionProtection"],
        }
    }
    fn not_yet(self) -> &'static [NotYet] {
        match self {
            Self::CreateLogGroup | Self::SetKmsKey => &[KEY_SPREADS, BUSY],
            _ => &[BUSY],
        }
    }
}

impl Managed for LogGroup {
    type Call = Call;
    const FATE: Fate = Fate::Evidence;
    const READS: &'static [&'static str] = &[
        "logs:DescribeLogGroups",
        "logs:ListTagsForResource",
        "logs:DescribeSubscriptionFilters",
        "logs:GetDataProtectionPolicy",
    ];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::fixed("class", "Log group class; metric filters need STANDARD."),
        Attribute::created("kms_key", Call::SetKmsKey, "Key that encrypts the events."),
        Attribute::written(
            "retention_days",
            Call::SetRetention,
            "Days each event is kept; null keeps it for ever.",
        ),
        Attribute::written(
            "deletion_protection",
            Call::SetDeletionProtection,
            "Whether AWS refuses to delete the group.",
        ),
        Attribute::pruned(
            "subscription_filters",
            Call::DeleteSubscriptionFilter,
            "somebody may rely on the copies of the events; apply --prune ends them",
            "What copies the events elsewhere; there must be nothing.",
        ),
        Attribute::written(
            "data_protection_policy",
            Call::DeleteDataProtectionPolicy,
            "Policy that masks parts of the events for whoever reads them; there must be none.",
        ),
        Attribute::created("tags", Call::SetTags, "Tags, ours and the blueprint's."),
    ];
    const CREATE: &'static [Call] = &[Call::CreateLogGroup];
    const DELETE: &'static [Call] = &[Call::DeleteLogGroup];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        self.kms_key.iter().collect()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        self.kms_key.iter_mut().collect()
    }
    fn known_outputs(&self, address: &Address) -> Revealed {
        let partition = crate::model::Names::partition(&address.scope.region);
        let (account, region) = (&address.scope.account, &address.scope.region);
        vec![
            ("name", self.name.clone()),
            ("arn", format!("arn:{partition}:logs:{region}:{account}:log-group:{}", self.name)),
        ]
    }
    fn lock(&self, address: &Address) -> Option<String> {
        Some(format!("log-group {} {}", address.scope, self.name))
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        let Some(before) = before else { return Vec::new() };
        let mut effects = Vec::new();
        let days = |days: Option<u32>| days.unwrap_or(u32::MAX);
        // A group that an interrupted apply has just made has no retention, and nothing to lose by one.
        let is_new = before.retention_days.is_none() && before.holds_nothing;
        if before.retention_days != after.retention_days && !is_new {
            let told = |days: Option<u32>| match days {
                None => "for ever".to_owned(),
                Some(1) => "1 day".to_owned(),
                Some(days) => format!("{days} days"),
            };
            let (was, now) = (told(before.retention_days), told(after.retention_days));
            let shorter = days(after.retention_days) < days(before.retention_days);
            let class = if shorter { Class::Weaken } else { Class::Restoring };
            let text = format!("events are kept {now} instead of {was}");
            effects.push(Effect::new(class, "retention_days", text));
        }
        match (before.deletion_protection, after.deletion_protection) {
            (true, false) => {
                effects.push(Effect::new(Class::Weaken, "deletion_protection", "the group can be deleted"));
            }
            (false, true) => {
                let text = "the group cannot be deleted";
                effects.push(Effect::new(Class::Restoring, "deletion_protection", text));
            }
            _ => {}
        }
        if before.class != after.class {
            // The difference blocks the step: no call changes it.
            let (class, text) = match after.class.as_str() {
                "STANDARD" => (Class::Restoring, "metric filters work on the group"),
                _ => (Class::Weaken, "metric filters do not work on the group"),
            };
            effects.push(Effect::new(class, "class", text));
        }
        effects.extend(key_effect(before.kms_key.as_ref(), after.kms_key.as_ref(), "new events are"));
        for (name, filter) in &before.subscription_filters {
            if !after.subscription_filters.contains_key(name) {
                let text = format!("events are no longer copied to {filter}");
                effects.push(Effect::new(Class::Neutral, "subscription_filters", text));
            }
        }
        if before.data_protection_policy.is_some() && after.data_protection_policy.is_none() {
            // In the trail's group a mask hides who did what; prompts may be masked for good reason, and would be read by all.
            let class = if before.holds_prompts() { Class::Weaken } else { Class::Restoring };
            let text = "nothing in new events is masked";
            effects.push(Effect::new(class, "data_protection_policy", text));
        }
        effects
    }
    fn loss(&self) -> Vec<Effect> {
        vec![Effect::new(Class::Delete, "", "every event stored in the group is lost")]
    }
    fn adopt_given(&mut self, observed: &Self) {
        if observed.retention_policy.is_some() {
            self.retention_days = observed.retention_days;
        }
    }
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}

impl LogGroup {
    /// Returns true if invocation logging delivers prompts and completions into it (Names::log_group).
    fn holds_prompts(&self) -> bool {
        self.name.ends_with("/bedrock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{Facts, example};

    #[test]
    fn taking_a_mask_off_prompts_weakens() {
        for (group, want) in [("trail", Class::Restoring), ("bedrock", Class::Weaken)] {
            let all = desired::desired(&example::blueprint(), &Facts::default());
            let found = all.into_iter().find(|(address, _)| address.name == group);
            let after = found.expect("the example has both groups").1;
            let masked = LogGroup {
                data_protection_policy: Some(serde_json::json!({"Name": "pii"})),
                ..after.clone()
            };
            let effects = LogGroup::effects(Some(&masked), &after);
            assert_eq!(effects.iter().map(|effect| effect.class).collect::<Vec<_>>(), [want], "{group}");
        }
    }

    #[test]
    fn a_retention_takes_away_only_what_is_there() {
        let after = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        let cases: &[(&str, Option<u32>, bool, usize)] = &[
            ("longer before", Some(3653), false, 1),
            ("for ever before", None, false, 1),
            ("shorter before", Some(30), false, 0),
            ("an interrupted apply made it", None, true, 0),
            // Somebody chose 3653 days: that is a decision, whatever is in the group.
            ("longer before, and empty", Some(3653), true, 1),
        ];
        for (name, retention_days, holds_nothing, count) in cases {
            let before =
                LogGroup { retention_days: *retention_days, holds_nothing: *holds_nothing, ..after.clone() };
            let effects = LogGroup::effects(Some(&before), &after);
            let weaker = effects.iter().filter(|effect| effect.class == Class::Weaken).count();
            assert_eq!(weaker, *count, "{name}: {effects:?}");
        }
    }
}
