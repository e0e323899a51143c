//! Subscriptions: pending until the endpoint's owner confirms, lingering when they end.

use super::{existing, listed, parameter, topic};
use crate::sandbox::service::record::uuid;
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// A confirmation token is valid for two days; then the subscription lapses (`reference/kms-iam-sns.md` §3.1, Pending).
const PENDING_MILLIS: i64 = 2 * 86_400_000;
/// How long an ended subscription is still listed, as `Deleted`. AWS states no bound; a minute shows the habit.
const LINGER_MILLIS: i64 = 60_000;

pub(super) fn subscribe(call: &mut Call<'_>) -> Answer {
    existing(call, "TopicArn", "NotFound")?;
    let protocol = call.text("Protocol").unwrap_or_default();
    let endpoint = call.text("Endpoint").unwrap_or_default();
    check_endpoint(&protocol, &endpoint)?;
    let (now, owner) = (call.now.as_millisecond(), call.account.to_owned());
    let foreign = endpoint.starts_with("arn:") && endpoint.split(':').nth(4) != Some(call.account);
    let pending = ["email", "email-json", "http", "https"].contains(&protocol.as_str()) || foreign;
    let id = uuid(call.state.fresh());
    let wants_arn = call.flag("ReturnSubscriptionArn").unwrap_or(false);
    let topic = existing(call, "TopicArn", "NotFound")?;
    let arn = format!("{}:{id}", topic["TopicArn"].as_str().unwrap_or_default());
    let made = json!({"SubscriptionArn": arn, "Protocol": protocol, "Endpoint": endpoint, "Owner": owner,
        "_pending": pending, "_since": now, "_mails": 0});
    let Some(list) = topic["_subscriptions"].as_array_mut() else { return Err(parameter("TopicArn")) };
    list.retain(|one| lives(one, now) || ended(one));
    let same = |one: &Value| lives(one, now) && one["Protocol"] == protocol && one["Endpoint"] == endpoint;
    let at = list.iter().position(same).unwrap_or_else(|| {
        list.push(made);
        list.len() - 1
    });
    let one = &mut list[at];
    if one["_pending"] == true {
        // Each call for a pending endpoint sends the mail again.
        one["_mails"] = (one["_mails"].as_i64().unwrap_or(0) + 1).into();
        if !wants_arn {
            return Ok(json!({"SubscriptionArn": "pending confirmation"}));
        }
    }
    Ok(json!({"SubscriptionArn": one["SubscriptionArn"]}))
}

pub(super) fn unsubscribe(call: &mut Call<'_>) -> Answer {
    let arn = call.text("SubscriptionArn").unwrap_or_default();
    let parts = arn.split(':').count();
    if parts < 7 {
        return Err(parameter(format!(
            "SubscriptionArn Reason: An ARN must have at least 6 elements, not {parts}"
        )));
    }
    let topic_arn = arn.rsplit_once(':').map_or("", |(topic, _)| topic).to_owned();
    let now = call.now.as_millisecond();
    let missing = || Fault::with(404, "NotFound", "Subscription does not exist");
    topic(call.state, &topic_arn).ok_or_else(missing)?;
    let topic = call.table("topics").get_mut(&topic_arn).ok_or_else(missing)?;
    let mut list = topic["_subscriptions"].as_array_mut().into_iter().flatten();
    let one =
        list.find(|one| lives(one, now) && one["SubscriptionArn"] == arn.as_str()).ok_or_else(missing)?;
    one["_ended_at"] = now.into();
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let now = call.now.as_millisecond();
    let topic = existing(call, "TopicArn", "NotFound")?;
    let arn = topic["TopicArn"].clone();
    let all = topic["_subscriptions"].as_array().into_iter().flatten();
    let entries = all
        .filter(|one| lives(one, now) || lingers(one, now))
        .map(|one| {
            let shown = match (ended(one), &one["_pending"]) {
                (true, _) => json!("Deleted"),
                (false, Value::Bool(true)) => json!("PendingConfirmation"),
                (false, _) => one["SubscriptionArn"].clone(),
            };
            json!({"SubscriptionArn": shown, "Owner": one["Owner"], "Protocol": one["Protocol"],
                "Endpoint": one["Endpoint"], "TopicArn": arn})
        })
        .collect();
    listed(call, "Subscriptions", entries)
}

/// Returns how many subscriptions are confirmed, pending and deleted.
pub(super) fn counts(topic: &Value, now: i64) -> [usize; 3] {
    let all = || topic["_subscriptions"].as_array().into_iter().flatten();
    let living =
        |pending: bool| all().filter(|one| lives(one, now) && (one["_pending"] == true) == pending).count();
    [living(false), living(true), all().filter(|one| lingers(one, now)).count()]
}

fn ended(one: &Value) -> bool {
    one.get("_ended_at").is_some()
}

fn lingers(one: &Value, now: i64) -> bool {
    one.get("_ended_at").and_then(Value::as_i64).is_some_and(|ended| now - ended < LINGER_MILLIS)
}

fn lives(one: &Value, now: i64) -> bool {
    let lapsed = one["_pending"] == true && now - one["_since"].as_i64().unwrap_or(now) >= PENDING_MILLIS;
    !ended(one) && !lapsed
}

fn check_endpoint(protocol: &str, endpoint: &str) -> Result<(), Fault> {
    let fits = match protocol {
        "email" | "email-json" => {
            endpoint.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
                && !endpoint.contains(char::is_whitespace)
        }
        "http" => endpoint.starts_with("http://"),
        "https" => endpoint.starts_with("https://"),
        "sqs" | "lambda" | "firehose" => {
            endpoint.starts_with("arn:") && endpoint.split(':').nth(2) == Some(protocol)
        }
        "application" => endpoint.starts_with("arn:"),
        "sms" => {
            let digits = endpoint.trim_start_matches('+');
            (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
        }
        _ => return Err(parameter(format!("Amazon SNS does not support this protocol string: {protocol}"))),
    };
    if fits { Ok(()) } else { Err(parameter(format!("{protocol} endpoint"))) }
}
