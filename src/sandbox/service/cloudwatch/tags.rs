//! Tags of alarms and dashboards.

use super::invalid;
use crate::sandbox::service::listing::tag_list;
use crate::sandbox::service::record::{merge_tags, retag, tags};
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// Answers ListTagsForResource.
///
/// # Errors
/// `ResourceNotFoundException`, `InvalidParameterValue` for text that is no CloudWatch ARN.
pub fn list(call: &mut Call<'_>) -> Answer {
    Ok(json!({"Tags": tag_list(tagged(call)?)}))
}

/// Answers TagResource.
///
/// # Errors
/// As [`list`]; `InvalidParameterValue` for bad tags or above 50.
pub fn tag(call: &mut Call<'_>) -> Answer {
    let given = call.list("Tags");
    if given.is_empty() {
        return Err(invalid("Tags must not be empty"));
    }
    let now = call.now;
    let record = tagged(call)?;
    let all = merge_tags(tags(record), &given, ("Key", "Value"))
        .map_err(|problem| Fault::bad("InvalidParameterValue", problem.to_string()))?;
    retag(record, all, now);
    Ok(json!({}))
}

/// Answers UntagResource.
///
/// # Errors
/// As [`list`].
pub fn untag(call: &mut Call<'_>) -> Answer {
    let keys = call.list("TagKeys");
    let now = call.now;
    let record = tagged(call)?;
    let mut all = tags(record);
    all.retain(|key, _| !keys.iter().any(|gone| gone == key));
    retag(record, all, now);
    Ok(json!({}))
}

fn tagged<'c>(call: &'c mut Call<'_>) -> Result<&'c mut Value, Fault> {
    let arn = call.text("ResourceARN").unwrap_or_default();
    if !arn.starts_with("arn:aws:cloudwatch:") {
        return Err(Fault::bad("InvalidParameterValue", format!("Invalid resource ARN: {arn}")));
    }
    let (account, region) = (call.account.to_owned(), call.region.to_owned());
    let missing = || Fault::with(404, "ResourceNotFoundException", format!("Unknown resource: {arn}"));
    let tables = [("alarms", region.as_str()), ("composite_alarms", &region), ("dashboards", "global")];
    let holds = |(table, region): &(&str, &str)| {
        let records = call.state.peek(&account, region, table).into_iter().flatten();
        records.into_iter().any(|(_, record)| record["_arn"] == arn.as_str())
    };
    let (table, region) = *tables.iter().find(|place| holds(place)).ok_or_else(missing)?;
    let records = call.state.table(&account, region, table);
    records.values_mut().find(|record| record["_arn"] == arn.as_str()).ok_or_else(missing)
}
