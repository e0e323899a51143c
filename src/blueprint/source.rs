//! The files a blueprint is read from, and places in them.

use serde::Serialize;
use std::ops::Range;

/// The text of every file that was read, the blueprint itself first, then its layers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// One file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFile {
    /// As the user would write it: relative to the same directory as the blueprint's own path.
    pub path: String,
    pub text: String,
}

/// A stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Index into [`Sources::files`].
    pub file: usize,
    /// In bytes.
    pub span: RangeKey,
}

/// A byte range that can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RangeKey {
    pub start: usize,
    pub end: usize,
}

impl Location {
    /// Makes a location in file `file`.
    pub fn new(file: usize, span: Range<usize>) -> Self {
        Self { file, span: RangeKey { start: span.start, end: span.end } }
    }

    /// Returns the bytes it covers.
    pub fn range(&self) -> Range<usize> {
        self.span.start..self.span.end
    }
}

/// Where a value came from, for `plan --origin`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// A location in words: file, line and column, both from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    pub file: &'a str,
    pub line: usize,
    pub column: usize,
}

impl Sources {
    /// Adds a file and returns its index.
    pub fn add(&mut self, path: String, text: String) -> usize {
        self.files.push(SourceFile { path, text });
        self.files.len() - 1
    }

    /// Returns the files, the blueprint itself first.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Returns the text a location covers; empty when it lies outside.
    pub fn text(&self, at: &Location) -> &str {
        self.files.get(at.file).and_then(|file| file.text.get(at.range())).unwrap_or_default()
    }

    /// Returns a location in words.
    pub fn place(&self, at: &Location) -> Place<'_> {
        let Some(file) = self.files.get(at.file) else {
            return Place { file: "", line: 1, column: 1 };
        };
        let before = file.text.get(..at.span.start).unwrap_or(&file.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            file: &file.path,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// Returns where a part of a string value stands. A value that the file does not hold verbatim (escapes, variables)
    /// is shown as a whole.
    pub fn within(&self, at: &Location, value: &str, part: Range<usize>) -> Location {
        match self.text(at).find(value) {
            Some(offset) if !value.is_empty() && part.end <= value.len() => {
                let start = at.span.start + offset;
                Location::new(at.file, start + part.start..start + part.end)
            }
            _ => at.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml".into(), "x = 1\né = \"abc\"\n".into());
        let at = Location::new(file, 11..16);
        assert_eq!(sources.place(&at), Place { file: "a.toml", line: 2, column: 5 });
        assert_eq!(sources.text(&at), "\"abc\"");
        assert_eq!(sources.within(&at, "abc", 1..2).range(), 13..14);
        assert_eq!(sources.within(&at, "other", 1..2).range(), 11..16);
    }
}
