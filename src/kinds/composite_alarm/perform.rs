//! Writes composite alarms.

use super::{Call, CompositeAlarm, rule};
use crate::aws::{ApiError, Cx};
use crate::kinds::metric_alarm::shared;
use crate::kinds::{Revealed, Target};
use crate::model::Input;
use std::collections::BTreeSet;

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, CompositeAlarm>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let want = target.desired;
    match call {
        Call::PutCompositeAlarm => {
            let list = |arns: &BTreeSet<String>| (!arns.is_empty()).then(|| arns.iter().cloned().collect());
            // Tags of an alarm that is there already are ignored (CloudWatch API, PutCompositeAlarm).
            let tags = target.observed.is_none().then(|| shared::list(&want.tags));
            let rule = match &want.other_rule {
                Some(rule) => rule.clone(),
                None => rule::any_of(want.alarms.iter().map(Input::text)),
            };
            // The whole alarm: a suppressor that is left out is taken away.
            let send = cx
                .cloudwatch(scope)
                .put_composite_alarm()
                .alarm_name(&want.name)
                .alarm_description(&want.description)
                .alarm_rule(rule)
                .actions_enabled(want.actions_enabled)
                .set_alarm_actions(list(&want.alarm_actions))
                .set_ok_actions(list(&want.ok_actions))
                .set_insufficient_data_actions(list(&want.insufficient_data_actions))
                .set_tags(tags)
                .send();
            cx.send("cloudwatch:PutCompositeAlarm", scope, send).await?;
            if target.observed.is_none() {
                shared::read_back(cx, scope, &cx.names.alarm_arn(&scope.region, &want.name)).await;
            }
        }
        Call::SetTags => {
            let arn = cx.names.alarm_arn(&scope.region, &want.name);
            let before = target.observed.map(|state| state.tags.clone()).unwrap_or_default();
            shared::write(cx, scope, &arn, &before, &want.tags).await?;
        }
        // At most one composite alarm per call (CloudWatch API, DeleteAlarms).
        Call::DeleteAlarms => shared::delete(cx, scope, &want.name).await?,
    }
    Ok(Vec::new())
}
