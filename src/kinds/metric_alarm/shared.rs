//! What alarms of both kinds share: tags and deletion.

use crate::aws::{ApiError, Cx};
use crate::model::Scope;
use crate::model::tags::{self, Tags};
use aws_sdk_cloudwatch::types::{ActionConfiguration, Tag};

/// Returns an alarm's tags: what was read in bulk if that is exactly what is wanted, else what CloudWatch itself says.
///
/// GetResources lags, so that it can neither show a missing tag nor whose an alarm is (Resource Groups Tagging API).
///
/// # Errors
/// ListTagsForResource failed.
pub async fn read(cx: &Cx, scope: &Scope, arn: &str, wanted: Option<&Tags>) -> Result<Tags, ApiError> {
    // A bulk read that fails only costs the calls that it saves.
    let bulk = cx.tagged(scope).await.ok();
    let known = bulk.as_ref().and_then(|bulk| bulk.get(arn));
    if let Some(known) = known
        && wanted == Some(known)
    {
        return Ok(known.clone());
    }
    let call = cx.cloudwatch(scope).list_tags_for_resource().resource_arn(arn).send();
    let answer = cx.send("cloudwatch:ListTagsForResource", scope, call).await?;
    let pairs = answer.tags.unwrap_or_default().into_iter();
    Ok(tags::from_pairs(pairs.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))))
}

/// Returns in words how an alarm's notices carry its tags; `None` if they do not, which is the default (CloudWatch API,
/// AlarmTagsPropagation).
pub fn propagation(actions: Option<&ActionConfiguration>) -> Option<String> {
    let tags = actions?.alarm_tags_propagation()?;
    tags.enabled().unwrap_or(false).then(|| format!("tags in notices {tags:?}"))
}

/// Writes the difference.
///
/// # Errors
/// What AWS answered.
pub async fn write(cx: &Cx, scope: &Scope, arn: &str, before: &Tags, after: &Tags) -> Result<(), ApiError> {
    let client = cx.cloudwatch(scope);
    let (set, remove) = tags::changes(before, after);
    if !set.is_empty() {
        let send = client.tag_resource().resource_arn(arn).set_tags(Some(list(&set))).send();
        cx.send("cloudwatch:TagResource", scope, send).await?;
    }
    if !remove.is_empty() {
        let send = client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send();
        cx.send("cloudwatch:UntagResource", scope, send).await?;
    }
    Ok(())
}

/// Returns tags as CloudWatch takes them.
pub fn list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Deletes one alarm; one that is gone already is done.
///
/// # Errors
/// What AWS answered.
pub async fn delete(cx: &Cx, scope: &Scope, name: &str) -> Result<(), ApiError> {
    let send = cx.cloudwatch(scope).delete_alarms().alarm_names(name).send();
    match cx.send("cloudwatch:DeleteAlarms", scope, send).await {
        Err(error) if !error.is(&["ResourceNotFound", "ResourceNotFoundException"]) => Err(error),
        _ => Ok(()),
    }
}
