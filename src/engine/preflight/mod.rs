//! What would make an apply fail half-way, found before the first write: quotas, prerequisites, and what CloudTrail,
//! CloudWatch Logs, CloudWatch, SNS, S3 and Bedrock will demand of policies.
//!
//! Everything here is pure; [`census`] alone reads, and only what a plan's steps make it worth to.

pub mod census;
pub mod codes;
mod deliveries;
mod names;
mod policies;
mod prerequisites;
mod quotas;
mod world;

pub use census::Census;
pub use codes::Code;

use crate::engine::observe::Observation;
use crate::engine::plan::{Goal, Plan};
use crate::kinds::Resource;
use crate::model::Address;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use world::World;

/// Something in the way of a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Obstacle {
    pub code: Code,
    /// The resource whose step would fail, or whose delivery would.
    pub address: Address,
    /// What is in the way, in one sentence without a full stop.
    pub text: String,
    /// What to do about it, in one sentence without a full stop.
    pub fix: String,
    /// True if a step of this plan would certainly fail: then nothing is written at all. False: told, and the run goes on.
    pub blocks: bool,
}

/// Returns everything that is in the way, what stops the run first.
pub fn check(
    plan: &Plan,
    desired: &BTreeMap<Address, Resource>,
    seen: &Observation,
    facts: &Census,
) -> Vec<Obstacle> {
    let world = World { plan, desired, seen };
    let mut all = names::regions(&world);
    if plan.goal == Goal::Converge {
        all.extend(names::buckets(&world));
        all.extend(quotas::check(&world, facts));
        all.extend(prerequisites::check(&world, facts));
        all.extend(policies::check(&world, facts));
    }
    all.sort_by(|a, b| (!a.blocks, a).cmp(&(!b.blocks, b)));
    all.dedup();
    all
}

/// Returns true if the plan must not be started.
pub fn blocks(obstacles: &[Obstacle]) -> bool {
    obstacles.iter().any(|obstacle| obstacle.blocks)
}

#[cfg(test)]
mod tests;
