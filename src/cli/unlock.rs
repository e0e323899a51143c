//! `unlock`: frees the lock that a dead run has left behind.

use crate::cli::apply::host;
use crate::cli::context::{Failure, Out, open};
use crate::cli::exit::Verdict;
use crate::cli::{Format, Global, PLAIN};
use crate::engine::ledger;
use crate::render::json;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `unlock`.
#[derive(Clone, Debug, Args)]
pub struct UnlockArgs {
    /// The blueprint
    pub file: PathBuf,
    /// Id of the lock, as `history` and whoever meets the lock show it
    pub id: String,
}

/// Runs `unlock`. The id is the approval: only who has seen the lock knows it.
///
/// # Errors
/// The lock is free, is another run's, or cannot be read or written.
pub async fn run(args: &UnlockArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    out.offers("unlock", PLAIN)?;
    let run = open(&args.file, global, out).await?;
    let held = ledger::unlock(run.store(false), &args.id, &run.caller, &host()).await?;
    let dead = &held.holder;
    if !held.is_over() {
        out.note(&format!(
            "Note: its lease ran until {}. If that run is alive after all, it may write until then: begin nothing before \
             unless you are sure that it is dead.",
            held.ends()
        ));
    }
    match out.format {
        Format::Human => out.line(&format!(
            "The lock is free. It was held by {} {} by {} on {} since {}; the ledger says that this run was lost.",
            dead.verb, dead.id, dead.caller, dead.host, dead.since
        )),
        _ => out.json(&json!({
            "format_version": json::FORMAT_VERSION,
            "verb": "unlock",
            "target": json::target(run.session().is_sandbox()),
            "verdict": Verdict::Ok,
            "exit_code": Verdict::Ok.code(),
            "held": dead,
        })),
    }
    Ok(Verdict::Ok)
}
