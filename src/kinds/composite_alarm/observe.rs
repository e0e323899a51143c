//! Reads composite alarms: one paged list call per Region, tags in bulk.

use super::{CompositeAlarm, rule};
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::metric_alarm::{outputs, shared};
use crate::kinds::{Kind, Wanted, owned};
use crate::model::{Address, Input, Scope};
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm as Described};
use std::collections::BTreeMap;

/// Returns a reading for each wanted alarm and for every other one under our prefix that carries our tag.
///
/// # Errors
/// The list call failed.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, CompositeAlarm>],
) -> Result<Vec<(Address, Reading<CompositeAlarm>)>, ApiError> {
    let alarms = list(cx, scope).await?;
    let mut readings: Vec<(Address, Reading<CompositeAlarm>)> = wanted
        .iter()
        .filter(|wanted| !alarms.iter().any(|alarm| alarm.alarm_name() == Some(&wanted.state.name)))
        .map(|wanted| (wanted.address.clone(), Reading::Absent))
        .collect();
    let looks = alarms.iter().map(|alarm| look(cx, scope, alarm, wanted));
    for (address, reading) in futures_util::future::join_all(looks).await {
        let asked = wanted.iter().any(|wanted| *wanted.address == address);
        // Under our prefix but not ours and not asked for: none of our business.
        if asked || matches!(reading, Reading::Found(_) | Reading::Unreadable(_)) {
            readings.push((address, reading));
        }
    }
    Ok(readings)
}

async fn list(cx: &Cx, scope: &Scope) -> Result<Vec<Described>, ApiError> {
    let client = cx.cloudwatch(scope);
    let mut alarms = Vec::new();
    let mut token = None;
    loop {
        // Without the type only metric alarms are listed (CloudWatch API, DescribeAlarms).
        let call = client
            .describe_alarms()
            .alarm_name_prefix(cx.names.detection(""))
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(100)
            .set_next_token(token)
            .send();
        let page = cx.send("cloudwatch:DescribeAlarms", scope, call).await?;
        alarms.extend(page.composite_alarms.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(alarms);
        }
    }
}

async fn look(
    cx: &Cx,
    scope: &Scope,
    alarm: &Described,
    wanted: &[Wanted<'_, CompositeAlarm>],
) -> (Address, Reading<CompositeAlarm>) {
    let name = alarm.alarm_name().unwrap_or_default();
    let role = name.strip_prefix(&cx.names.detection("")).unwrap_or(name);
    let address = Address::new(Kind::CompositeAlarm, role, scope);
    let arn = cx.names.alarm_arn(&scope.region, name);
    let asked = wanted.iter().find(|wanted| wanted.state.name == name);
    let tags = match shared::read(cx, scope, &arn, asked.map(|wanted| &wanted.state.tags)).await {
        Ok(tags) => tags,
        Err(error) => return (address, Reading::Unreadable(vec![error])),
    };
    let state = CompositeAlarm { tags: tags.clone(), ..read(alarm) };
    let found = Found::new(state, outputs(name, &address));
    (address, owned(found, &tags, &cx.names.scope))
}

/// Returns the state without its tags, which CloudWatch does not list.
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
        tags: BTreeMap::new(),
    }
}
