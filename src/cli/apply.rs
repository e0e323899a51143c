//! `apply`: shows the plan, asks, converges, and checks that a second plan is empty.

use crate::cli::context::{Failure, Out, intent, open};
use crate::cli::exit::Verdict;
use crate::cli::plan::{document, only_what_is_planned, show, summarize};
use crate::cli::progress::{self, Progress};
use crate::cli::saved::Agreed;
use crate::cli::select::{DetailArgs, SelectArgs};
use crate::cli::{Consent, Format, Global, PLANS, Waiting};
use crate::engine::apply::{Agreement, Applied, ApplyError, Terms, Watch};
use crate::engine::execute::Outcome;
use crate::engine::ledger::{Ending, LedgerError};
use crate::engine::plan::{Goal, Intent, Plan};
use crate::engine::preflight;
use crate::engine::run::{Planned, Run, RunError};
use crate::engine::saved;
use crate::render::plan::left_as_it_is;
use crate::render::{Style, events, json, markdown, selection};
use clap::Args;
use serde_json::json;
use std::io::BufRead;
use std::path::PathBuf;

/// Arguments of `apply`.
#[derive(Clone, Debug, Args)]
pub struct ApplyArgs {
    /// The blueprint, or a plan that `plan -o` saved
    pub file: PathBuf,
    #[command(flatten)]
    pub consent: Consent,
    #[command(flatten)]
    pub select: SelectArgs,
    /// One line a step, without attributes, notes and legend
    #[arg(long)]
    pub concise: bool,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// What a verb asks of the way that apply and destroy have in common.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// `apply` or `destroy`.
    pub verb: &'static str,
    pub auto_approve: bool,
    pub waiting: Waiting,
    /// The saved plan that is to be carried out, and nothing else.
    pub agreed: Option<&'a Agreed>,
}

/// Runs `apply`.
///
/// # Errors
/// The plan could not be made.
pub async fn run(args: &ApplyArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    out.offers("apply", PLANS)?;
    let intent = args.select.narrow(intent(Goal::Converge, &args.consent, &[])?)?;
    DetailArgs { concise: args.concise, ..DetailArgs::default() }.impose(out);
    let order =
        Order { verb: "apply", auto_approve: args.consent.auto_approve, waiting: args.waiting, agreed: None };
    if saved::is_plan(&args.file) {
        args.select.refuse_beside_a_plan()?;
        let agreed = Agreed::read(&args.file, &args.consent, intent.allow)?;
        let run = open(&agreed.blueprint(), global, out).await?;
        let order = Order { verb: agreed.verb(), agreed: Some(&agreed), ..order };
        return converge(&run, agreed.intent.clone(), order, global, out).await;
    }
    let run = open(&args.file, global, out).await?;
    converge(&run, intent, order, global, out).await
}

