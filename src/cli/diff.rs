//! `diff`: desired against live, as a unified text diff per resource.

use crate::cli::context::{Failure, Out, intent, open};
use crate::cli::exit::Verdict;
use crate::cli::progress;
use crate::cli::{Consent, Format, Global, PLAIN};
use crate::engine::plan::{Action, Goal, Plan, Step, Unrepaired};
use crate::model::text::clean;
use crate::render::Style;
use clap::Args;
use serde_json::{Value, json};
use similar::TextDiff;
use std::path::PathBuf;

/// Arguments of `diff`.
#[derive(Clone, Debug, Args)]
pub struct DiffArgs {
    /// The blueprint
    pub file: PathBuf,
}

/// Runs `diff`.
///
/// # Errors
/// The account could not be looked at.
pub async fn run(args: &DiffArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    out.offers("diff", PLAIN)?;
    let run = open(&args.file, global, out).await?;
    let planned = progress::plan(&run, &intent(Goal::Converge, &Consent::default(), &[])?, out).await?;
    let plan = &planned.plan;
    let verdict = match () {
        () if plan.is_incomplete() => Verdict::Incomplete,
        () if plan.differs() => Verdict::Differences,
        () => Verdict::Ok,
    };
    let texts: Vec<(String, String)> = plan
        .steps
        .iter()
        .filter(|step| step.action != Action::Unreadable)
        .map(|step| (step.address.to_string(), unified(step)))
        .chain(plan.unrepaired.iter().filter(|left| !has_step(plan, left)).map(left_alone))
        .collect();
    if out.format != Format::Human {
        let rows: Vec<Value> =
            texts.iter().map(|(address, text)| json!({"address": address, "diff": text})).collect();
        out.json(&json!({
            "format_version": crate::render::json::FORMAT_VERSION,
            "verb": "diff",
            "target": crate::render::json::target(run.session().is_sandbox()),
            "verdict": verdict,
            "exit_code": verdict.code(),
            "diffs": rows,
        }));
        return Ok(verdict);
    }
    for (_, text) in &texts {
        let painted = paint(text, out.style);
        out.text(&painted);
    }
    for step in plan.steps.iter().filter(|step| step.action == Action::Unreadable) {
        out.note(&format!("? {} could not be read: {}", step.address, step.reason));
    }
    if !plan.differs() {
        out.note("No differences.");
    }
    Ok(verdict)
}

fn unified(step: &Step) -> String {
    let live = step.observed.as_ref().map(|found| found.state.json());
    let wanted = step.desired.as_ref().map(crate::kinds::Resource::json);
    text_diff(&step.address.to_string(), live, wanted)
}

/// A step's diff shows whole states, with what it leaves alone.
fn has_step(plan: &Plan, left: &Unrepaired) -> bool {
    plan.steps.iter().any(|step| step.address == left.address && step.observed.is_some())
}

fn left_alone(left: &Unrepaired) -> (String, String) {
    let name = left.address.to_string();
    let side = |value: &Value| Some(json!({ left.attribute.as_str(): value }));
    let text = text_diff(&name, side(&left.before), side(&left.after));
    (name, text)
}

fn text_diff(name: &str, live: Option<Value>, wanted: Option<Value>) -> String {
    let text = |value: Option<Value>| {
        value.map(|value| {
            format!("{}\n", serde_json::to_string_pretty(&value).expect("a state is plain data"))
        })
    };
    let (live, wanted) = (text(live).unwrap_or_default(), text(wanted).unwrap_or_default());
    TextDiff::from_lines(&live, &wanted)
        .unified_diff()
        .context_radius(3)
        .header(&format!("live/{name}"), &format!("blueprint/{name}"))
        .to_string()
}

fn paint(text: &str, style: Style) -> String {
    text.lines()
        .map(|line| {
            let line = &*clean(line);
            let line = match line.as_bytes().first() {
                Some(b'+') => style.green(line),
                Some(b'-') => style.red(line),
                Some(b'@') => style.cyan(line),
                _ => line.to_owned(),
            };
            format!("{line}\n")
        })
        .collect()
}
