//! A plan, drift or destroy as one document: every format shows it, and a saved plan holds it. Names and shape are a
//! contract (`docs/schemas/plan.schema.json`).

use crate::aws::ApiError;
use crate::blueprint::Blueprint;
use crate::cli::exit::Verdict;
use crate::coverage::Effect as Coverage;
use crate::engine::diff::Change;
use crate::engine::plan::select::Selection;
use crate::engine::plan::{Action, Goal, LeftOver, Plan, Step, Unchanged, Unrepaired};
use crate::engine::preflight::Obstacle;
use crate::kinds::{Class, Effect, Kind};
use crate::model::Address;
use crate::render::plan::View;
use serde::{Deserialize, Serialize};

/// Major and minor version of every document; a change that breaks readers raises the major part.
pub const FORMAT_VERSION: &str = "1.0";

/// What a command talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Aws,
    Sandbox,
}

impl Place {
    /// Returns the place of a session.
    pub fn of(sandbox: bool) -> Self {
        if sandbox { Self::Sandbox } else { Self::Aws }
    }
}

/// Whose account it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeOf {
    /// The scope's name in the blueprint.
    pub name: String,
    /// Twelve digits.
    pub account: String,
    pub home_region: String,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub add: usize,
    /// Updates and releases.
    pub change: usize,
    pub destroy: usize,
    /// Adopted or taken back.
    pub adopt: usize,
    pub foreign: usize,
    pub unreadable: usize,
    pub left_over: usize,
    pub unrepaired: usize,
    /// Resources that need nothing.
    pub unchanged: usize,
}

/// One resource's way from what is to what is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub address: Address,
    pub kind: Kind,
    /// AWS's name of it.
    pub name: String,
    pub action: Action,
    /// The weightiest class of its effects.
    pub class: Class,
    /// Why, in one clause.
    pub reason: String,
    /// Calls in the order they are sent.
    pub calls: Vec<String>,
    pub attributes: Vec<Change>,
    pub effects: Vec<Effect>,
    /// Approvals that are missing: `coverage:trail.main`.
    pub needs: Vec<String>,
    /// Why it cannot be carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<String>,
    /// Why some of its changes wait although the others can be carried out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
}

impl Row {
    fn of(step: &Step) -> Self {
        Self {
            address: step.address.clone(),
            kind: step.address.kind,
            name: step.aws_name.clone(),
            action: step.action,
            class: step.class,
            reason: step.reason.clone(),
            calls: step.calls.iter().map(|call| call.name().to_owned()).collect(),
            attributes: step.changes.clone(),
            effects: step.effects.clone(),
            needs: step.needs.clone(),
            blocked: step.blocked.clone(),
            held: step.held.clone(),
        }
    }
    /// Returns true if some effect needs an approval of its own.
    pub fn is_weighty(&self) -> bool {
        self.effects.iter().any(|effect| effect.class.approval().is_some())
    }
}

/// A read that failed, and of what nothing is known because of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// An address, or `kind.*@account/region` for a whole kind in a place.
    pub address: String,
    /// AWS's name of it; empty if it is more than one thing.
    pub name: String,
    /// Service and operation: `logs:DescribeLogGroups`.
    pub call: Option<String>,
    /// IAM action that the call is checked against.
    pub permission: Option<String>,
    pub code: Option<String>,
    pub message: String,
    pub request_id: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Unreadable {
    fn of(address: String, name: &str, error: &ApiError) -> Self {
        Self {
            address,
            name: name.to_owned(),
            call: Some(error.call.clone()),
            permission: Some(error.permission()),
            code: error.code.clone(),
            message: error.message.clone(),
            request_id: error.request_id.clone(),
            hint: Some(error.hint()),
        }
    }
    fn unknown(step: &Step) -> Self {
        Self {
            address: step.address.to_string(),
            name: step.aws_name.clone(),
            call: None,
            permission: None,
            code: None,
            message: step.reason.clone(),
            request_id: None,
            hint: None,
        }
    }
}

