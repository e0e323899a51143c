//! Throttling and failures that never end: a run says so within two minutes.

use crate::bench::{ACCOUNT, Attempt, all, apply, block_on, full, smallest};
use auditscope::sandbox::Sandbox;
use auditscope::sandbox::faults::{Kind, Rule};
use std::time::Duration;

#[test]
fn throttling_and_failures_without_end_are_told_within_two_minutes() {
    let mut blueprint = smallest();
    // The SDK counts its retries by service and Region in the whole process: these are not to use up those of other tests.
    blueprint.scope.home_region = "eu-west-3".into();
    blueprint.scope.bedrock_regions = ["eu-west-3".to_owned()].into();
    let faults = [
        Kind::Throttle,
        Kind::ServerError,
        Kind::SlowDown,
        Kind::ResetBefore,
        Kind::ResetAfter,
        Kind::Truncate,
    ];
    let whose = [
        "*:*",
        "kms:*",
        "s3:*",
        "iam:*",
        "logs:*",
        "cloudtrail:*",
        "cloudwatch:*",
        "sns:*",
        "bedrock:*",
        "kms:CreateKey",
        "kms:CreateAlias",
        "s3:CreateBucket",
        "s3:PutBucketPolicy",
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "logs:CreateLogGroup",
        "cloudtrail:CreateTrail",
        "cloudtrail:StartLogging",
        "sns:CreateTopic",
        "cloudwatch:PutMetricAlarm",
    ];
    let cases: Vec<(&str, Kind)> =
        whose.iter().flat_map(|whose| faults.iter().map(move |fault| (*whose, *fault))).collect();
    // Seven is prime to the number of faults: each comes up with each kind of call.
    let cases: Vec<(&str, Kind)> = cases.into_iter().step_by(if full() { 1 } else { 7 }).collect();
    let wrong = all(&cases, |(whose, fault)| {
        block_on(async {
            let (service, operation) = whose.split_once(':').expect("service:Operation");
            let sandbox = Sandbox::in_memory(ACCOUNT);
            let rule =
                Rule { service: service.into(), operation: operation.into(), nth: None, fault: *fault };
            sandbox.set_faults(vec![rule]);
            let begun = sandbox.now();
            let end = apply(&sandbox, &blueprint).await?;
            let took = Duration::try_from(sandbox.now().duration_since(begun)).unwrap_or_default();
            let done = matches!(fault, Kind::ResetAfter | Kind::Truncate);
            match end {
                // A write whose answer is lost each time is found to be done.
                Attempt::Converged if done => {}
                Attempt::Converged => return Err("it cannot have converged".into()),
                Attempt::Undone(left) => return Err(format!("left: {left}")),
                Attempt::Failed(errors) => {
                    let told = |error: &auditscope::aws::ApiError| {
                        whose.starts_with('*') || error.call.starts_with(&format!("{service}:"))
                    };
                    if !errors.iter().any(told) {
                        return Err(format!("the call is not named: {errors:?}"));
                    }
                }
            }
            if took > Duration::from_secs(120) {
                return Err(format!("it took {} s", took.as_secs()));
            }
            // Nobody counts on how often a key was made: KMS has no idempotency token.
            let keys = sandbox.state().peek(ACCOUNT, "eu-west-3", "kms_keys").map_or(0, serde_json::Map::len);
            if keys > 2 {
                return Err(format!("{keys} keys"));
            }
            Ok(())
        })
        .map_err(|what: String| format!("{fault:?} of {whose}: {what}"))
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
