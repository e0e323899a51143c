//! AddTags, RemoveTags and ListTags of trails.

use super::lookup::{At, at_home, visible};
use crate::sandbox::service::listing::tag_list;
use crate::sandbox::service::record::{TagProblem, merge_tags, retag, tags};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Map, Value, json};

/// Adds a `TagsList` to the tags there are; same keys are overwritten.
///
/// # Errors
/// `TagsLimitExceededException` above 50, `InvalidTagParameterException` for a bad tag.
pub fn merge(there: Map<String, Value>, list: &[Value]) -> Result<Map<String, Value>, Fault> {
    merge_tags(there, list, ("Key", "Value")).map_err(|problem| {
        let code = match problem {
            TagProblem::TooMany => "TagsLimitExceededException",
            TagProblem::Duplicate(_) | TagProblem::Invalid(_) => "InvalidTagParameterException",
        };
        Fault::bad(code, problem.to_string())
    })
}

/// Answers AddTags.
///
/// # Errors
/// As [`merge`] and [`at_home`]; `ResourceNotFoundException`.
pub fn add(call: &mut Call<'_>) -> Answer {
    let at = changeable(call)?;
    let tags = merge(tags(at.record(call.state)), &call.list("TagsList"))?;
    retag(at.record_mut(call.state), tags, call.now);
    Ok(json!({}))
}

/// Answers RemoveTags: values play no part, unknown keys are passed over.
///
/// # Errors
/// As [`add`].
pub fn remove(call: &mut Call<'_>) -> Answer {
    let at = changeable(call)?;
    let mut tags = tags(at.record(call.state));
    for tag in call.list("TagsList") {
        tags.remove(tag["Key"].as_str().unwrap_or_default());
    }
    retag(at.record_mut(call.state), tags, call.now);
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
        lists.push(json!({"ResourceId": arn, "TagsList": tag_list(at.record(call.state))}));
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
