//! AWS may say the same in many ways: however it spells its answers, a plan for an account that matches is empty, and
//! what is not the same is named.

mod common;
#[path = "common/tamper.rs"]
mod damage;

use auditscope::aws::{Session, SessionOptions};
use auditscope::blueprint::Blueprint;
use auditscope::engine::plan::{Plan, Step};
use auditscope::sandbox::Sandbox;
use auditscope::sandbox::respell::{Respelling, STRANGER, Strangers};
use auditscope::sandbox::state::Settings;
use auditscope::sandbox::tamper::TAMPERINGS;
use common::{ACCOUNT, Account, intent, shipped, told, with};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};

/// Every feature of a blueprint at once.
const RICH: &str = r#"
bedrock_regions = ["us-east-1", "eu-central-1"]
retention_days  = 731
contact         = "platform@example.com"
tags            = { cost-center = "4711" }

[encryption]
rotation_days  = 180
administrators = ["arn:aws:iam::111122223333:role/platform-admin"]
readers        = ["arn:aws:iam::111122223333:role/auditor"]

[log_bucket]
archive_after_days = 90
object_lock        = { mode = "governance", days = 400 }

[trail]
insights = ["api-call-rate", "api-error-rate"]

[[trail.data_events.objects]]
name    = "training-data"
buckets = ["acme-training-data", "acme-rag-corpus/docs/"]
events  = "write"

[[trail.data_events.selector]]
name   = "Objects of others"
fields = [
  { field = "eventCategory", equals = ["Data"] },
  { field = "resources.type", equals = ["AWS::S3::Object"] },
  { field = "resources.ARN", starts_with = ["arn:aws:s3:::acme-", "arn:aws:s3:::other-"] },
  { field = "eventName", starts_with = ["Put", "Delete"], not_equals = ["PutObjectAcl"] },
]

[invocation_logging]
image     = true
embedding = true
video     = true
audio     = true
readers   = ["arn:aws:iam::111122223333:role/ai-safety"]

[notifications]
emails = ["secops@example.com", "audit@example.com"]
topics = ["arn:aws:sns:us-east-1:111122223333:existing"]

[detections.parameters]
approved_roles   = ["arn:aws:iam::111122223333:role/genai-app"]
approved_regions = ["us-east-1", "eu-central-1"]
model_ids        = ["anthropic.claude-3-haiku-20240307-v1:0"]

[[alarm]]
id         = "model-slow"
answers    = "is-it-healthy"
metric     = { namespace = "AWS/Bedrock", name = "InvocationLatency", dimensions = { ModelId = "m" } }
statistic  = "p99"
threshold  = 2500.5
period     = "5m"
datapoints = { alarm = 2, of = 3 }
missing    = "ignore"
"#;

/// Puts roles that blueprints name into the account.
fn add_roles(sandbox: &Sandbox) {
    sandbox.with_state(|state| {
        for name in ["platform-admin", "auditor", "ai-safety", "genai-app"] {
            let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
            let id = format!("AROA{:0<17}", name.replace('-', "").to_uppercase());
            let role = json!({"RoleName": name, "Path": "/", "Arn": arn, "_arn": arn, "RoleId": id, "_created_at": 0});
            state.table(ACCOUNT, "global", "roles").insert(name.into(), role);
        }
    });
}

async fn converged(blueprint: Blueprint) -> Account {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    add_roles(&sandbox);
    let account = Account::on(sandbox, blueprint).await;
    account.converge().await;
    account
}

