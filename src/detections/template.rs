//! The templates of patterns and samples: `${account}` and the like, and `${none_of PARAMETER: SELECTOR}`.

use std::collections::BTreeMap;

/// What a template can name.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// Single words: `account`, `log_bucket`.
    pub words: BTreeMap<&'static str, String>,
    /// Lists: `approved_roles`.
    pub lists: BTreeMap<&'static str, Vec<String>>,
}

impl Values {
    /// Returns the text with every template filled in. A name that does not exist stays as it is: a test keeps the
    /// packs free of those.
    pub fn fill(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, tail) = rest.split_at(start);
            out.push_str(before);
            let Some(end) = tail.find('}') else {
                rest = tail;
                break;
            };
            let (template, after) = tail.split_at(end + 1);
            match self.one(&template[2..end]) {
                Some(value) => out.push_str(&value),
                None => out.push_str(template),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn one(&self, name: &str) -> Option<String> {
        let Some(rest) = name.strip_prefix("none_of ") else { return self.words.get(name).cloned() };
        let (list, selector) = rest.split_once(':')?;
        let values = self.lists.get(list.trim())?;
        let selector = selector.trim();
        let tests: Vec<String> = values.iter().map(|value| format!("({selector} != \"{value}\")")).collect();
        Some(tests.join(" && "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_lists_are_filled_in() {
        let values = Values {
            words: BTreeMap::from([("account", "111122223333".to_owned())]),
            lists: BTreeMap::from([("roles", vec!["a".to_owned(), "b".to_owned()])]),
        };
        let cases = [
            ("a word", "x ${account} y", "x 111122223333 y"),
            ("a list", "{ ${none_of roles: $.arn} }", "{ ($.arn != \"a\") && ($.arn != \"b\") }"),
            ("unknown", "${nothing}", "${nothing}"),
            ("not ended", "${account", "${account"),
        ];
        for (case, text, want) in cases {
            assert_eq!(values.fill(text), want, "{case}");
        }
    }
}
