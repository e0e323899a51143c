//! Server access logging.

use super::{configuration, malformed_xml, open};
use crate::sandbox::service::{Answer, Call, Fault, policy_check};
use serde_json::{Value, json};

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketLogging")?;
    let found = bucket.record(call)?.get("Logging").filter(|found| found.is_object()).cloned();
    Ok(found.map_or_else(|| json!({}), |found| json!({"LoggingEnabled": found})))
}

/// An empty status switches logging off.
pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketLogging")?;
    let status = configuration(call, "BucketLoggingStatus")?;
    let Some(wanted) = status.get("LoggingEnabled").filter(|wanted| wanted.is_object()) else {
        return bucket.remove(call, "Logging");
    };
    let (Some(target), Some(prefix)) = (wanted["TargetBucket"].as_str(), wanted["TargetPrefix"].as_str())
    else {
        return Err(malformed_xml());
    };
    check_target(call, &bucket.name, target, prefix)?;
    let grants = wanted["TargetGrants"].as_array().is_some_and(|grants| !grants.is_empty());
    if grants {
        return Err(Fault::bad("AccessControlListNotSupported", "The bucket does not allow ACLs"));
    }
    bucket.write(call, "Logging", wanted.clone())
}

/// The target lies in the same account and Region, is encrypted with SSE-S3, has no Object Lock, and admits the logging
/// service (`reference/s3-log-bucket.md` §7). S3 itself finds encryption and lock only when it delivers; here they are
/// refused at once, so that no test passes with logs that would never arrive.
fn check_target(call: &Call<'_>, source: &str, target: &str, prefix: &str) -> Result<(), Fault> {
    let refuse = |message: &str| Err(Fault::bad("InvalidTargetBucketForLogging", message));
    let Some((owner, record)) = call.state.bucket(target) else {
        return refuse("The target bucket for logging does not exist");
    };
    if owner != call.account {
        return refuse("The owner for the bucket to be logged and the target bucket must be the same");
    }
    if record["Region"] != call.region {
        let message = "Cross S3 location logging not allowed.";
        return Err(Fault::with(403, "CrossLocationLoggingProhibited", message));
    }
    if record["Encryption"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "AES256" {
        return refuse("The target bucket for logging must be encrypted with SSE-S3");
    }
    if record.get("ObjectLock").is_some_and(Value::is_object) {
        return refuse("The target bucket for logging must not have Object Lock");
    }
    let source_arn = format!("arn:aws:s3:::{source}");
    let context = [
        ("aws:SourceArn", source_arn.as_str()),
        ("aws:SourceAccount", call.account),
        ("aws:SecureTransport", "true"),
        ("s3:TlsVersion", "1.3"),
    ];
    let object = format!("arn:aws:s3:::{target}/{prefix}2026-01-01-00-00-00-0000000000000000");
    let policy = record["Policy"].as_str().unwrap_or_default();
    if !policy_check::admits(policy, "logging.s3.amazonaws.com", "s3:PutObject", &object, &context) {
        return refuse("The target bucket for logging does not admit logging.s3.amazonaws.com");
    }
    Ok(())
}
