//! Faults, rates and what clients make of them.

use super::{ACCOUNT, code, config};
use crate::sandbox::Sandbox;
use crate::sandbox::faults::{Kind, Rule, parse};
use crate::sandbox::state::Settings;
use aws_smithy_types::timeout::TimeoutConfig;
use std::time::Duration;

fn rule(operation: &str, nth: Option<u32>, fault: Kind) -> Vec<Rule> {
    vec![Rule { service: "*".into(), operation: operation.into(), nth, fault }]
}

#[tokio::test]
async fn clients_try_again_on_the_sandbox_clock() {
    for (case, fault) in
        [("throttled", Kind::Throttle), ("failed", Kind::ServerError), ("reset", Kind::ResetBefore)]
    {
        let sandbox = Sandbox::in_memory(ACCOUNT);
        sandbox.set_faults(rule("GetCallerIdentity", Some(1), fault));
        let sts = aws_sdk_sts::Client::new(&config(&sandbox, "eu-central-1", "x").await);
        sts.get_caller_identity().send().await.expect(case);
        assert_eq!(sandbox.calls().len(), 2, "{case}");
        assert!(sandbox.state().clock_ahead_millis > 0, "{case}: the wait moved the clock");
    }
}

#[tokio::test]
async fn a_reset_after_the_effect_leaves_the_effect() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    sandbox.set_faults(rule("CreateKey", Some(1), Kind::ResetAfter));
    let kms = aws_sdk_kms::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    kms.create_key().send().await.expect("the second try is answered");
    let keys = sandbox.state().peek(ACCOUNT, "eu-central-1", "kms_keys").map(serde_json::Map::len);
    assert_eq!(keys, Some(2), "CreateKey has no idempotency token");
}

#[tokio::test]
async fn half_an_answer_leaves_the_effect_and_is_no_answer() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    sandbox.set_faults(rule("CreateKey", Some(1), Kind::Truncate));
    let once = aws_smithy_types::retry::RetryConfig::disabled();
    let config = config(&sandbox, "eu-central-1", "x").await.to_builder().retry_config(once).build();
    let error = aws_sdk_kms::Client::new(&config).create_key().send().await.expect_err("half an answer");
    assert!(error.as_service_error().is_none(), "{error:?}");
    let keys = sandbox.state().peek(ACCOUNT, "eu-central-1", "kms_keys").map(serde_json::Map::len);
    assert_eq!(keys, Some(1));
}

#[tokio::test]
async fn a_busy_service_says_503_and_is_asked_again() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let config = config(&sandbox, "eu-central-1", "x").await;
    let s3 = aws_sdk_s3::Client::new(&config);
    let logs = aws_sdk_cloudwatchlogs::Client::new(&config);
    for (operation, code) in
        [("ListBuckets", "SlowDown"), ("DescribeLogGroups", "ServiceUnavailableException")]
    {
        sandbox.set_faults(rule(operation, Some(1), Kind::SlowDown));
        let before = sandbox.calls().len();
        match operation {
            "ListBuckets" => drop(s3.list_buckets().send().await.expect("the second try is answered")),
            _ => drop(logs.describe_log_groups().send().await.expect("the second try is answered")),
        }
        let codes: Vec<Option<String>> =
            sandbox.calls()[before..].iter().map(|seen| seen.refused.clone()).collect();
        assert_eq!(codes, [Some(code.to_owned()), None], "{operation}");
    }
}

#[tokio::test]
async fn refusals_have_each_services_own_code() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let config = config(&sandbox, "eu-central-1", "x").await;
    let cases = [
        ("deny", "AccessDenied", "AccessDeniedException", "AuthorizationError", "AccessDenied"),
        ("expired", "ExpiredToken", "ExpiredTokenException", "ExpiredToken", "ExpiredToken"),
        (
            "region_disabled",
            "InvalidToken",
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidClientTokenId",
        ),
    ];
    for (fault, s3, kms, sns, cloudwatch) in cases {
        sandbox.set_faults(parse(&format!(r#"[{{"fault":"{fault}"}}]"#)).expect("a good rule"));
        let got = [
            code(aws_sdk_s3::Client::new(&config).list_buckets().send().await),
            code(aws_sdk_kms::Client::new(&config).list_keys().send().await),
            code(aws_sdk_sns::Client::new(&config).list_topics().send().await),
            code(aws_sdk_cloudwatch::Client::new(&config).describe_alarms().send().await),
        ];
        assert_eq!(
            got.each_ref().map(|code| code.as_deref().unwrap_or("none")),
            [s3, kms, sns, cloudwatch],
            "{fault}"
        );
    }
}

#[tokio::test]
async fn a_slow_answer_meets_the_clients_time_out() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    sandbox.set_faults(rule("*", None, Kind::Slow(20_000)));
    let config = config(&sandbox, "eu-central-1", "x").await;
    for (seconds, in_time) in [(30, true), (10, false)] {
        let limit = TimeoutConfig::builder().operation_timeout(Duration::from_secs(seconds)).build();
        let config = config.to_builder().timeout_config(limit).build();
        let answer = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
        assert_eq!(answer.is_ok(), in_time, "{seconds} s");
    }
}

#[tokio::test]
async fn a_stale_read_is_as_before_the_last_change() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let kms = aws_sdk_kms::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    kms.create_key().send().await.expect("a key");
    kms.create_key().send().await.expect("another");
    sandbox.set_faults(rule("ListKeys", Some(1), Kind::Stale));
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(kms.list_keys().send().await.expect("listed").keys().len());
    }
    assert_eq!(seen, [1, 2]);
}

#[tokio::test]
async fn rates_are_kept_when_asked() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    sandbox.set_settings(Settings { rate_limits: true, ..Settings::default() });
    let config = config(&sandbox, "eu-central-1", "x").await;
    let once = aws_smithy_types::retry::RetryConfig::disabled();
    let kms = aws_sdk_kms::Client::new(&config.to_builder().retry_config(once).build());
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(code(kms.create_key().send().await));
    }
    assert_eq!(codes[4..], [None, Some("ThrottlingException".to_owned())]);
    sandbox.advance(Duration::from_secs(1));
    kms.create_key().send().await.expect("a second later there is room");
}

#[tokio::test]
async fn what_is_lacking_is_named_and_not_tried_again() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let s3 = aws_sdk_s3::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    let error = s3.get_bucket_cors().bucket("b-logs").send().await.expect_err("not in the table");
    let error = error.into_service_error();
    let meta = aws_smithy_types::error::metadata::ProvideErrorMetadata::meta(&error);
    assert_eq!(meta.code(), Some("NotImplemented"));
    assert!(meta.message().is_some_and(|text| text.contains("s3:GET bucket cors")), "{meta}");
    assert_eq!(sandbox.calls().len(), 1);
}

#[tokio::test]
async fn things_take_time_to_spread_unless_told_otherwise() {
    for (delays, want) in [(true, Some("NoSuchBucket".to_owned())), (false, None)] {
        let sandbox = Sandbox::in_memory(ACCOUNT);
        sandbox.set_settings(Settings { delays, ..Settings::default() });
        let s3 = aws_sdk_s3::Client::new(&config(&sandbox, "us-east-1", "x").await);
        s3.create_bucket().bucket("new-logs").send().await.expect("a bucket");
        assert_eq!(code(s3.get_bucket_versioning().bucket("new-logs").send().await), want, "delays {delays}");
    }
}
