//! Reads the trail: one list call at home, then status, selectors, insights and tags side by side.

use super::selectors::{self, EventSelectors};
use super::{Trail, members, surroundings};
use crate::aws::members::Members;
use crate::aws::{ApiError, Cx};
use crate::blueprint::FieldSelector;
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Wanted, owned};
use crate::model::tags::{self, Tags};
use crate::model::{Address, Input, Scope};
use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType, SourceEventCategory,
    Trail as Described,
};
use std::collections::BTreeSet;

/// Name under which the older, basic selectors appear; it never equals one of ours.
const BASIC: &str = "(basic selectors)";

/// Returns the reading of the scope's trail; only the home Region has one.
///
/// # Errors
/// The list call failed.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, Trail>],
) -> Result<Vec<(Address, Reading<Trail>)>, ApiError> {
    if *scope != cx.names.home() {
        return Ok(Vec::new());
    }
    // Shadow trails too: they are homed elsewhere and record here (CloudTrail API, DescribeTrails).
    let told = Members::default();
    let call = cx.cloudtrail(scope).describe_trails().include_shadow_trails(true).customize();
    let call = call.interceptor(told.of(&members::TRAIL)).send();
    let trails = cx.send("cloudtrail:DescribeTrails", scope, call).await?.trail_list.unwrap_or_default();
    let name = cx.names.trail();
    let is_ours = |trail: &Described| {
        trail.name() == Some(&name) && trail.home_region().is_none_or(|home| home == scope.region)
    };
    let (ours, others): (Vec<_>, Vec<_>) = trails.into_iter().partition(is_ours);
    let records_management = wanted.iter().any(|wanted| {
        wanted.state.event_selectors.values().any(|fields| selectors::of_category(fields, "Management"))
    });
    let notes = async {
        if records_management {
            surroundings::note(cx, scope, &others).await;
        }
    };
    let look = async {
        match ours.first() {
            None => Reading::Absent,
            Some(trail) => look(cx, scope, trail, &others, &told).await,
        }
    };
    let ((), reading) = futures_util::join!(notes, look);
    Ok(vec![(Address::new(Kind::Trail, "main", scope), reading)])
}

async fn look(
    cx: &Cx,
    scope: &Scope,
    trail: &Described,
    others: &[Described],
    told: &Members,
) -> Reading<Trail> {
    let client = cx.cloudtrail(scope);
    let arn = trail.trail_arn().map_or_else(|| cx.names.trail_arn(), ToOwned::to_owned);
    let selectors = client.get_event_selectors().trail_name(&arn).customize();
    let selectors = selectors.interceptor(told.of(&members::SELECTORS));
    let (status, selected, insights, tags) = futures_util::join!(
        cx.send("cloudtrail:GetTrailStatus", scope, client.get_trail_status().name(&arn).send()),
        cx.send("cloudtrail:GetEventSelectors", scope, selectors.send()),
        read_insights(cx, scope, &arn, told),
        read_tags(cx, scope, &arn),
    );
    let (status, selected, insights, tags) = match (status, selected, insights, tags) {
        (Ok(status), Ok(selected), Ok(insights), Ok(tags)) => (status, selected, insights, tags),
        (status, selected, insights, tags) => {
            let errors = [status.err(), selected.err(), insights.err(), tags.err()];
            return Reading::Unreadable(errors.into_iter().flatten().collect());
        }
    };
    // What is unset is absent in some answers and empty in others.
    let set = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let group = set(trail.cloud_watch_logs_log_group_arn());
    let state = Trail {
        name: trail.name().unwrap_or_default().to_owned(),
        bucket: Input::Known(trail.s3_bucket_name().unwrap_or_default().to_owned()),
        key_prefix: set(trail.s3_key_prefix()),
        topic: set(trail.sns_topic_arn()),
        kms_key: set(trail.kms_key_id()).map(Input::Known),
        multi_region: trail.is_multi_region_trail().unwrap_or(false),
        organization: trail.is_organization_trail().unwrap_or(false),
        include_global_service_events: trail.include_global_service_events().unwrap_or(true),
        log_file_validation: trail.log_file_validation_enabled().unwrap_or(false),
        log_group: group.map(|arn| Input::Known(arn.trim_end_matches(":*").to_owned())),
        log_role: set(trail.cloud_watch_logs_role_arn()).map(Input::Known),
        event_selectors: read_selectors(&selected),
        insights,
        logging: status.is_logging().unwrap_or(false),
        other_trails: surroundings::writers(&cx.names, others),
        tags: tags.clone(),
    };
    let name = state.name.clone();
    let notes = delivery_errors(&status);
    let found = Found { notes, unknown: told.unknown(), ..Found::new(state, [("arn", arn), ("name", name)]) };
    owned(found, &tags, &cx.names.scope)
}

