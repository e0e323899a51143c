//! Whether the plan that was made under the lock is the one that was agreed to before.

use crate::engine::plan::{Plan, Step};
use crate::engine::saved::Moved;
use crate::model::{Address, input::UNKNOWN};
use std::collections::BTreeSet;

/// What was agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Whatever the flags approve: `--auto-approve`.
    Flags,
    /// Exactly the first plan: a person has seen it, or it is a saved plan's.
    Shown,
}

impl Agreement {
    /// Returns what moved between the plan that was shown and the one that would be carried out now; empty if that is
    /// agreed to. `made`: what this run has done of the first plan meanwhile.
    pub fn moved(self, shown: &Plan, now: &Plan, made: &[Address]) -> Vec<Moved> {
        match self {
            Self::Flags => Vec::new(),
            Self::Shown => moved(shown, now, made),
        }
    }
}

fn moved(shown: &Plan, now: &Plan, made: &[Address]) -> Vec<Moved> {
    let addresses: BTreeSet<&Address> = shown
        .steps
        .iter()
        .chain(&now.steps)
        .map(|step| &step.address)
        .filter(|address| !made.contains(address))
        .collect();
    let mut found = Vec::new();
    for address in addresses {
        match (step_of(shown, address), step_of(now, address)) {
            (Some(_), None) => found.push(tell(address, "", "there is nothing to do any more")),
            (None, Some(_)) => found.push(tell(address, "", "it differs from the blueprint now")),
            (Some(was), Some(is)) => found.extend(step_moved(was, is)),
            (None, None) => {}
        }
    }
    found
}

fn step_of<'a>(plan: &'a Plan, address: &Address) -> Option<&'a Step> {
    plan.steps.iter().find(|step| step.address == *address)
}

fn step_moved(was: &Step, is: &Step) -> Vec<Moved> {
    let address = &was.address;
    if was.action != is.action {
        let word = |step: &Step| serde_json::to_value(step.action).expect("an action is a word");
        return vec![tell(address, "", format!("it was to {} and is to {}", word(was), word(is)))];
    }
    let paths: BTreeSet<&str> =
        was.changes.iter().chain(&is.changes).map(|change| change.path.as_str()).collect();
    let of = |step: &Step, path: &str| step.changes.iter().find(|change| change.path == path).cloned();
    let mut found = Vec::new();
    for path in paths {
        match (of(was, path), of(is, path)) {
            // What another step gave meanwhile is what was announced.
            (Some(was), Some(is)) if was.before == is.before => {
                if was.after != is.after && !was.after.to_string().contains(UNKNOWN) {
                    found.push(tell(address, path, "it is to become another value"));
                }
            }
            _ => found.push(tell(address, path, "it has another value now")),
        }
    }
    if found.is_empty() && (was.calls != is.calls || was.blocked.is_some() != is.blocked.is_some()) {
        found.push(tell(address, "", "it takes other calls now"));
    }
    found
}

fn tell(address: &Address, part: &str, how: impl Into<String>) -> Moved {
    Moved { what: address.to_string(), part: part.into(), how: how.into() }
}
