//! An SNS topic with its policy and subscriptions: whom the alarms tell.

pub mod desired;
pub mod observe;
pub mod perform;

use crate::kinds::policies::meaning;
use crate::kinds::{ApiCall, Attribute, Class, Effect, Fate, Managed, NotYet, Revealed, key_effect};
use crate::model::tags::Tags;
use crate::model::{Address, Input, Names, Policy};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A topic as the blueprint asks for it, and as AWS reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnsTopic {
    #[serde(skip)]
    pub name: String,
    /// ARNs of the confirmed subscriptions, by `protocol:endpoint`: what Unsubscribe needs.
    #[serde(skip)]
    pub subscription_arns: BTreeMap<String, String>,
    /// ARN of the key that encrypts messages; CloudWatch cannot use the one AWS manages (SNS Developer Guide, key
    /// management).
    pub kms_key: Option<Input>,
    pub policy: Policy,
    /// Whom the blueprint asks to be told and the topic tells, as `protocol:endpoint`. One that waits for its confirmation
    /// counts: subscribing again would only send the mail again.
    pub subscriptions: BTreeSet<String>,
    /// Whom else the topic tells. One that waits for its confirmation does not count: it has no ARN, cannot be ended, and
    /// lapses by itself.
    pub extra_subscriptions: BTreeSet<String>,
    pub tags: Tags,
}

/// Calls that change a topic, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    CreateTopic,
    SetKmsKey,
    SetPolicy,
    Subscribe,
    Unsubscribe,
    SetTags,
    DeleteTopic,
}

const TOPIC_SPREADS: NotYet =
    NotYet { code: "NotFound", text: "", waiting_for: "the new topic to be known everywhere" };
const TOPIC_TAGS_SPREAD: NotYet = NotYet { code: "ResourceNotFound", ..TOPIC_SPREADS };
/// SNS API, TagResource: another change of the tags is going on.
const BUSY: NotYet =
    NotYet { code: "ConcurrentAccess", text: "", waiting_for: "another change of the topic" };

impl ApiCall for Call {
    const ALL: &'static [Self] = &[
        Self::CreateTopic,
        Self::SetKmsKey,
        Self::SetPolicy,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::SetTags,
        Self::DeleteTopic,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::CreateTopic => "CreateTopic",
            Self::SetKmsKey => "SetKmsKey",
            Self::SetPolicy => "SetPolicy",
            Self::Subscribe => "Subscribe",
            Self::Unsubscribe => "Unsubscribe",
            Self::SetTags => "SetTags",
            Self::DeleteTopic => "DeleteTopic",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            // SNS API, CreateTopic: attributes and tags are checked as SetTopicAttributes and TagResource.
            Self::CreateTopic => &["sns:CreateTopic", "sns:SetTopicAttributes", "sns:TagResource"],
            Self::SetKmsKey | Self::SetPolicy => &["sns:SetTopicAttributes"],
            Self::Subscribe => &["sns:Subscribe"],
            Self::Unsubscribe => &["sns:Unsubscribe"],
            Self::SetTags => &["sns:TagResource", "sns:UntagResource"],
            Self::DeleteTopic => &["sns:DeleteTopic"],
        }
    }
    fn not_yet(self) -> &'static [NotYet] {
        match self {
            Self::CreateTopic => &[BUSY],
            Self::DeleteTopic => &[],
            _ => &[TOPIC_SPREADS, TOPIC_TAGS_SPREAD, BUSY],
        }
    }
}

