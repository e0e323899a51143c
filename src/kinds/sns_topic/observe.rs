//! Reads topics by name: attributes, subscriptions and tags side by side.

use super::SnsTopic;
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Wanted, owned, policies};
use crate::model::tags::{self, Tags};
use crate::model::{Address, Input, Policy, Scope};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// What SNS shows instead of an ARN while a subscription waits for its confirmation, and after it was ended.
const PENDING: &str = "PendingConfirmation";
const DELETED: &str = "Deleted";

/// Returns a reading for each wanted topic and for every other topic that carries our tag.
///
/// # Errors
/// None of its own: what fails is a reading.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, SnsTopic>],
) -> Result<Vec<(Address, Reading<SnsTopic>)>, ApiError> {
    let prefix = cx.names.arn("sns", &scope.region, "");
    // What is asked for is read at once; what else carries our tag is known only when the index has answered.
    let asked = join_all(wanted.iter().map(|wanted| async {
        (wanted.address.clone(), look(cx, scope, &wanted.state.name, Some(wanted.state)).await)
    }));
    let left_over = async {
        let name = |arn: &str| Some(arn.strip_prefix(&prefix)?.to_owned());
        let found = cx.carriers(scope, "topics", name).await;
        let others = found.into_iter().filter(|name| !wanted.iter().any(|wanted| wanted.state.name == *name));
        let looks = others.map(|name| async move {
            let role = if name == cx.names.topic() { "alarms" } else { name.as_str() };
            (Address::new(Kind::SnsTopic, role, scope), look(cx, scope, &name, None).await)
        });
        join_all(looks).await
    };
    let (mut readings, left_over) = tokio::join!(asked, left_over);
    let counts = |reading: &Reading<SnsTopic>| matches!(reading, Reading::Found(_) | Reading::Unreadable(_));
    readings.extend(left_over.into_iter().filter(|(_, reading)| counts(reading)));
    Ok(readings)
}

async fn look(cx: &Cx, scope: &Scope, name: &str, asked: Option<&SnsTopic>) -> Reading<SnsTopic> {
    let arn = cx.names.arn("sns", &scope.region, name);
    let (attributes, tags, subscriptions) = tokio::join!(
        attributes(cx, scope, &arn),
        cx.tags(scope, &arn, asked.map(|asked| &asked.tags), topic_tags(cx, scope, &arn)),
        subscriptions(cx, scope, &arn),
    );
    let attributes = match attributes {
        Ok(attributes) => attributes,
        Err(error) if error.is(&["NotFound", "NotFoundException"]) => return Reading::Absent,
        Err(error) => return Reading::Unreadable(vec![error]),
    };
    let text = attributes.get("Policy").map(String::as_str).unwrap_or_default();
    let policy = Policy::parse(text, scope.partition())
        .map_err(|error| ApiError::odd("sns:GetTopicAttributes", scope, error.to_string()));
    let (tags, subscriptions, policy) = match (tags, subscriptions, policy) {
        (Ok(tags), Ok(subscriptions), Ok(policy)) => (tags, subscriptions, policy),
        (tags, subscriptions, policy) => {
            let errors = [tags.err(), subscriptions.err(), policy.err()];
            return Reading::Unreadable(errors.into_iter().flatten().collect());
        }
    };
    let is_asked = |key: &String| asked.is_some_and(|asked| asked.subscriptions.contains(key));
    let Told { asked, extra, notes } = told(&subscriptions, is_asked);
    let state = SnsTopic {
        name: name.to_owned(),
        subscription_arns: subscriptions.into_iter().filter(|(_, arn)| arn.starts_with("arn:")).collect(),
        kms_key: attributes
            .get("KmsMasterKeyId")
            .filter(|key| !key.is_empty())
            // SNS tells it as it was given, and an id is the key in the topic's own account and Region.
            .map(|key| Input::Known(cx.names.key_arn(&scope.region, key))),
        policy,
        subscriptions: asked,
        extra_subscriptions: extra,
        tags: tags.clone(),
    };
    let deleted = policies::deleted_principals(&state.policy);
    let mut found = Found::new(state, [("arn", arn), ("name", name.to_owned())]);
    found.notes.extend(notes);
    found.notes.extend(deleted);
    owned(found, &tags, &cx.names.scope)
}

