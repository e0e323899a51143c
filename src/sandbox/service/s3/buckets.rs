//! Buckets themselves.

use super::{argument, malformed_xml, names, open_at_once};
use crate::sandbox::service::record::{Page, begin, merge_tags, page};
use crate::sandbox::service::{Answer, Call, Fault};
use crate::sandbox::state::Delay;
use serde_json::{Map, Value, json};

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let name = call.text("Bucket").unwrap_or_default();
    let suffix = format!("-{}-{}-an", call.account, call.region);
    let own_namespace = call.text("BucketNamespace").as_deref() == Some("account-regional");
    names::check(&name, own_namespace.then_some(suffix.as_str()))?;
    let configuration = call.input.get("CreateBucketConfiguration").cloned().unwrap_or_default();
    check_location(
        call.region,
        configuration.get("LocationConstraint").and_then(Value::as_str).unwrap_or_default(),
    )?;
    let ownership = ownership(call)?;
    let list = configuration.get("Tags").and_then(Value::as_array).cloned().unwrap_or_default();
    let tags = merge_tags(Map::new(), &list, ("Key", "Value")).map_err(super::settings::refuse_tags)?;
    let location = if call.region == "us-east-1" {
        format!("/{name}")
    } else {
        format!("http://{name}.s3.amazonaws.com/")
    };
    let arn = format!("arn:aws:s3:::{name}");
    if let Some((owner, record)) = call.state.bucket(&name) {
        return match (owner == call.account, record["Region"] == "us-east-1" && call.region == "us-east-1") {
            // In us-east-1 making one's own bucket again succeeds, and only resets its ACL.
            (true, true) => Ok(json!({"Location": location, "BucketArn": arn})),
            (true, false) => {
                let message =
                    "Your previous request to create the named bucket succeeded and you already own it.";
                Err(Fault::with(409, "BucketAlreadyOwnedByYou", message))
            }
            (false, _) => {
                let message = "The requested bucket name is not available. The bucket namespace is shared by all users of the system.";
                Err(Fault::with(409, "BucketAlreadyExists", message))
            }
        };
    }
    let now = call.now.as_millisecond();
    let rests = call.state.delay_millis(Delay::BucketName);
    if call.global("deleted_buckets").get(&name).and_then(Value::as_i64).is_some_and(|at| now - at < rests) {
        let message = "A conflicting conditional operation is currently in progress against this resource. Please try again.";
        return Err(Fault::with(409, "OperationAborted", message));
    }
    let created = jiff::Timestamp::from_second(call.now.as_second()).unwrap_or(call.now);
    // What a new bucket has without asking: `reference/s3-log-bucket.md` §2.
    let mut bucket = json!({
        "Name": name, "Region": call.region, "CreationDate": created.to_string(), "_versions": [],
        "Encryption": super::settings::default_encryption(true),
        "PublicAccessBlock": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true,
            "RestrictPublicBuckets": true},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]},
    });
    if call.flag("ObjectLockEnabledForBucket").unwrap_or(false) {
        bucket["Versioning"] = json!({"Status": "Enabled"});
        bucket["ObjectLock"] = json!({"ObjectLockEnabled": "Enabled"});
    }
    begin(&mut bucket, &arn, tags, call.now);
    call.global("buckets").insert(name, bucket);
    Ok(json!({"Location": location, "BucketArn": arn}))
}

/// Errors have no body here, so their codes only repeat the status (S3 API, HeadBucket).
pub(super) fn head(call: &mut Call<'_>) -> Answer {
    let bucket = open_at_once(call, "s3:ListBucket").map_err(|fault| match fault.status {
        404 => Fault::with(404, "NotFound", "Not Found"),
        403 => Fault::with(403, "Forbidden", "Forbidden"),
        _ => fault,
    })?;
    let record = bucket.record(call)?;
    Ok(json!({"BucketRegion": record["Region"], "BucketArn": record["_arn"], "AccessPointAlias": false}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let bucket = open_at_once(call, "s3:DeleteBucket")?;
    if bucket.record(call)?["_versions"].as_array().is_some_and(|versions| !versions.is_empty()) {
        let message =
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
        return Err(Fault::with(409, "BucketNotEmpty", message));
    }
    call.state.table(&bucket.owner, "global", "buckets").remove(&bucket.name);
    let now = call.now.as_millisecond();
    call.global("deleted_buckets").insert(bucket.name, now.into());
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let size = call.number("MaxBuckets").unwrap_or(10_000);
    if !(1..=10_000).contains(&size) {
        return Err(argument("Argument max-buckets must be an integer between 1 and 10000"));
    }
    let (prefix, region) = (call.text("Prefix").unwrap_or_default(), call.text("BucketRegion"));
    let entries = call
        .global("buckets")
        .values()
        .filter(|bucket| bucket["Name"].as_str().is_some_and(|name| name.starts_with(&prefix)))
        .filter(|bucket| region.as_ref().is_none_or(|region| bucket["Region"] == region.as_str()))
        .map(|bucket| {
            json!({"Name": bucket["Name"], "CreationDate": bucket["CreationDate"], "BucketRegion": bucket["Region"],
                "BucketArn": bucket["_arn"]})
        })
        .collect();
    let bad = argument("The continuation token provided is incorrect");
    let Page { entries, next } =
        page(entries, call.text("ContinuationToken"), size.unsigned_abs() as usize, bad)?;
    let mut answer = json!({"Buckets": entries, "Owner": {"ID": super::sharing::canonical_id(call.account)}});
    if let Some(next) = next {
        answer["ContinuationToken"] = next.into();
    }
    Ok(answer)
}

/// In us-east-1 there is no constraint to give; elsewhere it is the Region (`reference/s3-log-bucket.md` §1).
fn check_location(region: &str, constraint: &str) -> Result<(), Fault> {
    let given = if constraint.is_empty() { "unspecified" } else { constraint };
    match (region, constraint) {
        ("us-east-1", "") => Ok(()),
        ("us-east-1", "us-east-1") => {
            Err(Fault::bad("InvalidLocationConstraint", "The specified location-constraint is not valid"))
        }
        ("eu-west-1", "EU") => Ok(()),
        _ if region == constraint => Ok(()),
        _ => Err(Fault::bad(
            "IllegalLocationConstraintException",
            format!(
                "The {given} location constraint is incompatible for the region specific endpoint this request was sent to."
            ),
        )),
    }
}

fn ownership(call: &Call<'_>) -> Result<String, Fault> {
    let ownership = call.text("ObjectOwnership").unwrap_or_else(|| "BucketOwnerEnforced".into());
    if !super::settings::OWNERSHIPS.contains(&ownership.as_str()) {
        return Err(malformed_xml());
    }
    let acl = call.text("ACL").unwrap_or_else(|| "private".into());
    if ownership == "BucketOwnerEnforced" && acl != "private" {
        let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
        return Err(Fault::bad("InvalidBucketAclWithObjectOwnership", message));
    }
    Ok(ownership)
}
