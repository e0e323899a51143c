//! What can be wrong with a blueprint: one problem, where it stands, and what to write instead.

use super::source::{Location, Sources};
use serde::Serialize;

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The blueprint is rejected.
    Error,
    /// Worth a look; the blueprint loads.
    Warning,
    /// A lint that `[waive]` accepts for now.
    Waived,
}

/// One thing wrong with a blueprint.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Stable code, `AS001` and on; see [`super::CHECKS`].
    pub code: &'static str,
    pub severity: Severity,
    /// What is wrong, in lowercase and without a full stop.
    pub message: String,
    /// Where it stands; `None` for a file that could not be read at all.
    pub at: Option<Location>,
    /// Short text under the caret; may be empty.
    pub label: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Other places that belong to it, such as the value in a base layer.
    pub related: Vec<(Location, String)>,
}

impl Problem {
    /// Makes an error.
    pub fn error(code: &'static str, at: Option<Location>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            at,
            label: String::new(),
            help: None,
            related: Vec::new(),
        }
    }

    /// Makes a warning.
    pub fn warning(code: &'static str, at: Option<Location>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, at, message) }
    }

    /// Sets the text under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what to write instead, if there is something to say.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn related(mut self, at: Option<Location>, label: impl Into<String>) -> Self {
        if let Some(at) = at {
            self.related.push((at, label.into()));
        }
        self
    }

    /// Returns the problem as JSON documents carry it, with file, line and column (both from 1).
    pub fn report<'a>(&'a self, sources: &'a Sources) -> Report<'a> {
        let place = self.at.as_ref().map(|at| sources.place(at));
        Report {
            code: self.code,
            severity: self.severity,
            message: &self.message,
            file: place.as_ref().map(|place| place.file),
            line: place.as_ref().map(|place| place.line),
            column: place.as_ref().map(|place| place.column),
            help: self.help.as_deref(),
        }
    }
}

/// A problem as JSON documents carry it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report<'a> {
    pub code: &'static str,
    pub severity: Severity,
    pub message: &'a str,
    pub file: Option<&'a str>,
    /// From 1.
    pub line: Option<usize>,
    /// In characters, from 1.
    pub column: Option<usize>,
    pub help: Option<&'a str>,
}

/// Puts problems in the order in which a reader meets them: by file, place and code; those without a place first.
pub(crate) fn sort(problems: &mut Vec<Problem>) {
    problems.sort_by(|a, b| {
        let key = |p: &Problem| (p.at.as_ref().map(|at| (at.file, at.span.start, at.span.end)), p.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    problems.dedup();
}

/// Returns the nearest of `known` to `written`, if it is near enough to be a slip.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = written.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|candidate| {
            let plain = candidate.to_lowercase().replace('-', "_");
            (strsim::damerau_levenshtein(&wanted, &plain), strsim::jaro_winkler(&wanted, &plain), candidate)
        })
        .filter(|(distance, likeness, _)| *distance <= 2.max(wanted.len() / 4) || *likeness > 0.9)
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(b.2)))
        .map(|(_, _, candidate)| candidate)
}

/// Returns a list as a sentence has it: `a`, `b` or `c`.
pub(crate) fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_has_a_suggestion_and_another_word_has_none() {
        let known = ["retention_days", "bedrock_regions", "name"];
        let cases = [
            ("letters swapped", "retention_dyas", Some("retention_days")),
            ("dash for underscore", "bedrock-regions", Some("bedrock_regions")),
            ("another word", "colour", None),
        ];
        for (case, written, want) in cases {
            assert_eq!(nearest(written, known), want, "{case}");
        }
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(either(["a"]), "`a`");
        assert_eq!(either(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
