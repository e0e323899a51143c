//! What must be there and ready before a step: resources, keys that encrypt, an organisation that trusts CloudTrail.

use super::census::{Census, Organization};
use super::quotas::unknown;
use super::world::{Standing, World};
use super::{Code, Obstacle};
use crate::engine::plan::{Action, Step};
use crate::kinds::{Kind, Resource};
use crate::model::{Address, Input};
use std::collections::BTreeSet;

/// Calls after which a service tries the key that it is given. SNS and S3 take any key, and fail when they use it.
pub(super) const fn tries_the_key(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Trail => &["CreateTrail", "UpdateTrail", "PutInsightSelectors"],
        Kind::LogGroup => &["CreateLogGroup", "SetKmsKey"],
        Kind::BedrockLogging => &["PutModelInvocationLoggingConfiguration"],
        _ => &[],
    }
}

/// Returns what is missing or not ready.
pub(super) fn check(world: &World<'_>, facts: &Census) -> Vec<Obstacle> {
    let running = world.plan.steps.iter().filter(|step| step.blocked.is_none());
    let running = running.filter(|step| !matches!(step.action, Action::Delete | Action::Release));
    let mut all: Vec<Obstacle> = running.flat_map(|step| missing(world, step)).collect();
    all.extend(world.serving().flat_map(|(address, state)| keys(world, address, state)));
    all.extend(world.plan.steps.iter().filter_map(|step| organization(step, facts)).flatten());
    all
}

fn missing(world: &World<'_>, step: &Step) -> Vec<Obstacle> {
    let sources = step.desired.iter().flat_map(Resource::inputs).filter_map(|input| input.source());
    let gone = sources.filter(|source| matches!(world.standing(source), Standing::Missing));
    gone.map(|source| Obstacle {
        code: Code::Missing,
        address: step.address.clone(),
        text: format!("it needs {}, which does not exist and is not part of this run", source.short()),
        fix: match world.step(source).and_then(|step| step.blocked.as_deref()) {
            Some(why) => format!("clear what blocks {}: {why}", source.short()),
            None => format!("let the run make {} too: do not exclude it", source.short()),
        },
        blocks: true,
    })
    .collect()
}

/// The keys that a resource's records go through; what Bedrock logs, through those of its buckets.
fn keys(world: &World<'_>, address: &Address, state: &Resource) -> Vec<Obstacle> {
    let of_bucket = |input: &Input| match world.standing(input.source()?).state()? {
        Resource::S3Bucket(bucket) => bucket.encryption.as_ref()?.kms_key.clone(),
        _ => None,
    };
    let inputs: Vec<Input> = match state {
        Resource::Trail(trail) => trail.kms_key.iter().cloned().collect(),
        Resource::LogGroup(group) => group.kms_key.iter().cloned().collect(),
        Resource::SnsTopic(topic) => topic.kms_key.iter().cloned().collect(),
        Resource::S3Bucket(bucket) => {
            bucket.encryption.iter().filter_map(|encryption| encryption.kms_key.clone()).collect()
        }
        Resource::BedrockLogging(logging) => {
            let buckets = [&logging.bucket, &logging.large_data_bucket];
            buckets.into_iter().flatten().filter_map(of_bucket).collect()
        }
        _ => Vec::new(),
    };
    let sources: BTreeSet<Address> = inputs.iter().filter_map(|input| world.key(input)).collect();
    sources.into_iter().filter_map(|source| key(world, address, source)).collect()
}

/// A key that is there and encrypts nothing.
fn key(world: &World<'_>, address: &Address, source: Address) -> Option<Obstacle> {
    let Standing::Live(Resource::KmsKey(key)) = world.standing(&source) else { return None };
    if key.enabled {
        return None;
    }
    let condition = if key.pending_deletion { "is about to be deleted" } else { "is disabled" };
    let fix = match world.step(&source).and_then(|step| step.blocked.as_deref()) {
        Some(why) => format!("clear what blocks {}: {why}", source.short()),
        None => format!("let the run enable {}: do not exclude it", source.short()),
    };
    Some(Obstacle {
        code: Code::KeyUnusable,
        address: address.clone(),
        text: format!("its key {} {condition}, so that nothing can be encrypted with it", source.short()),
        fix,
        blocks: world.sends(address, tries_the_key(address.kind)),
    })
}

fn organization(step: &Step, facts: &Census) -> Option<Vec<Obstacle>> {
    let answer = facts.organization.as_ref().filter(|_| step.address.kind == Kind::Trail)?;
    let found = match answer {
        Ok(found) => found,
        Err(error) => return Some(vec![unknown(&step.address, "whether the organization is ready", error)]),
    };
    let blocks = step.blocked.is_none();
    let told = |text: String, fix: &str| Obstacle {
        code: Code::Organization,
        address: step.address.clone(),
        text,
        fix: fix.to_owned(),
        blocks,
    };
    Some(not_ready(found, &step.address, &told))
}

fn not_ready(
    found: &Organization,
    trail: &Address,
    told: &dyn Fn(String, &str) -> Obstacle,
) -> Vec<Obstacle> {
    let mut all = Vec::new();
    if found.feature_set != "ALL" {
        all.push(told(
            format!("the organization {} has not all features, which an organization trail needs", found.id),
            "enable all features with `aws organizations enable-all-features`",
        ));
    }
    if found.management_account != trail.scope.account {
        // A delegated administrator's trail belongs to the management account, whose id is in its ARN (CloudTrail User
        // Guide, organization trails): the policies of this account would name another trail.
        all.push(told(
            format!(
                "{} is not the management account of the organization {}, which is {}",
                trail.scope.account, found.id, found.management_account
            ),
            "run in the management account, or set trail.organization = false",
        ));
    }
    match &found.trusted {
        Some(Ok(false)) => all.push(told(
            format!("CloudTrail is not a trusted service of the organization {}", found.id),
            "run `aws organizations enable-aws-service-access --service-principal cloudtrail.amazonaws.com`",
        )),
        Some(Err(error)) => all.push(unknown(trail, "whether the organization trusts CloudTrail", error)),
        Some(Ok(true)) | None => {}
    }
    all
}
