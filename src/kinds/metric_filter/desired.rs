//! The metric filters a blueprint asks for: one per detection, where its log group is.

use super::MetricFilter;
use crate::blueprint::{Blueprint, Detection, Source};
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Input, Names};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the metric filters by address.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, MetricFilter)> {
    let names = Names::of(blueprint);
    let places = |detection: &Detection| places(blueprint, detection.source);
    blueprint
        .detections
        .iter()
        .flat_map(|detection| places(detection).into_iter().map(move |region| (detection, region)))
        .map(|(detection, region)| filter(&names, detection, region))
        .collect()
}

/// Returns the Regions that have the log group of a source.
pub fn places(blueprint: &Blueprint, source: Source) -> Vec<&str> {
    match source {
        Source::Trail => {
            blueprint.trail.log_group.iter().map(|_| blueprint.scope.home_region.as_str()).collect()
        }
        Source::InvocationLog => blueprint
            .invocation_logging
            .iter()
            .filter(|logging| logging.log_group.is_some())
            .flat_map(|_| blueprint.scope.bedrock_regions.iter().map(String::as_str))
            .collect(),
    }
}

/// Returns the role of a source's log group in [`Names::log_group`].
pub fn group_role(source: Source) -> &'static str {
    match source {
        Source::Trail => "trail",
        Source::InvocationLog => "bedrock",
    }
}

/// Returns the name of a detection's metric, in [`Names::namespace`].
pub fn metric_name(detection: &Detection) -> String {
    detection.id.clone()
}

fn filter(names: &Names, detection: &Detection, region: &str) -> (Address, MetricFilter) {
    let role = group_role(detection.source);
    let group = names.address(Kind::LogGroup, role, region);
    let state = MetricFilter {
        name: names.detection(&detection.id),
        log_group: Input::from(&group, "name", names.log_group(role)),
        pattern: detection.pattern.clone(),
        metric_name: metric_name(detection),
        namespace: names.namespace(),
        value: "1".into(),
        default_value: Some(0.0),
        dimensions: BTreeMap::new(),
        unit: None,
        apply_on_transformed_logs: false,
        field_selection_criteria: None,
        emit_system_field_dimensions: BTreeSet::new(),
        shipped: detection.pack.is_some() && crate::detections::is_fixed(&detection.id),
    };
    (names.address(Kind::MetricFilter, &detection.id, region), state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::trail::example;

    #[test]
    fn a_filter_stands_beside_its_log_group() {
        let all = desired(&example::blueprint(), &Facts::default());
        insta::assert_snapshot!(example::list(&all), @r"
        metric_filter.gai-guardrail-weakened@111122223333/eu-central-1 genai-audit-gai-guardrail-weakened
        metric_filter.inv-guardrail-stop@111122223333/eu-central-1 genai-audit-inv-guardrail-stop
        metric_filter.inv-guardrail-stop@111122223333/us-east-1 genai-audit-inv-guardrail-stop
        ");
        insta::assert_snapshot!(example::lines(&all[0].1), @r#"
        apply_on_transformed_logs: false
        default_value: 0.0
        dimensions: {}
        emit_system_field_dimensions: []
        field_selection_criteria: null
        log_group: "/auditscope/genai-audit/trail"
        metric_name: "gai-guardrail-weakened"
        namespace: "AuditScope/genai-audit"
        pattern: "{ $.eventName = \"UpdateGuardrail\" }"
        unit: null
        value: "1"
        "#);
    }

    #[test]
    fn without_its_log_group_there_is_no_filter() {
        let mut blueprint = example::blueprint();
        blueprint.trail.log_group = None;
        blueprint.invocation_logging = None;
        assert_eq!(desired(&blueprint, &Facts::default()).len(), 0);
    }
}
