//! `sandbox`: serves, empties, shows and damages the built-in account, and says what it answers.

use crate::cli::context::{Failure, Out, default_sandbox_file, give_faults, open_sandbox};
use crate::cli::exit::Verdict;
use crate::cli::{Format, Global};
use crate::sandbox::service::operations;
use crate::sandbox::state::State;
use crate::sandbox::tamper::{Place, TAMPERINGS, Tampering};
use crate::sandbox::{Sandbox, lived_in, serve};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Account of a sandbox that no blueprint names.
const ACCOUNT: &str = "111122223333";

/// Arguments of `sandbox`.
#[derive(Clone, Debug, Args)]
pub struct SandboxArgs {
    #[command(subcommand)]
    pub action: SandboxVerb,
}

/// What to do with the built-in account.
#[derive(Clone, Debug, Subcommand)]
pub enum SandboxVerb {
    /// Serve the account over HTTP on loopback; prints one URL line
    Start {
        /// Loopback address and port; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:4599")]
        listen: std::net::SocketAddr,
        /// State file
        #[arg(long)]
        file: Option<PathBuf>,
        /// Account of callers whose access key id is not an account number
        #[arg(long, default_value = ACCOUNT)]
        account: String,
        #[command(flatten)]
        mood: Mood,
    },
    /// Start over with an empty account
    Reset {
        /// State file
        #[arg(long)]
        file: Option<PathBuf>,
        /// Start with what real accounts have: a hand-made trail, a bucket without a policy, an organization
        #[arg(long)]
        lived_in: bool,
        /// The account
        #[arg(long, default_value = ACCOUNT)]
        account: String,
    },
    /// Print the account's state as JSON
    Show {
        /// State file
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// List the operations that the account answers
    Operations,
    /// Do what a careless or hostile colleague would
    Tamper {
        /// Tampering to do; all of them without a name
        name: Option<String>,
        /// List the tamperings
        #[arg(long)]
        list: bool,
        /// State file
        #[arg(long)]
        file: Option<PathBuf>,
    },
}

/// How awkward a served sandbox is.
#[derive(Clone, Debug, Args)]
pub struct Mood {
    /// Most entries in a page, whatever callers ask for
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    page_size: Option<u32>,
    /// Let everybody see at once what was just made
    #[arg(long)]
    no_delays: bool,
    /// Throttle calls above the published rates
    #[arg(long)]
    rate_limits: bool,
}

impl Mood {
    /// Puts a sandbox into this mood.
    fn impose(&self, sandbox: &Sandbox) {
        let mut settings = sandbox.settings();
        settings.page_size = self.page_size.map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        settings.delays = !self.no_delays;
        settings.rate_limits = self.rate_limits;
        sandbox.set_settings(settings);
    }
}

fn state_file(file: Option<&PathBuf>, global: &Global) -> PathBuf {
    let named = file.or(global.sandbox.as_ref()).filter(|path| !path.as_os_str().is_empty());
    named.cloned().unwrap_or_else(default_sandbox_file)
}

/// Runs `sandbox`.
///
/// # Errors
/// A state file that cannot be used, a name that does not exist.
pub async fn run(args: &SandboxArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    match &args.action {
        SandboxVerb::Start { listen, file, account, mood } => {
            start(*listen, &state_file(file.as_ref(), global), account, mood, global, out).await
        }
        SandboxVerb::Reset { file, lived_in, account } => {
            reset(&state_file(file.as_ref(), global), *lived_in, account, out)
        }
        SandboxVerb::Show { file } => {
            let sandbox = open_sandbox(&state_file(file.as_ref(), global), ACCOUNT)?;
            out.json(&serde_json::to_value(sandbox.state()).expect("the state is plain data"));
            Ok(Verdict::Ok)
        }
        SandboxVerb::Operations => {
            list_operations(out);
            Ok(Verdict::Ok)
        }
        SandboxVerb::Tamper { list: true, .. } => {
            list(out);
            Ok(Verdict::Ok)
        }
        SandboxVerb::Tamper { name, file, .. } => {
            tamper(name.as_deref(), &state_file(file.as_ref(), global), out)
        }
    }
}

async fn start(
    listen: std::net::SocketAddr,
    file: &Path,
    account: &str,
    mood: &Mood,
    global: &Global,
    out: &mut Out,
) -> Result<Verdict, Failure> {
    if !listen.ip().is_loopback() {
        return Err(Failure::usage(
            format!("{listen} is not a loopback address"),
            "the sandbox checks no signatures, so it serves this machine only",
        ));
    }
    let sandbox = open_sandbox(file, account)?;
    mood.impose(&sandbox);
    give_faults(&sandbox, global)?;
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| {
        Failure::usage(format!("cannot listen on {listen}: {error}"), "choose another --listen")
    })?;
    let address = listener.local_addr().map_err(|error| Failure::usage(error.to_string(), ""))?;
    out.line(&format!("http://{address}"));
    out.note(&format!(
        "Sandbox account {account}, not AWS; state in {}. Ctrl-C ends it.\nUse it with --endpoint-url, or AWS_ENDPOINT_URL, and AWS_ACCESS_KEY_ID={account}.",
        file.display()
    ));
    // The first signal lets connections end; a second one ends the process.
    let _held = out.signals.hold();
    let stop = out.signals.stop().clone();
    let shutdown = async move { stop.asked().await };
    serve::serve(sandbox, listener, shutdown)
        .await
        .map_err(|error| Failure::usage(format!("the sandbox stopped: {error}"), ""))?;
    Ok(Verdict::Ok)
}

