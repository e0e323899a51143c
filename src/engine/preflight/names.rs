//! Places and names: Regions that are not enabled, and bucket names that others have.

use super::world::World;
use super::{Code, Obstacle};
use crate::aws::{ApiError, Trouble};
use crate::engine::reading::Reading;
use crate::kinds::Kind;
use crate::model::{Address, Scope};
use std::collections::BTreeMap;

/// Codes with which services answer in a Region that the account has not opted in to: the credentials are not known
/// there (AWS Account Management Reference Guide, enable or disable Regions).
const NOT_ENABLED: &[&str] = &[
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "AuthFailure",
    "OptInRequired",
    "RegionDisabledException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
];

/// Returns one obstacle for each Region that is not enabled.
pub(super) fn regions(world: &World<'_>) -> Vec<Obstacle> {
    let mut refused: BTreeMap<&Scope, (Address, &ApiError, usize)> = BTreeMap::new();
    let mut answered: BTreeMap<&Scope, usize> = BTreeMap::new();
    for (address, reading) in &world.seen.readings {
        // IAM and the dashboard answer anywhere: they say nothing about a Region.
        if matches!(address.kind, Kind::IamRole | Kind::Dashboard) {
            continue;
        }
        match reading {
            Reading::Unreadable(errors) => {
                if let Some(error) = errors.iter().find(|error| is_not_enabled(error)) {
                    let entry = refused.entry(&address.scope);
                    entry.and_modify(|(_, _, count)| *count += 1).or_insert((address.clone(), error, 1));
                }
            }
            Reading::Found(_) | Reading::Absent | Reading::Foreign { .. } => {
                *answered.entry(&address.scope).or_default() += 1;
            }
        }
    }
    for (kind, scope, error) in &world.seen.blind {
        if is_not_enabled(error) {
            let address = Address::new(*kind, "*", scope);
            let entry = refused.entry(scope);
            entry.and_modify(|(_, _, count)| *count += 1).or_insert((address, error, 1));
        }
    }
    // The credentials answered elsewhere (the account was asked for first), so that they are not what is wrong.
    let closed = refused.into_iter().filter(|(scope, (_, error, _))| {
        error.trouble == Trouble::RegionDisabled || !answered.contains_key(scope)
    });
    closed
        .map(|(scope, (address, error, count))| {
            let blocks = world.plan.steps.iter().any(|step| step.address.scope == *scope);
            let code = error.code.as_deref().unwrap_or("no answer");
            let reads = if count == 1 { "a read".to_owned() } else { format!("{count} reads") };
            Obstacle {
                code: Code::RegionNotEnabled,
                address,
                text: format!(
                    "{} is not enabled for account {}, or the credentials do not count there: {reads} answered {code}",
                    scope.region, scope.account
                ),
                fix: match blocks {
                    true => format!(
                        "enable it with `aws account enable-region --region-name {}`, or take it out of \
                         scope.bedrock_regions",
                        scope.region
                    ),
                    // Known from the trail's tag alone: the blueprint does not ask for it any more.
                    false => format!(
                        "nothing is done there; what an earlier run left there is seen once it is enabled with \
                         `aws account enable-region --region-name {}`",
                        scope.region
                    ),
                },
                blocks,
            }
        })
        .collect()
}

fn is_not_enabled(error: &ApiError) -> bool {
    error.trouble == Trouble::RegionDisabled || error.is(NOT_ENABLED)
}

/// Returns an obstacle for each bucket whose name somebody else has.
pub(super) fn buckets(world: &World<'_>) -> Vec<Obstacle> {
    // One that is left out of the run is in nobody's way.
    let asked =
        world.wanted().filter(|(address, _)| address.kind == Kind::S3Bucket && world.step(address).is_some());
    let taken = asked.filter_map(|(address, state)| {
        let name = state.aws_name();
        let text = match world.seen.readings.get(address)? {
            Reading::Foreign { found: None, why } => format!("the name {name} is taken: {why}"),
            Reading::Unreadable(errors) => {
                // Nobody may list it: it is not this account's, or not this caller's to see (S3 API, HeadBucket).
                let head = errors.iter().find(|error| error.call == "s3:HeadBucket" && error.status == Some(403))?;
                format!("the name {name} is taken: {}", head.message)
            }
            _ => return None,
        };
        let choose = match address.name.as_str() {
            "logs" => "choose another name under log_bucket.name",
            _ => "choose another scope.name, which the bucket's name begins with",
        };
        Some(Obstacle {
            code: Code::BucketTaken,
            address: address.clone(),
            text,
            fix: format!(
                "{choose}; if it is this account's bucket, grant s3:ListBucket and the other reads on it to the caller"
            ),
            blocks: true,
        })
    });
    taken.collect()
}
