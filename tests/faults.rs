//! What AWS does on bad days: the account converges all the same, and what is not known is never taken for absent.

mod common;

use auditscope::aws::{Session, SessionOptions, Stop};
use auditscope::engine::apply::{Agreement, Terms, Watch};
use auditscope::engine::execute::Event;
use auditscope::engine::ledger;
use auditscope::engine::plan::Action;
use auditscope::engine::run::{Run, RunError};
use auditscope::kinds::Kind;
use auditscope::sandbox::Sandbox;
use auditscope::sandbox::faults::{self, Kind as Fault, Rule};
use common::{ACCOUNT, Account, shipped, told, with};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// One pack is enough: every kind is there.
fn small() -> auditscope::blueprint::Blueprint {
    with("[detections]\npacks = [\"audit-tampering\"]")
}

fn rule(call: &str, nth: Option<u32>, fault: Fault) -> Rule {
    let (service, operation) = call.split_once(':').expect("service:Operation");
    Rule { service: service.into(), operation: operation.into(), nth, fault }
}

const CREATES: &[&str] = &[
    "kms:CreateKey",
    "kms:CreateAlias",
    "s3:CreateBucket",
    "s3:PutBucketPolicy",
    "iam:CreateRole",
    "logs:CreateLogGroup",
    "cloudtrail:CreateTrail",
    "cloudtrail:StartLogging",
    "logs:PutMetricFilter",
    "sns:CreateTopic",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:PutCompositeAlarm",
    "cloudwatch:PutDashboard",
    "bedrock:PutModelInvocationLoggingConfiguration",
];

#[tokio::test]
async fn a_lost_answer_never_makes_a_second_thing() {
    for fault in [Fault::ResetAfter, Fault::ResetBefore, Fault::ServerError, Fault::Throttle] {
        let account = Account::new(small()).await;
        account.sandbox.set_faults(CREATES.iter().map(|call| rule(call, Some(1), fault)).collect());
        account.converge().await;
        let state = account.sandbox.state();
        let keys = state.accounts[ACCOUNT]["us-east-1"]["kms_keys"].len();
        assert_eq!(keys, 2, "{fault:?}: KMS has no idempotency token, and there is one key a role");
    }
}

#[tokio::test]
async fn an_expiry_needs_nobody_only_where_it_is_known_to_take_nothing() {
    let account = Account::new(small()).await;
    account.converge().await;
    let record = serde_json::json!([{"Key": "AWSLogs/record", "VersionId": "1", "IsLatest": true, "Size": 1,
        "ETag": "\"e\"", "LastModified": "2026-11-24T00:00:00Z", "StorageClass": "STANDARD"}]);
    let denied = rule("s3:ListObjectVersions", None, Fault::Deny);
    let cases = [
        ("empty", serde_json::json!([]), vec![], vec![]),
        ("empty, and nobody may look", serde_json::json!([]), vec![denied], vec!["weaken:s3_bucket.logs"]),
        ("a record", record, vec![], vec!["weaken:s3_bucket.logs"]),
    ];
    for (name, versions, faults, want) in cases {
        account.sandbox.set_faults(faults);
        account.sandbox.with_state(|state| {
            let buckets = state.table(ACCOUNT, "global", "buckets");
            let bucket = buckets.get_mut("genai-audit-logs-111122223333-us-east-1").expect("the log bucket");
            bucket["_versions"] = versions;
            bucket.as_object_mut().expect("a bucket").remove("Lifecycle");
        });
        let plan = account.plan().await;
        assert_eq!(plan.missing_approvals(), want, "{name}: {}", told(&plan));
        assert!(plan.steps.iter().any(|step| step.address.name == "logs"), "{name}: the expiry comes back");
    }
}

#[tokio::test]
async fn a_denied_read_is_unknown_never_absent_and_never_no_drift() {
    let account = Account::new(small()).await;
    account.converge().await;
    let reads: BTreeSet<(String, String)> = {
        let before = account.sandbox.calls().len();
        account.plan().await;
        let calls = account.sandbox.calls();
        calls[before..].iter().map(|seen| (seen.service.to_owned(), seen.operation.to_owned())).collect()
    };
    assert!(reads.len() > 20, "{reads:?}");
    for (service, operation) in reads {
        // The index only finds left-overs; a note tells that it could not be asked.
        if service == "tag" || service == "sts" {
            continue;
        }
        let denied = rule(&format!("{service}:{operation}"), None, Fault::Deny);
        account.sandbox.set_faults(vec![denied]);
        let plan = account.plan().await;
        assert!(plan.is_incomplete() || plan.is_empty(), "{service}:{operation}: {}", told(&plan));
        assert_eq!(plan.count(&[Action::Create]), 0, "{service}:{operation}: {}", told(&plan));
    }
    for (call, kind) in [
        ("cloudtrail:GetTrailStatus", Kind::Trail),
        ("s3:GetBucketPolicy", Kind::S3Bucket),
        ("logs:DescribeLogGroups", Kind::LogGroup),
        ("kms:GetKeyPolicy", Kind::KmsKey),
        ("iam:GetRole", Kind::IamRole),
        ("cloudwatch:DescribeAlarms", Kind::MetricAlarm),
    ] {
        account.sandbox.set_faults(vec![rule(call, None, Fault::Deny)]);
        let plan = account.plan().await;
        let unknown: Vec<Kind> = plan
            .steps
            .iter()
            .filter(|step| step.action == Action::Unreadable)
            .map(|step| step.address.kind)
            .collect();
        assert!(unknown.contains(&kind), "{call}: {}", told(&plan));
        let error = plan.errors.values().flatten().next().expect("the error is kept");
        assert!(error.request_id.is_some() && error.hint().contains("grant"), "{error:?}");
    }
}

