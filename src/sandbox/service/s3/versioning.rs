//! Versioning and Object Lock.

use super::{argument, configuration, denied, malformed_xml, open};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// A bucket whose versioning was never set answers without a status, which is not "Suspended".
pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketVersioning")?;
    Ok(bucket
        .record(call)?
        .get("Versioning")
        .filter(|found| found.is_object())
        .cloned()
        .unwrap_or_else(|| json!({})))
}

pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketVersioning")?;
    let wanted = configuration(call, "VersioningConfiguration")?;
    let status = wanted["Status"].as_str().unwrap_or_default();
    if !["Enabled", "Suspended"].contains(&status) {
        let message = "The versioning configuration specified in the request is invalid.";
        return Err(Fault::bad("IllegalVersioningConfigurationException", message));
    }
    // MFA delete takes root's credentials and its device (`reference/s3-log-bucket.md` §4).
    if wanted["MFADelete"] == "Enabled" {
        return Err(denied("Access Denied"));
    }
    if status == "Suspended" && bucket.record(call)?.get("ObjectLock").is_some_and(Value::is_object) {
        let message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.";
        return Err(bad_state(message));
    }
    bucket.write(call, "Versioning", json!({"Status": status}))
}

pub(super) fn get_lock(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketObjectLockConfiguration")?;
    Ok(
        json!({"ObjectLockConfiguration": bucket.read(call, "ObjectLock", "ObjectLockConfigurationNotFoundError")?}),
    )
}

/// Needs versioning, and stays: there is no call that takes it away (`reference/s3-log-bucket.md` §5). The default rule
/// may change freely; it holds for objects written afterwards.
pub(super) fn put_lock(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketObjectLockConfiguration")?;
    let wanted = configuration(call, "ObjectLockConfiguration")?;
    if wanted["ObjectLockEnabled"] != "Enabled" {
        return Err(malformed_xml());
    }
    if let Some(rule) = wanted.get("Rule").filter(|rule| !rule.is_null()) {
        check_rule(&rule["DefaultRetention"])?;
    }
    if bucket.record(call)?["Versioning"]["Status"] != "Enabled" {
        return Err(bad_state(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        ));
    }
    bucket.write(call, "ObjectLock", wanted)
}

fn check_rule(retention: &Value) -> Result<(), Fault> {
    if !matches!(retention["Mode"].as_str(), Some("GOVERNANCE" | "COMPLIANCE")) {
        return Err(malformed_xml());
    }
    let (days, years) =
        (retention.get("Days").filter(|v| !v.is_null()), retention.get("Years").filter(|v| !v.is_null()));
    let (period, most) = match (days, years) {
        (Some(days), None) => (days, 36_500),
        (None, Some(years)) => (years, 100),
        _ => return Err(malformed_xml()),
    };
    match period.as_i64() {
        Some(period) if period > most => Err(argument("Default retention period too large")),
        Some(period) if period > 0 => Ok(()),
        _ => Err(argument("Default retention period must be a positive integer value")),
    }
}

fn bad_state(message: &str) -> Fault {
    Fault::with(409, "InvalidBucketState", message)
}
