//! What metric and composite alarms have in common: names, actions, state, deletion.

use super::rule::{child_name, children};
use super::{invalid, time};
use crate::sandbox::service::record::{begin, merge_tags};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Map, Value, json};

/// Tables that hold alarms: names are unique over both.
pub const TABLES: [&str; 2] = ["alarms", "composite_alarms"];

/// Returns the input's `AlarmName`, checked, and not taken by an alarm of the other kind.
///
/// # Errors
/// `ValidationError`.
pub fn checked_name(call: &mut Call<'_>, table: &str) -> Result<String, Fault> {
    let name = call.text("AlarmName").ok_or_else(|| invalid("AlarmName must not be null"))?;
    if name.chars().count() > 255 || name.chars().any(char::is_control) {
        return Err(invalid(format!("AlarmName '{name}' must have at most 255 characters")));
    }
    let other = TABLES.into_iter().find(|other| *other != table);
    if other.is_some_and(|other| call.table(other).contains_key(&name)) {
        return Err(invalid(format!(
            "Alarm {name} exists with another alarm type, which cannot be changed."
        )));
    }
    Ok(name)
}

/// Returns the members that both kinds of alarm take in the same way, with AWS's defaults.
///
/// # Errors
/// `ValidationError` for a description above 1024 characters, more than 5 actions, or an action that is no ARN.
pub fn common(call: &Call<'_>, name: &str) -> Result<Map<String, Value>, Fault> {
    let mut alarm = Map::new();
    alarm.insert("AlarmName".into(), json!(name));
    alarm.insert(
        "AlarmArn".into(),
        json!(format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", call.region, call.account)),
    );
    if let Some(description) = call.text("AlarmDescription") {
        if description.chars().count() > 1024 {
            return Err(invalid("AlarmDescription must have at most 1024 characters"));
        }
        alarm.insert("AlarmDescription".into(), json!(description));
    }
    alarm.insert("ActionsEnabled".into(), json!(call.flag("ActionsEnabled").unwrap_or(true)));
    for member in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
        let actions = call.list(member);
        if actions.len() > 5 {
            return Err(invalid(format!("{member} must have at most 5 members")));
        }
        if let Some(action) = actions.iter().find(|a| !a.as_str().is_some_and(is_action)) {
            return Err(invalid(format!("Invalid arn syntax: {action}")));
        }
        alarm.insert(member.into(), Value::Array(actions));
    }
    alarm.insert("AlarmConfigurationUpdatedTimestamp".into(), time(call.now));
    Ok(alarm)
}

fn is_action(arn: &str) -> bool {
    arn.len() <= 1024
        && arn.starts_with("arn:")
        && arn.splitn(6, ':').filter(|part| !part.is_empty()).count() >= 4
}

/// Stores an alarm: a new one starts without data and with the tags of the call; an old one keeps state and tags,
/// whatever tags the call carries (`reference/cloudwatch.md` §4).
///
/// # Errors
/// `ValidationError` for bad tags.
pub fn store(call: &mut Call<'_>, table: &str, name: &str, mut alarm: Map<String, Value>) -> Answer {
    let tags = merge_tags(Map::new(), &call.list("Tags"), ("Key", "Value"));
    let tags = tags.map_err(|problem| invalid(problem.to_string()))?;
    let now = call.now;
    if let Some(old) = call.table(table).get(name).and_then(Value::as_object) {
        let kept = old.iter().filter(|(member, _)| member.starts_with("State") || member.starts_with('_'));
        alarm.extend(kept.map(|(member, value)| (member.clone(), value.clone())));
        call.table(table).insert(name.to_owned(), Value::Object(alarm));
    } else {
        let arn = alarm["AlarmArn"].as_str().unwrap_or_default().to_owned();
        state(&mut alarm, "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation", now);
        let mut alarm = Value::Object(alarm);
        begin(&mut alarm, &arn, tags, now);
        call.table(table).insert(name.to_owned(), alarm);
    }
    Ok(json!({}))
}

fn state(alarm: &mut Map<String, Value>, value: &str, reason: &str, now: jiff::Timestamp) {
    let changed = alarm.get("StateValue").is_none_or(|old| old != value);
    alarm.insert("StateValue".into(), json!(value));
    alarm.insert("StateReason".into(), json!(reason));
    alarm.insert("StateUpdatedTimestamp".into(), time(now));
    if changed {
        alarm.insert("StateTransitionedTimestamp".into(), time(now));
    }
}

