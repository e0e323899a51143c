//! Reads metric alarms: one paged list call per Region, tags in bulk.

use super::shared::{self, Reader};
use super::{Metric, MetricAlarm, Query};
use crate::aws::{ApiError, Cx};
use crate::engine::reading::Reading;
use crate::kinds::{Kind, Wanted};
use crate::model::{Address, Input, Scope};
use aws_sdk_cloudwatch::types::{Dimension, Metric as SdkMetric, MetricAlarm as Described, MetricDataQuery};
use std::collections::{BTreeMap, BTreeSet};

/// Returns a reading for each wanted alarm and for every other one under our prefix that carries our tag.
///
/// # Errors
/// The list call failed.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, MetricAlarm>],
) -> Result<Vec<(Address, Reading<MetricAlarm>)>, ApiError> {
    let alarms = cx.alarms(scope).await?;
    let others = alarms.composite.iter().filter_map(|alarm| alarm.alarm_name.clone()).collect();
    let ours = alarms.metric.iter().map(|alarm| (alarm.alarm_name.clone().unwrap_or_default(), alarm));
    let reader = Reader {
        kind: Kind::MetricAlarm,
        tags: |state: &MetricAlarm| &state.tags,
        state: read,
        tagged: |state, tags| MetricAlarm { tags, ..state },
    };
    Ok(shared::observe(cx, scope, wanted, ours, &others, reader).await)
}

fn read(alarm: &Described, account: &str) -> MetricAlarm {
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let set = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let metric = alarm.metric_name().map(|name| Metric {
        namespace: alarm.namespace().unwrap_or_default().to_owned(),
        name: name.to_owned(),
        dimensions: dimensions(alarm.dimensions()),
    });
    let statistic = alarm.statistic().map(|statistic| statistic.as_str()).or(alarm.extended_statistic());
    let evaluation_periods = number(alarm.evaluation_periods()).unwrap_or_default();
    let mut alarm_actions: Vec<Input> =
        alarm.alarm_actions().iter().map(|arn| Input::Known(arn.clone())).collect();
    alarm_actions.sort();
    MetricAlarm {
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        description: alarm.alarm_description().unwrap_or_default().to_owned(),
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        alarm_actions,
        ok_actions: alarm.ok_actions().iter().cloned().collect(),
        insufficient_data_actions: alarm.insufficient_data_actions().iter().cloned().collect(),
        statistic: statistic.map(ToOwned::to_owned),
        period_seconds: metric.as_ref().and(number(alarm.period())),
        metric,
        unit: alarm.unit().map(|unit| unit.as_str().to_owned()),
        queries: alarm.metrics().iter().map(|item| query(item, account)).collect(),
        evaluation_periods,
        // Left out means all of them (CloudWatch API, PutMetricAlarm).
        datapoints_to_alarm: number(alarm.datapoints_to_alarm()).unwrap_or(evaluation_periods),
        threshold: alarm.threshold(),
        threshold_metric_id: set(alarm.threshold_metric_id()),
        comparison_operator: alarm.comparison_operator().map(|op| op.as_str()).unwrap_or_default().to_owned(),
        treat_missing_data: set(alarm.treat_missing_data()).unwrap_or_else(|| "missing".into()),
        // `evaluate` is the default (CloudWatch API, PutMetricAlarm).
        evaluate_low_sample_count_percentile: set(alarm.evaluate_low_sample_count_percentile())
            .filter(|value| value != "evaluate"),
        other_settings: other_settings(alarm),
        tags: BTreeMap::new(),
        shipped: false,
        silent_topics: BTreeSet::new(),
    }
}

/// Returns the settings of newer alarms (CloudWatch API, MetricAlarm) that are not at their defaults.
fn other_settings(alarm: &Described) -> BTreeSet<String> {
    // A sliding window is the default; an interval belongs to its criteria (CloudWatch API, PutMetricAlarm).
    let window = alarm.evaluation_window().filter(|window| !window.is_sliding_window());
    let criteria = alarm.evaluation_criteria();
    let interval = criteria.and(alarm.evaluation_interval());
    let settings = [
        window.map(|window| format!("evaluation window {window:?}")),
        alarm.warm_up_configuration().map(|warm_up| format!("warm-up {warm_up:?}")),
        criteria.map(|criteria| format!("evaluation criteria {criteria:?}")),
        interval.map(|seconds| format!("evaluation interval {seconds} seconds")),
        shared::propagation(alarm.action_configuration()),
    ];
    settings.into_iter().flatten().collect()
}

fn dimensions(dimensions: &[Dimension]) -> BTreeMap<String, String> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    dimensions.iter().map(|dimension| (text(dimension.name()), text(dimension.value()))).collect()
}

fn query(item: &MetricDataQuery, account: &str) -> (String, Query) {
    let set = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let stat = item.metric_stat();
    let period = stat.and_then(|stat| stat.period()).or(item.period());
    let metric = |metric: &SdkMetric| Metric {
        namespace: metric.namespace().unwrap_or_default().to_owned(),
        name: metric.metric_name().unwrap_or_default().to_owned(),
        dimensions: dimensions(metric.dimensions()),
    };
    let query = Query {
        expression: set(item.expression()),
        metric: stat.and_then(|stat| stat.metric()).map(metric),
        statistic: set(stat.and_then(|stat| stat.stat())),
        period_seconds: period.and_then(|seconds| u32::try_from(seconds).ok()),
        unit: stat.and_then(|stat| stat.unit()).map(|unit| unit.as_str().to_owned()),
        label: set(item.label()),
        account: set(item.account_id()).filter(|other| other != account),
        // True unless it says otherwise (CloudWatch API, MetricDataQuery).
        return_data: item.return_data().unwrap_or(true),
    };
    (item.id().unwrap_or_default().to_owned(), query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};

    #[test]
    fn what_aws_leaves_out_is_its_default() {
        let alarm = Described::builder()
            .alarm_name("genai-audit-x")
            .metric_name("x")
            .namespace("AuditScope/genai-audit")
            .statistic(Statistic::Sum)
            .period(300)
            .evaluation_periods(3)
            .threshold(1.0)
            .comparison_operator(ComparisonOperator::GreaterThanThreshold)
            .evaluate_low_sample_count_percentile("evaluate")
            .build();
        let state = read(&alarm, "111122223333");
        assert_eq!(state.datapoints_to_alarm, 3);
        assert_eq!(state.treat_missing_data, "missing");
        assert_eq!(state.evaluate_low_sample_count_percentile, None);
        assert!(state.actions_enabled);
    }
}
