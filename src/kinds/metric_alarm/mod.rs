//! An alarm on one metric, a sum of metrics or a query.

pub mod desired;
pub(super) mod effects;
pub mod observe;
pub mod perform;
pub mod shared;

use crate::kinds::{ApiCall, Attribute, Effect, Fate, Managed, Revealed};
use crate::model::tags::Tags;
use crate::model::{Address, Input, Names};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A metric alarm as the blueprint asks for it, and as AWS reports it. It watches either `metric` or `queries`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricAlarm {
    #[serde(skip)]
    pub name: String,
    /// At most 1,024 characters.
    pub description: String,
    pub actions_enabled: bool,
    /// ARNs told when the alarm fires, sorted; at most five.
    pub alarm_actions: Vec<Input>,
    pub ok_actions: BTreeSet<String>,
    pub insufficient_data_actions: BTreeSet<String>,
    pub metric: Option<Metric>,
    /// `Sum` …, or a percentile such as `p99`; with `metric` only.
    pub statistic: Option<String>,
    /// With `metric` only.
    pub period_seconds: Option<u32>,
    /// Unit the data must have; `None`: any.
    pub unit: Option<String>,
    /// By id.
    pub queries: BTreeMap<String, Query>,
    pub evaluation_periods: u32,
    pub datapoints_to_alarm: u32,
    pub threshold: Option<f64>,
    /// Query that gives the threshold; anomaly detection only.
    pub threshold_metric_id: Option<String>,
    /// `GreaterThanOrEqualToThreshold` …
    pub comparison_operator: String,
    /// `notBreaching`, `breaching`, `ignore`, `missing`.
    pub treat_missing_data: String,
    /// `ignore`: percentiles of few samples are not evaluated; `None`: they are.
    pub evaluate_low_sample_count_percentile: Option<String>,
    /// Settings that no blueprint asks for and that a write takes back to their defaults, in words.
    pub other_settings: BTreeSet<String>,
    pub tags: Tags,
    /// True if it stands in the catalogue: what it watches, and how, is no blueprint's choice.
    #[serde(skip)]
    pub shipped: bool,
    /// Topics of ours that have no confirmed subscriber: telling them tells nobody. Filled in by the planner, which has seen
    /// them.
    #[serde(skip)]
    pub silent_topics: BTreeSet<String>,
}

/// What CloudWatch calls one metric: namespace, name and exactly these dimensions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metric {
    pub namespace: String,
    pub name: String,
    pub dimensions: BTreeMap<String, String>,
}

/// One item of an alarm's metric math (CloudWatch API, MetricDataQuery): a metric or an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Query {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<Metric>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Account of the metric, if it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// True for the one item that the alarm watches.
    pub return_data: bool,
}

/// Calls that change a metric alarm, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    PutMetricAlarm,
    SetTags,
    DeleteAlarms,
}

impl ApiCall for Call {
    const ALL: &'static [Self] = &[Self::PutMetricAlarm, Self::SetTags, Self::DeleteAlarms];
    fn name(self) -> &'static str {
        match self {
            Self::PutMetricAlarm => "PutMetricAlarm",
            Self::SetTags => "SetTags",
            Self::DeleteAlarms => "DeleteAlarms",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::PutMetricAlarm => &["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"],
            Self::SetTags => &["cloudwatch:TagResource", "cloudwatch:UntagResource"],
            Self::DeleteAlarms => &["cloudwatch:DeleteAlarms"],
        }
    }
}

impl Managed for MetricAlarm {
    type Call = Call;
    const FATE: Fate = Fate::Disposable;
    const READS: &'static [&'static str] =
        &["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource", "tag:GetResources"];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::created("description", Call::PutMetricAlarm, "What a person who is alarmed reads first."),
        Attribute::created("actions_enabled", Call::PutMetricAlarm, "Whether firing tells anybody."),
        Attribute::created("alarm_actions", Call::PutMetricAlarm, "Topics told when the alarm fires."),
        Attribute::created("ok_actions", Call::PutMetricAlarm, "Who is told when it is over."),
        Attribute::created(
            "insufficient_data_actions",
            Call::PutMetricAlarm,
            "Who is told when there is no data.",
        ),
        Attribute::created("metric", Call::PutMetricAlarm, "Metric that the alarm watches."),
        Attribute::created("statistic", Call::PutMetricAlarm, "Statistic over each period."),
        Attribute::created("period_seconds", Call::PutMetricAlarm, "Length of a period in seconds."),
        Attribute::created("unit", Call::PutMetricAlarm, "Unit that data must have; null: any."),
        Attribute::created(
            "queries",
            Call::PutMetricAlarm,
            "Metrics and expressions that the alarm watches instead of one metric.",
        ),
        Attribute::created(
            "evaluation_periods",
            Call::PutMetricAlarm,
            "How many of the latest periods are looked at.",
        ),
        Attribute::created(
            "datapoints_to_alarm",
            Call::PutMetricAlarm,
            "How many of these periods must breach the threshold.",
        ),
        Attribute::created("threshold", Call::PutMetricAlarm, "Value that the statistic is compared with."),
        Attribute::created(
            "threshold_metric_id",
            Call::PutMetricAlarm,
            "Query that gives the threshold; null: the threshold is fixed.",
        ),
        Attribute::created("comparison_operator", Call::PutMetricAlarm, "How the statistic is compared."),
        Attribute::created(
            "treat_missing_data",
            Call::PutMetricAlarm,
            "What a period without data counts as.",
        ),
        Attribute::created(
            "evaluate_low_sample_count_percentile",
            Call::PutMetricAlarm,
            "Whether percentiles of few samples are left out; null: they count.",
        ),
        Attribute::created(
            "other_settings",
            Call::PutMetricAlarm,
            "Settings that no blueprint asks for; there must be none.",
        ),
        Attribute::created("tags", Call::SetTags, "Tags, ours and the blueprint's."),
    ];
    const CREATE: &'static [Call] = &[Call::PutMetricAlarm];
    const DELETE: &'static [Call] = &[Call::DeleteAlarms];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        self.alarm_actions.iter().collect()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        self.alarm_actions.iter_mut().collect()
    }
    fn known_outputs(&self, address: &Address) -> Revealed {
        outputs(&self.name, address)
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        before.map(|before| effects::between(before, after)).unwrap_or_default()
    }
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}

/// Returns the outputs of an alarm of either kind.
pub fn outputs(name: &str, address: &Address) -> Revealed {
    let partition = Names::partition(&address.scope.region);
    let (account, region) = (&address.scope.account, &address.scope.region);
    vec![
        ("name", name.to_owned()),
        ("arn", format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}")),
    ]
}