/// Whom a topic tells.
#[derive(Debug, Default)]
struct Told {
    asked: BTreeSet<String>,
    extra: BTreeSet<String>,
    /// What to say about the others.
    notes: Vec<String>,
}

/// Returns which subscriptions count, and what to say about the others.
fn told(subscriptions: &BTreeMap<String, String>, is_asked: impl Fn(&String) -> bool) -> Told {
    let Told { mut asked, mut extra, mut notes } = Told::default();
    for (key, arn) in subscriptions {
        if arn.starts_with("arn:") && is_asked(key) {
            asked.insert(key.clone());
        } else if arn.starts_with("arn:") {
            extra.insert(key.clone());
        } else if arn == PENDING && is_asked(key) {
            asked.insert(key.clone());
            notes.push(format!("{key} has not confirmed yet and is told nothing until then"));
        } else if arn == PENDING {
            notes.push(format!("{key} is not asked for and waits for a confirmation that will lapse"));
        }
    }
    Told { asked, extra, notes }
}

async fn attributes(cx: &Cx, scope: &Scope, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let request = cx.sns(scope).get_topic_attributes().topic_arn(arn).send();
    let answer = cx.send("sns:GetTopicAttributes", scope, request).await?;
    Ok(answer.attributes.unwrap_or_default().into_iter().collect())
}

async fn topic_tags(cx: &Cx, scope: &Scope, arn: &str) -> Result<Tags, ApiError> {
    let request = cx.sns(scope).list_tags_for_resource().resource_arn(arn).send();
    let answer = cx.send("sns:ListTagsForResource", scope, request).await?;
    Ok(tags::from_pairs(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))))
}

/// Returns ARN, [`PENDING`] or [`DELETED`] by `protocol:endpoint`; of several, the one that tells most.
async fn subscriptions(cx: &Cx, scope: &Scope, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let client = cx.sns(scope);
    let mut subscriptions: BTreeMap<String, String> = BTreeMap::new();
    let mut token = None;
    loop {
        let request = client.list_subscriptions_by_topic().topic_arn(arn).set_next_token(token).send();
        let page = cx.send("sns:ListSubscriptionsByTopic", scope, request).await?;
        for found in page.subscriptions.unwrap_or_default() {
            let (protocol, endpoint) =
                (found.protocol.unwrap_or_default(), found.endpoint.unwrap_or_default());
            let arn = found.subscription_arn.unwrap_or_default();
            let known =
                subscriptions.entry(format!("{protocol}:{endpoint}")).or_insert_with(|| DELETED.into());
            if known == DELETED || arn.starts_with("arn:") {
                *known = arn;
            }
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(subscriptions);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_counts_when_it_can_be_told_or_was_asked_for() {
        let cases = [
            ("confirmed and asked for", "arn:aws:sns:r:a:t:1", true, (1, 0, 0)),
            ("confirmed by somebody else", "arn:aws:sns:r:a:t:1", false, (0, 1, 0)),
            ("pending and asked for", PENDING, true, (1, 0, 1)),
            ("pending, not asked for", PENDING, false, (0, 0, 1)),
            ("ended and asked for", DELETED, true, (0, 0, 0)),
            ("ended", DELETED, false, (0, 0, 0)),
        ];
        for (case, arn, asked, counts) in cases {
            let one = BTreeMap::from([("email:a@example.com".to_owned(), arn.to_owned())]);
            let seen = told(&one, |_| asked);
            assert_eq!((seen.asked.len(), seen.extra.len(), seen.notes.len()), counts, "{case}");
        }
    }
}
