//! The metric alarms a blueprint asks for: one beside each metric filter, and those on metrics that AWS publishes.

use super::{Metric, MetricAlarm, Query};
use crate::blueprint::{Alarm, Blueprint, Detection, MetricSource, Placement, Severity, Trigger};
use crate::kinds::{Facts, Kind, metric_filter};
use crate::model::{Address, Input, Names, tags};
use std::collections::{BTreeMap, BTreeSet};

/// Longest description of an alarm (CloudWatch API, PutMetricAlarm).
const DESCRIPTION_MAX: usize = 1024;

/// Returns the metric alarms by address.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, MetricAlarm)> {
    placed(blueprint).into_iter().map(|alarm| build(blueprint, &alarm)).collect()
}

/// An alarm that the blueprint asks for in a Region.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// On a detection's own metric.
    Detection(&'a Detection),
    /// On a metric that AWS publishes.
    Service(&'a Alarm),
}

/// An alarm and the Region it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    pub asked: Asked<'a>,
    pub region: &'a str,
}

impl<'a> Placed<'a> {
    /// Returns the alarm's id.
    pub fn id(&self) -> &'a str {
        match self.asked {
            Asked::Detection(detection) => &detection.id,
            Asked::Service(alarm) => &alarm.id,
        }
    }
    /// Returns how bad it is when it fires.
    pub fn severity(&self) -> Severity {
        match self.asked {
            Asked::Detection(detection) => detection.severity,
            Asked::Service(alarm) => alarm.severity,
        }
    }
}

/// Returns every alarm with its Region.
pub fn placed(blueprint: &Blueprint) -> Vec<Placed<'_>> {
    let detections = blueprint.detections.iter().flat_map(|detection| {
        let asked = Asked::Detection(detection);
        let regions = metric_filter::desired::places(blueprint, detection.source);
        regions.into_iter().map(move |region| Placed { asked, region })
    });
    let services = blueprint.alarms.iter().flat_map(|alarm| {
        let regions: Vec<&str> = match alarm.placement {
            Placement::Home => vec![&blueprint.scope.home_region],
            Placement::BedrockRegions => blueprint.scope.bedrock_regions.iter().map(String::as_str).collect(),
            Placement::EveryRegion => {
                let home = std::iter::once(&blueprint.scope.home_region);
                let all: BTreeSet<&String> = home.chain(&blueprint.scope.bedrock_regions).collect();
                all.into_iter().map(String::as_str).collect()
            }
        };
        regions.into_iter().map(move |region| Placed { asked: Asked::Service(alarm), region })
    });
    detections.chain(services).collect()
}

/// Returns the word for a severity in names and texts.
pub fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

fn build(blueprint: &Blueprint, placed: &Placed<'_>) -> (Address, MetricAlarm) {
    let names = Names::of(blueprint);
    let (description, answers, controls, trigger) = match placed.asked {
        Asked::Detection(d) => (&d.description, &d.answers, &d.controls, &d.trigger),
        Asked::Service(a) => (&a.description, &a.answers, &a.controls, &a.trigger),
    };
    let watched = match placed.asked {
        Asked::Detection(detection) => Watched::metric(
            Metric {
                namespace: names.namespace(),
                name: metric_filter::desired::metric_name(detection),
                dimensions: BTreeMap::new(),
            },
            trigger,
        ),
        Asked::Service(alarm) => Watched::of(&alarm.metric, trigger),
    };
    let state = MetricAlarm {
        name: names.detection(placed.id()),
        description: describe(blueprint, placed.severity(), description, answers.as_deref(), controls),
        actions_enabled: true,
        alarm_actions: actions(blueprint, &names, placed.region),
        ok_actions: BTreeSet::new(),
        insufficient_data_actions: BTreeSet::new(),
        metric: watched.metric,
        statistic: watched.statistic,
        period_seconds: watched.period_seconds,
        unit: None,
        queries: watched.queries,
        evaluation_periods: trigger.datapoints_of,
        datapoints_to_alarm: trigger.datapoints_alarm,
        threshold: Some(trigger.threshold),
        threshold_metric_id: None,
        comparison_operator: comparison(&trigger.compare).to_owned(),
        treat_missing_data: missing(&trigger.missing).to_owned(),
        evaluate_low_sample_count_percentile: None,
        other_settings: BTreeSet::new(),
        tags: tags::desired(blueprint),
        shipped: match placed.asked {
            Asked::Detection(detection) => detection.pack.is_some(),
            Asked::Service(alarm) => alarm.pack.is_some(),
        },
        silent_topics: BTreeSet::new(),
    };
    (names.address(Kind::MetricAlarm, placed.id(), placed.region), state)
}

