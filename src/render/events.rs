//! What happens while a plan is carried out, one line an event.

use crate::engine::execute::{Event, Outcome};
use crate::engine::plan::Action;
use crate::render::Style;
use std::fmt::Write;

/// Returns the line of an event; `None` if it is only worth a line on a live screen.
pub fn line(event: &Event, style: Style) -> Option<String> {
    match event {
        Event::StepStarted { .. } => None,
        Event::StepWaiting { address, call, waiting_for, seconds, left_seconds } => Some(style.dim(&format!(
            "  … {}  {call} waits for {waiting_for}; again in {seconds:.0} s, {left_seconds:.0} s at most",
            address.short()
        ))),
        Event::StepDone { address, action, calls } => {
            Some(format!("{} {address}  {}", style.green("✓"), style.dim(&format!("{}: {}", done_word(*action), calls.join(", ")))))
        }
        Event::StepFailed { address, error } => {
            let request = error.request_id.as_deref().unwrap_or("none");
            Some(format!(
                "{} {address}  {error} (request id {request})\n      {}",
                style.red("✗"),
                error.hint()
            ))
        }
        Event::StepSkipped { address, because } => Some(format!("{} {address}  not done: {because}", style.yellow("·"))),
    }
}

fn done_word(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Adopt => "adopted",
        Action::TakeBack => "taken back",
        Action::Release => "released",
        Action::Delete => "deleted",
        Action::Foreign | Action::Unreadable => "left alone",
    }
}

/// Returns what an apply or destroy came to.
pub fn outcome(outcome: &Outcome, verb: &str, style: Style) -> String {
    let mut out = String::new();
    let head = if outcome.is_complete() {
        let noun = if outcome.done.len() == 1 { "resource" } else { "resources" };
        format!("{verb} complete: {} {noun}.", outcome.done.len())
    } else {
        format!(
            "{verb} incomplete: {} done, {} failed, {} not done. Run it again; nothing has to be cleaned up by hand.",
            outcome.done.len(),
            outcome.failed.len(),
            outcome.skipped.len()
        )
    };
    let _ = writeln!(out, "{}", style.bold(&head));
    out
}
