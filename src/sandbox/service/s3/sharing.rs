//! What lets others in or sends things out: ACL, replication, event notifications, website.

use super::{argument, configuration, denied, malformed_xml, open};
use crate::sandbox::service::record::uuid;
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Groups that are everybody (S3 User Guide, ACL overview).
const EVERYBODY: &str = "http://acs.amazonaws.com/groups/global/";

/// Returns the canonical id of an account, which ACLs name instead of its number.
pub(super) fn canonical_id(account: &str) -> String {
    let hash = Sha256::digest(format!("canonical {account}"));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn private(owner: &str) -> Value {
    let grantee = json!({"Type": "CanonicalUser", "ID": canonical_id(owner)});
    json!([{"Grantee": grantee, "Permission": "FULL_CONTROL"}])
}

/// Returns true if a bucket's ACL lets nobody in but the owner.
pub(super) fn is_private(record: &Value, owner: &str) -> bool {
    record.get("Acl").is_none_or(|grants| *grants == private(owner))
}

pub(super) fn acl(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketAcl")?;
    let owner = bucket.owner.clone();
    let grants = bucket.record(call)?.get("Acl").cloned().unwrap_or_else(|| private(&owner));
    Ok(json!({"Owner": {"ID": canonical_id(&owner)}, "Grants": grants}))
}

/// Takes a canned ACL or a list of grants. Where ACLs are off none is taken (S3 User Guide, Object Ownership).
pub(super) fn put_acl(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketAcl")?;
    let owner = bucket.owner.clone();
    let everybody = |permission: &str| {
        let grantee = json!({"Type": "Group", "URI": format!("{EVERYBODY}AllUsers")});
        json!({"Grantee": grantee, "Permission": permission})
    };
    let mut grants = private(&owner);
    let canned = call.text("ACL");
    let more: Vec<Value> = match canned.as_deref() {
        Some("private") => Vec::new(),
        Some("public-read") => vec![everybody("READ")],
        Some("public-read-write") => vec![everybody("READ"), everybody("WRITE")],
        Some(_) => return Err(argument("The canned ACL is not known to the sandbox")),
        None => {
            let wanted = configuration(call, "AccessControlPolicy")?;
            grants = wanted["Grants"].as_array().map_or_else(|| json!([]), |grants| json!(grants));
            Vec::new()
        }
    };
    if let Some(list) = grants.as_array_mut() {
        list.extend(more);
    }
    let record = bucket.record(call)?;
    if record["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced" {
        return Err(Fault::bad("AccessControlListNotSupported", "The bucket does not allow ACLs"));
    }
    let is_public = grants.to_string().contains(EVERYBODY);
    if is_public && record["PublicAccessBlock"]["BlockPublicAcls"] == true {
        return Err(denied("public ACLs are blocked by the BlockPublicAcls setting"));
    }
    bucket.write(call, "Acl", grants)
}

pub(super) fn replication(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetReplicationConfiguration")?;
    let found = bucket.read(call, "Replication", "ReplicationConfigurationNotFoundError")?;
    Ok(json!({"ReplicationConfiguration": found}))
}

/// The source must be versioned, the destination be there (S3 API, PutBucketReplication).
pub(super) fn put_replication(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutReplicationConfiguration")?;
    let mut wanted = configuration(call, "ReplicationConfiguration")?;
    let refuse = |message: &str| Err(Fault::bad("InvalidRequest", message));
    if bucket.record(call)?["Versioning"]["Status"] != "Enabled" {
        return refuse("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
    }
    if !wanted["Role"].as_str().is_some_and(|role| role.starts_with("arn:")) {
        return Err(malformed_xml());
    }
    let number = call.state.fresh();
    let rules = wanted["Rules"].as_array_mut().filter(|rules| !rules.is_empty()).ok_or_else(malformed_xml)?;
    for (at, rule) in rules.iter_mut().enumerate() {
        let target = rule["Destination"]["Bucket"].as_str().and_then(|arn| arn.split_once(":::"));
        let Some((_, target)) = target else { return Err(malformed_xml()) };
        if call.state.bucket(target).is_none() {
            return refuse("Destination bucket must exist.");
        }
        if !rule["ID"].is_string() {
            rule["ID"] = uuid(number + at as u64).into();
        }
    }
    bucket.write(call, "Replication", wanted)
}

/// It is no error if there is none (S3 API, DeleteBucketReplication).
pub(super) fn delete_replication(call: &mut Call<'_>) -> Answer {
    open(call, "s3:PutReplicationConfiguration")?.remove(call, "Replication")
}

pub(super) fn notification(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketNotification")?;
    Ok(bucket.record(call)?.get("Notification").cloned().unwrap_or_else(|| json!({})))
}

/// Replaces everything; an empty configuration turns all notifications off. Whether a destination admits S3 is not
/// modelled.
pub(super) fn put_notification(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketNotification")?;
    let mut wanted = match call.input.get("NotificationConfiguration") {
        Some(wanted) if wanted.is_object() => wanted.clone(),
        _ => json!({}),
    };
    let lists = [
        ("TopicConfigurations", "TopicArn"),
        ("QueueConfigurations", "QueueArn"),
        ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ];
    let number = call.state.fresh();
    for (list, member) in lists {
        for (at, one) in wanted[list].as_array_mut().into_iter().flatten().enumerate() {
            if !one[member].as_str().is_some_and(|arn| arn.starts_with("arn:")) {
                return Err(argument("Unable to validate the following destination configurations"));
            }
            if one["Events"].as_array().is_none_or(Vec::is_empty) {
                return Err(malformed_xml());
            }
            if !one["Id"].is_string() {
                one["Id"] = uuid(number + at as u64).into();
            }
        }
    }
    if let Some(members) = wanted.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    match wanted.as_object().is_some_and(serde_json::Map::is_empty) {
        true => bucket.remove(call, "Notification"),
        false => bucket.write(call, "Notification", wanted),
    }
}

pub(super) fn website(call: &mut Call<'_>) -> Answer {
    open(call, "s3:GetBucketWebsite")?.read(call, "Website", "NoSuchWebsiteConfiguration")
}

pub(super) fn put_website(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketWebsite")?;
    let wanted = configuration(call, "WebsiteConfiguration")?;
    let redirects = wanted["RedirectAllRequestsTo"]["HostName"].is_string();
    if !redirects && !wanted["IndexDocument"]["Suffix"].is_string() {
        return Err(argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        ));
    }
    bucket.write(call, "Website", wanted)
}

/// It is no error if there is none (S3 API, DeleteBucketWebsite).
pub(super) fn delete_website(call: &mut Call<'_>) -> Answer {
    open(call, "s3:DeleteBucketWebsite")?.remove(call, "Website")
}
