//! CloudWatch: metric alarms, composite alarms, dashboards and tags (`reference/cloudwatch.md` §4 to §6).
//!
//! Alarms lie in the regional tables `alarms` and `composite_alarms`, keyed by name; dashboards, which have no Region,
//! in the global table `dashboards`. Times are `{"$timestamp": seconds}`, which the wire adapter writes as CBOR tags.

pub mod alarms;
pub mod composites;
pub mod dashboards;
pub mod describe;
pub mod metric_alarms;
pub mod rule;
pub mod tags;

use super::{Answer, Call, Fault, Operation};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Every CloudWatch operation that the sandbox answers.
pub const OPERATIONS: &[Operation] = &[
    write("PutMetricAlarm", metric_alarms::put),
    write("PutCompositeAlarm", composites::put),
    read("DescribeAlarms", describe::describe),
    write("DeleteAlarms", alarms::delete),
    write("EnableAlarmActions", alarms::enable_actions),
    write("DisableAlarmActions", alarms::disable_actions),
    write("SetAlarmState", alarms::set_state),
    read("ListTagsForResource", tags::list),
    write("TagResource", tags::tag),
    write("UntagResource", tags::untag),
    write("PutDashboard", dashboards::put),
    read("GetDashboard", dashboards::get),
    write("DeleteDashboards", dashboards::delete),
    read("ListDashboards", dashboards::list),
];

const fn read(name: &'static str, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "cloudwatch", name, writes: false, handler }
}

const fn write(name: &'static str, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "cloudwatch", name, writes: true, handler }
}

/// Returns a `ValidationError`, which CloudWatch uses for what breaks its model or an alarm's rules.
#[must_use]
pub fn invalid(message: impl Into<String>) -> Fault {
    Fault::bad("ValidationError", message)
}

/// Returns a time as answers carry it.
#[must_use]
pub fn time(at: Timestamp) -> Value {
    json!({"$timestamp": at.as_millisecond() as f64 / 1000.0})
}

/// Returns the number of a JSON number or of a text from the query protocol.
#[must_use]
pub fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests;
