//! The blueprint's own detections, alarms and objectives.

use super::Context;
use crate::blueprint::model::Source;
use crate::blueprint::node::Node;
use crate::blueprint::objectives::EVIDENCE;
use crate::blueprint::patterns;
use crate::blueprint::problem::{Problem, either, nearest};
use crate::blueprint::shapes::{is_slug, is_statistic, slug_of};
use crate::blueprint::source::Location;
use crate::blueprint::structure::seconds;
use crate::detections;
use crate::pattern::{MAX_REGEX_PATTERNS, has_regex};
use std::collections::BTreeMap;

/// `{scope}-{id}` names alarms, filters and metrics, and is read by people.
const LONGEST_ID: usize = 64;
/// CloudWatch API, PutMetricAlarm, EvaluationPeriods: a day, or a week for periods of an hour and more.
const DAY: u64 = 86_400;
const WEEK: u64 = 604_800;
/// Characters of AlarmDescription.
const LONGEST_DESCRIPTION: usize = 1024;
/// Dimensions of a metric.
const MOST_DIMENSIONS: usize = 30;

/// Returns the blueprint's own detections and alarms, each with the name of its list.
fn own<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = (&'static str, &'a Node)> {
    let items = |list: &'static str| cx.root.items(list).iter().map(move |item| (list, item));
    items("detection").chain(items("alarm"))
}

/// Returns where a key of an item stands, or else the item.
fn place(item: &Node, key: &str) -> Location {
    item.place(key).unwrap_or_else(|| item.at.clone())
}

pub(super) fn ids_are_well_formed(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let objectives = cx.root.items("objective").iter().map(|item| ("objective", item));
    for (list, item) in own(cx).chain(objectives) {
        let Some(id) = item.text("id") else { continue };
        if is_slug(id) && id.len() <= LONGEST_ID {
            continue;
        }
        let suggestion = slug_of(id, LONGEST_ID).map(|slug| format!("write `{slug}`"));
        problems.push(
            Problem::error(
                "AS012",
                Some(place(item, "id")),
                format!("`{id}` cannot be the id of {}", article(list)),
            )
            .label("lower-case letters, digits and single dashes only")
            .help(
                suggestion.unwrap_or_else(|| {
                    format!("up to {LONGEST_ID} characters, such as `guardrail-weakened`")
                }),
            ),
        );
    }
}

fn article(list: &str) -> &'static str {
    match list {
        "detection" => "a detection",
        "alarm" => "an alarm",
        _ => "an objective",
    }
}

pub(super) fn ids_are_unique(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<&str, Location> = BTreeMap::new();
    for (_, item) in own(cx) {
        let Some(id) = item.text("id") else { continue };
        let at = place(item, "id");
        if detections::ids().into_iter().any(|built_in| built_in == id) {
            problems.push(
                Problem::error("AS011", Some(at), format!("`{id}` is the id of a built-in detection"))
                    .label("taken")
                    .help("choose another id, or disable the built-in one in [detections]"),
            );
        } else if let Some(first) = seen.get(id) {
            problems.push(twice(id, at, first));
        } else {
            seen.insert(id, at);
        }
    }
    for (list, key) in [
        ("objective", "id"),
        ("detections.disable", "id"),
        ("trail.data_events.objects", "name"),
        ("trail.data_events.selector", "name"),
    ] {
        let mut seen: BTreeMap<&str, Location> = BTreeMap::new();
        for item in cx.root.items(list) {
            let Some(name) = item.text(key) else { continue };
            let at = place(item, key);
            match seen.get(name) {
                Some(first) => problems.push(twice(name, at, first)),
                None => {
                    seen.insert(name, at);
                }
            }
        }
    }
}

fn twice(id: &str, at: Location, first: &Location) -> Problem {
    Problem::error("AS011", Some(at), format!("`{id}` is used twice"))
        .label("second time")
        .related(Some(first.clone()), "first time")
        .help("give each its own, or take one out")
}

pub(super) fn triggers_can_be_evaluated(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for (list, item) in own(cx) {
        let period = item.text("period").and_then(seconds);
        if let Some(period) = period
            && !(matches!(period, 10 | 20 | 30) || (period > 0 && period.is_multiple_of(60)))
        {
            let minutes = period.div_ceil(60).max(1);
            problems.push(
                fault(item, "period", format!("CloudWatch has no periods of {period} seconds"))
                    .label("10, 20, 30 or a multiple of 60 seconds")
                    .help(format!("write `period = \"{minutes}m\"`")),
            );
        } else if let Some(period) = period.filter(|period| *period < 60)
            && list == "detection"
        {
            problems.push(
                fault(
                    item,
                    "period",
                    format!("a metric filter has one value a minute, not one every {period} seconds"),
                )
                .label("shorter than a minute")
                .help("write `period = \"1m\"` or longer"),
            );
        }
        let of = item.number("datapoints.of").unwrap_or(1);
        let alarm = item.number("datapoints.alarm").unwrap_or(1);
        if alarm > of && of > 0 {
            problems.push(
                fault(item, "datapoints.alarm", format!("{alarm} of {of} periods can never breach"))
                    .label(format!("more than {of}"))
                    .help("`of` is how many periods are looked at, `alarm` how many of them must breach"),
            );
        }
        if let Some(period) = period {
            let (window, most) = (u64::from(period) * u64::from(of), if period < 3600 { DAY } else { WEEK });
            if window > most {
                problems.push(
                    fault(
                        item,
                        "datapoints.of",
                        format!("{of} periods of {period} seconds are too long a window"),
                    )
                    .label(format!("{} is the most", most / u64::from(period.max(1))))
                    .help("CloudWatch looks back a day, or a week when a period is an hour or more"),
                );
            }
        }
        if let Some(statistic) = item.text("statistic").filter(|statistic| !is_statistic(statistic)) {
            let known = ["Sum", "Average", "Minimum", "Maximum", "SampleCount"];
            let near = nearest(statistic, known);
            problems.push(
                Problem::error(
                    "AS008",
                    Some(place(item, "statistic")),
                    format!("`{statistic}` is not a statistic"),
                )
                .label("not offered")
                .help(near.map_or_else(
                    || format!("write {}, or a percentile such as `p99`", either(known)),
                    |near| format!("write `{near}`"),
                )),
            );
        }
        if let Some(threshold) = item.float("threshold").filter(|threshold| !threshold.is_finite()) {
            problems.push(
                fault(item, "threshold", format!("a threshold cannot be {threshold}"))
                    .label("not a finite number"),
            );
        }
        if let Some(long) = item
            .text("description")
            .map(|text| text.chars().count())
            .filter(|long| *long > LONGEST_DESCRIPTION)
        {
            problems.push(
                fault(item, "description", format!("the description has {long} characters"))
                    .label(format!("{LONGEST_DESCRIPTION} is the most")),
            );
        }
    }
}

