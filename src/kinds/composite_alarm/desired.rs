//! The composite alarms a blueprint asks for: one per severity in each Region that has alarms of it.

use super::{CompositeAlarm, rule};
use crate::blueprint::{Blueprint, Severity};
use crate::kinds::metric_alarm::desired::{level, placed};
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Input, Names, tags};
use std::collections::{BTreeMap, BTreeSet};

/// Most alarms under one composite alarm, and longest rule (CloudWatch API, PutCompositeAlarm). What does not fit goes
/// to `severity-high-2` and so on.
const CHILDREN_MAX: usize = 100;
const RULE_MAX: usize = 10_240;

/// Returns the composite alarms by address.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, CompositeAlarm)> {
    if !blueprint.notifications.composite_alarms {
        return Vec::new();
    }
    let names = Names::of(blueprint);
    let mut groups: BTreeMap<(&str, Severity), BTreeMap<String, Input>> = BTreeMap::new();
    for alarm in placed(blueprint) {
        let address = names.address(Kind::MetricAlarm, alarm.id(), alarm.region);
        let name = names.detection(alarm.id());
        let input = Input::from(&address, "name", name.clone());
        groups.entry((alarm.region, alarm.severity())).or_default().insert(name, input);
    }
    let mut all = Vec::new();
    for ((region, severity), alarms) in groups {
        for (children, number) in chunks(alarms).into_iter().zip(1..) {
            let level = level(severity);
            let role = if number == 1 { level.to_owned() } else { format!("{level}-{number}") };
            let state = CompositeAlarm {
                name: names.composite(&role),
                description: format!("Any alarm of severity {level} of the audit scope {}", names.scope),
                alarms: children,
                other_rule: None,
                actions_enabled: true,
                alarm_actions: BTreeSet::new(),
                ok_actions: BTreeSet::new(),
                insufficient_data_actions: BTreeSet::new(),
                actions_suppressor: None,
                other_settings: BTreeSet::new(),
                tags: tags::desired(blueprint),
                elsewhere: BTreeSet::new(),
            };
            let role = format!("severity-{role}");
            all.push((names.address(Kind::CompositeAlarm, &role, region), state));
        }
    }
    let children =
        |alarm: &CompositeAlarm| alarm.alarms.iter().map(|input| input.text().to_owned()).collect();
    let watched: Vec<(Address, BTreeSet<String>)> = all
        .iter()
        .map(|(address, alarm): &(Address, CompositeAlarm)| (address.clone(), children(alarm)))
        .collect();
    for (address, alarm) in &mut all {
        let others = watched.iter().filter(|(other, _)| other != address && other.scope == address.scope);
        alarm.elsewhere = others.flat_map(|(_, names)| names.iter().cloned()).collect();
    }
    all
}

fn chunks(alarms: BTreeMap<String, Input>) -> Vec<Vec<Input>> {
    let mut chunks: Vec<Vec<Input>> = vec![Vec::new()];
    for input in alarms.into_values() {
        let last = chunks.last_mut().expect("there is always a chunk");
        let rule = rule::any_of(last.iter().chain([&input]).map(Input::text));
        if last.len() < CHILDREN_MAX && rule.len() <= RULE_MAX {
            last.push(input);
        } else {
            chunks.push(vec![input]);
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::Source;
    use crate::kinds::trail::example;

    #[test]
    fn one_per_severity_and_region() {
        let all = desired(&example::blueprint(), &Facts::default());
        insta::assert_snapshot!(example::list(&all), @r"
        composite_alarm.severity-medium@111122223333/eu-central-1 genai-audit-severity-medium
        composite_alarm.severity-high@111122223333/eu-central-1 genai-audit-severity-high
        composite_alarm.severity-medium@111122223333/us-east-1 genai-audit-severity-medium
        ");
        insta::assert_snapshot!(example::lines(&all[0].1), @r#"
        actions_enabled: true
        actions_suppressor: null
        alarm_actions: []
        alarms: ["genai-audit-inv-guardrail-stop","genai-audit-met-logs-delivery"]
        description: "Any alarm of severity medium of the audit scope genai-audit"
        insufficient_data_actions: []
        ok_actions: []
        other_rule: null
        other_settings: []
        tags: {"auditscope:blueprint":"1","auditscope:scope":"genai-audit"}
        "#);
    }

    #[test]
    fn none_if_they_are_off() {
        let mut blueprint = example::blueprint();
        blueprint.notifications.composite_alarms = false;
        assert_eq!(desired(&blueprint, &Facts::default()).len(), 0);
    }

    #[test]
    fn more_alarms_than_one_takes_go_to_a_second() {
        let mut blueprint = example::blueprint();
        blueprint.alarms.clear();
        blueprint.detections = (0..101)
            .map(|number| example::detection(&format!("d-{number:03}"), Severity::High, Source::Trail))
            .collect();
        let all = desired(&blueprint, &Facts::default());
        insta::assert_snapshot!(example::list(&all), @r"
        composite_alarm.severity-high@111122223333/eu-central-1 genai-audit-severity-high
        composite_alarm.severity-high-2@111122223333/eu-central-1 genai-audit-severity-high-2
        ");
        assert_eq!(all.iter().map(|(_, alarm)| alarm.alarms.len()).collect::<Vec<_>>(), [100, 1]);
    }
}
