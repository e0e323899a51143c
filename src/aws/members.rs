//! Members of answers that this version does not know.
//!
//! A setting that AWS has only as a whole document is read, changed and written back. The SDK drops members that are
//! newer than itself, and so would the write: silently. Before the SDK's answer is used, the raw one is therefore held
//! against the list of members that are understood here, and the rest is named. What the list has is in the state, so
//! that a difference names it, or is something that only AWS decides.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// A document that is read by one operation.
#[derive(Debug)]
pub struct Document {
    /// What it is, in words that complete `a member of …`.
    pub what: &'static str,
    /// Call that replaces the whole document, as plans name it; `None` if the API changes only what it is told.
    pub call: Option<&'static str>,
    /// Paths of the members that are understood, parts joined by dots; lists are passed through. In XML they start
    /// below the root element. One that ends in `.*` stands for everything under it.
    pub members: &'static [&'static str],
}

/// Members of one document that are not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As [`Document::what`].
    pub what: &'static str,
    /// As [`Document::call`].
    pub call: Option<&'static str>,
    /// Their paths.
    pub members: BTreeSet<String>,
}

impl Unknown {
    /// Returns what is not understood and what follows from it, without a full stop.
    #[must_use]
    pub fn text(&self) -> String {
        let names: Vec<String> = self.members.iter().map(|member| format!("`{member}`")).collect();
        let (members, them) = match names.len() {
            1 => (format!("a member {}", names[0]), "it"),
            _ => (format!("members {}", names.join(", ")), "them"),
        };
        let then = match self.call {
            Some(call) => format!(
                "writing it back would drop {them}, so {call} is held: update auditscope, or change it by hand"
            ),
            None if names.len() == 1 => "changes leave it as it is".to_owned(),
            None => "changes leave them as they are".to_owned(),
        };
        format!("AWS tells {members} of {} that this version does not know; {then}", self.what)
    }
}

/// Collects what the answers about one resource have that is not understood.
#[derive(Clone, Debug, Default)]
pub struct Members {
    found: Arc<Mutex<BTreeMap<&'static str, Unknown>>>,
}

impl Members {
    /// Returns an interceptor for a read of a document.
    pub fn of(&self, document: &'static Document) -> Watch {
        Watch { document, found: self.found.clone() }
    }
    /// Returns what was found, one entry a document.
    pub fn unknown(&self) -> Vec<Unknown> {
        self.found.lock().expect("no panic while the lock is held").values().cloned().collect()
    }
}

/// Looks at the raw answer of one call.
#[derive(Debug)]
pub struct Watch {
    document: &'static Document,
    found: Arc<Mutex<BTreeMap<&'static str, Unknown>>>,
}

#[dyn_dispatch_hint]
impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "UnknownMembers"
    }
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // An error is a document of its own. An answer that the SDK understood is text.
        let body = context.response().body().bytes().and_then(|body| std::str::from_utf8(body).ok());
        if let (Ok(_), Some(body)) = (context.output_or_error(), body) {
            let members = unknown(body, self.document.members);
            if !members.is_empty() {
                let Document { what, call, .. } = *self.document;
                let mut found = self.found.lock().expect("no panic while the lock is held");
                let entry =
                    found.entry(what).or_insert_with(|| Unknown { what, call, members: BTreeSet::new() });
                entry.members.extend(members);
            }
        }
        Ok(())
    }
}

/// Returns the paths in a body of JSON or XML that are not understood, each without what is below it.
fn unknown(body: &str, members: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if body.trim_start().starts_with('<') {
        in_xml(body, members, &mut found);
    } else if let Ok(value) = serde_json::from_str::<Value>(body) {
        in_json("", &value, members, &mut found);
    }
    found
}

/// Returns true if a path is a member that is understood, or the way to one.
fn is_known(path: &str, members: &[&str]) -> bool {
    members.iter().any(|member| match member.strip_suffix(".*") {
        Some(above) => {
            above == path
                || above.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
                || path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'))
        }
        None => member.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
    })
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn in_json(path: &str, value: &Value, members: &[&str], found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| in_json(path, item, members, found)),
        Value::Object(object) => {
            // Null is how some answers say that there is nothing.
            for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
                let inside = joined(path, name);
                if is_known(&inside, members) {
                    in_json(&inside, value, members, found);
                } else {
                    found.insert(inside);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn in_xml(body: &str, members: &[&str], found: &mut BTreeSet<String>) {
    let mut reader = Reader::from_str(body);
    let mut open: Vec<String> = Vec::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(ref element) | Event::Empty(ref element) => {
                let name = element.local_name();
                let parent = open.last().map_or("", String::as_str);
                // The root has no path of its own, and what is under an unknown member is not named again.
                let path = if open.is_empty() { String::new() } else { joined(parent, name.as_ref()) };
                let above = open.len() < 2 || is_known(parent, members);
                if !path.is_empty() && above && !is_known(&path, members) {
                    found.insert(path.clone());
                }
                if matches!(event, Event::Start(_)) {
                    open.push(path);
                }
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["A", "B.C", "B.D.E", "X.*"];

    #[test]
    fn what_is_not_understood_is_named_once_and_at_its_top() {
        let cases: [(&str, &str, &[&str]); 10] = [
            ("nothing new", r#"{"A": 1, "B": {"C": [], "D": [{"E": 1}]}}"#, &[]),
            ("a new member", r#"{"A": 1, "N": {"C": 1}}"#, &["N"]),
            ("in a list", r#"{"B": {"D": [{"E": 1}, {"N": 1}]}}"#, &["B.D.N"]),
            ("null is nothing", r#"{"N": null}"#, &[]),
            ("everything under one", r#"{"X": {"Y": {"Z": 1}}}"#, &[]),
            ("no document", "", &[]),
            ("XML", "<R xmlns='u'><A>1</A><B><C/><D><E>1</E></D></B></R>", &[]),
            ("XML, new", "<?xml version='1.0'?><R><N><C>1</C></N><B><N/></B></R>", &["B.N", "N"]),
            ("XML, a list", "<R><B><D><E>1</E></D><D><N>1</N></D></B><X><Y><Z/></Y></X></R>", &["B.D.N"]),
            ("a name is known in its place only", "<R><C>1</C></R>", &["C"]),
        ];
        for (case, body, want) in cases {
            let got = unknown(body, KNOWN);
            assert_eq!(got.iter().map(String::as_str).collect::<Vec<_>>(), want, "{case}");
        }
    }

    #[test]
    fn it_says_what_follows() {
        let of = |call, members: &[&str]| {
            let members = members.iter().map(|member| (*member).to_owned()).collect();
            Unknown { what: "the selectors", call, members }.text()
        };
        assert_eq!(
            of(Some("PutEventSelectors"), &["N"]),
            "AWS tells a member `N` of the selectors that this version does not know; writing it back would drop it, \
             so PutEventSelectors is held: update auditscope, or change it by hand"
        );
        assert_eq!(
            of(None, &["M", "N"]),
            "AWS tells members `M`, `N` of the selectors that this version does not know; changes leave them as they are"
        );
    }
}
