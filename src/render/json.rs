//! Plans and drifts as JSON: names and shape are a contract.

use crate::blueprint::Blueprint;
use crate::cli::exit::Verdict;
use crate::coverage::Effect as Coverage;
use crate::engine::diff::Change;
use crate::engine::plan::{Action, LeftOver, Plan, Step, Unrepaired};
use crate::kinds::{Class, Effect, Kind};
use crate::model::Address;
use serde::Serialize;
use serde_json::{Value, json};

/// Major and minor version of every document; a change that breaks readers raises the major part.
pub const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
struct Row<'a> {
    address: &'a Address,
    kind: Kind,
    name: &'a str,
    action: Action,
    class: Class,
    reason: &'a str,
    calls: Vec<&'static str>,
    attributes: &'a [Change],
    effects: &'a [Effect],
    needs: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    held: &'a [String],
}

fn row(step: &Step) -> Row<'_> {
    Row {
        address: &step.address,
        kind: step.address.kind,
        name: &step.aws_name,
        action: step.action,
        class: step.class,
        reason: &step.reason,
        calls: step.calls.iter().map(|call| call.name()).collect(),
        attributes: &step.changes,
        effects: &step.effects,
        needs: &step.needs,
        blocked: step.blocked.as_deref(),
        held: &step.held,
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: &'static str,
    verb: &'a str,
    target: &'a str,
    scope: Value,
    verdict: Verdict,
    exit_code: u8,
    summary: Value,
    changes: Vec<Row<'a>>,
    unreadable: Vec<Value>,
    foreign: Vec<Row<'a>>,
    left_over: &'a [LeftOver],
    unrepaired: &'a [Unrepaired],
    coverage: &'a Coverage,
    notes: Vec<&'a str>,
}

/// Returns the document of a plan or drift.
pub fn plan(
    verb: &str,
    sandbox: bool,
    blueprint: &Blueprint,
    plan: &Plan,
    coverage: &Coverage,
    verdict: Verdict,
) -> Value {
    let scope = &blueprint.scope;
    let count = |actions: &[Action]| plan.count(actions);
    let apart = [Action::Foreign, Action::Unreadable];
    let document = Document {
        format_version: FORMAT_VERSION,
        verb,
        target: target(sandbox),
        scope: json!({"name": scope.name, "account": scope.account, "home_region": scope.home_region}),
        verdict,
        exit_code: verdict.code(),
        summary: json!({
            "add": count(&[Action::Create]),
            "change": count(&[Action::Update, Action::Release]),
            "destroy": count(&[Action::Delete]),
            "adopt": count(&[Action::Adopt, Action::TakeBack]),
            "foreign": count(&[Action::Foreign]),
            "unreadable": count(&[Action::Unreadable]) + plan.blind.len(),
            "left_over": plan.left_over.len(),
            "unrepaired": plan.unrepaired.len(),
        }),
        changes: plan.steps.iter().filter(|step| !apart.contains(&step.action)).map(row).collect(),
        unreadable: unreadable(plan),
        foreign: plan.steps.iter().filter(|step| step.action == Action::Foreign).map(row).collect(),
        left_over: &plan.left_over,
        unrepaired: &plan.unrepaired,
        coverage,
        notes: plan.notes.iter().map(|note| note.text.as_str()).collect(),
    };
    serde_json::to_value(document).expect("a document is plain data")
}

/// Returns the name of what a command talks to.
pub fn target(sandbox: bool) -> &'static str {
    if sandbox { "sandbox" } else { "aws" }
}

fn unreadable(plan: &Plan) -> Vec<Value> {
    let known = plan
        .errors
        .iter()
        .flat_map(|(address, errors)| errors.iter().map(move |error| (address.to_string(), error)));
    let blind = plan.blind.iter().map(|(kind, scope, error)| (format!("{kind}.*@{scope}"), error));
    known
        .chain(blind)
        .map(|(address, error)| {
            json!({
                "address": address,
                "call": error.call,
                "permission": error.permission(),
                "code": error.code,
                "message": error.message,
                "request_id": error.request_id,
            })
        })
        .collect()
}

/// Returns the same document as one event a line.
pub fn lines(document: &Value) -> Vec<Value> {
    let head = |name: &str| document[name].clone();
    let mut lines = vec![json!({
        "event": "plan_started", "format_version": FORMAT_VERSION,
        "verb": head("verb"), "target": head("target"), "scope": head("scope"),
    })];
    for list in ["changes", "foreign"] {
        for row in document[list].as_array().into_iter().flatten() {
            lines.push(json!({"event": "resource_planned", "resource": row}));
        }
    }
    for row in document["unreadable"].as_array().into_iter().flatten() {
        lines.push(json!({"event": "resource_unreadable", "resource": row}));
    }
    lines.push(json!({
        "event": "summary", "summary": head("summary"), "verdict": head("verdict"),
        "exit_code": head("exit_code"), "coverage": head("coverage"), "left_over": head("left_over"),
        "unrepaired": head("unrepaired"),
    }));
    lines
}
