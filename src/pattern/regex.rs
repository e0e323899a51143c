//! The subset of regular expressions that CloudWatch Logs takes between two `%`.
//!
//! CloudWatch Logs User Guide, "Supported regular expressions": ASCII letters, digits, blank, `: _ # = @ / ; , -` and the
//! operators `^ $ ? [ ] { } | \ * + .`; everything else as `\xHH`. No parentheses, so no groups and no look-around.

use super::PatternError;
use super::cursor::Cursor;
use regex_lite::Regex;
use std::fmt;

/// A regular expression as written, and compiled. Two are equal if they are written alike.
#[derive(Clone, Debug)]
pub(super) struct AwsRegex {
    source: String,
    compiled: Regex,
}

impl AwsRegex {
    /// Takes `%…%`, the opening `%` being next.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.expect("%")?;
        let start = cursor.offset();
        let source = cursor.take_until("%", "the regular expression")?;
        if source.is_empty() {
            return Err(PatternError::new(start, "the regular expression is empty"));
        }
        let translated = translate(source).map_err(|(at, message)| PatternError::new(start + at, message))?;
        let compiled = Regex::new(&translated)
            .map_err(|error| PatternError::new(start, format!("not a regular expression: {error}")))?;
        Ok(Self { source: source.to_owned(), compiled })
    }

    /// Returns whether the expression is found anywhere in `text`.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl PartialEq for AwsRegex {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Display for AwsRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}%", self.source)
    }
}

