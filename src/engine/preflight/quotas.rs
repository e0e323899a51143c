//! Quotas: how many there would be of each, and how long each document would be.

use super::census::Census;
use super::world::World;
use super::{Code, Obstacle};
use crate::aws::ApiError;
use crate::engine::plan::{Action, Step};
use crate::kinds::{Kind, Resource};
use crate::model::{Address, Policy, Scope};
use crate::pattern::{MAX_REGEX_PATTERNS, has_regex};
use std::collections::BTreeMap;

/// CloudTrail User Guide, quotas: trails a Region, copies included.
const TRAILS: usize = 5;
/// CloudTrail User Guide, quotas: values over all conditions of all selectors of a trail.
const SELECTOR_VALUES: usize = 500;
/// CloudWatch Logs quotas: metric filters a log group.
const FILTERS: usize = 100;
/// CloudWatch quotas: alarms a Region, unless the quota was raised.
const ALARMS: usize = 5000;

/// Returns the quotas that the plan would run into.
pub(super) fn check(world: &World<'_>, facts: &Census) -> Vec<Obstacle> {
    let mut all = trails(world, facts);
    all.extend(filters(world, facts));
    all.extend(alarms(world, facts));
    let running = world.plan.steps.iter().filter(|step| step.blocked.is_none());
    all.extend(running.flat_map(|step| selector_values(step).into_iter().chain(documents(step))));
    all
}

/// Returns the note that a count could not be read.
pub(super) fn unknown(address: &Address, what: &str, error: &ApiError) -> Obstacle {
    Obstacle {
        code: Code::NotChecked,
        address: address.clone(),
        text: format!("{what} could not be checked: {error}"),
        fix: error.hint(),
        blocks: false,
    }
}

fn creations<'a>(world: &World<'a>, kind: Kind) -> impl Iterator<Item = &'a Step> {
    let steps = world.plan.steps.iter().filter(|step| step.blocked.is_none());
    steps.filter(move |step| step.address.kind == kind && step.action == Action::Create)
}

fn trails(world: &World<'_>, facts: &Census) -> Vec<Obstacle> {
    let mut all = Vec::new();
    let Some(trail) = world.plan.steps.iter().find(|step| step.address.kind == Kind::Trail) else {
        return all;
    };
    // A trail that is there and gets copies takes no more room at home.
    let is_full = |scope: &&Scope| **scope != trail.address.scope || trail.action == Action::Create;
    for (scope, answer) in facts.trails.iter().filter(|(scope, _)| is_full(scope)) {
        match answer {
            Err(error) => all.push(unknown(
                &trail.address,
                &format!("whether {} has room for another trail", scope.region),
                error,
            )),
            Ok(names) if names.len() >= TRAILS => all.push(Obstacle {
                code: Code::Trails,
                address: trail.address.clone(),
                text: format!(
                    "{} has {} trails already ({}), copies of multi-Region trails included, and CloudTrail takes {TRAILS}",
                    scope.region,
                    names.len(),
                    names.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
                ),
                fix: "delete one that nobody needs, or record one Region only with it; the quota cannot be raised".into(),
                // Whether CloudTrail looks at other Regions before it makes the copies there is not documented.
                blocks: *scope == trail.address.scope && trail.action == Action::Create,
            }),
            Ok(_) => {}
        }
    }
    all
}