impl Managed for SnsTopic {
    type Call = Call;
    const FATE: Fate = Fate::Disposable;
    const READS: &'static [&'static str] = &[
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:ListTagsForResource",
        "tag:GetResources",
    ];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::created("kms_key", Call::SetKmsKey, "Key that encrypts the messages."),
        Attribute::created(
            "policy",
            Call::SetPolicy,
            "Who may publish; without CloudWatch's statement nobody is told.",
        ),
        Attribute::written(
            "subscriptions",
            Call::Subscribe,
            "Whom the alarms tell, as protocol:endpoint; each address confirms once.",
        ),
        Attribute::pruned(
            "extra_subscriptions",
            Call::Unsubscribe,
            "somebody may rely on being told; apply --prune ends the subscription",
            "Whom else the alarms tell; there must be nobody.",
        ),
        Attribute::created("tags", Call::SetTags, "Tags, ours and the blueprint's."),
    ];
    const CREATE: &'static [Call] = &[Call::CreateTopic];
    const DELETE: &'static [Call] = &[Call::DeleteTopic];

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
        let (account, region) = (&address.scope.account, &address.scope.region);
        let partition = Names::partition(region);
        vec![
            ("name", self.name.clone()),
            ("arn", format!("arn:{partition}:sns:{region}:{account}:{}", self.name)),
        ]
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        let Some(before) = before else { return Vec::new() };
        let mut effects = meaning::of_resource("policy", "topic", Some(&before.policy), Some(&after.policy));
        effects.extend(key_effect(before.kms_key.as_ref(), after.kms_key.as_ref(), "messages are"));
        for told in after.subscriptions.difference(&before.subscriptions) {
            let text = format!("{told} is told of alarms");
            effects.push(Effect::new(Class::Additive, "subscriptions", text));
        }
        // Whoever has not confirmed is told nothing yet, and may never be.
        let is_told = |endpoint: &String| before.subscription_arns.contains_key(endpoint);
        let nobody = !after.subscriptions.iter().any(is_told) && after.extra_subscriptions.is_empty();
        if nobody && !before.extra_subscriptions.is_empty() {
            let text = match after.subscriptions.is_empty() {
                true => "nobody is told of alarms any more",
                false => "nobody is told of alarms until somebody confirms",
            };
            effects.push(Effect::new(Class::Weaken, "extra_subscriptions", text));
        }
        for gone in before.extra_subscriptions.difference(&after.extra_subscriptions) {
            let text = format!("{gone} is no longer told of alarms");
            effects.push(Effect::new(Class::Neutral, "extra_subscriptions", text));
        }
        effects
    }
    fn loss(&self) -> Vec<Effect> {
        // A topic is disposable and holds no records: no approval of its own.
        vec![Effect::new(Class::Neutral, "", "nobody is told of alarms through the topic any more")]
    }
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{Facts, example};

    #[test]
    fn losing_everybody_weakens_losing_one_does_not() {
        let topic = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        let set = |endpoints: &[&str]| endpoints.iter().map(|endpoint| (*endpoint).to_owned()).collect();
        let told = |asked: &[&str], others: &[&str]| SnsTopic {
            subscriptions: set(asked),
            extra_subscriptions: set(others),
            ..topic.clone()
        };
        let confirmed = |mut topic: SnsTopic, endpoint: &str| {
            topic
                .subscription_arns
                .insert(endpoint.to_owned(), "arn:aws:sns:us-east-1:111122223333:t:1".into());
            topic
        };
        type Want = &'static [(Class, &'static str)];
        let cases: [(&str, SnsTopic, SnsTopic, Want); 5] = [
            ("the same", told(&["email:a"], &[]), told(&["email:a"], &[]), &[]),
            (
                "one more",
                told(&["email:a"], &[]),
                told(&["email:a", "email:b"], &[]),
                &[(Class::Additive, "email:b is told of alarms")],
            ),
            (
                "another one, who has not confirmed",
                told(&["email:b"], &["email:a"]),
                told(&["email:b"], &[]),
                &[
                    (Class::Weaken, "nobody is told of alarms until somebody confirms"),
                    (Class::Neutral, "email:a is no longer told of alarms"),
                ],
            ),
            (
                "another one, who has",
                confirmed(told(&["email:b"], &["email:a"]), "email:b"),
                told(&["email:b"], &[]),
                &[(Class::Neutral, "email:a is no longer told of alarms")],
            ),
            (
                "none",
                told(&[], &["email:a"]),
                told(&[], &[]),
                &[
                    (Class::Weaken, "nobody is told of alarms any more"),
                    (Class::Neutral, "email:a is no longer told of alarms"),
                ],
            ),
        ];
        for (case, before, after, want) in cases {
            let effects = SnsTopic::effects(Some(&before), &after);
            let seen: Vec<(Class, &str)> = effects.iter().map(|e| (e.class, e.text.as_str())).collect();
            assert_eq!(seen, want, "{case}");
        }
    }
}
