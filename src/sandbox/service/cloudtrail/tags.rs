//! AddTags, RemoveTags and ListTags of trails.

use super::lookup::{At, at_home, visible};
use crate::sandbox::service::records::{self, MAX_TAGS, tag_list};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Map, Value, json};

/// Reads a `TagsList`.
///
/// # Errors
/// `TagsLimitExceededException` above 50, `InvalidTagParameterException` for a bad tag.
pub fn read(list: &[Value]) -> Result<Map<String, Value>, Fault> {
    if list.len() > MAX_TAGS {
        return Err(too_many());
    }
    records::tags_from_list(list).map_err(|reason| Fault::bad("InvalidTagParameterException", reason))
}

/// Answers AddTags: same keys are overwritten.
///
/// # Errors
/// As [`read`] and [`at_home`]; `ResourceNotFoundException`.
pub fn add(call: &mut Call<'_>) -> Answer {
    let at = changeable(call)?;
    let new = read(&call.list("TagsList"))?;
    let mut tags = records::tags(at.record(call.state));
    tags.extend(new);
    if tags.len() > MAX_TAGS {
        return Err(too_many());
    }
    records::retag(at.record_mut(call.state), tags, call.now);
    Ok(json!({}))
}

/// Answers RemoveTags: values play no part, unknown keys are passed over.
///
/// # Errors
/// As [`add`].
pub fn remove(call: &mut Call<'_>) -> Answer {
    let at = changeable(call)?;
    let mut tags = records::tags(at.record(call.state));
    for tag in call.list("TagsList") {
        tags.remove(tag["Key"].as_str().unwrap_or_default());
    }
    records::retag(at.record_mut(call.state), tags, call.now);
    Ok(json!({}))
}

/// Answers ListTags for up to 20 trails of this Region.
///
/// # Errors
/// `CloudTrailARNInvalidException`, `ResourceNotFoundException`.
pub fn list(call: &mut Call<'_>) -> Answer {
    let ids = call.list("ResourceIdList");
    if ids.is_empty() || ids.len() > 20 {
        return Err(Fault::bad("InvalidParameterException", "ResourceIdList takes 1 to 20 ARNs."));
    }
    let mut lists = Vec::new();
    for id in ids {
        let arn = check_arn(id.as_str().unwrap_or_default())?;
        let at = visible(call.state, call.account).into_iter().find(|at| {
            let trail = at.record(call.state);
            trail["TrailARN"] == arn && at.region == call.region
        });
        let at = at.ok_or_else(|| not_found(arn))?;
        lists.push(json!({"ResourceId": arn, "TagsList": tag_list(&records::tags(at.record(call.state)))}));
    }
    Ok(json!({"ResourceTagList": lists}))
}

fn changeable(call: &Call<'_>) -> Result<At, Fault> {
    let id = call.text("ResourceId").unwrap_or_default();
    let arn = check_arn(&id)?;
    at_home(call, arn).map_err(|fault| match fault.code.as_str() {
        "TrailNotFoundException" => not_found(arn),
        _ => fault,
    })
}

fn check_arn(id: &str) -> Result<&str, Fault> {
    if id.starts_with("arn:") && id.contains(":trail/") {
        return Ok(id);
    }
    Err(Fault::bad("CloudTrailARNInvalidException", format!("Invalid resource ARN: {id}")))
}

fn not_found(arn: &str) -> Fault {
    Fault::bad("ResourceNotFoundException", format!("Resource not found: {arn}"))
}

fn too_many() -> Fault {
    Fault::bad("TagsLimitExceededException", format!("A resource can have at most {MAX_TAGS} tags."))
}
