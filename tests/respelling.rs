//! AWS may say the same in many ways: however it spells its answers, a plan for an account that matches is empty, and
//! what is not the same is named.

mod common;

use auditscope::blueprint::Blueprint;
use auditscope::sandbox::Sandbox;
use auditscope::sandbox::respell::{Respelling, Strangers};
use auditscope::sandbox::state::Settings;
use common::{ACCOUNT, Account, shipped, told, with};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::json;

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
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
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
    stays_empty(24, || shipped("genai-baseline.toml"), None);
}

#[test]
fn however_aws_spells_it_every_feature_matches() {
    stays_empty(24, || with(RICH), None);
}

#[test]
fn in_pages_of_one_it_is_the_same() {
    stays_empty(2, || with(RICH), Some(1));
}
