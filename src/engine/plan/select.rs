//! `--target` and `--exclude`: a part of a plan that holds together.
//!
//! A target brings the steps it waits for. An excluded step takes those along that cannot do without it: a thing that is
//! there can be used although it differs, one that is not there cannot.

use super::order::is_named;
use super::{Action, Goal, Intent, Plan, Step, sources};
use crate::aws::Note;
use crate::blueprint::problem::nearest;
use crate::engine::observe::Observation;
use crate::kinds::{Kind, Resource, trail};
use crate::model::{Address, AddressPattern, Scope};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a plan was narrowed to, and what that brought and took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// `--target`, as typed.
    pub targets: Vec<String>,
    /// `--exclude`, as typed.
    pub excludes: Vec<String>,
    pub pulled_in: Vec<PulledIn>,
    pub left_out: Vec<LeftOut>,
    /// Number of steps that are selected.
    pub steps: usize,
    /// Number of steps of the whole plan that are not.
    pub outside: usize,
}

/// A step that no target names and that one of them waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PulledIn {
    pub address: Address,
    /// The selected step that waits for it.
    #[serde(rename = "for")]
    pub wanted_by: Address,
}

/// A step that would be done if nothing were excluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub address: Address,
    /// Why, in one clause.
    pub because: String,
}

/// Why a selection makes no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// Most likely a slip.
    #[error("{flag} {pattern} matches nothing in the blueprint or the account")]
    Nothing {
        /// `--target` or `--exclude`.
        flag: &'static str,
        pattern: String,
        /// The address that was probably meant.
        near: Option<String>,
    },
    /// A target that cannot do without an excluded step.
    #[error("{target} is a target and {excluded} is excluded, but {because}")]
    Contradiction {
        target: String,
        excluded: String,
        /// How one leads to the other.
        because: String,
    },
}

impl SelectionError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Nothing { flag, near: Some(near), .. } => format!("did you mean `{flag} {near}`?"),
            Self::Nothing { .. } => "`plan --show-unchanged` lists every address".into(),
            Self::Contradiction { target, excluded, .. } => {
                format!("drop `--exclude {excluded}`, or leave {target} for later with `--exclude {target}`")
            }
        }
    }
}

/// Takes out of a plan what is not selected. Its steps are in order; nothing is blocked yet for waiting.
///
/// # Errors
/// A pattern that matches nothing, a target that cannot do without what is excluded.
pub(super) fn narrow(
    plan: &mut Plan,
    seen: &Observation,
    home: &Scope,
    intent: &Intent,
) -> Result<(), SelectionError> {
    if intent.target.is_empty() && intent.exclude.is_empty() {
        return Ok(());
    }
    check(plan, seen, intent)?;
    let all: Vec<usize> = (0..plan.steps.len()).collect();
    let targeted = |address: &Address| Intent::names(&intent.target, address);
    let named: BTreeSet<usize> = all
        .iter()
        .copied()
        .filter(|at| intent.target.is_empty() || targeted(&plan.steps[*at].address))
        .collect();
    let graph = Graph::of(plan, home);
    let out = graph.without(&plan.steps, &intent.exclude);
    if !intent.target.is_empty() {
        graph.contradiction(&plan.steps, &named, &out)?;
    }
    let (wanted, _) = graph.closure(&named, &BTreeMap::new());
    let (kept, pulled) = graph.closure(&named, &out);
    let address = |at: &usize| plan.steps[*at].address.clone();
    let selection = Selection {
        targets: intent.target.iter().map(ToString::to_string).collect(),
        excludes: intent.exclude.iter().map(ToString::to_string).collect(),
        pulled_in: pulled
            .iter()
            .map(|(at, by)| PulledIn { address: address(at), wanted_by: address(by) })
            .collect(),
        left_out: out
            .iter()
            .filter(|(at, _)| wanted.contains(*at))
            .map(|(at, out)| LeftOut { address: address(at), because: out.text() })
            .collect(),
        steps: kept.len(),
        outside: plan.steps.len() - kept.len(),
    };
    let goes_on = graph.goes_on(&plan.steps, &kept, &out);
    plan.notes.extend(goes_on);
    plan.notes.sort();
    let mut at = 0;
    plan.steps.retain(|_| {
        at += 1;
        kept.contains(&(at - 1))
    });
    retain_the_rest(plan, intent);
    plan.selection = Some(selection);
    Ok(())
}

/// What is not a step follows its address.
fn retain_the_rest(plan: &mut Plan, intent: &Intent) {
    let steps: BTreeSet<Address> = plan.steps.iter().map(|step| step.address.clone()).collect();
    let selected = |address: &Address| {
        !Intent::names(&intent.exclude, address)
            && (intent.target.is_empty() || Intent::names(&intent.target, address) || steps.contains(address))
    };
    plan.left_over.retain(|left| selected(&left.address));
    plan.unrepaired.retain(|left| selected(&left.address));
    plan.unchanged.retain(|same| selected(&same.address));
    plan.errors.retain(|address, _| steps.contains(address));
    plan.blind.retain(|(kind, scope, _)| {
        intent.target.is_empty() || intent.target.iter().any(|pattern| pattern.may_be(*kind, scope))
    });
}

