//! What the built-in catalogue adds to a blueprint.

use super::model::Blueprint;
use super::node::Node;
use super::read::{disabled, list};
use crate::detections::{self, Parameters, Request};

/// Adds the detections and alarms of the packs in use, and puts everything in the order of ids.
pub(crate) fn add(root: &Node, blueprint: &mut Blueprint) {
    let packs = match root.get("detections.packs") {
        Some(_) => list(root, "detections.packs"),
        None => detections::pack_names().iter().map(|&pack| pack.to_owned()).collect(),
    };
    let parameter = |name: &str| list(root, &format!("detections.parameters.{name}"));
    let parameters = Parameters {
        approved_roles: parameter("approved_roles"),
        approved_models: parameter("approved_models"),
        approved_regions: parameter("approved_regions"),
        model_ids: parameter("model_ids"),
        guardrails: parameter("guardrails"),
    };
    let disabled = disabled(root);
    // An unknown pack or id is reported by a check, where it stands.
    let resolved = detections::resolve(&Request {
        packs: &packs,
        disabled: &disabled,
        parameters: &parameters,
        account: &blueprint.scope.account,
        home_region: &blueprint.scope.home_region,
        bedrock_regions: &blueprint.scope.bedrock_regions,
        scope_name: &blueprint.scope.name,
        log_bucket: &blueprint.log_bucket.name,
        has_trail_log_group: blueprint.trail.log_group.is_some(),
        has_invocation_log_group: blueprint
            .invocation_logging
            .as_ref()
            .is_some_and(|logging| logging.log_group.is_some()),
    });
    blueprint.detections.extend(resolved.detections);
    blueprint.detections.sort_by(|a, b| a.id.cmp(&b.id));
    blueprint.alarms.extend(resolved.alarms);
    blueprint.alarms.sort_by(|a, b| a.id.cmp(&b.id));
    blueprint.not_configured = resolved.not_configured;
    blueprint.not_configured.sort();
}
