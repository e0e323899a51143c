//! The built-in detection catalogue, read from the packs under `blueprints/packs`.

use crate::blueprint::{Alarm, Detection};
use std::collections::{BTreeMap, BTreeSet};

/// What some built-in detections need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    pub approved_roles: Vec<String>,
    pub approved_models: Vec<String>,
    pub approved_regions: Vec<String>,
    pub model_ids: Vec<String>,
    pub guardrails: Vec<String>,
}

/// What a blueprint asks of the catalogue.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub packs: &'a [String],
    pub disabled: &'a BTreeMap<String, String>,
    pub parameters: &'a Parameters,
    pub account: &'a str,
    pub home_region: &'a str,
    pub bedrock_regions: &'a BTreeSet<String>,
    pub scope_name: &'a str,
    pub log_bucket: &'a str,
    pub has_invocation_log_group: bool,
}

/// What the catalogue has for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    pub detections: Vec<Detection>,
    pub alarms: Vec<Alarm>,
    pub not_configured: Vec<(String, String)>,
    pub unknown: Vec<String>,
}

/// Returns the names of the packs.
pub fn pack_names() -> Vec<&'static str> {
    vec!["audit-tampering", "bedrock-runtime", "cis-aws-foundations", "genai-governance"]
}

/// Returns the ids of all built-in detections.
pub fn ids() -> Vec<&'static str> {
    vec!["cis-unauthorized-api"]
}

/// Returns the detections and alarms that a request amounts to.
pub fn resolve(request: &Request<'_>) -> Resolved {
    let unknown =
        request.packs.iter().filter(|pack| !pack_names().contains(&pack.as_str())).cloned().collect();
    Resolved { unknown, ..Resolved::default() }
}
