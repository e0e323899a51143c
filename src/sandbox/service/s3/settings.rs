//! Encryption, public access, ownership and tags of buckets.

use super::{argument, configuration, malformed_xml, open};
use crate::sandbox::service::record::{self, TagProblem, merge_tags, retag, tag_list};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Map, Value, json};

/// Values of ObjectOwnership.
pub(super) const OWNERSHIPS: &[&str] = &["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];

/// Returns the encryption of a bucket that nobody gave one; new buckets also block SSE-C
/// (`reference/s3-log-bucket.md` §2).
pub(super) fn default_encryption(block_sse_c: bool) -> Value {
    let mut rule =
        json!({"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false});
    if block_sse_c {
        rule["BlockedEncryptionTypes"] = json!({"EncryptionType": ["SSE-C"]});
    }
    json!({"Rules": [rule]})
}

pub(super) fn encryption(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetEncryptionConfiguration")?;
    // Every bucket is encrypted, so S3 has nothing left to say "not found" about (S3 User Guide, "Default encryption").
    let found = bucket.record(call)?.get("Encryption").filter(|found| found.is_object()).cloned();
    Ok(json!({"ServerSideEncryptionConfiguration": found.unwrap_or_else(|| default_encryption(false))}))
}

/// Replaces the rule: a block list that is not sent again is gone. The key is not looked up
/// (`reference/s3-log-bucket.md` §2 and §4).
pub(super) fn put_encryption(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutEncryptionConfiguration")?;
    let mut wanted = configuration(call, "ServerSideEncryptionConfiguration")?;
    let Some([rule]) = wanted["Rules"].as_array_mut().map(Vec::as_mut_slice) else {
        return Err(malformed_xml());
    };
    let default = &rule["ApplyServerSideEncryptionByDefault"];
    let algorithm = default["SSEAlgorithm"].as_str().unwrap_or_default().to_owned();
    let has_key = default.get("KMSMasterKeyID").and_then(Value::as_str).is_some_and(|key| !key.is_empty());
    let only_blocks = default.is_null() && !rule["BlockedEncryptionTypes"].is_null();
    match algorithm.as_str() {
        "AES256" if has_key => {
            let message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse";
            return Err(argument(message));
        }
        "aws:kms:dsse" if rule["BucketKeyEnabled"] == true => {
            return Err(argument(
                "BucketKeyEnabled is not applicable if the default sse algorithm is aws:kms:dsse",
            ));
        }
        "AES256" | "aws:kms" | "aws:kms:dsse" => {}
        "" if only_blocks => {
            rule["ApplyServerSideEncryptionByDefault"] = json!({"SSEAlgorithm": "AES256"});
        }
        _ => return Err(malformed_xml()),
    }
    if let Some(blocked) = rule.get("BlockedEncryptionTypes").filter(|blocked| !blocked.is_null()) {
        let types = blocked["EncryptionType"].as_array().cloned().unwrap_or_default();
        if types.is_empty() || types.iter().any(|kind| kind != "SSE-C" && kind != "NONE") {
            return Err(malformed_xml());
        }
    }
    if !rule["BucketKeyEnabled"].is_boolean() {
        rule["BucketKeyEnabled"] = false.into();
    }
    bucket.write(call, "Encryption", wanted)
}

/// Every bucket is encrypted: what is left is SSE-S3.
pub(super) fn delete_encryption(call: &mut Call<'_>) -> Answer {
    open(call, "s3:PutEncryptionConfiguration")?.write(call, "Encryption", default_encryption(false))
}

pub(super) fn public_access(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketPublicAccessBlock")?;
    let found = bucket.read(call, "PublicAccessBlock", "NoSuchPublicAccessBlockConfiguration")?;
    Ok(json!({"PublicAccessBlockConfiguration": found}))
}

pub(super) fn put_public_access(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketPublicAccessBlock")?;
    let wanted = configuration(call, "PublicAccessBlockConfiguration")?;
    let flags = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    let stored: Map<String, Value> =
        flags.iter().map(|flag| ((*flag).to_owned(), json!(wanted[*flag] == true))).collect();
    bucket.write(call, "PublicAccessBlock", Value::Object(stored))
}

pub(super) fn delete_public_access(call: &mut Call<'_>) -> Answer {
    open(call, "s3:PutBucketPublicAccessBlock")?.remove(call, "PublicAccessBlock")
}

pub(super) fn ownership(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketOwnershipControls")?;
    Ok(
        json!({"OwnershipControls": bucket.read(call, "OwnershipControls", "OwnershipControlsNotFoundError")?}),
    )
}

pub(super) fn put_ownership(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketOwnershipControls")?;
    let wanted = configuration(call, "OwnershipControls")?;
    let Some([rule]) = wanted["Rules"].as_array().map(Vec::as_slice) else { return Err(malformed_xml()) };
    let ownership = rule["ObjectOwnership"].as_str().unwrap_or_default();
    if !OWNERSHIPS.contains(&ownership) {
        return Err(malformed_xml());
    }
    let owner = bucket.owner.clone();
    if ownership == "BucketOwnerEnforced" && !super::sharing::is_private(bucket.record(call)?, &owner) {
        // S3 User Guide, disabling ACLs: the ACL must let nobody else in.
        let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
        return Err(Fault::bad("InvalidBucketAclWithObjectOwnership", message));
    }
    bucket.write(call, "OwnershipControls", json!({"Rules": [{"ObjectOwnership": ownership}]}))
}

pub(super) fn delete_ownership(call: &mut Call<'_>) -> Answer {
    open(call, "s3:PutBucketOwnershipControls")?.remove(call, "OwnershipControls")
}

pub(super) fn tags(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketTagging")?;
    let record = bucket.record(call)?;
    if record::tags(record).is_empty() {
        return Err(Fault::with(404, "NoSuchTagSet", "The TagSet does not exist"));
    }
    Ok(json!({"TagSet": tag_list(record, "Key", "Value")}))
}

/// Replaces the whole set.
pub(super) fn put_tags(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketTagging")?;
    let wanted = configuration(call, "Tagging")?;
    let list = wanted["TagSet"].as_array().cloned().unwrap_or_default();
    let tags = merge_tags(Map::new(), &list, ("Key", "Value")).map_err(refuse_tags)?;
    let now = call.now;
    retag(bucket.record(call)?, tags, now);
    Ok(json!({}))
}

pub(super) fn delete_tags(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketTagging")?;
    let now = call.now;
    retag(bucket.record(call)?, Map::new(), now);
    Ok(json!({}))
}

pub(super) fn refuse_tags(problem: TagProblem) -> Fault {
    Fault::bad("InvalidTag", problem.to_string())
}
