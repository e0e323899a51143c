//! What a change of a policy means: who may newly do what, what is no longer denied, what is taken away.
//!
//! Both policies are sets of requests. The comparison takes the statements of one into pieces of one principal, action,
//! resource and condition value each, and looks for one statement of the other that surely holds each piece. So order,
//! Sids, repetition and statements that are split or merged mean nothing. A piece that no single statement holds is
//! told, also where several statements together would: this errs towards telling too much. What cannot be decided (a
//! network range against another, a policy variable) is told as undecided, never left out.

use super::Policy;
use super::shape::{Fit, Names, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Anybody, or whoever carries the policy if it is not a resource's.
    Everybody,
    /// Anybody but these principals.
    EverybodyBut(BTreeSet<String>),
    /// An AWS service such as `cloudtrail.amazonaws.com`.
    Service(String),
    /// A principal of another type (`AWS`, `Federated`, `CanonicalUser`) by its name.
    Principal(String),
}

/// Why a grant or a denial is not the same as before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Nothing of the kind was there.
    New,
    /// It was there under conditions on these keys, which are gone or wider.
    Condition(BTreeSet<String>),
    /// It cannot be decided whether it was there; the keys whose conditions cannot be compared, if it is those.
    Unclear(BTreeSet<String>),
}

/// What one principal may do on one side and not on the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub who: Who,
    /// As shown: `s3:GetObject`, or `everything but …`.
    pub actions: BTreeSet<String>,
    /// Empty if the policy names no resources (a role's trust).
    pub resources: BTreeSet<String>,
    pub why: Why,
}

/// What one statement denies on one side and nothing denies on the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denial {
    /// Sid, or a mark of the content of a statement without one.
    pub sid: String,
    /// True if nothing of it is left.
    pub whole: bool,
    pub actions: BTreeSet<String>,
    pub why: Why,
}

/// What tells two policies apart in meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What the second may grant beyond the first.
    pub wider: BTreeSet<Grant>,
    /// What the first may grant beyond the second.
    pub narrower: BTreeSet<Grant>,
    /// What the first may deny beyond the second.
    pub denials_gone: BTreeSet<Denial>,
    /// What the second may deny beyond the first.
    pub denials_added: BTreeSet<Denial>,
    /// True if the policy versions differ and policy variables make that matter (IAM User Guide, "Version").
    pub unclear_version: bool,
}

impl Comparison {
    /// Returns the comparison of one policy with another.
    #[must_use]
    pub fn of(before: &Policy, after: &Policy) -> Self {
        let has_variable =
            |policy: &Policy| policy.statements.values().any(|one| one.to_json().to_string().contains("${"));
        let unclear_version =
            before.version != after.version && (has_variable(before) || has_variable(after));
        let (old, new) = (shapes(before), shapes(after));
        Self {
            wider: grants(&new, &old),
            narrower: grants(&old, &new),
            denials_gone: denials(&old, &new),
            denials_added: denials(&new, &old),
            unclear_version,
        }
    }
    /// Returns true if both mean the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        *self == Self::default()
    }
    /// Returns true if the second may allow some request that the first does not.
    #[must_use]
    pub fn is_wider(&self) -> bool {
        !self.wider.is_empty() || !self.denials_gone.is_empty() || self.unclear_version
    }
    /// Returns true if the first may allow some request that the second does not.
    #[must_use]
    pub fn is_narrower(&self) -> bool {
        !self.narrower.is_empty() || !self.denials_added.is_empty() || self.unclear_version
    }
}

fn shapes(policy: &Policy) -> Vec<(&str, Shape)> {
    policy.statements().filter_map(|(sid, statement)| Some((sid, Shape::of(statement)?))).collect()
}

