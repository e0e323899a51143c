//! Does the document have the shape of [`KEYS`](super::keys::KEYS): known keys, the right types, what must be there?

use super::keys::{Default, KEYS, Key, Kind, children};
use super::node::{Entry, Node, Value};
use super::problem::{Problem, either, nearest};
use super::source::Location;

/// Adds a problem for every key that is unknown, missing, or holds something else than it takes.
pub(crate) fn check(root: &Node, problems: &mut Vec<Problem>) {
    table(root, "", None, problems);
}

/// Returns the seconds of a duration such as `30s`, `5m` or `1h`; `None` if it is none, or longer than a `u32` holds.
pub(crate) fn seconds(text: &str) -> Option<u32> {
    let unit = text.chars().last()?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u32>().ok()?.checked_mul(factor)
}

fn table(node: &Node, inside: &str, name_at: Option<&Location>, problems: &mut Vec<Problem>) {
    let Some(entries) = node.table() else { return };
    let any = children(inside).find(|key| key.name() == "*");
    for (name, entry) in entries {
        match children(inside).find(|key| key.name() == name).or(any) {
            Some(key) => value(key, name, entry, problems),
            None => problems.push(unknown(name, entry, inside)),
        }
    }
    for key in
        children(inside).filter(|key| key.default == Default::Required && !entries.contains_key(key.name()))
    {
        problems.push(missing(key, name_at.cloned().unwrap_or_else(|| node.at.clone())));
    }
}

fn unknown(name: &str, entry: &Entry, inside: &str) -> Problem {
    let place = if inside.is_empty() {
        "at the top".to_owned()
    } else {
        format!("in `{}`", inside.replace("[]", ""))
    };
    let problem =
        Problem::error("AS005", Some(entry.key_at.clone()), format!("unknown key `{name}` {place}"));
    if let Some(near) = nearest(name, children(inside).map(Key::name)) {
        return problem.label("unknown key").help(format!("write `{near}`"));
    }
    let elsewhere: Vec<&str> = KEYS
        .iter()
        .filter(|key| key.name() == name)
        .map(|key| key.parent())
        .filter(|parent| !parent.is_empty())
        .collect();
    if !elsewhere.is_empty() && elsewhere.len() <= 3 {
        let tables = elsewhere.iter().map(|parent| parent.trim_end_matches("[]"));
        return problem
            .label("not a key of this table")
            .help(format!("`{name}` belongs in {}", either(tables)));
    }
    let known = children(inside).map(Key::name);
    problem.label("unknown key").help(format!("the keys here are {}", either(known)))
}

fn missing(key: &Key, at: Location) -> Problem {
    let (name, parent) = (key.name(), key.parent().replace("[]", ""));
    let example = match key.kind {
        Kind::Table if parent.is_empty() => format!("[{name}]"),
        Kind::Table | Kind::TextMap | Kind::TableOrFalse => format!("{name} = {{ … }}"),
        Kind::Tables => format!("{name} = [{{ … }}]"),
        Kind::Texts | Kind::Choices(_) => format!("{name} = [\"…\"]"),
        Kind::Integer { min, .. } => format!("{name} = {min}"),
        Kind::Number => format!("{name} = 1"),
        Kind::Duration => format!("{name} = \"5m\""),
        Kind::Date => format!("{name} = 2027-06-30"),
        _ => format!("{name} = \"…\""),
    };
    let place = if parent.is_empty() { String::new() } else { format!(" in `{parent}`") };
    Problem::error("AS007", Some(at), format!("`{name}` is missing{place}"))
        .label(format!("needs `{name}`"))
        .help(format!("add `{example}`: {}", lower_first(key.doc)))
}

