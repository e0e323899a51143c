//! Desired state, readings and intent become a plan. Pure: the same inputs give the same bytes.

mod order;
pub mod select;

use crate::aws::members::Unknown;
use crate::aws::{ApiError, Note};
use crate::engine::diff::{self, Change};
use crate::engine::graph;
use crate::engine::observe::{Observation, written_regions};
use crate::engine::preflight::Obstacle;
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Call, Class, Effect, Fate, Kind, Resource, Stands, trail};
use crate::model::{Address, AddressPattern, Names, Outputs, Scope, tags};
use select::{Selection, SelectionError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What the user wants to come of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// The account matches the blueprint.
    #[default]
    Converge,
    /// What holds no evidence is gone, evidence is released.
    Destroy,
}

/// The goal, and what the user has agreed to.
#[derive(Clone, Debug, Default)]
pub struct Intent {
    pub goal: Goal,
    /// `--adopt`.
    pub adopt: Vec<AddressPattern>,
    /// `--allow`: kind and address.
    pub allow: Vec<(String, AddressPattern)>,
    /// `--prune`: left-overs that hold no evidence are deleted.
    pub prune: bool,
    /// `destroy --delete`.
    pub delete: Vec<AddressPattern>,
    /// `--target`: these and what they wait for; empty: everything.
    pub target: Vec<AddressPattern>,
    /// `--exclude`: without these and what cannot do without them.
    pub exclude: Vec<AddressPattern>,
    /// What a selection may name although it is gone: this run has taken it away.
    pub gone: Vec<Address>,
    /// Date written into a release, `2026-11-24`.
    pub today: String,
}

impl Intent {
    fn allows(&self, kind: &str, address: &Address) -> bool {
        self.allow.iter().any(|(allowed, pattern)| allowed == kind && pattern.matches(address))
    }
    fn names(patterns: &[AddressPattern], address: &Address) -> bool {
        patterns.iter().any(|pattern| pattern.matches(address))
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Update,
    /// A foreign thing becomes ours.
    Adopt,
    /// A released thing becomes ours again.
    TakeBack,
    /// Evidence is kept and marked as released.
    Release,
    Delete,
    /// Something that is not ours is in the way.
    Foreign,
    /// It could not be read.
    Unreadable,
}

/// One resource's way from what is to what is asked for.
#[derive(Clone, Debug)]
pub struct Step {
    pub address: Address,
    pub aws_name: String,
    pub action: Action,
    /// The weightiest class of its effects.
    pub class: Class,
    /// Why, in one clause.
    pub reason: String,
    pub changes: Vec<Change>,
    /// Calls in the order they are sent.
    pub calls: Vec<Call>,
    pub effects: Vec<Effect>,
    /// Approvals that are missing: `coverage:trail.main`.
    pub needs: Vec<String>,
    /// Steps that must be done first.
    pub after: Vec<Address>,
    /// Why it cannot be carried out; `None` if it can.
    pub blocked: Option<String>,
    /// Why some of its changes wait although the others can be carried out.
    pub held: Vec<String>,
    /// State to reach; `None` for a deletion.
    pub desired: Option<Resource>,
    /// What is there.
    pub observed: Option<Found>,
}

/// Something of ours that nobody asks for any more, or that `destroy` leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOver {
    pub address: Address,
    pub aws_name: String,
    /// Why it stays, and what would remove it.
    pub why: String,
}

/// A resource that is as the blueprint asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unchanged {
    pub address: Address,
    pub aws_name: String,
}

/// A difference that is told and left as it is: something added beside ours, perhaps on purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unrepaired {
    pub address: Address,
    pub attribute: String,
    /// Live value.
    pub before: Value,
    /// Value the blueprint asks for.
    pub after: Value,
    /// Why nothing is done about it, and what would be.
    pub why: Cow<'static, str>,
    /// True if `apply --prune` takes it away.
    pub prunable: bool,
}

