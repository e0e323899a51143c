//! The format of a pack: serde types that mirror the TOML.

use crate::blueprint::{Placement, Severity, Source, Trigger};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// A named set of detections and alarms.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    #[serde(rename = "pack")]
    pub name: String,
    pub title: String,
    pub description: String,
    #[serde(default, rename = "detection")]
    pub detections: Vec<PackDetection>,
    #[serde(default, rename = "alarm")]
    pub alarms: Vec<PackAlarm>,
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

impl Pack {
    /// Returns the ids of its detections and alarms, in the order of the file.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let detections = self.detections.iter().map(|detection| detection.id.as_str());
        detections.chain(self.alarms.iter().map(|alarm| alarm.id.as_str()))
    }
}

/// A metric filter with its alarm, before its variables are filled.
#[derive(Clone, Debug, Deserialize)]
pub struct PackDetection {
    pub id: String,
    /// Objective it answers.
    pub answers: String,
    pub description: String,
    pub severity: Severity,
    #[serde(default = "trail", with = "SourceText")]
    pub source: Source,
    /// The filter's pattern, a template.
    pub pattern: String,
    #[serde(flatten)]
    pub trigger: PackTrigger,
    /// Parameters without which it is not configured.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Whether it never fires unless the trail records the data events concerned.
    #[serde(default)]
    pub data_events: bool,
    /// Whether it is deployed with its pack; the note says why not.
    #[serde(default = "yes")]
    pub default: bool,
    #[serde(default)]
    pub controls: Vec<String>,
    pub note: Option<String>,
    /// Events, as JSON templates, that the pattern must match.
    pub matches: Vec<String>,
    /// Events, as JSON templates, that it must not match.
    pub ignores: Vec<String>,
}

/// An alarm on metrics that AWS publishes, before its variables are filled.
#[derive(Clone, Debug, Deserialize)]
pub struct PackAlarm {
    pub id: String,
    /// Objective it answers.
    pub answers: String,
    pub description: String,
    pub severity: Severity,
    pub placement: AlarmPlacement,
    #[serde(flatten)]
    pub metric: PackMetric,
    /// `None`: one alarm.
    pub per: Option<Per>,
    /// Metrics Insights query that is used instead when the parameter named by `per` is not given.
    pub over_all: Option<String>,
    #[serde(flatten)]
    pub trigger: PackTrigger,
    /// Parameters without which it is not configured.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Whether it is deployed with its pack; the note says why not.
    #[serde(default = "yes")]
    pub default: bool,
    #[serde(default)]
    pub controls: Vec<String>,
    pub note: Option<String>,
}

/// Something that the catalogue's sources name and that no filter can express.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    pub id: String,
    pub reason: String,
}

/// Where an alarm of a pack lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmPlacement {
    Home,
    BedrockRegions,
    /// The home Region and each Bedrock Region.
    EveryRegion,
}

impl From<AlarmPlacement> for Placement {
    fn from(placement: AlarmPlacement) -> Self {
        match placement {
            AlarmPlacement::Home => Self::Home,
            AlarmPlacement::BedrockRegions => Self::BedrockRegions,
            AlarmPlacement::EveryRegion => Self::EveryRegion,
        }
    }
}

/// What an alarm watches; dimension values are templates.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackMetric {
    Metric { namespace: String, name: String, dimensions: BTreeMap<String, String> },
    Sum(Sum),
    Query(String),
}

/// Several metrics of one namespace and with the same dimensions, added up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    pub namespace: String,
    pub names: Vec<String>,
    pub dimensions: BTreeMap<String, String>,
}

/// The parameter whose values give one alarm each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    ModelIds,
    Guardrails,
}

/// What has to be there before a detection or alarm makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    ApprovedRoles,
    ApprovedModels,
    ApprovedRegions,
    ModelIds,
    Guardrails,
    TrailLogGroup,
    InvocationLogGroup,
}

impl fmt::Display for Need {
    /// Writes the blueprint's key, for parameters without their table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApprovedRoles => "approved_roles",
            Self::ApprovedModels => "approved_models",
            Self::ApprovedRegions => "approved_regions",
            Self::ModelIds => "model_ids",
            Self::Guardrails => "guardrails",
            Self::TrailLogGroup => "trail.log_group",
            Self::InvocationLogGroup => "invocation_logging.log_group",
        })
    }
}

/// When an alarm of a pack fires. Defaults are those of a detection in a blueprint, with a threshold of 1.
#[derive(Clone, Debug, Deserialize)]
pub struct PackTrigger {
    #[serde(default = "sum")]
    pub statistic: String,
    #[serde(default = "one")]
    pub threshold: f64,
    #[serde(default = "at_least")]
    pub compare: String,
    #[serde(default = "five_minutes", deserialize_with = "period")]
    pub period: u32,
    #[serde(default)]
    pub datapoints: Datapoints,
    #[serde(default = "not_breaching")]
    pub missing: String,
}

/// How many of the last periods have to breach.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Datapoints {
    pub alarm: u32,
    pub of: u32,
}

impl Default for Datapoints {
    fn default() -> Self {
        Self { alarm: 1, of: 1 }
    }
}

impl From<&PackTrigger> for Trigger {
    fn from(trigger: &PackTrigger) -> Self {
        Self {
            statistic: trigger.statistic.clone(),
            threshold: trigger.threshold,
            compare: trigger.compare.clone(),
            period_seconds: trigger.period,
            datapoints_alarm: trigger.datapoints.alarm,
            datapoints_of: trigger.datapoints.of,
            missing: trigger.missing.clone(),
        }
    }
}

/// The words of a source in a pack.
#[derive(Deserialize)]
#[serde(remote = "Source", rename_all = "kebab-case")]
enum SourceText {
    Trail,
    InvocationLog,
}

fn trail() -> Source {
    Source::Trail
}

fn yes() -> bool {
    true
}

fn sum() -> String {
    "Sum".to_owned()
}

fn one() -> f64 {
    1.0
}

fn at_least() -> String {
    ">=".to_owned()
}

fn five_minutes() -> u32 {
    300
}

fn not_breaching() -> String {
    "not-breaching".to_owned()
}

/// Reads whole minutes or hours, `"5m"` or `"1h"`, into seconds.
fn period<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let text = String::deserialize(deserializer)?;
    let (digits, unit) = text.split_at(text.len().saturating_sub(1));
    let seconds = match unit {
        "m" => 60,
        "h" => 3600,
        _ => 0,
    };
    let period =
        digits.parse().ok().and_then(|count: u32| count.checked_mul(seconds)).filter(|period| *period > 0);
    period.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a period such as 5m or 1h")))
}
