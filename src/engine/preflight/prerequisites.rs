//! What must be there and ready before a step: resources, keys that encrypt, an organisation that trusts CloudTrail.

use super::census::{Census, Organization};
use super::quotas::unknown;
use super::world::{Standing, World};
use super::{Code, Obstacle};
use crate::engine::plan::{Action, Step};
use crate::kinds::{Kind, Resource};
use crate::model::Address;

/// Calls after which a service tries the key that it is given.
const TRIES_THE_KEY: &[&str] =
    &["CreateTrail", "UpdateTrail", "CreateLogGroup", "SetKmsKey", "PutModelInvocationLoggingConfiguration"];

/// Returns what is missing or not ready.
pub(super) fn check(world: &World<'_>, facts: &Census) -> Vec<Obstacle> {
    let running = world.plan.steps.iter().filter(|step| step.blocked.is_none());
    let running = running.filter(|step| !matches!(step.action, Action::Delete | Action::Release));
    let mut all: Vec<Obstacle> = running.flat_map(|step| missing(world, step)).collect();
    all.extend(world.serving().filter_map(|(address, state)| key(world, address, state)));
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

/// A key that is there and encrypts nothing.
fn key(world: &World<'_>, address: &Address, state: &Resource) -> Option<Obstacle> {
    let input = match state {
        Resource::Trail(trail) => trail.kms_key.as_ref()?,
        Resource::LogGroup(group) => group.kms_key.as_ref()?,
        Resource::SnsTopic(topic) => topic.kms_key.as_ref()?,
        Resource::S3Bucket(bucket) => bucket.encryption.as_ref()?.kms_key.as_ref()?,
        _ => return None,
    };
    let source = world.key(input)?;
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
        blocks: world.sends(address, TRIES_THE_KEY),
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
