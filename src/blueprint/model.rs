//! The blueprint as the rest of the tool sees it: checked, defaults written out, variables filled, layers merged.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What must be auditable in one account. Every field has its final value; nothing is optional that has a default.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Blueprint {
    pub scope: ScopeSection,
    pub encryption: Encryption,
    pub log_bucket: LogBucket,
    pub trail: Trail,
    /// `None`: `invocation_logging = false`, not managed.
    pub invocation_logging: Option<InvocationLogging>,
    pub notifications: Notifications,
    /// Metric filters with their alarms: those of the packs in use (less the disabled) and the blueprint's own, by id.
    pub detections: Vec<Detection>,
    /// Alarms on service metrics, built in and own, by id.
    pub alarms: Vec<Alarm>,
    /// Built-in detections that need a parameter the blueprint does not give: id and the missing parameter.
    pub not_configured: Vec<(String, String)>,
    /// Built-in detections switched off, with the reason given.
    pub disabled: Vec<(String, String)>,
    pub objectives: Vec<Objective>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScopeSection {
    pub name: String,
    pub account: String,
    pub home_region: String,
    /// Sorted, without duplicates.
    pub bedrock_regions: BTreeSet<String>,
    pub retention_days: u32,
    pub contact: Option<String>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Encryption {
    pub rotation_days: u32,
    pub deletion_window_days: u32,
    /// Principal ARNs.
    pub administrators: BTreeSet<String>,
    /// Principal ARNs.
    pub readers: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogBucket {
    /// Final name, `${region}` filled with the home Region.
    pub name: String,
    pub archive_after_days: Option<u32>,
    pub expire_after_days: u32,
    /// `None`: no bucket for server access logs.
    pub access_logs: Option<AccessLogs>,
    pub object_lock: ObjectLock,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccessLogs {
    pub expire_after_days: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LockMode {
    Governance,
    Compliance,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectLock {
    pub mode: LockMode,
    pub days: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ManagementEvents {
    All,
    Write,
    None,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trail {
    pub multi_region: bool,
    pub organization: bool,
    pub log_file_validation: bool,
    pub management_events: ManagementEvents,
    /// `api-call-rate`, `api-error-rate`.
    pub insights: BTreeSet<String>,
    /// `None`: no delivery to CloudWatch Logs.
    pub log_group: Option<LogGroup>,
    pub data_events: DataEvents,
}

/// A log group's retention; `None` days: events never expire.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogGroup {
    pub retention_days: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataEvents {
    /// `resources.type` values of Bedrock, such as `AWS::Bedrock::Model`; "all" and short names already expanded.
    pub bedrock: BTreeSet<String>,
    pub agentcore: BTreeSet<String>,
    pub mantle: BTreeSet<String>,
    pub objects: Vec<ObjectEvents>,
    pub selectors: Vec<FreeSelector>,
    /// Types that a newer catalogue has and the pinned one leaves out.
    pub not_in_pinned_catalogue: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadWrite {
    All,
    Read,
    Write,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectEvents {
    pub name: String,
    /// `bucket` or `bucket/prefix`.
    pub buckets: BTreeSet<String>,
    pub events: ReadWrite,
}

/// An advanced event selector written out field for field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FreeSelector {
    pub name: String,
    pub fields: Vec<FieldSelector>,
}

/// One field condition of an advanced event selector, as CloudTrail's API has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FieldSelector {
    pub field: String,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub equals: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub starts_with: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub ends_with: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub not_equals: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub not_starts_with: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub not_ends_with: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InvocationLogging {
    pub text: bool,
    pub image: bool,
    pub embedding: bool,
    pub video: bool,
    pub audio: bool,
    pub readers: BTreeSet<String>,
    /// `None`: no delivery to CloudWatch Logs.
    pub log_group: Option<LogGroup>,
    /// `None`: no bucket.
    pub bucket: Option<PromptBucket>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PromptBucket {
    pub expire_after_days: u32,
    pub object_lock: Option<ObjectLock>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notifications {
    pub emails: BTreeSet<String>,
    /// Topic ARNs; each serves the Region in its ARN.
    pub topics: BTreeSet<String>,
    pub composite_alarms: bool,
    pub dashboard: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
}

/// Which log group a detection's metric filter reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The trail's group in the home Region.
    Trail,
    /// The invocation log's group, in every Bedrock Region.
    InvocationLog,
}

/// A metric filter and the alarm on its metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detection {
    pub id: String,
    /// Pack it comes from; `None`: the blueprint's own.
    pub pack: Option<String>,
    /// Objective it answers.
    pub answers: Option<String>,
    pub description: String,
    pub severity: Severity,
    pub source: Source,
    /// Final text, at most 1,024 characters, variables filled.
    pub pattern: String,
    pub trigger: Trigger,
    /// Labels of published controls this detection is evidence towards.
    pub controls: Vec<String>,
}

/// When an alarm fires: a threshold, over periods.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trigger {
    /// `Sum`, `Average`, `p99` …
    pub statistic: String,
    pub threshold: f64,
    /// `>=`, `>`, `<`, `<=`.
    pub compare: String,
    pub period_seconds: u32,
    pub datapoints_alarm: u32,
    pub datapoints_of: u32,
    /// `not-breaching`, `breaching`, `ignore`, `missing`.
    pub missing: String,
}

/// Where a service-metric alarm lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    Home,
    BedrockRegions,
    /// Home and each Bedrock Region.
    EveryRegion,
}

/// An alarm on a metric that AWS publishes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    pub id: String,
    pub pack: Option<String>,
    pub answers: Option<String>,
    pub description: String,
    pub severity: Severity,
    pub placement: Placement,
    pub metric: MetricSource,
    pub trigger: Trigger,
    pub controls: Vec<String>,
}

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum MetricSource {
    /// One metric.
    Metric { namespace: String, name: String, dimensions: BTreeMap<String, String> },
    /// Sum of several metrics of one namespace with the same dimensions (metric math `SUM(METRICS())`).
    Sum { namespace: String, names: Vec<String>, dimensions: BTreeMap<String, String> },
    /// A CloudWatch Metrics Insights query, for metrics whose dimension cannot be left out.
    Query { query: String },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Objective {
    pub id: String,
    pub question: String,
    pub evidence: Vec<String>,
    pub controls: Vec<String>,
}
