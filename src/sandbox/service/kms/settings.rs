//! Rotation and tags of keys.

use super::{invalid, listed, locate, record, require_state};
use crate::sandbox::service::record::{TagProblem, epoch_seconds, merge_tags, retag, tag_list, tags};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

pub(super) fn rotation(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:GetKeyRotationStatus", false)?;
    let key = record(call, &id)?;
    rotates(key)?;
    let pending = key["KeyState"] == "PendingDeletion";
    let Some(days) = key["_rotation_days"].as_i64().filter(|_| !pending) else {
        return Ok(json!({"KeyId": key["Arn"], "KeyRotationEnabled": false}));
    };
    let since = key["_rotation_since"].as_i64().unwrap_or(0);
    Ok(json!({"KeyId": key["Arn"], "KeyRotationEnabled": true, "RotationPeriodInDays": days,
        "NextRotationDate": epoch_seconds(since + days * 86_400_000)}))
}

/// The period is 90 to 2560 days, 365 if none is given (`reference/kms-iam-sns.md` §1.1, Rotation).
pub(super) fn enable_rotation(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:EnableKeyRotation", false)?;
    let days = call.number("RotationPeriodInDays").unwrap_or(365);
    if !(90..=2560).contains(&days) {
        return Err(invalid(format!("RotationPeriodInDays must be between 90 and 2560, not {days}")));
    }
    let now = call.now.as_millisecond();
    let key = record(call, &id)?;
    require_state(key, true)?;
    rotates(key)?;
    key["_rotation_days"] = days.into();
    key["_rotation_since"] = now.into();
    Ok(json!({}))
}

pub(super) fn disable_rotation(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:DisableKeyRotation", false)?;
    let key = record(call, &id)?;
    require_state(key, true)?;
    rotates(key)?;
    key["_rotation_days"] = Value::Null;
    Ok(json!({}))
}

pub(super) fn list_tags(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:ListResourceTags", false)?;
    let entries = tag_list(record(call, &id)?, "TagKey", "TagValue");
    listed(call, "Tags", entries, 50, 50)
}

pub(super) fn tag(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:TagResource", false)?;
    let (list, now) = (call.list("Tags"), call.now);
    let key = record(call, &id)?;
    require_state(key, false)?;
    let merged = merge_tags(tags(key), &list, ("TagKey", "TagValue")).map_err(refuse_tags)?;
    retag(key, merged, now);
    Ok(json!({}))
}

pub(super) fn untag(call: &mut Call<'_>) -> Answer {
    let id = locate(call, "kms:UntagResource", false)?;
    let (list, now) = (call.list("TagKeys"), call.now);
    let key = record(call, &id)?;
    require_state(key, false)?;
    let mut left = tags(key);
    left.retain(|name, _| !list.iter().any(|gone| gone == name));
    retag(key, left, now);
    Ok(json!({}))
}

pub(super) fn refuse_tags(problem: TagProblem) -> Fault {
    let code = if problem == TagProblem::TooMany { "LimitExceededException" } else { "TagException" };
    Fault::bad(code, problem.to_string())
}

/// Only symmetric keys with material made by KMS rotate (KMS API, EnableKeyRotation).
fn rotates(key: &Value) -> Result<(), Fault> {
    if key["KeySpec"] == "SYMMETRIC_DEFAULT" && key["Origin"] == "AWS_KMS" {
        return Ok(());
    }
    let arn = key["Arn"].as_str().unwrap_or_default();
    Err(Fault::bad("UnsupportedOperationException", format!("{arn} does not support automatic rotation.")))
}
