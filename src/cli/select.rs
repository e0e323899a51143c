//! Flags that narrow a plan, and flags about how much of it is shown.

use crate::cli::context::{Failure, Out};
use crate::engine::plan::Intent;
use crate::model::AddressPattern;
use clap::Args;

/// What of the blueprint a run is about; never read from the environment.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectArgs {
    /// Only this, and what it waits for; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Not this, nor what cannot do without it; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
}

impl SelectArgs {
    /// Returns the intent with the selection in it.
    ///
    /// # Errors
    /// Something that is not an address.
    pub fn narrow(&self, mut intent: Intent) -> Result<Intent, Failure> {
        intent.target = addresses("--target", &self.target)?;
        intent.exclude = addresses("--exclude", &self.exclude)?;
        Ok(intent)
    }
    /// Refuses a selection where a saved plan is given.
    ///
    /// # Errors
    /// There is one.
    pub fn refuse_beside_a_plan(&self) -> Result<(), Failure> {
        if self.target.is_empty() && self.exclude.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(
            "--target and --exclude change what is planned, and a saved plan is applied as it is",
            "give them to `auditscope plan -o FILE`",
        ))
    }
}

fn addresses(flag: &str, texts: &[String]) -> Result<Vec<AddressPattern>, Failure> {
    let read = |text: &String| {
        let wrong =
            |error| Failure::usage(format!("{flag}: {error}"), "the plan shows each resource's address");
        text.parse().map_err(wrong)
    };
    texts.iter().map(read).collect()
}

/// How much of a look at the account is shown.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct DetailArgs {
    /// List what needs nothing, too
    #[arg(long)]
    pub show_unchanged: bool,
    /// One line a step, without attributes, notes and legend
    #[arg(long)]
    pub concise: bool,
}

impl DetailArgs {
    /// Sets what screens show from here on.
    pub fn impose(self, out: &mut Out) {
        out.show_unchanged = self.show_unchanged;
        out.concise = self.concise;
    }
}
