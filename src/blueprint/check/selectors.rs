//! Free event selectors: CloudTrail's grammar, its limit on values, and the loop that a record of itself would be.

use super::Context;
use crate::blueprint::catalogue::looks_like_a_type;
use crate::blueprint::model::{Blueprint, FieldSelector, FreeSelector, ManagementEvents, ReadWrite};
use crate::blueprint::node::Node;
use crate::blueprint::problem::{Problem, either, nearest};
use crate::blueprint::read::{derived_bucket, selector};
use crate::blueprint::source::Location;
use std::collections::BTreeSet;

/// Values of all conditions of all selectors of a trail (CloudTrail API, PutEventSelectors).
const MOST_VALUES: usize = 500;
const LONGEST_NAME: usize = 1000;
const LONGEST_VALUE: usize = 2048;

const EQUALS: &[&str] = &["equals"];
const NOT_EQUALS: &[&str] = &["not_equals"];
const EITHER: &[&str] = &["equals", "not_equals"];
const ALL: &[&str] =
    &["equals", "starts_with", "ends_with", "not_equals", "not_starts_with", "not_ends_with"];

/// A field of an event category: the operators it takes, and its values where they are few.
struct Field {
    category: &'static str,
    name: &'static str,
    operators: &'static [&'static str],
    values: &'static [&'static str],
    required: bool,
}

const fn field(category: &'static str, name: &'static str, operators: &'static [&'static str]) -> Field {
    Field { category, name, operators, values: &[], required: false }
}

/// The grammar for trails (CloudTrail API, AdvancedFieldSelector; User Guide, "Filtering data events").
const FIELDS: &[Field] = &[
    Field { values: &["true", "false"], ..field("Management", "readOnly", EQUALS) },
    Field {
        values: &["kms.amazonaws.com", "rdsdata.amazonaws.com"],
        ..field("Management", "eventSource", NOT_EQUALS)
    },
    Field { required: true, ..field("Data", "resources.type", EQUALS) },
    Field { values: &["true", "false"], ..field("Data", "readOnly", EQUALS) },
    field("Data", "eventName", ALL),
    field("Data", "resources.ARN", ALL),
    field("Data", "eventSource", ALL),
    field("Data", "eventType", ALL),
    Field { values: &["true"], ..field("Data", "sessionCredentialFromConsole", EITHER) },
    field("Data", "userIdentity.arn", ALL),
    Field { required: true, ..field("NetworkActivity", "eventSource", EQUALS) },
    field("NetworkActivity", "eventName", ALL),
    Field { values: &["VpceAccessDenied"], ..field("NetworkActivity", "errorCode", EQUALS) },
    field("NetworkActivity", "vpcEndpointId", ALL),
];
const CATEGORIES: &[&str] = &["Management", "Data", "NetworkActivity"];

pub(super) fn selectors_follow_the_grammar(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for item in cx.root.items("trail.data_events.selector") {
        check_selector(item, problems);
    }
}

fn fault(at: &Location, message: impl Into<String>) -> Problem {
    Problem::error("AS027", Some(at.clone()), message)
}

/// Returns where a selector is best pointed at: its name, or else itself.
fn place(item: &Node) -> Location {
    item.get("name").map_or_else(|| item.at.clone(), |name| name.at.clone())
}

fn check_selector(item: &Node, problems: &mut Vec<Problem>) {
    if let Some(name) = item.text("name").filter(|name| name.chars().count() > LONGEST_NAME) {
        problems.push(
            fault(&place(item), format!("a selector's name has {} characters", name.chars().count()))
                .label(format!("{LONGEST_NAME} is the most")),
        );
    }
    let fields = item.items("fields");
    let category = fields.iter().find(|field| field.text("field") == Some("eventCategory"));
    let Some(category) = category else {
        problems.push(
            fault(&place(item), "a selector needs its event category")
                .label("no `eventCategory`")
                .help("add `{ field = \"eventCategory\", equals = [\"Data\"] }`"),
        );
        return;
    };
    let written: Vec<(&str, &Location)> = category.texts("equals").collect();
    let [(name, at)] = written.as_slice() else {
        problems.push(
            fault(&category.at, "`eventCategory` takes one value under `equals`")
                .label(format!("has {}", written.len()))
                .help(format!(
                    "write one of {}; use a selector for each",
                    either(CATEGORIES.iter().copied())
                )),
        );
        return;
    };
    if !CATEGORIES.contains(name) {
        let near = nearest(name, CATEGORIES.iter().copied());
        problems.push(
            fault(at, format!("a trail has no event category `{name}`")).label("not of trails").help(
                near.map_or_else(
                    || format!("write {}", either(CATEGORIES.iter().copied())),
                    |near| format!("write `{near}`"),
                ),
            ),
        );
        return;
    }
    check_fields(item, name, fields, problems);
}

