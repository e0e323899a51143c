//! A statement as sets: of principals, actions and resources, under conditions; and whether one lies within another.

use super::Statement;
use super::conditions::Condition;
use super::glob::{arn_contains, contains, meet, pattern};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Whether something holds; ordered so that the lesser is the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    Yes,
    /// It cannot be decided.
    Unknown,
    No,
}

impl Fit {
    pub fn surely(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

/// A set of names or patterns, or everything but them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Names {
    pub negated: bool,
    pub items: BTreeSet<String>,
}

impl Names {
    fn everything() -> Self {
        Self { negated: true, items: BTreeSet::new() }
    }
    /// Returns the set of a member and its `Not…`; without either it is everything.
    fn of(listed: &BTreeSet<String>, refused: Option<&Value>) -> Self {
        match refused {
            Some(refused) => Self { negated: true, items: super::texts(refused) },
            None if listed.is_empty() || listed.contains("*") => Self::everything(),
            None => Self { negated: false, items: listed.clone() },
        }
    }
    fn lower(self) -> Self {
        Self { items: self.items.iter().map(|item| item.to_ascii_lowercase()).collect(), ..self }
    }
    fn is_everything(&self) -> bool {
        self.negated && self.items.is_empty()
    }
    fn split(&self) -> Vec<Self> {
        if self.negated {
            return vec![self.clone()];
        }
        self.items.iter().map(|item| Self { negated: false, items: BTreeSet::from([item.clone()]) }).collect()
    }
    /// `within(wide, narrow)` is about one item each; `meets` tells whether two items have anything in common.
    fn fits(
        &self,
        wide: &Self,
        within: impl Fn(&str, &str) -> Fit,
        meets: impl Fn(&str, &str) -> bool,
    ) -> Fit {
        if wide.is_everything() {
            return Fit::Yes;
        }
        let best = |items: &BTreeSet<String>, fit: &dyn Fn(&str) -> Fit| {
            items.iter().map(|item| fit(item)).min().unwrap_or(Fit::No)
        };
        let worst = |items: &BTreeSet<String>, fit: &dyn Fn(&str) -> Fit| {
            items.iter().map(|item| fit(item)).max().unwrap_or(Fit::Yes)
        };
        match (self.negated, wide.negated) {
            (false, false) => worst(&self.items, &|narrow| best(&wide.items, &|other| within(other, narrow))),
            (false, true) => {
                let clear = |item: &String| wide.items.iter().all(|other| !meets(other, item));
                Fit::surely(self.items.iter().all(clear))
            }
            (true, true) => worst(&wide.items, &|refused| best(&self.items, &|other| within(other, refused))),
            (true, false) => Fit::No,
        }
    }
}

/// A statement as sets.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub allows: bool,
    /// `TYPE NAME`.
    pub principals: Names,
    /// Lower case.
    pub actions: Names,
    pub resources: Names,
    pub conditions: Vec<Condition>,
    /// Members that no policy has; AWS refuses them.
    odd: Map<String, Value>,
}

/// A statement is not taken apart into more pieces than this; a dimension that would is left whole.
const MOST_PIECES: usize = 4096;

