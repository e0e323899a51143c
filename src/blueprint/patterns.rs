//! Filter patterns of own detections, checked where they are written.

use super::problem::Problem;
use super::source::{Location, Sources};
use crate::pattern::Pattern;

/// Returns what is wrong with a pattern, with the caret where it stops being one.
pub(crate) fn check_pattern(text: &str, at: &Location, sources: &Sources) -> Option<Problem> {
    if text.trim().is_empty() {
        return Some(
            Problem::error("AS031", Some(at.clone()), "an empty pattern matches every event")
                .label("empty")
                .help("write what must match, such as `{ $.eventName = \"DeleteGuardrail\" }`"),
        );
    }
    let error = Pattern::parse(text).err()?;
    // At the end of the pattern the caret goes under its last character.
    let last = text.char_indices().next_back().map_or(0, |(offset, _)| offset);
    let start = if text.is_char_boundary(error.offset) { error.offset.min(last) } else { last };
    let length = text[start..].chars().next().map_or(0, char::len_utf8);
    let place = sources.within(at, text, start..start + length);
    Some(
        Problem::error("AS031", Some(place), format!("not a filter pattern: {}", error.message))
            .label("here")
            .help("patterns look like `{ ($.eventSource = \"s3.amazonaws.com\") && ($.eventName = \"PutBucket*\") }`"),
    )
}

/// Tells whether a pattern matches an event; `None` if it is no pattern.
pub(crate) fn matches(text: &str, event: &serde_json::Value) -> Option<bool> {
    Some(Pattern::parse(text).ok()?.matches_json(event))
}