/// Metric filters that a run writes, by name: the step, and whether the pattern has a regular expression.
type Written<'a> = BTreeMap<&'a str, (&'a Step, bool)>;

/// What a log group would hold: its metric filters as they are, those that go taken out, those of this run put in.
fn filters(world: &World<'_>, facts: &Census) -> Vec<Obstacle> {
    let mut groups: BTreeMap<(Scope, String), Written<'_>> = BTreeMap::new();
    for step in world.plan.steps.iter().filter(|step| step.blocked.is_none()) {
        if let (Action::Create | Action::Update, Some(Resource::MetricFilter(filter))) =
            (step.action, &step.desired)
        {
            let group = (step.address.scope.clone(), filter.log_group.text().to_owned());
            groups.entry(group).or_default().insert(&step.aws_name, (step, has_regex(&filter.pattern)));
        }
    }
    let mut all = Vec::new();
    for (group, ours) in groups {
        let Some((first, _)) = ours.values().next() else { continue };
        let none = BTreeMap::new();
        let there = match facts.filters.get(&group) {
            Some(Ok(there)) => there,
            Some(Err(error)) => {
                all.push(unknown(
                    &first.address,
                    &format!("whether {} has room for more metric filters", group.1),
                    error,
                ));
                &none
            }
            None => &none,
        };
        let deleted = |name: &str| {
            world.plan.steps.iter().any(|step| {
                step.action == Action::Delete
                    && step.blocked.is_none()
                    && step.address.kind == Kind::MetricFilter
                    && step.address.scope == group.0
                    && step.aws_name == name
            })
        };
        let others: Vec<bool> = there
            .iter()
            .filter(|(name, _)| !deleted(name) && !ours.contains_key(name.as_str()))
            .map(|(_, regex)| *regex)
            .collect();
        let with_regex = others.iter().filter(|regex| **regex).count() + subscribed_regexes(world, &group);
        let regexes = ours.values().filter(|(_, regex)| *regex).count();
        let counts = [
            (others.len(), ours.len(), FILTERS, "metric filters"),
            (with_regex, regexes, MAX_REGEX_PATTERNS, "patterns with a regular expression"),
        ];
        for (old, new, most, what) in
            counts.into_iter().filter(|(old, new, most, _)| *new > 0 && old + new > *most)
        {
            all.push(Obstacle {
                code: Code::Filters,
                address: first.address.clone(),
                text: format!(
                    "the log group {} has {old} {what} besides the {new} of this run; CloudWatch Logs takes {most}",
                    group.1
                ),
                fix: format!("take {} of them away, or disable detections with detections.disable", old + new - most),
                blocks: true,
            });
        }
    }
    all
}

/// Returns how many subscription filters of a group have a regular expression: they count among the group's patterns.
fn subscribed_regexes(world: &World<'_>, (scope, name): &(Scope, String)) -> usize {
    let group = world.seen.readings.iter().find_map(|(address, reading)| match &reading.found()?.state {
        Resource::LogGroup(group) if address.scope == *scope && group.name == *name => Some(group),
        _ => None,
    });
    // `DESTINATION, pattern PATTERN`
    let pattern =
        |text: &String| text.split_once(", pattern ").is_some_and(|(_, pattern)| has_regex(pattern));
    group.map_or(0, |group| group.subscription_filters.values().filter(|text| pattern(text)).count())
}

fn alarms(world: &World<'_>, facts: &Census) -> Vec<Obstacle> {
    let mut all = Vec::new();
    for (scope, answer) in &facts.alarms {
        for (kind, word) in [(Kind::MetricAlarm, "metric"), (Kind::CompositeAlarm, "composite")] {
            let added: Vec<&Step> =
                creations(world, kind).filter(|step| step.address.scope == *scope).collect();
            let Some(first) = added.first() else { continue };
            let there = match answer {
                Ok(alarms) if kind == Kind::MetricAlarm => &alarms.metric,
                Ok(alarms) => &alarms.composite,
                Err(error) => {
                    let what = format!("whether {} has room for more {word} alarms", scope.region);
                    all.push(unknown(&first.address, &what, error));
                    continue;
                }
            };
            let new = added.iter().filter(|step| !there.contains(&step.aws_name)).count();
            if there.len() + new > ALARMS {
                all.push(Obstacle {
                    code: Code::Alarms,
                    address: first.address.clone(),
                    text: format!(
                        "{} has {} {word} alarms and would get {new} more; CloudWatch takes {ALARMS} unless the quota was \
                         raised",
                        scope.region,
                        there.len()
                    ),
                    fix: "ask for a higher quota under Service Quotas, or disable detections with detections.disable".into(),
                    // A raised quota cannot be told from here.
                    blocks: false,
                });
            }
        }
    }
    all
}

fn selector_values(step: &Step) -> Option<Obstacle> {
    let Some(Resource::Trail(trail)) = &step.desired else { return None };
    let fields = trail.event_selectors.values().flatten();
    let values: usize = fields
        .map(|field| {
            [
                &field.equals,
                &field.starts_with,
                &field.ends_with,
                &field.not_equals,
                &field.not_starts_with,
                &field.not_ends_with,
            ]
            .iter()
            .map(|values| values.len())
            .sum::<usize>()
        })
        .sum();
    (values > SELECTOR_VALUES).then(|| Obstacle {
        code: Code::SelectorValues,
        address: step.address.clone(),
        text: format!("the trail's selectors have {values} values; CloudTrail takes {SELECTOR_VALUES}"),
        fix: "name fewer resource types, buckets or prefixes under trail.data_events".into(),
        blocks: step.calls.iter().any(|call| call.name() == "PutEventSelectors"),
    })
}

/// A document of a resource, and the length its service takes.
struct Bound<'a> {
    attribute: &'static str,
    what: &'static str,
    document: &'a Policy,
    most: usize,
    /// Length up to which the quota can be raised on request.
    raisable: usize,
    unit: &'static str,
}

fn bounds(state: &Resource) -> Vec<Bound<'_>> {
    let bytes = |document, what, kilobytes: usize| Bound {
        attribute: "policy",
        what,
        document,
        most: kilobytes * 1024,
        raisable: kilobytes * 1024,
        unit: "bytes",
    };
    match state {
        // S3 User Guide, bucket policies: 20 KB. KMS Developer Guide, quotas: 32 KB. SNS quotas: 30 KB.
        Resource::S3Bucket(bucket) => {
            bucket.policy.iter().map(|document| bytes(document, "the bucket's policy", 20)).collect()
        }
        Resource::KmsKey(key) => vec![bytes(&key.policy, "the key's policy", 32)],
        Resource::SnsTopic(topic) => vec![bytes(&topic.policy, "the topic's policy", 30)],
        // IAM quotas: white space does not count, and what is sent has none outside of values.
        Resource::IamRole(role) => {
            let unit = "characters";
            let trust = Bound {
                attribute: "trust",
                what: "the role's trust policy",
                document: &role.trust,
                most: 2048,
                raisable: 4096,
                unit,
            };
            let inline = role.policy.iter().map(|document| Bound {
                attribute: "policy",
                what: "the role's own policy",
                document,
                most: 10_240,
                raisable: 10_240,
                unit,
            });
            inline.chain([trust]).collect()
        }
        _ => Vec::new(),
    }
}

fn documents(step: &Step) -> Vec<Obstacle> {
    let Some(state) = &step.desired else { return Vec::new() };
    let written = |bound: &Bound<'_>| {
        step.action == Action::Create
            || state.call_for(bound.attribute).is_some_and(|call| step.calls.contains(&call))
    };
    let long = bounds(state).into_iter().filter(written).filter_map(|bound| {
        let length = bound.document.to_text().len();
        (length > bound.most).then(|| Obstacle {
            code: Code::DocumentSize,
            address: step.address.clone(),
            text: format!("{} would have {length} {}; AWS takes {}", bound.what, bound.unit, bound.most),
            fix: "name fewer readers and administrators under [encryption] and [invocation_logging]: let them assume one \
                  role, and name that"
                .into(),
            blocks: length > bound.raisable,
        })
    });
    long.collect()
}
