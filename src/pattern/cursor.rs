//! A reading position in a pattern's text.

use super::PatternError;

/// A position in the text; every read moves it forward.
pub(super) struct Cursor<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }

    /// Byte offset of the next character.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.offset..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.offset += next.len_utf8();
        Some(next)
    }

    pub(super) fn skip_blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Takes the longest run of characters that satisfy `wanted`.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.offset += end;
        &rest[..end]
    }

    /// Takes `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.offset += token.len();
        }
        found
    }

    /// Takes a keyword if it comes next and ends there, together with the blanks around it.
    pub(super) fn eat_keyword(&mut self, keyword: &str) -> bool {
        self.skip_blanks();
        let ends = self.rest().strip_prefix(keyword).is_some_and(|rest| !rest.starts_with(is_word));
        if ends {
            self.offset += keyword.len();
            self.skip_blanks();
        }
        ends
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), PatternError> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.error(format!("expected `{token}`, found {}", self.found())))
        }
    }

    /// Refuses anything but blanks up to the end.
    pub(super) fn expect_end(&mut self) -> Result<(), PatternError> {
        self.skip_blanks();
        if self.rest().is_empty() {
            Ok(())
        } else {
            Err(self.error(format!("expected the end of the pattern, found {}", self.found())))
        }
    }

    /// Takes up to `end`, which must come, and `end` itself.
    pub(super) fn take_until(&mut self, end: &str, what: &str) -> Result<&'a str, PatternError> {
        let rest = self.rest();
        let Some(at) = rest.find(end) else {
            return Err(self.error(format!("{what} has no closing `{end}`")));
        };
        self.offset += at + end.len();
        Ok(&rest[..at])
    }

    pub(super) fn error(&self, message: impl Into<String>) -> PatternError {
        PatternError::new(self.offset, message)
    }

    /// Names what comes next, for a message.
    pub(super) fn found(&self) -> String {
        self.peek().map_or_else(|| "the end of the pattern".to_owned(), |c| format!("`{}`", c.escape_debug()))
    }
}

/// Characters of a plain term, of a field's name, and of a keyword.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
