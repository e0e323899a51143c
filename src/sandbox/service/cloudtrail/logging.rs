//! StartLogging, StopLogging and GetTrailStatus.

use super::checks;
use super::lookup::{at_home, find, is};
use crate::sandbox::service::{Answer, Call, text};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Answers StartLogging; a second call changes nothing.
///
/// # Errors
/// `TrailNotFoundException`, `InvalidHomeRegionException`.
pub fn start(call: &mut Call<'_>) -> Answer {
    switch(call, true, "_started_at")
}

/// Answers StopLogging.
///
/// # Errors
/// As [`start`].
pub fn stop(call: &mut Call<'_>) -> Answer {
    switch(call, false, "_stopped_at")
}

fn switch(call: &mut Call<'_>, on: bool, when: &str) -> Answer {
    let at = at_home(call, &call.text("Name").unwrap_or_default())?;
    let now = call.now.as_millisecond();
    let trail = at.record_mut(call.state);
    if is(trail, "_logging") != on {
        trail["_logging"] = json!(on);
        trail[when] = json!(now);
    }
    Ok(json!({}))
}

/// Answers GetTrailStatus: the only place that says whether a trail logs, and whether its deliveries work.
///
/// # Errors
/// `TrailNotFoundException`.
pub fn status(call: &mut Call<'_>) -> Answer {
    let at = find(call, &call.text("Name").unwrap_or_default())?;
    let trail = at.record(call.state);
    let mut status = Map::new();
    status.insert("IsLogging".into(), json!(is(trail, "_logging")));
    let times = [
        ("StartLoggingTime", "TimeLoggingStarted", "_started_at"),
        ("StopLoggingTime", "TimeLoggingStopped", "_stopped_at"),
    ];
    for (time, words, member) in times {
        let millis = trail.get(member).and_then(Value::as_i64);
        let at = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        if let Some(at) = at {
            status.insert(time.into(), json!(seconds(at)));
        }
        // The texts are there on every trail; what has not happened is empty (botocore, GetTrailStatusResponse).
        status.insert(words.into(), json!(at.map(|at| format!("{at:.0}")).unwrap_or_default()));
    }
    // Texts of an older form that AWS still answers (AWS CLI reference, get-trail-status).
    for member in [
        "LatestDeliveryAttemptTime",
        "LatestDeliveryAttemptSucceeded",
        "LatestNotificationAttemptTime",
        "LatestNotificationAttemptSucceeded",
    ] {
        status.insert(member.into(), json!(""));
    }
    if let Some(last) = last_delivery(call, trail) {
        deliveries(call, &at.account, trail, last, &mut status);
    }
    Ok(Value::Object(status))
}

/// Returns when a trail last delivered or tried to: now, or when it was stopped. `None` if it never logged.
fn last_delivery(call: &Call<'_>, trail: &Value) -> Option<Timestamp> {
    if is(trail, "_logging") {
        return Some(call.now);
    }
    let stopped = trail.get("_stopped_at").and_then(Value::as_i64)?;
    Timestamp::from_millisecond(stopped).ok()
}

/// Adds what the deliveries of a trail have come to.
fn deliveries(
    call: &Call<'_>,
    account: &str,
    trail: &Value,
    last: Timestamp,
    status: &mut Map<String, Value>,
) {
    let (now, words) = (seconds(last), format!("{last:.0}"));
    status.insert("LatestDeliveryAttemptTime".into(), json!(words));
    match checks::delivery_error(call.state, account, trail) {
        Some(error) => status.insert("LatestDeliveryError".into(), json!(error)),
        None => {
            status.insert("LatestDeliveryAttemptSucceeded".into(), json!(words));
            status.insert("LatestDeliveryTime".into(), json!(now))
        }
    };
    if text(trail, "CloudWatchLogsLogGroupArn").is_some() {
        match checks::logs(call.state, call.now, account, trail) {
            Err(_) => status.insert("LatestCloudWatchLogsDeliveryError".into(), json!("Access denied")),
            Ok(()) => status.insert("LatestCloudWatchLogsDeliveryTime".into(), json!(now)),
        };
    }
    if is(trail, "LogFileValidationEnabled") {
        status.insert("LatestDigestDeliveryTime".into(), json!(now));
    }
}

/// Returns epoch seconds with a fraction, as awsJson writes times.
fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
