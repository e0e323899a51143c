//! Reads log groups: one paged list call per Region, tags per group of ours.

use super::LogGroup;
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Wanted, owned};
use crate::model::tags::{self, Tags};
use crate::model::{Address, Input, Scope};
use aws_sdk_cloudwatchlogs::types::{InheritedProperty, LogGroup as Described};
use serde_json::Value;
use std::collections::BTreeMap;

/// Returns a reading for each wanted group and for every other group under our prefix that carries our tag.
///
/// # Errors
/// The list call failed.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, LogGroup>],
) -> Result<Vec<(Address, Reading<LogGroup>)>, ApiError> {
    let client = cx.logs(scope);
    let prefix = format!("/auditscope/{}/", cx.names.scope);
    let mut groups: Vec<Described> = Vec::new();
    let mut token = None;
    loop {
        let page = cx
            .send(
                "logs:DescribeLogGroups",
                scope,
                client.describe_log_groups().log_group_name_prefix(&prefix).set_next_token(token).send(),
            )
            .await?;
        groups.extend(page.log_groups.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            break;
        }
    }
    let mut readings: Vec<(Address, Reading<LogGroup>)> = wanted
        .iter()
        .filter(|wanted| !groups.iter().any(|group| group.log_group_name() == Some(&wanted.state.name)))
        .map(|wanted| (wanted.address.clone(), Reading::Absent))
        .collect();
    let looks = groups.into_iter().map(|group| {
        let asked = wanted.iter().find(|wanted| group.log_group_name() == Some(&wanted.state.name));
        look(cx, scope, group, &prefix, asked.map(|asked| &asked.state.tags))
    });
    for (address, reading) in futures_util::future::join_all(looks).await {
        let asked = wanted.iter().any(|wanted| *wanted.address == address);
        // Under our prefix but not ours and not asked for: none of our business.
        if asked || matches!(reading, Reading::Found(_) | Reading::Unreadable(_)) {
            readings.push((address, reading));
        }
    }
    Ok(readings)
}

async fn look(
    cx: &Cx,
    scope: &Scope,
    group: Described,
    prefix: &str,
    wanted: Option<&Tags>,
) -> (Address, Reading<LogGroup>) {
    let name = group.log_group_name().unwrap_or_default().to_owned();
    let address = Address::new(Kind::LogGroup, name.strip_prefix(prefix).unwrap_or(&name), scope);
    // Tag operations want the form without `:*` (CloudWatch Logs API, ListTagsForResource).
    let arn = group.log_group_arn().or(group.arn()).unwrap_or_default().trim_end_matches(":*").to_owned();
    let (tags, filters, mask) = tokio::join!(
        cx.tags(scope, &arn, wanted, group_tags(cx, scope, &arn)),
        subscription_filters(cx, scope, &name),
        data_protection_policy(cx, scope, &group),
    );
    let (tags, subscription_filters, data_protection_policy) = match (tags, filters, mask) {
        (Ok(tags), Ok(filters), Ok(mask)) => (tags, filters, mask),
        (tags, filters, mask) => {
            let errors = [tags.err(), filters.err(), mask.err()];
            return (address, Reading::Unreadable(errors.into_iter().flatten().collect()));
        }
    };
    // What is not set is absent in some answers and empty in others.
    let policy = group.retention_policy_name().filter(|name| !name.is_empty());
    let state = LogGroup {
        name: name.clone(),
        class: group.log_group_class().map_or("STANDARD", |class| class.as_str()).to_owned(),
        kms_key: group.kms_key_id().filter(|arn| !arn.is_empty()).map(|arn| Input::Known(arn.to_owned())),
        retention_days: group.retention_in_days().and_then(|days| u32::try_from(days).ok()),
        deletion_protection: protected(&group),
        subscription_filters,
        data_protection_policy,
        tags: tags.clone(),
        retention_policy: policy.map(ToOwned::to_owned),
        holds_nothing: group.stored_bytes() == Some(0),
    };
    let mut found = Found::new(state, [("arn", arn), ("name", name)]);
    if let Some(policy) = policy {
        let days = group.retention_in_days().unwrap_or_default();
        found.notes.push(format!(
            "the account policy {policy} sets the retention to {days} days; the blueprint's has no effect"
        ));
    }
    if group.inherited_properties().contains(&InheritedProperty::AccountDataProtection) {
        found.notes.push("a data protection policy of the account masks parts of its events".to_owned());
    }
    (address, owned(found, &tags, &cx.names.scope))
}

async fn group_tags(cx: &Cx, scope: &Scope, arn: &str) -> Result<Tags, ApiError> {
    let call = cx.logs(scope).list_tags_for_resource().resource_arn(arn).send();
    let answer = cx.send("logs:ListTagsForResource", scope, call).await?;
    Ok(tags::from_pairs(answer.tags.unwrap_or_default()))
}

/// Returns what copies the events elsewhere, by name. At most two filters are allowed (CloudWatch Logs API,
/// PutSubscriptionFilter), but the answer may come in pages all the same.
async fn subscription_filters(
    cx: &Cx,
    scope: &Scope,
    group: &str,
) -> Result<BTreeMap<String, String>, ApiError> {
    let client = cx.logs(scope);
    let mut filters = BTreeMap::new();
    let mut token = None;
    loop {
        let call = client.describe_subscription_filters().log_group_name(group).set_next_token(token).send();
        let page = cx.send("logs:DescribeSubscriptionFilters", scope, call).await?;
        for filter in page.subscription_filters.unwrap_or_default() {
            let destination = filter.destination_arn().unwrap_or_default();
            let text = match filter.filter_pattern().unwrap_or_default() {
                "" => format!("{destination}, every event"),
                pattern => format!("{destination}, pattern {pattern}"),
            };
            filters.insert(filter.filter_name().unwrap_or_default().to_owned(), text);
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(filters);
        }
    }
}

/// Returns the group's own policy; asked for only where DescribeLogGroups says that there may be one.
async fn data_protection_policy(
    cx: &Cx,
    scope: &Scope,
    group: &Described,
) -> Result<Option<Value>, ApiError> {
    const CALL: &str = "logs:GetDataProtectionPolicy";
    // CloudWatch Logs API, LogGroup: absent if there never was a policy; DELETED and ARCHIVED if there is none now.
    let status = group.data_protection_status().map(|status| status.as_str());
    if status.is_none_or(|status| status == "DELETED" || status == "ARCHIVED") {
        return Ok(None);
    }
    let name = group.log_group_name().unwrap_or_default();
    let call = cx.logs(scope).get_data_protection_policy().log_group_identifier(name).send();
    let text = match cx.send(CALL, scope, call).await {
        Ok(answer) => answer.policy_document.filter(|text| !text.is_empty()),
        Err(error) if error.is(&["ResourceNotFoundException"]) => None,
        Err(error) => return Err(error),
    };
    let policy = text.map(|text| serde_json::from_str(&text)).transpose();
    policy.map_err(|error| ApiError::odd(CALL, scope, error.to_string()))
}

fn protected(group: &Described) -> bool {
    group.deletion_protection_enabled().unwrap_or(false)
}
