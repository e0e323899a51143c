//! Reads metric filters: one paged list call per log group.

use super::MetricFilter;
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Wanted};
use crate::model::{Address, Input, Scope};
use aws_sdk_cloudwatchlogs::types::MetricFilter as Described;

/// Returns a reading for each wanted filter and for every other one in our log groups that has our prefix.
///
/// # Errors
/// A list call failed for another reason than a log group that is not there.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, MetricFilter>],
) -> Result<Vec<(Address, Reading<MetricFilter>)>, ApiError> {
    // The trail's group is at home only.
    let roles = if *scope == cx.names.home() { &["trail", "bedrock"][..] } else { &["bedrock"] };
    let groups = roles.iter().map(async |role| {
        let group = cx.names.log_group(role);
        list(cx, scope, &group).await.map(|filters| (*role, group, filters))
    });
    let mut readings: Vec<(Address, Reading<MetricFilter>)> =
        wanted.iter().map(|wanted| (wanted.address.clone(), Reading::Absent)).collect();
    let prefix = cx.names.detection("");
    for (role, group, filters) in futures_util::future::try_join_all(groups).await? {
        let (filters, others): (Vec<_>, Vec<_>) = filters
            .into_iter()
            .partition(|filter| filter.filter_name().is_some_and(|name| name.starts_with(&prefix)));
        note(cx, scope, role, &others);
        for filter in filters {
            let state = read(&filter, &group);
            let asked = |w: &&Wanted<'_, MetricFilter>| {
                w.state.name == state.name && w.state.log_group.text() == group
            };
            let address = match wanted.iter().find(asked) {
                Some(asked) => asked.address.clone(),
                None => left_over(cx, scope, wanted, role, &state.name),
            };
            readings.retain(|(other, _)| *other != address);
            let name = state.name.clone();
            readings.push((address, Reading::Found(Box::new(Found::new(state, [("name", name)])))));
        }
    }
    Ok(readings)
}

/// Notes filters that do not have our prefix: somebody else's, and no difference.
fn note(cx: &Cx, scope: &Scope, role: &str, others: &[Described]) {
    let mut names: Vec<&str> = others.iter().filter_map(|filter| filter.filter_name()).collect();
    if names.is_empty() {
        return;
    }
    names.sort_unstable();
    let group = Address::new(Kind::LogGroup, role, scope);
    // CloudWatch Logs quotas: 100 metric filters in a group.
    cx.note(format!(
        "{}: metric filters that are not ours count towards the 100 that it takes: {}",
        group.short(),
        names.join(", ")
    ));
}

/// Returns the address of a filter that nobody asks for. The same detection may be asked for on the other log group.
fn left_over(cx: &Cx, scope: &Scope, wanted: &[Wanted<'_, MetricFilter>], role: &str, name: &str) -> Address {
    let id = name.strip_prefix(&cx.names.detection("")).unwrap_or(name);
    let address = Address::new(Kind::MetricFilter, id, scope);
    match wanted.iter().any(|wanted| *wanted.address == address) {
        true => Address::new(Kind::MetricFilter, format!("{role}/{id}"), scope),
        false => address,
    }
}

async fn list(cx: &Cx, scope: &Scope, group: &str) -> Result<Vec<Described>, ApiError> {
    let client = cx.logs(scope);
    let mut filters = Vec::new();
    let mut token = None;
    loop {
        // Without our prefix: what somebody else put there is in the same answer.
        let call = client.describe_metric_filters().log_group_name(group).set_next_token(token).send();
        let page = match cx.send("logs:DescribeMetricFilters", scope, call).await {
            Ok(page) => page,
            // No group, no filters in it (CloudWatch Logs API, DescribeMetricFilters).
            Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        filters.extend(page.metric_filters.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(filters);
        }
    }
}

fn read(filter: &Described, group: &str) -> MetricFilter {
    // Exactly one transformation is allowed (CloudWatch Logs API, PutMetricFilter).
    let metric = filter.metric_transformations().first();
    let dimensions = metric.and_then(|metric| metric.dimensions());
    MetricFilter {
        name: filter.filter_name().unwrap_or_default().to_owned(),
        log_group: Input::Known(filter.log_group_name().unwrap_or(group).to_owned()),
        pattern: filter.filter_pattern().unwrap_or_default().to_owned(),
        metric_name: metric.map(|metric| metric.metric_name().to_owned()).unwrap_or_default(),
        namespace: metric.map(|metric| metric.metric_namespace().to_owned()).unwrap_or_default(),
        value: metric.map(|metric| metric.metric_value().to_owned()).unwrap_or_default(),
        default_value: metric.and_then(|metric| metric.default_value()),
        dimensions: dimensions.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect(),
        // `None` is the name of having no unit (CloudWatch Logs API, MetricTransformation).
        unit: metric
            .and_then(|metric| metric.unit())
            .map(|unit| unit.as_str())
            .filter(|unit| *unit != "None")
            .map(ToOwned::to_owned),
        apply_on_transformed_logs: filter.apply_on_transformed_logs(),
        field_selection_criteria: filter
            .field_selection_criteria()
            .filter(|criteria| !criteria.is_empty())
            .map(ToOwned::to_owned),
        emit_system_field_dimensions: filter.emit_system_field_dimensions().iter().cloned().collect(),
        shipped: false,
    }
}
