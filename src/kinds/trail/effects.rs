//! What a change of the trail does to the record: a rule over selectors, careful to a fault.
//!
//! A selector's events count as still recorded only if one selector afterwards admits all of them, or all of each part
//! of them (reads and writes, one value of an alternative at a time).

use super::Trail;
use super::selectors::EventSelectors;
use crate::blueprint::FieldSelector;
use crate::kinds::{Class, Effect, key_effect};
use std::collections::BTreeSet;

/// Returns what going from one state to the other does to the record.
pub fn between(before: &Trail, after: &Trail) -> Vec<Effect> {
    let mut effects = switches(before, after);
    effects.extend(places(before, after));
    let mut say = |class, attribute: &str, text: &str| effects.push(Effect::new(class, attribute, text));
    for insight in before.insights.difference(&after.insights) {
        let text = format!("insight events of {insight} are no longer recorded");
        say(Class::Coverage, "insights", &text);
    }
    for insight in after.insights.difference(&before.insights) {
        say(Class::Restoring, "insights", &format!("insight events of {insight} are recorded"));
    }
    let narrower = narrowed(&before.event_selectors, &after.event_selectors);
    for text in &narrower {
        say(Class::Coverage, "event_selectors", text);
    }
    let wider = narrowed(&after.event_selectors, &before.event_selectors);
    if !wider.is_empty() {
        let text = match wider.len() {
            1 => "one more kind of events is recorded".to_owned(),
            count => format!("{count} more kinds of events are recorded"),
        };
        say(Class::Restoring, "event_selectors", &text);
    } else if before.event_selectors != after.event_selectors && narrower.is_empty() {
        say(Class::Neutral, "event_selectors", "the same events are recorded");
    }
    // What does not log loses nothing, whatever it would have recorded: a trail that has just been made, for one.
    if !before.logging {
        for effect in effects.iter_mut().filter(|effect| effect.class == Class::Coverage) {
            effect.class = Class::Neutral;
            effect.text.push_str(" (the trail did not log)");
        }
    }
    effects
}

/// Everything that is on or off.
fn switches(before: &Trail, after: &Trail) -> Vec<Effect> {
    type Switch = (&'static str, fn(&Trail) -> bool, Class, &'static str, &'static str);
    let switches: [Switch; 6] = [
        (
            "logging",
            |t| t.logging,
            Class::Coverage,
            "nothing is recorded any more",
            "the trail records again",
        ),
        (
            "multi_region",
            |t| t.multi_region,
            Class::Coverage,
            "operations in other Regions are no longer recorded",
            "operations in other Regions are recorded",
        ),
        (
            "organization",
            |t| t.organization,
            Class::Coverage,
            "operations in the organization's other accounts are no longer recorded",
            "operations in the organization's other accounts are recorded",
        ),
        (
            "include_global_service_events",
            |t| t.include_global_service_events,
            Class::Coverage,
            "operations of global services such as IAM are no longer recorded",
            "operations of global services such as IAM are recorded",
        ),
        (
            "log_file_validation",
            |t| t.log_file_validation,
            Class::Weaken,
            "a changed log file can no longer be told",
            "log file validation is on again: a changed log file can be told",
        ),
        (
            "log_group",
            |t| t.log_group.is_some(),
            Class::Weaken,
            "events no longer reach CloudWatch Logs, so no detection can fire",
            "events reach CloudWatch Logs, so detections can fire",
        ),
    ];
    let told = |(attribute, is_on, class, off, on): &Switch| match (is_on(before), is_on(after)) {
        (true, false) => Some(Effect::new(*class, attribute, *off)),
        (false, true) => Some(Effect::new(Class::Restoring, attribute, *on)),
        _ => None,
    };
    switches.iter().filter_map(told).collect()
}

/// Where the records go. The bucket, the key, the group and the role asked for are the scope's own: going to them from
/// others brings them back.
fn places(before: &Trail, after: &Trail) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut say = |class, attribute: &str, text: String| effects.push(Effect::new(class, attribute, text));
    if before.bucket != after.bucket {
        let text = format!("log files go to {} instead of {}", after.bucket.text(), before.bucket.text());
        say(Class::Restoring, "bucket", text);
    }
    if before.key_prefix != after.key_prefix {
        let text = match &after.key_prefix {
            Some(prefix) => format!("new log files stand under `{prefix}`"),
            None => "new log files stand under no prefix".to_owned(),
        };
        say(Class::Neutral, "key_prefix", text);
    }
    if before.topic != after.topic {
        let told = after.topic.as_deref().unwrap_or("nobody");
        say(Class::Neutral, "topic", format!("{told} is told of each delivery"));
    }
    if let (Some(was), Some(is)) = (&before.log_group, &after.log_group)
        && was != is
    {
        say(Class::Restoring, "log_group", format!("events go to {} instead of {}", is.text(), was.text()));
    }
    if before.log_role != after.log_role {
        let (class, text) = match after.log_role {
            Some(_) => (Class::Restoring, "the role that the blueprint names delivers to the log group"),
            None => (Class::Weaken, "nothing delivers to the log group any more"),
        };
        say(class, "log_role", text.to_owned());
    }
    effects.extend(key_effect(before.kms_key.as_ref(), after.kms_key.as_ref(), "new log files are"));
    effects
}

