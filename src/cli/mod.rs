//! The command line: arguments, and one module a verb. Each gathers, decides and shows; nothing else prints.

pub mod apply;
pub mod context;
pub mod demo;
pub mod destroy;
pub mod diff;
pub mod exit;
pub mod history;
pub mod init;
pub mod plan;
pub mod progress;
pub mod sandbox;
pub mod saved;
pub mod select;
pub mod show;
pub mod stop;
pub mod stream;
pub mod unlock;
pub mod validate;

use crate::render::markdown;
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use context::{Failure, Out};
use exit::Verdict;
use std::path::PathBuf;
use std::time::Duration;

/// Makes the audit record of an AWS account match one TOML file, and proves it.
#[derive(Debug, Parser)]
#[command(name = "auditscope", version, about, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Verb,
}

/// How text is to be coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// Form of what goes to standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Human,
    Json,
    /// One event a line: plan, drift, apply, destroy.
    Jsonl,
    /// For a pull request: plan, apply, destroy, show, drift.
    Markdown,
    /// For code-scanning views, with file and line: validate, drift.
    Sarif,
    /// For a CI system's page of tests: drift.
    Junit,
}

impl Format {
    /// Returns its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
        }
    }
}

/// Formats of verbs that show a plan.
pub const PLANS: &[Format] = &[Format::Human, Format::Json, Format::Jsonl, Format::Markdown];
/// Formats of verbs with one result.
pub const PLAIN: &[Format] = &[Format::Human, Format::Json];

/// Flags that every verb has.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Run as if started in this directory
    // The id is its own: a verb's `directory` would be taken for this one.
    #[arg(id = "chdir", short = 'C', long = "chdir", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Profile of the AWS configuration
    #[arg(long, global = true, env = "AUDITSCOPE_PROFILE", help_heading = "AWS")]
    pub profile: Option<String>,
    /// Region of the first call; every other Region comes from the blueprint
    #[arg(long, global = true, env = "AUDITSCOPE_REGION", help_heading = "AWS")]
    pub region: Option<String>,
    /// Role to assume before anything else
    #[arg(long, value_name = "ARN", global = true, env = "AUDITSCOPE_ROLE_ARN", help_heading = "AWS")]
    pub role_arn: Option<String>,
    /// External id for the role
    #[arg(long, value_name = "ID", global = true, env = "AUDITSCOPE_EXTERNAL_ID", help_heading = "AWS")]
    pub external_id: Option<String>,
    /// Endpoint for every service, such as a served sandbox
    #[arg(long, value_name = "URL", global = true, env = "AUDITSCOPE_ENDPOINT_URL", help_heading = "AWS")]
    pub endpoint_url: Option<String>,
    /// Use the built-in account instead of AWS; its state lives in FILE
    // A path's own parser refuses the empty value that stands for the default file.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "", global = true,
        value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub sandbox: Option<PathBuf>,
    /// Faults of the built-in account, for rehearsals: a JSON list such as [{"operation":"CreateKey","nth":1,"fault":"throttle"}]
    #[arg(long, value_name = "RULES", global = true, env = "AUDITSCOPE_SANDBOX_FAULTS")]
    pub sandbox_faults: Option<String>,
    /// Blueprint variable, NAME=VALUE
    #[arg(long = "var", value_name = "NAME=VALUE", global = true)]
    pub vars: Vec<String>,
    /// File of blueprint variables (TOML: name = "value")
    #[arg(long, value_name = "FILE", global = true, env = "AUDITSCOPE_VARS_FILE")]
    pub var_file: Option<PathBuf>,
    /// Form of the result
    #[arg(long, value_enum, default_value_t, global = true, env = "AUDITSCOPE_FORMAT")]
    pub format: Format,
    /// Short for --format json
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
    /// Replace account ids in everything that is shown, each by the same XXXXXXXXXX01
    #[arg(long, global = true, env = "AUDITSCOPE_REDACT")]
    pub redact: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, global = true, env = "AUDITSCOPE_COLOR")]
    pub color: ColorWhen,
    /// Say less: one line a resource, no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more: every attribute of what is created
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Most calls in flight; AWS's published rates are kept whatever it is
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256), global = true, env = "AUDITSCOPE_PARALLELISM")]
    pub parallelism: u16,
    /// Give up starting new steps after this many seconds
    #[arg(long, value_name = "SECONDS", global = true, env = "AUDITSCOPE_TIMEOUT")]
    pub timeout: Option<u64>,
}

/// What a user has agreed to; never read from the environment.
#[derive(Clone, Debug, Default, Args)]
pub struct Consent {
    /// Do not ask; covers additive, restoring and neutral changes only
    #[arg(long)]
    pub auto_approve: bool,
    /// Approve one effect, KIND:ADDRESS with coverage, weaken, irreversible or delete
    #[arg(long, value_name = "KIND:ADDRESS")]
    pub allow: Vec<String>,
    /// Take over a thing that exists at our name but is not ours
    #[arg(long, value_name = "ADDRESS")]
    pub adopt: Vec<String>,
    /// Remove left-overs that hold no evidence
    #[arg(long)]
    pub prune: bool,
}

