//! `plan` and `drift`: one look at the account, shown two ways; neither writes.

use crate::cli::context::{Failure, Out, intent, load, open};
use crate::cli::exit::Verdict;
use crate::cli::progress;
use crate::cli::saved::save;
use crate::cli::select::{DetailArgs, SelectArgs};
use crate::cli::{Consent, Format, Global, PLANS};
use crate::engine::effect;
use crate::engine::plan::{Goal, Intent, Plan};
use crate::engine::run::Run;
use crate::render::document::{Document, Place};
use crate::render::plan::{Detail, Sheet};
use crate::render::{clean, json, junit, markdown, sarif};
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

/// Arguments of `plan`.
#[derive(Clone, Debug, Args)]
pub struct PlanArgs {
    /// The blueprint
    pub file: PathBuf,
    /// End with 2 if something differs, with 4 if some change needs --allow
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan as if this were taken over
    #[arg(long, value_name = "ADDRESS")]
    pub adopt: Vec<String>,
    /// Plan as if this were approved
    #[arg(long, value_name = "KIND:ADDRESS")]
    pub allow: Vec<String>,
    /// Plan the removal of left-overs that hold no evidence
    #[arg(long)]
    pub prune: bool,
    /// List the file and line that each value of the blueprint came from
    #[arg(long)]
    pub origin: bool,
    /// Plan a destroy instead
    #[arg(long)]
    pub destroy: bool,
    /// Save the plan for `show` and `apply`; it holds hashes of everything it was made from
    #[arg(short = 'o', long = "out", value_name = "PLAN")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub detail: DetailArgs,
}

/// Arguments of `drift`.
#[derive(Clone, Debug, Args)]
pub struct DriftArgs {
    /// The blueprint
    pub file: PathBuf,
    #[command(flatten)]
    pub detail: DetailArgs,
}

/// Runs `plan`.
///
/// # Errors
/// The plan could not be made.
pub async fn run_plan(args: &PlanArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    out.offers("plan", PLANS)?;
    let consent = Consent {
        auto_approve: false,
        allow: args.allow.clone(),
        adopt: args.adopt.clone(),
        prune: args.prune,
    };
    let goal = if args.destroy { Goal::Destroy } else { Goal::Converge };
    let intent = args.select.narrow(intent(goal, &consent, &[])?)?;
    args.detail.impose(out);
    let run = open(&args.file, global, out).await?;
    let mut planned = progress::plan(&run, &intent, out).await?;
    only_what_is_planned(&planned.plan, &intent)?;
    planned.plan.obstacles = run.preflight(&planned).await;
    let verdict = plan_verdict(&planned.plan, args.detailed_exitcode);
    show(&run, &planned.plan, "plan", verdict, out);
    if let Some(path) = &args.out {
        save(&run, &args.file, &intent, &planned, verdict, path).await?;
        out.note(&format!("Saved the plan to {0}. Apply it with: auditscope apply {0}", path.display()));
    }
    if args.origin && out.format == Format::Human {
        let loaded = load(&args.file, global)?;
        let width = loaded.origins.keys().map(String::len).max().unwrap_or(0);
        for (key, origin) in &loaded.origins {
            out.line(&format!("{key:width$}  {}:{}", origin.file, origin.line));
        }
    }
    Ok(verdict)
}

/// Runs `drift`.
///
/// # Errors
/// The account could not be looked at.
pub async fn run_drift(args: &DriftArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    out.offers("drift", &[PLANS, &[Format::Sarif, Format::Junit]].concat())?;
    let intent = intent(Goal::Converge, &Consent::default(), &[])?;
    args.detail.impose(out);
    let run = open(&args.file, global, out).await?;
    let planned = progress::plan(&run, &intent, out).await?;
    let verdict = drift_verdict(&planned.plan);
    match out.format {
        Format::Sarif => {
            let document = document(&run, &planned.plan, "drift", verdict);
            let origins = load(&args.file, global)?.origins;
            out.json(&sarif::drift(&document, &origins, &args.file.display().to_string()));
            summarize(|| markdown::plan(&document), out);
        }
        Format::Junit => {
            let document = document(&run, &planned.plan, "drift", verdict);
            let unchanged = planned.plan.unchanged.iter().map(|row| &row.address);
            out.text(&junit::drift(&document, unchanged));
            summarize(|| markdown::plan(&document), out);
        }
        _ => show(&run, &planned.plan, "drift", verdict, out),
    }
    Ok(verdict)
}

