//! S3 buckets and their sub-configurations, as the S3 API has them.
//!
//! A bucket's record holds `Name`, `Region`, `CreationDate`, `Policy` (raw text) and one member per sub-configuration
//! in the API's shape: `Encryption`, `PublicAccessBlock`, `OwnershipControls`, `Lifecycle`, `Versioning`, `ObjectLock`,
//! `Logging`, `Acl` (the grants), `Replication`, `Notification`, `Website`. What is not configured is not there. Objects stand in `_versions`, oldest first,
//! as ListObjectVersions shows them: delete markers with `_marker` true, objects with a body in `_text`, or in `_base64` if it is
//! no text, and what GetObject tells in headers in `_headers`.

mod access_points;
mod buckets;
mod checksums;
mod encryption;
mod lifecycle;
mod list_objects;
mod logging;
mod names;
mod objects;
mod policy;
mod put_object;
mod retention;
mod settings;
mod sharing;
mod versioning;
pub mod versions;

use super::record::principal_arn;
use super::{Answer, Call, Fault, Operation, policy_check};
use crate::sandbox::state::Delay;
use serde_json::{Value, json};

/// The operations of S3.
pub const OPERATIONS: &[Operation] = &[
    row("CreateAccessPoint", true, access_points::create),
    row("CreateBucket", true, buckets::create),
    row("DeleteAccessPoint", true, access_points::delete),
    row("DeleteBucket", true, buckets::delete),
    row("DeleteBucketEncryption", true, settings::delete_encryption),
    row("DeleteBucketLifecycle", true, lifecycle::delete),
    row("DeleteBucketOwnershipControls", true, settings::delete_ownership),
    row("DeleteBucketPolicy", true, policy::delete),
    row("DeleteBucketReplication", true, sharing::delete_replication),
    row("DeleteBucketTagging", true, settings::delete_tags),
    row("DeleteBucketWebsite", true, sharing::delete_website),
    row("DeleteObject", true, objects::delete),
    row("DeletePublicAccessBlock", true, settings::delete_public_access),
    row("GetBucketAcl", false, sharing::acl),
    row("GetBucketEncryption", false, settings::encryption),
    row("GetBucketLifecycleConfiguration", false, lifecycle::get),
    row("GetBucketLogging", false, logging::get),
    row("GetBucketNotificationConfiguration", false, sharing::notification),
    row("GetBucketOwnershipControls", false, settings::ownership),
    row("GetBucketPolicy", false, policy::get),
    row("GetBucketReplication", false, sharing::replication),
    row("GetBucketTagging", false, settings::tags),
    row("GetBucketVersioning", false, versioning::get),
    row("GetBucketWebsite", false, sharing::website),
    row("GetObject", false, objects::get),
    row("GetObjectLockConfiguration", false, versioning::get_lock),
    row("GetPublicAccessBlock", false, settings::public_access),
    row("HeadBucket", false, buckets::head),
    row("HeadObject", false, objects::head),
    row("ListAccessPoints", false, access_points::list),
    row("ListBuckets", false, buckets::list),
    row("ListObjectVersions", false, versions::list),
    row("ListObjectsV2", false, list_objects::list),
    row("PutBucketAcl", true, sharing::put_acl),
    row("PutBucketEncryption", true, settings::put_encryption),
    row("PutBucketLifecycleConfiguration", true, lifecycle::put),
    row("PutBucketLogging", true, logging::put),
    row("PutBucketNotificationConfiguration", true, sharing::put_notification),
    row("PutBucketOwnershipControls", true, settings::put_ownership),
    row("PutBucketPolicy", true, policy::put),
    row("PutBucketReplication", true, sharing::put_replication),
    row("PutBucketTagging", true, settings::put_tags),
    row("PutBucketVersioning", true, versioning::put),
    row("PutBucketWebsite", true, sharing::put_website),
    row("PutObject", true, put_object::put),
    row("PutObjectLockConfiguration", true, versioning::put_lock),
    row("PutPublicAccessBlock", true, settings::put_public_access),
];

const fn row(name: &'static str, writes: bool, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "s3", name, writes, handler }
}

/// A bucket that a call may work on.
struct Open {
    owner: String,
    name: String,
}

impl Open {
    /// Returns the record for writing.
    fn record<'c>(&self, call: &'c mut Call<'_>) -> Result<&'c mut Value, Fault> {
        call.state
            .table(&self.owner, "global", "buckets")
            .get_mut(&self.name)
            .ok_or_else(|| no_bucket(&self.name))
    }

    /// Returns the record for reading.
    fn seen<'c>(&self, call: &'c Call<'_>) -> Result<&'c Value, Fault> {
        let table = call.state.peek(&self.owner, "global", "buckets");
        table.and_then(|table| table.get(&self.name)).ok_or_else(|| no_bucket(&self.name))
    }

    /// Returns a sub-configuration.
    fn read(&self, call: &mut Call<'_>, member: &str, missing: &str) -> Result<Value, Fault> {
        let value = self.record(call)?.get(member).filter(|value| !value.is_null()).cloned();
        value.ok_or_else(|| Fault::with(404, missing, format!("The {member} configuration was not found")))
    }

    /// Removes a sub-configuration; it is no error if there is none.
    fn remove(&self, call: &mut Call<'_>, member: &str) -> Answer {
        if let Some(members) = self.record(call)?.as_object_mut() {
            members.remove(member);
        }
        Ok(json!({}))
    }

    /// Writes a sub-configuration.
    fn write(&self, call: &mut Call<'_>, member: &str, value: Value) -> Answer {
        self.record(call)?[member] = value;
        Ok(json!({}))
    }
}

