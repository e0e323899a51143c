//! DescribeAlarms (`reference/cloudwatch.md` §4).

use super::rule::{child_name, children};
use super::{alarms::TABLES, invalid};
use crate::sandbox::service::listing::{page, public, with_token};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// Answers DescribeAlarms: metric alarms only, unless `AlarmTypes` asks for composites. Unknown names are just absent.
///
/// # Errors
/// `InvalidParameterCombination` for names and prefix together, `ValidationError` above 100 names or records,
/// `InvalidNextToken`.
pub fn describe(call: &mut Call<'_>) -> Answer {
    let names = call.list("AlarmNames");
    let prefix = call.text("AlarmNamePrefix");
    if !names.is_empty() && prefix.is_some() {
        return Err(Fault::bad(
            "InvalidParameterCombination",
            "AlarmNames and AlarmNamePrefix cannot be specified together",
        ));
    }
    let size = call.number("MaxRecords").unwrap_or(50);
    let size = usize::try_from(size).ok().filter(|size| (1..=100).contains(size));
    let size = size.ok_or_else(|| invalid("MaxRecords must be between 1 and 100"))?;
    if names.len() > 100 {
        return Err(invalid("AlarmNames must have at most 100 members"));
    }
    let related = related(call)?;
    let (state, action) = (call.text("StateValue"), call.text("ActionPrefix"));
    let types = call.list("AlarmTypes");
    let asks =
        |kind: &str| if types.is_empty() { kind == "MetricAlarm" } else { types.iter().any(|t| t == kind) };
    let kinds = [asks("MetricAlarm"), asks("CompositeAlarm") || related.is_some()];
    let mut found = Vec::new();
    for (table, _) in TABLES.into_iter().zip(kinds).filter(|(_, asked)| *asked) {
        let alarms = call.table(table).iter().filter(|(name, alarm)| {
            (names.is_empty() || names.iter().any(|wanted| wanted == name.as_str()))
                && prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
                && related.as_ref().is_none_or(|related| related.contains(name))
                && state.as_ref().is_none_or(|state| alarm["StateValue"] == state.as_str())
                && action.as_ref().is_none_or(|prefix| acts(alarm, prefix))
        });
        found.extend(alarms.map(|(name, alarm)| (name.clone(), (table, Value::Object(public(alarm))))));
    }
    let token = call.text("NextToken");
    let (found, next) = page(found, token.as_deref(), size, "InvalidNextToken")?;
    let of = |wanted: &str| -> Vec<Value> {
        found.iter().filter(|(table, _)| *table == wanted).map(|(_, alarm)| alarm.clone()).collect()
    };
    Ok(with_token(
        json!({"MetricAlarms": of(TABLES[0]), "CompositeAlarms": of(TABLES[1])}),
        "NextToken",
        next,
    ))
}

fn acts(alarm: &Value, prefix: &str) -> bool {
    ["AlarmActions", "OKActions", "InsufficientDataActions"].iter().any(|member| {
        let actions = alarm[*member].as_array().into_iter().flatten();
        actions.filter_map(Value::as_str).any(|action| action.starts_with(prefix))
    })
}

/// Returns the children or the parents of the alarm that the call names, `None` if it names none.
fn related(call: &mut Call<'_>) -> Result<Option<Vec<String>>, Fault> {
    let named = |alarm: &Value| -> Vec<String> {
        let children = children(alarm["AlarmRule"].as_str().unwrap_or_default()).unwrap_or_default();
        children.iter().map(|child| child_name(child)).collect()
    };
    let (of, with) = (call.text("ChildrenOfAlarmName"), call.text("ParentsOfAlarmName"));
    let composites = call.table("composite_alarms");
    match (of, with) {
        (None, None) => Ok(None),
        (Some(parent), None) => Ok(Some(composites.get(&parent).map(named).unwrap_or_default())),
        (None, Some(child)) => {
            let parents = composites.iter().filter(|(_, alarm)| named(alarm).contains(&child));
            Ok(Some(parents.map(|(name, _)| name.clone()).collect()))
        }
        _ => Err(Fault::bad(
            "InvalidParameterCombination",
            "ChildrenOfAlarmName and ParentsOfAlarmName cannot be specified together",
        )),
    }
}
