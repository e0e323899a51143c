//! Writes keys.

use super::{Call, KmsKey};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};
use crate::model::tags::{self, Tags};
use aws_sdk_kms::types::Tag;
use aws_smithy_types::retry::RetryConfig;

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, KmsKey>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.kms(scope);
    let want = target.desired;
    let id = target.output("id");
    match call {
        Call::CreateKey => {
            let send = client
                .create_key()
                .description(&want.description)
                .policy(want.policy.to_text())
                .set_tags(Some(pairs(&want.tags)))
                // KMS API, CreateKey: no idempotency token. The SDK's retry after a lost answer would make a second
                // key; the executor looks for ours first.
                .customize()
                .config_override(aws_sdk_kms::Config::builder().retry_config(RetryConfig::disabled()))
                .send();
            let key = cx.send("kms:CreateKey", scope, send).await?.key_metadata;
            let key = key.ok_or_else(|| {
                ApiError::odd(
                    "kms:CreateKey",
                    scope,
                    "the answer describes no key; it will be found by its tags",
                )
            })?;
            let arn =
                key.arn.unwrap_or_else(|| cx.names.arn("kms", &scope.region, &format!("key/{}", key.key_id)));
            return Ok(vec![("arn", arn), ("id", key.key_id)]);
        }
        Call::SetEnabled if want.enabled => {
            if target.observed.is_some_and(|observed| observed.pending_deletion) {
                let send = client.cancel_key_deletion().key_id(id).send();
                cx.send("kms:CancelKeyDeletion", scope, send).await?;
            }
            cx.send("kms:EnableKey", scope, client.enable_key().key_id(id).send()).await?;
        }
        Call::SetEnabled => {
            cx.send("kms:DisableKey", scope, client.disable_key().key_id(id).send()).await?;
        }
        Call::PutKeyPolicy => {
            let send = client
                .put_key_policy()
                .key_id(id)
                .policy_name("default")
                .policy(want.policy.to_text())
                .send();
            cx.send("kms:PutKeyPolicy", scope, send).await?;
        }
        Call::UpdateKeyDescription => {
            let send = client.update_key_description().key_id(id).description(&want.description).send();
            cx.send("kms:UpdateKeyDescription", scope, send).await?;
        }
        Call::SetAlias => set_alias(cx, target).await?,
        Call::SetRotation => match want.rotation_days {
            Some(days) => {
                let days = i32::try_from(days).expect("a rotation period ends at 2560");
                let send = client.enable_key_rotation().key_id(id).rotation_period_in_days(days).send();
                cx.send("kms:EnableKeyRotation", scope, send).await?;
            }
            None => {
                let send = client.disable_key_rotation().key_id(id).send();
                cx.send("kms:DisableKeyRotation", scope, send).await?;
            }
        },
        Call::RevokeGrant => {
            let there = target.observed.map(|state| state.grants.clone()).unwrap_or_default();
            for grant in there.keys().filter(|grant| !want.grants.contains_key(*grant)) {
                let send = client.revoke_grant().key_id(id).grant_id(grant).send();
                match cx.send("kms:RevokeGrant", scope, send).await {
                    // It was retired or revoked meanwhile.
                    Err(error) if error.is(&["InvalidGrantIdException"]) => {}
                    answer => drop(answer?),
                }
            }
        }
        Call::SetTags => {
            let before = target.observed.map(|state| state.tags.clone()).unwrap_or_default();
            let (set, remove) = tags::changes(&before, &want.tags);
            if !set.is_empty() {
                let send = client.tag_resource().key_id(id).set_tags(Some(pairs(&set))).send();
                cx.send("kms:TagResource", scope, send).await?;
            }
            if !remove.is_empty() {
                let send = client.untag_resource().key_id(id).set_tag_keys(Some(remove)).send();
                cx.send("kms:UntagResource", scope, send).await?;
            }
        }
        Call::DeleteAlias => {
            if let Some(alias) = &want.alias {
                let send = client.delete_alias().alias_name(alias).send();
                cx.send("kms:DeleteAlias", scope, send).await?;
            }
        }
        Call::ScheduleKeyDeletion => delete(cx, target).await?,
    }
    Ok(Vec::new())
}

/// Points our alias to the key, whatever it leads to now: an alias is a name of its own, and it is ours by that name.
async fn set_alias(cx: &Cx, target: &Target<'_, KmsKey>) -> Result<(), ApiError> {
    let scope = &target.address.scope;
    let client = cx.kms(scope);
    let id = target.output("id");
    let Some(alias) = &target.desired.alias else { return Ok(()) };
    let create = client.create_alias().alias_name(alias).target_key_id(id).send();
    match cx.send("kms:CreateAlias", scope, create).await {
        Err(error) if error.is(&["AlreadyExistsException"]) => {
            let update = client.update_alias().alias_name(alias).target_key_id(id).send();
            cx.send("kms:UpdateAlias", scope, update).await.map(|_| ())
        }
        answer => answer.map(|_| ()),
    }
}

/// Schedules the deletion. The scope tag goes first, because a key that waits for its deletion takes no more changes of
/// its tags (KMS API, UntagResource: KMSInvalidStateException) and would be taken for ours, and brought back, by the
/// next run; one whose deletion somebody else scheduled keeps the tag and is brought back.
async fn delete(cx: &Cx, target: &Target<'_, KmsKey>) -> Result<(), ApiError> {
    if target.desired.pending_deletion {
        return Ok(());
    }
    let scope = &target.address.scope;
    let client = cx.kms(scope);
    let id = target.output("id");
    let days = i32::try_from(target.desired.deletion_window_days).expect("a deletion window ends at 30");
    let untag = client.untag_resource().key_id(id).tag_keys(tags::SCOPE).send();
    cx.send("kms:UntagResource", scope, untag).await?;
    let schedule = client.schedule_key_deletion().key_id(id).pending_window_in_days(days).send();
    let Err(error) = cx.send("kms:ScheduleKeyDeletion", scope, schedule).await else { return Ok(()) };
    // Otherwise the key would be nobody's and never be found again.
    let ours = Tags::from([(tags::SCOPE.to_owned(), cx.names.scope.clone())]);
    let again = client.tag_resource().key_id(id).set_tags(Some(pairs(&ours))).send();
    match cx.send("kms:TagResource", scope, again).await {
        Ok(_) => Err(error),
        Err(second) => Err(ApiError {
            message: format!(
                "{}; and the key {id} lost our tag, which could not be set again: {second}",
                error.message
            ),
            ..error
        }),
    }
}

fn pairs(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().tag_key(key).tag_value(value).build();
    tags.iter().map(|pair| tag(pair).expect("key and value are given")).collect()
}
