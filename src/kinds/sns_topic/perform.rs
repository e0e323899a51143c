//! Writes topics.

use super::{Call, SnsTopic};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};
use crate::model::tags::{self, Tags};
use crate::model::{Input, Scope};
use aws_sdk_sns::types::Tag;

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, SnsTopic>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.sns(scope);
    let want = target.desired;
    let arn = cx.names.arn("sns", &scope.region, &want.name);
    let key = want.kms_key.as_ref().map(Input::text);
    match call {
        Call::CreateTopic => {
            let mut create = client
                .create_topic()
                .name(&want.name)
                .attributes("Policy", want.policy.to_text())
                .set_tags(Some(pairs(&want.tags)));
            if let Some(key) = key {
                create = create.attributes("KmsMasterKeyId", key);
            }
            let answer = cx.send("sns:CreateTopic", scope, create.send()).await?;
            return Ok(vec![("arn", answer.topic_arn.unwrap_or(arn))]);
        }
        // SNS Developer Guide: an empty key turns the encryption off.
        Call::SetKmsKey => attribute(cx, scope, &arn, "KmsMasterKeyId", key.unwrap_or_default()).await?,
        Call::SetPolicy => attribute(cx, scope, &arn, "Policy", &want.policy.to_text()).await?,
        Call::Subscribe => subscribe(cx, target, &arn).await?,
        Call::Unsubscribe => unsubscribe(cx, target).await?,
        Call::SetTags => {
            let before = target.observed.map(|state| state.tags.clone()).unwrap_or_default();
            let (set, remove) = tags::changes(&before, &want.tags);
            if !set.is_empty() {
                let send = client.tag_resource().resource_arn(&arn).set_tags(Some(pairs(&set))).send();
                cx.send("sns:TagResource", scope, send).await?;
            }
            if !remove.is_empty() {
                let send = client.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove)).send();
                cx.send("sns:UntagResource", scope, send).await?;
            }
        }
        Call::DeleteTopic => {
            cx.send("sns:DeleteTopic", scope, client.delete_topic().topic_arn(&arn).send()).await?;
        }
    }
    Ok(Vec::new())
}

async fn attribute(cx: &Cx, scope: &Scope, arn: &str, name: &str, value: &str) -> Result<(), ApiError> {
    let send = cx
        .sns(scope)
        .set_topic_attributes()
        .topic_arn(arn)
        .attribute_name(name)
        .attribute_value(value)
        .send();
    cx.send("sns:SetTopicAttributes", scope, send).await?;
    Ok(())
}

/// Subscribes whom the topic does not know yet; the call comes before [`unsubscribe`], so that somebody is told at any
/// time.
async fn subscribe(cx: &Cx, target: &Target<'_, SnsTopic>, arn: &str) -> Result<(), ApiError> {
    let scope = &target.address.scope;
    let client = cx.sns(scope);
    let want = &target.desired.subscriptions;
    let is_known = |key: &str| target.observed.is_some_and(|observed| observed.subscriptions.contains(key));
    for key in want.iter().filter(|key| !is_known(key)) {
        let (protocol, endpoint) = key.split_once(':').unwrap_or(("email", key));
        let send = client.subscribe().topic_arn(arn).protocol(protocol).endpoint(endpoint).send();
        cx.send("sns:Subscribe", scope, send).await?;
    }
    Ok(())
}

/// Ends the subscriptions that nobody asks for. One that is gone already is no error.
async fn unsubscribe(cx: &Cx, target: &Target<'_, SnsTopic>) -> Result<(), ApiError> {
    let scope = &target.address.scope;
    let client = cx.sns(scope);
    let Some(observed) = target.observed else { return Ok(()) };
    for key in observed.extra_subscriptions.difference(&target.desired.extra_subscriptions) {
        let Some(subscription) = observed.subscription_arns.get(key) else { continue };
        let send = client.unsubscribe().subscription_arn(subscription).send();
        match cx.send("sns:Unsubscribe", scope, send).await {
            Err(error) if error.is(&["NotFound", "NotFoundException"]) => {}
            answer => drop(answer?),
        }
    }
    Ok(())
}

fn pairs(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(|pair| tag(pair).expect("key and value are given")).collect()
}
