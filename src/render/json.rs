//! Documents as JSON, whole or as one event a line.

use crate::render::document::Document;
pub use crate::render::document::FORMAT_VERSION;
use serde_json::{Value, json};

/// Returns the name of what a command talks to.
pub fn target(sandbox: bool) -> &'static str {
    if sandbox { "sandbox" } else { "aws" }
}

/// Returns the document as one value.
pub fn document(document: &Document) -> Value {
    serde_json::to_value(document).expect("a document is plain data")
}

/// Returns the same document as one event a line.
pub fn lines(document: &Document) -> Vec<Value> {
    let mut lines = vec![json!({
        "event": "plan_started", "format_version": document.format_version,
        "verb": document.verb, "goal": document.goal, "target": document.target, "scope": document.scope,
    })];
    lines.extend(document.rows().map(|row| json!({"event": "resource_planned", "resource": row})));
    let unchanged = document.unchanged.iter().flatten();
    lines.extend(unchanged.map(|row| json!({"event": "resource_unchanged", "resource": row})));
    let unreadable = document.unreadable.iter();
    lines.extend(unreadable.map(|row| json!({"event": "resource_unreadable", "resource": row})));
    let mut end = json!({
        "event": "summary", "verb": document.verb, "summary": document.summary, "verdict": document.verdict,
        "exit_code": document.exit_code, "coverage": document.coverage, "left_over": document.left_over,
        "unrepaired": document.unrepaired, "obstacles": document.obstacles, "notes": document.notes,
    });
    if let Some(selection) = &document.selection {
        end["selection"] = json!(selection);
    }
    lines.push(end);
    lines
}