#[tokio::test]
async fn a_failed_step_stops_its_dependents_only() {
    let account = Account::new(small()).await;
    account.sandbox.set_faults(vec![rule("cloudtrail:CreateTrail", None, Fault::Deny)]);
    let plan = account.plan().await;
    let (outcome, _) = account.execute(&plan).await;
    let failed: Vec<Kind> = outcome.failed.iter().map(|(address, _)| address.kind).collect();
    assert_eq!(failed, [Kind::Trail]);
    assert!(outcome.done.iter().any(|address| address.kind == Kind::MetricAlarm), "{:?}", outcome.done);
    account.sandbox.set_faults(Vec::new());
    account.converge().await;
}

#[tokio::test]
async fn a_kill_at_any_moment_leaves_nothing_to_clean_up() {
    for deaths in [1, 3, 7, 15, 40] {
        let account = Account::new(small()).await;
        let plan = account.plan().await;
        let seen = Mutex::new(0);
        let killed = tokio::sync::Notify::new();
        let stop = Stop::default();
        let tell = |event: Event| {
            let mut seen = seen.lock().expect("not poisoned");
            *seen += usize::from(!matches!(event, Event::StepStarted { .. } | Event::StepCalls { .. }));
            if *seen == deaths {
                killed.notify_one();
            }
        };
        // The future is dropped between two calls or within one: what was sent was sent.
        tokio::select! {
            _ = account.run.execute(&plan, &stop, &tell) => {}
            () = killed.notified() => {}
        }
        account.converge().await;
    }
}

#[tokio::test]
async fn a_wrong_account_is_refused_before_the_first_read() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let other = "444455556666";
    let options =
        SessionOptions { sandbox: Some(sandbox.clone()), account: other.into(), ..SessionOptions::default() };
    let session = Session::open(&options, "us-east-1").await;
    let refused = Run::open(session, small(), 4).await.expect_err("another account");
    assert!(matches!(refused, RunError::WrongAccount { .. }), "{refused}");
    let calls: BTreeSet<String> = sandbox.calls().iter().map(|seen| seen.operation.to_string()).collect();
    assert_eq!(calls, BTreeSet::from(["GetCallerIdentity".to_owned()]));
}

#[tokio::test]
async fn expired_credentials_and_a_closed_region_say_what_to_do() {
    let account = Account::new(shipped("multi-region.toml")).await;
    account.sandbox.set_faults(vec![rule("logs:DescribeLogGroups", None, Fault::Expired)]);
    let plan = account.plan().await;
    let error = plan.errors.values().flatten().next().expect("an error");
    assert!(error.hint().contains("sign in again"), "{error:?}");
    account.sandbox.set_faults(vec![rule("sns:*", None, Fault::RegionDisabled)]);
    let plan = account.plan().await;
    let error = plan.errors.values().flatten().next().expect("an error");
    assert!(error.hint().contains("enable the Region") || error.hint().contains("sign in"), "{error:?}");
}

#[tokio::test]
async fn what_was_called_is_within_the_tables_and_observation_costs_calls_per_kind() {
    let account = Account::new(shipped("genai-baseline.toml")).await;
    let (intent, stop) = (common::intent(), Stop::default());
    let first = Box::pin(account.run.plan(&intent)).await.expect("an order");
    let terms = Terms {
        verb: "apply",
        host: "runner",
        intent: &intent,
        agreement: Agreement::Flags,
        lock_timeout: std::time::Duration::ZERO,
        plan_id: None,
    };
    let watch = Watch { stop: &stop, tell: &|_| {} };
    let applied = Box::pin(account.run.apply(&first, &terms, &watch)).await.expect("carried out");
    assert_eq!(applied.ending, ledger::Ending::Converged);
    // The tagging index lags; once it has caught up, tags need no calls per alarm.
    account.sandbox.advance(std::time::Duration::from_secs(120));
    let allowed: BTreeSet<&str> = Kind::ALL
        .iter()
        .flat_map(|kind| {
            kind.reads()
                .iter()
                .copied()
                .chain(kind.calls().into_iter().flat_map(|call| call.actions().iter().copied()))
        })
        .chain(ledger::ACTIONS.iter().copied())
        .chain(["sts:GetCallerIdentity", "tag:GetResources"])
        .collect();
    for seen in account.sandbox.calls() {
        let action = faults::action(&seen.service, &seen.operation);
        assert!(allowed.contains(action.as_str()), "{action} is in no table");
    }
    let before = account.sandbox.calls().len();
    account.plan().await;
    let calls = account.sandbox.calls();
    let count = |operation: &str| calls[before..].iter().filter(|seen| seen.operation == operation).count();
    assert!(count("DescribeAlarms") <= 4, "metric and composite alarms, a hundred a page");
    assert!(count("DescribeMetricFilters") <= 4, "per group and page");
    assert!(calls.len() - before < 110, "{} calls for 170 resources", calls.len() - before);
}
