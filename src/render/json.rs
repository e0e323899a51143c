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

#[cfg(test)]
mod tests {
    use crate::aws::Trouble;
    use crate::blueprint::ProblemSeverity;
    use serde_json::{Value, json};

    /// The schema is written by hand: a word that a release adds must be in it, too.
    #[test]
    fn the_schema_has_every_word() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/output.schema.json");
        let text = std::fs::read_to_string(path).expect("it is in the repository");
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        let troubles = [
            Trouble::Denied,
            Trouble::Credentials,
            Trouble::Clock,
            Trouble::RegionDisabled,
            Trouble::Throttled,
            Trouble::NotFound,
            Trouble::Server,
            Trouble::Network,
            Trouble::Refused,
            Trouble::Interrupted,
        ];
        let severities = [ProblemSeverity::Error, ProblemSeverity::Warning, ProblemSeverity::Waived];
        let words = [
            ("/$defs/api_error/properties/trouble/enum", json!(troubles)),
            ("/$defs/problem/properties/severity/enum", json!(severities)),
        ];
        for (place, words) in words {
            let known = schema.pointer(place).and_then(Value::as_array).expect(place);
            for word in words.as_array().expect("a list") {
                assert!(known.contains(word), "{place} lacks {word}");
            }
        }
    }
}