/// Answers SetAlarmState.
///
/// # Errors
/// `ResourceNotFound`; `ValidationError` for an unknown state or no reason; `InvalidFormat` for data that is not JSON.
pub fn set_state(call: &mut Call<'_>) -> Answer {
    let name = call.text("AlarmName").unwrap_or_default();
    let value = call.text("StateValue").unwrap_or_default();
    if !["OK", "ALARM", "INSUFFICIENT_DATA"].contains(&value.as_str()) {
        return Err(invalid(format!("StateValue '{value}' is none of OK, ALARM and INSUFFICIENT_DATA")));
    }
    let reason = call.text("StateReason").ok_or_else(|| invalid("StateReason must not be null"))?;
    let data = call.text("StateReasonData");
    if data.as_ref().is_some_and(|data| serde_json::from_str::<Value>(data).is_err()) {
        return Err(Fault::bad("InvalidFormat", "StateReasonData must be JSON"));
    }
    let now = call.now;
    for table in TABLES {
        if let Some(alarm) = call.table(table).get_mut(&name).and_then(Value::as_object_mut) {
            state(alarm, &value, &reason, now);
            if let Some(data) = data {
                alarm.insert("StateReasonData".into(), json!(data));
            }
            return Ok(json!({}));
        }
    }
    Err(Fault::with(404, "ResourceNotFound", format!("Unknown alarm: {name}")))
}

/// Answers EnableAlarmActions; unknown names are passed over.
///
/// # Errors
/// `ValidationError` without names or above 100.
pub fn enable_actions(call: &mut Call<'_>) -> Answer {
    set_actions(call, true)
}

/// Answers DisableAlarmActions.
///
/// # Errors
/// As [`enable_actions`].
pub fn disable_actions(call: &mut Call<'_>) -> Answer {
    set_actions(call, false)
}

fn set_actions(call: &mut Call<'_>, on: bool) -> Answer {
    let names = names(call)?;
    let now = call.now;
    for table in TABLES {
        for (_, alarm) in call.table(table).iter_mut().filter(|(name, _)| names.contains(name)) {
            alarm["ActionsEnabled"] = json!(on);
            alarm["AlarmConfigurationUpdatedTimestamp"] = time(now);
        }
    }
    Ok(json!({}))
}

fn names(call: &Call<'_>) -> Result<Vec<String>, Fault> {
    let names: Vec<String> =
        call.list("AlarmNames").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if names.is_empty() || names.len() > 100 {
        return Err(invalid("AlarmNames must have 1 to 100 members"));
    }
    Ok(names)
}

/// Answers DeleteAlarms: known names go even if others of the call are unknown.
///
/// # Errors
/// `ValidationError` for two composites in one call or for an alarm that a composite outside the call still names;
/// `ResourceNotFound` for unknown names.
pub fn delete(call: &mut Call<'_>) -> Answer {
    let names = names(call)?;
    if call.table("composite_alarms").keys().filter(|name| names.contains(name)).count() > 1 {
        return Err(invalid("Only one composite alarm can be deleted in a single operation"));
    }
    let staying = call.table("composite_alarms").iter().filter(|(name, _)| !names.contains(name));
    let used = staying.flat_map(|(composite, alarm)| {
        let rule = alarm["AlarmRule"].as_str().unwrap_or_default();
        let mut named = children(rule).unwrap_or_default();
        named.extend(alarm["ActionsSuppressor"].as_str().map(str::to_owned));
        named.into_iter().map(|child| (child_name(&child), composite.clone())).collect::<Vec<_>>()
    });
    if let Some((child, composite)) = used.into_iter().find(|(child, _)| names.contains(child)) {
        return Err(invalid(format!(
            "Alarm {child} cannot be deleted as composite alarm {composite} depends on it."
        )));
    }
    let mut unknown = names;
    for table in TABLES {
        let alarms = call.table(table);
        unknown.retain(|name| alarms.remove(name).is_none());
    }
    match unknown.first() {
        None => Ok(json!({})),
        Some(name) => Err(Fault::with(404, "ResourceNotFound", format!("Unknown alarm: {name}"))),
    }
}
