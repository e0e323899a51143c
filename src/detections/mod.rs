//! The built-in detection catalogue, read from the packs under `blueprints/packs`.
//!
//! A pack is data: patterns, thresholds, and for each detection events that it must match and must ignore. [`resolve`]
//! turns the packs that a blueprint names into the blueprint's own types, with every variable filled. What cannot be
//! deployed for want of a parameter is listed with what it needs, never dropped silently.

mod pack;
mod resolve;
mod template;
#[cfg(test)]
mod tests;

pub use pack::{
    AlarmPlacement, LeftOut, Need, Pack, PackAlarm, PackDetection, PackMetric, PackTrigger, Per, Sum,
};
pub use resolve::{Resolved, Samples, is_fixed, resolve, samples};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What some built-in detections need to know; an empty list is not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Role ARNs; one may end in `*`.
    pub approved_roles: Vec<String>,
    /// Model ids or parts of them, compared with wildcards at both ends.
    pub approved_models: Vec<String>,
    /// Region names; one may end in `*`, such as `eu-*`.
    pub approved_regions: Vec<String>,
    /// Values of the `ModelId` dimension; empty: runtime alarms are over all models where CloudWatch can say so.
    pub model_ids: Vec<String>,
    /// Guardrails as `ARN:VERSION`, because their metrics carry both as dimensions.
    pub guardrails: Vec<String>,
}

/// What a blueprint asks of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub packs: &'a [String],
    /// Ids switched off, with the reason given.
    pub disabled: &'a BTreeMap<String, String>,
    pub parameters: &'a Parameters,
    pub account: &'a str,
    pub home_region: &'a str,
    pub bedrock_regions: &'a BTreeSet<String>,
    pub scope_name: &'a str,
    /// The log bucket's final name.
    pub log_bucket: &'a str,
    /// Whether the trail delivers to a log group, without which no metric filter can read it.
    pub has_trail_log_group: bool,
    /// Whether invocation logging delivers to a log group.
    pub has_invocation_log_group: bool,
}

/// The packs' texts, by name.
const TEXTS: [&str; 4] = [
    include_str!("../../blueprints/packs/audit-tampering.toml"),
    include_str!("../../blueprints/packs/bedrock-runtime.toml"),
    include_str!("../../blueprints/packs/cis-aws-foundations.toml"),
    include_str!("../../blueprints/packs/genai-governance.toml"),
];

static PACKS: LazyLock<Vec<Pack>> = LazyLock::new(|| {
    let parse = |text| toml::from_str(text).expect("the packs are part of the binary and parsed by a test");
    TEXTS.map(parse).into()
});

/// Returns the packs, by name.
#[must_use]
pub fn packs() -> &'static [Pack] {
    &PACKS
}

/// Returns the packs' names, sorted.
#[must_use]
pub fn pack_names() -> Vec<&'static str> {
    packs().iter().map(|pack| pack.name.as_str()).collect()
}

/// Returns the ids of all detections and alarms in the packs, sorted.
#[must_use]
pub fn ids() -> Vec<&'static str> {
    let ids: BTreeSet<&str> = packs().iter().flat_map(Pack::ids).collect();
    ids.into_iter().collect()
}
