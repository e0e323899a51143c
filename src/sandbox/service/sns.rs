//! SNS topics, their attributes, subscriptions and tags, as the SNS API has them.
//!
//! A topic's record holds its attributes under their API names (`Policy` is raw text) and `_subscriptions`, a list of
//! records with `SubscriptionArn`, `Protocol`, `Endpoint`, `Owner`, `_pending`, `_since` and `_mails` (how many
//! confirmation mails were sent).

mod attributes;
mod subscriptions;
mod topics;

use super::record::{Page, page};
use super::{Answer, Call, Fault, Operation};
use crate::sandbox::state::State;
use serde_json::{Value, json};

/// The operations of SNS.
pub const OPERATIONS: &[Operation] = &[
    row("CreateTopic", true, topics::create),
    row("DeleteTopic", true, topics::delete),
    row("GetTopicAttributes", false, attributes::get),
    row("ListSubscriptionsByTopic", false, subscriptions::list),
    row("ListTagsForResource", false, topics::list_tags),
    row("ListTopics", false, topics::list),
    row("SetTopicAttributes", true, attributes::set),
    row("Subscribe", true, subscriptions::subscribe),
    row("TagResource", true, topics::tag),
    row("Unsubscribe", true, subscriptions::unsubscribe),
    row("UntagResource", true, topics::untag),
];

const fn row(name: &'static str, writes: bool, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "sns", name, writes, handler }
}

/// Returns a topic's record by its ARN, whatever account and Region it is in; its policy is in `Policy`.
#[must_use]
pub fn topic<'s>(state: &'s State, arn: &str) -> Option<&'s Value> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "sns", region, account, _] = parts[..] else { return None };
    state.peek(account, region, "topics")?.get(arn)
}

/// Confirms pending subscriptions of an endpoint, as the person behind it would; true if there was one.
pub fn confirm(state: &mut State, topic_arn: &str, endpoint: &str) -> bool {
    let parts: Vec<&str> = topic_arn.splitn(6, ':').collect();
    let ["arn", _, "sns", region, account, _] = parts[..] else { return false };
    let topic = state.table(account, region, "topics").get_mut(topic_arn);
    let mut confirmed = false;
    for one in topic.and_then(|topic| topic["_subscriptions"].as_array_mut()).into_iter().flatten() {
        if one["Endpoint"] == endpoint && one["_pending"] == true {
            one["_pending"] = false.into();
            confirmed = true;
        }
    }
    confirmed
}

/// Returns the topic that a member names, for writing.
///
/// `missing` is the code for one that is not there: tagging has its own (`reference/kms-iam-sns.md` §3.1, NotFound).
fn existing<'c>(call: &'c mut Call<'_>, member: &str, missing: &str) -> Result<&'c mut Value, Fault> {
    let arn = call.text(member).unwrap_or_default();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "sns", region, account, _] = parts[..] else {
        return Err(parameter(format!(
            "{member} Reason: An ARN must have at least 6 elements, not {}",
            parts.len()
        )));
    };
    if region != call.region {
        return Err(parameter(member));
    }
    if account != call.account {
        let who = call.principal;
        return Err(Fault::with(
            403,
            "AuthorizationError",
            format!("User: {who} is not authorized on resource: {arn}"),
        ));
    }
    let message = if missing == "NotFound" { "Topic does not exist" } else { "Resource does not exist" };
    call.table("topics").get_mut(&arn).ok_or_else(|| Fault::with(404, missing, message))
}

fn parameter(reason: impl std::fmt::Display) -> Fault {
    Fault::bad("InvalidParameter", format!("Invalid parameter: {reason}"))
}

/// Answers with one page of a hundred (SNS API, ListTopics).
fn listed(call: &Call<'_>, member: &str, entries: Vec<Value>) -> Answer {
    let Page { entries, next } = page(entries, call.text("NextToken"), 100, parameter("NextToken"))?;
    let mut answer = json!({member: entries});
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
