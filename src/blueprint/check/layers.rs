//! Does a layer ask for less than what it is laid over?

use super::Context;
use crate::blueprint::layers::name_of;
use crate::blueprint::node::{Node, Value};
use crate::blueprint::problem::Problem;
use std::collections::BTreeSet;

/// In which direction a value gets weaker.
enum Weaker {
    /// A smaller number.
    Less,
    /// A larger number.
    More,
    /// From `true` to `false`, or from a part that is on to `false`.
    Off,
    /// To a word further to the right.
    Words(&'static [&'static str]),
    /// Fewer items; `"all"` holds every item, `"none"` no item.
    Fewer,
    /// More items: each one lets somebody in, or something through.
    Wider,
}

use Weaker::{Fewer, Less, More, Off, Wider, Words};

const MODES: &[&str] = &["compliance", "governance"];

/// What can be weakened. In lists of tables, `[]` stands for the item of the same `id` or `name`.
const WATCHED: &[(&str, Weaker)] = &[
    ("scope.bedrock_regions", Fewer),
    ("scope.retention_days", Less),
    ("encryption.rotation_days", More),
    ("encryption.deletion_window_days", Less),
    ("encryption.readers", Wider),
    ("encryption.administrators", Wider),
    ("log_bucket.expire_after_days", Less),
    ("log_bucket.access_logs", Off),
    ("log_bucket.access_logs.expire_after_days", Less),
    ("log_bucket.object_lock.mode", Words(MODES)),
    ("log_bucket.object_lock.days", Less),
    ("trail.multi_region", Off),
    ("trail.organization", Off),
    ("trail.log_file_validation", Off),
    ("trail.management_events", Words(&["all", "write", "none"])),
    ("trail.insights", Fewer),
    ("trail.log_group", Off),
    ("trail.log_group.retention_days", Less),
    ("trail.data_events.bedrock", Fewer),
    ("trail.data_events.agentcore", Fewer),
    ("trail.data_events.mantle", Fewer),
    ("trail.data_events.objects[].buckets", Fewer),
    ("trail.data_events.objects[].events", Words(&["all", "write", "read"])),
    ("invocation_logging", Off),
    ("invocation_logging.text", Off),
    ("invocation_logging.image", Off),
    ("invocation_logging.embedding", Off),
    ("invocation_logging.video", Off),
    ("invocation_logging.audio", Off),
    ("invocation_logging.readers", Wider),
    ("invocation_logging.log_group", Off),
    ("invocation_logging.log_group.retention_days", Less),
    ("invocation_logging.bucket", Off),
    ("invocation_logging.bucket.expire_after_days", Less),
    ("invocation_logging.bucket.object_lock.mode", Words(MODES)),
    ("invocation_logging.bucket.object_lock.days", Less),
    ("notifications.emails", Fewer),
    ("notifications.topics", Fewer),
    ("notifications.composite_alarms", Off),
    ("notifications.dashboard", Off),
    ("detections.packs", Fewer),
    ("detections.parameters.approved_roles", Wider),
    ("detections.parameters.approved_models", Wider),
    ("detections.parameters.approved_regions", Wider),
    ("detection[].severity", Words(&["high", "medium", "low"])),
    ("alarm[].severity", Words(&["high", "medium", "low"])),
    ("objective[].evidence", Fewer),
];

/// Values whose strength cannot be compared, so that any change of them is told.
const REPLACED: &[&str] = &[
    "trail.data_events.selector[].fields",
    "detection[].pattern",
    "detection[].threshold",
    "detection[].compare",
    "detection[].statistic",
    "detection[].period",
    "detection[].datapoints",
    "detection[].missing",
    "alarm[].metric",
    "alarm[].statistic",
    "alarm[].threshold",
    "alarm[].compare",
    "alarm[].period",
    "alarm[].datapoints",
    "alarm[].missing",
];