fn check_fields(item: &Node, category: &str, fields: &[Node], problems: &mut Vec<Problem>) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for node in fields {
        let Some(name) = node.text("field") else { continue };
        let at = node.get("field").map_or(&node.at, |field| &field.at);
        if !seen.insert(name) {
            problems.push(
                fault(at, format!("`{name}` is written twice in one selector"))
                    .label("second time")
                    .help("put the operators of a field into one entry"),
            );
        }
        check_values(node, name, problems);
        if name == "eventCategory" {
            let others = ALL.iter().skip(1).filter(|operator| node.get(operator).is_some());
            for operator in others {
                problems.push(
                    fault(at, format!("`eventCategory` does not take `{operator}`"))
                        .label("takes `equals` only"),
                );
            }
            continue;
        }
        let known = || FIELDS.iter().filter(|known| known.category == category);
        match known().find(|known| known.name == name) {
            Some(rule) => check_operators(node, rule, problems),
            None => problems.push(unknown_field(name, category, at)),
        }
        if name == "resources.type" {
            for (written, at) in node.texts("equals").filter(|(written, _)| !looks_like_a_type(written)) {
                problems.push(
                    Problem::warning(
                        "AS026",
                        Some(at.clone()),
                        format!("`{written}` does not look like a resource type"),
                    )
                    .label("passed on as it is")
                    .help("types look like `AWS::S3::Object`"),
                );
            }
        }
    }
    let required = FIELDS.iter().filter(|known| known.category == category && known.required);
    for rule in required {
        match fields.iter().find(|node| node.text("field") == Some(rule.name)) {
            None => problems.push(
                fault(&place(item), format!("a selector of {category} events needs `{}`", rule.name))
                    .label(format!("no `{}`", rule.name))
                    .help(format!("add `{{ field = \"{}\", equals = [\"…\"] }}`", rule.name)),
            ),
            Some(node) if node.texts("equals").count() > 1 => problems.push(
                fault(&node.at, format!("a selector takes one `{}`", rule.name))
                    .label(format!("has {}", node.texts("equals").count()))
                    .help("write a selector for each"),
            ),
            Some(_) => {}
        }
    }
}

/// A field that belongs elsewhere is an error; one that no release knew yet is passed on.
fn unknown_field(name: &str, category: &str, at: &Location) -> Problem {
    let known = || FIELDS.iter().filter(|known| known.category == category);
    let near = nearest(name, known().map(|known| known.name));
    let help = near.map_or_else(
        || format!("the fields are {}", either(known().map(|known| known.name))),
        |near| format!("write `{near}`"),
    );
    if FIELDS.iter().any(|known| known.name == name) {
        return fault(at, format!("on a trail, {category} events have no field `{name}`"))
            .label("not a field here")
            .help(help);
    }
    Problem::warning(
        "AS026",
        Some(at.clone()),
        format!("`{name}` is not a field of {category} events that this release knows"),
    )
    .label("passed on as it is")
    .help(help)
}

fn check_operators(node: &Node, rule: &Field, problems: &mut Vec<Problem>) {
    for operator in
        ALL.iter().filter(|operator| node.get(operator).is_some() && !rule.operators.contains(operator))
    {
        let at = node.place(operator).unwrap_or_else(|| node.at.clone());
        problems.push(
            fault(&at, format!("`{}` of {} events does not take `{operator}`", rule.name, rule.category))
                .label("not an operator of this field")
                .help(format!("write {}", either(rule.operators.iter().copied()))),
        );
    }
    if rule.values.is_empty() {
        return;
    }
    for (value, at) in rule.operators.iter().flat_map(|operator| node.texts(operator)) {
        if !rule.values.contains(&value) {
            problems.push(
                fault(at, format!("`{}` of {} events cannot be `{value}`", rule.name, rule.category))
                    .label("not offered")
                    .help(format!("write {}", either(rule.values.iter().copied()))),
            );
        }
    }
}

fn check_values(node: &Node, name: &str, problems: &mut Vec<Problem>) {
    let values: Vec<(&str, &Location)> = ALL.iter().flat_map(|operator| node.texts(operator)).collect();
    if values.is_empty() {
        problems.push(
            fault(&node.at, format!("the condition on `{name}` has no value"))
                .label("empty")
                .help(format!("add {} with a list of values", either(ALL.iter().copied()))),
        );
    }
    for (value, at) in values {
        if value.is_empty() || value.chars().count() > LONGEST_VALUE {
            problems.push(
                fault(at, format!("a value of `{name}` has {} characters", value.chars().count()))
                    .label(format!("1 to {LONGEST_VALUE} are taken")),
            );
        }
        if matches!(name, "eventName" | "resources.ARN") && value.contains('*') {
            problems.push(
                fault(at, "selectors have no wildcards")
                    .label("`*` is taken literally")
                    .help("use `starts_with` or `ends_with`"),
            );
        }
    }
}

