//! PutObject, with conditions.

use super::super::{Answer, Call, Fault};
use super::{argument, checksums, encryption, objects, open_object, retention, versions};
use aws_smithy_types::base64;
use serde_json::{Value, json};

/// Members that GetObject gives back as they came.
const KEPT: &[&str] =
    &["CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Metadata"];

pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let key = objects::key(call)?;
    let conditions = conditions(call);
    let more: Vec<(&str, &str)> = conditions.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let bucket = open_object(call, "s3:PutObject", &key, &more)?;
    refuse_lists(call, bucket.seen(call)?)?;
    let body = base64::decode(call.text("Body").unwrap_or_default())
        .map_err(|_| argument("The body is not readable"))?;
    let mut checksum = checksums::check(call, &body)?;
    let retained = retention::of_new_version(call, &bucket, &key)?;
    if !retained.is_empty() && !checksums::are_there(call) {
        let message = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
        return Err(Fault::bad("InvalidRequest", message));
    }
    let encrypted = encryption::of_new_object(call, &bucket, &key)?;
    check(call, versions::find(bucket.seen(call)?, &key, None))?;

    let counter = call.state.fresh();
    // The MD5 of the body is the ETag only where KMS has no part in it (S3 API, Object: ETag).
    let etag = match encrypted.get("SSEKMSKeyId") {
        None => checksums::md5(&body),
        Some(_) => checksums::md5(&[&body, versions::id(counter).as_bytes()].concat()),
    };
    let etag = format!("\"{}\"", checksums::hex(&etag));
    let algorithm = checksum.remove("_algorithm");
    let mut headers = json!({"ContentType": "binary/octet-stream"});
    for member in KEPT {
        if let Some(value) = call.input.get(*member) {
            headers[*member] = value.clone();
        }
    }
    for (member, value) in encrypted.iter().chain(&retained).chain(&checksum) {
        headers[member] = value.clone();
    }
    let mut version = json!({"Key": key, "ETag": etag, "Size": body.len(), "StorageClass": "STANDARD",
        "LastModified": call.now.as_second(), "ChecksumAlgorithm": [algorithm],
        "ChecksumType": checksum.get("ChecksumType"), "_headers": headers});
    versions::set_body(&mut version, body);
    let record = bucket.record(call)?;
    let id = versions::add(record, version, counter);
    let mut answer = json!({"ETag": etag});
    if objects::tells_versions(record) {
        answer["VersionId"] = id.into();
    }
    for (member, value) in encrypted.iter().chain(&checksum) {
        answer[member] = value.clone();
    }
    Ok(answer)
}

/// Returns the condition keys that policies may test on a new object (Service Authorization Reference, Amazon S3).
fn conditions(call: &Call<'_>) -> Vec<(&'static str, String)> {
    const KEYS: &[(&str, &str)] = &[
        ("s3:if-match", "IfMatch"),
        ("s3:if-none-match", "IfNoneMatch"),
        ("s3:object-lock-legal-hold", "ObjectLockLegalHoldStatus"),
        ("s3:object-lock-mode", "ObjectLockMode"),
        ("s3:object-lock-retain-until-date", "ObjectLockRetainUntilDate"),
        ("s3:x-amz-acl", "ACL"),
        ("s3:x-amz-server-side-encryption", "ServerSideEncryption"),
        ("s3:x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId"),
        ("s3:x-amz-storage-class", "StorageClass"),
    ];
    KEYS.iter().filter_map(|(key, member)| Some((*key, call.text(member)?))).collect()
}

/// Refuses ACLs where there are none (S3 User Guide, "Controlling ownership of objects"), and what the sandbox lacks.
fn refuse_lists(call: &Call<'_>, record: &Value) -> Result<(), Fault> {
    let acl = call.text("ACL").unwrap_or_else(|| "bucket-owner-full-control".into());
    let enforced = record["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced";
    if enforced && acl != "bucket-owner-full-control" {
        return Err(Fault::bad("AccessControlListNotSupported", "The bucket does not allow ACLs"));
    }
    if !["bucket-owner-full-control", "private"].contains(&acl.as_str()) {
        return Err(objects::not_implemented("x-amz-acl"));
    }
    match call.text("StorageClass").as_deref() {
        None | Some("STANDARD") => Ok(()),
        Some(_) => Err(objects::not_implemented("x-amz-storage-class")),
    }
}

/// Holds the current version of the key against the call's conditions (S3 User Guide, "How to prevent object overwrites
/// with conditional writes").
fn check(call: &Call<'_>, current: Option<&Value>) -> Result<(), Fault> {
    let current = current.filter(|version| version["_marker"] != true);
    match (call.text("IfNoneMatch"), call.text("IfMatch")) {
        (None, None) => Ok(()),
        (Some(_), Some(_)) => Err(objects::not_implemented("If-Match and If-None-Match together")),
        (Some(any), None) if any != "*" => Err(objects::not_implemented("If-None-Match")),
        (Some(_), None) => match current {
            Some(_) => Err(objects::precondition()),
            None => Ok(()),
        },
        (None, Some(etag)) => match current {
            None => Err(objects::no_key()),
            Some(version) if objects::is_etag(version, &etag) => Ok(()),
            Some(_) => Err(objects::precondition()),
        },
    }
}
