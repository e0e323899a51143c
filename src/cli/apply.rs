//! `apply`: shows the plan, asks, converges, and checks that a second plan is empty.

use crate::cli::context::{Failure, Out, intent, open};
use crate::cli::exit::Verdict;
use crate::cli::plan::show;
use crate::cli::progress::Progress;
use crate::cli::stop::watch_for_stop;
use crate::cli::{Consent, Format, Global};
use crate::engine::execute::Outcome;
use crate::engine::plan::{Goal, Intent, Plan};
use crate::engine::run::Run;
use crate::render::plan::left_as_it_is;
use crate::render::{events, json};
use clap::Args;
use serde_json::json;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Arguments of `apply`.
#[derive(Clone, Debug, Args)]
pub struct ApplyArgs {
    /// The blueprint
    pub file: PathBuf,
    #[command(flatten)]
    pub consent: Consent,
}

/// Runs `apply`.
///
/// # Errors
/// The plan could not be made.
pub async fn run(args: &ApplyArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    let intent = intent(Goal::Converge, &args.consent, &[])?;
    let run = open(&args.file, global, out).await?;
    converge(&run, intent, args.consent.auto_approve, "apply", global, out).await
}

/// Plans, asks, carries out and verifies; the same for apply and destroy.
///
/// # Errors
/// The plan could not be made.
pub async fn converge(
    run: &Run,
    mut intent: Intent,
    auto_approve: bool,
    verb: &str,
    global: &Global,
    out: &mut Out,
) -> Result<Verdict, Failure> {
    let mut planned = run.plan(&intent).await?;
    let verdict = before_any_write(&planned.plan);
    if out.format == Format::Human {
        show(run, &planned.plan, verb, verdict.unwrap_or(Verdict::Ok), out);
    }
    if planned.plan.steps.is_empty() {
        if out.format == Format::Human && !planned.plan.unrepaired.is_empty() {
            let text = left_as_it_is(&planned.plan);
            out.line(&text);
        }
        return Ok(unchanged(run, &planned.plan, verb, verdict.unwrap_or(Verdict::Ok), out));
    }
    if planned.plan.steps.iter().all(|step| step.blocked.is_some()) {
        out.note("Nothing can be done: every step is blocked, see the plan.");
        let verdict = if planned.plan.is_incomplete() { Verdict::Incomplete } else { Verdict::Error };
        return Ok(unchanged(run, &planned.plan, verb, verdict, out));
    }
    let asked = out.interactive && !auto_approve;
    if asked {
        for need in planned.plan.missing_approvals().into_iter().map(str::to_owned).collect::<Vec<_>>() {
            let name = need.split_once(':').map_or(need.as_str(), |(_, name)| name).to_owned();
            if !answered(out, &format!("{need}: type {name} to approve: "), &name) {
                out.note("Not approved; nothing was changed.");
                return Ok(unchanged(run, &planned.plan, verb, Verdict::NeedsPerson, out));
            }
            let (kind, address) = need.split_once(':').expect("an approval is KIND:ADDRESS");
            intent.allow.push((kind.to_owned(), address.parse().expect("an approval names an address")));
        }
        planned = run.plan(&intent).await?;
    }
    let missing = planned.plan.missing_approvals();
    if !missing.is_empty() {
        let flags: Vec<String> = missing.iter().map(|need| format!("--allow {need}")).collect();
        out.note(&format!("Nothing was changed. This needs a person's approval: {}", flags.join(" ")));
        return Ok(unchanged(run, &planned.plan, verb, Verdict::NeedsPerson, out));
    }
    if asked {
        if !answered(out, "Do you want to make these changes? Only `yes` is taken for it: ", "yes") {
            out.note("Not approved; nothing was changed.");
            return Ok(unchanged(run, &planned.plan, verb, Verdict::NeedsPerson, out));
        }
    } else if !auto_approve {
        out.note("Nothing was changed: there is nobody to ask. Approve with --auto-approve.");
        return Ok(unchanged(run, &planned.plan, verb, Verdict::NeedsPerson, out));
    }
    carry_out(run, &intent, &planned.plan, verb, global, out).await
}

/// Ends without a write; a reader of JSON gets the plan with its verdict.
fn unchanged(run: &Run, plan: &Plan, verb: &str, verdict: Verdict, out: &mut Out) -> Verdict {
    if out.format != Format::Human {
        show(run, plan, verb, verdict, out);
    }
    verdict
}