/// Returns why a piece is held by none of the shapes; `None` if one holds it. One of `kept`, which was there all along, is
/// not what became of it.
fn why(piece: &Shape, shapes: &[(&str, Shape)], kept: &[(&str, Shape)]) -> Option<Why> {
    let alike = || shapes.iter().map(|(_, shape)| shape).filter(|shape| shape.allows == piece.allows);
    let best = alike().map(|shape| piece.within(shape)).min().unwrap_or(Fit::No);
    if best == Fit::Yes {
        return None;
    }
    // Of the statements that would hold it but for their conditions, the nearest one tells what differs.
    let keys = |shape: &Shape, least: Fit| -> BTreeSet<String> {
        let differs = shape.conditions.iter().filter(|condition| piece.implies(condition) >= least);
        differs.map(|condition| super::spelled(&condition.key)).collect()
    };
    if best == Fit::Unknown {
        let near = alike().find(|shape| piece.within(shape) == Fit::Unknown);
        return Some(Why::Unclear(near.map(|shape| keys(shape, Fit::Unknown)).unwrap_or_default()));
    }
    let near = alike()
        .filter(|shape| kept.iter().all(|(_, other)| other != *shape))
        .filter(|shape| piece.within_but_for_conditions(shape) == Fit::Yes)
        .map(|shape| keys(shape, Fit::No))
        .min_by_key(BTreeSet::len);
    Some(near.map_or(Why::New, Why::Condition))
}

/// Returns what `these` allow and `others` do not.
fn grants(these: &[(&str, Shape)], others: &[(&str, Shape)]) -> BTreeSet<Grant> {
    let mut all = BTreeSet::new();
    for (_, shape) in these.iter().filter(|(_, shape)| shape.allows) {
        // What one statement gives to one principal is one grant.
        let mut parts: BTreeMap<(Who, Why), (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
        for piece in shape.pieces() {
            if let Some(why) = why(&piece, others, &[]) {
                let (actions, resources) = parts.entry((who(&piece.principals), why)).or_default();
                actions.extend(shown(&piece.actions));
                resources.extend(shown(&piece.resources));
            }
        }
        all.extend(parts.into_iter().map(|((who, why), (actions, resources))| Grant {
            who,
            actions,
            resources,
            why,
        }));
    }
    all
}

/// Returns what `these` deny and `others` do not.
fn denials(these: &[(&str, Shape)], others: &[(&str, Shape)]) -> BTreeSet<Denial> {
    let mut all = BTreeSet::new();
    for (sid, shape) in these.iter().filter(|(_, shape)| !shape.allows) {
        let pieces = shape.pieces();
        let gone: Vec<(&Shape, Why)> =
            pieces.iter().filter_map(|piece| Some((piece, why(piece, others, these)?))).collect();
        let whole = gone.len() == pieces.len() && gone.iter().all(|(_, why)| *why == Why::New);
        let mut parts: BTreeMap<Why, BTreeSet<String>> = BTreeMap::new();
        for (piece, why) in gone {
            parts.entry(why).or_default().extend(shown(&piece.actions));
        }
        all.extend(parts.into_iter().map(|(why, actions)| Denial {
            sid: (*sid).to_owned(),
            whole,
            actions,
            why,
        }));
    }
    all
}

fn who(names: &Names) -> Who {
    let name = |item: &String| item.split_once(' ').map_or_else(|| item.clone(), |(_, name)| name.to_owned());
    match names.items.first() {
        None => Who::Everybody,
        Some(_) if names.negated => Who::EverybodyBut(names.items.iter().map(name).collect()),
        Some(item) if item.starts_with("Service ") => Who::Service(name(item)),
        Some(item) => Who::Principal(name(item)),
    }
}

fn shown(names: &Names) -> BTreeSet<String> {
    match names.negated {
        true if names.items.is_empty() => BTreeSet::new(),
        true => {
            let items: Vec<&str> = names.items.iter().map(String::as_str).collect();
            BTreeSet::from([format!("everything but {}", items.join(", "))])
        }
        false => names.items.iter().map(|item| spelled_if_action(item)).collect(),
    }
}

/// Actions are compared in lower case and shown as AWS writes them; a resource is no action and stays as it is.
fn spelled_if_action(item: &str) -> String {
    if item.starts_with("arn:") { item.to_owned() } else { super::spelled(item) }
}
