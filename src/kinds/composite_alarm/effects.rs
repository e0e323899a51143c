//! What changing a composite alarm does: which alarms set it off, and whether something silences it.
//!
//! It tells nobody by itself, so whom it told besides is no loss. An alarm of another name than the scope's is no
//! blueprint's choice: somebody put it there.

use super::CompositeAlarm;
use crate::kinds::metric_alarm::effects::{actions, enabled, settings};
use crate::kinds::{Class, Effect};
use crate::model::Input;
use std::collections::BTreeSet;

pub(super) fn between(before: &CompositeAlarm, after: &CompositeAlarm) -> Vec<Effect> {
    let mut effects = Vec::new();
    let names = |alarm: &CompositeAlarm| {
        alarm.alarms.iter().filter_map(Input::value).map(ToOwned::to_owned).collect::<BTreeSet<String>>()
    };
    let (was, is) = (names(before), names(after));
    // SCOPE-severity-LEVEL
    let ours = after.name.split_once("-severity-").map_or("", |(scope, _)| scope);
    let is_ours = |name: &str| name.strip_prefix(ours).is_some_and(|rest| rest.starts_with('-'));
    for gone in was.difference(&is) {
        let class = match () {
            () if after.elsewhere.contains(gone) => Class::Neutral,
            () if is_ours(gone) => Class::Weaken,
            () => Class::Restoring,
        };
        effects.push(Effect::new(class, "alarms", format!("{gone} no longer sets it off")));
    }
    for new in is.difference(&was).filter(|_| before.other_rule.is_none()) {
        effects.push(Effect::new(Class::Restoring, "alarms", format!("{new} sets it off")));
    }
    match (&before.other_rule, &after.other_rule) {
        (was, Some(is)) if was.as_ref() != Some(is) => {
            let text = format!("not any of its alarms sets it off, but `{is}`");
            effects.push(Effect::new(Class::Weaken, "other_rule", text));
        }
        (Some(_), None) => {
            effects.push(Effect::new(Class::Restoring, "other_rule", "any of its alarms sets it off"));
        }
        _ => {}
    }
    effects.extend(enabled(before.actions_enabled, after.actions_enabled));
    let lists = [
        ("alarm_actions", "fires", &before.alarm_actions, &after.alarm_actions),
        ("ok_actions", "is over", &before.ok_actions, &after.ok_actions),
        (
            "insufficient_data_actions",
            "has no data",
            &before.insufficient_data_actions,
            &after.insufficient_data_actions,
        ),
    ];
    for (attribute, when, was, is) in lists {
        effects.extend(actions(attribute, when, was, is, Class::Neutral));
    }
    match (&before.actions_suppressor, &after.actions_suppressor) {
        (was, Some(is)) if was.as_ref() != Some(is) => {
            effects.push(Effect::new(Class::Weaken, "actions_suppressor", format!("{is} silences it")));
        }
        (Some(was), None) => {
            let text = format!("{was} no longer silences it");
            effects.push(Effect::new(Class::Restoring, "actions_suppressor", text));
        }
        _ => {}
    }
    effects.extend(settings(&before.other_settings, &after.other_settings));
    effects
}

#[cfg(test)]
mod tests {
    use super::super::desired;
    use super::*;
    use crate::kinds::{Facts, example};

    #[test]
    fn an_alarm_of_ours_that_goes_weakens() {
        use Class::{Neutral, Restoring, Weaken};
        let alarm = desired::desired(&example::blueprint(), &Facts::default()).remove(0).1;
        type Change = fn(&mut CompositeAlarm);
        type Want = &'static [(Class, &'static str)];
        let cases: [(&str, Change, Want, Want); 5] = [
            ("nothing", |_| {}, &[], &[]),
            ("one gone", |a| drop(a.alarms.remove(0)), &[(Weaken, "alarms")], &[(Restoring, "alarms")]),
            (
                "one of another severity now",
                |a| {
                    let moved = a.alarms.remove(0);
                    a.elsewhere.insert(moved.text().to_owned());
                },
                &[(Neutral, "alarms")],
                &[(Restoring, "alarms")],
            ),
            (
                "somebody's alarm",
                |a| a.alarms.push(Input::Known("theirs".into())),
                &[(Restoring, "alarms")],
                &[(Restoring, "alarms")],
            ),
            (
                "suppressed",
                |a| a.actions_suppressor = Some("theirs".into()),
                &[(Weaken, "actions_suppressor")],
                &[(Restoring, "actions_suppressor")],
            ),
        ];
        let seen = |one: &CompositeAlarm, other: &CompositeAlarm| -> Vec<(Class, String)> {
            between(one, other).into_iter().map(|effect| (effect.class, effect.attribute)).collect()
        };
        let want = |list: Want| -> Vec<(Class, String)> {
            list.iter().map(|(class, attribute)| (*class, (*attribute).to_owned())).collect()
        };
        for (case, change, there, back) in cases {
            let mut other = alarm.clone();
            change(&mut other);
            assert_eq!(seen(&alarm, &other), want(there), "{case}");
            assert_eq!(seen(&other, &alarm), want(back), "{case}, and back");
        }
    }
}
