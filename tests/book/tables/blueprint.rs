//! The format: keys by section, checks, short names of data-event types.

use super::{code, table};
use auditscope::blueprint::catalogue::Family;
use auditscope::blueprint::{CHECKS, Check, KEYS, Key, KeyDefault, KeyKind, ProblemSeverity};

/// Sections of the reference; a key stands in the longest one that its path starts with.
pub const SECTIONS: &[&str] = &[
    "top",
    "scope",
    "encryption",
    "log_bucket",
    "trail",
    "trail.data_events",
    "trail.data_events.objects[]",
    "trail.data_events.selector[]",
    "invocation_logging",
    "notifications",
    "detections",
    "detection[]",
    "alarm[]",
    "objective[]",
    "waive.*",
];

/// Returns the rest of a path below a section; empty for the section itself.
fn below<'a>(path: &'a str, section: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(section)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
}

fn section_of(key: &Key) -> &'static str {
    let held = SECTIONS.iter().filter(|section| below(key.path, section).is_some());
    held.max_by_key(|section| section.len()).copied().unwrap_or("top")
}

/// A heading stands for what is a section, or only leads to one.
fn is_a_heading(key: &Key) -> bool {
    SECTIONS.iter().any(|section| {
        let plain = section.trim_end_matches("[]");
        plain == key.path || section.trim_end_matches(".*") == key.path
    })
}

/// Returns the keys of a section.
pub fn keys(section: &str) -> Option<String> {
    let section = SECTIONS.iter().find(|known| **known == section)?;
    let rows = KEYS.iter().filter(|key| section_of(key) == *section && !is_a_heading(key)).map(|key| {
        let name = below(key.path, section).unwrap_or(key.path);
        vec![format!("`{name}`"), kind(key.kind), default(key), key.doc.trim_end_matches('.').to_owned()]
    });
    Some(table(&["key", "type", "default", "meaning"], rows))
}

fn kind(kind: KeyKind) -> String {
    let quoted =
        |words: &[&str]| words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ");
    match kind {
        KeyKind::Text => "string".into(),
        // Past any number that a format will ever have.
        KeyKind::Integer { max, .. } if max >= 1_000_000 => "integer".into(),
        KeyKind::Integer { min, max } => format!("integer, {min}–{max}"),
        KeyKind::Number => "number".into(),
        KeyKind::Boolean => "boolean".into(),
        KeyKind::Duration => "duration".into(),
        KeyKind::Date => "date".into(),
        KeyKind::Choice(words) => quoted(words),
        KeyKind::Texts => "list of strings".into(),
        KeyKind::Choices(words) => format!("list of {}", quoted(words)),
        KeyKind::AllOrTexts => "`\"all\"`, `\"none\"` or list of strings".into(),
        KeyKind::TextMap => "table of strings".into(),
        KeyKind::Table => "table".into(),
        KeyKind::TableOrFalse => "table or `false`".into(),
        KeyKind::Tables => "list of tables".into(),
    }
}

fn default(key: &Key) -> String {
    match key.default {
        KeyDefault::Required => "required".into(),
        KeyDefault::Nothing => "–".into(),
        KeyDefault::Is(text) => match key.kind {
            KeyKind::Choice(_) | KeyKind::AllOrTexts => format!("`\"{text}\"`"),
            // Values and paths of other keys are code; the rest is a description.
            _ if text.starts_with(['{', '['])
                || text.parse::<f64>().is_ok()
                || text.parse::<bool>().is_ok()
                || KEYS.iter().any(|key| key.path == text) =>
            {
                format!("`{text}`")
            }
            _ => text.into(),
        },
    }
}

fn weight(check: &Check) -> &'static str {
    match (check.severity, check.lint) {
        (ProblemSeverity::Error, true) => "error, waivable",
        (ProblemSeverity::Error, false) => "error",
        (_, true) => "warning, waivable",
        (_, false) => "warning",
    }
}

/// Returns every check with why it is made and what to do.
pub fn checks() -> String {
    let told = CHECKS.iter().map(|check| {
        format!(
            "## {}\n\n**{}** ({}).\n\n{}\n\n{}\n",
            check.code,
            check.title,
            weight(check),
            check.why,
            check.fix
        )
    });
    told.collect::<Vec<_>>().join("\n")
}

/// Returns the checks in one table.
pub fn check_list() -> String {
    let rows = CHECKS.iter().map(|check| {
        let link = format!("[{0}](checks.md#{1})", check.code, check.code.to_lowercase());
        vec![link, check.title.into(), weight(check).into()]
    });
    table(&["code", "holds when", ""], rows)
}

/// Returns the short names of data-event types by family.
pub fn short_names() -> String {
    let rows = Family::ALL.iter().map(|family| {
        let names = family.types().iter().map(|known| known.short);
        vec![format!("`{}`", family.key()), code(names)]
    });
    table(&["key", "short names"], rows)
}

#[test]
fn every_key_stands_in_a_section_or_is_one() {
    let rows: usize =
        SECTIONS.iter().map(|section| keys(section).expect("a section").lines().count() - 2).sum();
    let headings = KEYS.iter().filter(|key| is_a_heading(key)).count();
    assert_eq!(rows + headings, KEYS.len());
}
