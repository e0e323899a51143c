//! Account ids taken out of everything that is shown, for tickets, pull requests and screenshots that others read.

use serde_json::Value;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Length of an account id.
const DIGITS: usize = 12;

/// Begins a colour on a terminal.
const ESCAPE: char = '\u{1b}';

/// Replaces account ids, each by the same words throughout: `XXXXXXXXXX01` is the first that was met. Clones know what the
/// others have met, so that results and diagnostics call an account the same.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    met: Arc<Mutex<Vec<String>>>,
}

impl Redactor {
    /// Makes an account known, so that it is replaced wherever its digits stand, glued to letters or not.
    pub fn know(&self, account: &str) {
        if account.len() == DIGITS && account.bytes().all(|byte| byte.is_ascii_digit()) {
            self.stand_in(account);
        }
    }
    /// Returns the text with every account id replaced: one that is known, and any twelve digits on their own, as AWS writes
    /// them in ARNs, names and messages.
    pub fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        // Where what is looked back at begins: behind the last colour.
        let mut from = 0;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == ESCAPE) {
            let (head, tail) = rest.split_at(start);
            out.push_str(head);
            let at = text.len() - tail.len();
            // A colour ends in a letter that is not part of the word behind it.
            let end = match tail.starts_with(ESCAPE) {
                true => tail.find(|c: char| c.is_ascii_alphabetic()).map_or(tail.len(), |end| end + 1),
                false => tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len()),
            };
            let (word, after) = tail.split_at(end);
            let is_account = word.len() == DIGITS
                && !word.starts_with(ESCAPE)
                && (self.knows(word)
                    || (begins(&text[from..at]) && !after.starts_with(|c: char| c.is_ascii_alphanumeric())));
            match is_account {
                true => out.push_str(&self.stand_in(word)),
                false => out.push_str(word),
            }
            if word.starts_with(ESCAPE) {
                from = at + word.len();
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
    /// Replaces account ids in every text of a document, names of members included; numbers stay numbers.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.value(member));
                let taken = std::mem::take(members);
                members.extend(taken.into_iter().map(|(key, member)| (self.text(&key), member)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    fn knows(&self, account: &str) -> bool {
        self.met.lock().expect("no panic while the lock is held").iter().any(|met| met == account)
    }
    fn stand_in(&self, account: &str) -> String {
        let mut all = self.met.lock().expect("no panic while the lock is held");
        let at = all.iter().position(|met| met == account).unwrap_or_else(|| {
            all.push(account.to_owned());
            all.len() - 1
        });
        format!("XXXXXXXXXX{:02}", at + 1)
    }
}

/// Returns true if a number may begin behind a text: at its start, behind anything but letters and digits, and behind an
/// escaped character, whose last letter belongs to the escape: `%3A`, `\n`.
fn begins(before: &str) -> bool {
    let mut last = before.chars().rev();
    let (one, two, three) = (last.next(), last.next(), last.next());
    let is_hex = |c: Option<char>| c.is_some_and(|c| c.is_ascii_hexdigit());
    match one {
        Some(c) if !c.is_ascii_alphanumeric() => true,
        None => true,
        Some('n' | 't' | 'r') if two == Some('\\') => true,
        _ => is_hex(one) && is_hex(two) && three == Some('%'),
    }
}

/// A stream that takes account ids out of whole lines; what has no end of line yet is kept until it has, or until it is
/// flushed.
pub struct Redacted<W: Write> {
    inner: W,
    redactor: Redactor,
    open: Vec<u8>,
}

impl<W: Write> Redacted<W> {
    /// Returns the stream over another.
    pub fn new(inner: W, redactor: Redactor) -> Self {
        Self { inner, redactor, open: Vec::new() }
    }
    fn pass(&mut self, upto: usize) -> std::io::Result<()> {
        let ready: Vec<u8> = self.open.drain(..upto).collect();
        let text = self.redactor.text(&String::from_utf8_lossy(&ready));
        self.inner.write_all(text.as_bytes())
    }
}

impl<W: Write> Write for Redacted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.open.extend_from_slice(bytes);
        if let Some(end) = self.open.iter().rposition(|byte| *byte == b'\n') {
            self.pass(end + 1)?;
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.pass(self.open.len())?;
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_go_and_nothing_else_does() {
        let cases = [
            ("arn:aws:iam::111122223333:role/plan", "arn:aws:iam::XXXXXXXXXX01:role/plan"),
            ("genai-logs-111122223333-us-east-1", "genai-logs-XXXXXXXXXX01-us-east-1"),
            ("444455556666 and 111122223333, 444455556666", "XXXXXXXXXX01 and XXXXXXXXXX02, XXXXXXXXXX01"),
            (
                "a hash 111122223333aa, 1111222233334 and 11112222333",
                "a hash 111122223333aa, 1111222233334 and 11112222333",
            ),
            ("\u{1b}[1m111122223333\u{1b}[0m", "\u{1b}[1mXXXXXXXXXX01\u{1b}[0m"),
            ("before the euro sign: 111122223333€", "before the euro sign: XXXXXXXXXX01€"),
            ("arn%3Aaws%3Aiam%3A%3A111122223333%3Aroot", "arn%3Aaws%3Aiam%3A%3AXXXXXXXXXX01%3Aroot"),
            ("a line\\n111122223333\\n", "a line\\nXXXXXXXXXX01\\n"),
            ("role111122223333", "role111122223333"),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(Redactor::default().text(text), want);
        }
        let redactor = Redactor::default();
        redactor.know("111122223333");
        redactor.know("no account");
        assert_eq!(redactor.text("role111122223333x and 444455556666"), "roleXXXXXXXXXX01x and XXXXXXXXXX02");
        assert_eq!(redactor.text("a longer number: 9111122223333"), "a longer number: 9111122223333");
    }

    #[test]
    fn a_document_keeps_its_numbers() {
        let mut value =
            serde_json::json!({"arn:111122223333": ["111122223333", 111_122_223_333_u64, null, true]});
        Redactor::default().value(&mut value);
        let want = serde_json::json!({"arn:XXXXXXXXXX01": ["XXXXXXXXXX01", 111_122_223_333_u64, null, true]});
        assert_eq!(value, want);
    }

    #[test]
    fn an_id_that_comes_in_two_writes_goes_too() {
        let mut stream = Redacted::new(Vec::new(), Redactor::default());
        for part in ["account 1111", "22223333\nrole 1111222", "23333"] {
            stream.write_all(part.as_bytes()).expect("memory");
        }
        stream.flush().expect("memory");
        assert_eq!(String::from_utf8(stream.inner).expect("text"), "account XXXXXXXXXX01\nrole XXXXXXXXXX01");
    }
}
