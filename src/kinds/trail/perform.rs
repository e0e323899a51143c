//! Writes the trail.

use super::{Call, Trail};
use crate::aws::{ApiError, Cx};
use crate::blueprint::FieldSelector;
use crate::kinds::{Revealed, Target};
use crate::model::{Input, tags};
use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, InsightSelector, InsightType, SourceEventCategory, Tag,
};
use std::collections::BTreeSet;

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, Trail>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.cloudtrail(scope);
    let want = target.desired;
    let name = want.name.as_str();
    match call {
        Call::CreateTrail => {
            let tags = want.tags.iter().map(|(key, value)| tag(key, Some(value))).collect();
            let send = client
                .create_trail()
                .name(name)
                .s3_bucket_name(want.bucket.text())
                .set_s3_key_prefix(want.key_prefix.clone())
                .set_sns_topic_name(want.topic.clone())
                .set_kms_key_id(text(want.kms_key.as_ref()))
                .is_multi_region_trail(want.multi_region)
                .is_organization_trail(want.organization)
                .include_global_service_events(want.include_global_service_events)
                .enable_log_file_validation(want.log_file_validation)
                .set_cloud_watch_logs_log_group_arn(streams(want.log_group.as_ref()))
                .set_cloud_watch_logs_role_arn(text(want.log_role.as_ref()))
                .set_tags_list(Some(tags))
                .send();
            let made = cx.send("cloudtrail:CreateTrail", scope, send).await?;
            return Ok(made.trail_arn.map(|arn| ("arn", arn)).into_iter().collect());
        }
        Call::UpdateTrail => {
            // What is left out stays as it is; the empty string takes it away (CloudTrail API, UpdateTrail).
            let was_organization = target.observed.is_some_and(|observed| observed.organization);
            let organization = (want.organization || was_organization).then_some(want.organization);
            let send = client
                .update_trail()
                .name(name)
                .s3_bucket_name(want.bucket.text())
                .s3_key_prefix(want.key_prefix.clone().unwrap_or_default())
                .sns_topic_name(want.topic.clone().unwrap_or_default())
                .kms_key_id(text(want.kms_key.as_ref()).unwrap_or_default())
                .is_multi_region_trail(want.multi_region)
                // Only an organization's management account may name this member with a meaning.
                .set_is_organization_trail(organization)
                .include_global_service_events(want.include_global_service_events)
                .enable_log_file_validation(want.log_file_validation)
                .cloud_watch_logs_log_group_arn(streams(want.log_group.as_ref()).unwrap_or_default())
                .cloud_watch_logs_role_arn(text(want.log_role.as_ref()).unwrap_or_default())
                .send();
            cx.send("cloudtrail:UpdateTrail", scope, send).await?;
        }
        Call::PutEventSelectors => {
            let selectors =
                want.event_selectors.iter().map(|(name, fields)| advanced(name, fields)).collect();
            let send = client
                .put_event_selectors()
                .trail_name(name)
                .set_advanced_event_selectors(Some(selectors))
                .send();
            cx.send("cloudtrail:PutEventSelectors", scope, send).await?;
        }
        Call::SetInsightSelectors => {
            // The list replaces the former one; an empty list turns insights off.
            let selectors = want.insights.iter().map(|name| insight(name)).collect();
            let send =
                client.put_insight_selectors().trail_name(name).set_insight_selectors(Some(selectors)).send();
            cx.send("cloudtrail:PutInsightSelectors", scope, send).await?;
        }
        Call::SetTags => set_tags(cx, target).await?,
        Call::SetLogging if want.logging => {
            cx.send("cloudtrail:StartLogging", scope, client.start_logging().name(name).send()).await?;
        }
        Call::SetLogging => {
            cx.send("cloudtrail:StopLogging", scope, client.stop_logging().name(name).send()).await?;
        }
        Call::DeleteTrail => {
            cx.send("cloudtrail:DeleteTrail", scope, client.delete_trail().name(name).send()).await?;
        }
    }
    Ok(Vec::new())
}

async fn set_tags(cx: &Cx, target: &Target<'_, Trail>) -> Result<(), ApiError> {
    let scope = &target.address.scope;
    let client = cx.cloudtrail(scope);
    let arn = cx.names.trail_arn();
    let before = target.observed.map(|state| state.tags.clone()).unwrap_or_default();
    let (set, remove) = tags::changes(&before, &target.desired.tags);
    if !set.is_empty() {
        let list = set.iter().map(|(key, value)| tag(key, Some(value))).collect();
        let send = client.add_tags().resource_id(&arn).set_tags_list(Some(list)).send();
        cx.send("cloudtrail:AddTags", scope, send).await?;
    }
    if !remove.is_empty() {
        let list = remove.iter().map(|key| tag(key, None)).collect();
        let send = client.remove_tags().resource_id(&arn).set_tags_list(Some(list)).send();
        cx.send("cloudtrail:RemoveTags", scope, send).await?;
    }
    Ok(())
}

fn text(input: Option<&Input>) -> Option<String> {
    input.map(|input| input.text().to_owned())
}

/// CloudTrail wants the ARN of a log group's streams (CloudTrail API, CreateTrail).
fn streams(log_group: Option<&Input>) -> Option<String> {
    log_group.map(|arn| format!("{}:*", arn.text()))
}

fn tag(key: &str, value: Option<&str>) -> Tag {
    Tag::builder().key(key).set_value(value.map(ToOwned::to_owned)).build().expect("the key is set")
}

fn insight(name: &str) -> InsightSelector {
    let (name, category) = name.split_once(':').map_or((name, None), |(name, rest)| (name, Some(rest)));
    let kind = match name {
        "api-call-rate" => InsightType::ApiCallRateInsight,
        "api-error-rate" => InsightType::ApiErrorRateInsight,
        other => InsightType::from(other),
    };
    let categories = category.map(|category| vec![SourceEventCategory::from(category)]);
    InsightSelector::builder().insight_type(kind).set_event_categories(categories).build()
}

fn advanced(name: &str, fields: &BTreeSet<FieldSelector>) -> AdvancedEventSelector {
    AdvancedEventSelector::builder()
        .name(name)
        .set_field_selectors(Some(fields.iter().map(field).collect()))
        .build()
        .expect("field selectors are set")
}

fn field(field: &FieldSelector) -> AdvancedFieldSelector {
    // A list without values is refused: it is left out.
    let list = |set: &BTreeSet<String>| (!set.is_empty()).then(|| set.iter().cloned().collect());
    AdvancedFieldSelector::builder()
        .field(&field.field)
        .set_equals(list(&field.equals))
        .set_starts_with(list(&field.starts_with))
        .set_ends_with(list(&field.ends_with))
        .set_not_equals(list(&field.not_equals))
        .set_not_starts_with(list(&field.not_starts_with))
        .set_not_ends_with(list(&field.not_ends_with))
        .build()
        .expect("the field is set")
}
