//! What every verb needs first: where to print, the blueprint, the account.

use crate::aws::{Clock, Session, SessionOptions};
use crate::blueprint::{self, LoadOptions, Loaded, Problem, Rejected, Sources};
use crate::cli::exit::Verdict;
use crate::cli::stop::Signals;
use crate::cli::stream::Stream;
use crate::cli::{ColorWhen, Consent, Format, Global};
use crate::engine::ledger::LedgerError;
use crate::engine::plan::{Goal, Intent};
use crate::engine::run::{Run, RunError};
use crate::engine::saved::{Moved, SavedError};
use crate::model::AddressPattern;
use crate::render::redact::{Redacted, Redactor};
use crate::render::{Style, events};
use crate::sandbox::{Sandbox, faults};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Why a verb has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A blueprint with errors.
    #[error("the blueprint has errors")]
    Blueprint(Box<Rejected>),
    /// Wrong use or a file that cannot be read: message and hint.
    #[error("{message}")]
    Usage { message: String, hint: String },
    #[error(transparent)]
    Run(Box<RunError>),
    /// Nothing was done, for a reason that has a verdict of its own.
    #[error("{message}")]
    Ended { verdict: Verdict, message: String, hint: String },
    /// What was agreed to is no longer what would be done.
    #[error("{message}")]
    Stale { message: String, hint: String, moved: Vec<Moved> },
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let verdict = match &error {
            LedgerError::Locked(_) => Verdict::Locked,
            LedgerError::Interrupted => Verdict::Interrupted,
            _ => Verdict::Error,
        };
        Self::Ended { verdict, message: error.to_string(), hint: error.hint() }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::Run(Box::new(error))
    }
}

impl From<SavedError> for Failure {
    fn from(error: SavedError) -> Self {
        Self::Usage { hint: error.hint(), message: error.to_string() }
    }
}

impl Failure {
    /// Returns a failure of use.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }
    /// Returns what is shown of it, as plain text.
    pub fn text(&self) -> String {
        match self {
            Self::Blueprint(rejected) => blueprint::render(&rejected.problems, &rejected.sources, false, 100),
            Self::Usage { message, hint } | Self::Ended { message, hint, .. } => {
                let hint = if hint.is_empty() { String::new() } else { format!("hint: {hint}\n") };
                format!("{message}\n{hint}")
            }
            Self::Stale { message, hint, moved } => {
                let moved: String = moved.iter().map(|one| format!("  - {}\n", one.text())).collect();
                format!("{message}\n{moved}hint: {hint}\n")
            }
            Self::Run(error) => format!("{error}\nhint: {}\n", error.hint()),
        }
    }
    /// Returns how a command ends that has this instead of an answer.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Ended { verdict, .. } => *verdict,
            Self::Stale { .. } => Verdict::Stale,
            Self::Blueprint(_) | Self::Usage { .. } | Self::Run(_) => Verdict::Error,
        }
    }
}

/// Where results and diagnostics go.
pub struct Out {
    pub results: Stream,
    pub diagnostics: Stream,
    /// What a signal does.
    pub signals: Signals,
    /// Time of event streams: the account's.
    pub clock: Clock,
    pub style: Style,
    pub diagnostics_style: Style,
    pub format: Format,
    pub quiet: bool,
    /// Account ids are replaced by this. Streams of text do so themselves; in documents only texts are looked at, for a
    /// number of twelve digits is none.
    pub redactor: Option<Redactor>,
    pub verbose: u8,
    /// `--concise`: one line a step.
    pub concise: bool,
    /// `--show-unchanged`.
    pub show_unchanged: bool,
    /// True if a person can answer a question.
    pub interactive: bool,
    /// True if standard error is a screen that can be redrawn.
    pub live: bool,
}

fn colored(when: ColorWhen, terminal: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            let forced = std::env::var("CLICOLOR_FORCE").is_ok_and(|value| value != "0");
            let off = set("NO_COLOR")
                || std::env::var("TERM").is_ok_and(|term| term == "dumb")
                || std::env::var("CLICOLOR").is_ok_and(|value| value == "0");
            !off && (terminal || forced)
        }
    }
}

