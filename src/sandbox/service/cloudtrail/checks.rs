//! What CloudTrail checks before it takes a trail: names, and whether it could deliver (`reference/cloudtrail.md`
//! §1.1, §3, §4).

use super::lookup::is;
use crate::sandbox::service::delivery::{self, RoleProblem, RoleUse, bucket_key, check_role, key_admits};
use crate::sandbox::service::policy_check::admits;
use crate::sandbox::service::{Fault, sns, text};
use crate::sandbox::state::State;
use jiff::Timestamp;
use serde_json::{Map, Value};

const SERVICE: &str = "cloudtrail.amazonaws.com";

/// Checks a trail's name.
///
/// # Errors
/// `InvalidTrailNameException` with the broken rule.
pub fn name(name: &str) -> Result<(), Fault> {
    let bad = |message: &str| Err(Fault::bad("InvalidTrailNameException", message));
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mark = |c: char| "._-".contains(c);
    if name.len() < 3 || name.len() > 128 {
        bad("Trail name must be between 3 and 128 characters.")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || mark(c)) {
        bad(
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).",
        )
    } else if !edge(name.chars().next()) || !edge(name.chars().next_back()) {
        bad("Trail name must start and end with a letter or number.")
    } else if name.chars().zip(name.chars().skip(1)).any(|(a, b)| mark(a) && mark(b)) {
        bad("Trail name cannot have adjacent periods, hyphens or underscores.")
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        bad("Trail name cannot be in IP address format.")
    } else {
        Ok(())
    }
}

/// Checks everything about a trail as it is going to be: names, combinations, and each delivery.
///
/// `trail` holds the members of `Trail` with `KmsKeyId` as it was given; on success it holds the key's ARN, as
/// CloudTrail answers it.
///
/// # Errors
/// The exception that CreateTrail and UpdateTrail give for the first problem.
pub fn trail(
    state: &State,
    now: Timestamp,
    account: &str,
    trail: &mut Map<String, Value>,
) -> Result<(), Fault> {
    let record = Value::Object(trail.clone());
    combination(&record)?;
    organization(state, account, &record)?;
    bucket(state, account, &record)?;
    if let Some(key) = text(&record, "KmsKeyId") {
        trail.insert("KmsKeyId".into(), Value::String(kms_key(state, account, &record, &key)?));
    }
    topic(state, &record)?;
    logs(state, now, account, &record)
}

fn combination(trail: &Value) -> Result<(), Fault> {
    if is(trail, "IsMultiRegionTrail") && !is(trail, "IncludeGlobalServiceEvents") {
        return Err(Fault::bad(
            "InvalidParameterCombinationException",
            "Multi-Region trail must include global service events.",
        ));
    }
    if text(trail, "S3KeyPrefix").is_some_and(|prefix| prefix.chars().count() > 200) {
        return Err(Fault::bad("InvalidS3PrefixException", "S3 prefix is longer than maximum length: 200"));
    }
    Ok(())
}

fn organization(state: &State, account: &str, trail: &Value) -> Result<(), Fault> {
    if !is(trail, "IsOrganizationTrail") {
        return Ok(());
    }
    let organization = &state.organization;
    let trusted = ["_trusted_services", "ServiceAccess", "_service_access"];
    let trusted = trusted.iter().find_map(|member| organization.get(member));
    let (code, message) = if organization.is_null() {
        ("OrganizationsNotInUseException", "Your account is not a member of an organization.")
    } else if text(organization, "FeatureSet").is_some_and(|set| set != "ALL") {
        ("OrganizationNotInAllFeaturesModeException", "All features must be enabled in your organization.")
    } else if text(organization, "MasterAccountId").is_some_and(|master| master != account) {
        (
            "NotOrganizationMasterAccountException",
            "The caller is not the management account of the organization.",
        )
    } else if trusted.is_some_and(|services| !services.to_string().contains(SERVICE)) {
        (
            "CloudTrailAccessNotEnabledException",
            "Trusted access for cloudtrail.amazonaws.com is not enabled in your organization.",
        )
    } else {
        return Ok(());
    };
    Err(Fault::bad(code, message))
}