/// The whole document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub format_version: String,
    /// `plan`, `drift`, `apply` or `destroy`.
    pub verb: String,
    pub goal: Goal,
    pub target: Place,
    pub scope: ScopeOf,
    pub verdict: Verdict,
    pub exit_code: u8,
    pub summary: Summary,
    pub changes: Vec<Row>,
    pub unreadable: Vec<Unreadable>,
    pub foreign: Vec<Row>,
    pub left_over: Vec<LeftOver>,
    pub unrepaired: Vec<Unrepaired>,
    pub coverage: Coverage,
    /// What would make it fail half-way, or lose what is delivered.
    pub obstacles: Vec<Obstacle>,
    pub notes: Vec<String>,
    /// What it was narrowed to; absent if it is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// Resources that need nothing; absent unless they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged: Option<Vec<Unchanged>>,
}

impl Document {
    /// Returns the document of a plan.
    pub fn of(
        verb: &str,
        place: Place,
        blueprint: &Blueprint,
        plan: &Plan,
        coverage: &Coverage,
        verdict: Verdict,
    ) -> Self {
        let scope = &blueprint.scope;
        let rows = |wanted: &dyn Fn(Action) -> bool| {
            plan.steps.iter().filter(|step| wanted(step.action)).map(Row::of).collect::<Vec<_>>()
        };
        let apart = [Action::Foreign, Action::Unreadable];
        let mut document = Self {
            format_version: FORMAT_VERSION.into(),
            verb: verb.into(),
            goal: plan.goal,
            target: place,
            scope: ScopeOf {
                name: scope.name.clone(),
                account: scope.account.clone(),
                home_region: scope.home_region.clone(),
            },
            verdict,
            exit_code: verdict.code(),
            summary: Summary::default(),
            changes: rows(&|action| !apart.contains(&action)),
            unreadable: unreadable(plan),
            foreign: rows(&|action| action == Action::Foreign),
            left_over: plan.left_over.clone(),
            unrepaired: plan.unrepaired.clone(),
            coverage: coverage.clone(),
            obstacles: plan.obstacles.clone(),
            notes: plan.notes.iter().map(|note| note.text.clone()).collect(),
            selection: plan.selection.clone(),
            unchanged: None,
        };
        document.summary = Summary {
            add: document.count(&[Action::Create]),
            change: document.count(&[Action::Update, Action::Release]),
            destroy: document.count(&[Action::Delete]),
            adopt: document.count(&[Action::Adopt, Action::TakeBack]),
            foreign: document.foreign.len(),
            unreadable: plan.count(&[Action::Unreadable]) + plan.blind.len(),
            left_over: plan.left_over.len(),
            unrepaired: plan.unrepaired.len(),
            unchanged: plan.unchanged.len(),
        };
        document
    }
    /// Returns whether it is about what will be done or about what has changed.
    pub fn view(&self) -> View {
        if self.verb == "drift" { View::Drift } else { View::Plan }
    }
    /// Returns how many changes have one of these actions.
    pub fn count(&self, actions: &[Action]) -> usize {
        self.changes.iter().filter(|row| actions.contains(&row.action)).count()
    }
    /// Returns true if there is nothing to do and everything could be read.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.foreign.is_empty() && self.unreadable.is_empty()
    }
    /// Returns every row, those of foreign things last.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.changes.iter().chain(&self.foreign)
    }
    /// Returns the approvals that are missing, by address.
    pub fn missing_approvals(&self) -> Vec<&str> {
        self.rows().flat_map(|row| &row.needs).map(String::as_str).collect()
    }
}

fn unreadable(plan: &Plan) -> Vec<Unreadable> {
    let steps = plan.steps.iter().filter(|step| step.action == Action::Unreadable).flat_map(|step| {
        let errors = plan.errors.get(&step.address).map(Vec::as_slice).unwrap_or_default();
        let told = errors.iter().map(|error| Unreadable::of(step.address.to_string(), &step.aws_name, error));
        let known: Vec<_> = told.collect();
        if known.is_empty() { vec![Unreadable::unknown(step)] } else { known }
    });
    let blind =
        plan.blind.iter().map(|(kind, scope, error)| Unreadable::of(format!("{kind}.*@{scope}"), "", error));
    steps.chain(blind).collect()
}