/// Our topic of the Region, and those of the blueprint that serve it.
fn actions(blueprint: &Blueprint, names: &Names, region: &str) -> Vec<Input> {
    let topic = names.address(Kind::SnsTopic, "alarms", region);
    let ours = Input::from(&topic, "arn", names.topic_arn(region));
    // arn:aws:sns:REGION:ACCOUNT:NAME
    let serves = |arn: &&String| arn.split(':').nth(3) == Some(region);
    let others = blueprint.notifications.topics.iter().filter(serves).cloned().map(Input::Known);
    let mut actions: Vec<Input> = std::iter::once(ours).chain(others).collect();
    actions.sort();
    actions.dedup();
    actions
}

struct Watched {
    metric: Option<Metric>,
    statistic: Option<String>,
    period_seconds: Option<u32>,
    queries: BTreeMap<String, Query>,
}

impl Watched {
    fn metric(metric: Metric, trigger: &Trigger) -> Self {
        Self {
            metric: Some(metric),
            statistic: Some(trigger.statistic.clone()),
            period_seconds: Some(trigger.period_seconds),
            queries: BTreeMap::new(),
        }
    }
    fn queries(queries: impl IntoIterator<Item = (String, Query)>) -> Self {
        let queries = queries.into_iter().collect();
        Self { metric: None, statistic: None, period_seconds: None, queries }
    }
    fn of(source: &MetricSource, trigger: &Trigger) -> Self {
        match source {
            MetricSource::Metric { namespace, name, dimensions } => {
                let (namespace, name) = (namespace.clone(), name.clone());
                Self::metric(Metric { namespace, name, dimensions: dimensions.clone() }, trigger)
            }
            MetricSource::Sum { namespace, names, dimensions } => {
                let names: BTreeSet<&String> = names.iter().collect();
                let metrics = names.into_iter().zip(1..).map(|(name, number)| {
                    let (namespace, name) = (namespace.clone(), name.clone());
                    let query = Query {
                        metric: Some(Metric { namespace, name, dimensions: dimensions.clone() }),
                        statistic: Some(trigger.statistic.clone()),
                        period_seconds: Some(trigger.period_seconds),
                        ..Query::default()
                    };
                    (format!("m{number}"), query)
                });
                let expression = Some("SUM(METRICS())".to_owned());
                let total = Query { expression, return_data: true, ..Query::default() };
                Self::queries(metrics.chain([("total".to_owned(), total)]))
            }
            // A Metrics Insights query carries its period itself (CloudWatch API, MetricDataQuery).
            MetricSource::Query { query } => {
                let query = Query {
                    expression: Some(query.clone()),
                    period_seconds: Some(trigger.period_seconds),
                    return_data: true,
                    ..Query::default()
                };
                Self::queries([("q1".to_owned(), query)])
            }
        }
    }
}

fn comparison(compare: &str) -> &str {
    match compare {
        ">=" => "GreaterThanOrEqualToThreshold",
        ">" => "GreaterThanThreshold",
        "<" => "LessThanThreshold",
        "<=" => "LessThanOrEqualToThreshold",
        other => other,
    }
}

fn missing(missing: &str) -> &str {
    match missing {
        "not-breaching" => "notBreaching",
        other => other,
    }
}

