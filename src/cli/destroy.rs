//! `destroy`: removes what holds no evidence; evidence is released, not deleted, unless named.

use crate::cli::apply::{Order, converge};
use crate::cli::context::{Failure, Out, intent, open};
use crate::cli::exit::Verdict;
use crate::cli::select::{DetailArgs, SelectArgs};
use crate::cli::{Consent, Global, PLANS, Waiting};
use crate::engine::plan::Goal;
use clap::Args;
use std::path::PathBuf;

/// Arguments of `destroy`.
#[derive(Clone, Debug, Args)]
pub struct DestroyArgs {
    /// The blueprint
    pub file: PathBuf,
    /// Do not ask; covers what holds no evidence, and releases
    #[arg(long)]
    pub auto_approve: bool,
    /// Delete this piece of evidence; also takes --allow delete:ADDRESS, or its name typed
    #[arg(long, value_name = "ADDRESS")]
    pub delete: Vec<String>,
    /// Approve one effect, KIND:ADDRESS with coverage or delete
    #[arg(long, value_name = "KIND:ADDRESS")]
    pub allow: Vec<String>,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// Runs `destroy`.
///
/// # Errors
/// The plan could not be made.
pub async fn run(args: &DestroyArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    let consent = Consent { allow: args.allow.clone(), ..Consent::default() };
    out.offers("destroy", PLANS)?;
    let intent = args.select.narrow(intent(Goal::Destroy, &consent, &args.delete)?)?;
    DetailArgs::default().impose(out);
    let run = open(&args.file, global, out).await?;
    let order =
        Order { verb: "destroy", auto_approve: args.auto_approve, waiting: args.waiting, agreed: None };
    converge(&run, intent, order, global, out).await
}
