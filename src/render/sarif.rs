//! Findings as SARIF 2.1.0 (OASIS), for code-scanning views: problems of a blueprint, and drift, each at its line.

use crate::blueprint::{CHECKS, Check, Origin, Problem, ProblemSeverity, Sources};
use crate::engine::plan::Action;
use crate::model::{Address, digest};
use crate::render::document::{Document, Row};
use crate::render::places;
use crate::render::value::{cut, short};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Longest value in a message.
const ROOM: usize = 200;

/// What drift can be, as rules: id, what it means.
const DRIFT: [(&str, &str); 5] = [
    ("drift-changed", "A resource has another setting than the blueprint asks for"),
    ("drift-missing", "A resource that the blueprint asks for is not there"),
    ("drift-foreign", "Something that is not ours has the name of a resource that the blueprint asks for"),
    ("drift-added", "Somebody added something to a resource; apply leaves it alone"),
    ("drift-unreadable", "It could not be read, so no drift cannot be said"),
];

/// Returns the problems of a blueprint.
pub fn problems(problems: &[Problem], sources: &Sources) -> Value {
    let used = |check: &&Check| problems.iter().any(|problem| problem.code == check.code);
    let rules: Vec<Value> = CHECKS
        .iter()
        .filter(used)
        .map(|check| {
            json!({
                "id": check.code,
                "shortDescription": {"text": check.title},
                "fullDescription": {"text": check.why},
                "help": {"text": check.fix},
            })
        })
        .collect();
    let results = problems.iter().map(|problem| {
        let report = problem.report(sources);
        let text = match report.help {
            Some(help) => format!("{}; {help}", report.message),
            None => report.message.to_owned(),
        };
        let level = match problem.severity {
            ProblemSeverity::Error => "error",
            ProblemSeverity::Warning => "warning",
            ProblemSeverity::Waived => "note",
        };
        // What is about the whole is shown where the blueprint begins: a viewer leaves out what has no place.
        let whole = sources.files().first().map(|file| location(&file.path, Some(1), None));
        let place = report.file.map(|file| location(file, report.line, report.column)).or(whole);
        let mut result =
            result(problem.code, level, &text, place, &format!("{} {}", problem.code, report.message));
        if problem.severity == ProblemSeverity::Waived {
            // SARIF 2.1.0, 3.35: a waiver is kept in the blueprint, beside what it is about.
            result["suppressions"] = json!([{"kind": "inSource"}]);
        }
        result
    });
    log(rules, results.collect())
}

/// Returns what a drift found; `file` is where something is pointed at that no key of the blueprint asks for.
pub fn drift(document: &Document, origins: &BTreeMap<String, Origin>, file: &str) -> Value {
    let place = |address: &Address, attribute: &str| {
        let origin = places::of(address, attribute, origins);
        Some(origin.map_or_else(
            || location(file, Some(1), None),
            |origin| location(&origin.file, Some(origin.line), None),
        ))
    };
    let mut results = Vec::new();
    for row in document.rows() {
        results.extend(row_results(row, &place));
    }
    for left in &document.unrepaired {
        let text = format!(
            "{} {}: {} was added; {}",
            left.address.short(),
            left.attribute,
            cut(&short(&left.before), ROOM),
            left.why
        );
        let mark = format!("{} {}", left.address, left.attribute);
        results.push(result("drift-added", "warning", &text, place(&left.address, &left.attribute), &mark));
    }
    for row in &document.unreadable {
        let known = row.address.parse::<Address>().ok();
        let at =
            known.and_then(|address| place(&address, "")).or_else(|| Some(location(file, Some(1), None)));
        let hint = row.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        let text = format!("{} could not be read: {}{hint}", row.address, row.message);
        let call = row.call.as_deref().unwrap_or_default();
        results.push(result("drift-unreadable", "error", &text, at, &format!("{} {call}", row.address)));
    }
    let rules = DRIFT.map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}}));
    log(rules.to_vec(), results)
}

fn row_results(row: &Row, place: &dyn Fn(&Address, &str) -> Option<Value>) -> Vec<Value> {
    let address = &row.address;
    let one = |rule: &str, text: String| {
        vec![result(rule, "error", &text, place(address, ""), &format!("{rule} {address}"))]
    };
    match row.action {
        Action::Create => {
            one("drift-missing", format!("{} ({}) is missing: {}", address.short(), row.name, row.reason))
        }
        Action::Foreign => one("drift-foreign", format!("{}: {}", address.short(), row.reason)),
        _ => row
            .attributes
            .iter()
            .map(|change| {
                let (before, after) = (cut(&short(&change.before), ROOM), cut(&short(&change.after), ROOM));
                let text = format!("{} {} is {before}, wanted {after}", address.short(), change.path);
                let mark = format!("drift-changed {address} {}", change.path);
                result("drift-changed", "error", &text, place(address, change.attribute()), &mark)
            })
            .collect(),
    }
}

fn result(rule: &str, level: &str, text: &str, place: Option<Value>, mark: &str) -> Value {
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": text},
        "locations": place.into_iter().collect::<Vec<_>>(),
        // So that a viewer knows the same finding again although lines have moved.
        "partialFingerprints": {"auditscope/v1": digest::of_bytes(mark.as_bytes())},
    })
}

fn location(file: &str, line: Option<usize>, column: Option<usize>) -> Value {
    let mut region = json!({"startLine": line.unwrap_or(1)});
    if let Some(column) = column {
        region["startColumn"] = json!(column);
    }
    json!({"physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": region}})
}

/// A path as a URI reference; a relative one stays relative to the repository (SARIF 2.1.0, 3.4.3).
fn uri(file: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const ODD: &AsciiSet =
        &CONTROLS.add(b' ').add(b'%').add(b'#').add(b'?').add(b'"').add(b'<').add(b'>').add(b'\\');
    let path = file.strip_prefix("./").unwrap_or(file);
    let head = if path.starts_with('/') { "file://" } else { "" };
    format!("{head}{}", utf8_percent_encode(path, ODD))
}

fn log(rules: Vec<Value>, results: Vec<Value>) -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "auditscope",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        let cases = [
            ("a.toml", "a.toml"),
            ("./blueprints/a b.toml", "blueprints/a%20b.toml"),
            ("/etc/audit/a.toml", "file:///etc/audit/a.toml"),
            ("50%.toml", "50%25.toml"),
        ];
        for (path, want) in cases {
            assert_eq!(uri(path), want);
        }
    }
}
