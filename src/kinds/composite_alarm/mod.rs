//! A composite alarm: the metric alarms of one severity in one Region, as one state to look at. It tells nobody; the
//! metric alarms do.

pub mod desired;
mod effects;
pub mod observe;
pub mod perform;
pub mod rule;

use crate::kinds::metric_alarm;
use crate::kinds::{ApiCall, Attribute, Effect, Fate, Managed, Revealed};
use crate::model::tags::Tags;
use crate::model::{Address, Input};
use serde::Serialize;
use std::collections::BTreeSet;

/// A composite alarm as the blueprint asks for it, and as AWS reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CompositeAlarm {
    #[serde(skip)]
    pub name: String,
    pub description: String,
    /// Names of the alarms of which any one suffices, sorted; at most 100.
    pub alarms: Vec<Input>,
    /// The rule's text if it is not of the form "any of these alarms"; then `alarms` is empty.
    pub other_rule: Option<String>,
    pub actions_enabled: bool,
    pub alarm_actions: BTreeSet<String>,
    pub ok_actions: BTreeSet<String>,
    pub insufficient_data_actions: BTreeSet<String>,
    /// Alarm that silences this one.
    pub actions_suppressor: Option<String>,
    /// Settings that no blueprint asks for and that a write takes back to their defaults, in words.
    pub other_settings: BTreeSet<String>,
    pub tags: Tags,
    /// Names of the alarms that the scope's other composite alarms of the Region watch.
    #[serde(skip)]
    pub elsewhere: BTreeSet<String>,
}

/// Calls that change a composite alarm, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    PutCompositeAlarm,
    SetTags,
    DeleteAlarms,
}

impl ApiCall for Call {
    const ALL: &'static [Self] = &[Self::PutCompositeAlarm, Self::SetTags, Self::DeleteAlarms];
    fn name(self) -> &'static str {
        match self {
            Self::PutCompositeAlarm => "PutCompositeAlarm",
            Self::SetTags => "SetTags",
            Self::DeleteAlarms => "DeleteAlarms",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::PutCompositeAlarm => &["cloudwatch:PutCompositeAlarm", "cloudwatch:TagResource"],
            Self::SetTags => &["cloudwatch:TagResource", "cloudwatch:UntagResource"],
            Self::DeleteAlarms => &["cloudwatch:DeleteAlarms"],
        }
    }
}

impl Managed for CompositeAlarm {
    type Call = Call;
    const FATE: Fate = Fate::Disposable;
    const READS: &'static [&'static str] =
        &["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource", "tag:GetResources"];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::created("description", Call::PutCompositeAlarm, "What the alarm stands for."),
        Attribute::created("alarms", Call::PutCompositeAlarm, "Alarms of which any one suffices."),
        Attribute::created(
            "other_rule",
            Call::PutCompositeAlarm,
            "Text of a rule that is not \"any of these alarms\"; null: it is.",
        ),
        Attribute::created("actions_enabled", Call::PutCompositeAlarm, "Whether actions are carried out."),
        Attribute::created("alarm_actions", Call::PutCompositeAlarm, "Who is told when it fires; nobody."),
        Attribute::created("ok_actions", Call::PutCompositeAlarm, "Who is told when it is over."),
        Attribute::created(
            "insufficient_data_actions",
            Call::PutCompositeAlarm,
            "Who is told when there is no data.",
        ),
        Attribute::created(
            "actions_suppressor",
            Call::PutCompositeAlarm,
            "Alarm that silences this one; null: none.",
        ),
        Attribute::created(
            "other_settings",
            Call::PutCompositeAlarm,
            "Settings that no blueprint asks for; there must be none.",
        ),
        Attribute::created("tags", Call::SetTags, "Tags, ours and the blueprint's."),
    ];
    const CREATE: &'static [Call] = &[Call::PutCompositeAlarm];
    const DELETE: &'static [Call] = &[Call::DeleteAlarms];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        self.alarms.iter().collect()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        self.alarms.iter_mut().collect()
    }
    fn known_outputs(&self, address: &Address) -> Revealed {
        metric_alarm::outputs(&self.name, address)
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        before.map(|before| effects::between(before, after)).unwrap_or_default()
    }
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
