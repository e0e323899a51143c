//! Tags of log groups. The ARN comes without `:*` (`reference/permissions.md` §1).

use super::groups::merged_tags;
use super::{invalid, no_group};
use crate::sandbox::service::record::{retag, tags};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Map, Value, json};

/// Answers ListTagsForResource.
///
/// # Errors
/// `ResourceNotFoundException`; `InvalidParameterException` for an ARN of another form.
pub fn list(call: &mut Call<'_>) -> Answer {
    Ok(json!({"tags": tags(tagged(call)?)}))
}

/// Answers TagResource.
///
/// # Errors
/// As [`list`]; `TooManyTagsException` above 50.
pub fn tag(call: &mut Call<'_>) -> Answer {
    if call.input.get("tags").and_then(Value::as_object).is_none_or(Map::is_empty) {
        return Err(invalid("tags must not be empty"));
    }
    let there = tags(tagged(call)?);
    let all = merged_tags(call, there)?;
    let now = call.now;
    retag(tagged(call)?, all, now);
    Ok(json!({}))
}

/// Answers UntagResource.
///
/// # Errors
/// As [`list`].
pub fn untag(call: &mut Call<'_>) -> Answer {
    let keys = call.list("tagKeys");
    let now = call.now;
    let record = tagged(call)?;
    let mut all = tags(record);
    all.retain(|key, _| !keys.iter().any(|gone| gone == key));
    retag(record, all, now);
    Ok(json!({}))
}

fn tagged<'c>(call: &'c mut Call<'_>) -> Result<&'c mut Value, Fault> {
    let arn = call.text("resourceArn").unwrap_or_default();
    let prefix = format!("arn:aws:logs:{}:{}:log-group:", call.region, call.account);
    if arn.ends_with(":*") || !arn.starts_with("arn:aws:logs:") {
        return Err(invalid(format!("Invalid resource ARN: {arn}")));
    }
    let name = arn.strip_prefix(&prefix).ok_or_else(no_group)?;
    super::group(call, name)
}
