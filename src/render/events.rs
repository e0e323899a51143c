//! What happens while a plan is carried out, one line an event.

use crate::engine::event::Event;
use crate::engine::execute::{INTERRUPTED, Outcome};
use crate::engine::plan::Action;
use crate::model::Address;
use crate::render::Style;
use crate::render::board::{Board, clock};
use crate::render::plan;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fmt::Write;

/// Returns the line of an event; `None` if it is only worth a line on a live screen.
///
/// The board has taken the event already: it knows which of how many steps it ends.
pub fn line(event: &Event, board: &Board, verbose: bool, style: Style) -> Option<String> {
    let name = |address: &Address| board.name(address);
    Some(match event {
        Event::StepStarted { .. } | Event::StepCalls { .. } | Event::VerifyWaiting { .. } => return None,
        Event::StepWaiting { address, waiting_for, left_seconds, .. } => {
            let most = clock(*left_seconds);
            let text = format!("{} waits up to {most} for {waiting_for}", name(address));
            format!("{} {}", " ".repeat(board.counter().len()), style.dim(&format!("… {text}")))
        }
        Event::StepDone { address, action, calls, seconds } => {
            let mut line =
                format!("{} {} {} ({seconds:.1} s)", board.counter(), symbol(*action, style), name(address));
            if verbose && !calls.is_empty() {
                let _ = write!(line, "  {}", style.dim(&calls.join(", ")));
            }
            line
        }
        Event::StepFailed { address, error, seconds, .. } => {
            let request = error.request_id.as_deref().unwrap_or("none");
            let place = name(address);
            let mark = style.red("✗");
            let counter = board.counter();
            format!(
                "{counter} {mark} {place} ({seconds:.1} s): {error} (request id {request})\n      {}",
                error.hint()
            )
        }
        // What an interruption left out is listed at the end.
        Event::StepSkipped { because, .. } if because == INTERRUPTED || board.is_ending() => return None,
        Event::StepSkipped { address, because } => {
            let mark = style.yellow("·");
            format!("{} {mark} {} not done: {because}", " ".repeat(board.counter().len()), name(address))
        }
        Event::LockWaiting { holder, left_seconds } => {
            let most = clock(*left_seconds);
            style.dim(&format!("… waits up to {most} for the lock: {holder}"))
        }
        Event::VerifyStarted => {
            style.dim("Checking that a second plan is empty; AWS may show old values for a minute.")
        }
    })
}

/// Returns true for what a live screen shows only as long as it lasts.
pub fn passes(event: &Event) -> bool {
    matches!(event, Event::StepWaiting { .. } | Event::LockWaiting { .. } | Event::VerifyStarted)
}

/// Returns an event with the time at which it happened (RFC 3339).
pub fn stamped(mut event: Value, now: Timestamp) -> Value {
    let millis = jiff::TimestampRound::new().smallest(jiff::Unit::Millisecond);
    event["time"] = json!(now.round(millis).unwrap_or(now).to_string());
    event
}

/// Returns the plan's symbol of what a step does, in its colour.
pub fn symbol(action: Action, style: Style) -> String {
    let symbol = plan::symbol(action);
    match action {
        Action::Create => style.green(symbol),
        Action::Update | Action::Release => style.yellow(symbol),
        Action::Adopt | Action::TakeBack => style.cyan(symbol),
        Action::Delete | Action::Foreign | Action::Unreadable => style.red(symbol),
    }
}

/// Returns what an apply or destroy came to.
pub fn outcome(outcome: &Outcome, verb: &str, style: Style) -> String {
    let mut out = String::new();
    let (done, failed, skipped) = (outcome.done.len(), outcome.failed.len(), outcome.skipped.len());
    let head = if outcome.is_complete() {
        let noun = if done == 1 { "resource" } else { "resources" };
        format!("{verb} complete: {done} {noun}.")
    } else {
        let word = if outcome.interrupted { "interrupted" } else { "incomplete" };
        format!(
            "{verb} {word}: {done} done, {failed} failed, {skipped} not done. Run it again; nothing has to be cleaned up by hand."
        )
    };
    let _ = writeln!(out, "{}", style.bold(&head));
    if outcome.interrupted {
        let skipped: Vec<&Address> = outcome.skipped.iter().map(|(address, _)| address).collect();
        for (title, list) in [("done", outcome.done.iter().collect()), ("not done", skipped)] {
            if !list.is_empty() {
                let names: Vec<String> = list.iter().map(ToString::to_string).collect();
                let text = style.wrap(&names.join(", "), &format!("  {title:<8}  "), &" ".repeat(12));
                let _ = writeln!(out, "{text}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Kind;
    use crate::model::Scope;

    #[test]
    fn what_an_interruption_left_out_is_listed() {
        let at = |name: &str| Address::new(Kind::MetricAlarm, name, &Scope::new("111122223333", "us-east-1"));
        let interrupted = Outcome {
            done: vec![at("one"), at("two")],
            skipped: vec![(at("three"), INTERRUPTED.into())],
            interrupted: true,
            ..Outcome::default()
        };
        insta::assert_snapshot!(outcome(&interrupted, "Apply", Style { color: false, width: 60 }), @r"
        Apply interrupted: 2 done, 0 failed, 1 not done. Run it again; nothing has to be cleaned up by hand.
          done      metric_alarm.one@111122223333/us-east-1,
                    metric_alarm.two@111122223333/us-east-1
          not done  metric_alarm.three@111122223333/us-east-1
        ");
    }

    #[test]
    fn an_event_has_its_time_to_the_millisecond() {
        let event = stamped(
            json!({"event": "summary"}),
            Timestamp::from_nanosecond(1_234_567_890).expect("in range"),
        );
        assert_eq!(event, json!({"event": "summary", "time": "1970-01-01T00:00:01.235Z"}));
    }
}
