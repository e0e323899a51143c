//! What a test compares with: a number, a text with wildcards at its ends, or a regular expression.

use super::PatternError;
use super::cursor::Cursor;
use super::regex::AwsRegex;
use serde_json::Number;
use std::fmt;

/// A comparison operator. Texts take `=` and `!=` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compare {
    /// Operators as written, longer ones before their prefixes.
    const ALL: [(&'static str, Self); 6] = [
        ("!=", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("=", Self::Equal),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    /// Takes an operator if one comes next.
    pub(super) fn eat(cursor: &mut Cursor<'_>) -> Option<Self> {
        Self::ALL.into_iter().find(|(text, _)| cursor.eat(text)).map(|(_, compare)| compare)
    }

    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }

    /// Applies the operator to a yes-or-no equality; the ordering ones never hold.
    pub(super) fn on_equality(self, equal: bool) -> bool {
        match self {
            Self::Equal => equal,
            Self::NotEqual => !equal,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => false,
        }
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Self::ALL.iter().find(|(_, compare)| compare == self).map_or("=", |(text, _)| text);
        f.write_str(text)
    }
}

/// The right-hand side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// An unquoted number, as written. Compared by value with a number, letter for letter with a string.
    Number(String),
    /// A quoted or bare text, unescaped. `*` is a wildcard at its start and end, and a literal star elsewhere
    /// (CloudWatch Logs User Guide, 2021 edition).
    Text(String),
    Regex(AwsRegex),
}

impl Operand {
    /// Takes an operand that `compare` can work with.
    pub(super) fn parse(cursor: &mut Cursor<'_>, compare: Compare) -> Result<Self, PatternError> {
        let start = cursor.offset();
        let operand = match cursor.peek() {
            Some('"') => Self::Text(quoted(cursor)?),
            Some('%') => Self::Regex(AwsRegex::parse(cursor)?),
            Some(c) if is_bare(c) => Self::bare(cursor)?,
            _ => {
                let message =
                    format!("expected a value after `{compare}`, found {}; quote texts", cursor.found());
                return Err(cursor.error(message));
            }
        };
        let orders = !matches!(compare, Compare::Equal | Compare::NotEqual);
        if orders && !matches!(operand, Self::Number(_)) {
            return Err(PatternError::new(
                start,
                format!("`{compare}` compares numbers; texts take = and !="),
            ));
        }
        Ok(operand)
    }

    fn bare(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let start = cursor.offset();
        let text = cursor.take_while(is_bare);
        if number(text).is_some() {
            return Ok(Self::Number(text.to_owned()));
        }
        match text.find('+') {
            Some(at) => {
                Err(PatternError::new(start + at, "`+` in a text that is not a number must be quoted"))
            }
            None => Ok(Self::Text(text.to_owned())),
        }
    }

    /// Returns whether `compare` holds for a JSON number.
    ///
    /// A text never equals a number, except `*` alone, which matches any value; AWS documents nothing else.
    pub(super) fn holds_for_number(&self, compare: Compare, value: &Number) -> bool {
        match self {
            Self::Number(wanted) => match (value.as_i128(), wanted.parse::<i128>()) {
                // Integers past 2^53 would collapse as floats; both sides have to be equal to the last digit.
                (Some(value), Ok(wanted)) => match compare {
                    Compare::Equal => value == wanted,
                    Compare::NotEqual => value != wanted,
                    Compare::Less => value < wanted,
                    Compare::LessOrEqual => value <= wanted,
                    Compare::Greater => value > wanted,
                    Compare::GreaterOrEqual => value >= wanted,
                },
                _ => value
                    .as_f64()
                    .zip(number(wanted))
                    .is_some_and(|(value, wanted)| compare.holds(value, wanted)),
            },
            Self::Text(_) | Self::Regex(_) => compare.on_equality(self.is_any()),
        }
    }

    /// Returns whether `compare` holds for a JSON string.
    ///
    /// An unquoted number is compared letter for letter with it: AWS does not say, and `<` on strings never matches.
    pub(super) fn holds_for_text(&self, compare: Compare, value: &str) -> bool {
        compare.on_equality(match self {
            Self::Number(wanted) => wanted == value,
            Self::Text(wanted) => wildcard_match(wanted, value),
            Self::Regex(regex) => regex.is_match(value),
        })
    }

