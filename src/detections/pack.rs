//! The packs as they stand in their files.

use crate::blueprint::Severity;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One file of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Name, as in `detections.packs`.
    pub pack: String,
    pub title: String,
    pub description: String,
    #[serde(default, rename = "detection")]
    pub detections: Vec<Filter>,
    #[serde(default, rename = "alarm")]
    pub alarms: Vec<Watch>,
    /// What the catalogue would have, and why it cannot.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

/// Something that no filter can tell.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    pub id: String,
    pub reason: String,
}

/// Which log group a filter reads, in a pack's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    #[default]
    Trail,
    InvocationLog,
}

/// Where an alarm lives, in a pack's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lives {
    Home,
    BedrockRegions,
    EveryRegion,
}

/// Datapoints: M of N.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Datapoints {
    pub alarm: u32,
    pub of: u32,
}

fn one() -> f64 {
    1.0
}
fn at_least() -> String {
    ">=".into()
}
fn five_minutes() -> String {
    "5m".into()
}
fn sum() -> String {
    "Sum".into()
}
fn not_breaching() -> String {
    "not-breaching".into()
}
fn yes() -> bool {
    true
}
fn once() -> Datapoints {
    Datapoints { alarm: 1, of: 1 }
}

/// A metric filter and its alarm.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    pub id: String,
    pub answers: String,
    pub description: String,
    pub severity: Severity,
    #[serde(default)]
    pub source: Reads,
    /// Template of the pattern.
    pub pattern: String,
    #[serde(default = "one")]
    pub threshold: f64,
    #[serde(default = "at_least")]
    pub compare: String,
    #[serde(default = "five_minutes")]
    pub period: String,
    #[serde(default = "once")]
    pub datapoints: Datapoints,
    /// Parameters without which it is not configured.
    #[serde(default)]
    pub needs: Vec<String>,
    /// False: in the catalogue, not deployed.
    #[serde(default = "yes")]
    pub default: bool,
    /// True: silent unless the trail records the data events concerned.
    #[serde(default)]
    pub data_events: bool,
    #[serde(default)]
    pub controls: Vec<String>,
    #[serde(default)]
    pub note: Option<String>,
    /// Events that must match, as templates of JSON text.
    pub matches: Vec<String>,
    /// Events that must not.
    pub ignores: Vec<String>,
}

/// One metric, or several that are added up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct One {
    pub namespace: String,
    pub name: String,
    pub dimensions: BTreeMap<String, String>,
}

/// Several metrics of one namespace that are added up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Several {
    pub namespace: String,
    pub names: Vec<String>,
    pub dimensions: BTreeMap<String, String>,
}

/// An alarm on a metric that AWS publishes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    pub id: String,
    pub answers: String,
    pub description: String,
    pub severity: Severity,
    pub placement: Lives,
    #[serde(default)]
    pub metric: Option<One>,
    #[serde(default)]
    pub sum: Option<Several>,
    #[serde(default)]
    pub query: Option<String>,
    /// Parameter that there is one alarm per value of.
    #[serde(default)]
    pub per: Option<String>,
    /// Query over all, when `per` has no value.
    #[serde(default)]
    pub over_all: Option<String>,
    #[serde(default = "sum")]
    pub statistic: String,
    pub threshold: f64,
    #[serde(default = "at_least")]
    pub compare: String,
    #[serde(default = "five_minutes")]
    pub period: String,
    #[serde(default = "once")]
    pub datapoints: Datapoints,
    #[serde(default = "not_breaching")]
    pub missing: String,
    #[serde(default)]
    pub needs: Vec<String>,
    #[serde(default = "yes")]
    pub default: bool,
    #[serde(default)]
    pub controls: Vec<String>,
    #[serde(default)]
    pub note: Option<String>,
}

static PACKS: LazyLock<Vec<Pack>> = LazyLock::new(|| {
    [
        include_str!("../../blueprints/packs/audit-tampering.toml"),
        include_str!("../../blueprints/packs/bedrock-runtime.toml"),
        include_str!("../../blueprints/packs/cis-aws-foundations.toml"),
        include_str!("../../blueprints/packs/genai-governance.toml"),
    ]
    .into_iter()
    .map(|text| toml::from_str(text).expect("a test reads every pack"))
    .collect()
});

/// Returns the packs that ship in the binary, by name.
pub fn packs() -> &'static [Pack] {
    &PACKS
}
