//! Bedrock's invocation logging as a client meets it.

use super::OPERATIONS;
use crate::sandbox::service::Answer;
use crate::sandbox::service::fixture::{self, ACCOUNT, NOW, REGION, ROLE, account, code, record};
use crate::sandbox::state::State;
use serde_json::{Value, json};

const GET: &str = "GetModelInvocationLoggingConfiguration";
const PUT: &str = "PutModelInvocationLoggingConfiguration";
const DELETE: &str = "DeleteModelInvocationLoggingConfiguration";

fn run(state: &mut State, name: &str, input: Value) -> Answer {
    fixture::run(state, OPERATIONS, name, input)
}

fn wanted() -> Value {
    json!({"loggingConfig": {
        "cloudWatchConfig": {"logGroupName": "/audit", "roleArn": ROLE,
            "largeDataDeliveryS3Config": {"bucketName": "audit-bucket"}},
        "s3Config": {"bucketName": "audit-bucket"},
        "imageDataDeliveryEnabled": false,
    }})
}

#[test]
fn nothing_configured_is_no_error_and_a_put_replaces_all() {
    let mut state = account();
    assert_eq!(run(&mut state, GET, json!({})), Ok(json!({})));
    run(&mut state, PUT, wanted()).expect("put");
    let config = run(&mut state, GET, json!({})).expect("read")["loggingConfig"].clone();
    assert_eq!(
        (&config["imageDataDeliveryEnabled"], &config["audioDataDeliveryEnabled"]),
        (&json!(false), &json!(true))
    );
    run(&mut state, PUT, json!({"loggingConfig": {"s3Config": {"bucketName": "audit-bucket"}}}))
        .expect("again");
    let config = run(&mut state, GET, json!({})).expect("read")["loggingConfig"].clone();
    assert!(config.get("cloudWatchConfig").is_none() && config["imageDataDeliveryEnabled"] == true);
    let elsewhere = fixture::run_at(&mut state, OPERATIONS, (ACCOUNT, "us-east-1", NOW), GET, json!({}));
    assert_eq!(elsewhere, Ok(json!({})), "one per Region");
    for _ in 0..2 {
        assert_eq!(run(&mut state, DELETE, json!({})), Ok(json!({})), "also when absent");
    }
    assert_eq!(run(&mut state, GET, json!({})), Ok(json!({})));
}

#[test]
fn a_put_leaves_its_check_in_the_bucket_once() {
    let mut state = account();
    for _ in 0..2 {
        run(&mut state, PUT, wanted()).expect("put");
    }
    let bucket = record(&mut state, "global", "buckets", "audit-bucket");
    let keys: Vec<&Value> =
        bucket["_versions"].as_array().expect("a list").iter().map(|one| &one["Key"]).collect();
    assert_eq!(
        keys,
        ["AWSLogs/111122223333/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check"]
    );
}

#[test]
fn destinations_that_cannot_be_written_are_refused() {
    type Change = fn(&mut State);
    let role: Change = |state| record(state, "global", "roles", "audit-logs")["_policies"] = json!({});
    let cases: &[(&str, Change, &str)] = &[
        ("role may not write", role, "log group: /audit"),
        (
            "young role",
            |state| record(state, "global", "roles", "audit-logs")["_changed_at"] = json!(NOW - 1_000),
            "log group: /audit",
        ),
        ("no group", |state| state.table(ACCOUNT, REGION, "log_groups").clear(), "log group: /audit"),
        (
            "bucket elsewhere",
            |state| record(state, "global", "buckets", "audit-bucket")["Region"] = json!("us-east-1"),
            "bucket audit-bucket",
        ),
        (
            "bucket closed",
            |state| record(state, "global", "buckets", "audit-bucket")["Policy"] = json!("{}"),
            "bucket audit-bucket",
        ),
        (
            "bucket with ACLs",
            |state| {
                record(state, "global", "buckets", "audit-bucket")["OwnershipControls"] =
                    json!({"Rules": [{"ObjectOwnership": "ObjectWriter"}]});
            },
            "bucket audit-bucket",
        ),
        (
            "key closed",
            |state| record(state, REGION, "kms_keys", "1")["Policy"] = json!("{}"),
            "bucket audit-bucket",
        ),
    ];
    for (case, change, text) in cases {
        let mut state = account();
        change(&mut state);
        let fault = run(&mut state, PUT, wanted()).expect_err(case);
        assert_eq!(fault.code, "ValidationException", "{case}");
        let start = format!("Failed to validate permissions for {text}");
        assert!(fault.message.starts_with(&start), "{case}: {}", fault.message);
        assert_eq!(run(&mut state, GET, json!({})), Ok(json!({})), "{case}: nothing is kept");
    }
}

#[test]
fn a_configuration_out_of_shape_is_refused() {
    let cases = [
        ("nothing", json!({})),
        ("no role", json!({"loggingConfig": {"cloudWatchConfig": {"logGroupName": "/audit"}}})),
        (
            "group by ARN",
            json!({"loggingConfig": {"cloudWatchConfig": {"logGroupName": fixture::GROUP, "roleArn": ROLE}}}),
        ),
        ("no bucket name", json!({"loggingConfig": {"s3Config": {"keyPrefix": "x"}}})),
    ];
    for (case, input) in cases {
        assert_eq!(code(run(&mut account(), PUT, input)), "ValidationException", "{case}");
    }
}