pub(super) fn layers_do_not_weaken(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    // Each layer against the nearest one below that says something, so that a weakening is told once.
    for (index, layer) in cx.layers.iter().enumerate() {
        let below = &cx.layers[index + 1..];
        let mut tell = |path: &str, reason: &dyn Fn(&Node, &Node) -> Option<String>| {
            for (name, top) in find(&layer.root, path) {
                let base = below.iter().find_map(|layer| {
                    find(&layer.root, path)
                        .into_iter()
                        .find(|(other, _)| *other == name)
                        .map(|(_, node)| node)
                });
                if let Some(base) = base
                    && let Some(reason) = reason(base, top)
                {
                    problems.push(weakened(cx, &name, base, top, &reason));
                }
            }
        };
        for (path, weaker) in WATCHED {
            tell(path, &|base, top| compare(weaker, base, top));
        }
        for path in REPLACED {
            tell(path, &|base, top| {
                (!same(base, top))
                    .then(|| "the base's is replaced; whether it still catches as much cannot be told".into())
            });
        }
    }
}

fn weakened(cx: &Context<'_>, name: &str, base: &Node, top: &Node, reason: &str) -> Problem {
    let (here, there) = (cx.sources.place(&top.at), cx.sources.place(&base.at));
    Problem::warning(
        "AS041",
        Some(top.at.clone()),
        format!("{} weakens `{name}` of {}: {reason}", here.file, there.file),
    )
    .label("asks for less")
    .related(Some(base.at.clone()), "than the base")
    .help("leave it to the base, or accept it under `[waive]`")
}

/// Returns the nodes at a path, with names for `[]`: `detection[guardrail-weakened].pattern`.
fn find<'a>(root: &'a Node, path: &str) -> Vec<(String, &'a Node)> {
    match path.split_once("[].") {
        None => root.get(path).map(|node| (path.to_owned(), node)).into_iter().collect(),
        Some((list, key)) => {
            let items = root.items(list).iter();
            items
                .filter_map(|item| Some((format!("{list}[{}].{key}", name_of(item)?), item.get(key)?)))
                .collect()
        }
    }
}

/// Says how `top` is weaker than `base`; `None` if it is not, or if one of them is mistyped.
fn compare(weaker: &Weaker, base: &Node, top: &Node) -> Option<String> {
    match (weaker, &base.value, &top.value) {
        (Less, Value::Integer(base), Value::Integer(top)) if top < base => {
            Some(format!("{top} instead of {base}"))
        }
        (More, Value::Integer(base), Value::Integer(top)) if top > base => {
            Some(format!("{top} instead of {base}"))
        }
        (Off, Value::Boolean(true) | Value::Table(_), Value::Boolean(false)) => Some("switched off".into()),
        (Words(words), Value::Text(base), Value::Text(top)) => {
            let rank = |word: &str| words.iter().position(|known| *known == word);
            (rank(top)? > rank(base)?).then(|| format!("`{top}` instead of `{base}`"))
        }
        (Fewer, ..) => {
            let (base, top) = (Items::of(base)?, Items::of(top)?);
            let lost = base.without(&top)?;
            Some(format!("{lost} missing"))
        }
        (Wider, ..) => {
            let (base, top) = (Items::of(base)?, Items::of(top)?);
            // An empty list of approved things switches a detection off, it does not narrow it.
            let added = top.without(&base)?;
            Some(format!("{added} added"))
        }
        _ => None,
    }
}

/// What a list, `"all"` or `"none"` holds.
enum Items<'a> {
    All,
    Some(BTreeSet<&'a str>),
}

impl<'a> Items<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text == "all" => Some(Self::All),
            Value::Text(text) if text == "none" => Some(Self::Some(BTreeSet::new())),
            Value::List(items) => Some(Self::Some(items.iter().filter_map(Node::as_text).collect())),
            _ => None,
        }
    }

    /// Returns in words what `self` holds and `other` does not; `None` if there is nothing.
    fn without(&self, other: &Self) -> Option<String> {
        match (self, other) {
            (_, Self::All) => None,
            (Self::All, Self::Some(_)) => Some("what a list does not name is".into()),
            (Self::Some(mine), Self::Some(others)) => {
                let words: Vec<String> = mine.difference(others).map(|word| format!("`{word}`")).collect();
                let verb = if words.len() == 1 { "is" } else { "are" };
                (!words.is_empty()).then(|| format!("{} {verb}", words.join(", ")))
            }
        }
    }
}

/// Compares two values wherever they stand.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Table(a), Value::Table(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, entry)| b.get(key).is_some_and(|other| same(&entry.node, &other.node)))
        }
        (a, b) => a == b,
    }
}