/// Checks the subset and spells out what `regex_lite` reads otherwise: `{,n}`, and operators inside a class.
/// The error holds a byte offset into `source`.
fn translate(source: &str) -> Result<String, (usize, String)> {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.char_indices().peekable();
    // Whether the previous item may be repeated: a second quantifier would be a lazy or possessive one.
    let mut after_quantifier = false;
    let mut class: Option<usize> = None;
    while let Some((at, c)) = chars.next() {
        let quantifier = class.is_none() && matches!(c, '*' | '+' | '?' | '{');
        if quantifier && after_quantifier {
            return Err((
                at,
                "a quantifier after a quantifier (lazy or possessive) is not offered".to_owned(),
            ));
        }
        after_quantifier = quantifier;
        match c {
            '\\' => escape(&mut out, at, &mut chars)?,
            '[' if class.is_none() => {
                class = Some(at);
                out.push('[');
                if chars.next_if(|(_, c)| *c == '^').is_some() {
                    out.push('^');
                }
            }
            ']' if class.is_some() => {
                class = None;
                out.push(']');
            }
            '[' => out.push_str(r"\["),
            '-' if class.is_some() && chars.peek().is_some_and(|(_, next)| *next == '-') => {
                out.push_str(r"\-")
            }
            '^' if class.is_some() => out.push_str(r"\^"),
            '{' if class.is_none() => repetition(&mut out, source, at, &mut chars)?,
            '}' if class.is_none() => out.push_str(r"\}"),
            '^' | '$' | '?' | ']' | '{' | '}' | '|' | '*' | '+' | '.' => out.push(c),
            ' ' | ':' | '_' | '#' | '=' | '@' | '/' | ';' | ',' | '-' => out.push(c),
            c if c.is_ascii_alphanumeric() => out.push(c),
            c => return Err((at, refused(c))),
        }
    }
    class.map_or(Ok(out), |at| Err((at, "the character class has no closing `]`".to_owned())))
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

/// Takes what follows a backslash: a class, `\xHH` or an escaped operator.
fn escape(out: &mut String, at: usize, chars: &mut Chars<'_>) -> Result<(), (usize, String)> {
    let Some((_, c)) = chars.next() else {
        return Err((at, "a `\\` at the end of the regular expression escapes nothing".to_owned()));
    };
    match c {
        'd' | 'D' | 's' | 'S' | 'w' | 'W' => out.extend(['\\', c]),
        'x' => {
            let digits: String = (0..2)
                .filter_map(|_| chars.next_if(|(_, c)| c.is_ascii_hexdigit()))
                .map(|(_, c)| c)
                .collect();
            if digits.len() < 2 {
                return Err((at, "`\\x` takes two hexadecimal digits".to_owned()));
            }
            out.push_str("\\x");
            out.push_str(&digits);
        }
        c if c.is_ascii_punctuation() && !"%()!<>\"'~&`".contains(c) => {
            // The compiler refuses a backslash before a character that means nothing, so only operators keep it.
            if "^$?[]{}|\\*+.-#".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
        c if c.is_ascii_alphanumeric() => {
            return Err((at, format!("`\\{c}` is not offered; \\d \\D \\s \\S \\w \\W and \\xHH are")));
        }
        c => return Err((at, refused(c))),
    }
    Ok(())
}

/// Takes the rest of `{m}`, `{m,}`, `{,n}` or `{m,n}`.
fn repetition(
    out: &mut String,
    source: &str,
    at: usize,
    chars: &mut Chars<'_>,
) -> Result<(), (usize, String)> {
    let body = &source[at + 1..];
    let bounds = body.find('}').map(|end| &body[..end]);
    let is_count = |text: &str| text.len() <= 3 && text.chars().all(|c| c.is_ascii_digit());
    let (low, high) = match bounds.map(|bounds| (bounds, bounds.split_once(','))) {
        Some((bounds, None)) if !bounds.is_empty() && is_count(bounds) => (bounds, None),
        Some((bounds, Some((low, high)))) if bounds != "," && is_count(low) && is_count(high) => {
            (low, Some(high))
        }
        _ => {
            return Err((
                at,
                "write a repetition as {m}, {m,}, {,n} or {m,n}; a literal brace as \\{".to_owned(),
            ));
        }
    };
    while chars.next().is_some_and(|(_, c)| c != '}') {}
    out.push('{');
    out.push_str(if low.is_empty() { "0" } else { low });
    if let Some(high) = high {
        out.push(',');
        out.push_str(high);
    }
    out.push('}');
    Ok(())
}

fn refused(c: char) -> String {
    match c {
        '(' | ')' => {
            "parentheses are not offered in regular expressions; write a literal one as \\x28 or \\x29"
                .to_owned()
        }
        c if c.is_ascii() => {
            let code = u32::from(c);
            format!("`{}` is not allowed in a regular expression; write \\x{code:02X}", c.escape_debug())
        }
        c => format!("`{}` is not ASCII; regular expressions take ASCII only", c.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Result<AwsRegex, PatternError> {
        AwsRegex::parse(&mut Cursor::new(&format!("%{source}%")))
    }

    #[test]
    fn the_subset_is_searched_unanchored() {
        let cases = [
            ("substring", "AUTHORIZED", "UNAUTHORIZED x", true),
            ("anchors", "^a.c$", "abc", true),
            ("anchored misses", "^b", "abc", false),
            ("class", r"[0-9]{3}", "id 404", true),
            ("negated class", r"^[^a-c]+$", "xyz", true),
            ("alternation", "cat|dog", "hotdog", true),
            ("lower bound open", "^a{,2}$", "aa", true),
            ("lower bound open, too many", "^a{,2}$", "aaa", false),
            ("upper bound open", "^a{2,}$", "aaaa", true),
            ("hexadecimal", r"a\x21", "a!", true),
            ("escaped dot", r"10\.0", "10x0", false),
            ("escaped slash", r"a\/b", "a/b", true),
            ("digits and words", r"^\w+ \d+$", "abc 12", true),
            ("bracket in a class", "[[]", "[", true),
            ("hash and blank are literal", "# a", "# a", true),
            ("word class is ASCII", r"^\w$", "é", false),
        ];
        for (case, source, text, want) in cases {
            let regex = parse(source).unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(regex.is_match(text), want, "{case}");
        }
    }

    #[test]
    fn what_aws_leaves_out_is_refused() {
        let cases = [
            ("group", "(a)", 1),
            ("lazy", "a+?", 3),
            ("back-reference", r"a\1", 2),
            ("word boundary", r"a\b", 2),
            ("exclamation mark", "a!", 2),
            ("not ASCII", "aé", 2),
            ("open class", "a[bc", 2),
            ("open repetition", "a{2", 2),
            ("empty repetition", "a{}", 2),
            ("trailing backslash", "a\\", 2),
            ("one hexadecimal digit", r"\x2", 1),
            ("nothing", "", 1),
        ];
        for (case, source, offset) in cases {
            let error = parse(source).expect_err(case);
            assert_eq!(error.offset, offset, "{case}: {error}");
        }
    }
}
