//! `[waive]`: lints that somebody accepts, for a reason and until a day.

use super::codes::{CHECKS, check};
use super::node::{Node, Value};
use super::problem::{Problem, Severity, nearest};
use serde::{Serialize, Serializer};

/// A lint that is accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiver {
    pub code: String,
    pub owner: String,
    pub reason: String,
    /// The last day on which it counts.
    #[serde(serialize_with = "as_text")]
    pub until: jiff::civil::Date,
}

fn as_text<S: Serializer>(date: &jiff::civil::Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// Applies the waivers: lints under one that still runs become waived, and waivers that do nothing become warnings.
/// Returns those that still run.
pub(crate) fn apply(root: &Node, today: jiff::civil::Date, problems: &mut Vec<Problem>) -> Vec<Waiver> {
    let mut running = Vec::new();
    for (code, entry) in root.get("waive").and_then(Node::table).into_iter().flatten() {
        let at = Some(entry.key_at.clone());
        let Some(known) = check(code).filter(|check| check.lint) else {
            problems.push(not_a_lint(code, at));
            continue;
        };
        let owner = filled(&entry.node, "owner", problems);
        let reason = filled(&entry.node, "reason", problems);
        let Some(Value::Date(until)) = entry.node.get("until").map(|node| &node.value) else { continue };
        if *until < today {
            problems.push(
                Problem::warning(
                    "AS039",
                    entry.node.place("until"),
                    format!("the waiver of {code} ended on {until}"),
                )
                .label("no longer counts")
                .help(format!("settle what {code} says, or agree on a new end")),
            );
            continue;
        }
        let (Some(owner), Some(reason)) = (owner, reason) else { continue };
        let mut found = false;
        for problem in problems.iter_mut().filter(|problem| problem.code == known.code) {
            // Some lints share their code with an error that nobody can accept, such as a short name that means nothing.
            if problem.code == "AS026" && problem.severity == Severity::Error {
                continue;
            }
            problem.severity = Severity::Waived;
            let note = format!("waived by {owner} until {until}: {reason}");
            problem.help = Some(note);
            found = true;
        }
        if !found {
            problems.push(
                Problem::warning("AS039", at, format!("nothing here needs the waiver of {code}"))
                    .label("waives nothing")
                    .help("take it out, so that it does not hide a later problem"),
            );
        }
        running.push(Waiver { code: code.clone(), owner, reason, until: *until });
    }
    running
}

/// Returns a text that must say something; blank ones are a problem, missing ones were one already.
fn filled(node: &Node, key: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let text = node.text(key)?;
    if text.trim().is_empty() {
        problems.push(
            Problem::error("AS038", node.place(key), format!("a waiver needs its {key}"))
                .label("empty")
                .help("somebody accepts the lint, for a reason that others can read"),
        );
        return None;
    }
    Some(text.to_owned())
}

fn not_a_lint(code: &str, at: Option<super::source::Location>) -> Problem {
    let known = check(code);
    let message = match known {
        Some(_) => format!("{code} cannot be waived"),
        None => format!("there is no check `{code}`"),
    };
    let lints = CHECKS.iter().filter(|check| check.lint);
    let list: Vec<String> = lints.clone().map(|check| check.code.to_owned()).collect();
    let near = if known.is_none() { nearest(code, lints.map(|check| check.code)) } else { None };
    Problem::error("AS038", at, message)
        .label(if known.is_some() { "an error, not a lint" } else { "unknown code" })
        .help(near.map_or_else(|| format!("lints are {}", list.join(", ")), |near| format!("write `{near}`")))
}
