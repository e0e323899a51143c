//! Object Lock on single versions: what a new one gets, and what keeps one from being deleted.

use super::super::{Call, Fault};
use super::{Open, argument, denied, open_object};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// Returns the members that tell a new version's retention: what the call asks for, or else the bucket's default.
///
/// # Errors
/// `InvalidArgument` and `InvalidRequest` for what does not go together, `AccessDenied` if the policy forbids to ask.
pub(super) fn of_new_version(
    call: &mut Call<'_>,
    bucket: &Open,
    key: &str,
) -> Result<Map<String, Value>, Fault> {
    let locks = bucket.record(call)?.get("ObjectLock").is_some_and(Value::is_object);
    let (mode, until) = (call.text("ObjectLockMode"), call.text("ObjectLockRetainUntilDate"));
    let hold = call.text("ObjectLockLegalHoldStatus");
    let (mut told, now) = (Map::new(), call.now);
    if !locks && (mode.is_some() || until.is_some() || hold.is_some()) {
        return Err(Fault::bad("InvalidRequest", "Bucket is missing Object Lock Configuration"));
    }
    if let Some(hold) = hold {
        if !["ON", "OFF"].contains(&hold.as_str()) {
            return Err(argument("Legal Hold must be either of 'ON' or 'OFF'"));
        }
        open_object(call, "s3:PutObjectLegalHold", key, &[])?;
        told.insert("ObjectLockLegalHoldStatus".into(), hold.into());
    }
    match (mode, until) {
        (Some(mode), Some(until)) => {
            if !["GOVERNANCE", "COMPLIANCE"].contains(&mode.as_str()) {
                return Err(argument("Unknown wormMode directive"));
            }
            let until: Timestamp = until
                .parse()
                .map_err(|_| argument("The retain until date must be provided in ISO 8601 format"))?;
            if until <= call.now {
                return Err(argument("The retain until date must be in the future!"));
            }
            open_object(call, "s3:PutObjectRetention", key, &[])?;
            told.insert("ObjectLockMode".into(), mode.into());
            told.insert("ObjectLockRetainUntilDate".into(), until.to_string().into());
        }
        (None, None) => {
            if let Value::Object(default) = default_of(bucket.record(call)?, now) {
                told.extend(default);
            }
        }
        _ => {
            let message =
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
            return Err(argument(message));
        }
    }
    Ok(told)
}

/// Checks that a version may be deleted for good.
///
/// # Errors
/// `AccessDenied` while a legal hold or a retention is on it; a caller who may and says so gets past GOVERNANCE.
pub(super) fn may_delete(call: &Call<'_>, key: &str, version: &Value) -> Result<(), Fault> {
    let headers = &version["_headers"];
    let refusal = || denied("Access Denied because object protected by object lock.");
    if headers["ObjectLockLegalHoldStatus"] == "ON" {
        return Err(refusal());
    }
    let until = headers["ObjectLockRetainUntilDate"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    if until.is_none_or(|until| until <= call.now) {
        return Ok(());
    }
    let bypasses = headers["ObjectLockMode"] == "GOVERNANCE"
        && call.flag("BypassGovernanceRetention").unwrap_or(false)
        && open_object(call, "s3:BypassGovernanceRetention", key, &[]).is_ok();
    if bypasses { Ok(()) } else { Err(refusal()) }
}

/// Returns the members that tell the retention a bucket gives to every new version.
pub(super) fn default_of(record: &Value, now: Timestamp) -> Value {
    let rule = &record["ObjectLock"]["Rule"]["DefaultRetention"];
    let days = rule["Days"].as_i64().or_else(|| rule["Years"].as_i64().map(|years| years * 365));
    match (rule["Mode"].as_str(), days) {
        (Some(mode), Some(days)) => {
            let until = now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
            json!({"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until.to_string()})
        }
        _ => json!({}),
    }
}
