//! What changing an alarm does: whether it may stay silent where it fired, or fire later.
//!
//! Where two settings can be ordered (threshold, periods, missing data, actions) the order decides. Where they cannot
//! (another metric, statistic, unit, a comparison the other way round) it matters whose choice the wanted one is: what
//! follows from a detection, or stands in the catalogue, is brought back; what the blueprint says itself may weaken.

use super::MetricAlarm;
use crate::kinds::{Class, Effect};
use crate::model::Input;
use std::cmp::Ordering;
use std::collections::BTreeSet;

pub(super) fn between(before: &MetricAlarm, after: &MetricAlarm) -> Vec<Effect> {
    let told = |alarm: &MetricAlarm| {
        alarm.alarm_actions.iter().filter_map(Input::value).map(ToOwned::to_owned).collect::<BTreeSet<_>>()
    };
    let mut effects = Vec::new();
    effects.extend(enabled(before.actions_enabled, after.actions_enabled));
    let unknown = after.alarm_actions.iter().any(|action| action.value().is_none());
    if !unknown {
        let (was, is) = (told(before), told(after));
        // Losing one of several is no loss where another one is heard.
        let is_heard = is.iter().any(|arn| !after.silent_topics.contains(arn));
        let lost = if is_heard { Class::Neutral } else { Class::Weaken };
        effects.extend(actions("alarm_actions", "fires", &was, &is, lost));
    }
    effects.extend(actions("ok_actions", "is over", &before.ok_actions, &after.ok_actions, Class::Neutral));
    let (was, is) = (&before.insufficient_data_actions, &after.insufficient_data_actions);
    effects.extend(actions("insufficient_data_actions", "has no data", was, is, Class::Neutral));
    effects.extend(threshold(before, after));
    effects.extend(timing(before, after));
    effects.extend(missing(before, after));
    effects.extend(watched(before, after));
    effects.extend(settings(&before.other_settings, &after.other_settings));
    effects
}

/// Returns what turning actions on or off does.
pub(in crate::kinds) fn enabled(was: bool, is: bool) -> Option<Effect> {
    match (was, is) {
        (true, false) => Some(Effect::new(Class::Weaken, "actions_enabled", "the alarm is silenced")),
        (false, true) => Some(Effect::new(Class::Restoring, "actions_enabled", "the alarm tells again")),
        _ => None,
    }
}

/// Returns what other actions do; that somebody is no longer told is of class `lost`.
pub(in crate::kinds) fn actions(
    attribute: &str,
    when: &str,
    was: &BTreeSet<String>,
    is: &BTreeSet<String>,
    lost: Class,
) -> Vec<Effect> {
    let gone = was.difference(is);
    let lost =
        gone.map(|arn| Effect::new(lost, attribute, format!("{arn} is no longer told when it {when}")));
    let told = is.difference(was);
    let told =
        told.map(|arn| Effect::new(Class::Restoring, attribute, format!("{arn} is told when it {when}")));
    lost.chain(told).collect()
}

/// Returns what taking settings back to their defaults does.
pub(in crate::kinds) fn settings(was: &BTreeSet<String>, is: &BTreeSet<String>) -> Vec<Effect> {
    let gone = was.difference(is);
    let gone =
        gone.map(|text| Effect::new(Class::Restoring, "other_settings", format!("{text} is taken back")));
    let new = is.difference(was);
    let new = new.map(|text| Effect::new(Class::Weaken, "other_settings", format!("{text} is set")));
    gone.chain(new).collect()
}

/// The class of a change that no order decides.
fn unordered(after: &MetricAlarm) -> Class {
    if after.shipped { Class::Restoring } else { Class::Weaken }
}

/// 1 if the alarm fires above its threshold, -1 below it, 0 for a band; and whether the threshold itself fires.
fn direction(operator: &str) -> (i8, bool) {
    let side = match () {
        () if operator.starts_with("GreaterThan")
            && operator.ends_with("Threshold")
            && !operator.contains("Lower") =>
        {
            if operator.contains("Upper") {
                0
            } else {
                1
            }
        }
        () if operator.starts_with("LessThan") && !operator.contains("Lower") => -1,
        () => 0,
    };
    (side, operator.contains("OrEqual"))
}

