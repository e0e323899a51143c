//! GetObject, HeadObject and DeleteObject, and what they share with PutObject.

use super::super::{Answer, Call, Fault};
use super::{Open, denied, encryption, no_bucket, open_object, open_with, retention, versions};
use crate::sandbox::protocol::time::http_date;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let (_, version) = read(call)?;
    let mut answer = told(call, &version);
    answer["Body"] = versions::body(&version).into();
    Ok(answer)
}

/// Errors have no body here, so their codes only repeat the status (S3 API, HeadObject).
pub(super) fn head(call: &mut Call<'_>) -> Answer {
    match read(call) {
        Ok((_, version)) => Ok(told(call, &version)),
        Err(fault) => {
            let code = match fault.status {
                403 => "Forbidden".into(),
                404 => "NotFound".into(),
                _ => fault.code.clone(),
            };
            Err(Fault { code, ..fault })
        }
    }
}

/// Finds the version that a call reads, and checks that it may.
fn read(call: &mut Call<'_>) -> Result<(Open, Value), Fault> {
    let key = key(call)?;
    let id = call.text("VersionId");
    let action = if id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
    let bucket = open_object(call, action, &key, &versioned(id.as_deref()))?;
    if id.as_deref().is_some_and(|id| !versions::is_id(id)) {
        return Err(versions::no_id());
    }
    let record = bucket.record(call)?;
    let tells_versions = tells_versions(record);
    let Some(version) = versions::find(record, &key, id.as_deref()).cloned() else {
        // Who may not list must not learn what is there (S3 API, GetObject: permissions).
        if open_with(call, "s3:ListBucket", &[]).is_err() {
            return Err(denied("Access Denied"));
        }
        return Err(match id {
            Some(_) => Fault::with(404, "NoSuchVersion", "The specified version does not exist."),
            None => no_key(),
        });
    };
    if version["_marker"] == true {
        let fault = if id.is_some() {
            let message = "The specified method is not allowed against this resource.";
            Fault::with(405, "MethodNotAllowed", message).header("last-modified", modified(&version))
        } else {
            no_key()
        };
        let marker = version["VersionId"].as_str().unwrap_or_default();
        return Err(fault.header("x-amz-delete-marker", "true").header("x-amz-version-id", marker));
    }
    encryption::may_read(call, &bucket, &key, &version["_headers"])?;
    if call.text("IfMatch").is_some_and(|etag| !is_etag(&version, &etag)) {
        return Err(precondition());
    }
    if call.text("IfNoneMatch").is_some_and(|etag| is_etag(&version, &etag)) {
        let etag = version["ETag"].as_str().unwrap_or_default();
        return Err(Fault::with(304, "NotModified", "Not Modified").header("etag", etag));
    }
    let mut version = version;
    if !tells_versions && let Some(members) = version.as_object_mut() {
        members.remove("VersionId");
    }
    Ok((bucket, version))
}

/// Returns what the headers of an answer tell of a version.
fn told(call: &Call<'_>, version: &Value) -> Value {
    let mut answer = json!({"AcceptRanges": "bytes", "ContentLength": version["Size"]});
    for member in ["ETag", "LastModified", "VersionId"] {
        if let Some(value) = version.get(member) {
            answer[member] = value.clone();
        }
    }
    let checksums = call.text("ChecksumMode").as_deref() == Some("ENABLED");
    for (member, value) in version["_headers"].as_object().into_iter().flatten() {
        if checksums || !member.starts_with("Checksum") {
            answer[member] = value.clone();
        }
    }
    answer
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let key = key(call)?;
    let id = call.text("VersionId");
    let action = if id.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
    let bucket = open_object(call, action, &key, &versioned(id.as_deref()))?;
    if let Some(etag) = call.text("IfMatch") {
        let current = versions::find(bucket.record(call)?, &key, id.as_deref());
        match current.filter(|version| version["_marker"] != true) {
            None => return Err(no_key()),
            Some(version) if is_etag(version, &etag) || etag == "*" => {}
            Some(_) => return Err(precondition()),
        }
    }
    match id {
        Some(id) => delete_version(call, &bucket, &key, &id),
        None => hide(call, &bucket, &key),
    }
}

/// Takes one version away for good.
fn delete_version(call: &mut Call<'_>, bucket: &Open, key: &str, id: &str) -> Answer {
    if !versions::is_id(id) {
        return Err(versions::no_id());
    }
    if let Some(version) = versions::find(bucket.record(call)?, key, Some(id)).cloned() {
        retention::may_delete(call, key, &version)?;
    }
    let mut answer = json!({"VersionId": id});
    if versions::remove(bucket.record(call)?, key, id).is_some_and(|gone| gone["_marker"] == true) {
        answer["DeleteMarker"] = true.into();
    }
    Ok(answer)
}

/// Puts a delete marker on top, which no lock hinders; without versioning the object is gone
/// (`reference/s3-log-bucket.md` §5).
fn hide(call: &mut Call<'_>, bucket: &Open, key: &str) -> Answer {
    let (counter, now) = (call.state.fresh(), call.now.as_second());
    let record = bucket.record(call)?;
    if !tells_versions(record) {
        versions::remove(record, key, "null");
        return Ok(json!({}));
    }
    let marker = json!({"Key": key, "LastModified": now, "_marker": true});
    let id = versions::add(record, marker, counter);
    Ok(json!({"VersionId": id, "DeleteMarker": true}))
}

/// Returns the key of a call.
///
/// # Errors
/// `KeyTooLongError` over 1,024 bytes (S3 User Guide, "Naming Amazon S3 objects").
pub(super) fn key(call: &Call<'_>) -> Result<String, Fault> {
    let key = call.text("Key").ok_or_else(|| no_bucket(""))?;
    if key.len() > 1024 {
        return Err(Fault::bad("KeyTooLongError", "Your key is too long"));
    }
    Ok(key)
}

/// Condition key of the actions on one version.
fn versioned(id: Option<&str>) -> Vec<(&str, &str)> {
    id.map(|id| ("s3:versionid", id)).into_iter().collect()
}

/// Returns true if answers of a bucket tell versions: its versioning was enabled at some time.
pub(super) fn tells_versions(record: &Value) -> bool {
    record["Versioning"]["Status"].is_string()
}

/// Returns true if a version has this ETag, with or without its quotes.
pub(super) fn is_etag(version: &Value, etag: &str) -> bool {
    let bare = |text: &str| text.trim_matches('"').to_owned();
    version["ETag"].as_str().map(bare) == Some(bare(etag))
}

fn modified(version: &Value) -> String {
    let seconds = version["LastModified"].as_i64().unwrap_or_default();
    http_date(Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH))
}

pub(super) fn no_key() -> Fault {
    Fault::with(404, "NoSuchKey", "The specified key does not exist.")
}

pub(super) fn precondition() -> Fault {
    let message = "At least one of the pre-conditions you specified did not hold";
    Fault::with(412, "PreconditionFailed", message)
}

pub(super) fn not_implemented(header: &str) -> Fault {
    let message = format!("A header you provided implies functionality that is not implemented: {header}");
    Fault::with(501, "NotImplemented", message)
}