impl Out {
    /// Returns the process's own streams.
    pub fn terminal(global: &Global) -> Self {
        let (out, err) = (std::io::stdout(), std::io::stderr());
        let ci = ["CI", "GITHUB_ACTIONS", "GITLAB_CI"].iter().any(|name| std::env::var_os(name).is_some());
        let columns = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
        let style = |terminal| Style {
            color: colored(global.color, terminal),
            width: if terminal { columns.clamp(40, 120) } else { 100 },
        };
        // A screen that knows no way back to the start of a line gets lines; so does one on which ids are hidden.
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let redactor = global.redact.then(Redactor::default);
        let is_document = matches!(global.format, Format::Json | Format::Jsonl | Format::Sarif);
        let diagnostics = match &redactor {
            Some(redactor) => Stream::new(Redacted::new(std::io::stderr(), redactor.clone())),
            None => Stream::new(std::io::stderr()),
        };
        Self {
            style: style(out.is_terminal()),
            diagnostics_style: style(err.is_terminal()),
            interactive: std::io::stdin().is_terminal() && out.is_terminal() && !ci,
            live: err.is_terminal() && !ci && !dumb && !global.quiet && !global.redact,
            signals: Signals::listen(&diagnostics),
            clock: Clock::System,
            results: match &redactor {
                Some(redactor) if !is_document => Stream::new(Redacted::new(out, redactor.clone())),
                _ => Stream::new(out),
            },
            diagnostics,
            format: global.format,
            quiet: global.quiet,
            redactor,
            verbose: global.verbose,
            concise: false,
            show_unchanged: false,
        }
    }
    /// Refuses a format that a verb does not have.
    ///
    /// # Errors
    /// Names the formats it has.
    pub fn offers(&self, verb: &str, formats: &[Format]) -> Result<(), Failure> {
        if formats.contains(&self.format) {
            return Ok(());
        }
        let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
        Err(Failure::usage(
            format!("`{verb}` has no format {}", self.format.name()),
            format!("it has {}", names.join(", ")),
        ))
    }
    /// Makes an account known whose id is to be replaced wherever it stands.
    pub fn know(&self, account: &str) {
        if let Some(redactor) = &self.redactor {
            redactor.know(account);
        }
    }
    /// Prints a result. A reader that went away (`| head`) is no error.
    pub fn text(&mut self, text: &str) {
        self.results.write(text);
    }
    /// Prints a result and ends the line.
    pub fn line(&mut self, text: &str) {
        self.text(&format!("{text}\n"));
    }
    /// Prints a document.
    pub fn json(&mut self, value: &Value) {
        let mut value = Cow::Borrowed(value);
        if let Some(redactor) = &self.redactor {
            redactor.value(value.to_mut());
        }
        let text = serde_json::to_string_pretty(&*value).expect("a document is plain data");
        self.line(&text);
    }
    /// Prints a line of an event stream, with the time.
    pub fn event(&mut self, event: Value) {
        let mut line = events::stamped(event, self.clock.now());
        if let Some(redactor) = &self.redactor {
            redactor.value(&mut line);
        }
        self.line(&line.to_string());
    }
    /// Returns how the command ended, now that everything is printed: a result that could not be written is an error.
    pub fn finish(&mut self, verdict: Verdict) -> Verdict {
        let Some(why) = self.results.failure() else { return verdict };
        let what = format!("{} the result could not be written: {why}", self.diagnostics_style.red("error:"));
        self.note(&what);
        self.note("  hint: make room, or write it elsewhere; nothing else was left undone");
        Verdict::Error
    }
    /// Prints a diagnostic and ends the line.
    pub fn note(&mut self, text: &str) {
        self.diagnostics.write(&format!("{text}\n"));
    }
    /// Prints a prompt on the diagnostics stream, without ending the line.
    pub fn prompt(&mut self, text: &str) {
        self.diagnostics.write(text);
    }
    /// Shows a failure and returns its verdict.
    pub fn failure(&mut self, failure: &Failure) -> Verdict {
        let (style, verdict) = (self.diagnostics_style, failure.verdict());
        match failure {
            Failure::Blueprint(rejected) => self.problems(&rejected.problems, &rejected.sources),
            Failure::Usage { message, hint } | Failure::Ended { message, hint, .. } => {
                self.note(&format!("{} {message}", style.red("error:")));
                if !hint.is_empty() {
                    self.note(&format!("  hint: {hint}"));
                }
            }
            Failure::Stale { message, hint, moved } => {
                self.note(&format!("{} {message}", style.red("error:")));
                for one in moved {
                    self.note(&style.wrap(&one.text(), "  - ", "    "));
                }
                self.note(&format!("  hint: {hint}"));
            }
            Failure::Run(error) => {
                let mut text = error.to_string();
                if let RunError::Aws(api) = error.as_ref()
                    && let Some(id) = &api.request_id
                {
                    text.push_str(&format!(" (request id {id})"));
                }
                if let RunError::NoOrder(cycle) = error.as_ref() {
                    text.push_str(&format!(": {cycle}"));
                }
                self.note(&format!("{} {text}", style.red("error:")));
                self.note(&format!("  hint: {}", error.hint()));
            }
        }
        if matches!(self.format, Format::Json | Format::Jsonl) {
            let problems = match failure {
                Failure::Blueprint(rejected) => problems_json(&rejected.problems, &rejected.sources),
                other => json!([{"severity": "error", "message": other.to_string()}]),
            };
            let mut document = json!({
                "format_version": crate::render::json::FORMAT_VERSION,
                "verdict": verdict,
                "exit_code": verdict.code(),
                "problems": problems,
            });
            if let Failure::Stale { moved, .. } = failure {
                document["moved"] = json!(moved);
            }
            match self.format {
                Format::Jsonl => {
                    document["event"] = json!("summary");
                    self.event(document);
                }
                _ => self.json(&document),
            }
        }
        verdict
    }
    /// Shows problems of a blueprint on the diagnostics stream.
    pub fn problems(&mut self, problems: &[Problem], sources: &Sources) {
        if problems.is_empty() {
            return;
        }
        let style = self.diagnostics_style;
        let text = blueprint::render(problems, sources, style.color, style.width);
        self.note(text.trim_end());
    }
}

