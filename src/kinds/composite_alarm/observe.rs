//! Reads composite alarms: one paged list call per Region, tags in bulk.

use super::{CompositeAlarm, rule};
use crate::aws::{ApiError, Cx};
use crate::engine::reading::Reading;
use crate::kinds::metric_alarm::shared::{self, Reader};
use crate::kinds::{Kind, Wanted};
use crate::model::{Address, Input, Scope};
use aws_sdk_cloudwatch::types::CompositeAlarm as Described;
use std::collections::{BTreeMap, BTreeSet};

/// Returns a reading for each wanted alarm and for every other one under our prefix that carries our tag.
///
/// # Errors
/// The list call failed.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, CompositeAlarm>],
) -> Result<Vec<(Address, Reading<CompositeAlarm>)>, ApiError> {
    let alarms = cx.alarms(scope).await?;
    let others = alarms.metric.iter().filter_map(|alarm| alarm.alarm_name.clone()).collect();
    let ours = alarms.composite.iter().map(|alarm| (alarm.alarm_name.clone().unwrap_or_default(), alarm));
    let reader = Reader {
        kind: Kind::CompositeAlarm,
        tags: |state: &CompositeAlarm| &state.tags,
        state: |alarm, _| read(alarm),
        tagged: |state, tags| CompositeAlarm { tags, ..state },
    };
    Ok(shared::observe(cx, scope, wanted, ours, &others, reader).await)
}

fn read(alarm: &Described) -> CompositeAlarm {
    let text = alarm.alarm_rule().unwrap_or_default();
    let (alarms, other_rule) = match rule::parse_any_of(text) {
        Some(names) => (names.into_iter().map(Input::Known).collect(), None),
        None => (Vec::new(), Some(text.to_owned())),
    };
    let suppressor = alarm.actions_suppressor().filter(|name| !name.is_empty());
    CompositeAlarm {
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        description: alarm.alarm_description().unwrap_or_default().to_owned(),
        alarms,
        other_rule,
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        alarm_actions: alarm.alarm_actions().iter().cloned().collect(),
        ok_actions: alarm.ok_actions().iter().cloned().collect(),
        insufficient_data_actions: alarm.insufficient_data_actions().iter().cloned().collect(),
        actions_suppressor: suppressor.map(ToOwned::to_owned),
        // How long a suppressor is waited for means nothing without one, and goes with it.
        other_settings: shared::propagation(alarm.action_configuration()).into_iter().collect(),
        elsewhere: BTreeSet::new(),
        tags: BTreeMap::new(),
    }
}