fn fault(item: &Node, key: &str, message: String) -> Problem {
    Problem::error("AS030", Some(place(item, key)), message)
}

pub(super) fn metrics_are_named(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for item in cx.root.items("alarm") {
        for key in ["metric.namespace", "metric.name"] {
            let Some(text) = item.text(key) else { continue };
            // CloudWatch API, PutMetricAlarm: 1 to 255 characters; a namespace does not start with a colon.
            if !(1..=255).contains(&text.chars().count()) || text.starts_with(':') {
                problems.push(
                    fault(item, key, format!("`{text}` cannot name a metric")).label("1 to 255 characters"),
                );
            }
        }
        let dimensions = item.get("metric.dimensions").and_then(Node::table).into_iter().flatten();
        let mut count = 0;
        for (name, entry) in dimensions {
            count += 1;
            if entry.node.as_text().is_some_and(|value| value.is_empty() || value.chars().count() > 1024)
                || name.is_empty()
            {
                problems.push(
                    Problem::error(
                        "AS030",
                        Some(entry.node.at.clone()),
                        format!("the dimension `{name}` has no usable value"),
                    )
                    .label("1 to 1024 characters"),
                );
            }
        }
        if count > MOST_DIMENSIONS {
            problems.push(
                fault(item, "metric.dimensions", format!("a metric cannot have {count} dimensions"))
                    .label(format!("{MOST_DIMENSIONS} is the most")),
            );
        }
    }
}

pub(super) fn patterns_are_patterns(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for item in cx.root.items("detection") {
        let Some((text, node)) = item.text("pattern").zip(item.get("pattern")) else { continue };
        problems.extend(patterns::check_pattern(text, &node.at, cx.sources));
    }
    let on_trail = cx.blueprint.detections.iter().filter(|detection| detection.source == Source::Trail);
    let regexes = on_trail.filter(|detection| has_regex(&detection.pattern)).count();
    if regexes > MAX_REGEX_PATTERNS {
        problems.push(
            Problem::error(
                "AS031",
                cx.place("detection"),
                format!("{regexes} patterns hold a regular expression"),
            )
            .label(format!("a log group takes {MAX_REGEX_PATTERNS}"))
            .help("write some of them with `*` at the start or end of a string"),
        );
    }
}

pub(super) fn answers_name_an_objective(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let known = || cx.blueprint.objectives.iter().map(|objective| objective.id.as_str());
    for (_, item) in own(cx) {
        let Some(answers) = item.text("answers").filter(|answers| !known().any(|id| id == *answers)) else {
            continue;
        };
        let near = nearest(answers, known());
        problems.push(
            Problem::error(
                "AS036",
                Some(place(item, "answers")),
                format!("there is no objective `{answers}`"),
            )
            .label("unknown objective")
            .help(near.map_or_else(
                || format!("write {}, or add an `[[objective]]` of that id", either(known())),
                |near| format!("write `{near}`"),
            )),
        );
    }
}

pub(super) fn evidence_names_a_part(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let known = || EVIDENCE.iter().map(|evidence| evidence.name);
    for (text, at) in cx.root.items("objective").iter().flat_map(|item| item.texts("evidence")) {
        if known().any(|name| name == text) {
            continue;
        }
        let near = nearest(text, known());
        problems.push(
            Problem::error("AS037", Some(at.clone()), format!("`{text}` is not a part of the record"))
                .label("unknown evidence")
                .help(
                    near.map_or_else(
                        || format!("write {}", either(known())),
                        |near| format!("write `{near}`"),
                    ),
                ),
        );
    }
}

pub(super) fn evidence_is_on(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let off =
        |name: &str| EVIDENCE.iter().any(|evidence| evidence.name == name && !(evidence.is_on)(cx.blueprint));
    for item in cx.root.items("objective") {
        for (text, at) in item.texts("evidence").filter(|(text, _)| off(text)) {
            problems.push(
                Problem::warning(
                    "AS051",
                    Some(at.clone()),
                    format!("`{text}` is evidence, but this blueprint leaves it out"),
                )
                .label("not recorded")
                .help("switch it on, or name what answers the question instead"),
            );
        }
    }
}
