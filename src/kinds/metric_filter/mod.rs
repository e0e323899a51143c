//! A metric filter: counts the events of one of our log groups that match a detection's pattern.

pub mod desired;
mod effects;
pub mod observe;
pub mod perform;

use crate::kinds::{ApiCall, Attribute, Effect, Fate, Managed, NotYet, Revealed};
use crate::model::{Address, Input};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A metric filter as the blueprint asks for it, and as AWS reports it. It has no tags: it is ours because its log
/// group is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricFilter {
    #[serde(skip)]
    pub name: String,
    /// Name of the log group it reads.
    pub log_group: Input,
    /// Filter pattern, character for character.
    pub pattern: String,
    pub metric_name: String,
    pub namespace: String,
    /// What each match adds to the metric: a number as text, or a selector.
    pub value: String,
    /// What is published for a minute with events but no match; excludes dimensions (CloudWatch Logs API,
    /// MetricTransformation).
    pub default_value: Option<f64>,
    /// Dimension names and the selectors that fill them.
    pub dimensions: BTreeMap<String, String>,
    pub unit: Option<String>,
    /// True if the filter reads events after a log transformer.
    pub apply_on_transformed_logs: bool,
    /// Condition over `@aws.account` and `@aws.region`; `None`: every event.
    pub field_selection_criteria: Option<String>,
    /// System fields that become dimensions.
    pub emit_system_field_dimensions: BTreeSet<String>,
    /// True if the pattern is the catalogue's and no blueprint has a say in it.
    #[serde(skip)]
    pub shipped: bool,
}

/// Calls that change a metric filter, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    PutMetricFilter,
    DeleteMetricFilter,
}

impl ApiCall for Call {
    const ALL: &'static [Self] = &[Self::PutMetricFilter, Self::DeleteMetricFilter];
    fn name(self) -> &'static str {
        match self {
            Self::PutMetricFilter => "PutMetricFilter",
            Self::DeleteMetricFilter => "DeleteMetricFilter",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::PutMetricFilter => &["logs:PutMetricFilter"],
            Self::DeleteMetricFilter => &["logs:DeleteMetricFilter"],
        }
    }
    fn not_yet(self) -> &'static [NotYet] {
        // CloudWatch Logs API: concurrent changes of one log group.
        &[NotYet {
            code: "OperationAbortedException",
            text: "",
            waiting_for: "another change of the log group",
        }]
    }
}

impl Managed for MetricFilter {
    type Call = Call;
    const FATE: Fate = Fate::Disposable;
    const READS: &'static [&'static str] = &["logs:DescribeMetricFilters"];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::fixed("log_group", "Log group that the filter reads."),
        Attribute::created("pattern", Call::PutMetricFilter, "Filter pattern that an event has to match."),
        Attribute::created("metric_name", Call::PutMetricFilter, "Metric that counts the matches."),
        Attribute::created("namespace", Call::PutMetricFilter, "Namespace of the metric."),
        Attribute::created("value", Call::PutMetricFilter, "What each match adds to the metric."),
        Attribute::created(
            "default_value",
            Call::PutMetricFilter,
            "What is published for a minute with events but no match.",
        ),
        Attribute::created(
            "dimensions",
            Call::PutMetricFilter,
            "Dimensions of the metric and the fields that fill them.",
        ),
        Attribute::created("unit", Call::PutMetricFilter, "Unit of the metric; null: none."),
        Attribute::created(
            "apply_on_transformed_logs",
            Call::PutMetricFilter,
            "Whether events are matched after a log transformer.",
        ),
        Attribute::created(
            "field_selection_criteria",
            Call::PutMetricFilter,
            "Condition over the events' account and Region; null: none.",
        ),
        Attribute::created(
            "emit_system_field_dimensions",
            Call::PutMetricFilter,
            "System fields that become dimensions.",
        ),
    ];
    const CREATE: &'static [Call] = &[Call::PutMetricFilter];
    const DELETE: &'static [Call] = &[Call::DeleteMetricFilter];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        vec![&self.log_group]
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        vec![&mut self.log_group]
    }
    fn known_outputs(&self, _: &Address) -> Revealed {
        vec![("name", self.name.clone())]
    }
    fn lock(&self, address: &Address) -> Option<String> {
        // The same as the log group's own: CloudWatch Logs aborts concurrent changes of one group.
        Some(format!("log-group {} {}", address.scope, self.log_group.text()))
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        before.map(|before| effects::between(before, after)).unwrap_or_default()
    }
}