impl Shape {
    /// Returns the statement's shape; `None` if it neither allows nor denies.
    pub fn of(statement: &Statement) -> Option<Self> {
        let allows = match statement.effect.as_str() {
            "Allow" => true,
            "Deny" => false,
            _ => return None,
        };
        let refused = statement.other.get("NotPrincipal").map(|value| super::principals(value, "aws"));
        let listed = refused.as_ref().unwrap_or(&statement.principal);
        let mut principals = Names::everything();
        let is_anybody = |kind: &str, name: &str| kind == "AWS" && name == "*";
        let pairs = || listed.iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, name)));
        if refused.is_some()
            || (pairs().next().is_some() && !pairs().any(|(kind, name)| is_anybody(kind, name)))
        {
            let items = pairs().map(|(kind, name)| format!("{kind} {name}")).collect();
            principals = Names { negated: refused.is_some(), items };
        }
        let conditions = statement.condition.iter().flat_map(|(operator, keys)| {
            keys.iter().map(|(key, values)| Condition {
                operator: operator.clone(),
                key: key.to_ascii_lowercase(),
                values: values.clone(),
            })
        });
        let mut odd = statement.other.clone();
        odd.retain(|name, _| !matches!(name.as_str(), "NotPrincipal" | "NotAction" | "NotResource"));
        Some(Self {
            allows,
            principals,
            actions: Names::of(&statement.action, statement.other.get("NotAction")).lower(),
            resources: Names::of(&statement.resource, statement.other.get("NotResource")),
            conditions: conditions.collect(),
            odd,
        })
    }

    /// Returns the shape in pieces that together are the same: one principal, action, resource and value each.
    pub fn pieces(&self) -> Vec<Self> {
        let mut pieces = vec![self.clone()];
        let dimensions: [fn(&mut Self) -> &mut Names; 3] =
            [|shape| &mut shape.principals, |shape| &mut shape.actions, |shape| &mut shape.resources];
        for dimension in dimensions {
            let parts = dimension(&mut self.clone()).split();
            if pieces.len() * parts.len() <= MOST_PIECES {
                let with = |piece: &Self, part: &Names| {
                    let mut piece = piece.clone();
                    *dimension(&mut piece) = part.clone();
                    piece
                };
                pieces =
                    pieces.iter().flat_map(|piece| parts.iter().map(move |part| with(piece, part))).collect();
            }
        }
        for (at, condition) in self.conditions.iter().enumerate() {
            let parts = condition.alternatives();
            if parts.len() > 1 && pieces.len() * parts.len() <= MOST_PIECES {
                let with = |piece: &Self, part: &Condition| {
                    let mut piece = piece.clone();
                    piece.conditions[at] = part.clone();
                    piece
                };
                pieces =
                    pieces.iter().flat_map(|piece| parts.iter().map(move |part| with(piece, part))).collect();
            }
        }
        pieces
    }

    /// Returns whether every request that this meets is met by `wide` too, their conditions aside.
    pub fn within_but_for_conditions(&self, wide: &Self) -> Fit {
        let denies = !self.allows;
        Fit::surely(self.odd == wide.odd)
            .min(Fit::Unknown)
            .and(self.principals.fits(
                &wide.principals,
                |wide, narrow| {
                    Fit::surely(
                        wide == narrow || (denies && !self.principals.negated && is_account_of(wide, narrow)),
                    )
                },
                |one, other| {
                    one == other
                        || [one, other].contains(&"AWS *")
                        || is_account_of(one, other)
                        || is_account_of(other, one)
                },
            ))
            .and(self.actions.fits(
                &wide.actions,
                |wide, narrow| Fit::surely(contains(&pattern(wide), &pattern(narrow))),
                |one, other| meet(&pattern(one), &pattern(other)),
            ))
            .and(self.resources.fits(
                &wide.resources,
                |wide, narrow| match () {
                    () if arn_contains(wide, narrow) && (wide == narrow || !has_variable(narrow)) => Fit::Yes,
                    () if has_variable(wide) || has_variable(narrow) => Fit::Unknown,
                    () => Fit::No,
                },
                |one, other| has_variable(one) || has_variable(other) || meet(&pattern(one), &pattern(other)),
            ))
    }

    /// Returns whether every request that this meets is met by `wide` too.
    pub fn within(&self, wide: &Self) -> Fit {
        self.within_but_for_conditions(wide)
            .and(wide.conditions.iter().map(|condition| self.implies(condition)).max().unwrap_or(Fit::Yes))
    }

    /// Returns whether a condition holds for whatever meets this.
    pub fn implies(&self, condition: &Condition) -> Fit {
        let same_key = self.conditions.iter().filter(|mine| mine.key == condition.key);
        same_key.map(|mine| mine.within(condition)).min().unwrap_or(Fit::No)
    }
}

fn has_variable(text: &str) -> bool {
    text.contains("${")
}

/// Returns true if one principal is the account of the other: a denial of an account denies everybody in it (IAM User
/// Guide, "Principal": denying an account), while an allowance only lets the account's own policies decide.
fn is_account_of(account: &str, other: &str) -> bool {
    // AWS arn:aws:iam::111122223333:root
    let part = |text: &str, at: usize| text.split(':').nth(at).map(ToOwned::to_owned);
    account.starts_with("AWS arn:")
        && other.starts_with("AWS arn:")
        && part(account, 5).as_deref() == Some("root")
        && part(account, 4) == part(other, 4)
}
