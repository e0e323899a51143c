//! How the formats write times.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;

/// Members of CloudWatch, IAM, S3 and STS outputs that are times; their JSON number is epoch seconds.
const TIMES: &[&str] = &[
    "AlarmConfigurationUpdatedTimestamp",
    "CreateDate",
    "CreationDate",
    "Date",
    "EndDate",
    "EndTime",
    "Expiration",
    "LastModified",
    "LastUsedDate",
    "StartDate",
    "StartTime",
    "StateTransitionedTimestamp",
    "StateUpdatedTimestamp",
    "Timestamp",
    "Timestamps",
];

/// Returns true if a member of that name holds a time, wherever it stands as a number.
#[must_use]
pub fn is_time(member: &str) -> bool {
    TIMES.contains(&member)
}

/// Returns the seconds of the explicit form, `{"$timestamp": seconds}`.
#[must_use]
pub fn explicit(value: &Value) -> Option<f64> {
    value.get("$timestamp").and_then(Value::as_f64)
}

/// Returns seconds as XML formats write them, such as `2026-01-01T00:00:00Z`.
#[must_use]
pub fn iso(seconds: f64) -> String {
    // Whole milliseconds keep the text short and are exact in a double for any year AWS has.
    Timestamp::from_millisecond((seconds * 1000.0).round() as i64)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// Returns a time as HTTP's headers write it, in whole seconds: `Thu, 01 Jan 2026 00:00:00 GMT` (RFC 9110, §5.6.7).
#[must_use]
pub fn http_date(at: Timestamp) -> String {
    // The printer refuses years below 0 only, where no clock of AWS's is.
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap_or_default()
}

/// Returns the seconds of a text in ISO 8601.
#[must_use]
pub fn seconds(text: &str) -> Option<f64> {
    let at: Timestamp = text.parse().ok()?;
    Some(at.as_millisecond() as f64 / 1000.0)
}