/// What would be done, in order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub goal: Goal,
    pub steps: Vec<Step>,
    pub left_over: Vec<LeftOver>,
    /// Differences that no step repairs.
    pub unrepaired: Vec<Unrepaired>,
    /// Kinds and places of which nothing is known.
    pub blind: Vec<(Kind, Scope, ApiError)>,
    /// Resources that need nothing.
    pub unchanged: Vec<Unchanged>,
    /// What the plan was narrowed to; `None`: it is whole.
    pub selection: Option<Selection>,
    /// What was noticed: other trails, pending subscriptions, delivery errors.
    pub notes: Vec<Note>,
    /// Unreadable errors, by address.
    pub errors: BTreeMap<Address, Vec<ApiError>>,
    /// What would make it fail half-way; filled in by preflight, not by planning.
    pub obstacles: Vec<Obstacle>,
}

impl Plan {
    /// Returns true if there is nothing to do and everything could be read.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.blind.is_empty()
    }
    /// Returns true if the account differs from the blueprint, whether or not a step repairs it, or could not be read.
    pub fn differs(&self) -> bool {
        !self.is_empty() || !self.unrepaired.is_empty()
    }
    /// Returns how many steps have an action.
    pub fn count(&self, actions: &[Action]) -> usize {
        self.steps.iter().filter(|step| actions.contains(&step.action)).count()
    }
    /// Returns the approvals that are missing, by address.
    pub fn missing_approvals(&self) -> Vec<&str> {
        self.steps.iter().flat_map(|step| &step.needs).map(String::as_str).collect()
    }
    /// Returns what was approved although the plan does nothing of the kind, as `KIND:ADDRESS`: a wrong address or class, or
    /// something that an earlier run has done already. Whoever approves it means another plan than this one.
    pub fn unused_approvals(&self, intent: &Intent) -> Vec<String> {
        // Of what could not be read nobody knows what it would need.
        let is_used = |kind: &str, pattern: &AddressPattern| {
            !self.blind.is_empty()
                || self.steps.iter().filter(|step| pattern.matches(&step.address)).any(|step| {
                    step.action == Action::Unreadable
                        || step.effects.iter().any(|effect| effect.class.approval() == Some(kind))
                })
        };
        let unused = intent.allow.iter().filter(|(kind, pattern)| !is_used(kind, pattern));
        unused.map(|(kind, pattern)| format!("{kind}:{pattern}")).collect()
    }
    /// Returns every approval that the plan asks for, given or not, and what would turn off what is left over, as
    /// `KIND:ADDRESS` with the whole address.
    pub fn approvals(&self) -> BTreeSet<String> {
        let of = |step: &Step| {
            let kinds: BTreeSet<&str> =
                step.effects.iter().filter_map(|effect| effect.class.approval()).collect();
            let name = step.address.to_string();
            kinds.into_iter().map(move |kind| format!("{kind}:{name}")).collect::<Vec<_>>()
        };
        let left = self.left_over.iter().filter(|left| left.address.kind.fate() == Fate::Stays);
        let left = left.map(|left| format!("coverage:{}", left.address));
        self.steps.iter().filter(|step| step.blocked.is_none()).flat_map(of).chain(left).collect()
    }
    /// Returns true if something could not be read.
    pub fn is_incomplete(&self) -> bool {
        !self.blind.is_empty() || self.count(&[Action::Unreadable]) > 0
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    NoOrder(#[from] graph::Cycle),
    #[error(transparent)]
    Selection(#[from] SelectionError),
}

/// Makes the plan.
///
/// # Errors
/// Resources that wait for each other in a circle; a selection that matches nothing or contradicts itself.
pub fn plan(
    desired: &BTreeMap<Address, Resource>,
    seen: &Observation,
    names: &Names,
    intent: &Intent,
) -> Result<Plan, PlanError> {
    let mut planner = Planner { seen, names, intent, plan: Plan { goal: intent.goal, ..Plan::default() } };
    match intent.goal {
        Goal::Converge => planner.converge(desired),
        Goal::Destroy => planner.destroy(),
    }
    planner.finish()
}

struct Planner<'a> {
    seen: &'a Observation,
    names: &'a Names,
    intent: &'a Intent,
    plan: Plan,
}

impl Planner<'_> {
    fn converge(&mut self, desired: &BTreeMap<Address, Resource>) {
        let outputs = self.outputs(desired);
        for (address, wanted) in desired {
            let mut wanted = wanted.clone();
            wanted.resolve(&outputs);
            self.tag_regions(address, &mut wanted, desired);
            self.name_silent_topics(address, &mut wanted);
            self.one(address, wanted);
        }
        for (address, reading) in &self.seen.readings {
            if !desired.contains_key(address)
                && let Reading::Found(found) = reading
            {
                self.left_over(address, found);
            }
        }
    }

    /// Outputs of everything that is there, for the inputs of what waits for it.
    fn outputs(&self, desired: &BTreeMap<Address, Resource>) -> Outputs {
        let mut outputs = Outputs::new();
        for input in desired.values().flat_map(Resource::inputs) {
            if let crate::model::Input::From(output, _) = input
                && let Some(found) = self.seen.readings.get(&output.address).and_then(Reading::found)
                && let Some(value) = found.outputs.get(output.attribute)
            {
                outputs.insert(output.clone(), value.clone());
            }
        }
        outputs
    }

    /// The home trail's tag lists every Region we have written to; one leaves the list when nothing of ours is there.
    fn tag_regions(&self, address: &Address, wanted: &mut Resource, desired: &BTreeMap<Address, Resource>) {
        if address.kind != Kind::Trail {
            return;
        }
        let mut regions: BTreeSet<String> =
            desired.keys().map(|address| address.scope.region.clone()).collect();
        let in_use = |region: &String| {
            self.seen.blind.iter().any(|(_, scope, _)| scope.region == *region)
                || self.seen.readings.iter().any(|(address, reading)| {
                    address.scope.region == *region
                        && match reading {
                            Reading::Found(found) => found.released.is_none(),
                            Reading::Unreadable(_) => true,
                            Reading::Absent | Reading::Foreign { .. } => false,
                        }
                })
        };
        regions.extend(written_regions(&self.seen.readings).into_iter().filter(in_use));
        if let Some(tags) = wanted.tags_mut() {
            tags.retain(|key, _| !key.starts_with(tags::REGIONS));
            tags.extend(trail::region_tags(regions.iter().map(String::as_str)));
        }
    }

    /// An alarm cannot tell whether anybody hears our topic; the topic can.
    fn name_silent_topics(&self, address: &Address, wanted: &mut Resource) {
        let Resource::MetricAlarm(alarm) = wanted else { return };
        let topic = Address::new(Kind::SnsTopic, "alarms", &address.scope);
        let found = self.seen.readings.get(&topic).and_then(Reading::found);
        let is_heard = found.is_some_and(
            |found| matches!(&found.state, Resource::SnsTopic(topic) if !topic.subscription_arns.is_empty()),
        );
        if !is_heard {
            alarm.silent_topics.insert(self.names.topic_arn(&address.scope.region));
        }
    }

    fn one(&mut self, address: &Address, mut wanted: Resource) {
        let reading = self.seen.readings.get(address);
        if let Some(found) = reading.and_then(Reading::found) {
            wanted.adopt_given(&found.state);
            let unknown = found.unknown.iter().map(Unknown::text);
            for note in found.notes.iter().cloned().chain(unknown) {
                self.plan.notes.push(Note { text: format!("{}: {note}", address.short()) });
            }
        }
        match reading {
            Some(Reading::Absent) => self.create(address, wanted),
            Some(Reading::Found(found)) => {
                let action = if found.released.is_some() { Action::TakeBack } else { Action::Update };
                self.change(address, wanted, found, action);
            }
            Some(Reading::Foreign { found: Some(found), .. })
                if Intent::names(&self.intent.adopt, address) =>
            {
                self.change(address, wanted, found, Action::Adopt);
            }
            Some(Reading::Foreign { found, why }) => {
                let hint = match found {
                    Some(_) => format!("--adopt {} would take it over", address.short()),
                    None => "it cannot be taken over; rename the scope or remove it by hand".to_owned(),
                };
                let reason = format!("{} exists and is not ours: {why}; {hint}", wanted.aws_name());
                let mut step = blank(address, wanted.aws_name(), Action::Foreign, reason.clone());
                if let Some(found) = found {
                    step.changes = diff::changes(&found.state.json(), &wanted.json());
                    step.observed = Some((**found).clone());
                }
                step.after = sources(&wanted);
                step.desired = Some(wanted);
                step.blocked = Some(reason);
                self.plan.steps.push(step);
            }
            Some(Reading::Unreadable(errors)) => self.unreadable(address, wanted, errors),
            // A kind that gives no reading for what is wanted is a mistake of ours: never a licence to create.
            None => self.unreadable(address, wanted, &[]),
        }
    }

    fn unreadable(&mut self, address: &Address, wanted: Resource, errors: &[ApiError]) {
        let reason = errors.first().map_or_else(|| "it was not read".to_owned(), ToString::to_string);
        let mut step = blank(address, wanted.aws_name(), Action::Unreadable, reason);
        step.blocked = Some("it could not be read".into());
        step.after = sources(&wanted);
        step.desired = Some(wanted);
        self.plan.errors.insert(address.clone(), errors.to_vec());
        self.plan.steps.push(step);
    }

    fn create(&mut self, address: &Address, wanted: Resource) {
        let mut step = blank(address, wanted.aws_name(), Action::Create, "it does not exist".into());
        step.changes = diff::changes(&Value::Null, &wanted.json());
        // What must be empty is so in a new thing.
        step.changes.retain(|change| !is_hollow(&change.after));
        step.calls = wanted.create_calls();
        step.effects = Resource::effects(None, &wanted);
        step.class = step.effects.iter().map(|effect| effect.class).max().unwrap_or(Class::Additive);
        step.after = sources(&wanted);
        step.desired = Some(wanted);
        self.plan.steps.push(step);
    }

    fn change(&mut self, address: &Address, wanted: Resource, found: &Found, action: Action) {
        let (before, after) = (found.state.json(), wanted.json());
        let (standing, attributes): (Vec<String>, Vec<String>) = diff::attributes(&before, &after)
            .into_iter()
            .partition(|name| self.leaves(&wanted, name).is_some());
        for attribute in &standing {
            if let Some(Stands { why, prunable }) = wanted.stands(attribute) {
                let (before, after) = (before[attribute].clone(), after[attribute].clone());
                let (address, attribute, why) = (address.clone(), attribute.clone(), why.into());
                self.plan.unrepaired.push(Unrepaired { address, attribute, before, after, why, prunable });
            }
        }
        if attributes.is_empty() {
            if standing.is_empty() {
                let aws_name = wanted.aws_name();
                self.plan.unchanged.push(Unchanged { address: address.clone(), aws_name });
            }
            return;
        }
        let reason = match action {
            Action::Adopt => "it becomes ours".to_owned(),
            Action::TakeBack => {
                format!("released on {}, taken back", found.released.as_deref().unwrap_or("an unknown day"))
            }
            _ => format!("{} {} from the blueprint", attributes.join(", "), differ(attributes.len())),
        };
        let mut step = blank(address, wanted.aws_name(), action, reason);
        let is_left = |attribute: &str| standing.iter().any(|left| left == attribute);
        step.changes = diff::changes(&before, &after);
        step.changes.retain(|change| !is_left(change.attribute()));
        let calls: Vec<Option<Call>> = attributes.iter().map(|name| wanted.call_for(name)).collect();
        let fixed: Vec<&str> = attributes
            .iter()
            .zip(&calls)
            .filter(|(_, call)| call.is_none())
            .map(|(name, _)| name.as_str())
            .collect();
        if !fixed.is_empty() {
            step.blocked = Some(format!(
                "{} can only be set when it is created, and nothing that may hold evidence is replaced",
                fixed.join(", ")
            ));
        }
        step.calls = calls.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect();
        let held = hold(&mut step, found);
        step.effects = Resource::effects(Some(&found.state), &wanted);
        step.effects.retain(|effect| {
            !is_left(&effect.attribute)
                && wanted.call_for(&effect.attribute).is_none_or(|call| !held.contains(call.name()))
        });
        // A description or a tag changes nothing about the record; taking something back restores.
        let least = if action == Action::Update { Class::Neutral } else { Class::Restoring };
        step.class = step.effects.iter().map(|effect| effect.class).max().unwrap_or(least).max(least);
        step.after = sources(&wanted);
        step.desired = Some(wanted);
        step.observed = Some(found.clone());
        self.plan.steps.push(step);
    }

    /// Returns why an attribute's difference is left as it is in this run.
    fn leaves(&self, wanted: &Resource, attribute: &str) -> Option<Stands> {
        wanted.stands(attribute).filter(|stands| !(stands.prunable && self.intent.prune))
    }

    fn left_over(&mut self, address: &Address, found: &Found) {
        let name = self.unmistakable(address);
        // No step announces this deletion until it is approved: an approval without a place may be meant for something else.
        let approved = self.intent.allow.iter().any(|(kind, pattern)| {
            kind == "coverage" && pattern.matches(address) && (pattern.has_place() || self.is_alone(address))
        });
        match address.kind.fate() {
            Fate::Disposable if self.intent.prune => {
                self.delete(address, found, "nobody asks for it any more".into());
            }
            Fate::Stays if approved => {
                self.delete(address, found, "nobody asks for it any more".into());
            }
            Fate::Disposable => self.leave(address, found, "apply --prune removes it".into()),
            Fate::Stays => self.leave(address, found, format!("--allow coverage:{name} turns it off")),
            Fate::Evidence => {
                let why = match &found.released {
                    Some(date) => format!("released on {date}; it holds evidence and stays"),
                    None => "it holds evidence and stays; destroy releases it".into(),
                };
                self.leave(address, found, why);
            }
        }
    }

    fn leave(&mut self, address: &Address, found: &Found, why: String) {
        let aws_name = found.state.aws_name();
        self.plan.left_over.push(LeftOver { address: address.clone(), aws_name, why });
    }

    fn delete(&mut self, address: &Address, found: &Found, reason: String) {
        let mut step = blank(address, found.state.aws_name(), Action::Delete, reason);
        step.changes = diff::attributes(&Value::Null, &found.state.json())
            .into_iter()
            .map(|path| Change { before: found.state.json()[&path].clone(), after: Value::Null, path })
            .collect();
        step.calls = found.state.delete_calls();
        step.effects = found.state.loss();
        step.class = step.effects.iter().map(|effect| effect.class).max().unwrap_or(Class::Neutral);
        step.observed = Some(found.clone());
        self.plan.steps.push(step);
    }

    fn destroy(&mut self) {
        for (address, reading) in &self.seen.readings {
            match reading {
                Reading::Found(found) => self.destroy_one(address, found),
                Reading::Unreadable(errors) => {
                    let reason = errors.first().map_or_else(String::new, ToString::to_string);
                    let mut step = blank(address, String::new(), Action::Unreadable, reason);
                    step.blocked = Some("it could not be read".into());
                    self.plan.errors.insert(address.clone(), errors.clone());
                    self.plan.steps.push(step);
                }
                Reading::Absent | Reading::Foreign { .. } => {}
            }
        }
    }

    fn destroy_one(&mut self, address: &Address, found: &Found) {
        let named = Intent::names(&self.intent.delete, address);
        match address.kind.fate() {
            Fate::Disposable => self.delete(address, found, "it holds no evidence".into()),
            Fate::Stays if self.intent.allows("coverage", address) => {
                self.delete(address, found, "its loss of coverage was approved".into());
            }
            Fate::Stays => {
                let why = format!(
                    "it records model invocations; --allow coverage:{} turns it off",
                    self.unmistakable(address)
                );
                self.leave(address, found, why);
            }
            Fate::Evidence if named => self.delete(address, found, "it was named for deletion".into()),
            Fate::Evidence if self.serves_nothing(address) => {
                self.delete(address, found, "what it served is gone".into());
            }
            Fate::Evidence => self.release(address, found),
        }
    }

    /// A delivery role has no purpose once its trail or its Region's invocation logging is gone.
    fn serves_nothing(&self, role: &Address) -> bool {
        if role.kind != Kind::IamRole {
            return false;
        }
        let kind = if role.name == "bedrock-logs" { Kind::BedrockLogging } else { Kind::Trail };
        let served = Address::new(kind, "main", &role.scope);
        match self.seen.readings.get(&served) {
            // Nothing to serve now does not mean nothing to serve ever: it is released.
            Some(Reading::Absent) | None => false,
            Some(Reading::Found(_)) => match kind {
                Kind::BedrockLogging => self.intent.allows("coverage", &served),
                _ => Intent::names(&self.intent.delete, &served),
            },
            _ => false,
        }
    }

    fn release(&mut self, address: &Address, found: &Found) {
        if let Some(date) = &found.released {
            self.leave(
                address,
                found,
                format!("released on {date}; --delete {} would delete it", address.short()),
            );
            return;
        }
        let mut wanted = found.state.clone();
        let Some(tags) = wanted.tags_mut() else { return };
        tags.insert(tags::RELEASED.into(), self.intent.today.clone());
        let mut step = blank(
            address,
            wanted.aws_name(),
            Action::Release,
            "it holds evidence: kept, marked as released".into(),
        );
        step.changes = diff::changes(&found.state.json(), &wanted.json());
        step.calls = wanted.call_for("tags").into_iter().collect();
        hold(&mut step, found);
        step.desired = Some(wanted);
        step.observed = Some(found.clone());
        self.plan.steps.push(step);
    }
}

