//! Demands held against the policies that will be in force: which statement comes nearest, and what it lacks.

use super::census::Census;
use super::deliveries::{Demand, demands};
use super::world::{Standing, World};
use super::{Code, Obstacle};
use crate::kinds::{Kind, Resource};
use crate::model::Address;
use crate::model::policy_eval::{Answer, Request, evaluate};

/// Returns an obstacle for each delivery that a policy does not admit, and for each bucket that cannot take one.
pub(super) fn check(world: &World<'_>, facts: &Census) -> Vec<Obstacle> {
    let mut refused: Vec<Refused> = Vec::new();
    for demand in demands(world, facts) {
        let Some(refusal) = refusal(world, demand) else { continue };
        match refused.iter_mut().find(|known| known.is_about_the_same(&refusal)) {
            Some(known) => known.add(refusal),
            None => refused.push(refusal),
        }
    }
    let buckets = world.serving().filter(|(address, _)| address.kind == Kind::S3Bucket);
    let destinations = buckets.filter_map(|(address, _)| destination(world, address));
    refused.iter().map(|refused| refused.obstacle(world)).chain(destinations).collect()
}

/// Demands that one document refuses for one reason.
struct Refused {
    demand: Demand,
    actions: Vec<&'static str>,
    /// Why: the nearest statement and what it lacks.
    why: String,
    certain: bool,
    live: bool,
}

impl Refused {
    /// What is refused for the same reason is told once; what nobody tries is not told beside what will fail.
    fn is_about_the_same(&self, other: &Self) -> bool {
        let (mine, others) = (&self.demand, &other.demand);
        let same_document = mine.consumer == others.consumer
            && mine.holder == others.holder
            && mine.attribute == others.attribute
            && mine.service == others.service;
        same_document && (self.why == other.why || (mine.action == others.action && others.tried.is_none()))
    }

    fn add(&mut self, other: Self) {
        if !self.actions.contains(&other.demand.action) {
            self.actions.push(other.demand.action);
        }
    }

    fn obstacle(&self, world: &World<'_>) -> Obstacle {
        let demand = &self.demand;
        let (holder, actions) = (demand.holder.short(), self.actions.join(", "));
        let document = match demand.attribute {
            "trust" => format!("the trust policy of {holder}"),
            _ => format!("the policy of {holder}"),
        };
        let whom = if demand.names_service { demand.service.as_str() } else { "the role" };
        let sent = demand.tried.filter(|(calls, _)| world.sends(&demand.consumer, calls));
        let outcome = match (sent, demand.tried) {
            (Some((_, code)), _) if self.certain => format!("AWS would answer {code}"),
            (Some((_, code)), _) => format!("AWS may answer {code}"),
            (None, _) if demand.code == Code::TopicPolicy => "alarms would tell nobody".into(),
            (None, _) if self.certain => "what is delivered would be lost".into(),
            (None, _) => "what is delivered may be lost".into(),
        };
        let text = format!(
            "{document} does not let {whom} {actions} on {}: {}; {outcome}",
            demand.resource, self.why
        );
        Obstacle {
            code: demand.code,
            address: demand.consumer.clone(),
            text,
            fix: self.fix(world),
            blocks: sent.is_some() && self.certain,
        }
    }

    fn fix(&self, world: &World<'_>) -> String {
        let (holder, attribute) = (self.demand.holder.short(), self.demand.attribute);
        if !self.live {
            return "this is a mistake in auditscope, whose own policy it is; please report it with the blueprint".into();
        }
        match world.step(&self.demand.holder) {
            Some(step) if !step.held.is_empty() => {
                format!("clear what holds {holder} back: {}", step.held.join("; "))
            }
            Some(step) => match &step.blocked {
                Some(why) => {
                    format!("clear what blocks {holder} ({why}), or correct its {attribute} by hand")
                }
                None => format!("correct the {attribute} of {holder} by hand"),
            },
            None => format!("let the run write {holder} too, or correct its {attribute} by hand"),
        }
    }
}

fn refusal(world: &World<'_>, demand: Demand) -> Option<Refused> {
    let in_force = world.policy(&demand.holder, demand.attribute)?;
    let Some(policy) = in_force.policy else {
        let why = "there is no policy".into();
        let certain = !has_more(world, &demand);
        return Some(Refused { actions: vec![demand.action], demand, why, certain, live: in_force.live });
    };
    let request = Request {
        service: demand.names_service.then_some(demand.service.as_str()),
        action: demand.action,
        resource: &demand.resource,
        context: &demand.context,
    };
    let answer = evaluate(policy, &request);
    let mut certain = answer.is_certain();
    let why = match answer {
        Answer::Admitted => return None,
        Answer::Denied(finding) => finding.to_string(),
        Answer::Silent(Some(finding)) => {
            certain &= !has_more(world, &demand);
            finding.to_string()
        }
        Answer::Silent(None) => {
            certain &= !has_more(world, &demand);
            "no statement does".to_owned()
        }
    };
    Some(Refused { actions: vec![demand.action], demand, why, certain, live: in_force.live })
}

/// Other policies of a role may allow what its own does not; what they say is not read.
fn has_more(world: &World<'_>, demand: &Demand) -> bool {
    demand.attribute == "policy"
        && matches!(
            world.standing(&demand.holder),
            Standing::Live(Resource::IamRole(role)) if !role.extra_policies.is_empty()
        )
}

/// A bucket that stays as it is although Bedrock or S3 could not write to it.
fn destination(world: &World<'_>, address: &Address) -> Option<Obstacle> {
    let Standing::Live(Resource::S3Bucket(bucket)) = world.standing(address) else { return None };
    let (text, consumer, calls) = match address.name.as_str() {
        "prompts" if bucket.object_ownership.as_deref() != Some("BucketOwnerEnforced") => (
            "still has ACLs, and Bedrock delivers only to buckets without",
            Address::new(Kind::BedrockLogging, "main", &address.scope),
            "PutModelInvocationLoggingConfiguration",
        ),
        "access" if bucket.object_lock.is_some() => (
            "has Object Lock, and S3 delivers no access logs to such a bucket",
            Address::new(Kind::S3Bucket, "logs", &address.scope),
            "PutBucketLogging",
        ),
        "access" if bucket.encryption.as_ref().is_some_and(|encryption| encryption.kms_key.is_some()) => (
            "is encrypted with a KMS key, and S3 delivers access logs only to buckets with SSE-S3",
            Address::new(Kind::S3Bucket, "logs", &address.scope),
            "PutBucketLogging",
        ),
        _ => return None,
    };
    if !world.desired.contains_key(&consumer) {
        return None;
    }
    Some(Obstacle {
        code: Code::Destination,
        text: format!("{} {text}", address.short()),
        fix: match world.step(address).and_then(|step| step.blocked.as_deref()) {
            Some(why) => format!("clear what blocks {}: {why}", address.short()),
            None => format!("let the run bring {} to its state: do not exclude it", address.short()),
        },
        blocks: world.sends(&consumer, &[calls]),
        address: consumer,
    })
}