/// Reads a blueprint with the variables of the command line and the environment.
///
/// # Errors
/// Problems of the blueprint or of a variable file.
pub fn load(path: &Path, global: &Global) -> Result<Loaded, Failure> {
    let mut vars = blueprint::vars_from_env(std::env::vars());
    if let Some(file) = &global.var_file {
        let more = blueprint::vars_from_file(file).map_err(|error| {
            Failure::usage(error.to_string(), "a variable file is TOML: name = \"value\"")
        })?;
        vars.extend(more);
    }
    for pair in &global.vars {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--var {pair} has no value"), "write --var NAME=VALUE"))?;
        vars.insert(name.to_owned(), value.to_owned());
    }
    let today = today();
    let options = LoadOptions { vars, today };
    blueprint::load(path, &options).map_err(|rejected| Failure::Blueprint(Box::new(rejected)))
}

/// Returns where the default sandbox's state lives: the user's state directory.
pub fn default_sandbox_file() -> PathBuf {
    let home = || std::env::var_os("HOME").map(PathBuf::from).unwrap_or_else(|| PathBuf::from("."));
    let state = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .unwrap_or_else(|| home().join(".local/state"));
    state.join("auditscope").join("sandbox.json")
}

/// Opens the sandbox that `--sandbox[=FILE]` names.
///
/// # Errors
/// The file cannot be read or made.
pub fn open_sandbox(file: &Path, account: &str) -> Result<Sandbox, Failure> {
    let file = if file.as_os_str().is_empty() { default_sandbox_file() } else { file.to_owned() };
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)
            .map_err(|error| Failure::usage(format!("cannot make {}: {error}", directory.display()), ""))?;
    }
    Sandbox::open(&file, account).map_err(|error| {
        Failure::usage(
            format!("cannot open the sandbox {}: {error}", file.display()),
            "name another file with --sandbox=FILE, or start over with `auditscope sandbox reset`",
        )
    })
}

