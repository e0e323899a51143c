//! What will be there when a step runs: what an earlier step of the plan makes of it, else what is there now.

use crate::engine::observe::Observation;
use crate::engine::plan::{Action, Plan, Step};
use crate::engine::reading::Reading;
use crate::kinds::{Kind, Resource};
use crate::model::{Address, Input, Policy};
use std::collections::BTreeMap;

/// A plan with what it was made from.
pub(super) struct World<'a> {
    pub plan: &'a Plan,
    pub desired: &'a BTreeMap<Address, Resource>,
    pub seen: &'a Observation,
}

/// How a resource will stand when what needs it is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing<'a> {
    /// A step of this plan brings it there.
    Made(&'a Resource),
    /// It stays as it is.
    Live(&'a Resource),
    /// It is not there, and no step makes it.
    Missing,
    /// It could not be read.
    Unknown,
}

impl<'a> Standing<'a> {
    /// Returns the state if there is one.
    pub fn state(self) -> Option<&'a Resource> {
        match self {
            Self::Made(state) | Self::Live(state) => Some(state),
            Self::Missing | Self::Unknown => None,
        }
    }
}

/// The policy that will be in force, and whether it is the one that is there now.
pub(super) struct InForce<'a> {
    /// `None`: there is no policy at all.
    pub policy: Option<&'a Policy>,
    pub live: bool,
}

impl<'a> World<'a> {
    /// Returns the step of an address.
    pub fn step(&self, address: &Address) -> Option<&'a Step> {
        self.plan.steps.iter().find(|step| step.address == *address)
    }
    /// Returns the step of an address if it will be carried out.
    pub fn running(&self, address: &Address) -> Option<&'a Step> {
        self.step(address).filter(|step| step.blocked.is_none())
    }
    /// Returns every resource that is asked for, as its step has it if it has one.
    pub fn wanted(&self) -> impl Iterator<Item = (&'a Address, &'a Resource)> {
        self.desired.iter().map(|(address, state)| {
            let planned = self.step(address).and_then(|step| step.desired.as_ref());
            (address, planned.unwrap_or(state))
        })
    }
    /// Returns what will be there and ours, as it is asked for: whatever is not has no delivery to lose.
    pub fn serving(&self) -> impl Iterator<Item = (&'a Address, &'a Resource)> {
        self.wanted().filter(|(address, _)| {
            self.running(address).is_some()
                || matches!(self.seen.readings.get(*address), Some(Reading::Found(_)))
        })
    }
    /// Returns how a resource will stand.
    pub fn standing(&self, address: &Address) -> Standing<'a> {
        if let Some(step) = self.running(address)
            && let Some(desired) = &step.desired
        {
            return Standing::Made(desired);
        }
        match self.seen.readings.get(address) {
            Some(Reading::Absent) => Standing::Missing,
            Some(reading) => reading.found().map_or(Standing::Unknown, |found| Standing::Live(&found.state)),
            None => Standing::Unknown,
        }
    }
    /// Returns the document that will be in force; `None` if nothing is known of it.
    pub fn policy(&self, address: &Address, attribute: &str) -> Option<InForce<'a>> {
        match self.standing(address) {
            Standing::Live(state) => Some(InForce { policy: document(state, attribute), live: true }),
            Standing::Made(state) => {
                let step = self.running(address)?;
                // A change that is held back leaves the live document.
                let written = step.action == Action::Create
                    || state.call_for(attribute).is_none_or(|call| step.calls.contains(&call));
                let live = step.observed.as_ref().map(|found| &found.state).filter(|_| !written);
                Some(InForce { policy: document(live.unwrap_or(state), attribute), live: live.is_some() })
            }
            Standing::Missing | Standing::Unknown => None,
        }
    }
    /// Returns the key that an input means: where it comes from, or whose ARN it is.
    pub fn key(&self, input: &Input) -> Option<Address> {
        if let Some(address) = input.source() {
            return Some(address.clone());
        }
        let arn = input.value()?;
        let is_it = |(address, reading): &(&Address, &Reading)| {
            address.kind == Kind::KmsKey
                && reading.found().is_some_and(|found| found.outputs.get("arn").is_some_and(|own| own == arn))
        };
        self.seen.readings.iter().find(is_it).map(|(address, _)| address.clone())
    }
    /// Returns an output that a reading has.
    pub fn output(&self, address: &Address, name: &str) -> Option<&'a str> {
        self.seen.readings.get(address)?.found()?.outputs.get(name).map(String::as_str)
    }
    /// Returns true if a step that will be carried out sends one of these calls.
    pub fn sends(&self, address: &Address, calls: &[&str]) -> bool {
        self.running(address).is_some_and(|step| step.calls.iter().any(|call| calls.contains(&call.name())))
    }
}

fn document<'a>(state: &'a Resource, attribute: &str) -> Option<&'a Policy> {
    match (state, attribute) {
        (Resource::KmsKey(key), "policy") => Some(&key.policy),
        (Resource::S3Bucket(bucket), "policy") => bucket.policy.as_ref(),
        (Resource::IamRole(role), "trust") => Some(&role.trust),
        (Resource::IamRole(role), "policy") => role.policy.as_ref(),
        (Resource::SnsTopic(topic), "policy") => Some(&topic.policy),
        _ => None,
    }
}