/// Opens the bucket of a call for an action (the IAM name: `reference/permissions.md` §3).
///
/// # Errors
/// `NoSuchBucket`, `AccessDenied` (another owner than expected, or the policy says so), `PermanentRedirect`.
fn open(call: &Call<'_>, action: &str) -> Result<Open, Fault> {
    spread(call, open_at_once(call, action)?)
}

/// Opens the bucket of a call for an action on one of its objects; `more` are the condition keys that the action has
/// besides those of every request.
fn open_object(call: &Call<'_>, action: &str, key: &str, more: &[(&str, &str)]) -> Result<Open, Fault> {
    spread(call, admitted(call, action, &format!("/{key}"), more)?)
}

/// Opens the bucket of a call for an action on the bucket with condition keys of its own.
fn open_with(call: &Call<'_>, action: &str, more: &[(&str, &str)]) -> Result<Open, Fault> {
    spread(call, admitted(call, action, "", more)?)
}

/// Returns a bucket once it is known everywhere.
fn spread(call: &Call<'_>, bucket: Open) -> Result<Open, Fault> {
    let created = call.state.bucket(&bucket.name).and_then(|(_, record)| record.get("_created_at")?.as_i64());
    let spreads = call.state.delay_millis(Delay::Bucket);
    if created.is_some_and(|created| call.now.as_millisecond() - created < spreads) {
        return Err(no_bucket(&bucket.name));
    }
    Ok(bucket)
}

/// Opens a bucket for the calls that know it from its first moment.
fn open_at_once(call: &Call<'_>, action: &str) -> Result<Open, Fault> {
    admitted(call, action, "", &[])
}

/// Returns the bucket if owner, policy and Region let the caller in; `path` is what stands behind its ARN.
fn admitted(call: &Call<'_>, action: &str, path: &str, more: &[(&str, &str)]) -> Result<Open, Fault> {
    let name = call.text("Bucket").ok_or_else(|| names::refuse(""))?;
    let Some((owner, record)) = call.state.bucket(&name) else { return Err(no_bucket(&name)) };
    if call.text("ExpectedBucketOwner").is_some_and(|expected| expected != owner) {
        return Err(denied("Access Denied"));
    }
    let policy = record["Policy"].as_str().unwrap_or_default();
    let arn = format!("arn:aws:s3:::{name}{path}");
    let caller = principal_arn(call);
    let context = [&context(call, &caller), more].concat();
    let on_policy = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"].contains(&action);
    let allowed = if owner == call.account {
        // The account's root can always read, write and delete the policy.
        on_policy && call.principal.ends_with(":root")
            || !policy_check::denies(policy, call.principal, action, &arn, &context)
    } else {
        policy_check::admits(policy, call.principal, action, &arn, &context)
    };
    if !allowed {
        return Err(denied(format!(
            "User: {} is not authorized to perform: {action} on resource: {arn}",
            call.principal
        )));
    }
    if on_policy && owner != call.account {
        let message = "The specified method is not allowed against this resource.";
        return Err(Fault::with(405, "MethodNotAllowed", message));
    }
    if record["Region"] != call.region {
        let message =
            "The bucket you are attempting to access must be addressed using the specified endpoint.";
        return Err(Fault::with(301, "PermanentRedirect", message));
    }
    Ok(Open { owner: owner.to_owned(), name })
}

/// Condition keys that every request to the sandbox has.
fn context<'a>(call: &'a Call<'_>, caller: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("aws:SecureTransport", "true"),
        ("s3:TlsVersion", "1.3"),
        ("aws:PrincipalAccount", call.account),
        ("aws:PrincipalArn", caller),
    ]
}

fn no_bucket(name: &str) -> Fault {
    Fault::with(404, "NoSuchBucket", format!("The specified bucket does not exist: {name}"))
}

fn denied(message: impl Into<String>) -> Fault {
    Fault::with(403, "AccessDenied", message)
}

fn malformed_xml() -> Fault {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Fault::bad("MalformedXML", message)
}

fn argument(message: impl Into<String>) -> Fault {
    Fault::bad("InvalidArgument", message)
}

/// Returns a configuration with numbers and booleans as such, whatever the wire made of them.
fn typed(value: &Value) -> Value {
    const NUMBERS: &[&str] = &[
        "Days",
        "Years",
        "NoncurrentDays",
        "NewerNoncurrentVersions",
        "DaysAfterInitiation",
        "ObjectSizeGreaterThan",
        "ObjectSizeLessThan",
    ];
    const FLAGS: &[&str] = &[
        "ExpiredObjectDeleteMarker",
        "BucketKeyEnabled",
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    ];
    match value {
        Value::Array(list) => list.iter().map(typed).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    let number = value.as_str().filter(|_| NUMBERS.contains(&name.as_str()));
                    let flag = value.as_str().filter(|_| FLAGS.contains(&name.as_str()));
                    let value = match (number.and_then(|n| n.parse::<i64>().ok()), flag) {
                        (Some(number), _) => json!(number),
                        (None, Some("true" | "TRUE")) => json!(true),
                        (None, Some("false" | "FALSE")) => json!(false),
                        _ => typed(value),
                    };
                    (name.clone(), value)
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Returns a member of the input as a typed configuration.
///
/// # Errors
/// `MalformedXML` if it is not there.
fn configuration(call: &Call<'_>, member: &str) -> Result<Value, Fault> {
    call.input.get(member).filter(|value| value.is_object()).map(typed).ok_or_else(malformed_xml)
}

#[cfg(test)]
mod tests;
