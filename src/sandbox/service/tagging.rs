//! Resource Groups Tagging: GetResources, which finds what carries tags, late and not all of it.

use super::record::{Page, page};
use super::{Answer, Call, Fault, Operation};
use crate::sandbox::state::{Delay, State};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The operations of Resource Groups Tagging.
pub const OPERATIONS: &[Operation] =
    &[Operation { service: "tag", name: "GetResources", writes: false, handler: get_resources }];

/// Regional tables whose records carry tags, and the type that filters know them by. IAM roles are missing on
/// purpose: GetResources does not return them (`reference/permissions.md` §9).
const TABLES: &[(&str, &str)] = &[
    ("alarms", "cloudwatch:alarm"),
    ("composite_alarms", "cloudwatch:alarm"),
    ("kms_keys", "kms:key"),
    ("log_groups", "logs:log-group"),
    ("topics", "sns:topic"),
    ("trails", "cloudtrail:trail"),
];

/// A tagged resource as the index shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// ARN, without the `:*` of log groups.
    pub arn: String,
    /// Type, such as `kms:key`.
    pub kind: &'static str,
    /// Tags.
    pub tags: Map<String, Value>,
}

/// Returns what the index shows in an account and Region: resources that have or had tags.
///
/// Every service stores `_arn`, `_tags`, `_tags_before` and `_tagged_at` (epoch millis) with its records; changed tags
/// are seen only after a while.
#[must_use]
pub fn tagged(state: &State, account: &str, region: &str, now: Timestamp) -> Vec<Tagged> {
    let regional = TABLES.iter().flat_map(|(table, kind)| {
        let records = state.peek(account, region, table).into_iter().flat_map(Map::values);
        records.map(move |record| (record, *kind))
    });
    let buckets = state.peek(account, "global", "buckets").into_iter().flat_map(Map::values);
    let buckets = buckets.filter(|bucket| bucket["Region"] == region).map(|bucket| (bucket, "s3:bucket"));
    let oldest = now.as_millisecond() - state.delay_millis(Delay::TagIndex);
    let seen = regional.chain(buckets).filter_map(|(record, kind)| {
        let arn = record.get("_arn")?.as_str()?;
        let settled = record.get("_tagged_at").and_then(Value::as_i64).is_none_or(|at| at <= oldest);
        let tags = record.get(if settled { "_tags" } else { "_tags_before" }).and_then(Value::as_object);
        let tags = tags.cloned().unwrap_or_default();
        // What once had tags stays in the index without any.
        let had = record.get("_tags_before").and_then(Value::as_object).is_some_and(|tags| !tags.is_empty());
        (!tags.is_empty() || settled && had).then(|| Tagged {
            arn: arn.strip_suffix(":*").unwrap_or(arn).to_owned(),
            kind,
            tags,
        })
    });
    seen.collect()
}

fn get_resources(call: &mut Call<'_>) -> Answer {
    let filters = tag_filters(call)?;
    let kinds: Vec<String> =
        call.list("ResourceTypeFilters").iter().filter_map(|kind| Some(kind.as_str()?.to_owned())).collect();
    let arns = call.list("ResourceARNList");
    if !arns.is_empty() && (!filters.is_empty() || !kinds.is_empty()) {
        return Err(invalid("You can't specify ResourceARNList together with filters."));
    }
    let size = call.number("ResourcesPerPage").unwrap_or(50);
    if !(1..=100).contains(&size) {
        return Err(invalid("ResourcesPerPage must be between 1 and 100"));
    }
    let mut found: Vec<Tagged> = tagged(call.state, call.account, call.region, call.now)
        .into_iter()
        .filter(|resource| arns.is_empty() || arns.iter().any(|arn| *arn == resource.arn.as_str()))
        .filter(|resource| kinds.is_empty() || kinds.iter().any(|kind| is_kind(resource.kind, kind)))
        .filter(|resource| filters.iter().all(|(key, values)| has(&resource.tags, key, values)))
        .collect();
    // Neither by type nor by name, as AWS answers.
    found.sort_by_key(|resource| resource.arn.bytes().rev().collect::<Vec<_>>());
    let entries = found.into_iter().map(|resource| {
        let tags = resource.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
        json!({"ResourceARN": resource.arn, "Tags": tags.collect::<Vec<_>>()})
    });
    let expired =
        Fault::bad("PaginationTokenExpiredException", "The pagination token is invalid or has expired.");
    let Page { entries, next } =
        page(entries.collect(), call.text("PaginationToken"), size.unsigned_abs() as usize, expired)?;
    // An empty token, not an absent one, ends the list (Resource Groups Tagging API, GetResources).
    Ok(json!({"ResourceTagMappingList": entries, "PaginationToken": next.unwrap_or_default()}))
}

/// Reads `TagFilters`: a resource must meet each, with any of its values; no values means any.
fn tag_filters(call: &Call<'_>) -> Result<Vec<(String, Vec<String>)>, Fault> {
    let read = |filter: Value| {
        let key = filter["Key"].as_str().filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| invalid("A tag filter needs a Key"))?.to_owned();
        let values = filter["Values"].as_array().into_iter().flatten();
        Ok((key, values.filter_map(|value| Some(value.as_str()?.to_owned())).collect()))
    };
    call.list("TagFilters").into_iter().map(read).collect()
}

fn has(tags: &Map<String, Value>, key: &str, values: &[String]) -> bool {
    tags.get(key)
        .and_then(Value::as_str)
        .is_some_and(|there| values.is_empty() || values.iter().any(|v| v == there))
}

/// Returns true if a filter, a service or a service with a type, takes a type.
fn is_kind(kind: &str, filter: &str) -> bool {
    kind == filter || kind.split(':').next() == Some(filter)
}

fn invalid(message: &str) -> Fault {
    Fault::bad("InvalidParameterException", message)
}
