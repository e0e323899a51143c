//! Documents made fit to be shown to people, and text of others made fit for Markdown.

use crate::model::text::{clean, is_hidden};
use crate::render::document::Document;
use serde_json::Value;
use std::borrow::Cow;

/// Returns a document with all its texts clean, for people; machines get it as it is.
pub fn document(document: &Document) -> Document {
    let mut value = serde_json::to_value(document).expect("a document is plain data");
    if !scrub(&mut value) {
        return document.clone();
    }
    // Nothing that was changed is more than text; were it otherwise, less is shown, and nothing as it came.
    serde_json::from_value(value).unwrap_or_else(|error| Document {
        changes: Vec::new(),
        foreign: Vec::new(),
        unreadable: Vec::new(),
        left_over: Vec::new(),
        unrepaired: Vec::new(),
        obstacles: Vec::new(),
        coverage: crate::coverage::Effect::default(),
        selection: None,
        unchanged: None,
        notes: vec![format!("this cannot be shown ({error}); --format json has all of it")],
        ..document.clone()
    })
}

/// Cleans every text of a value, names of members included; returns false if there was nothing to clean.
fn scrub(value: &mut Value) -> bool {
    match value {
        Value::String(text) => match clean(text) {
            Cow::Borrowed(_) => false,
            Cow::Owned(fit) => {
                *text = fit;
                true
            }
        },
        // Not `any`, which would stop at the first.
        Value::Array(items) => items.iter_mut().fold(false, |found, item| scrub(item) | found),
        Value::Object(members) => {
            let mut found = members.values_mut().fold(false, |found, member| scrub(member) | found);
            if members.keys().any(|key| key.chars().any(is_hidden)) {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(key, member)| (clean(&key).into_owned(), member))
                    .collect();
                found = true;
            }
            found
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Returns text as a fenced block of Markdown, with a fence that nothing in it can close (CommonMark, fenced code blocks).
pub fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Returns text as a code span of Markdown (CommonMark, code spans).
pub fn span(text: &str) -> String {
    let text = clean(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let gap = if longest > 0 { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_a_document_is_cleaned() {
        let mut value = serde_json::json!({"a\nb": ["x", "\u{1b}"], "c": 1});
        assert!(scrub(&mut value));
        assert_eq!(value, serde_json::json!({"a\\nb": ["x", "\\u{1b}"], "c": 1}));
        assert!(!scrub(&mut value), "once is enough");
    }

    #[test]
    fn nothing_closes_a_fence() {
        assert_eq!(fenced("a\n"), "```text\na\n```\n");
        assert_eq!(fenced("````\n<b>"), "`````text\n````\n<b>\n`````\n");
        assert_eq!(span("s3:GetObject"), "`s3:GetObject`");
        assert_eq!(span("a`b"), "`` a`b ``");
    }
}