/// Takes out the calls that would write a document back without the members that this version does not know, and
/// returns their names. What the other calls change is changed all the same.
fn hold(step: &mut Step, found: &Found) -> BTreeSet<&'static str> {
    let mut held = BTreeSet::new();
    for unknown in &found.unknown {
        let Some(name) = unknown.call else { continue };
        if step.calls.iter().any(|call| call.name() == name) {
            held.insert(name);
            step.held.push(unknown.text());
        }
    }
    step.calls.retain(|call| !held.contains(call.name()));
    if step.calls.is_empty() && !held.is_empty() && step.blocked.is_none() {
        step.blocked = Some(step.held.join("; "));
    }
    held
}

fn sources(resource: &Resource) -> Vec<Address> {
    let found: BTreeSet<Address> =
        resource.inputs().into_iter().filter_map(|input| input.source().cloned()).collect();
    found.into_iter().collect()
}

fn is_hollow(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn differ(count: usize) -> &'static str {
    if count == 1 { "differs" } else { "differ" }
}

fn blank(address: &Address, aws_name: String, action: Action, reason: String) -> Step {
    Step {
        address: address.clone(),
        aws_name,
        action,
        class: Class::Neutral,
        reason,
        changes: Vec::new(),
        calls: Vec::new(),
        effects: Vec::new(),
        needs: Vec::new(),
        after: Vec::new(),
        blocked: None,
        held: Vec::new(),
        desired: None,
        observed: None,
    }
}
