//! What changing a metric filter does: whether events are counted that were not, or the other way round.
//!
//! Metric, namespace, value and dimensions follow from the detection's name and are no blueprint's choice: where they
//! differ somebody changed them, and the detection's alarm looked at nothing. The pattern of a detection of the
//! blueprint's own is its choice: unless it surely matches as much as the live one, it may match less.

use super::MetricFilter;
use crate::kinds::{Class, Effect};
use crate::pattern::Pattern;

pub(super) fn between(before: &MetricFilter, after: &MetricFilter) -> Vec<Effect> {
    let mut effects = Vec::new();
    if before.pattern != after.pattern {
        let (class, text) = pattern(before, after);
        effects.push(Effect::new(class, "pattern", text));
    }
    let same = |differs: bool, attribute: &str, text: &str| {
        differs.then(|| Effect::new(Class::Restoring, attribute, text))
    };
    effects.extend(
        [
            same(
                before.log_group != after.log_group,
                "log_group",
                "the filter reads the log group of its detection",
            ),
            same(
                before.metric_name != after.metric_name,
                "metric_name",
                "matches count where the alarm looks",
            ),
            same(before.namespace != after.namespace, "namespace", "matches count where the alarm looks"),
            same(before.value != after.value, "value", "each match counts once"),
            same(
                before.default_value != after.default_value,
                "default_value",
                "minutes without a match count as the blueprint says",
            ),
            same(before.dimensions != after.dimensions, "dimensions", "matches count where the alarm looks"),
            same(before.unit != after.unit, "unit", "matches count where the alarm looks"),
            same(
                before.apply_on_transformed_logs != after.apply_on_transformed_logs,
                "apply_on_transformed_logs",
                "events are matched as they were recorded",
            ),
            same(
                before.field_selection_criteria != after.field_selection_criteria,
                "field_selection_criteria",
                "events of every account and Region are matched",
            ),
            same(
                before.emit_system_field_dimensions != after.emit_system_field_dimensions,
                "emit_system_field_dimensions",
                "matches count where the alarm looks",
            ),
        ]
        .into_iter()
        .flatten(),
    );
    effects
}

fn pattern(before: &MetricFilter, after: &MetricFilter) -> (Class, &'static str) {
    let read = |text: &str| Pattern::parse(text).ok();
    let (Some(was), Some(is)) = (read(&before.pattern), read(&after.pattern)) else {
        return match after.shipped || read(&after.pattern).is_some() {
            // What is live is no pattern this tool can read; nobody knows what it matched.
            true => (Class::Restoring, "the pattern is the blueprint's"),
            false => (Class::Weaken, "the pattern may match less, or nothing: it cannot be read"),
        };
    };
    match (is.covers(&was), was.covers(&is)) {
        (true, true) => (Class::Neutral, "the pattern matches the same events"),
        (true, false) => (Class::Restoring, "the pattern matches more events"),
        _ if after.shipped => (Class::Restoring, "the pattern is the catalogue's"),
        (false, true) => (Class::Weaken, "the pattern matches fewer events"),
        (false, false) => (Class::Weaken, "the pattern may match fewer events"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::desired;
    use super::*;
    use crate::kinds::{Facts, example};

    #[test]
    fn what_a_pattern_may_miss_is_told() {
        use Class::{Neutral, Restoring, Weaken};
        let filter = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        let cases = [
            ("re-spelt", "{ $.eventName = A }", "{ ($.eventName = \"A\") }", false, Neutral),
            ("more", "{ $.eventName = A }", "{ $.eventName = A || $.eventName = B }", false, Restoring),
            ("less", "{ $.eventName = A || $.eventName = B }", "{ $.eventName = A }", false, Weaken),
            ("something else", "{ $.eventName = A }", "{ $.eventName = B }", false, Weaken),
            ("the catalogue's again", "{ $.eventName = A }", "{ $.eventName = B }", true, Restoring),
            ("unreadable before", "{ $.eventName", "{ $.eventName = B }", false, Restoring),
        ];
        for (case, was, is, shipped, want) in cases {
            let with = |pattern: &str| MetricFilter { pattern: pattern.into(), shipped, ..filter.clone() };
            let effects = between(&with(was), &with(is));
            let seen: Vec<(Class, &str)> = effects.iter().map(|e| (e.class, e.attribute.as_str())).collect();
            assert_eq!(seen, [(want, "pattern")], "{case}");
        }
    }
}