/// Returns what the first selectors record and the second do not, one clause each.
fn narrowed(before: &EventSelectors, after: &EventSelectors) -> BTreeSet<String> {
    let admitted = |part: &Fields| after.values().any(|selector| admits(selector, part));
    before
        .values()
        .flat_map(parts)
        .filter(|part| !admitted(part))
        .map(|part| {
            let what = subject(&part);
            let same = |selector: &Fields| {
                class_of(selector) == class_of(&part)
                    && value(selector, "readOnly").is_none_or(|only| value(&part, "readOnly") == Some(only))
            };
            match after.values().any(same) {
                true => format!("{what} are recorded more narrowly"),
                false => format!("{what} are no longer recorded"),
            }
        })
        .collect()
}

type Fields = BTreeSet<FieldSelector>;

fn value<'a>(selector: &'a Fields, field: &str) -> Option<&'a str> {
    let mut values = selector.iter().filter(|f| f.field == field).flat_map(|f| &f.equals);
    values.next().map(String::as_str)
}

fn class_of(selector: &Fields) -> (Option<&str>, Option<&str>) {
    (value(selector, "eventCategory"), value(selector, "resources.type"))
}

/// `writing data events of AWS::S3::Object`.
fn subject(selector: &Fields) -> String {
    let side = match value(selector, "readOnly") {
        Some("true") => "reading ",
        Some(_) => "writing ",
        None => "",
    };
    match class_of(selector) {
        (Some("Data"), Some(kind)) => format!("{side}data events of {kind}"),
        (Some("NetworkActivity"), _) => {
            let source = value(selector, "eventSource").unwrap_or("some service");
            format!("network activity events of {source}")
        }
        (Some("Management"), _) => format!("{side}management events"),
        (category, _) => format!("{side}events of category {}", category.unwrap_or("unknown")),
    }
}

/// Parts are not made of more alternatives than CloudTrail allows values in one trail.
const MOST_PARTS: usize = 500;

/// Returns the selector as a union of selectors with one alternative per field, reads and writes apart.
fn parts(selector: &Fields) -> Vec<Fields> {
    let mut parts = vec![selector.clone()];
    for field in selector {
        let single = alternatives(field);
        if single.len() < 2 || parts.len() * single.len() > MOST_PARTS {
            continue;
        }
        parts = parts
            .into_iter()
            .flat_map(|part| single.iter().map(move |one| replaced(&part, field, one)).collect::<Vec<_>>())
            .collect();
    }
    let sided = matches!(value(selector, "eventCategory"), Some("Data" | "Management"));
    if sided && value(selector, "readOnly").is_none() {
        parts = parts
            .into_iter()
            .flat_map(|part| ["true", "false"].map(|side| with_side(part.clone(), side)))
            .collect();
    }
    parts
}

