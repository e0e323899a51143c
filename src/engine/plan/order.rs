//! The last part of planning: what waits for what, what needs an approval, and the order of it all.

use super::{Action, Plan, PlanError, Planner, Step, select};
use crate::engine::graph;
use crate::kinds::Kind;
use crate::model::{Address, Scope};
use std::collections::{BTreeMap, BTreeSet};

impl Planner<'_> {
    pub(super) fn finish(mut self) -> Result<Plan, PlanError> {
        self.plan.blind.clone_from(&self.seen.blind);
        self.plan.notes.extend(self.seen.notes.iter().cloned());
        self.plan.notes.sort();
        self.plan.notes.dedup();
        self.wait_for_the_region_tag();
        self.delete_dependents_first();
        self.ask_for_approvals();
        let items: Vec<(Address, Vec<Address>)> =
            self.plan.steps.iter().map(|step| (step.address.clone(), step.after.clone())).collect();
        let order = graph::order(&items)?;
        let mut steps: Vec<Option<Step>> =
            std::mem::take(&mut self.plan.steps).into_iter().map(Some).collect();
        self.plan.steps = order.into_iter().filter_map(|at| steps[at].take()).collect();
        select::narrow(&mut self.plan, self.seen, &self.names.home(), self.intent)?;
        block_dependents(&mut self.plan.steps);
        Ok(self.plan)
    }

    /// A Region is written into the trail's tag before anything is written there.
    fn wait_for_the_region_tag(&mut self) {
        let home = self.names.home();
        let trail = Address::new(Kind::Trail, "main", &home);
        for step in &mut self.plan.steps {
            if step.address.scope != home && step.action != Action::Delete {
                step.after.push(trail.clone());
            }
        }
    }

    fn delete_dependents_first(&mut self) {
        let deletes: Vec<Address> = self
            .plan
            .steps
            .iter()
            .filter(|step| step.action == Action::Delete)
            .map(|step| step.address.clone())
            .collect();
        // What is changed until it no longer names a thing, such as a composite alarm one of its children, goes first too:
        // CloudWatch deletes no alarm that a composite still names (CloudWatch API, DeleteAlarms).
        let lets_go: Vec<(Address, Vec<String>)> = self
            .plan
            .steps
            .iter()
            .filter(|step| step.action != Action::Delete)
            .filter_map(|step| {
                let inputs = step.observed.as_ref()?.state.inputs();
                Some((step.address.clone(), inputs.iter().map(|input| input.text().to_owned()).collect()))
            })
            .collect();
        for step in self.plan.steps.iter_mut().filter(|step| step.action == Action::Delete) {
            let users: Vec<Address> = lets_go
                .iter()
                .filter(|(user, _)| user.scope == step.address.scope)
                .filter(|(_, texts)| texts.iter().any(|text| is_named(step, text)))
                .map(|(user, _)| user.clone())
                .collect();
            let mine = deletion_rank(step.address.kind);
            step.after = deletes
                .iter()
                .filter(|other| {
                    other.scope.account == step.address.scope.account && deletion_rank(other.kind) < mine
                })
                .cloned()
                .chain(users)
                .collect();
        }
    }

    fn ask_for_approvals(&mut self) {
        let mut steps = std::mem::take(&mut self.plan.steps);
        for step in steps.iter_mut().filter(|step| step.blocked.is_none()) {
            let name = self.unmistakable(&step.address);
            let kinds: BTreeSet<&str> =
                step.effects.iter().filter_map(|effect| effect.class.approval()).collect();
            step.needs = kinds
                .into_iter()
                .filter(|kind| !self.intent.allows(kind, &step.address))
                .map(|kind| format!("{kind}:{name}"))
                .collect();
        }
        self.plan.steps = steps;
    }

    /// Returns the shortest address that means this one thing and no other of the scope, whether or not the plan has a step
    /// for it: who approves a change in one Region must not turn off another one's left-over with the same words.
    pub(super) fn unmistakable(&self, address: &Address) -> String {
        if self.is_alone(address) { address.short() } else { address.to_string() }
    }

    /// Returns true if nothing else, elsewhere, has the kind and the name; where something could not be read there may be.
    pub(super) fn is_alone(&self, address: &Address) -> bool {
        let is_other = |other: &Address| {
            other.kind == address.kind && other.name == address.name && other.scope != address.scope
        };
        let hides = |kind: Kind, scope: &Scope| kind == address.kind && *scope != address.scope;
        !self.seen.readings.keys().any(is_other)
            && !self.seen.blind.iter().any(|(kind, scope, _)| hides(*kind, scope))
    }
}

/// Returns true if a text is the name or an output of what a step finds.
pub(super) fn is_named(step: &Step, text: &str) -> bool {
    let mut outputs = step.observed.iter().flat_map(|found| found.outputs.values());
    text == step.aws_name || outputs.any(|output| output == text)
}

/// A composite goes before its children (CloudWatch API, DeleteAlarms); what is served goes before what serves it.
fn deletion_rank(kind: Kind) -> usize {
    match kind {
        Kind::CompositeAlarm => 0,
        Kind::MetricAlarm | Kind::Dashboard => 1,
        Kind::MetricFilter => 2,
        Kind::BedrockLogging => 3,
        Kind::Trail => 4,
        Kind::SnsTopic | Kind::IamRole => 5,
        Kind::LogGroup => 6,
        Kind::S3Bucket => 7,
        Kind::KmsKey => 8,
    }
}

/// What a blocked step gives cannot be counted on.
fn block_dependents(steps: &mut [Step]) {
    let mut blocked: BTreeMap<Address, String> = BTreeMap::new();
    for step in steps.iter_mut() {
        if step.blocked.is_none()
            && let Some(cause) = step.after.iter().find(|address| blocked.contains_key(address))
        {
            step.blocked = Some(format!("it waits for {}", cause.short()));
        }
        if let Some(why) = &step.blocked {
            blocked.insert(step.address.clone(), why.clone());
        }
    }
}
