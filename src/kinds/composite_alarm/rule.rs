//! Rules of the form `ALARM("a") OR ALARM("b")`, written and read (CloudWatch API, PutCompositeAlarm, AlarmRule).

/// Returns the rule that any of the alarms meets.
pub fn any_of<'a>(alarms: impl IntoIterator<Item = &'a str>) -> String {
    alarms.into_iter().map(|name| format!("ALARM(\"{name}\")")).collect::<Vec<_>>().join(" OR ")
}

/// Returns the alarms' names, sorted, if the rule is met by any of them and nothing else; `None` for other rules.
/// An alarm given by its ARN is returned by its name: both are in the composite's own account and Region.
pub fn parse_any_of(rule: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = rule.trim();
    loop {
        let inside = rest.strip_prefix("ALARM")?.trim_start().strip_prefix('(')?.trim_start();
        let (name, after) = match inside.chars().next()? {
            quote @ ('"' | '\'') => inside[1..].split_once(quote)?,
            _ => {
                let end = inside.find(|c: char| c == ')' || c.is_whitespace())?;
                inside.split_at(end)
            }
        };
        names.push(name.rsplit_once(":alarm:").map_or(name, |(_, name)| name).to_owned());
        rest = after.trim_start().strip_prefix(')')?.trim_start();
        if rest.is_empty() {
            names.sort();
            names.dedup();
            return Some(names);
        }
        // OR has to end here: `ORALARM` is another word.
        rest = rest.strip_prefix("OR")?;
        let next = rest.trim_start();
        if next.len() == rest.len() {
            return None;
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_any_of_rules_are_read_as_sets() {
        let arn = "ALARM(\"arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a\")";
        let cases: [(&str, &str, Option<&[&str]>); 13] = [
            ("ours", "ALARM(\"a\") OR ALARM(\"b\")", Some(&["a", "b"])),
            ("order and repetition", "ALARM(\"b\") OR ALARM(\"a\") OR ALARM(\"b\")", Some(&["a", "b"])),
            ("bare names", "ALARM(a) OR ALARM(b)", Some(&["a", "b"])),
            ("blanks", "  ALARM ( \"a b\" )\n OR  ALARM(b) ", Some(&["a b", "b"])),
            ("an ARN", arn, Some(&["a"])),
            ("one", "ALARM('a')", Some(&["a"])),
            ("and", "ALARM(a) AND ALARM(b)", None),
            ("not", "NOT ALARM(a)", None),
            ("another state", "ALARM(a) OR OK(b)", None),
            ("grouped", "(ALARM(a) OR ALARM(b))", None),
            ("constant", "FALSE", None),
            ("cut off", "ALARM(a) OR", None),
            ("empty", "", None),
        ];
        for (case, rule, want) in cases {
            let got = parse_any_of(rule);
            let got: Option<Vec<&str>> = got.as_ref().map(|names| names.iter().map(String::as_str).collect());
            assert_eq!(got.as_deref(), want, "{case}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let names = ["genai-audit-a", "genai-audit-b"];
        assert_eq!(parse_any_of(&any_of(names)).expect("our own form"), names);
    }
}