/// Checks that the bucket exists and that its policy lets this trail look at it and write into it.
///
/// # Errors
/// `InvalidS3BucketNameException`, `S3BucketDoesNotExistException` or `InsufficientS3BucketPolicyException`.
pub fn bucket(state: &State, account: &str, trail: &Value) -> Result<(), Fault> {
    let name = text(trail, "S3BucketName").unwrap_or_default();
    if !is_bucket_name(&name) {
        return Err(Fault::bad("InvalidS3BucketNameException", format!("Bucket name is invalid: {name}")));
    }
    let Some((_, bucket)) = state.bucket(&name) else {
        return Err(Fault::bad("S3BucketDoesNotExistException", format!("S3 bucket {name} does not exist!")));
    };
    let arn = text(trail, "TrailARN").unwrap_or_default();
    let prefix = text(trail, "S3KeyPrefix").map(|p| format!("{}/", p.trim_matches('/'))).unwrap_or_default();
    let mut owners = vec![account.to_owned()];
    if is(trail, "IsOrganizationTrail") {
        owners.extend(text(&state.organization, "Id"));
    }
    let key = text(trail, "KmsKeyId").unwrap_or_default();
    let request = [("aws:SourceArn", arn.as_str()), ("aws:SourceAccount", account)];
    let transport = [("aws:SecureTransport", "true"), ("s3:TlsVersion", "1.3")];
    let mut put = [&request[..], &transport[..], &[("s3:x-amz-acl", "bucket-owner-full-control")]].concat();
    if !key.is_empty() {
        put.push(("s3:x-amz-server-side-encryption", "aws:kms"));
        put.push(("s3:x-amz-server-side-encryption-aws-kms-key-id", &key));
    }
    let (policy, look) = (delivery::policy(state, bucket), [&request[..], &transport[..]].concat());
    let bucket_arn = format!("arn:aws:s3:::{name}");
    let admitted = admits(policy, SERVICE, "s3:GetBucketAcl", &bucket_arn, &look)
        && owners.iter().all(|owner| {
            let object = format!("{bucket_arn}/{prefix}AWSLogs/{owner}/CloudTrail/x");
            admits(policy, SERVICE, "s3:PutObject", &object, &put)
        });
    if admitted {
        return Ok(());
    }
    Err(Fault::bad(
        "InsufficientS3BucketPolicyException",
        format!("Incorrect S3 bucket policy is detected for bucket: {name}"),
    ))
}

fn is_bucket_name(name: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c))
        && edge(name.chars().next())
        && edge(name.chars().next_back())
        && !["..", ".-", "-."].iter().any(|pair| name.contains(pair))
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

/// Finds the key, checks it, and returns its ARN.
fn kms_key(state: &State, account: &str, trail: &Value, id: &str) -> Result<String, Fault> {
    let well_formed = id.chars().all(|c| c.is_ascii_alphanumeric() || ":/_-".contains(c)) && id.len() <= 350;
    if !well_formed {
        return Err(Fault::bad("InvalidKmsKeyIdException", format!("KMS key ID is invalid: {id}")));
    }
    let home = text(trail, "HomeRegion").unwrap_or_default();
    let name = text(trail, "S3BucketName").unwrap_or_default();
    let bucket = state.bucket(&name).map(|(_, bucket)| bucket);
    let region = bucket.and_then(|b| text(b, "Region")).unwrap_or_default();
    let absent = || {
        let message = format!("KMS key not found, or not in the Region of S3 bucket {name}: {id}");
        Fault::bad("KmsKeyNotFoundException", message)
    };
    let (arn, key) = delivery::key(state, account, &home, id).ok_or_else(absent)?;
    if arn.split(':').nth(3) != Some(region.as_str()) {
        return Err(absent());
    }
    if !delivery::is_usable(key) {
        let key_state = text(key, "KeyState").unwrap_or_default();
        return Err(Fault::bad(
            "KmsException",
            format!("KMS key {arn} is not usable, its state is {key_state}."),
        ));
    }
    if key_lets_in(state, trail, (arn, key), bucket) {
        return Ok(arn.to_owned());
    }
    Err(Fault::bad(
        "InsufficientEncryptionPolicyException",
        format!("Insufficient permissions to access S3 bucket {name} or KMS key {arn}."),
    ))
}

fn key_lets_in(state: &State, trail: &Value, key: (&str, &Value), bucket: Option<&Value>) -> bool {
    let trail_arn = text(trail, "TrailARN").unwrap_or_default();
    let account = trail_arn.split(':').nth(4).unwrap_or_default();
    let source = [("aws:SourceArn", trail_arn.as_str()), ("aws:SourceAccount", account)];
    let encrypt = [&source[..], &[("kms:EncryptionContext:aws:cloudtrail:arn", trail_arn.as_str())]].concat();
    let bucket_keys = bucket.and_then(bucket_key).is_some_and(|(_, on)| on);
    key_admits(state, key, SERVICE, &["kms:GenerateDataKey"], &encrypt)
        && key_admits(state, key, SERVICE, &["kms:DescribeKey"], &source)
        // A bucket with an S3 Bucket Key is written with a data key that has to be decrypted first.
        && (!bucket_keys || key_admits(state, key, SERVICE, &["kms:Decrypt"], &encrypt))
}