fn reset(file: &Path, lived_in: bool, account: &str, out: &mut Out) -> Result<Verdict, Failure> {
    let state = if lived_in { lived_in::state(account) } else { State::default() };
    // Written as it is, so that a file that no longer parses can be replaced.
    let text = serde_json::to_string_pretty(&state).expect("the state is plain data");
    let made = file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| {
        let directory = file.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut fresh = tempfile::NamedTempFile::new_in(directory)?;
        std::io::Write::write_all(&mut fresh, text.as_bytes())?;
        fresh.persist(file).map_err(|error| error.error).map(|_| ())
    });
    made.map_err(|error| Failure::usage(format!("cannot write {}: {error}", file.display()), ""))?;
    out.line(&format!(
        "{} is an empty account{}.",
        file.display(),
        if lived_in { " with a history" } else { "" }
    ));
    Ok(Verdict::Ok)
}

fn list(out: &mut Out) {
    if out.format != Format::Human {
        let rows: Vec<Value> = TAMPERINGS
            .iter()
            .map(|tampering| json!({"name": tampering.name, "what": tampering.what, "expect": tampering.expect}))
            .collect();
        out.json(&json!(rows));
        return;
    }
    let width = TAMPERINGS.iter().map(|tampering| tampering.name.len()).max().unwrap_or(0);
    for tampering in TAMPERINGS {
        out.line(&format!("{:width$}  {}", tampering.name, tampering.what));
    }
}

fn list_operations(out: &mut Out) {
    let rows = operations().map(|row| (row.service, row.name, row.writes));
    if out.format != Format::Human {
        let rows = rows
            .map(|(service, name, writes)| json!({"service": service, "operation": name, "writes": writes}));
        out.json(&rows.collect());
        return;
    }
    for (service, name, _) in rows {
        out.line(&format!("{service}:{name}"));
    }
}

/// Returns the scopes that live in a sandbox, found as the tool finds them: by the trail's tags.
pub fn places(sandbox: &Sandbox) -> Vec<Place> {
    let state = sandbox.state();
    let now_millis = sandbox.now().as_millisecond();
    let mut found = Vec::new();
    for (account, regions) in &state.accounts {
        for (region, tables) in regions {
            for trail in tables.get("trails").into_iter().flat_map(|trails| trails.values()) {
                let tags = &trail["_tags"];
                let scope = tags["auditscope:scope"].as_str().or_else(|| {
                    let named = trail["Name"].as_str()?;
                    // A trail whose tag was taken off is still the scope's by its other marks.
                    trail["S3BucketName"].as_str()?.starts_with(&format!("{named}-logs-")).then_some(named)
                });
                let Some(scope) = scope else { continue };
                let written = tags["auditscope:regions"].as_str().unwrap_or(region);
                found.push(Place {
                    account: account.clone(),
                    scope_name: scope.to_owned(),
                    home_region: region.clone(),
                    bedrock_regions: written
                        .split_whitespace()
                        .map(str::to_owned)
                        .collect::<BTreeSet<_>>()
                        .into_iter()
                        .collect(),
                    now_millis,
                });
            }
        }
    }
    found
}

/// Does one tampering everywhere a scope lives; returns whether there was anything to damage.
pub fn damage(sandbox: &Sandbox, tampering: &Tampering) -> bool {
    let places = places(sandbox);
    sandbox.with_state(|state| {
        let mut done = false;
        for place in &places {
            done |= (tampering.apply)(state, place);
        }
        done
    })
}

fn tamper(name: Option<&str>, file: &Path, out: &mut Out) -> Result<Verdict, Failure> {
    let chosen: Vec<&Tampering> = match name {
        None => TAMPERINGS.iter().collect(),
        Some(name) => {
            let found = TAMPERINGS.iter().find(|tampering| tampering.name == name).ok_or_else(|| {
                Failure::usage(
                    format!("there is no tampering `{name}`"),
                    "`auditscope sandbox tamper --list` lists them",
                )
            })?;
            vec![found]
        }
    };
    let sandbox = open_sandbox(file, ACCOUNT)?;
    if places(&sandbox).is_empty() {
        return Err(Failure::usage(
            "this sandbox has no scope to tamper with",
            "apply a blueprint to it first",
        ));
    }
    for tampering in chosen {
        let word = if damage(&sandbox, tampering) { "done" } else { "nothing there" };
        out.line(&format!("{word}: {}  {}", tampering.name, out.style.dim(tampering.what)));
    }
    Ok(Verdict::Ok)
}
