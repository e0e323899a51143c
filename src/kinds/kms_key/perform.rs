//! Writes keys.

use super::{Call, KmsKey};
use crate::aws::{ApiError, Cx, Trouble};
use crate::kinds::{Revealed, Target};
use crate::model::Scope;
use crate::model::tags::{self, Ownership, Tags};
use aws_sdk_kms::types::{KeyState, Tag};
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
        Call::SetAlias => return set_alias(cx, target).await,
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

/// Points our alias to the key. An alias is a name of its own, and ours by that name: one that leads to somebody else's key
/// is turned round. One that leads to another key of ours was set by another run since this one looked: KMS has no
/// idempotency token, so two runs at once make two keys, and the alias, which only one of them can create, decides.
/// The run that comes second takes the other key for its own and gives up the one it made, which has encrypted nothing
/// yet: whatever uses a key waits for the end of this step.
async fn set_alias(cx: &Cx, target: &Target<'_, KmsKey>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.kms(scope);
    let id = target.output("id");
    let Some(alias) = &target.desired.alias else { return Ok(Vec::new()) };
    let create = client.create_alias().alias_name(alias).target_key_id(id).send();
    match cx.send("kms:CreateAlias", scope, create).await {
        Err(error) if error.is(&["AlreadyExistsException"]) => {}
        answer => return answer.map(|_| Vec::new()),
    }
    match leads_to(cx, scope, alias).await? {
        Some(key) if key.id == id => Ok(Vec::new()),
        Some(key) if key.usable && key.is_ours => {
            if target.observed.is_none() {
                give_up(cx, target).await?;
            }
            Ok(vec![("arn", key.arn), ("id", key.id)])
        }
        _ => {
            let update = client.update_alias().alias_name(alias).target_key_id(id).send();
            cx.send("kms:UpdateAlias", scope, update).await.map(|_| Vec::new())
        }
    }
}

/// Where an alias leads.
struct Leads {
    id: String,
    arn: String,
    is_ours: bool,
    usable: bool,
}

/// Returns the key an alias leads to; `None` if the alias or the key is gone.
async fn leads_to(cx: &Cx, scope: &Scope, alias: &str) -> Result<Option<Leads>, ApiError> {
    let client = cx.kms(scope);
    let key = match cx.send("kms:DescribeKey", scope, client.describe_key().key_id(alias).send()).await {
        Ok(answer) => answer.key_metadata,
        Err(error) if error.is(&["NotFoundException"]) => None,
        Err(error) => return Err(error),
    };
    let Some(key) = key else { return Ok(None) };
    let tags = super::observe::key_tags(cx, scope, &key.key_id).await?;
    Ok(Some(Leads {
        usable: key.key_state() == Some(&KeyState::Enabled),
        is_ours: !matches!(tags::ownership(&tags, &cx.names.scope), Ownership::Foreign(_)),
        arn: key.arn.unwrap_or_else(|| cx.names.arn("kms", &scope.region, &format!("key/{}", key.key_id))),
        id: key.key_id,
    }))
}

/// Schedules the deletion of a key that this step made and that another run's key has made superfluous. A caller who may
/// not delete keys leaves it: it carries our tag, and every plan lists it as left over.
async fn give_up(cx: &Cx, target: &Target<'_, KmsKey>) -> Result<(), ApiError> {
    match delete(cx, target).await {
        Err(error) if error.trouble == Trouble::Denied => {
            cx.note(format!(
                "the key {} was made by two runs at once and is not needed; it may be deleted",
                target.output("id")
            ));
            Ok(())
        }
        answer => answer,
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