/// Refuses approvals of what the plan does not do: they were given for another plan, or misspelt.
///
/// # Errors
/// Each `--allow` that matches nothing, with those that the plan asks for.
pub fn only_what_is_planned(plan: &Plan, intent: &Intent) -> Result<(), Failure> {
    let unused = plan.unused_approvals(intent);
    if unused.is_empty() {
        return Ok(());
    }
    let flags = |needs: Vec<String>| {
        needs.into_iter().map(|need| format!("--allow {need}")).collect::<Vec<_>>().join(" ")
    };
    let asked: Vec<String> = plan.approvals().into_iter().collect();
    let hint = match asked.is_empty() {
        true => "the plan asks for no approval; leave it out".to_owned(),
        false => format!("the plan asks for {}", flags(asked)),
    };
    Err(Failure::usage(format!("{}: the plan does nothing of the kind", flags(unused)), hint))
}

fn plan_verdict(plan: &Plan, detailed: bool) -> Verdict {
    match () {
        () if !detailed => Verdict::Ok,
        () if plan.is_incomplete() => Verdict::Incomplete,
        () if !plan.missing_approvals().is_empty() => Verdict::NeedsPerson,
        () if plan.differs() => Verdict::Differences,
        () => Verdict::Ok,
    }
}

fn drift_verdict(plan: &Plan) -> Verdict {
    match () {
        () if plan.is_incomplete() => Verdict::Incomplete,
        () if plan.differs() => Verdict::Differences,
        () => Verdict::Ok,
    }
}

/// Shows a plan in the form that was asked for, and to the CI system if there is one.
pub fn show(run: &Run, plan: &Plan, verb: &str, verdict: Verdict, out: &mut Out) {
    let mut document = document(run, plan, verb, verdict);
    document.unchanged = out.show_unchanged.then(|| plan.unchanged.clone());
    if out.format == Format::Human && !out.quiet {
        let heading = heading(&document, out);
        out.line(&heading);
    }
    present(&document, out);
    // An apply has done nothing yet when it shows its plan: its summary is for the end.
    if matches!(verb, "plan" | "drift") {
        summarize(|| markdown::plan(&document), out);
    }
}

/// Returns the document of a plan.
pub fn document(run: &Run, plan: &Plan, verb: &str, verdict: Verdict) -> Document {
    let place = Place::of(run.session().is_sandbox());
    Document::of(verb, place, run.blueprint(), plan, &effect::of(plan), verdict)
}

/// Prints a document in the form that was asked for.
pub fn present(document: &Document, out: &mut Out) {
    match out.format {
        Format::Human => {
            let text = sheet(&clean::document(document), out).text();
            out.text(&text);
        }
        Format::Json => out.json(&json::document(document)),
        Format::Jsonl => json::lines(document).into_iter().for_each(|line| out.event(line)),
        Format::Markdown => out.text(&markdown::plan(document)),
        // Refused before anything was read.
        Format::Sarif | Format::Junit => {}
    }
}

fn sheet<'a>(document: &'a Document, out: &Out) -> Sheet<'a> {
    let detail = match () {
        () if out.concise => Detail::Concise,
        () if out.verbose > 0 => Detail::Full,
        () if out.quiet => Detail::Brief,
        () => Detail::of(document),
    };
    Sheet { document, detail, verbose: out.verbose > 0, style: out.style }
}

/// Returns the first line of a screen: what is looked at, and whether it is AWS.
pub fn heading(document: &Document, out: &Out) -> String {
    let (scope, verb) = (&document.scope, &document.verb);
    let target = if document.target == Place::Sandbox { "sandbox account, not AWS" } else { "AWS" };
    let text = format!(
        "{verb} · scope {} · account {} · home {} · {target}",
        scope.name, scope.account, scope.home_region
    );
    format!("{}\n", out.style.dim(&text))
}

/// Adds a text to GitHub's job summary; it is made only where GitHub asks for one.
pub fn summarize(summary: impl FnOnce() -> String, out: &mut Out) {
    if github_file("GITHUB_STEP_SUMMARY").is_none() {
        return;
    }
    let summary = match &out.redactor {
        Some(redactor) => redactor.text(&summary()),
        None => summary(),
    };
    for_github("GITHUB_STEP_SUMMARY", &summary, out);
}

fn github_file(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|_| std::env::var_os("GITHUB_ACTIONS").is_some())
}

/// Appends to one of the files by which a step speaks to GitHub; does nothing elsewhere.
pub fn for_github(name: &str, text: &str, out: &mut Out) {
    use std::io::Write;
    let Some(path) = github_file(name) else { return };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
    if let Err(error) = file.and_then(|mut file| file.write_all(text.as_bytes())) {
        out.note(&format!("warning: cannot write {name}: {error}"));
    }
}
