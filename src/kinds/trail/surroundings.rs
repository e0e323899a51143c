//! Other trails that record here: the second copy of management events is charged.

use super::observe::read_selectors;
use super::selectors;
use crate::aws::{ApiError, Cx};
use crate::model::Scope;
use aws_sdk_cloudtrail::types::Trail as Described;

/// Notes each other trail that already records management events in the home Region (CloudTrail pricing: the first
/// copy in a Region is free), and each of which that could not be told.
pub async fn note(cx: &Cx, scope: &Scope, others: &[Described]) {
    let looks = others.iter().map(async |trail| (trail, records_management(cx, scope, trail).await));
    for (trail, answer) in futures_util::future::join_all(looks).await {
        let name = trail.name().unwrap_or("without a name");
        match answer {
            Ok(true) => cx.note(format!(
                "trail {name} already records management events: the copy that this scope's trail records is charged"
            )),
            Ok(false) => {}
            Err(error) => cx.note(format!(
                "whether trail {name} already records management events is unknown ({}): the copy that this scope's \
                 trail records may be charged",
                error.code.as_deref().unwrap_or("no answer"),
            )),
        }
    }
}

async fn records_management(cx: &Cx, scope: &Scope, trail: &Described) -> Result<bool, ApiError> {
    // Both calls are about a trail's home Region; a shadow is asked about by ARN there.
    let home = Scope::new(&scope.account, trail.home_region().unwrap_or(&scope.region));
    let client = cx.cloudtrail(&home);
    let arn = trail.trail_arn().or(trail.name()).unwrap_or_default();
    let status =
        cx.send("cloudtrail:GetTrailStatus", &home, client.get_trail_status().name(arn).send()).await?;
    if !status.is_logging().unwrap_or(false) {
        return Ok(false);
    }
    let call = client.get_event_selectors().trail_name(arn).send();
    let answer = cx.send("cloudtrail:GetEventSelectors", &home, call).await?;
    Ok(read_selectors(&answer).values().any(|fields| selectors::of_category(fields, "Management")))
}
