//! Whether a saved plan still describes the account: what it was made from, against what is now.

use super::{Live, Saved};
use crate::render::document::Row;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Something that is no longer as the plan says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Moved {
    /// An address, `blueprint`, or what else the plan is bound to.
    pub what: String,
    /// Attribute or key that moved; empty if it is the whole thing.
    pub part: String,
    /// What became of it, in one clause.
    pub how: String,
}

impl Moved {
    fn new(what: impl Into<String>, part: impl Into<String>, how: impl Into<String>) -> Self {
        Self { what: what.into(), part: part.into(), how: how.into() }
    }
    /// Returns it as one line.
    pub fn text(&self) -> String {
        let part = if self.part.is_empty() { String::new() } else { format!(" {}", self.part) };
        format!("{}{part}: {}", self.what, self.how)
    }
}

/// Returns everything that moved between two plans of the same question; empty if they are the same plan.
pub fn moved(saved: &Saved, now: &Saved) -> Vec<Moved> {
    let mut found = Vec::new();
    let bound = [
        ("tool version", &saved.tool_version, &now.tool_version),
        ("account", &saved.document.scope.account, &now.document.scope.account),
        ("scope", &saved.document.scope.name, &now.document.scope.name),
        ("home Region", &saved.document.scope.home_region, &now.document.scope.home_region),
        ("partition", &saved.partition, &now.partition),
    ];
    for (what, was, is) in bound {
        if was != is {
            found.push(Moved::new(what, "", format!("the plan is for {was}, this is {is}")));
        }
    }
    if saved.document.target != now.document.target {
        let how = "one is for AWS, the other for the sandbox account";
        found.push(Moved::new("target", "", how));
    }
    blueprint(saved, now, &mut found);
    if found.is_empty() {
        account(&saved.live, &now.live, &mut found);
    }
    // The same blueprint and the same account give the same plan. If they do not, something was read that is not hashed,
    // or this is another build: either way it is not the plan that was reviewed.
    if found.is_empty() && steps(saved) != steps(now) {
        found.push(Moved::new("plan", "", "the same blueprint and account give other steps now"));
    }
    found
}

/// The steps without the approvals that are missing: those are given when the plan is applied.
fn steps(plan: &Saved) -> Vec<Row> {
    plan.document.changes.iter().map(|row| Row { needs: Vec::new(), ..row.clone() }).collect()
}

fn blueprint(saved: &Saved, now: &Saved, found: &mut Vec<Moved>) {
    if saved.blueprint.hash == now.blueprint.hash {
        return;
    }
    let before = found.len();
    each(&saved.blueprint.parts, &now.blueprint.parts, |key, was, is| {
        found.push(Moved::new("blueprint", key, word(was.is_some(), is.is_some())));
    });
    if found.len() == before {
        found.push(Moved::new("blueprint", "", "it is another blueprint than the plan was made from"));
    }
}

fn account(saved: &BTreeMap<String, Live>, now: &BTreeMap<String, Live>, found: &mut Vec<Moved>) {
    each(saved, now, |address, was, is| {
        let word_of = |live: Option<&Live>| live.map_or("absent", |live| live.reading.as_str()).to_owned();
        let (old, new) = (word_of(was), word_of(is));
        if old != new {
            found.push(Moved::new(address, "", format!("it was {old} and is {new}")));
            return;
        }
        let nothing = BTreeMap::new();
        let values = |live: Option<&Live>| live.map_or(&nothing, |live| &live.values).clone();
        each(&values(was), &values(is), |attribute, was, is| {
            found.push(Moved::new(address, attribute, word(was.is_some(), is.is_some())));
        });
    });
}

fn word(was: bool, is: bool) -> &'static str {
    match (was, is) {
        (true, false) => "it is gone",
        (false, true) => "it is new",
        _ => "it has another value now",
    }
}

/// Calls `differs` for every key whose values are not the same.
fn each<V: PartialEq>(
    was: &BTreeMap<String, V>,
    is: &BTreeMap<String, V>,
    mut differs: impl FnMut(&str, Option<&V>, Option<&V>),
) {
    let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for key in keys {
        let (was, is) = (was.get(key), is.get(key));
        if was != is {
            differs(key, was, is);
        }
    }
}

/// Returns true if what the plan promised is already there: it had something to do, and nothing of it is left.
pub fn is_spent(saved: &Saved, now: &Saved) -> bool {
    let promised = saved.document.changes.iter().any(|row| row.blocked.is_none());
    promised && now.document.is_empty() && saved.blueprint.hash == now.blueprint.hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::saved::tests::saved;

    type Change = fn(&mut Saved);

    #[test]
    fn each_thing_that_moved_is_named() {
        let cases: [(&str, Change, &[&str]); 10] = [
            ("nothing", |_| {}, &[]),
            ("when and by whom it was made", |now| now.made_by = "somebody".into(), &[]),
            ("release", |now| now.tool_version = "9.9.9".into(), &["tool version: the plan is for "]),
            (
                "account",
                |now| now.document.scope.account = "444455556666".into(),
                &["account: the plan is for 111122223333, this is 444455556666"],
            ),
            (
                "blueprint",
                |now| {
                    now.blueprint.hash = "other".into();
                    now.blueprint.parts.insert("trail.log_group".into(), "other".into());
                    now.blueprint.parts.remove("scope.name");
                },
                &["blueprint scope.name: it is gone", "blueprint trail.log_group: it has another value now"],
            ),
            (
                "a value",
                |now| {
                    let live = now.live.get_mut("trail.main@111122223333/eu-central-1").expect("there");
                    live.values.insert("event_selectors".into(), "other".into());
                },
                &["trail.main@111122223333/eu-central-1 event_selectors: it has another value now"],
            ),
            (
                "gone",
                |now| {
                    let live = now.live.get_mut("trail.main@111122223333/eu-central-1").expect("there");
                    *live = Live { reading: "absent".into(), values: BTreeMap::new() };
                },
                &["trail.main@111122223333/eu-central-1: it was found and is absent"],
            ),
            (
                "unreadable",
                |now| {
                    let live = Live { reading: "unreadable".into(), values: BTreeMap::new() };
                    now.live.insert("log_group.*@111122223333/eu-central-1".into(), live);
                },
                &["log_group.*@111122223333/eu-central-1: it was absent and is unreadable"],
            ),
            (
                "the steps alone",
                |now| now.document.changes.clear(),
                &["plan: the same blueprint and account give other steps now"],
            ),
            (
                "sandbox",
                |now| now.document.target = crate::render::document::Place::Aws,
                &["target: one is for AWS"],
            ),
        ];
        for (name, change, want) in cases {
            let mut now = saved();
            change(&mut now);
            let found: Vec<String> = moved(&saved(), &now).iter().map(Moved::text).collect();
            assert_eq!(found.len(), want.len(), "{name}: {found:?}");
            for (text, want) in found.iter().zip(want) {
                assert!(text.starts_with(want), "{name}: {text}");
            }
        }
    }

    #[test]
    fn a_plan_is_spent_once_nothing_of_it_is_left() {
        let mut now = saved();
        assert!(!is_spent(&saved(), &now));
        now.document.changes.clear();
        assert!(is_spent(&saved(), &now));
        let mut empty = saved();
        empty.document.changes.clear();
        assert!(!is_spent(&empty, &now), "a plan that promised nothing is not used up");
    }
}
