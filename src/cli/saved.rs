//! Plans on their way through a file: made by `plan -o`, held against the account by `apply PLAN`.

use crate::cli::Consent;
use crate::cli::context::Failure;
use crate::cli::exit::Verdict;
use crate::cli::plan::document;
use crate::engine::ledger;
use crate::engine::plan::{Goal, Intent};
use crate::engine::run::{Planned, Run};
use crate::engine::saved::{self, Moved, Saved};
use std::path::{Path, PathBuf};

/// Makes a plan's file.
///
/// # Errors
/// It cannot be written; nothing is left behind.
pub async fn save(
    run: &Run,
    blueprint: &Path,
    intent: &Intent,
    planned: &Planned,
    verdict: Verdict,
    path: &Path,
) -> Result<(), Failure> {
    // A ledger that is not there or not readable: `apply` looks through all of it.
    let last = ledger::last_number(&run.store(false)).await.ok().flatten();
    Ok(saved::write(path, &make(run, blueprint, intent, planned, verdict, last))?)
}

fn make(
    run: &Run,
    blueprint: &Path,
    intent: &Intent,
    planned: &Planned,
    verdict: Verdict,
    ledger: Option<u64>,
) -> Saved {
    Saved::of(saved::Parts {
        path: blueprint,
        blueprint: run.blueprint(),
        intent,
        seen: &planned.observation,
        document: &document(run, &planned.plan, "plan", verdict),
        made: &run.session().clock().now().to_string(),
        made_by: &run.caller,
        ledger,
    })
}

/// A saved plan that is to be applied.
#[derive(Debug)]
pub struct Agreed {
    pub saved: Saved,
    /// What was asked for when it was made, and what is approved now.
    pub intent: Intent,
}

impl Agreed {
    /// Reads a plan, with the flags of the `apply` that is to carry it out.
    ///
    /// # Errors
    /// It is no plan that can be used, or a flag would change what was planned.
    pub fn read(
        path: &Path,
        consent: &Consent,
        more: Vec<(String, crate::model::AddressPattern)>,
    ) -> Result<Self, Failure> {
        let saved = saved::read(path)?;
        if consent.prune || !consent.adopt.is_empty() {
            return Err(Failure::usage(
                "--adopt and --prune change what is planned, and a saved plan is applied as it is",
                "give them to `auditscope plan -o FILE`",
            ));
        }
        let mut intent = saved.asked.intent(saved.document.goal).map_err(|why| {
            Failure::usage(
                format!("{} asks for something that cannot be read: {why}", path.display()),
                "make it anew with `auditscope plan -o FILE`",
            )
        })?;
        intent.allow.extend(more);
        Ok(Self { saved, intent })
    }
    /// Returns where the blueprint is that it was made from.
    pub fn blueprint(&self) -> PathBuf {
        PathBuf::from(&self.saved.blueprint.path)
    }
    /// Returns the verb that does what the plan is for.
    pub fn verb(&self) -> &'static str {
        match self.saved.document.goal {
            Goal::Converge => "apply",
            Goal::Destroy => "destroy",
        }
    }
    /// Holds it against a plan that was made just now.
    ///
    /// # Errors
    /// It was carried out already, or something has moved: each thing is named.
    pub async fn check(&self, run: &Run, planned: &Planned) -> Result<(), Failure> {
        let saved = &self.saved;
        let ended = |message: String, hint: &str, moved: Vec<Moved>| Failure::Stale {
            message,
            hint: hint.into(),
            moved,
        };
        let again = "make a plan with `auditscope plan -o FILE`, and have it reviewed";
        if let Some(record) = ledger::applied(&run.store(false), &saved.id, saved.ledger).await? {
            let message = format!(
                "plan {} was applied already: record {} of the ledger, by {} on {}, {}",
                saved.short_id(),
                record.number,
                record.caller,
                record.started,
                record.outcome.word(),
            );
            return Err(ended(message, again, Vec::new()));
        }
        let now = make(run, &self.blueprint(), &self.intent, planned, Verdict::Ok, saved.ledger);
        if saved::is_spent(saved, &now) {
            let message = format!("plan {} is used up: all that it promised is there", saved.short_id());
            return Err(ended(message, "there is nothing left to do", Vec::new()));
        }
        let moved = saved::moved(saved, &now);
        if moved.is_empty() {
            return Ok(());
        }
        let message =
            format!("plan {} no longer describes the account; nothing was changed", saved.short_id());
        Err(ended(message, again, moved))
    }
}
