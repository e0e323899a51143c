//! Topic attributes: a map of texts, set one at a time.

use super::{existing, parameter};
use crate::sandbox::service::policy_check::{principals, shape, statements, texts};
use crate::sandbox::service::record::given;
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Map, Value, json};

/// What a topic shows even if nobody set it.
const ALWAYS: &[&str] = &["TopicArn", "Owner", "Policy", "DisplayName"];
/// What a topic shows once it is set (SNS API, GetTopicAttributes).
const ONCE_SET: &[&str] = &[
    "KmsMasterKeyId",
    "SignatureVersion",
    "DeliveryPolicy",
    "TracingConfig",
    "FifoTopic",
    "ContentBasedDeduplication",
];
/// Actions a topic policy may name; wildcards are out of its "service scope" as well.
const ACTIONS: &[&str] = &[
    "sns:addpermission",
    "sns:deletetopic",
    "sns:getdataprotectionpolicy",
    "sns:gettopicattributes",
    "sns:listsubscriptionsbytopic",
    "sns:listtagsforresource",
    "sns:publish",
    "sns:putdataprotectionpolicy",
    "sns:receive",
    "sns:removepermission",
    "sns:settopicattributes",
    "sns:subscribe",
];

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let now = call.now.as_millisecond();
    let topic = existing(call, "TopicArn", "NotFound")?;
    let mut shown = Map::new();
    for name in ALWAYS.iter().chain(ONCE_SET) {
        if let Some(value) = topic.get(*name) {
            shown.insert((*name).into(), value.clone());
        }
    }
    let counts = super::subscriptions::counts(topic, now);
    for (name, count) in
        ["SubscriptionsConfirmed", "SubscriptionsPending", "SubscriptionsDeleted"].iter().zip(counts)
    {
        shown.insert((*name).into(), count.to_string().into());
    }
    let mut delivery = json!({"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 20, "maxDelayTarget": 20,
        "numRetries": 3, "numMaxDelayRetries": 0, "numNoDelayRetries": 0, "numMinDelayRetries": 0,
        "backoffFunction": "linear"}, "disableSubscriptionOverrides": false}});
    // What is set goes before the defaults, member by member.
    let set =
        shown.get("DeliveryPolicy").and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
    overlay(&mut delivery, &set.unwrap_or(Value::Null));
    shown.insert("EffectiveDeliveryPolicy".into(), delivery.to_string().into());
    Ok(json!({"Attributes": shown}))
}

fn overlay(under: &mut Value, over: &Value) {
    for (name, value) in over.as_object().into_iter().flatten() {
        match under.get_mut(name) {
            Some(there) if there.is_object() && value.is_object() => overlay(there, value),
            _ => under[name] = value.clone(),
        }
    }
}

pub(super) fn set(call: &mut Call<'_>) -> Answer {
    let mut topic = existing(call, "TopicArn", "NotFound")?.clone();
    let (name, value) = (call.text("AttributeName").unwrap_or_default(), given(call, "AttributeValue"));
    if name == "FifoTopic" {
        return Err(parameter("AttributeName"));
    }
    put(call, &mut topic, &name, &value.unwrap_or_default())?;
    *existing(call, "TopicArn", "NotFound")? = topic;
    Ok(json!({}))
}

/// Sets one attribute of a topic's record after checking its value.
///
/// A key is kept as it was given, alias or ARN; SNS does not look whether it is there before something is published
/// (`reference/kms-iam-sns.md` §3.1, unverified).
pub(super) fn put(call: &Call<'_>, topic: &mut Value, name: &str, value: &str) -> Result<(), Fault> {
    let one_of = |values: &[&str]| if values.contains(&value) { Ok(()) } else { Err(parameter(name)) };
    let stored = match name {
        "Policy" => {
            let arn = topic["TopicArn"].as_str().unwrap_or_default();
            accept_policy(call, value, arn)?
        }
        "DisplayName" if value.chars().count() > 100 || value.contains(['\n', '\r']) => {
            return Err(parameter(name));
        }
        "SignatureVersion" => one_of(&["1", "2"]).map(|()| value.into())?,
        "TracingConfig" => one_of(&["PassThrough", "Active"]).map(|()| value.into())?,
        "FifoTopic" | "ContentBasedDeduplication" => one_of(&["true", "false"]).map(|()| value.into())?,
        "DeliveryPolicy"
            if !value.is_empty() && serde_json::from_str::<Map<String, Value>>(value).is_err() =>
        {
            return Err(parameter("DeliveryPolicy: failed to parse JSON."));
        }
        "DisplayName" | "KmsMasterKeyId" | "DeliveryPolicy" => value.to_owned(),
        _ => return Err(parameter("AttributeName")),
    };
    match topic.as_object_mut() {
        // An empty value takes the attribute away; the name stays, empty.
        Some(members) if stored.is_empty() && name != "DisplayName" => {
            members.remove(name);
        }
        _ => topic[name] = stored.into(),
    }
    Ok(())
}

/// Returns the policy of a topic that nobody gave one (`reference/kms-iam-sns.md` §3.1, Default policy).
pub(super) fn default_policy(arn: &str, account: &str) -> String {
    let actions = [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
    ];
    json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{
        "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": actions,
        "Resource": arn, "Condition": {"StringEquals": {"AWS:SourceOwner": account}}}]})
    .to_string()
}

fn accept_policy(call: &Call<'_>, text: &str, arn: &str) -> Result<String, Fault> {
    if text.len() > 30_720 {
        return Err(parameter("Policy too long"));
    }
    let mut document = shape::parse(text, shape::Use::Resource)
        .map_err(|reason| parameter(format!("Policy Error: {reason}")))?;
    for statement in statements(&document) {
        let actions = statement.get("Action").map(texts).unwrap_or_default();
        if actions.is_empty() || actions.iter().any(|a| !ACTIONS.contains(&a.to_ascii_lowercase().as_str())) {
            return Err(parameter("Policy statement action out of service scope!"));
        }
        let resources = statement.get("Resource").map(texts).unwrap_or_default();
        if resources.iter().any(|resource| resource != arn && resource != "*") || resources.len() != 1 {
            return Err(parameter("Policy statement must apply to a single resource"));
        }
    }
    if principals::unknown(call.state, call.now, &document).is_some() {
        return Err(parameter("Policy Error: PrincipalNotFound"));
    }
    Ok(if principals::complete_accounts(&mut document) { document.to_string() } else { text.to_owned() })
}
