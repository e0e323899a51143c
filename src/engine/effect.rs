//! What a plan does to the audit record: which operations are newly recorded, and which no longer.

use crate::coverage::{self, InvocationRecording};
use crate::engine::plan::{Plan, Step};
use crate::kinds::Resource;
use crate::kinds::trail::Trail;

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
            let recording = |trail: &Trail| trail.recording(home);
            let (before, after) = (before.and_then(trail), after.and_then(trail));
            let left = match (before, after) {
                // A call that is held back changes nothing.
                (Some(before), Some(after)) => {
                    Some(after.written_over(before, |name| is_written(step, name)))
                }
                (_, after) => after.cloned(),
            };
            coverage::effect(before.map(recording).as_ref(), left.as_ref().map(recording).as_ref())
        }
        Some(Resource::BedrockLogging(_)) => {
            let region = &step.address.scope.region;
            let bodies = |state: Option<&Resource>| state.and_then(|state| invocation(state, region));
            coverage::invocation_effect(bodies(before).as_slice(), bodies(after).as_slice())
        }
        _ => coverage::Effect::default(),
    }
}

/// Returns true if a step sends the call that an attribute is changed by.
fn is_written(step: &Step, attribute: &str) -> bool {
    let call = step.desired.as_ref().and_then(|desired| desired.call_for(attribute));
    call.is_some_and(|call| step.calls.contains(&call))
}

fn trail(state: &Resource) -> Option<&Trail> {
    match state {
        Resource::Trail(trail) => Some(trail),
        _ => None,
    }
}

fn invocation(state: &Resource, region: &str) -> Option<InvocationRecording> {
    match state {
        Resource::BedrockLogging(logging) => Some(logging.recording(region)),
        _ => None,
    }
}
