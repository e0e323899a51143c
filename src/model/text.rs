//! Text of others, made fit to be shown: values, names and messages come from an account in which somebody may be hostile.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns a text on one line with every character written out that a terminal or a reader's eye would obey instead of
/// showing it: control characters, line ends among them, and the marks that turn the direction of text (Unicode Standard
/// Annex 9; Unicode Technical Report 36, bidirectional text spoofing).
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Returns true for a character that is not seen, or that changes how others are.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        let cases = [
            ("plain, and ümläut", "plain, and ümläut"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("two\nlines\r\n\tand a tab", "two\\nlines\\r\\n\\tand a tab"),
            ("abc\u{202e}fed\u{2066}x", "abc\\u{202e}fed\\u{2066}x"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\0\u{7f}", "\\u{0}\\u{7f}"),
        ];
        for (text, want) in cases {
            assert_eq!(clean(text), want);
        }
    }
}