/// What a run does while another one holds the lock.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Waiting {
    /// Wait this long while another run holds the lock: 30s, 10m, 1h
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration, env = "AUDITSCOPE_LOCK_TIMEOUT")]
    pub lock_timeout: Duration,
}

/// Reads a duration: a number of seconds, or one with `s`, `m` or `h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (digits, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(digits) => (digits, &text[digits.len()..]),
        None => (text, "s"),
    };
    let seconds = match unit {
        "h" => 3600,
        "m" => 60,
        _ => 1,
    };
    let number: u64 = digits.parse().map_err(|_| "write a duration such as 30s, 10m or 1h".to_owned())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a commented blueprint to start from
    Init(init::InitArgs),
    /// Parse and check a blueprint; offline
    Validate(validate::ValidateArgs),
    /// Show what apply would do, and what that does to the audit record
    Plan(plan::PlanArgs),
    /// Show a saved plan again, in any format; offline
    Show(show::ShowArgs),
    /// Show desired against live as a text diff per resource
    Diff(diff::DiffArgs),
    /// Show the plan, ask, make the account match, check that a second plan is empty
    Apply(apply::ApplyArgs),
    /// Tell whether the account is still as the blueprint says; read-only
    Drift(plan::DriftArgs),
    /// Remove what holds no evidence; release evidence
    Destroy(destroy::DestroyArgs),
    /// List the ledger of applies, check its chain, and show who holds the lock; read-only
    History(history::HistoryArgs),
    /// Free the lock that a dead run has left behind
    Unlock(unlock::UnlockArgs),
    /// The built-in account: start, reset, show, tamper
    Sandbox(sandbox::SandboxArgs),
    /// A tour on a throw-away sandbox account
    Demo(demo::DemoArgs),
    /// Print the JSON Schema of the blueprint's format, for editors
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// Shell to complete for
        shell: clap_complete::Shell,
    },
}

/// Runs one command and returns how it ended. Failures are already shown.
pub async fn run(cli: Cli) -> Verdict {
    let mut global = cli.global;
    if global.json {
        global.format = Format::Json;
    }
    if let Some(directory) = &global.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        let message = format!("cannot change to {}: {error}", directory.display());
        return Out::terminal(&global).failure(&Failure::usage(message, ""));
    }
    let mut out = Out::terminal(&global);
    let name = cli.verb.name();
    let result = dispatch(cli.verb, &global, &mut out).await;
    let verdict = match result {
        Ok(verdict) => verdict,
        Err(failure) => {
            let verdict = out.failure(&failure);
            let is_sandbox = global.sandbox.is_some();
            let summary = || markdown::outcome(name, &verdict.word(), &failure.text(), is_sandbox);
            plan::summarize(summary, &mut out);
            verdict
        }
    };
    let verdict = out.finish(verdict);
    plan::for_github("GITHUB_OUTPUT", &format!("verdict={}\n", verdict.word()), &mut out);
    verdict
}

impl Verb {
    /// Returns its name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Validate(_) => "validate",
            Self::Plan(_) => "plan",
            Self::Show(_) => "show",
            Self::Diff(_) => "diff",
            Self::Apply(_) => "apply",
            Self::Drift(_) => "drift",
            Self::Destroy(_) => "destroy",
            Self::History(_) => "history",
            Self::Unlock(_) => "unlock",
            Self::Sandbox(_) => "sandbox",
            Self::Demo(_) => "demo",
            Self::Schema => "schema",
            Self::Completions { .. } => "completions",
        }
    }
}

/// Runs one verb.
///
/// # Errors
/// What kept it from an answer.
pub async fn dispatch(verb: Verb, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    match verb {
        Verb::Init(args) => init::run(&args, out),
        Verb::Validate(args) => validate::run(&args, global, out),
        Verb::Plan(args) => plan::run_plan(&args, global, out).await,
        Verb::Show(args) => show::run(&args, out),
        Verb::Diff(args) => diff::run(&args, global, out).await,
        Verb::Apply(args) => apply::run(&args, global, out).await,
        Verb::Drift(args) => plan::run_drift(&args, global, out).await,
        Verb::Destroy(args) => destroy::run(&args, global, out).await,
        Verb::History(args) => history::run(&args, global, out).await,
        Verb::Unlock(args) => unlock::run(&args, global, out).await,
        Verb::Sandbox(args) => sandbox::run(&args, global, out).await,
        Verb::Demo(args) => Box::pin(demo::run(&args, global, out)).await,
        Verb::Schema => {
            out.json(&crate::blueprint::schema());
            Ok(Verdict::Ok)
        }
        Verb::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(
                shell,
                &mut <Cli as clap::CommandFactory>::command(),
                "auditscope",
                &mut text,
            );
            out.text(&String::from_utf8_lossy(&text));
            Ok(Verdict::Ok)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_one_unit() {
        let cases = [
            ("0", Some(0)),
            ("90", Some(90)),
            ("30s", Some(30)),
            ("10m", Some(600)),
            ("2h", Some(7200)),
            ("", None),
            ("m", None),
            ("1d", None),
            ("-1", None),
            ("1m30s", None),
            ("99999999999999999999h", None),
        ];
        for (text, want) in cases {
            assert_eq!(duration(text).ok(), want.map(Duration::from_secs), "{text}");
        }
    }
}
