//! Writes metric filters.

use super::{Call, MetricFilter};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};
use aws_sdk_cloudwatchlogs::types::{MetricTransformation, StandardUnit};

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, MetricFilter>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.logs(scope);
    let want = target.desired;
    match call {
        Call::PutMetricFilter => {
            // An upsert that replaces everything (CloudWatch Logs API, PutMetricFilter).
            let dimensions = want.dimensions.clone().into_iter().collect();
            let metric = MetricTransformation::builder()
                .metric_name(&want.metric_name)
                .metric_namespace(&want.namespace)
                .metric_value(&want.value)
                .set_default_value(want.default_value)
                .set_dimensions((!want.dimensions.is_empty()).then_some(dimensions))
                .set_unit(want.unit.as_deref().map(StandardUnit::from))
                .build()
                .expect("name, namespace and value are set");
            let system = want.emit_system_field_dimensions.iter().cloned().collect();
            let send = client
                .put_metric_filter()
                .log_group_name(want.log_group.text())
                .filter_name(&want.name)
                .filter_pattern(&want.pattern)
                .metric_transformations(metric)
                .set_apply_on_transformed_logs(want.apply_on_transformed_logs.then_some(true))
                .set_field_selection_criteria(want.field_selection_criteria.clone())
                .set_emit_system_field_dimensions(
                    (!want.emit_system_field_dimensions.is_empty()).then_some(system),
                )
                .send();
            cx.send("logs:PutMetricFilter", scope, send).await?;
        }
        Call::DeleteMetricFilter => {
            let send = client
                .delete_metric_filter()
                .log_group_name(want.log_group.text())
                .filter_name(&want.name)
                .send();
            match cx.send("logs:DeleteMetricFilter", scope, send).await {
                // Gone already, alone or with its group.
                Err(error) if !error.is(&["ResourceNotFoundException"]) => return Err(error),
                _ => {}
            }
        }
    }
    Ok(Vec::new())
}
