//! Unstructured patterns: terms that must, may or must not occur in the message.

use super::PatternError;
use super::cursor::{Cursor, is_word};
use super::operand;
use super::regex::AwsRegex;
use std::fmt;

/// A list of terms; none matches every message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Terms(Vec<Term>);

#[derive(Clone, Debug, PartialEq)]
struct Term {
    sign: Sign,
    atom: Atom,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// Must occur.
    Required,
    /// `?`: one of these suffices.
    Optional,
    /// `-`: must not occur.
    Excluded,
}

#[derive(Clone, Debug, PartialEq)]
enum Atom {
    Text(String),
    Regex(AwsRegex),
}

impl Atom {
    /// A term is found as a substring: `ERROR` matches `ERRORCODE`. One of blanks only matches everything.
    fn occurs_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty() || message.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Terms, PatternError> {
    let mut terms = Vec::new();
    loop {
        cursor.skip_blanks();
        let sign = match cursor.peek() {
            None => return Ok(Terms(terms)),
            Some('-') => Sign::Excluded,
            Some('?') => Sign::Optional,
            Some(_) => Sign::Required,
        };
        if sign != Sign::Required {
            cursor.next();
        }
        let atom = match cursor.peek() {
            Some('"') => Atom::Text(operand::quoted(cursor)?),
            Some('%') => Atom::Regex(AwsRegex::parse(cursor)?),
            Some(c) if is_word(c) => Atom::Text(cursor.take_while(is_word).to_owned()),
            _ => return Err(cursor.error(unquoted(cursor))),
        };
        if cursor.peek().is_some_and(|c| !c.is_whitespace()) {
            return Err(cursor.error(unquoted(cursor)));
        }
        terms.push(Term { sign, atom });
    }
}

fn unquoted(cursor: &Cursor<'_>) -> String {
    format!(
        "expected a term of letters, digits and underscores, found {}; put other terms in double quotes",
        cursor.found()
    )
}

impl Terms {
    /// `?` terms count only when every term is one; among others AWS ignores them.
    pub(super) fn matches(&self, message: &str) -> bool {
        let occurs = |term: &Term| term.atom.occurs_in(message);
        if !self.0.is_empty() && self.0.iter().all(|term| term.sign == Sign::Optional) {
            return self.0.iter().any(occurs);
        }
        self.0.iter().all(|term| match term.sign {
            Sign::Required => occurs(term),
            Sign::Excluded => !occurs(term),
            Sign::Optional => true,
        })
    }

    pub(super) fn regex_count(&self) -> usize {
        self.0.iter().filter(|term| matches!(term.atom, Atom::Regex(_))).count()
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(match term.sign {
                Sign::Required => "",
                Sign::Optional => "?",
                Sign::Excluded => "-",
            })?;
            match &term.atom {
                Atom::Text(text) if !text.is_empty() && text.chars().all(is_word) => f.write_str(text)?,
                Atom::Text(text) => operand::write_quoted(f, text)?,
                Atom::Regex(regex) => regex.fmt(f)?,
            }
        }
        Ok(())
    }
}
