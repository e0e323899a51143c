//! The rule grammar of composite alarms (`reference/cloudwatch.md` §5).
//!
//! ```text
//! expr := and ( OR and )*     and := not ( AND not )*     not := NOT not | prim
//! prim := '(' expr ')' | TRUE | FALSE | ( ALARM | OK | INSUFFICIENT_DATA ) '(' name ')'
//! ```

/// Returns the alarms that a rule names, as they are written there, each once and sorted.
///
/// # Errors
/// What is wrong with the rule, and where.
pub fn children(rule: &str) -> Result<Vec<String>, String> {
    let mut reader = Reader { rest: rule, whole: rule, children: Vec::new() };
    reader.any_of()?;
    if !reader.peek_word().is_empty() || !reader.rest.trim_start().is_empty() {
        return Err(reader.expected("AND, OR or the end"));
    }
    reader.children.sort();
    reader.children.dedup();
    Ok(reader.children)
}

/// Returns the name in an alarm's ARN, or the text itself if it is a name.
#[must_use]
pub fn child_name(name_or_arn: &str) -> String {
    match name_or_arn.strip_prefix("arn:").and_then(|rest| rest.split_once(":alarm:")) {
        Some((_, name)) => name.to_owned(),
        None => name_or_arn.to_owned(),
    }
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
    children: Vec<String>,
}

impl<'a> Reader<'a> {
    fn any_of(&mut self) -> Result<(), String> {
        self.all_of()?;
        while self.take_word("OR") {
            self.all_of()?;
        }
        Ok(())
    }

    fn all_of(&mut self) -> Result<(), String> {
        self.negated()?;
        while self.take_word("AND") {
            self.negated()?;
        }
        Ok(())
    }

    fn negated(&mut self) -> Result<(), String> {
        while self.take_word("NOT") {}
        if self.take("(") {
            self.any_of()?;
            return if self.take(")") { Ok(()) } else { Err(self.expected(")")) };
        }
        if self.take_word("TRUE") || self.take_word("FALSE") {
            return Ok(());
        }
        let states = ["ALARM", "OK", "INSUFFICIENT_DATA"];
        if !states.iter().any(|state| self.take_word(state)) || !self.take("(") {
            return Err(self.expected("ALARM(…), OK(…), INSUFFICIENT_DATA(…), TRUE, FALSE, NOT or ("));
        }
        self.child()
    }

    fn child(&mut self) -> Result<(), String> {
        let text = self.rest.trim_start();
        let (name, rest) = match text.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| self.expected("a closing quote"))?,
            None => text.split_at(text.find([')', '(', '"']).unwrap_or(text.len())),
        };
        // A name with blanks has to be quoted.
        let bare = !text.starts_with('"');
        let name = if bare { name.trim() } else { name };
        if name.is_empty() || (bare && name.contains(char::is_whitespace)) {
            return Err(self.expected("an alarm's name or ARN, quoted if it has blanks"));
        }
        self.children.push(name.to_owned());
        self.rest = rest;
        if self.take(")") { Ok(()) } else { Err(self.expected(")")) }
    }

    fn peek_word(&self) -> &'a str {
        let text = self.rest.trim_start();
        &text[..text.find(|c: char| !c.is_ascii_alphabetic() && c != '_').unwrap_or(text.len())]
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == word;
        if found {
            self.rest = &self.rest.trim_start()[word.len()..];
        }
        found
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expected(&self, what: &str) -> String {
        let at = self.whole.len() - self.rest.len();
        format!("AlarmRule: expected {what} at position {at}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_by_their_grammar() {
        let cases: [(&str, Option<&[&str]>); 12] = [
            ("ALARM(a)", Some(&["a"])),
            ("ALARM(\"a b\") OR OK(c)", Some(&["a b", "c"])),
            ("NOT (ALARM(a) AND INSUFFICIENT_DATA(b)) OR TRUE", Some(&["a", "b"])),
            (
                "ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a)",
                Some(&["arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a"]),
            ),
            ("FALSE", Some(&[])),
            ("ALARM(a) OR ALARM(a)", Some(&["a"])),
            ("", None),
            ("ALARM(a) ALARM(b)", None),
            ("ALARM(a b)", None),
            ("alarm(a)", None),
            ("(ALARM(a)", None),
            ("ALARM(a) AND", None),
        ];
        for (rule, want) in cases {
            let found = children(rule);
            let want = want.map(|list| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
            assert_eq!(found.clone().ok(), want, "{rule}: {found:?}");
        }
        assert_eq!(child_name("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a"), "a");
    }
}