fn replaced(part: &Fields, field: &FieldSelector, one: &FieldSelector) -> Fields {
    part.iter().map(|f| if f == field { one.clone() } else { f.clone() }).collect()
}

fn with_side(mut part: Fields, side: &str) -> Fields {
    part.insert(super::selectors::equals("readOnly", side));
    part
}

fn alternatives(field: &FieldSelector) -> Vec<FieldSelector> {
    let empty = FieldSelector {
        equals: BTreeSet::new(),
        starts_with: BTreeSet::new(),
        ends_with: BTreeSet::new(),
        ..field.clone()
    };
    let one = |value: &String| BTreeSet::from([value.clone()]);
    let equals = field.equals.iter().map(|v| FieldSelector { equals: one(v), ..empty.clone() });
    let starts = field.starts_with.iter().map(|v| FieldSelector { starts_with: one(v), ..empty.clone() });
    let ends = field.ends_with.iter().map(|v| FieldSelector { ends_with: one(v), ..empty.clone() });
    equals.chain(starts).chain(ends).collect()
}

/// Returns true if the wider selector surely admits every event that the narrower one does.
fn admits(wider: &Fields, narrower: &Fields) -> bool {
    wider.iter().all(|field| {
        let mut same = narrower.iter().filter(|other| other.field == field.field);
        same.any(|other| contains(field, other)) || only_excludes_others(field, narrower)
    })
}

/// A purely negative condition on a field that the narrower selector does not restrict is met only if it has none.
fn only_excludes_others(field: &FieldSelector, narrower: &Fields) -> bool {
    let free = FieldSelector { field: field.field.clone(), ..FieldSelector::default() };
    narrower.iter().all(|other| other.field != field.field) && contains(field, &free)
}

fn contains(wide: &FieldSelector, narrow: &FieldSelector) -> bool {
    let choice = |f: &FieldSelector| f.equals.len() + f.starts_with.len() + f.ends_with.len() > 0;
    let positive = !choice(wide)
        || choice(narrow)
            && narrow.equals.iter().all(|value| admits_value(wide, value))
            && narrow.starts_with.iter().all(|value| wide.starts_with.iter().any(|p| value.starts_with(p)))
            && narrow.ends_with.iter().all(|value| wide.ends_with.iter().any(|p| value.ends_with(p)));
    positive
        && wide.not_equals.iter().all(|value| never(narrow, value, Shape::Equals))
        && wide.not_starts_with.iter().all(|value| never(narrow, value, Shape::Start))
        && wide.not_ends_with.iter().all(|value| never(narrow, value, Shape::End))
}

fn admits_value(wide: &FieldSelector, value: &str) -> bool {
    wide.equals.contains(value)
        || wide.starts_with.iter().any(|p| value.starts_with(p))
        || wide.ends_with.iter().any(|p| value.ends_with(p))
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Equals,
    Start,
    End,
}

/// Returns true if the condition surely admits no value of the given shape.
fn never(narrow: &FieldSelector, value: &str, shape: Shape) -> bool {
    let excluded = match shape {
        Shape::Equals => {
            narrow.not_equals.contains(value)
                || narrow.not_starts_with.iter().any(|p| value.starts_with(p))
                || narrow.not_ends_with.iter().any(|p| value.ends_with(p))
        }
        Shape::Start => narrow.not_starts_with.iter().any(|p| value.starts_with(p)),
        Shape::End => narrow.not_ends_with.iter().any(|p| value.ends_with(p)),
    };
    let has_choice = narrow.equals.len() + narrow.starts_with.len() + narrow.ends_with.len() > 0;
    let apart = has_choice
        && narrow.equals.iter().all(|v| match shape {
            Shape::Equals => v != value,
            Shape::Start => !v.starts_with(value),
            Shape::End => !v.ends_with(value),
        })
        && narrow.starts_with.iter().all(|p| match shape {
            Shape::Equals => !value.starts_with(p),
            Shape::Start => !value.starts_with(p) && !p.starts_with(value),
            Shape::End => false,
        })
        && narrow.ends_with.iter().all(|p| match shape {
            Shape::Equals => !value.ends_with(p),
            Shape::Start => false,
            Shape::End => !value.ends_with(p) && !p.ends_with(value),
        });
    excluded || apart
}