/// Gives a sandbox the faults that `--sandbox-faults` asks for; without the sandbox they mean nothing.
///
/// # Errors
/// Rules that cannot be read.
pub fn give_faults(sandbox: &Sandbox, global: &Global) -> Result<(), Failure> {
    let Some(text) = &global.sandbox_faults else { return Ok(()) };
    let rules = faults::parse(text).map_err(|error| {
        Failure::usage(
            format!("--sandbox-faults cannot be read: {error}"),
            r#"write a list such as '[{"service":"kms","operation":"CreateKey","nth":1,"fault":"reset_after"}]'"#,
        )
    })?;
    sandbox.set_faults(rules);
    Ok(())
}

/// Loads the blueprint, opens the account and checks that it is the right one. Warnings are shown.
///
/// # Errors
/// A bad blueprint, no credentials, another account.
pub async fn open(path: &Path, global: &Global, out: &mut Out) -> Result<Run, Failure> {
    let loaded = load(path, global)?;
    out.know(&loaded.blueprint.scope.account);
    if !out.quiet {
        out.problems(&loaded.problems, &loaded.sources);
    }
    let blueprint = loaded.blueprint;
    let sandbox =
        global.sandbox.as_deref().map(|file| open_sandbox(file, &blueprint.scope.account)).transpose()?;
    if let Some(sandbox) = &sandbox {
        give_faults(sandbox, global)?;
    }
    let options = SessionOptions {
        profile: global.profile.clone(),
        role_arn: global.role_arn.clone(),
        external_id: global.external_id.clone(),
        endpoint_url: global.endpoint_url.clone(),
        sandbox,
        account: blueprint.scope.account.clone(),
    };
    let region = global.region.clone().unwrap_or_else(|| blueprint.scope.home_region.clone());
    let session = Session::open(&options, &region).await;
    out.clock = session.clock().clone();
    if session.is_sandbox() && !out.quiet {
        out.note(&out.diagnostics_style.cyan("This is the sandbox account, not AWS."));
    }
    Ok(Run::open(session, blueprint, usize::from(global.parallelism)).await?)
}

/// Reads what the user has agreed to.
///
/// # Errors
/// An address or kind that does not exist.
pub fn intent(goal: Goal, consent: &Consent, delete: &[String]) -> Result<Intent, Failure> {
    let address = |text: &String| {
        text.parse::<AddressPattern>()
            .map_err(|error| Failure::usage(error.to_string(), "the plan shows each resource's address"))
    };
    let mut allow = Vec::new();
    for text in &consent.allow {
        let (kind, rest) = text.split_once(':').ok_or_else(|| {
            Failure::usage(
                format!("--allow {text} names no address"),
                "write --allow KIND:ADDRESS, as the plan shows it",
            )
        })?;
        if !["coverage", "weaken", "irreversible", "delete"].contains(&kind) {
            return Err(Failure::usage(
                format!("`{kind}` is not something that can be allowed"),
                "there are coverage, weaken, irreversible and delete",
            ));
        }
        allow.push((kind.to_owned(), address(&rest.to_owned())?));
    }
    Ok(Intent {
        goal,
        adopt: consent.adopt.iter().map(address).collect::<Result<_, _>>()?,
        allow,
        prune: consent.prune,
        delete: delete.iter().map(address).collect::<Result<_, _>>()?,
        target: Vec::new(),
        exclude: Vec::new(),
        gone: Vec::new(),
        today: today().to_string(),
    })
}

/// Returns today's date in UTC, which is what releases and waivers are dated by.
fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date()
}

/// Returns problems as JSON documents carry them.
pub fn problems_json(problems: &[Problem], sources: &Sources) -> Value {
    let rows: Vec<_> = problems.iter().map(|problem| problem.report(sources)).collect();
    serde_json::to_value(rows).expect("a report is plain data")
}
