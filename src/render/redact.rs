//! Account ids taken out of everything that is shown, for tickets, pull requests and screenshots that others read.

use std::io::Write;

/// Begins a colour on a terminal.
const ESCAPE: char = '\u{1b}';

/// Replaces account ids, each by the same words throughout: `XXXXXXXXXX01` is the first that was met.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    met: Vec<String>,
}

impl Redactor {
    /// Returns the text with every account id replaced: twelve digits on their own, as AWS writes them in ARNs, names
    /// and messages.
    pub fn text(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric() || c == ESCAPE) {
            let (before, word) = rest.split_at(start);
            out.push_str(before);
            // A colour ends in a letter that is not part of the word behind it.
            if word.starts_with(ESCAPE) {
                let end = word.find(|c: char| c.is_ascii_alphabetic()).map_or(word.len(), |end| end + 1);
                out.push_str(&word[..end]);
                rest = &word[end..];
                continue;
            }
            let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
            let (word, after) = word.split_at(end);
            if word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit()) {
                out.push_str(&self.stand_in(word));
            } else {
                out.push_str(word);
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
    fn stand_in(&mut self, account: &str) -> String {
        let at = self.met.iter().position(|met| met == account).unwrap_or_else(|| {
            self.met.push(account.to_owned());
            self.met.len() - 1
        });
        format!("XXXXXXXXXX{:02}", at + 1)
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
    pub fn new(inner: W) -> Self {
        Self { inner, redactor: Redactor::default(), open: Vec::new() }
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
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(Redactor::default().text(text), want);
        }
    }

    #[test]
    fn an_id_that_comes_in_two_writes_goes_too() {
        let mut stream = Redacted::new(Vec::new());
        for part in ["account 1111", "22223333\nrole 1111222", "23333"] {
            stream.write_all(part.as_bytes()).expect("memory");
        }
        stream.flush().expect("memory");
        assert_eq!(String::from_utf8(stream.inner).expect("text"), "account XXXXXXXXXX01\nrole XXXXXXXXXX01");
    }
}
