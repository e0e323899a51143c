//! Topics and their tags.

use super::{attributes, existing, listed, parameter};
use crate::sandbox::service::record::{TagProblem, begin, merge_tags, retag, tag_list, tags};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Map, Value, json};

/// Idempotent by name; asked for with other attributes or tags than it has, it is refused
/// (`reference/kms-iam-sns.md` §3.1, CreateTopic).
pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let name = name(call)?;
    let arn = format!("arn:aws:sns:{}:{}:{name}", call.region, call.account);
    let wanted = call.input.get("Attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    let list = call.list("Tags");
    let tags = merge_tags(Map::new(), &list, ("Key", "Value")).map_err(refuse_tags)?;
    let mut topic = json!({"TopicArn": arn, "Owner": call.account, "DisplayName": "", "_subscriptions": [],
        "Policy": attributes::default_policy(&arn, call.account)});
    for (attribute, value) in &wanted {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        attributes::put(call, &mut topic, attribute, &text)?;
    }
    if name.ends_with(".fifo") != (topic["FifoTopic"] == "true") {
        return Err(parameter("Topic Name"));
    }
    if let Some(there) = call.table("topics").get(&arn) {
        if wanted.keys().any(|attribute| there.get(attribute) != topic.get(attribute)) {
            return Err(parameter("Attributes Reason: Topic already exists with different attributes"));
        }
        if !list.is_empty() && there["_tags"] != Value::Object(tags) {
            return Err(parameter("Tags Reason: Topic already exists with different tags"));
        }
        return Ok(json!({"TopicArn": arn}));
    }
    begin(&mut topic, &arn, tags, call.now);
    call.table("topics").insert(arn.clone(), topic);
    Ok(json!({"TopicArn": arn}))
}

/// Takes the subscriptions along; a topic that is not there is no error (SNS API, DeleteTopic).
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    match existing(call, "TopicArn", "NotFound") {
        Ok(topic) => {
            let arn = topic["TopicArn"].as_str().unwrap_or_default().to_owned();
            call.table("topics").remove(&arn);
            Ok(json!({}))
        }
        Err(fault) if fault.code == "NotFound" => Ok(json!({})),
        Err(fault) => Err(fault),
    }
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let entries = call.table("topics").keys().map(|arn| json!({"TopicArn": arn})).collect();
    listed(call, "Topics", entries)
}

pub(super) fn list_tags(call: &mut Call<'_>) -> Answer {
    Ok(json!({"Tags": tag_list(existing(call, "ResourceArn", "ResourceNotFound")?, "Key", "Value")}))
}

pub(super) fn tag(call: &mut Call<'_>) -> Answer {
    let (list, now) = (call.list("Tags"), call.now);
    let topic = existing(call, "ResourceArn", "ResourceNotFound")?;
    let merged = merge_tags(tags(topic), &list, ("Key", "Value")).map_err(refuse_tags)?;
    retag(topic, merged, now);
    Ok(json!({}))
}

pub(super) fn untag(call: &mut Call<'_>) -> Answer {
    let (list, now) = (call.list("TagKeys"), call.now);
    let topic = existing(call, "ResourceArn", "ResourceNotFound")?;
    let mut left = tags(topic);
    left.retain(|key, _| !list.iter().any(|gone| gone == key));
    retag(topic, left, now);
    Ok(json!({}))
}

/// 1–256 of `[A-Za-z0-9_-]`, and `.fifo` behind it for FIFO topics (SNS API, CreateTopic).
fn name(call: &Call<'_>) -> Result<String, Fault> {
    let name = call.text("Name").unwrap_or_default();
    let stem = name.strip_suffix(".fifo").unwrap_or(&name);
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    if !stem.is_empty() && name.len() <= 256 && stem.bytes().all(allowed) {
        return Ok(name);
    }
    Err(parameter("Topic Name"))
}

fn refuse_tags(problem: TagProblem) -> Fault {
    match problem {
        TagProblem::TooMany => Fault::bad("TagLimitExceeded", problem.to_string()),
        TagProblem::Duplicate(_) | TagProblem::Invalid(_) => parameter(format!("Tags Reason: {problem}")),
    }
}
