//! What a plan does to the audit record: which operations are newly recorded, and which no longer.

use crate::coverage::{self, InvocationRecording, Recording};
use crate::engine::plan::{Plan, Step};
use crate::kinds::Resource;

/// Returns the effect of carrying out every step that is not blocked.
pub fn of(plan: &Plan) -> coverage::Effect {
    let mut effect = coverage::Effect::default();
    for step in plan.steps.iter().filter(|step| step.blocked.is_none()) {
        effect.merge(of_step(step));
    }
    effect
}

/// Returns the effect of one step.
pub fn of_step(step: &Step) -> coverage::Effect {
    let before = step.observed.as_ref().map(|found| &found.state);
    let after = step.desired.as_ref();
    let either = before.or(after);
    match either {
        Some(Resource::Trail(_)) => {
            let home = &step.address.scope.region;
            let recording = |state: Option<&Resource>| state.and_then(|state| trail(state, home));
            coverage::effect(recording(before).as_ref(), recording(after).as_ref())
        }
        Some(Resource::BedrockLogging(_)) => {
            let region = &step.address.scope.region;
            let bodies = |state: Option<&Resource>| state.and_then(|state| invocation(state, region));
            coverage::invocation_effect(bodies(before).as_slice(), bodies(after).as_slice())
        }
        _ => coverage::Effect::default(),
    }
}

fn trail(state: &Resource, home_region: &str) -> Option<Recording> {
    match state {
        Resource::Trail(trail) => Some(trail.recording(home_region)),
        _ => None,
    }
}

fn invocation(state: &Resource, region: &str) -> Option<InvocationRecording> {
    match state {
        Resource::BedrockLogging(logging) => Some(logging.recording(region)),
        _ => None,
    }
}