fn topic(state: &State, trail: &Value) -> Result<(), Fault> {
    let Some(arn) = text(trail, "SnsTopicARN") else { return Ok(()) };
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, "sns", _, _, name] = parts[..] else {
        return Err(Fault::bad("InvalidSnsTopicNameException", format!("Invalid SNS topic: {arn}")));
    };
    if name.is_empty() || name.len() > 256 {
        return Err(Fault::bad("InvalidSnsTopicNameException", format!("Invalid SNS topic name: {name}")));
    }
    let source = text(trail, "TrailARN").unwrap_or_default();
    let policy = sns::topic(state, &arn).and_then(|topic| topic.get("Policy")?.as_str());
    let context = [("aws:SourceArn", source.as_str())];
    if policy.is_some_and(|policy| admits(policy, SERVICE, "SNS:Publish", &arn, &context)) {
        return Ok(());
    }
    Err(Fault::bad(
        "InsufficientSnsTopicPolicyException",
        format!("SNS Topic does not exist or the topic policy is incorrect: {arn}"),
    ))
}

/// Checks the CloudWatch Logs group and role of a trail.
///
/// # Errors
/// `InvalidCloudWatchLogsLogGroupArnException` or `InvalidCloudWatchLogsRoleArnException`; for a role that is not yet
/// known, or not allowed, the text starts with `Access denied.`
pub fn logs(state: &State, now: Timestamp, account: &str, trail: &Value) -> Result<(), Fault> {
    let group_fault = |message: &str| Fault::bad("InvalidCloudWatchLogsLogGroupArnException", message);
    let role_fault = |message: &str| Fault::bad("InvalidCloudWatchLogsRoleArnException", message);
    let pair = (text(trail, "CloudWatchLogsLogGroupArn"), text(trail, "CloudWatchLogsRoleArn"));
    let (group, role) = match &pair {
        (None, None) => return Ok(()),
        (Some(_), None) => {
            return Err(role_fault("You must specify a role ARN as well as a log group."));
        }
        (None, Some(_)) => {
            return Err(group_fault("You must specify a log group as well as a role ARN."));
        }
        (Some(group), Some(role)) => (group.as_str(), role.as_str()),
    };
    let home = text(trail, "HomeRegion").unwrap_or_default();
    let prefix = format!("arn:aws:logs:{home}:{account}:log-group:");
    // The ARN must name all streams of the group (reference/cloudtrail.md §1.1).
    let name = group.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(":*"));
    let groups = state.peek(account, &home, "log_groups");
    let Some(name) = name.filter(|name| groups.is_some_and(|groups| groups.contains_key(*name))) else {
        return Err(group_fault("CloudTrail cannot validate the specified log group ARN."));
    };
    let stream = format!("{prefix}{name}:log-stream:{account}_CloudTrail_{home}");
    let wanted = RoleUse { role, service: SERVICE, context: &[], stream: &stream };
    check_role(state, now, &wanted).map_err(|problem| match problem {
        RoleProblem::Unknown | RoleProblem::Trust => {
            role_fault("Access denied. Check the trust relationships for your role.")
        }
        RoleProblem::Permissions => {
            role_fault("Access denied. Verify in IAM that the role has adequate permissions.")
        }
    })
}

/// Returns why files cannot be written to the bucket at the moment, `None` if they can.
#[must_use]
pub fn delivery_error(state: &State, account: &str, trail: &Value) -> Option<&'static str> {
    match bucket(state, account, trail) {
        Err(fault) if fault.code == "S3BucketDoesNotExistException" => return Some("NoSuchBucket"),
        Err(_) => return Some("AccessDenied"),
        Ok(()) => {}
    }
    let key = text(trail, "KmsKeyId")?;
    match kms_key(state, account, trail, &key) {
        Err(fault) if fault.code == "KmsException" => Some("KMS.DisabledException"),
        Err(fault) if fault.code == "KmsKeyNotFoundException" => Some("KMS.NotFoundException"),
        Err(_) => Some("AccessDenied"),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trail_names_follow_the_rules() {
        let cases = [
            ("genai-audit", true),
            ("a.b_c-d", true),
            ("ab", false),
            ("my--trail", false),
            ("my-_trail", false),
            ("-trail", false),
            ("trail.", false),
            ("10.0.0.1", false),
            ("trail one", false),
        ];
        for (case, good) in cases {
            assert_eq!(name(case).is_ok(), good, "{case}");
        }
    }
}