fn describe(
    blueprint: &Blueprint,
    severity: Severity,
    description: &str,
    answers: Option<&str>,
    controls: &[String],
) -> String {
    let mut text = format!("[{}] {description}", level(severity));
    if let Some(id) = answers {
        let known = blueprint.objectives.iter().find(|objective| objective.id == id);
        let question = known.map_or(id, |objective| &objective.question);
        text = format!("{text}\nAnswers: {question}");
    }
    if !controls.is_empty() {
        text = format!("{text}\nEvidence towards: {}", controls.join(", "));
    }
    match text.char_indices().nth(DESCRIPTION_MAX) {
        None => text,
        Some(_) => text.chars().take(DESCRIPTION_MAX - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::trail::example;

    #[test]
    fn alarms_stand_where_their_metric_is() {
        let all = desired(&example::blueprint(), &Facts::default());
        insta::assert_snapshot!(example::list(&all), @r"
        metric_alarm.gai-guardrail-weakened@111122223333/eu-central-1 genai-audit-gai-guardrail-weakened
        metric_alarm.inv-guardrail-stop@111122223333/eu-central-1 genai-audit-inv-guardrail-stop
        metric_alarm.inv-guardrail-stop@111122223333/us-east-1 genai-audit-inv-guardrail-stop
        metric_alarm.met-logs-delivery@111122223333/eu-central-1 genai-audit-met-logs-delivery
        metric_alarm.met-logs-delivery@111122223333/us-east-1 genai-audit-met-logs-delivery
        ");
        insta::assert_snapshot!(example::lines(&all[0].1), @r#"
        actions_enabled: true
        alarm_actions: ["arn:aws:sns:eu-central-1:111122223333:genai-audit-alarms"]
        comparison_operator: "GreaterThanOrEqualToThreshold"
        datapoints_to_alarm: 1
        description: "[high] A guardrail was changed or deleted\nAnswers: Which control was changed, and by whom?\nEvidence towards: CIS 5.0: 4.5"
        evaluate_low_sample_count_percentile: null
        evaluation_periods: 1
        insufficient_data_actions: []
        metric: {"dimensions":{},"name":"gai-guardrail-weakened","namespace":"AuditScope/genai-audit"}
        ok_actions: []
        other_settings: []
        period_seconds: 300
        queries: {}
        statistic: "Sum"
        tags: {"auditscope:blueprint":"1","auditscope:scope":"genai-audit"}
        threshold: 1.0
        threshold_metric_id: null
        treat_missing_data: "notBreaching"
        unit: null
        "#);
    }

    #[test]
    fn a_topic_of_the_user_serves_its_own_region() {
        let all = desired(&example::blueprint(), &Facts::default());
        for (address, alarm) in all {
            let told: Vec<&str> = alarm.alarm_actions.iter().map(Input::text).collect();
            let ours = format!("arn:aws:sns:{}:111122223333:genai-audit-alarms", address.scope.region);
            let theirs = "arn:aws:sns:us-east-1:111122223333:oncall".to_owned();
            let want = if address.scope.region == "us-east-1" { vec![ours, theirs] } else { vec![ours] };
            assert_eq!(told, want, "{address}");
        }
    }

    #[test]
    fn sums_and_queries_become_metric_math() {
        let sum = MetricSource::Sum {
            namespace: "AWS/Bedrock".into(),
            names: vec!["B".into(), "A".into()],
            dimensions: BTreeMap::new(),
        };
        let query =
            MetricSource::Query { query: "SELECT SUM(X) FROM SCHEMA(\"AWS/Bedrock\", ModelId)".into() };
        let mut blueprint = example::blueprint();
        blueprint.detections.clear();
        blueprint.alarms = vec![example::alarm("met-sum", sum), example::alarm("met-query", query)];
        blueprint.scope.bedrock_regions = ["eu-central-1".to_owned()].into();
        let all = desired(&blueprint, &Facts::default());
        for (_, alarm) in &all {
            assert_eq!((&alarm.metric, &alarm.statistic, alarm.period_seconds), (&None, &None, None));
        }
        insta::assert_snapshot!(example::lines(&all[0].1.queries), @r#"
        m1: {"metric":{"dimensions":{},"name":"A","namespace":"AWS/Bedrock"},"period_seconds":300,"return_data":false,"statistic":"Sum"}
        m2: {"metric":{"dimensions":{},"name":"B","namespace":"AWS/Bedrock"},"period_seconds":300,"return_data":false,"statistic":"Sum"}
        total: {"expression":"SUM(METRICS())","return_data":true}
        "#);
        insta::assert_snapshot!(example::lines(&all[1].1.queries), @r#"q1: {"expression":"SELECT SUM(X) FROM SCHEMA(\"AWS/Bedrock\", ModelId)","period_seconds":300,"return_data":true}"#);
    }

    #[test]
    fn a_description_is_cut_at_what_cloudwatch_takes() {
        let blueprint = example::blueprint();
        let text = describe(&blueprint, Severity::Low, &"ä".repeat(2000), None, &[]);
        assert_eq!(text.chars().count(), DESCRIPTION_MAX);
        assert!(text.starts_with("[low] ä") && text.ends_with('…'));
    }
}