fn check(plan: &Plan, seen: &Observation, intent: &Intent) -> Result<(), SelectionError> {
    let steps = plan.steps.iter().map(|step| &step.address);
    let known: BTreeSet<&Address> = seen.readings.keys().chain(steps).chain(&intent.gone).collect();
    let flags = [("--target", &intent.target), ("--exclude", &intent.exclude)];
    for (flag, pattern) in flags.into_iter().flat_map(|(flag, list)| list.iter().map(move |one| (flag, one)))
    {
        let hidden = seen.blind.iter().any(|(kind, scope, _)| pattern.may_be(*kind, scope));
        if hidden || known.iter().any(|address| pattern.matches(address)) {
            continue;
        }
        let text = pattern.to_string();
        let names: BTreeSet<String> = known
            .iter()
            .map(|address| if text.contains('@') { address.to_string() } else { address.short() })
            .collect();
        let near = nearest(&text, names.iter().map(String::as_str)).map(ToOwned::to_owned);
        return Err(SelectionError::Nothing { flag, pattern: text, near });
    }
    Ok(())
}

/// A step that another waits for.
struct Link {
    to: usize,
    /// Why the other cannot do without it, as the rest of a sentence about it; `None` if it can.
    without: Option<String>,
}

/// A step that is left out.
enum Out {
    ByName,
    With { cause: usize, why: String },
}

impl Out {
    fn text(&self) -> String {
        match self {
            Self::ByName => "it is excluded".into(),
            Self::With { why, .. } => format!("it {why}"),
        }
    }
}

/// What each step waits for, by index.
struct Graph<'a> {
    links: Vec<Vec<Link>>,
    home: &'a Scope,
}

impl<'a> Graph<'a> {
    fn of(plan: &Plan, home: &'a Scope) -> Self {
        let steps = &plan.steps;
        let at: BTreeMap<&Address, usize> =
            steps.iter().enumerate().map(|(at, step)| (&step.address, at)).collect();
        let mut graph = Self { links: Vec::new(), home };
        for step in steps {
            let links = match (step.action, plan.goal) {
                (Action::Delete, _) => graph.users(step, steps),
                // A release writes one tag, whatever else is done.
                (_, Goal::Destroy) => Vec::new(),
                (_, Goal::Converge) => graph
                    .inputs(step, steps, &at)
                    .into_iter()
                    .chain(graph.counters(step, steps))
                    .chain(graph.region(step, steps, &at))
                    .collect(),
            };
            graph.links.push(links);
        }
        graph
    }

    /// Steps that give what this one takes in.
    fn inputs(&self, step: &Step, steps: &[Step], at: &BTreeMap<&Address, usize>) -> Vec<Link> {
        let sources = step.desired.as_ref().map(sources).unwrap_or_default();
        let links = sources.iter().filter_map(|source| at.get(source)).map(|to| {
            let lack = lack(&steps[*to]);
            let without = lack.map(|lack| format!("needs {}, which {lack}", self.name(&steps[*to])));
            Link { to: *to, without }
        });
        links.collect()
    }

    /// Filters that count what an alarm watches. Nothing of a filter goes into its alarm, but an alarm without it can
    /// never fire.
    fn counters(&self, step: &Step, steps: &[Step]) -> Vec<Link> {
        let Some(alarm) = step.desired.as_ref() else { return Vec::new() };
        let fits = |other: &Step| {
            other.address.scope == step.address.scope
                && other.desired.as_ref().is_some_and(|filter| watches(alarm, filter))
        };
        let links = steps.iter().enumerate().filter(|(_, other)| fits(other)).map(|(to, other)| {
            let without = lack(other);
            Link {
                to,
                without: without
                    .map(|lack| format!("watches what {} counts, which {lack}", self.name(other))),
            }
        });
        links.collect()
    }

    /// The home trail, if its tag does not list the step's Region yet: what is written where the tag does not point is
    /// forgotten once the blueprint drops the Region.
    fn region(&self, step: &Step, steps: &[Step], at: &BTreeMap<&Address, usize>) -> Option<Link> {
        if step.address.scope == *self.home {
            return None;
        }
        let to = *at.get(&Address::new(Kind::Trail, "main", self.home))?;
        let listed = match steps[to].observed.as_ref().map(|found| &found.state) {
            Some(Resource::Trail(trail)) if lack(&steps[to]).is_none() => {
                trail::regions_of(&trail.tags).contains(&step.address.scope.region)
            }
            _ => false,
        };
        let why = format!("is in a Region that {} does not list yet", self.name(&steps[to]));
        (!listed).then_some(Link { to, without: Some(why) })
    }