fn threshold(before: &MetricAlarm, after: &MetricAlarm) -> Vec<Effect> {
    let mut effects = Vec::new();
    let ((was_side, was_at), (side, at)) =
        (direction(&before.comparison_operator), direction(&after.comparison_operator));
    if before.comparison_operator != after.comparison_operator {
        let (class, text) = match () {
            () if was_side != side || side == 0 => (unordered(after), "the alarm compares another way"),
            () if was_at && !at => (Class::Weaken, "the threshold itself no longer fires the alarm"),
            () => (Class::Restoring, "the threshold itself fires the alarm"),
        };
        effects.push(Effect::new(class, "comparison_operator", text));
    }
    if before.threshold != after.threshold {
        let (class, text) = match (before.threshold, after.threshold) {
            (Some(was), Some(is)) if side != 0 && was_side == side => {
                let later = if side > 0 { is > was } else { is < was };
                let class = if later { Class::Weaken } else { Class::Restoring };
                let word = if later { "later" } else { "sooner" };
                (class, format!("the alarm fires {word}: at {is} instead of {was}"))
            }
            _ => (unordered(after), "the alarm fires at another value".to_owned()),
        };
        effects.push(Effect::new(class, "threshold", text));
    }
    if before.threshold_metric_id != after.threshold_metric_id {
        let text = "the alarm fires at another value";
        effects.push(Effect::new(unordered(after), "threshold_metric_id", text));
    }
    effects
}

/// M of N periods, and how long a period is.
fn timing(before: &MetricAlarm, after: &MetricAlarm) -> Vec<Effect> {
    let mut effects = Vec::new();
    let told = |alarm: &MetricAlarm| format!("{} of {}", alarm.datapoints_to_alarm, alarm.evaluation_periods);
    let differ = [
        ("datapoints_to_alarm", before.datapoints_to_alarm != after.datapoints_to_alarm),
        ("evaluation_periods", before.evaluation_periods != after.evaluation_periods),
    ];
    if let Some((attribute, _)) = differ.iter().find(|(_, differs)| *differs) {
        let class = if may_miss(before, after) { Class::Weaken } else { Class::Restoring };
        let text = format!("{} periods must breach instead of {}", told(after), told(before));
        effects.push(Effect::new(class, attribute, text.clone()));
        if differ.iter().all(|(_, differs)| *differs) {
            effects.push(Effect::new(class, "evaluation_periods", text));
        }
    }
    if let (Some(was), Some(is)) = (before.period_seconds, after.period_seconds)
        && was != is
    {
        let may_miss = after.datapoints_to_alarm > 1 || counts_several(after);
        let (class, text) = match is.cmp(&was) {
            Ordering::Greater => {
                (Class::Weaken, format!("a period is {is} s instead of {was} s: it fires later"))
            }
            _ if may_miss => {
                let text =
                    format!("a period is {is} s instead of {was} s: what needs a whole one may be missed");
                (unordered(after), text)
            }
            _ => (Class::Restoring, format!("a period is {is} s instead of {was} s: it fires sooner")),
        };
        effects.push(Effect::new(class, "period_seconds", text));
    }
    effects
}

/// Returns true if it takes more than one occurrence in a period to fire: over less time there are fewer.
fn counts_several(alarm: &MetricAlarm) -> bool {
    let counts = matches!(alarm.statistic.as_deref(), Some("Sum" | "SampleCount"));
    let one_is_enough = |value: f64| {
        value < 1.0 || (value <= 1.0 && alarm.comparison_operator == "GreaterThanOrEqualToThreshold")
    };
    counts && !alarm.threshold.is_some_and(one_is_enough)
}

/// Returns true if some row of periods fires the first alarm and never the second: as many breaches as the first needs
/// can be spread so that no window of the second has enough of them.
fn may_miss(before: &MetricAlarm, after: &MetricAlarm) -> bool {
    let (needed, window) = (before.datapoints_to_alarm, before.evaluation_periods.max(1));
    let (enough, other) = (after.datapoints_to_alarm, after.evaluation_periods.max(1));
    let quiet = enough.saturating_sub(1);
    let most = (window / other).saturating_mul(quiet).saturating_add((window % other).min(quiet));
    needed <= most
}

