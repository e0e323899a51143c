//! PutCompositeAlarm (`reference/cloudwatch.md` §5).

use super::rule::{child_name, children};
use super::{alarms, invalid};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::json;

const MAX_CHILDREN: usize = 100;
/// Composite alarms that one alarm may be a child of.
const MAX_PARENTS: usize = 150;

/// Answers PutCompositeAlarm, an upsert.
///
/// # Errors
/// `ValidationError` for a rule outside the grammar, above 10,240 characters, or with children that do not exist in this
/// account and Region; `LimitExceeded` above 100 children.
pub fn put(call: &mut Call<'_>) -> Answer {
    let name = alarms::checked_name(call, "composite_alarms")?;
    let mut alarm = alarms::common(call, &name)?;
    let rule = call.text("AlarmRule").ok_or_else(|| invalid("AlarmRule must not be null"))?;
    if rule.chars().count() > 10_240 {
        return Err(invalid("AlarmRule must have at most 10240 characters"));
    }
    let named = children(&rule).map_err(invalid)?;
    if named.len() > MAX_CHILDREN {
        return Err(Fault::bad(
            "LimitExceeded",
            format!("A composite alarm can have at most {MAX_CHILDREN} children."),
        ));
    }
    for child in &named {
        check_child(call, child)?;
        check_parents(call, &name, child)?;
    }
    alarm.insert("AlarmRule".into(), json!(rule));
    if let Some(suppressor) = call.text("ActionsSuppressor") {
        check_child(call, &suppressor)?;
        alarm.insert("ActionsSuppressor".into(), json!(suppressor));
        for member in ["ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"] {
            let seconds = call.number(member);
            let seconds = seconds.ok_or_else(|| invalid(format!("ActionsSuppressor needs {member}")))?;
            alarm.insert(member.into(), json!(seconds));
        }
    }
    alarms::store(call, "composite_alarms", &name, alarm)
}

fn check_child(call: &mut Call<'_>, child: &str) -> Result<(), Fault> {
    let here = format!("arn:aws:cloudwatch:{}:{}:alarm:", call.region, call.account);
    let elsewhere = child.starts_with("arn:") && !child.starts_with(&here);
    let name = child_name(child);
    if elsewhere || !alarms::TABLES.into_iter().any(|table| call.table(table).contains_key(&name)) {
        return Err(invalid(format!("Could not save the composite alarm as alarm {child} does not exist.")));
    }
    Ok(())
}

fn check_parents(call: &mut Call<'_>, composite: &str, child: &str) -> Result<(), Fault> {
    let child = child_name(child);
    let others = call.table("composite_alarms").iter().filter(|(name, _)| *name != composite);
    let parents = others.filter(|(_, alarm)| {
        let named = children(alarm["AlarmRule"].as_str().unwrap_or_default()).unwrap_or_default();
        named.iter().any(|named| child_name(named) == child)
    });
    if parents.count() < MAX_PARENTS {
        return Ok(());
    }
    Err(Fault::bad("LimitExceeded", format!("Alarm {child} is in {MAX_PARENTS} composite alarms already.")))
}