/// The only evidence that deliveries work (CloudTrail API, GetTrailStatus).
fn delivery_errors(status: &GetTrailStatusOutput) -> Vec<String> {
    let errors = [
        ("log files to the bucket", status.latest_delivery_error()),
        ("events to the log group", status.latest_cloud_watch_logs_delivery_error()),
        ("digests to the bucket", status.latest_digest_delivery_error()),
        ("notices to the topic", status.latest_notification_error()),
    ];
    let told = errors.into_iter().filter_map(|(what, error)| Some((what, error.filter(|e| !e.is_empty())?)));
    told.map(|(what, error)| format!("the last delivery of {what} failed: {error}")).collect()
}

async fn read_tags(cx: &Cx, scope: &Scope, arn: &str) -> Result<Tags, ApiError> {
    let call = cx.cloudtrail(scope).list_tags().resource_id_list(arn).send();
    let answer = cx.send("cloudtrail:ListTags", scope, call).await?;
    let pairs = answer.resource_tag_list.unwrap_or_default().into_iter();
    let pairs = pairs.flat_map(|of_one| of_one.tags_list.unwrap_or_default());
    Ok(tags::from_pairs(pairs.map(|tag| (tag.key, tag.value.unwrap_or_default()))))
}

async fn read_insights(
    cx: &Cx,
    scope: &Scope,
    arn: &str,
    told: &Members,
) -> Result<BTreeSet<String>, ApiError> {
    let call = cx.cloudtrail(scope).get_insight_selectors().trail_name(arn).customize();
    let call = call.interceptor(told.of(&members::INSIGHTS)).send();
    let answer = match cx.send("cloudtrail:GetInsightSelectors", scope, call).await {
        Ok(answer) => answer,
        // CloudTrail API, GetInsightSelectors: a trail without insights answers with this.
        Err(error) if error.is(&["InsightNotEnabledException"]) => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let mut insights = BTreeSet::new();
    for selector in answer.insight_selectors.unwrap_or_default() {
        let name = match selector.insight_type().map(|kind| kind.as_str()).unwrap_or_default() {
            "ApiCallRateInsight" => "api-call-rate",
            "ApiErrorRateInsight" => "api-error-rate",
            other => other,
        };
        if selector.event_categories().is_empty() {
            insights.insert(name.to_owned());
        }
        for category in selector.event_categories() {
            insights.insert(match category {
                SourceEventCategory::Management => name.to_owned(),
                other => format!("{name}:{}", other.as_str()),
            });
        }
    }
    Ok(insights)
}

/// Returns selectors in canonical form; basic ones as the advanced ones that mean the same.
pub(super) fn read_selectors(answer: &GetEventSelectorsOutput) -> EventSelectors {
    let mut all = EventSelectors::new();
    let mut advanced: Vec<(&str, BTreeSet<FieldSelector>)> = answer
        .advanced_event_selectors()
        .iter()
        .map(|selector| (selector.name().unwrap_or("(no name)"), read_fields(selector)))
        .collect();
    // CloudTrail promises no order: sorted first, so that equal names are numbered the same each time.
    advanced.sort();
    if !advanced.is_empty() {
        for (name, fields) in advanced {
            selectors::add(&mut all, name, fields);
        }
        return all;
    }
    let mut basic: Vec<BTreeSet<FieldSelector>> =
        answer.event_selectors().iter().flat_map(translate).collect();
    if answer.event_selectors().is_empty() {
        // CloudTrail API, PutEventSelectors: without any selector a trail records all management events.
        basic.push([selectors::equals("eventCategory", "Management")].into());
    }
    basic.sort();
    for fields in basic {
        selectors::add(&mut all, BASIC, fields);
    }
    all
}

fn read_fields(selector: &AdvancedEventSelector) -> BTreeSet<FieldSelector> {
    let set = |values: &[String]| values.iter().cloned().collect();
    let read = |field: &AdvancedFieldSelector| FieldSelector {
        field: field.field().to_owned(),
        equals: set(field.equals()),
        starts_with: set(field.starts_with()),
        ends_with: set(field.ends_with()),
        not_equals: set(field.not_equals()),
        not_starts_with: set(field.not_starts_with()),
        not_ends_with: set(field.not_ends_with()),
    };
    selector.field_selectors().iter().map(read).collect()
}

/// Returns a basic selector as advanced ones.
fn translate(basic: &EventSelector) -> Vec<BTreeSet<FieldSelector>> {
    let side = match basic.read_write_type() {
        Some(ReadWriteType::ReadOnly) => Some(selectors::equals("readOnly", "true")),
        Some(ReadWriteType::WriteOnly) => Some(selectors::equals("readOnly", "false")),
        _ => None,
    };
    let mut all = Vec::new();
    // CloudTrail API, EventSelector: IncludeManagementEvents is true by default.
    if basic.include_management_events().unwrap_or(true) {
        let mut fields: BTreeSet<_> = [selectors::equals("eventCategory", "Management")].into();
        let excluded = basic.exclude_management_event_sources();
        if !excluded.is_empty() {
            fields.insert(FieldSelector {
                field: "eventSource".into(),
                not_equals: excluded.iter().cloned().collect(),
                ..FieldSelector::default()
            });
        }
        fields.extend(side.clone());
        all.push(fields);
    }
    for resource in basic.data_resources() {
        let mut fields: BTreeSet<_> = [
            selectors::equals("eventCategory", "Data"),
            selectors::equals("resources.type", resource.r#type().unwrap_or_default()),
            selectors::starts_with("resources.ARN", resource.values().iter().cloned()),
        ]
        .into();
        fields.extend(side.clone());
        all.push(fields);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudtrail::types::DataResource;

    fn read(answer: &GetEventSelectorsOutput) -> String {
        serde_json::to_string(&read_selectors(answer)).expect("plain data")
    }

    #[test]
    fn basic_selectors_read_as_what_they_mean() {
        let objects =
            DataResource::builder().r#type("AWS::S3::Object").values("arn:aws:s3:::training/").build();
        let basic = EventSelector::builder()
            .read_write_type(ReadWriteType::WriteOnly)
            .include_management_events(true)
            .exclude_management_event_sources("kms.amazonaws.com")
            .data_resources(objects)
            .build();
        let answer = GetEventSelectorsOutput::builder().event_selectors(basic).build();
        insta::assert_snapshot!(read(&answer), @r#"{"(basic selectors)":[{"field":"eventCategory","equals":["Data"]},{"field":"readOnly","equals":["false"]},{"field":"resources.ARN","starts_with":["arn:aws:s3:::training/"]},{"field":"resources.type","equals":["AWS::S3::Object"]}],"(basic selectors) (2)":[{"field":"eventCategory","equals":["Management"]},{"field":"eventSource","not_equals":["kms.amazonaws.com"]},{"field":"readOnly","equals":["false"]}]}"#);
    }

    #[test]
    fn no_selectors_are_all_management_events() {
        let answer = GetEventSelectorsOutput::builder().build();
        insta::assert_snapshot!(read(&answer), @r#"{"(basic selectors)":[{"field":"eventCategory","equals":["Management"]}]}"#);
    }

    #[test]
    fn the_order_of_advanced_selectors_does_not_matter() {
        let selector = |value: &str| {
            let field =
                AdvancedFieldSelector::builder().field("eventCategory").equals(value).build().expect("field");
            AdvancedEventSelector::builder().name("x").field_selectors(field).build().expect("fields")
        };
        let answer = |values: [&str; 2]| {
            let all = values.into_iter().map(selector).collect();
            GetEventSelectorsOutput::builder().set_advanced_event_selectors(Some(all)).build()
        };
        assert_eq!(
            read_selectors(&answer(["Data", "Management"])),
            read_selectors(&answer(["Management", "Data"]))
        );
    }
}