/// What keeps a plan from being started at all.
fn before_any_write(plan: &Plan) -> Option<Verdict> {
    if plan.steps.is_empty() && plan.is_incomplete() {
        return Some(Verdict::Incomplete);
    }
    None
}

fn answered(out: &mut Out, question: &str, wanted: &str) -> bool {
    out.prompt(question);
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.is_ok() && line.trim() == wanted
}

async fn carry_out(
    run: &Run,
    intent: &Intent,
    plan: &Plan,
    verb: &str,
    global: &Global,
    out: &mut Out,
) -> Result<Verdict, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let watch = tokio::spawn(watch_for_stop(stop.clone(), global.timeout));
    let progress = Progress::new(out);
    let total = plan.steps.iter().filter(|step| step.blocked.is_none()).count();
    progress.start(total);
    let outcome = run.execute(plan, &stop, &|event| progress.tell(&event)).await;
    progress.end();
    let verified = if outcome.interrupted {
        None
    } else if outcome.is_complete() {
        Some(run.verify(intent, &stop, &|event| progress.tell(&event)).await?)
    } else {
        // What failed is still to be done: there is nothing to wait for.
        Some(run.plan(intent).await?)
    };
    watch.abort();
    let second = verified.as_ref().map(|planned| &planned.plan);
    let verdict = after(&outcome, second);
    report(&outcome, second, verb, verdict, run, out);
    Ok(verdict)
}

fn after(outcome: &Outcome, second: Option<&Plan>) -> Verdict {
    if outcome.interrupted {
        return Verdict::Interrupted;
    }
    match second {
        Some(plan) if plan.is_empty() && outcome.failed.is_empty() => Verdict::Ok,
        Some(plan) if outcome.failed.is_empty() && plan.is_incomplete() => Verdict::Incomplete,
        _ => Verdict::Error,
    }
}

fn report(outcome: &Outcome, second: Option<&Plan>, verb: &str, verdict: Verdict, run: &Run, out: &mut Out) {
    if out.format == Format::Human {
        let text = events::outcome(outcome, &title(verb), out.style);
        out.text(&text);
        match second {
            Some(plan) if plan.is_empty() && plan.unrepaired.is_empty() => {
                out.line("A second plan is empty: the account is as the blueprint says.")
            }
            Some(plan) if plan.is_empty() => {
                out.line("A second plan has nothing to do.");
                out.line(&left_as_it_is(plan));
            }
            Some(plan)
                if outcome.is_complete()
                    && !plan.is_incomplete()
                    && plan.steps.iter().any(|step| step.blocked.is_none()) =>
            {
                out.note("error: a second plan is not empty although every step was done. This is a mistake in auditscope:");
                for step in &plan.steps {
                    for change in &step.changes {
                        out.note(&format!(
                            "  {} {}: {} is not {}",
                            step.address, change.path, change.before, change.after
                        ));
                    }
                }
            }
            Some(plan) => {
                for step in plan.steps.iter().filter(|step| step.blocked.is_some()) {
                    out.note(&format!("  {} {}", step.address, step.blocked.as_deref().unwrap_or_default()));
                }
            }
            None => out.note("Interrupted; run it again to finish."),
        }
        return;
    }
    let rows = |list: &[(crate::model::Address, String)]| {
        list.iter().map(|(address, why)| json!({"address": address, "why": why})).collect::<Vec<_>>()
    };
    let failed: Vec<_> =
        outcome.failed.iter().map(|(address, error)| json!({"address": address, "error": error})).collect();
    let document = json!({
        "format_version": json::FORMAT_VERSION,
        "verb": verb,
        "target": json::target(run.session().is_sandbox()),
        "verdict": verdict,
        "exit_code": verdict.code(),
        "done": outcome.done,
        "failed": failed,
        "skipped": rows(&outcome.skipped),
        "second_plan_is_empty": second.map(Plan::is_empty),
        "unrepaired": second.map(|plan| &plan.unrepaired),
        "remaining": second.map(|plan| plan.steps.iter().map(|step| &step.address).collect::<Vec<_>>()),
    });
    match out.format {
        Format::Jsonl => {
            let mut line = document;
            line["event"] = json!("summary");
            out.line(&line.to_string());
        }
        _ => out.json(&document),
    }
}

fn title(verb: &str) -> String {
    let mut letters = verb.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