    /// Steps after which nothing uses any more what this one deletes.
    fn users(&self, step: &Step, steps: &[Step]) -> Vec<Link> {
        let is_filter = step.address.kind == Kind::MetricFilter;
        let uses = |state: &Resource| {
            !is_filter && state.inputs().iter().any(|input| is_named(step, input.text()))
                || step.observed.as_ref().is_some_and(|found| watches(state, &found.state))
        };
        let lets_go = |other: &Step| {
            may_use(other.address.kind, step.address.kind)
                && other.address != step.address
                && other.address.scope == step.address.scope
                && other.observed.as_ref().is_some_and(|found| uses(&found.state))
                && (other.action == Action::Delete || !other.desired.as_ref().is_some_and(uses))
        };
        let links = steps
            .iter()
            .enumerate()
            .filter(|(_, other)| lets_go(other))
            .map(|(to, other)| Link { to, without: Some(format!("is still used by {}", self.name(other))) });
        links.collect()
    }

    /// Steps that are left out: those named, and those that cannot do without one of them.
    fn without(&self, steps: &[Step], exclude: &[AddressPattern]) -> BTreeMap<usize, Out> {
        let mut out: BTreeMap<usize, Out> = steps
            .iter()
            .enumerate()
            .filter(|(_, step)| Intent::names(exclude, &step.address))
            .map(|(at, _)| (at, Out::ByName))
            .collect();
        loop {
            let fallen = |at: usize| {
                let cause = self.links[at]
                    .iter()
                    .find(|link| link.without.is_some() && out.contains_key(&link.to))?;
                Some((cause.to, cause.without.clone()?))
            };
            let more: Vec<(usize, Out)> = (0..steps.len())
                .filter(|at| !out.contains_key(at))
                .filter_map(|at| fallen(at).map(|(cause, why)| (at, Out::With { cause, why })))
                .collect();
            if more.is_empty() {
                return out;
            }
            out.extend(more);
        }
    }

    /// A target that goes with what is excluded was asked for and refused at once.
    fn contradiction(
        &self,
        steps: &[Step],
        named: &BTreeSet<usize>,
        out: &BTreeMap<usize, Out>,
    ) -> Result<(), SelectionError> {
        for target in named {
            let mut at = *target;
            let mut because = Vec::new();
            while let Some(Out::With { cause, why }) = out.get(&at) {
                because.push(format!("{} {why}", self.name(&steps[at])));
                at = *cause;
            }
            if !because.is_empty() {
                return Err(SelectionError::Contradiction {
                    target: self.name(&steps[*target]),
                    excluded: self.name(&steps[at]),
                    because: because.join("; "),
                });
            }
        }
        Ok(())
    }

    /// Returns the named steps and what they wait for, and, of what was pulled in, for which step.
    fn closure(
        &self,
        named: &BTreeSet<usize>,
        out: &BTreeMap<usize, Out>,
    ) -> (BTreeSet<usize>, BTreeMap<usize, usize>) {
        let mut kept: BTreeSet<usize> = named.iter().copied().filter(|at| !out.contains_key(at)).collect();
        let mut pulled = BTreeMap::new();
        let mut next: Vec<usize> = kept.iter().copied().collect();
        while !next.is_empty() {
            let mut further = Vec::new();
            for by in next {
                for link in self.links[by].iter().filter(|link| !out.contains_key(&link.to)) {
                    if kept.insert(link.to) {
                        pulled.insert(link.to, by);
                        further.push(link.to);
                    }
                }
            }
            next = further;
        }
        (kept, pulled)
    }

    /// Says which selected steps use what is left as it is.
    fn goes_on(&self, steps: &[Step], kept: &BTreeSet<usize>, out: &BTreeMap<usize, Out>) -> Vec<Note> {
        let pairs = kept.iter().flat_map(|at| self.links[*at].iter().map(move |link| (*at, link.to)));
        let left = pairs.filter(|(_, to)| out.contains_key(to));
        left.map(|(at, to)| Note {
            text: format!(
                "{} goes on although {}, which it uses, differs from the blueprint and is left out",
                self.name(&steps[at]),
                self.name(&steps[to])
            ),
        })
        .collect()
    }

    fn name(&self, step: &Step) -> String {
        let address = &step.address;
        if address.scope == *self.home { address.short() } else { address.to_string() }
    }
}

/// Why a step's resource cannot be used before the step is done; `None` if it is there and ours.
fn lack(step: &Step) -> Option<&'static str> {
    match step.action {
        Action::Create => Some("does not exist yet"),
        Action::Adopt | Action::Foreign => Some("is not ours"),
        Action::Unreadable => Some("could not be read"),
        Action::Update | Action::TakeBack | Action::Release | Action::Delete => None,
    }
}

/// A detection's filter and alarm have the same name, which only the alarm's composite takes in.
fn may_use(user: Kind, used: Kind) -> bool {
    match used {
        Kind::MetricFilter => user == Kind::MetricAlarm,
        Kind::MetricAlarm | Kind::CompositeAlarm => user == Kind::CompositeAlarm,
        _ => user != Kind::CompositeAlarm,
    }
}

fn watches(alarm: &Resource, filter: &Resource) -> bool {
    let (Resource::MetricAlarm(alarm), Resource::MetricFilter(filter)) = (alarm, filter) else {
        return false;
    };
    let queried = alarm.queries.values().filter_map(|query| query.metric.as_ref());
    alarm
        .metric
        .iter()
        .chain(queried)
        .any(|metric| metric.namespace == filter.namespace && metric.name == filter.metric_name)
}

#[cfg(test)]
mod tests;
