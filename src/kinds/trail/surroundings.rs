//! Other trails: the second copy of management events is charged, and what they write must not mix with ours.

use super::observe::read_selectors;
use super::selectors;
use crate::aws::{ApiError, Cx};
use crate::kinds::Kind;
use crate::model::{Names, Scope};
use aws_sdk_cloudtrail::types::Trail as Described;
use std::collections::BTreeMap;

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

/// Returns those of other trails that write to our buckets or log groups: where to, by ARN.
pub fn writers(names: &Names, others: &[Described]) -> BTreeMap<String, String> {
    let target = |trail: &Described| {
        let bucket = trail.s3_bucket_name().and_then(|bucket| our_bucket(names, bucket));
        let group = trail.cloud_watch_logs_log_group_arn().and_then(|arn| our_group(names, arn));
        let targets: Vec<String> = bucket.into_iter().chain(group).collect();
        (!targets.is_empty()).then(|| format!("writes to {}", targets.join(" and ")))
    };
    let name = |trail: &Described| trail.trail_arn().or(trail.name()).unwrap_or("a trail").to_owned();
    others.iter().filter_map(|trail| Some((name(trail), target(trail)?))).collect()
}

fn our_bucket(names: &Names, bucket: &str) -> Option<String> {
    let home = names.home_region.as_str();
    let role = ["logs", "access"].into_iter().find(|role| names.bucket(role, home) == bucket);
    let role = role.or_else(|| bucket.starts_with(&names.bucket("prompts", "")).then_some("prompts"))?;
    Some(format!("{}.{role}", Kind::S3Bucket))
}

fn our_group(names: &Names, arn: &str) -> Option<String> {
    let name = arn.split_once(":log-group:")?.1.trim_end_matches(":*");
    let role = ["trail", "bedrock"].into_iter().find(|role| names.log_group(role) == name)?;
    Some(format!("{}.{role}", Kind::LogGroup))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_that_writes_where_ours_does_is_named() {
        let names = Names::of(&super::super::example::blueprint());
        let group = names.log_group_arn("eu-central-1", "trail");
        let cases = [
            ("elsewhere", "somebody-s-bucket", None, None),
            ("our bucket", &names.log_bucket, None, Some("writes to s3_bucket.logs")),
            (
                "prompts",
                "genai-audit-prompts-111122223333-us-east-1",
                None,
                Some("writes to s3_bucket.prompts"),
            ),
            ("our group", "somebody-s-bucket", Some(format!("{group}:*")), Some("writes to log_group.trail")),
            (
                "both",
                &names.log_bucket,
                Some(format!("{group}:*")),
                Some("writes to s3_bucket.logs and log_group.trail"),
            ),
        ];
        for (case, bucket, group, want) in cases {
            let trail = Described::builder()
                .trail_arn("arn:aws:cloudtrail:eu-central-1:111122223333:trail/second")
                .s3_bucket_name(bucket)
                .set_cloud_watch_logs_log_group_arn(group)
                .build();
            let seen = writers(&names, &[trail]);
            assert_eq!(seen.values().next().map(String::as_str), want, "{case}");
        }
    }
}
