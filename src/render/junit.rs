//! A drift as JUnit XML: one test a resource, so that a CI system's own page shows which of them fail.

use crate::engine::plan::Action;
use crate::model::Address;
use crate::render::document::{Document, Row};
use crate::render::value::short;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::collections::BTreeMap;

/// How one test ended.
enum End {
    Passed,
    /// Summary, and everything there is to say.
    Failed(String, String),
    /// It could not be looked at.
    Broken(String, String),
}

/// Returns the document: a suite a kind and place, a test a resource; those of `unchanged` pass.
pub fn drift<'a>(document: &Document, unchanged: impl IntoIterator<Item = &'a Address>) -> String {
    let mut suites: BTreeMap<String, BTreeMap<String, End>> = BTreeMap::new();
    let mut add = |address: &str, end: End| {
        let (head, place) = address.split_once('@').unwrap_or((address, ""));
        let kind = head.split_once('.').map_or(head, |(kind, _)| kind);
        let suite = if place.is_empty() { kind.to_owned() } else { format!("{kind}@{place}") };
        suites.entry(suite).or_default().insert(head.to_owned(), end);
    };
    for address in unchanged {
        add(&address.to_string(), End::Passed);
    }
    let mut failures: BTreeMap<&Address, Vec<String>> = BTreeMap::new();
    for row in document.rows() {
        failures.insert(&row.address, lines(row));
    }
    for left in &document.unrepaired {
        let text = format!("{}: {} was added; {}", left.attribute, short(&left.before), left.why);
        failures.entry(&left.address).or_default().push(text);
    }
    for (address, lines) in failures {
        let first = lines.first().cloned().unwrap_or_default();
        add(&address.to_string(), End::Failed(first, lines.join("\n")));
    }
    for rows in document.unreadable.chunk_by(|a, b| a.address == b.address) {
        let texts: Vec<String> = rows
            .iter()
            .map(|row| {
                format!("{}; {}", row.message, row.hint.as_deref().unwrap_or("nothing is known of it"))
            })
            .collect();
        let first = texts.first().cloned().unwrap_or_default();
        add(&rows[0].address, End::Broken(first, texts.join("\n")));
    }
    write(&document.verb, &suites)
}

fn lines(row: &Row) -> Vec<String> {
    match row.action {
        Action::Create => vec![format!("missing: {}", row.reason)],
        Action::Foreign => vec![row.reason.clone()],
        _ => {
            let told = row.attributes.iter();
            told.map(|change| {
                format!("{} is {}, wanted {}", change.path, short(&change.before), short(&change.after))
            })
            .collect()
        }
    }
}

fn write(verb: &str, suites: &BTreeMap<String, BTreeMap<String, End>>) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // The writer's only errors are those of the place it writes to, and a list of bytes has none.
    let mut put = |event: Event<'_>| writer.write_event(event).expect("memory takes every byte");
    let count = |wanted: fn(&End) -> bool| -> String {
        suites.values().flat_map(BTreeMap::values).filter(|end| wanted(end)).count().to_string()
    };
    put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let mut root = BytesStart::new("testsuites");
    root.push_attribute(("name", format!("auditscope {verb}").as_str()));
    root.push_attribute(("tests", count(|_| true).as_str()));
    root.push_attribute(("failures", count(|end| matches!(end, End::Failed(..))).as_str()));
    root.push_attribute(("errors", count(|end| matches!(end, End::Broken(..))).as_str()));
    put(Event::Start(root));
    for (name, tests) in suites {
        let of = |wanted: fn(&End) -> bool| tests.values().filter(|end| wanted(end)).count().to_string();
        let mut suite = BytesStart::new("testsuite");
        suite.push_attribute(("name", name.as_str()));
        suite.push_attribute(("tests", tests.len().to_string().as_str()));
        suite.push_attribute(("failures", of(|end| matches!(end, End::Failed(..))).as_str()));
        suite.push_attribute(("errors", of(|end| matches!(end, End::Broken(..))).as_str()));
        put(Event::Start(suite));
        for (test, end) in tests {
            let mut case = BytesStart::new("testcase");
            case.push_attribute(("classname", name.as_str()));
            case.push_attribute(("name", test.as_str()));
            let (word, message, body) = match end {
                End::Passed => {
                    put(Event::Empty(case));
                    continue;
                }
                End::Failed(message, body) => ("failure", message, body),
                End::Broken(message, body) => ("error", message, body),
            };
            put(Event::Start(case));
            let mut inner = BytesStart::new(word);
            inner.push_attribute(("message", legal(message).as_str()));
            put(Event::Start(inner));
            put(Event::Text(BytesText::new(&legal(body))));
            put(Event::End(BytesEnd::new(word)));
            put(Event::End(BytesEnd::new("testcase")));
        }
        put(Event::End(BytesEnd::new("testsuite")));
    }
    put(Event::End(BytesEnd::new("testsuites")));
    let mut text = String::from_utf8(writer.into_inner()).expect("what was written is text");
    text.push('\n');
    text
}

/// Leaves out the characters that XML 1.0 cannot hold in any spelling (XML 1.0, production Char), and the other controls.
fn legal(text: &str) -> String {
    let is_legal =
        |c: &char| !matches!(c, '\u{fffe}' | '\u{ffff}') && (!c.is_control() || matches!(c, '\n' | '\t'));
    text.chars().filter(is_legal).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(super::legal("a\u{1b}b\u{fffe}c\u{ffff}d\u{0}\n\te\u{1f600}"), "abcd\n\te\u{1f600}");
    }
}