fn lower_first(doc: &str) -> String {
    let text = doc.trim_end_matches('.');
    let mut letters = text.chars();
    match letters.next() {
        // "ARN" and the like stay as they are.
        Some(first) if !text.chars().nth(1).is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

fn value(key: &'static Key, name: &str, entry: &Entry, problems: &mut Vec<Problem>) {
    let node = &entry.node;
    match (key.kind, &node.value) {
        (Kind::Text, Value::Text(_))
        | (Kind::Number, Value::Integer(_) | Value::Float(_))
        | (Kind::Boolean, Value::Boolean(_))
        | (Kind::Date, Value::Date(_))
        | (Kind::TableOrFalse, Value::Boolean(false)) => {}
        (Kind::Integer { min, max }, Value::Integer(number)) => {
            if !(min..=max).contains(number) {
                problems.push(
                    Problem::error(
                        "AS009",
                        Some(node.at.clone()),
                        format!("{number} is out of range for `{name}`"),
                    )
                    .label("out of range")
                    .help(format!("write a number from {min} to {max}")),
                );
            }
        }
        (Kind::Duration, Value::Text(text)) => {
            if seconds(text).is_none() {
                problems.push(
                    Problem::error("AS047", Some(node.at.clone()), format!("`{text}` is not a duration"))
                        .label("not a duration")
                        .help("write a number and its unit: `\"30s\"`, `\"5m\"` or `\"1h\"`"),
                );
            }
        }
        (Kind::Choice(words), Value::Text(text)) => choice(words, name, text, &node.at, problems),
        (Kind::AllOrTexts, Value::Text(text)) => choice(&["all", "none"], name, text, &node.at, problems),
        (Kind::Texts | Kind::Choices(_) | Kind::AllOrTexts, Value::List(items)) => {
            for item in items {
                match (&item.value, key.kind) {
                    (Value::Text(text), Kind::Choices(words)) => {
                        choice(words, name, text, &item.at, problems)
                    }
                    (Value::Text(_), _) => {}
                    _ => problems.push(mistyped(&format!("an item of `{name}`"), "a string", item)),
                }
            }
        }
        (Kind::TextMap, Value::Table(entries)) => {
            for (item, entry) in entries.iter().filter(|(_, entry)| entry.node.as_text().is_none()) {
                problems.push(mistyped(&format!("`{name}.{item}`"), "a string", &entry.node));
            }
        }
        (Kind::Table | Kind::TableOrFalse, Value::Table(_)) => {
            table(node, &key.inside(), Some(&entry.key_at), problems);
        }
        (Kind::Tables, Value::List(items)) => {
            for item in items {
                match item.table() {
                    Some(_) => table(item, &key.inside(), None, problems),
                    None => problems.push(mistyped(&format!("an item of `{name}`"), "a table", item)),
                }
            }
        }
        (kind, _) => {
            problems.push(mistyped(&format!("`{name}`"), expected(kind), node).maybe_help(hint(key, node)))
        }
    }
}

fn choice(words: &[&'static str], name: &str, text: &str, at: &Location, problems: &mut Vec<Problem>) {
    if words.contains(&text) {
        return;
    }
    let help = match nearest(text, words.iter().copied()) {
        Some(near) => format!("write `\"{near}\"`; `{name}` takes {}", either(words.iter().copied())),
        None => format!("write {}", either(words.iter().copied())),
    };
    problems.push(
        Problem::error("AS008", Some(at.clone()), format!("`{name}` cannot be `{text}`"))
            .label("not offered")
            .help(help),
    );
}

fn mistyped(what: &str, expected: &str, node: &Node) -> Problem {
    Problem::error(
        "AS006",
        Some(node.at.clone()),
        format!("{what} must be {expected}, not {}", node.value.kind()),
    )
    .label(format!("expected {expected}"))
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Choice(_) => "a string",
        Kind::Integer { .. } => "an integer",
        Kind::Number => "a number",
        Kind::Boolean => "`true` or `false`",
        Kind::Duration => "a duration such as `\"5m\"`",
        Kind::Date => "a date such as `2027-06-30`",
        Kind::Texts | Kind::Choices(_) => "a list of strings",
        Kind::AllOrTexts => "`\"all\"`, `\"none\"` or a list of strings",
        Kind::TextMap => "a table of strings",
        Kind::Table => "a table",
        Kind::TableOrFalse => "a table or `false`",
        Kind::Tables => "a list of tables",
    }
}

/// Returns what was probably meant.
fn hint(key: &Key, node: &Node) -> Option<String> {
    let name = key.name();
    match (key.kind, &node.value) {
        (Kind::Text, Value::Integer(_)) if name == "account" => {
            Some("write the account id in quotes: as a number it would lose leading zeros".into())
        }
        (Kind::Text | Kind::Choice(_), Value::Integer(number)) => {
            Some(format!("write `{name} = \"{number}\"`"))
        }
        (Kind::Texts | Kind::Choices(_), Value::Text(text)) => Some(format!("write `{name} = [\"{text}\"]`")),
        (Kind::Duration, Value::Integer(number)) => Some(format!("say the unit: `{name} = \"{number}s\"`")),
        (Kind::Date, Value::Text(text)) => Some(format!("without the quotes: `{name} = {text}`")),
        (Kind::Boolean, Value::Text(text)) => {
            let meant = !matches!(text.to_lowercase().as_str(), "false" | "no" | "off" | "0" | "");
            Some(format!("write `{name} = {meant}`, without quotes"))
        }
        (Kind::Integer { .. }, Value::Text(text)) if text.parse::<i64>().is_ok() => {
            Some(format!("without the quotes: `{name} = {text}`"))
        }
        (Kind::TableOrFalse, Value::Boolean(true)) => {
            Some(format!("leave `{name}` out: it is on by default"))
        }
        (Kind::Tables, Value::Table(_)) => {
            Some(format!("write `[[{}]]`, with double brackets", key.path.replace("[]", "")))
        }
        (Kind::Table, Value::List(_)) => {
            Some(format!("write `[{}]`, with single brackets", key.path.replace("[]", "")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_name_their_unit() {
        let cases = [
            ("seconds", "30s", Some(30)),
            ("minutes", "5m", Some(300)),
            ("hours", "1h", Some(3600)),
            ("days", "1d", Some(86_400)),
            ("no unit", "30", None),
            ("no number", "m", None),
            ("a sign", "-5m", None),
            ("not ASCII", "5µ", None),
            ("empty", "", None),
            ("too long for the type", "99999999h", None),
        ];
        for (case, text, want) in cases {
            assert_eq!(seconds(text), want, "{case}");
        }
    }

    #[test]
    fn every_key_has_a_table_to_stand_in_and_stands_there_once() {
        for key in KEYS {
            let parent = key.parent();
            assert!(parent.is_empty() || KEYS.iter().any(|other| other.inside() == parent), "{}", key.path);
            assert_eq!(KEYS.iter().filter(|other| other.path == key.path).count(), 1, "{}", key.path);
            assert!(key.doc.ends_with('.') && !key.doc.ends_with(".."), "{}", key.path);
        }
    }
}
