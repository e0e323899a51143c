//! `history`: the ledger of applies, checked, and who holds the lock; read-only.

use crate::cli::context::{Failure, Out, open};
use crate::cli::exit::Verdict;
use crate::cli::{Format, Global};
use crate::engine::ledger::{self, Counts, Entry, History, State};
use crate::engine::run::Run;
use crate::model::text::clean;
use crate::render::json;
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Arguments of `history`.
#[derive(Clone, Debug, Args)]
pub struct HistoryArgs {
    /// The blueprint
    pub file: PathBuf,
}

/// Runs `history`.
///
/// # Errors
/// The ledger or the lock cannot be read.
pub async fn run(args: &HistoryArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    out.offers("history", &[Format::Human, Format::Json, Format::Jsonl])?;
    let run = open(&args.file, global, out).await?;
    let kept = run.blueprint().log_bucket.expire_after_days;
    let history = ledger::history(&run.store(false), kept).await?;
    let sound = history.broken.is_empty() && history.lock.is_ok();
    let verdict = if sound { Verdict::Ok } else { Verdict::Error };
    match out.format {
        Format::Human => {
            let text = text(&history, &run, out.quiet);
            out.text(&text);
            for broken in &history.broken {
                out.note(&format!(
                    "{} record {} is wrong: {}",
                    out.diagnostics_style.red("error:"),
                    broken.number,
                    clean(&broken.why)
                ));
            }
            if let Err(error) = &history.lock {
                out.note(&format!("{} {}", out.diagnostics_style.red("error:"), clean(&error.to_string())));
                out.note(&format!("  hint: {}", error.hint()));
            }
            if !history.broken.is_empty() {
                out.note("  hint: `aws s3api list-object-versions --prefix auditscope/ledger/` shows what was there, CloudTrail who did it");
            }
        }
        Format::Jsonl => {
            for record in records(&history) {
                out.event(json!({"event": "record", "record": record}));
            }
            let mut line = summary(&history, &run, verdict);
            line["event"] = json!("summary");
            out.event(line);
        }
        _ => {
            let mut document = summary(&history, &run, verdict);
            document["records"] = records(&history).into();
            out.json(&document);
        }
    }
    Ok(verdict)
}

fn summary(history: &History, run: &Run, verdict: Verdict) -> Value {
    let scope = &run.blueprint().scope;
    let lock = match &history.lock {
        Err(error) => json!({"state": "unreadable", "why": error.to_string()}),
        Ok(State::Absent) => json!({"state": "absent"}),
        Ok(State::Free { .. }) => json!({"state": "free"}),
        Ok(State::Held(held)) => json!({
            "state": "held", "holder": held.holder, "renewed": held.renewed.to_string(),
            "lease_ends": held.ends().to_string(), "lease_is_over": held.is_over(),
        }),
    };
    json!({
        "format_version": json::FORMAT_VERSION,
        "verb": "history",
        "target": json::target(run.session().is_sandbox()),
        "scope": {"name": scope.name, "account": scope.account, "home_region": scope.home_region},
        "verdict": verdict,
        "exit_code": verdict.code(),
        "read": history.date.to_string(),
        "lock": lock,
        "broken": history.broken,
    })
}

/// Returns each record with its hash and when AWS took it; what is no record has only these and its number.
fn records(history: &History) -> Vec<Value> {
    let row = |entry: &Entry| {
        let mut row = match &entry.record {
            Ok(record) => serde_json::to_value(record).expect("a record is plain data"),
            Err(why) => json!({"unreadable": why}),
        };
        row["number"] = entry.number.into();
        row["hash"] = entry.hash.clone().into();
        row["written"] = entry.written.to_string().into();
        row
    };
    history.entries.iter().map(row).collect()
}

fn text(history: &History, run: &Run, quiet: bool) -> String {
    let mut text = String::new();
    if !quiet {
        let scope = &run.blueprint().scope;
        let target = if run.session().is_sandbox() { "sandbox account, not AWS" } else { "AWS" };
        text += &format!(
            "history · scope {} · account {} · home {} · {target}\n\n",
            scope.name, scope.account, scope.home_region
        );
    }
    let head = ["#", "started", "verb", "outcome", "plan", "by"].map(str::to_owned);
    let fit = |cells: [String; 6]| cells.map(|cell| clean(&cell).into_owned());
    let rows: Vec<[String; 6]> =
        [head].into_iter().chain(history.entries.iter().map(|entry| fit(row(entry)))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        text += cells.join("  ").trim_end();
        text += "\n";
    }
    let count = history.entries.len();
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    let holds = if history.broken.is_empty() { "the chain holds" } else { "the chain is broken" };
    text += &format!("\n{records}; {holds}.\n");
    text += &match &history.lock {
        Ok(State::Absent | State::Free { .. }) => "The lock is free.\n".to_owned(),
        Ok(State::Held(held)) => format!("The lock is held: {}.\n", held.told()),
        Err(_) => String::new(),
    };
    text
}

fn row(entry: &Entry) -> [String; 6] {
    let number = entry.number.to_string();
    match &entry.record {
        Err(why) => {
            [number, entry.written.to_string(), "?".into(), "unreadable".into(), why.clone(), "?".into()]
        }
        Ok(record) => {
            let who = record.caller.rsplit(':').next().unwrap_or(&record.caller);
            let outcome = match record.failed.first() {
                Some(failed) => {
                    format!("{}: {}", record.outcome.word(), failed.code.as_deref().unwrap_or(&failed.call))
                }
                None => record.outcome.word().to_owned(),
            };
            let part = if record.selected.is_empty() { "" } else { " of a part" };
            let (started, verb) = (record.started.clone(), format!("{}{part}", record.verb));
            [number, started, verb, outcome, changes(record.plan.counts), format!("{who} on {}", record.host)]
        }
    }
}

/// Returns how many resources a plan was about, in the plan's own signs.
fn changes(counts: Counts) -> String {
    let parts = [
        ("+", counts.add),
        ("~", counts.change + counts.release),
        ("-", counts.destroy),
        (">", counts.adopt),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(_, count)| *count > 0).map(|(sign, count)| format!("{sign}{count}")).collect();
    if parts.is_empty() { "none".into() } else { parts.join(" ") }
}