/// Plans, asks, carries out under the lock and verifies; the same for apply and destroy.
///
/// # Errors
/// The plan could not be made, or was not carried out.
pub async fn converge(
    run: &Run,
    mut intent: Intent,
    order: Order<'_>,
    global: &Global,
    out: &mut Out,
) -> Result<Verdict, Failure> {
    let Order { verb, auto_approve, .. } = order;
    let mut planned = progress::plan(run, &intent, out).await?;
    if let Some(agreed) = order.agreed {
        agreed.check(run, &planned).await?;
    }
    only_what_is_planned(&planned.plan, &intent)?;
    planned.plan.obstacles = run.preflight(&planned).await;
    let verdict = before_any_write(&planned.plan);
    if out.format == Format::Human {
        show(run, &planned.plan, verb, verdict.unwrap_or(Verdict::Ok), out);
    }
    if let Some(verdict) = verdict {
        return Ok(unchanged(run, &planned.plan, verb, verdict, out));
    }
    if planned.plan.steps.is_empty() {
        if out.format == Format::Human && !planned.plan.unrepaired.is_empty() {
            let text = left_as_it_is(&planned.plan);
            out.line(&text);
        }
        return carry_out(run, &intent, &planned, order, global, out).await;
    }
    if preflight::blocks(&planned.plan.obstacles) {
        out.note(
            "Nothing was changed: the plan would fail half-way. Its obstacles are listed with what to do.",
        );
        return Ok(unchanged(run, &planned.plan, verb, Verdict::Error, out));
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
        let shown = planned.plan.clone();
        planned = run.plan_anew(planned, &intent).map_err(RunError::from)?;
        // What was approved is what was shown: nothing that only the approval brought.
        let moved = Agreement::Shown.moved(&shown, &planned.plan, &[]);
        if !moved.is_empty() {
            let message = "the approvals would do more than the plan that was shown".to_owned();
            let hint = "approve on the command line, with whole addresses, and look at that plan".to_owned();
            return Err(Failure::Stale { message, hint, moved });
        }
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
    carry_out(run, &intent, &planned, order, global, out).await
}

/// Ends without a write; a reader of JSON gets the plan with its verdict.
fn unchanged(run: &Run, plan: &Plan, verb: &str, verdict: Verdict, out: &mut Out) -> Verdict {
    summarize(|| markdown::plan(&document(run, plan, verb, verdict)), out);
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
    first: &Planned,
    order: Order<'_>,
    global: &Global,
    out: &mut Out,
) -> Result<Verdict, Failure> {
    let verb = order.verb;
    let signals = out.signals.clone();
    let (_held, stop) = (signals.hold(), signals.stop());
    if out.format == Format::Jsonl && !first.plan.steps.is_empty() {
        // All but the last line, the summary, which is for the end.
        let lines = json::lines(&document(run, &first.plan, verb, Verdict::Ok));
        let (_, planned) = lines.split_last().expect("a stream has a summary");
        planned.iter().for_each(|line| out.event(line.clone()));
    }
    let host = host();
    let terms = Terms {
        verb,
        host: &host,
        intent,
        agreement: match order.agreed {
            None if order.auto_approve => Agreement::Flags,
            _ => Agreement::Shown,
        },
        lock_timeout: order.waiting.lock_timeout,
        plan_id: order.agreed.map(|agreed| agreed.saved.id.as_str()),
    };
    let progress = Progress::new(run, out);
    progress.start(&first.plan);
    let tell = |event| progress.tell(&event);
    let watch = Watch { stop, tell: &tell };
    let work = progress.during(stop, Box::pin(run.apply(first, &terms, &watch)));
    let done = tokio::select! {
        biased;
        done = work => done,
        never = signals.deadline(global.timeout) => match never {},
    };
    progress.end();
    let applied = done.map_err(refused)?;
    for dead in &applied.buried {
        out.note(&format!(
            "The {} {} by {} on {} since {} had died with the lock; the ledger says that it was lost.",
            dead.verb, dead.id, dead.caller, dead.host, dead.since
        ));
    }
    if let Some(remark) = applied.remark {
        out.note(&format!("Note: {remark}."));
    }
    for what in &applied.trouble {
        out.note(&format!("{} {what}", out.diagnostics_style.red("error:")));
    }
    let verdict = after(&applied);
    if applied.ending == Ending::NothingToDo && applied.trouble.is_empty() {
        return Ok(unchanged(run, &applied.plan, verb, verdict, out));
    }
    report(&applied, verb, verdict, run, out);
    Ok(verdict)
}

/// Returns the failure of a run that carried nothing out.
fn refused(error: ApplyError) -> Failure {
    let (mut message, hint) = (error.to_string(), error.hint());
    let interrupted = |error: &ApplyError| matches!(error, ApplyError::Ledger(LedgerError::Interrupted));
    match &error {
        ApplyError::Stale(_) => message.push_str("; nothing was changed by this run"),
        error if interrupted(error) => message.push_str("; nothing was written"),
        _ => {}
    }
    match error {
        ApplyError::Run(RunError::Interrupted) => {
            Failure::Ended { verdict: Verdict::Interrupted, message, hint }
        }
        ApplyError::Run(error) => error.into(),
        ApplyError::Ledger(LedgerError::Interrupted) => {
            Failure::Ended { verdict: Verdict::Interrupted, message, hint }
        }
        ApplyError::Ledger(error) => error.into(),
        ApplyError::LockedElsewhere(_) => Failure::Ended { verdict: Verdict::Locked, message, hint },
        // Why it ended decides; what was made before is part of the message.
        ApplyError::Begun { source, .. } => {
            Failure::Ended { verdict: refused(*source).verdict(), message, hint }
        }
        ApplyError::Stale(moved) => Failure::Stale { message, hint, moved },
        ApplyError::NeedsPerson(_) => Failure::Ended { verdict: Verdict::NeedsPerson, message, hint },
        ApplyError::NoPlace(_) | ApplyError::Foreign(_) => {
            Failure::Ended { verdict: Verdict::Error, message, hint }
        }
    }
}

/// Returns where this runs, for whoever finds the lock: the address of a CI job, else the host's name.
pub fn host() -> String {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let github = || {
        let (server, repository) = (var("GITHUB_SERVER_URL")?, var("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", var("GITHUB_RUN_ID")?))
    };
    let kernel = || {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    };
    github()
        .or_else(|| var("CI_JOB_URL"))
        .or_else(|| var("HOSTNAME"))
        .or_else(|| var("COMPUTERNAME"))
        .or_else(kernel)
        .unwrap_or_else(|| "an unknown host".into())
}

fn after(applied: &Applied) -> Verdict {
    if !applied.trouble.is_empty() {
        return Verdict::Error;
    }
    match applied.ending {
        Ending::Converged | Ending::NothingToDo => Verdict::Ok,
        Ending::Incomplete => Verdict::Incomplete,
        Ending::Interrupted => Verdict::Interrupted,
        Ending::Stale => Verdict::Stale,
        Ending::NeedsPerson => Verdict::NeedsPerson,
        Ending::Failed | Ending::Lost => Verdict::Error,
    }
}

fn report(applied: &Applied, verb: &str, verdict: Verdict, run: &Run, out: &mut Out) {
    let (outcome, second): (&Outcome, Option<&Plan>) = (&applied.outcome, applied.second.as_ref());
    let summary = || in_markdown(applied, verb, verdict, run);
    summarize(summary, out);
    if out.format == Format::Markdown {
        out.text(&summary());
        return;
    }
    if out.format == Format::Human {
        let text = events::outcome(outcome, &title(verb), out.style);
        out.text(&text);
        match second {
            Some(plan) if plan.is_empty() && plan.unrepaired.is_empty() => match &plan.selection {
                None => out.line("A second plan is empty: the account is as the blueprint says."),
                Some(selected) => out.line(&format!(
                    "A second plan of what was selected is empty. {}",
                    selection::rest(selected)
                )),
            },
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
            None if outcome.interrupted => out.note("Interrupted; run it again to finish."),
            None => {}
        }
        return;
    }
    let rows = |list: &[(crate::model::Address, String)]| {
        list.iter().map(|(address, why)| json!({"address": address, "why": why})).collect::<Vec<_>>()
    };
    let failed: Vec<_> =
        outcome.failed.iter().map(|(address, error)| json!({"address": address, "error": error})).collect();
    let mut document = json!({
        "format_version": json::FORMAT_VERSION,
        "verb": verb,
        "target": json::target(run.session().is_sandbox()),
        "verdict": verdict,
        "exit_code": verdict.code(),
        "record": applied.record,
        "trouble": applied.trouble,
        "remark": applied.remark,
        "buried": applied.buried.iter().map(|dead| &dead.id).collect::<Vec<_>>(),
        "done": outcome.done,
        "failed": failed,
        "skipped": rows(&outcome.skipped),
        "second_plan_is_empty": second.map(Plan::is_empty),
        "unrepaired": second.map(|plan| &plan.unrepaired),
        "remaining": second.map(|plan| plan.steps.iter().map(|step| &step.address).collect::<Vec<_>>()),
    });
    if let Some(selected) = second.and_then(|plan| plan.selection.as_ref()) {
        document["selection"] = json!(selected);
    }
    match out.format {
        Format::Jsonl => {
            let mut line = document;
            line["event"] = json!("summary");
            out.event(line);
        }
        _ => out.json(&document),
    }
}

fn in_markdown(applied: &Applied, verb: &str, verdict: Verdict, run: &Run) -> String {
    let mut text = events::outcome(&applied.outcome, &title(verb), Style { color: false, width: 100 });
    match &applied.second {
        None if applied.outcome.interrupted => text.push_str("Interrupted; run it again to finish.\n"),
        None => {}
        Some(plan) if plan.is_empty() && plan.unrepaired.is_empty() => {
            text.push_str("A second plan is empty.\n")
        }
        Some(plan) if plan.is_empty() => text.push_str(&format!("{}\n", left_as_it_is(plan))),
        Some(plan) => {
            text.push_str("Still to do:\n");
            for step in &plan.steps {
                text.push_str(&format!(
                    "  {} {}\n",
                    step.address,
                    step.blocked.as_deref().unwrap_or_default()
                ));
            }
        }
    }
    if let Some(number) = applied.record {
        text.push_str(&format!("Record {number} of the ledger.\n"));
    }
    for dead in &applied.buried {
        text.push_str(&format!(
            "Run {} had died with the lock; the ledger says that it was lost.\n",
            dead.id
        ));
    }
    if let Some(remark) = applied.remark {
        text.push_str(&format!("Note: {remark}.\n"));
    }
    for what in &applied.trouble {
        text.push_str(&format!("error: {what}\n"));
    }
    markdown::outcome(verb, &verdict.word(), &text, run.session().is_sandbox())
}

fn title(verb: &str) -> String {
    let mut letters = verb.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