    /// Returns whether `compare` holds for a field of a space-delimited event, which is a number if it looks like one.
    pub(super) fn holds_for_field(&self, compare: Compare, value: &str) -> bool {
        match self {
            Self::Number(wanted) => match number(value).zip(number(wanted)) {
                Some((value, wanted)) => compare.holds(value, wanted),
                None => compare.on_equality(false),
            },
            Self::Text(_) | Self::Regex(_) => self.holds_for_text(compare, value),
        }
    }

    /// Returns whether this is `*` alone, which matches any value.
    pub(super) fn is_any(&self) -> bool {
        matches!(self, Self::Text(text) if text == "*")
    }

    pub(super) fn is_regex(&self) -> bool {
        matches!(self, Self::Regex(_))
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => write_quoted(f, text),
            Self::Regex(regex) => regex.fmt(f),
        }
    }
}

/// Takes a text in double quotes. `\"` and `\\` are escapes, any other backslash is itself; AWS documents neither.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Result<String, PatternError> {
    let start = cursor.offset();
    cursor.expect("\"")?;
    let mut text = String::new();
    loop {
        match cursor.next() {
            None => return Err(PatternError::new(start, "the text has no closing `\"`")),
            Some('"') => return Ok(text),
            Some('\\') if matches!(cursor.peek(), Some('"' | '\\')) => text.extend(cursor.next()),
            Some(c) => text.push(c),
        }
    }
}

/// Writes a text in double quotes, so that [`quoted`] reads the same text back.
pub(super) fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// Characters that AWS's own samples leave unquoted, and the sign of a number's exponent.
fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '*' | '/' | ':' | '-' | '+')
}

/// Reads `[+-]? digits [. digits] [e [+-]? digits]`, the numbers of the grammar, and nothing else that Rust would take.
fn number(text: &str) -> Option<f64> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = |text: &'_ str| text.strip_prefix(['+', '-']).map_or(text.to_owned(), str::to_owned);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa = unsigned(mantissa);
    let whole = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(&mantissa),
    };
    let scaled = exponent.is_none_or(|exponent| digits(&unsigned(exponent)));
    if whole && scaled { text.parse().ok() } else { None }
}

/// Matches a text in which only a leading and a trailing `*` are wildcards.
fn wildcard_match(wanted: &str, value: &str) -> bool {
    if wanted == "*" {
        return true;
    }
    match (wanted.strip_prefix('*'), wanted.strip_suffix('*')) {
        (Some(rest), Some(_)) => value.contains(rest.strip_suffix('*').unwrap_or(rest)),
        (Some(end), None) => value.ends_with(end),
        (None, Some(start)) => value.starts_with(start),
        (None, None) => value == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_count_at_the_ends_only() {
        let cases = [
            ("exact", "Event", "Event", true),
            ("case matters", "event", "Event", false),
            ("start", "*vent", "Event", true),
            ("end", "Ev*", "Event", true),
            ("both", "*ven*", "Event", true),
            ("both, missing", "*x*", "Event", false),
            ("middle is literal", "Ev*nt", "Event", false),
            ("middle matches itself", "Ev*nt", "Ev*nt", true),
            ("alone", "*", "", true),
            ("two stars", "**", "anything", true),
            ("empty", "", "", true),
            ("empty is not any", "", "x", false),
        ];
        for (case, wanted, value, want) in cases {
            assert_eq!(wildcard_match(wanted, value), want, "{case}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_grammar() {
        let cases = [
            ("integer", "400", Some(400.0)),
            ("signed", "-3", Some(-3.0)),
            ("plus", "+3", Some(3.0)),
            ("decimal", "0.25", Some(0.25)),
            ("scientific", "1e-3", Some(0.001)),
            ("capital exponent", "1.5E+2", Some(150.0)),
            ("address", "123.123.1.1", None),
            ("wildcard", "4*", None),
            ("no digits before the point", ".5", None),
            ("infinity", "inf", None),
            ("not a number", "NaN", None),
            ("nothing", "", None),
            ("two signs", "--1", None),
        ];
        for (case, text, want) in cases {
            assert_eq!(number(text), want, "{case}");
        }
    }
}