#[cfg(test)]
mod tests {
    use super::super::selectors::{equals, starts_with};
    use super::*;

    fn one(fields: impl IntoIterator<Item = FieldSelector>) -> EventSelectors {
        [("x".to_owned(), fields.into_iter().collect())].into()
    }
    fn management(more: impl IntoIterator<Item = FieldSelector>) -> EventSelectors {
        one([equals("eventCategory", "Management")].into_iter().chain(more))
    }
    fn objects(more: impl IntoIterator<Item = FieldSelector>) -> EventSelectors {
        let data = [equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
        one(data.into_iter().chain(more))
    }
    fn arns(values: &[&str]) -> FieldSelector {
        starts_with("resources.ARN", values.iter().map(|value| (*value).to_owned()))
    }
    fn without(value: &str) -> FieldSelector {
        let field = "resources.ARN".into();
        FieldSelector { field, not_starts_with: [value.to_owned()].into(), ..FieldSelector::default() }
    }

    #[test]
    fn a_trail_that_does_not_log_loses_nothing() {
        use crate::kinds::{Facts, example};
        let mut wanted = super::super::desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        wanted.event_selectors = management([equals("readOnly", "false")]);
        for logging in [true, false] {
            // As CreateTrail leaves it: every management event, and no logging yet.
            let before = Trail { logging, event_selectors: management([]), ..wanted.clone() };
            let effects = between(&before, &wanted);
            let loses = effects.iter().any(|effect| effect.class == Class::Coverage);
            assert_eq!(loses, logging, "{effects:?}");
        }
    }

    #[test]
    fn what_stops_being_recorded_is_named() {
        let narrower = "data events of AWS::S3::Object are recorded more narrowly";
        let (reading, writing) = (format!("reading {narrower}"), format!("writing {narrower}"));
        let both = vec![reading.as_str(), writing.as_str()];
        let gone = vec![
            "reading management events are no longer recorded",
            "writing management events are no longer recorded",
        ];
        let cases = [
            ("nothing changes", management([]), management([]), vec![]),
            ("all gone", management([]), EventSelectors::new(), gone.clone()),
            ("reads gone", management([]), management([equals("readOnly", "false")]), vec![gone[0]]),
            ("reads added", management([equals("readOnly", "false")]), management([]), vec![]),
            ("prefix widened", objects([arns(&["arn:a/b/"])]), objects([arns(&["arn:a/"])]), vec![]),
            ("prefix narrowed", objects([arns(&["arn:a/"])]), objects([arns(&["arn:a/b/"])]), both.clone()),
            ("one bucket of two", objects([arns(&["a/", "b/"])]), objects([arns(&["b/"])]), both.clone()),
            ("exclusion added", objects([]), objects([without("a/")]), both.clone()),
            ("exclusion elsewhere", objects([arns(&["b/"])]), objects([without("a/")]), vec![]),
            ("exclusion kept", objects([without("a/")]), objects([without("a/b/")]), vec![]),
            ("restriction dropped", objects([without("a/")]), objects([]), vec![]),
        ];
        for (case, before, after, want) in cases {
            assert_eq!(narrowed(&before, &after).iter().collect::<Vec<_>>(), want, "{case}");
        }
    }

    #[test]
    fn reads_and_writes_may_come_from_two_selectors() {
        let mut after = management([equals("readOnly", "false")]);
        after.insert("y".into(), [equals("eventCategory", "Management"), equals("readOnly", "true")].into());
        assert!(narrowed(&management([]), &after).is_empty());
    }
}
