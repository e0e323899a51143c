//! What a change does to the audit record: the lines below a plan's summary.

use super::recording::{Recording, evidence};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How much of an operation's calls is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Only for some Regions, resources, callers or sizes, or it cannot be told.
    Partial,
    /// Every call, in every Region of the account.
    Full,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Partial => "in part",
            Self::Full => "in full",
        })
    }
}

/// The difference between two settings of the record. Every list is sorted and names operations by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Was not recorded at all; ends in ` (in part)` where only some calls will be.
    pub newly_recorded: Vec<String>,
    /// Was recorded, in full or in part, and will not be at all.
    pub no_longer_recorded: Vec<String>,
    /// Still recorded, but fewer of its calls, or at least some that were recorded are not certain to be any more.
    pub weaker: Vec<String>,
    /// Was recorded, and more of its calls will be.
    pub stronger: Vec<String>,
}

impl Effect {
    /// Tells whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// Tells whether something that is recorded may not be any more.
    pub fn loses(&self) -> bool {
        !self.no_longer_recorded.is_empty() || !self.weaker.is_empty()
    }

    /// Adds another effect, on other operations: invocation logging beside the trail.
    pub fn merge(&mut self, other: Self) {
        let pairs = [
            (&mut self.newly_recorded, other.newly_recorded),
            (&mut self.no_longer_recorded, other.no_longer_recorded),
            (&mut self.weaker, other.weaker),
            (&mut self.stronger, other.stronger),
        ];
        for (own, others) in pairs {
            own.extend(others);
            own.sort();
            own.dedup();
        }
    }

    /// Compares two sets of recorded operations by their level alone.
    pub fn between(before: &BTreeMap<String, Level>, after: &BTreeMap<String, Level>) -> Self {
        let mut effect = Self::default();
        for id in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let (was, is) = (before.get(id).copied(), after.get(id).copied());
            effect.note(id, was, is, is >= was, was >= is);
        }
        effect
    }

    /// Files one operation; `covers`: nothing recorded before can be missed after, `covered`: the reverse.
    fn note(&mut self, id: &str, was: Option<Level>, is: Option<Level>, covers: bool, covered: bool) {
        match (was, is) {
            (None, Some(Level::Full)) => self.newly_recorded.push(id.into()),
            (None, Some(level)) => self.newly_recorded.push(format!("{id} ({level})")),
            (Some(_), None) => self.no_longer_recorded.push(id.into()),
            (Some(_), Some(_)) if !covers => self.weaker.push(id.into()),
            (Some(_), Some(_)) if !covered => self.stronger.push(id.into()),
            _ => {}
        }
    }
}

/// Returns what changing a trail from `before` to `after` does; `None`: there is no trail.
///
/// Looks deeper than levels: an operation recorded in part before and after counts as weaker unless every selector
/// that admitted some of its calls is contained in one that does now.
pub fn effect(before: Option<&Recording>, after: Option<&Recording>) -> Effect {
    let (before, after) = (evidence(before), evidence(after));
    let mut effect = Effect::default();
    for id in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (before.get(id), after.get(id));
        let (covers, covered) = match (was, is) {
            (Some(was), Some(is)) => (is.covers(was), was.covers(is)),
            _ => (is.is_some(), was.is_some()),
        };
        effect.note(id, was.map(|e| e.level()), is.map(|e| e.level()), covers, covered);
    }
    effect
}
