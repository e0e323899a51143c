//! CloudWatch Logs filter patterns: parser and evaluator.
//!
//! A metric filter counts the log events that its pattern matches. This module reads such a pattern and answers, offline,
//! whether an event matches, so that a detection can be tested before it is deployed. The grammar is that of the
//! CloudWatch Logs User Guide, "Filter pattern syntax for metric filters". Its three forms are told apart by the first
//! character that is not blank: `{` opens a JSON pattern, `[` a space-delimited one, anything else is a list of terms.
//! All matching is case-sensitive.
//!
//! Where AWS documents nothing, the doc comment of the place says what is assumed.

mod cover;
mod cursor;
mod delimited;
mod json;
mod operand;
mod regex;
mod terms;
#[cfg(test)]
mod tests;

use cursor::Cursor;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// Longest pattern, in characters. CloudWatch Logs API, PutMetricFilter: `filterPattern` has 0 to 1024.
pub const MAX_CHARS: usize = 1024;
/// Most selectors with a wildcard step (`[*]`, `.*`) in one pattern. CloudWatch Logs User Guide, JSON patterns.
pub const MAX_WILDCARD_SELECTORS: usize = 3;
/// Most regular expressions in one JSON or space-delimited pattern. CloudWatch Logs User Guide, regular expressions.
pub const MAX_REGEXES: usize = 2;
/// Most patterns with a regular expression on one log group, those of subscription filters included (CloudWatch Logs User
/// Guide, regular expressions).
pub const MAX_REGEX_PATTERNS: usize = 5;

/// Returns true if a pattern holds a regular expression; one that cannot be read is taken to hold none.
pub fn has_regex(text: &str) -> bool {
    Pattern::parse(text).is_ok_and(|pattern| pattern.regex_count() > 0)
}

/// A parsed filter pattern. `Display` writes it in one canonical spelling that parses to the same pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Form);

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Terms(terms::Terms),
    Json(json::Expr),
    Delimited(delimited::Delimited),
}

/// Why a text is not a filter pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at byte {offset} of the pattern)")]
pub struct PatternError {
    /// Byte offset into the pattern at which it went wrong; always on a character boundary.
    pub offset: usize,
    /// What is wrong and what to write instead; lowercase, without a full stop.
    pub message: String,
}

impl PatternError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}

impl Pattern {
    /// Parses a filter pattern.
    ///
    /// # Errors
    /// The first place at which the text leaves the grammar, or the limit that it breaks: [`MAX_CHARS`],
    /// [`MAX_WILDCARD_SELECTORS`], [`MAX_REGEXES`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if let Some((offset, _)) = text.char_indices().nth(MAX_CHARS) {
            let message = format!(
                "the pattern has {} characters, CloudWatch Logs takes at most {MAX_CHARS}",
                text.chars().count()
            );
            return Err(PatternError::new(offset, message));
        }
        let mut cursor = Cursor::new(text);
        cursor.skip_blanks();
        let form = match cursor.peek() {
            Some('{') => Form::Json(json::parse(&mut cursor)?),
            Some('[') => Form::Delimited(delimited::parse(&mut cursor)?),
            _ => Form::Terms(terms::parse(&mut cursor)?),
        };
        let pattern = Self(form);
        pattern.check_limits(text)?;
        Ok(pattern)
    }

    fn check_limits(&self, text: &str) -> Result<(), PatternError> {
        if let Form::Json(expr) = &self.0 {
            let wild = expr.tests().iter().filter(|test| test.selector.has_wildcard()).count();
            if wild > MAX_WILDCARD_SELECTORS {
                let message = format!(
                    "the pattern has {wild} wildcard selectors, the limit is {MAX_WILDCARD_SELECTORS}"
                );
                return Err(PatternError::new(text.len(), message));
            }
        }
        // The guide states the limit for JSON and space-delimited patterns only.
        let regexes = self.regex_count();
        if regexes > MAX_REGEXES && !matches!(self.0, Form::Terms(_)) {
            let message =
                format!("the pattern has {regexes} regular expressions, the limit is {MAX_REGEXES}");
            return Err(PatternError::new(text.len(), message));
        }
        Ok(())
    }

    /// Returns whether a log event's message matches. A JSON pattern matches only a message that is one JSON object.
    #[must_use]
    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Form::Terms(terms) => terms.matches(message),
            Form::Delimited(delimited) => delimited.matches(message),
            Form::Json(_) => serde_json::from_str(message).is_ok_and(|value| self.matches_json(&value)),
        }
    }

    /// Returns whether a log event that is this JSON value matches; patterns of the other forms see its compact text.
    #[must_use]
    pub fn matches_json(&self, event: &Value) -> bool {
        match &self.0 {
            Form::Json(expr) => event.is_object() && expr.matches(event),
            Form::Terms(_) | Form::Delimited(_) => self.matches(&event.to_string()),
        }
    }

    /// Returns true if every event that `other` matches is surely matched by this pattern too. False says nothing: what
    /// cannot be decided is false.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Form::Json(wide), Form::Json(narrow)) => cover::covers(wide, narrow),
            _ => self == other,
        }
    }

    /// Returns how many regular expressions the pattern holds. At most five patterns of a log group may have any
    /// (CloudWatch Logs quotas, metric and subscription filters together).
    #[must_use]
    pub fn regex_count(&self) -> usize {
        match &self.0 {
            Form::Terms(terms) => terms.regex_count(),
            Form::Json(expr) => expr.tests().iter().filter(|test| test.has_regex()).count(),
            Form::Delimited(delimited) => delimited.regex_count(),
        }
    }

    /// Returns the texts that a JSON pattern compares `selector` with by `=`, as written, wildcards included.
    #[must_use]
    pub fn values_of(&self, selector: &str) -> BTreeSet<String> {
        let Form::Json(expr) = &self.0 else { return BTreeSet::new() };
        let tests = expr.tests();
        let of_selector = tests.iter().filter(|test| test.selector.to_string() == selector);
        of_selector.filter_map(|test| test.equal_text()).map(str::to_owned).collect()
    }

    /// Returns the operations that a pattern on CloudTrail events names, such as `UpdateGuardrail` or `InvokeModel*`.
    #[must_use]
    pub fn event_names(&self) -> BTreeSet<String> {
        self.values_of("$.eventName")
    }
}

/// Returns `text` as a quoted operand or term of a pattern. A `*` at its start or end stays a wildcard.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Terms(terms) => terms.fmt(f),
            Form::Json(expr) => write!(f, "{{ {expr} }}"),
            Form::Delimited(delimited) => delimited.fmt(f),
        }
    }
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}