fn missing(before: &MetricAlarm, after: &MetricAlarm) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (was, is) = (&before.treat_missing_data, &after.treat_missing_data);
    if was != is {
        // CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data".
        let loud = |word: &str| match word {
            "breaching" => 2,
            "missing" => 1,
            _ => 0,
        };
        let class = match loud(is).cmp(&loud(was)) {
            Ordering::Less if loud(was) == 2 => Class::Weaken,
            Ordering::Less => unordered(after),
            _ => Class::Restoring,
        };
        let text = format!("a period without data counts as {is} instead of {was}");
        effects.push(Effect::new(class, "treat_missing_data", text));
    }
    let attribute = "evaluate_low_sample_count_percentile";
    match (&before.evaluate_low_sample_count_percentile, &after.evaluate_low_sample_count_percentile) {
        (None, Some(_)) => {
            effects.push(Effect::new(Class::Weaken, attribute, "percentiles of few samples are left out"));
        }
        (Some(_), None) => {
            effects.push(Effect::new(Class::Restoring, attribute, "percentiles of few samples count"));
        }
        _ => {}
    }
    effects
}

fn watched(before: &MetricAlarm, after: &MetricAlarm) -> Vec<Effect> {
    // What a detection of whatever origin counts follows from its name (Names::namespace).
    let counted = after.metric.as_ref().is_some_and(|metric| metric.namespace.starts_with("AuditScope/"));
    let (class, text) = match counted {
        true => (Class::Restoring, "the alarm watches the count of its detection"),
        false => (unordered(after), "the alarm watches another metric"),
    };
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "any".into());
    let instead = |what: &str, was: &Option<String>, is: &Option<String>| {
        format!("the alarm looks at {what} {} instead of {}", word(is), word(was))
    };
    let own = unordered(after);
    let differ = [
        ("metric", before.metric != after.metric, class, text.to_owned()),
        ("queries", before.queries != after.queries, class, text.to_owned()),
        (
            "statistic",
            before.statistic != after.statistic,
            own,
            instead("statistic", &before.statistic, &after.statistic),
        ),
        ("unit", before.unit != after.unit, own, instead("unit", &before.unit, &after.unit)),
    ];
    differ
        .into_iter()
        .filter(|(_, differs, ..)| *differs)
        .map(|(attribute, _, class, text)| Effect::new(class, attribute, text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Metric, desired};
    use super::*;
    use crate::kinds::{Facts, example};
    use Class::{Neutral, Restoring, Weaken};

    type Change = fn(&mut MetricAlarm);

    fn seen(effects: &[Effect]) -> Vec<(Class, &str)> {
        effects.iter().map(|effect| (effect.class, effect.attribute.as_str())).collect()
    }

    #[test]
    fn what_makes_an_alarm_deaf_weakens_and_its_repair_does_not() {
        let mut alarm = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        alarm.threshold = Some(5.0);
        alarm.datapoints_to_alarm = 2;
        alarm.evaluation_periods = 3;
        let cases: [(&str, Change, &str, Class); 13] = [
            ("raised", |a| a.threshold = Some(6.0), "threshold", Restoring),
            (
                "stricter",
                |a| a.comparison_operator = "GreaterThanThreshold".into(),
                "comparison_operator",
                Restoring,
            ),
            ("silenced", |a| a.actions_enabled = false, "actions_enabled", Restoring),
            ("nobody", |a| a.alarm_actions.clear(), "alarm_actions", Restoring),
            ("more points", |a| a.datapoints_to_alarm = 3, "datapoints_to_alarm", Restoring),
            ("shorter memory", |a| a.evaluation_periods = 2, "evaluation_periods", Restoring),
            (
                "few samples",
                |a| a.evaluate_low_sample_count_percentile = Some("ignore".into()),
                "evaluate_low_sample_count_percentile",
                Restoring,
            ),
            (
                "settings",
                |a| a.other_settings.extend(["tags in notices".to_owned()]),
                "other_settings",
                Restoring,
            ),
            ("longer periods", |a| a.period_seconds = Some(3600), "period_seconds", Weaken),
            ("another statistic", |a| a.statistic = Some("Minimum".into()), "statistic", Weaken),
            ("another unit", |a| a.unit = Some("Bytes".into()), "unit", Weaken),
            (
                "another metric",
                |a| {
                    a.metric = Some(Metric {
                        namespace: "AWS/Logs".into(),
                        name: "x".into(),
                        dimensions: Default::default(),
                    })
                },
                "metric",
                Restoring,
            ),
            (
                "the other way",
                |a| a.comparison_operator = "LessThanThreshold".into(),
                "comparison_operator",
                Weaken,
            ),
        ];
        for (case, change, attribute, back) in cases {
            let mut worse = MetricAlarm { shipped: false, ..alarm.clone() };
            change(&mut worse);
            let own = MetricAlarm { shipped: false, ..alarm.clone() };
            assert_eq!(seen(&between(&own, &worse)), [(Weaken, attribute)], "{case}");
            assert_eq!(seen(&between(&worse, &own)), [(back, attribute)], "{case}, the blueprint's own");
            let ours = MetricAlarm { shipped: true, ..alarm.clone() };
            assert_eq!(seen(&between(&worse, &ours)), [(Restoring, attribute)], "{case}, the catalogue's");
        }
    }

    #[test]
    fn one_of_several_who_are_told_is_no_loss_while_another_one_is_heard() {
        let alarm = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        let of = |topics: &[&str], silent: &[&str]| MetricAlarm {
            alarm_actions: topics.iter().map(|topic| Input::Known((*topic).to_owned())).collect(),
            silent_topics: silent.iter().map(|topic| (*topic).to_owned()).collect(),
            ..alarm.clone()
        };
        type Topics = &'static [&'static str];
        let cases: [(&str, Topics, Topics, Topics, Class); 5] = [
            ("our topic has subscribers", &["ours", "theirs"], &["ours"], &[], Neutral),
            ("nobody hears our topic", &["ours", "theirs"], &["ours"], &["ours"], Weaken),
            ("another one stays", &["ours", "theirs", "more"], &["ours", "more"], &["ours"], Neutral),
            ("another one instead", &["ours", "theirs"], &["ours", "more"], &["ours"], Neutral),
            ("none at all", &["ours"], &[], &[], Weaken),
        ];
        for (case, was, is, silent, want) in cases {
            let effects = between(&of(was, &[]), &of(is, silent));
            let lost = effects.iter().find(|effect| effect.text.contains("no longer told"));
            assert_eq!(lost.map(|effect| effect.class), Some(want), "{case}: {effects:?}");
        }
    }

    #[test]
    fn a_shorter_period_fires_sooner_only_where_one_occurrence_is_enough() {
        let alarm = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        let above = "GreaterThanThreshold";
        let at_least = "GreaterThanOrEqualToThreshold";
        let cases = [
            (("Sum", at_least, 1.0, 1), Restoring),
            (("Sum", above, 0.0, 1), Restoring),
            (("Maximum", above, 9.0, 1), Restoring),
            (("Sum", above, 1.0, 1), Weaken),
            (("Sum", at_least, 5.0, 1), Weaken),
            (("SampleCount", at_least, 2.0, 1), Weaken),
            (("Sum", at_least, 1.0, 2), Weaken),
            (("Maximum", above, 9.0, 3), Weaken),
        ];
        for ((statistic, operator, threshold, points), want) in cases {
            let of = |period| MetricAlarm {
                statistic: Some(statistic.into()),
                comparison_operator: operator.into(),
                threshold: Some(threshold),
                datapoints_to_alarm: points,
                evaluation_periods: points,
                period_seconds: Some(period),
                shipped: false,
                ..alarm.clone()
            };
            let effects = between(&of(600), &of(300));
            assert_eq!(
                seen(&effects),
                [(want, "period_seconds")],
                "{statistic} {operator} {threshold} {points}"
            );
        }
    }

    #[test]
    fn fewer_of_more_periods_miss_nothing() {
        let alarm = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        let of = |datapoints_to_alarm, evaluation_periods| MetricAlarm {
            datapoints_to_alarm,
            evaluation_periods,
            ..alarm.clone()
        };
        let cases = [
            ((5, 5), (1, 1), false),
            ((1, 1), (1, 5), false),
            ((2, 3), (2, 2), true),
            ((3, 3), (2, 2), false),
            ((2, 3), (2, 5), false),
            ((1, 1), (2, 2), true),
        ];
        for ((m, n), (other_m, other_n), want) in cases {
            assert_eq!(
                may_miss(&of(m, n), &of(other_m, other_n)),
                want,
                "{m} of {n} to {other_m} of {other_n}"
            );
        }
    }
}
