//! The versions of a bucket's objects, in `_versions`: adding, finding, removing and listing them.

use super::super::record::scatter;
use super::super::{Answer, Call, Fault};
use super::sharing::canonical_id;
use super::{argument, checksums, open, retention};
use aws_smithy_types::base64;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Returns an id for a version: 32 characters, as S3's are.
pub(super) fn id(counter: u64) -> String {
    format!("{:016x}{:016x}", scatter(counter), scatter(!counter))
}

/// Returns true if a text may be the id of a version.
pub(super) fn is_id(text: &str) -> bool {
    text == "null"
        || text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Adds an object or a delete marker to a bucket's record as the current version of its key, and returns its id.
///
/// With versioning the former versions stay; without, or where it is suspended, the version `null` is replaced (S3 User
/// Guide, "Adding objects to versioning-suspended buckets").
pub(super) fn add(record: &mut Value, mut version: Value, counter: u64) -> String {
    let versioned = record["Versioning"]["Status"] == "Enabled";
    let id = if versioned { id(counter) } else { "null".into() };
    version["VersionId"] = id.as_str().into();
    version["IsLatest"] = true.into();
    if !record["_versions"].is_array() {
        record["_versions"] = json!([]);
    }
    if let Some(all) = record["_versions"].as_array_mut() {
        all.retain(|one| one["Key"] != version["Key"] || one["VersionId"] != id.as_str());
        for one in all.iter_mut().filter(|one| one["Key"] == version["Key"]) {
            one["IsLatest"] = false.into();
        }
        all.push(version);
    }
    id
}

/// Adds an empty object that a service writes by itself, with what the bucket gives to every new one.
pub fn deliver_empty(record: &mut Value, key: &str, counter: u64, now: Timestamp) {
    let mut headers = retention::default_of(record, now);
    headers["ContentType"] = "binary/octet-stream".into();
    headers["ServerSideEncryption"] = "AES256".into();
    let default = &record["Encryption"]["Rules"][0]["ApplyServerSideEncryptionByDefault"];
    if let Some(key) = default["KMSMasterKeyID"].as_str() {
        headers["ServerSideEncryption"] = default["SSEAlgorithm"].clone();
        headers["SSEKMSKeyId"] = key.into();
    }
    let etag = format!("\"{}\"", checksums::hex(&checksums::md5(b"")));
    let version = json!({"Key": key, "Size": 0, "StorageClass": "STANDARD", "ETag": etag,
        "LastModified": now.as_second(), "_headers": headers, "_text": ""});
    add(record, version, counter);
}

/// Puts a body into a version: readable where it is text.
pub(super) fn set_body(version: &mut Value, body: Vec<u8>) {
    match String::from_utf8(body) {
        Ok(text) => version["_text"] = text.into(),
        Err(error) => version["_base64"] = base64::encode(error.as_bytes()).into(),
    }
}

/// Returns a version's body in base64; one that was never given is empty.
pub(super) fn body(version: &Value) -> String {
    match version["_base64"].as_str() {
        Some(bytes) => bytes.to_owned(),
        None => base64::encode(version["_text"].as_str().unwrap_or_default()),
    }
}

/// Returns the version of a key with an id, or the current one; both may be a delete marker.
pub(super) fn find<'r>(record: &'r Value, key: &str, id: Option<&str>) -> Option<&'r Value> {
    let all = record["_versions"].as_array()?;
    all.iter()
        .rev()
        .find(|one| one["Key"] == key && id.map_or(one["IsLatest"] == true, |id| one["VersionId"] == id))
}

/// Takes a version away for good; the one before it becomes the current one if it was that.
pub(super) fn remove(record: &mut Value, key: &str, id: &str) -> Option<Value> {
    let all = record["_versions"].as_array_mut()?;
    let at = all.iter().position(|one| one["Key"] == key && one["VersionId"] == id)?;
    let gone = all.remove(at);
    if gone["IsLatest"] == true
        && let Some(last) = all.iter_mut().rev().find(|one| one["Key"] == key)
    {
        last["IsLatest"] = true.into();
    }
    Some(gone)
}

/// Returns a version as lists show it.
pub(super) fn shown(version: &Value) -> Value {
    let members = version.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// By key, and within a key the newest first (S3 API, ListObjectVersions).
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:ListBucketVersions")?;
    let most = call.number("MaxKeys").unwrap_or(1000).clamp(0, 1000).unsigned_abs() as usize;
    let (prefix, after) = (call.text("Prefix").unwrap_or_default(), call.text("KeyMarker"));
    let after_version = call.text("VersionIdMarker");
    if after.is_none() && after_version.is_some() {
        return Err(argument("A version-id marker cannot be specified without a key marker."));
    }
    let mut all: Vec<Value> = bucket.record(call)?["_versions"].as_array().cloned().unwrap_or_default();
    all.retain(|one| name(one).starts_with(&prefix));
    all.reverse();
    all.sort_by(|a, b| name(a).cmp(name(b)));
    let start = after.as_deref().map_or(0, |after| {
        let met = |one: &Value| {
            name(one) == after
                && after_version.as_ref().is_some_and(|version| one["VersionId"] == version.as_str())
        };
        let behind_key = all.partition_point(|one| name(one) <= after);
        all.iter().position(met).map_or(behind_key, |at| at + 1)
    });
    let page: Vec<Value> = all.iter().skip(start).take(most).cloned().collect();
    let truncated = most > 0 && start + page.len() < all.len();
    let mut answer = json!({"Name": bucket.name, "Prefix": prefix, "MaxKeys": most, "IsTruncated": truncated,
        "KeyMarker": after.unwrap_or_default(), "VersionIdMarker": after_version.unwrap_or_default()});
    if let Some(last) = page.last().filter(|_| truncated) {
        answer["NextKeyMarker"] = last["Key"].clone();
        answer["NextVersionIdMarker"] = last["VersionId"].clone();
    }
    let (markers, versions): (Vec<Value>, Vec<Value>) =
        page.into_iter().partition(|one| one["_marker"] == true);
    for (member, list) in [("Versions", versions), ("DeleteMarkers", markers)] {
        if !list.is_empty() {
            let owned = |one: &Value| {
                let mut one = shown(one);
                one["Owner"] = json!({"ID": canonical_id(&bucket.owner)});
                one
            };
            answer[member] = list.iter().map(owned).collect();
        }
    }
    Ok(answer)
}

fn name(version: &Value) -> &str {
    version["Key"].as_str().unwrap_or_default()
}

/// Returns the fault for an id that is none.
pub(super) fn no_id() -> Fault {
    argument("Invalid version id specified")
}
