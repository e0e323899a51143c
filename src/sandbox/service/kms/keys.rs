//! Keys and their states.

use super::{invalid, is_gone, listed, locate, policy, record, require_state};
use crate::sandbox::service::record::{begin, epoch_seconds, given, merge_tags, uuid};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Map, Value, json};

/// Members of `KeyMetadata` that a record holds.
const METADATA: &[&str] = &[
    "AWSAccountId",
    "KeyId",
    "Arn",
    "CreationDate",
    "Enabled",
    "Description",
    "KeyUsage",
    "KeyState",
    "DeletionDate",
    "Origin",
    "KeyManager",
    "CustomerMasterKeySpec",
    "KeySpec",
    "EncryptionAlgorithms",
    "SigningAlgorithms",
    "MacAlgorithms",
    "MultiRegion",
    "MultiRegionConfiguration",
];

pub(super) fn arn(call: &Call<'_>, id: &str) -> String {
    format!("arn:aws:kms:{}:{}:key/{id}", call.region, call.account)
}

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let description = description(call)?.unwrap_or_default();
    let spec =
        one_of(call, "KeySpec", &["SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "HMAC_256"])?;
    let usage = one_of(call, "KeyUsage", &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"])?;
    let origin = one_of(call, "Origin", &["AWS_KMS", "EXTERNAL"])?;
    // HMAC keys make codes and nothing else, and nothing else makes codes (KMS API, CreateKey).
    let mac = (spec == "HMAC_256", usage == "GENERATE_VERIFY_MAC");
    if spec == "SYMMETRIC_DEFAULT" && usage != "ENCRYPT_DECRYPT" || mac.0 != mac.1 {
        return Err(invalid(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
    }
    let tags = merge_tags(Map::new(), &call.list("Tags"), ("TagKey", "TagValue"))
        .map_err(super::settings::refuse_tags)?;
    let multi_region = call.flag("MultiRegion").unwrap_or(false);
    let id = uuid(call.state.fresh());
    let id = if multi_region { format!("mrk-{}", id.replace('-', "")) } else { id };
    let arn = arn(call, &id);
    let policy = match call.text("Policy") {
        Some(text) => policy::accept(call, &text, &arn)?,
        None => policy::default(call.account),
    };
    let imported = origin == "EXTERNAL";
    let mut key = json!({
        "AWSAccountId": call.account, "KeyId": id, "Arn": arn, "Description": description,
        "CreationDate": epoch_seconds(call.now.as_millisecond()),
        "Enabled": !imported, "KeyState": if imported { "PendingImport" } else { "Enabled" },
        "KeyUsage": usage, "Origin": origin, "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": spec, "KeySpec": spec, "MultiRegion": multi_region,
        "Policy": policy, "_policy_at": call.now.as_millisecond(), "_rotation_days": null,
    });
    if let Some((member, algorithms)) = algorithms(spec, usage) {
        key[member] = json!(algorithms);
    }
    if multi_region {
        key["MultiRegionConfiguration"] = json!({"MultiRegionKeyType": "PRIMARY",
            "PrimaryKey": {"Arn": arn, "Region": call.region}, "ReplicaKeys": []});
    }
    begin(&mut key, &arn, tags, call.now);
    let answer = json!({"KeyMetadata": metadata(&key)});
    call.table("kms_keys").insert(id, key);
    Ok(answer)
}

/// Returns what a key can be used with, and the member that says so (KMS Developer Guide, "Key spec reference").
fn algorithms(spec: &'static str, usage: &str) -> Option<(&'static str, Vec<&'static str>)> {
    match (spec, usage) {
        ("SYMMETRIC_DEFAULT", _) => Some(("EncryptionAlgorithms", vec![spec])),
        (_, "ENCRYPT_DECRYPT") => {
            Some(("EncryptionAlgorithms", vec!["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]))
        }
        (_, "SIGN_VERIFY") => Some((
            "SigningAlgorithms",
            vec![
                "RSASSA_PKCS1_V1_5_SHA_256",
                "RSASSA_PKCS1_V1_5_SHA_384",
                "RSASSA_PKCS1_V1_5_SHA_512",
                "RSASSA_PSS_SHA_256",
                "RSASSA_PSS_SHA_384",
                "RSASSA_PSS_SHA_512",
            ],
        )),
        ("HMAC_256", "GENERATE_VERIFY_MAC") => Some(("MacAlgorithms", vec!["HMAC_SHA_256"])),
        _ => None,
    }
}

pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:DescribeKey", true)?;
    Ok(json!({"KeyMetadata": metadata(record(call, &id)?)}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let (account, region) = (call.account, call.region);
    let keys = call.state.peek(account, region, "kms_keys").into_iter().flat_map(|table| table.values());
    let entries = keys
        .filter(|key| !is_gone(key, call))
        .map(|key| json!({"KeyId": key["KeyId"], "KeyArn": key["Arn"]}))
        .collect();
    listed(call, "Keys", entries, 100, 1000)
}

pub(super) fn enable(call: &mut Call<'_>) -> Answer {
    set_state(call, "kms:EnableKey", "Enabled")
}

pub(super) fn disable(call: &mut Call<'_>) -> Answer {
    set_state(call, "kms:DisableKey", "Disabled")
}

pub(super) fn describe_anew(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:UpdateKeyDescription", false)?;
    let description = description(call)?.ok_or_else(|| invalid("Description is required"))?;
    let key = record(call, &id)?;
    require_state(key, false)?;
    key["Description"] = description.into();
    Ok(json!({}))
}

/// The waiting period is documented as 7 to 30 days, default 30 (`reference/kms-iam-sns.md` §1.1, Deletion).
pub(super) fn schedule_deletion(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:ScheduleKeyDeletion", false)?;
    let days = call.number("PendingWindowInDays").unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(invalid(format!("PendingWindowInDays must be between 7 and 30, not {days}")));
    }
    let due = epoch_seconds(call.now.as_millisecond() + days * 86_400_000);
    let key = record(call, &id)?;
    require_state(key, false)?;
    key["KeyState"] = "PendingDeletion".into();
    key["Enabled"] = false.into();
    key["DeletionDate"] = due.clone();
    Ok(
        json!({"KeyId": key["Arn"], "DeletionDate": due, "KeyState": "PendingDeletion", "PendingWindowInDays": days}),
    )
}

/// A key that is taken back is disabled (`reference/kms-iam-sns.md` §1.1, Deletion).
pub(super) fn cancel_deletion(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:CancelKeyDeletion", false)?;
    let key = record(call, &id)?;
    let arn = key["Arn"].clone();
    if key["KeyState"] != "PendingDeletion" {
        let arn = arn.as_str().unwrap_or_default();
        return Err(Fault::bad("KMSInvalidStateException", format!("{arn} is not pending deletion.")));
    }
    key["KeyState"] = "Disabled".into();
    if let Some(members) = key.as_object_mut() {
        members.remove("DeletionDate");
    }
    Ok(json!({"KeyId": arn}))
}

fn set_state(call: &mut Call<'_>, action: &str, state: &str) -> Answer {
    let id = locate(call, action, false)?;
    let key = record(call, &id)?;
    require_state(key, false)?;
    if key["KeyState"] == "PendingImport" {
        let arn = key["Arn"].as_str().unwrap_or_default();
        return Err(Fault::bad("KMSInvalidStateException", format!("{arn} is pending import.")));
    }
    key["KeyState"] = state.into();
    key["Enabled"] = (state == "Enabled").into();
    Ok(json!({}))
}

fn metadata(key: &Value) -> Value {
    let members =
        METADATA.iter().filter_map(|member| Some(((*member).to_owned(), key.get(*member)?.clone())));
    Value::Object(members.collect())
}

fn description(call: &Call<'_>) -> Result<Option<String>, Fault> {
    let description = given(call, "Description");
    if description.as_ref().is_some_and(|text| text.chars().count() > 8192) {
        return Err(invalid("Description must have length less than or equal to 8192"));
    }
    Ok(description)
}

/// Returns a member that is one of a set, the first of which is the default.
fn one_of(call: &Call<'_>, member: &str, values: &[&'static str]) -> Result<&'static str, Fault> {
    match call.text(member) {
        None => Ok(values[0]),
        Some(text) => values
            .iter()
            .find(|value| **value == text)
            .copied()
            .ok_or_else(|| invalid(format!("{member} {text} is not one of {}", values.join(", ")))),
    }
}