pub(super) fn record_does_not_record_itself(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let scope = &cx.blueprint.scope;
    // Server access logs describe the deliveries, so that recording their own writes goes round as well.
    let mut ours = vec![cx.blueprint.log_bucket.name.clone()];
    if cx.blueprint.log_bucket.access_logs.is_some() {
        ours.push(derived_bucket(scope, "access", &scope.home_region));
    }
    let looped = |at: &Location, bucket: &str, help: String| {
        Problem::error(
            "AS029",
            Some(at.clone()),
            format!("every delivery to `{bucket}` would cause the next one"),
        )
        .label("covers writes to our own log bucket")
        .help(help)
    };
    for item in
        cx.root.items("trail.data_events.objects").iter().filter(|item| item.text("events") != Some("read"))
    {
        for (text, at) in item.texts("buckets") {
            let bucket = text.split('/').next().unwrap_or_default();
            if ours.iter().any(|own| own == bucket) {
                problems.push(looped(
                    at,
                    bucket,
                    "take it out, or record reads alone with `events = \"read\"`".into(),
                ));
            }
        }
    }
    for item in cx.root.items("trail.data_events.selector") {
        let selector = selector(item);
        if let Some(bucket) = ours.iter().find(|bucket| covers_deliveries(&selector, bucket)) {
            let prefixes: Vec<String> =
                ours.iter().map(|bucket| format!("\"arn:aws:s3:::{bucket}/\"")).collect();
            let help =
                format!("add `{{ field = \"resources.ARN\", not_starts_with = [{}] }}`", prefixes.join(", "));
            problems.push(looped(&place(item), bucket, help));
        }
    }
}

/// Tells whether a selector takes the event of an object being written to a bucket by a log delivery.
fn covers_deliveries(selector: &FreeSelector, bucket: &str) -> bool {
    let arn = format!("arn:aws:s3:::{bucket}/AWSLogs/");
    !selector.fields.is_empty()
        && selector.fields.iter().all(|field| match field.field.as_str() {
            "eventCategory" => holds(field, Some("Data")),
            "resources.type" => holds(field, Some("AWS::S3::Object")),
            "resources.ARN" => holds(field, Some(&arn)),
            "eventName" => holds(field, Some("PutObject")),
            "eventSource" => holds(field, Some("s3.amazonaws.com")),
            "readOnly" => holds(field, Some("false")),
            // A delivery is made by a service: it has no ARN and no console session.
            "userIdentity.arn" | "sessionCredentialFromConsole" => holds(field, None),
            _ => true,
        })
        && selector.fields.iter().any(|field| field.field == "resources.type")
}

/// Tells whether a condition holds for a value; an absent one fulfils negative conditions only.
fn holds(field: &FieldSelector, value: Option<&str>) -> bool {
    let any = |set: &BTreeSet<String>, test: fn(&str, &str) -> bool| {
        value.is_some_and(|value| set.iter().any(|pattern| test(value, pattern)))
    };
    let equal: fn(&str, &str) -> bool = |value, pattern| value == pattern;
    let prefix: fn(&str, &str) -> bool = |value, pattern| value.starts_with(pattern);
    let suffix: fn(&str, &str) -> bool = |value, pattern| value.ends_with(pattern);
    let positive = !(field.equals.is_empty() && field.starts_with.is_empty() && field.ends_with.is_empty());
    let found = any(&field.equals, equal) || any(&field.starts_with, prefix) || any(&field.ends_with, suffix);
    let excluded = any(&field.not_equals, equal)
        || any(&field.not_starts_with, prefix)
        || any(&field.not_ends_with, suffix);
    (!positive || found) && !excluded
}

pub(super) fn values_stay_within_the_limit(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let count = count_values(cx.blueprint);
    if count > MOST_VALUES {
        problems.push(
            Problem::error(
                "AS028",
                cx.place("trail.data_events"),
                format!("the selectors hold {count} values"),
            )
            .label(format!("CloudTrail takes {MOST_VALUES} a trail"))
            .help("name prefixes instead of single resources, or leave out types that you do not use"),
        );
    }
}

/// Returns how many values the trail's selectors hold: the management selector, one selector a type, one for each
/// entry of objects, the one for deletes in our own buckets, and the free ones.
fn count_values(blueprint: &Blueprint) -> usize {
    let trail = &blueprint.trail;
    let data = &trail.data_events;
    let management = match trail.management_events {
        ManagementEvents::All => 1,
        ManagementEvents::Write => 2,
        ManagementEvents::None => 0,
    };
    let types = 2 * (data.bedrock.len() + data.agentcore.len() + data.mantle.len());
    let objects = data
        .objects
        .iter()
        .map(|entry| 2 + entry.buckets.len() + usize::from(entry.events != ReadWrite::All));
    let regions =
        if blueprint.invocation_logging.is_some() { blueprint.scope.bedrock_regions.len() } else { 0 };
    let own_buckets = 1 + usize::from(blueprint.log_bucket.access_logs.is_some()) + regions;
    let free = data.selectors.iter().flat_map(|selector| &selector.fields).map(|field| {
        field.equals.len()
            + field.starts_with.len()
            + field.ends_with.len()
            + field.not_equals.len()
            + field.not_starts_with.len()
            + field.not_ends_with.len()
    });
    management + types + objects.sum::<usize>() + 3 + own_buckets + free.sum::<usize>()
}
