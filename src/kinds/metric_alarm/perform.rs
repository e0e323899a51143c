//! Writes metric alarms.

use super::{Call, Metric, MetricAlarm, Query, shared};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};
use crate::model::Input;
use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, Metric as SdkMetric, MetricDataQuery, MetricStat, StandardUnit, Statistic,
};
use std::collections::{BTreeMap, BTreeSet};

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, MetricAlarm>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let want = target.desired;
    match call {
        Call::PutMetricAlarm => {
            // Tags of an alarm that is there already are ignored (CloudWatch API, PutMetricAlarm).
            let tags = target.observed.is_none().then(|| shared::list(&want.tags));
            let send = put(cx.cloudwatch(scope).put_metric_alarm(), want).set_tags(tags).send();
            cx.send("cloudwatch:PutMetricAlarm", scope, send).await?;
            if target.observed.is_none() {
                shared::read_back(cx, scope, &cx.names.alarm_arn(&scope.region, &want.name)).await;
            }
        }
        Call::SetTags => {
            let arn = cx.names.alarm_arn(&scope.region, &want.name);
            let before = target.observed.map(|state| state.tags.clone()).unwrap_or_default();
            shared::write(cx, scope, &arn, &before, &want.tags).await?;
        }
        Call::DeleteAlarms => shared::delete(cx, scope, &want.name).await?,
    }
    Ok(Vec::new())
}

/// The whole alarm: what is left out goes back to its default.
fn put(request: PutMetricAlarmFluentBuilder, want: &MetricAlarm) -> PutMetricAlarmFluentBuilder {
    let list = |arns: &BTreeSet<String>| (!arns.is_empty()).then(|| arns.iter().cloned().collect());
    let actions = want.alarm_actions.iter().map(|arn| Input::text(arn).to_owned()).collect();
    let plain = want.statistic.as_deref().filter(|name| Statistic::values().contains(name));
    let extended = want.statistic.as_deref().filter(|name| !Statistic::values().contains(name));
    let metric = want.metric.as_ref();
    let queries: Vec<MetricDataQuery> = want.queries.iter().map(|(id, query)| item(id, query)).collect();
    request
        .alarm_name(&want.name)
        .alarm_description(&want.description)
        .actions_enabled(want.actions_enabled)
        .set_alarm_actions(Some(actions))
        .set_ok_actions(list(&want.ok_actions))
        .set_insufficient_data_actions(list(&want.insufficient_data_actions))
        .set_metric_name(metric.map(|metric| metric.name.clone()))
        .set_namespace(metric.map(|metric| metric.namespace.clone()))
        .set_dimensions(metric.and_then(|metric| dimensions(&metric.dimensions)))
        .set_statistic(plain.map(Statistic::from))
        .set_extended_statistic(extended.map(ToOwned::to_owned))
        .set_period(want.period_seconds.map(seconds))
        .set_unit(want.unit.as_deref().map(StandardUnit::from))
        .set_metrics((!queries.is_empty()).then_some(queries))
        .evaluation_periods(seconds(want.evaluation_periods))
        .datapoints_to_alarm(seconds(want.datapoints_to_alarm))
        .set_threshold(want.threshold)
        .set_threshold_metric_id(want.threshold_metric_id.clone())
        .comparison_operator(ComparisonOperator::from(want.comparison_operator.as_str()))
        .treat_missing_data(&want.treat_missing_data)
        .set_evaluate_low_sample_count_percentile(want.evaluate_low_sample_count_percentile.clone())
}

fn seconds(number: u32) -> i32 {
    // CloudWatch bounds periods times their number by 604,800 seconds; beyond i32 it refuses either way.
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn dimensions(dimensions: &BTreeMap<String, String>) -> Option<Vec<Dimension>> {
    let one = |(name, value): (&String, &String)| Dimension::builder().name(name).value(value).build();
    (!dimensions.is_empty()).then(|| dimensions.iter().map(one).collect())
}

fn item(id: &str, query: &Query) -> MetricDataQuery {
    let metric = |metric: &Metric| {
        SdkMetric::builder()
            .namespace(&metric.namespace)
            .metric_name(&metric.name)
            .set_dimensions(dimensions(&metric.dimensions))
            .build()
    };
    let period = query.period_seconds.map(seconds);
    let stat = query.metric.as_ref().map(|of| {
        MetricStat::builder()
            .metric(metric(of))
            .set_period(period)
            .set_stat(query.statistic.clone())
            .set_unit(query.unit.as_deref().map(StandardUnit::from))
            .build()
    });
    MetricDataQuery::builder()
        .id(id)
        // A metric's period stands with the metric, an expression's with the item.
        .set_period(if stat.is_some() { None } else { period })
        .set_metric_stat(stat)
        .set_expression(query.expression.clone())
        .set_label(query.label.clone())
        .set_account_id(query.account.clone())
        .return_data(query.return_data)
        .build()
}