/// Checks the plan under many seeds, always the same ones.
fn stays_empty(cases: u32, blueprint: impl Fn() -> Blueprint, page_size: Option<usize>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let account = runtime.block_on(converged(blueprint()));
    account.sandbox.set_settings(Settings { page_size, ..account.sandbox.settings() });
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let checked = runner.run(&proptest::num::u64::ANY, |seed| {
        account.sandbox.set_respelling(Some(Respelling::of(seed)));
        let plan = runtime.block_on(account.plan());
        match plan.is_empty() {
            true => Ok(()),
            false => Err(TestCaseError::fail(told(&plan))),
        }
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn however_aws_spells_it_a_baseline_matches() {
    stays_empty(8, || shipped("genai-baseline.toml"), None);
}

#[test]
fn however_aws_spells_it_every_feature_matches() {
    stays_empty(16, || with(RICH), None);
}

#[test]
fn in_pages_of_one_it_is_the_same() {
    stays_empty(2, || with(RICH), Some(1));
}

/// Returns a step by its short address.
fn step<'a>(plan: &'a Plan, short: &str) -> Option<&'a Step> {
    plan.steps.iter().find(|step| step.address.short() == short)
}

fn notes(plan: &Plan) -> Vec<&str> {
    plan.notes.iter().map(|note| note.text.as_str()).collect()
}

#[tokio::test]
async fn a_deleted_principal_is_named() {
    let account = converged(with(RICH)).await;
    let options = SessionOptions {
        sandbox: Some(account.sandbox.clone()),
        account: ACCOUNT.into(),
        ..SessionOptions::default()
    };
    let session = Session::open(&options, "us-east-1").await;
    let iam = aws_sdk_iam::Client::new(&session.config("us-east-1"));
    iam.delete_role().role_name("auditor").send().await.expect("the role can be deleted");
    for seed in 0..3 {
        account.sandbox.set_respelling(Some(Respelling::of(seed)));
        let plan = account.plan().await;
        for (short, statement) in [("kms_key.main", "Readers"), ("s3_bucket.logs", "Readers")] {
            let found = step(&plan, short).unwrap_or_else(|| panic!("{short} differs: {}", told(&plan)));
            let change = found.changes.iter().find(|change| {
                change.path.contains(statement) && change.before.to_string().contains("AROAAUDITOR")
            });
            assert!(change.is_some(), "seed {seed}: {}", told(&plan));
            assert!(
                notes(&plan).iter().any(|note| note.starts_with(short)
                    && note.contains("principals that were deleted: AROAAUDITOR")),
                "seed {seed}: {:?}",
                plan.notes
            );
        }
        let others = plan.steps.iter().filter(|step| !step.changes.iter().all(|c| c.attribute() == "policy"));
        assert_eq!(others.count(), 0, "nothing but policies differs: {}", told(&plan));
    }
}

/// Changes something behind the tool's back.
fn tamper(account: &Account, name: &str) {
    let tampering = TAMPERINGS.iter().find(|tampering| tampering.name == name).expect("it is in the list");
    assert!(damage::tamper(account, tampering), "{name}");
}

/// Returns a record of the account's state.
fn record(account: &Account, region: &str, table: &str, key: &str) -> Value {
    account.sandbox.state().accounts[ACCOUNT][region][table][key].clone()
}

/// Returns a record without what the other repairs of the test below change.
fn without_repairs(mut record: Value) -> Value {
    let members = record.as_object_mut().expect("a record is an object");
    members.retain(|name, _| name != "Policy" && !name.starts_with('_') || name == "_selectors");
    record
}

const LOGS: &str = "genai-audit-logs-111122223333-us-east-1";
const PROMPTS: &str = "genai-audit-prompts-111122223333-us-east-1";
const SMALL: &str = "[detections]\npacks = [\"audit-tampering\"]";

#[tokio::test]
async fn what_a_write_would_drop_is_named_and_held_and_the_rest_goes_on() {
    let cases = [
        ("GetBucketLogging", "stop-access-logs", "s3_bucket.logs", "PutBucketLogging", ("buckets", LOGS)),
        (
            "GetBucketLifecycleConfiguration",
            "shorten-bucket-lifecycle",
            "s3_bucket.logs",
            "PutBucketLifecycleConfiguration",
            ("buckets", LOGS),
        ),
        ("GetBucketEncryption", "bucket-own-key", "s3_bucket.logs", "PutBucketEncryption", ("buckets", LOGS)),
        (
            "GetObjectLockConfiguration",
            "weaken-object-lock",
            "s3_bucket.logs",
            "PutObjectLockConfiguration",
            ("buckets", LOGS),
        ),
        (
            "GetBucketVersioning",
            "suspend-prompt-versioning",
            "s3_bucket.prompts",
            "PutBucketVersioning",
            ("buckets", PROMPTS),
        ),
        (
            "GetEventSelectors",
            "narrow-selectors",
            "trail.main",
            "PutEventSelectors",
            ("trails", "genai-audit"),
        ),
        (
            "GetModelInvocationLoggingConfiguration",
            "bedrock-drop-text",
            "bedrock_logging.main",
            "PutModelInvocationLoggingConfiguration",
            ("bedrock_logging", "config"),
        ),
    ];
    let account = converged(with(SMALL)).await;
    let healthy = account.sandbox.state();
    for (operation, tampering, short, call, (table, key)) in cases {
        account.sandbox.with_state(|state| *state = healthy.clone());
        let strangers = Strangers::In(operation);
        account.sandbox.set_respelling(Some(Respelling { seed: 1, strangers }));
        let plan = account.plan().await;
        assert!(plan.is_empty(), "{operation}: {}", told(&plan));
        let named = |note: &&str| note.starts_with(short) && note.contains(STRANGER) && note.contains(call);
        assert!(notes(&plan).iter().any(named), "{operation}: {:?}", plan.notes);

        tamper(&account, tampering);
        // Another document of the bucket and of the trail, and another resource.
        tamper(&account, "allow-plain-http");
        tamper(&account, "stop-logging");
        let region = if table == "buckets" { "global" } else { "us-east-1" };
        let before = without_repairs(record(&account, region, table, key));
        let plan = account.plan().await;
        let found = step(&plan, short).unwrap_or_else(|| panic!("{operation}: {}", told(&plan)));
        assert!(found.held.iter().any(|why| why.contains(STRANGER)), "{operation}: {:?}", found.held);
        assert!(found.calls.iter().all(|other| other.name() != call), "{operation}: {:?}", found.calls);
        account.execute(&plan).await;
        let after = without_repairs(record(&account, region, table, key));
        assert_eq!(after, before, "{operation}: the document is as it was");
        assert_eq!(record(&account, "us-east-1", "trails", "genai-audit")["_logging"], true, "{operation}");

        let plan = account.plan().await;
        assert_eq!(plan.steps.len(), 1, "{operation}: only what is held is left: {}", told(&plan));
        assert!(plan.steps[0].blocked.as_deref().is_some_and(|why| why.contains(STRANGER)), "{operation}");

        // A version that knows the member repairs it.
        account.sandbox.set_respelling(None);
        account.converge().await;
    }
}

#[tokio::test]
async fn a_partial_update_leaves_what_it_does_not_know() {
    let account = converged(with(SMALL)).await;
    account.sandbox.with_state(|state| {
        let trail = &mut state.table(ACCOUNT, "us-east-1", "trails")["genai-audit"];
        trail[STRANGER] = json!({"Mode": "STRICT"});
        trail["RecursiveLogging"] = json!(false);
    });
    let plan = account.plan().await;
    assert!(plan.is_empty(), "{}", told(&plan));
    let want = "trail.main: AWS tells a member `trailList.SomethingNew` of a trail that this version does not know; \
                changes leave it as it is";
    assert_eq!(notes(&plan).iter().filter(|note| **note == want).count(), 1, "{:?}", plan.notes);
    tamper(&account, "disable-validation");
    account.converge().await;
    let trail = record(&account, "us-east-1", "trails", "genai-audit");
    assert_eq!(trail["LogFileValidationEnabled"], true);
    assert_eq!((&trail[STRANGER]["Mode"], &trail["RecursiveLogging"]), (&json!("STRICT"), &json!(false)));
}

#[tokio::test]
async fn settings_that_nobody_asks_for_are_differences() {
    type Plant = (&'static str, &'static str, &'static str, &'static str, fn() -> Value);
    let cases: [(&str, Plant, &str, &str); 3] = [
        (
            "grants on access logs",
            (
                "global",
                "buckets",
                LOGS,
                "/Logging/TargetGrants",
                || json!([{"Grantee": {"Type": "CanonicalUser", "ID": "somebody"}, "Permission": "READ"}]),
            ),
            "s3_bucket.logs",
            "logging.grants",
        ),
        (
            "an alarm's warm-up",
            (
                "us-east-1",
                "alarms",
                "genai-audit-gai-audit-tamper",
                "/WarmUpConfiguration",
                || json!({"WarmUpPeriodDurationInMinutes": 1440}),
            ),
            "metric_alarm.gai-audit-tamper",
            "other_settings",
        ),
        (
            "tags in notices",
            (
                "us-east-1",
                "composite_alarms",
                "genai-audit-severity-high",
                "/ActionConfiguration",
                || json!({"AlarmTagsPropagation": {"Enabled": true}}),
            ),
            "composite_alarm.severity-high",
            "other_settings",
        ),
    ];
    let account = converged(with(SMALL)).await;
    for (case, (region, table, key, pointer, value), short, path) in cases {
        account.sandbox.with_state(|state| {
            let record = state.table(ACCOUNT, region, table).get_mut(key).unwrap_or_else(|| panic!("{case}"));
            let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
            record.pointer_mut(parent).expect("its place")[member] = value();
        });
        let plan = account.plan_for(&intent()).await;
        let found = step(&plan, short).unwrap_or_else(|| panic!("{case}: {}", told(&plan)));
        assert!(found.changes.iter().any(|change| change.path == path), "{case}: {}", told(&plan));
        account.converge().await;
    }
}

#[tokio::test]
async fn the_smallest_blueprint_matches_too() {
    let account = Account::new(shipped("minimal.toml")).await;
    account.converge().await;
    account.sandbox.set_respelling(Some(Respelling::of(11)));
    let plan = account.plan().await;
    assert!(plan.is_empty(), "{}", told(&plan));
}
