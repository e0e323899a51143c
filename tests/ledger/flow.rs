//! Whole applies: each takes the lock, does what was agreed to under it, and leaves one record.

use crate::bench::{
    ACCOUNT, Account, MINUTE, REGION, account, endings, history, intent, rule, session, small, take,
};
use auditscope::aws::Stop;
use auditscope::engine::apply::{Agreement, Applied, ApplyError, Terms, Watch};
use auditscope::engine::event::Event;
use auditscope::engine::ledger::{Ending, State};
use auditscope::engine::plan::{Action, Goal, Intent};
use auditscope::engine::run::{Planned, Run, RunError};
use auditscope::sandbox::faults::{Kind as Fault, Rule};
use auditscope::sandbox::{Sandbox, service};
use std::time::Duration;

/// One apply or destroy as the command line does it, without anybody to ask.
async fn run(account: &Account, intent: &Intent, agreement: Agreement) -> Result<Applied, ApplyError> {
    let first = Box::pin(account.run.plan(intent)).await.expect("an order");
    run_from(account, &first, intent, agreement).await
}

async fn run_from(
    account: &Account,
    first: &Planned,
    intent: &Intent,
    agreement: Agreement,
) -> Result<Applied, ApplyError> {
    let terms = Terms {
        verb: if intent.goal == Goal::Destroy { "destroy" } else { "apply" },
        host: "runner",
        intent,
        agreement,
        lock_timeout: Duration::ZERO,
        plan_id: None,
    };
    let stop = Stop::default();
    let watch = Watch { stop: &stop, tell: &|_: Event| {} };
    Box::pin(account.run.apply(first, &terms, &watch)).await
}

#[tokio::test]
async fn every_run_leaves_one_record() {
    let account = Account::new(small()).await;
    let first = run(&account, &intent(), Agreement::Flags).await.expect("applied");
    assert_eq!((first.ending, first.record), (Ending::Converged, Some(1)));
    let second = run(&account, &intent(), Agreement::Shown).await.expect("applied");
    assert_eq!((second.ending, second.record), (Ending::NothingToDo, Some(2)));
    account.sandbox.set_faults(vec![Rule {
        service: "logs".into(),
        operation: "TagResource".into(),
        nth: None,
        fault: Fault::Deny,
    }]);
    let destroy = Intent { goal: Goal::Destroy, ..intent() };
    let third = run(&account, &destroy, Agreement::Flags).await.expect("carried out");
    assert_eq!((third.ending, third.record), (Ending::Failed, Some(3)));
    account.sandbox.set_faults(Vec::new());
    let fourth = run(&account, &destroy, Agreement::Flags).await.expect("applied");
    assert_eq!((fourth.ending, fourth.record), (Ending::Converged, Some(4)));
    let history = history(&account).await;
    assert_eq!(
        endings(&history),
        [Ending::Converged, Ending::NothingToDo, Ending::Failed, Ending::Converged]
    );
    let record = |index: usize| history.entries[index].record.as_ref().expect("a record");
    assert!(record(0).plan.counts.add > 5 && record(0).ended.is_some(), "{:?}", record(0));
    assert_eq!(record(2).failed[0].call, "logs:TagResource");
    assert_eq!(record(2).failed[0].code.as_deref(), Some("AccessDeniedException"));
    assert_eq!(record(3).verb, "destroy");
    assert!(matches!(history.lock, Ok(State::Free { .. })));
    let plan = Box::pin(account.run.plan(&intent())).await.expect("an order").plan;
    assert!(plan.steps.iter().all(|step| step.action != Action::Foreign), "the objects are no difference");
}

#[tokio::test]
async fn a_plan_that_moved_is_not_what_a_person_agreed_to() {
    let account = Account::new(small()).await;
    run(&account, &intent(), Agreement::Flags).await.expect("applied");
    let damage = |retention: u32| {
        account.sandbox.with_state(|state| {
            let groups = state.table(ACCOUNT, REGION, "log_groups");
            for (_, group) in groups.iter_mut() {
                group["retentionInDays"] = retention.into();
            }
        });
    };
    damage(30);
    let first = Box::pin(account.run.plan(&intent())).await.expect("an order");
    damage(60);
    let writes = account.sandbox.calls().len();
    let error = run_from(&account, &first, &intent(), Agreement::Shown).await.expect_err("moved");
    let ApplyError::Stale(moved) = &error else { panic!("{error}") };
    assert!(moved[0].text().contains("retention_days: it has another value now"), "{moved:?}");
    let wrote = |operation: &str| operation != "PutObject";
    let calls = account.sandbox.calls();
    let mut others = calls[writes..].iter().filter(|seen| {
        wrote(&seen.operation)
            && service::operation(&seen.service, &seen.operation).is_some_and(|row| row.writes)
    });
    assert!(others.next().is_none(), "nothing was written but lock and record");
    run_from(&account, &first, &intent(), Agreement::Flags).await.expect("flags agree to what they cover");
    assert_eq!(endings(&history(&account).await), [Ending::Converged, Ending::Stale, Ending::Converged]);
}

#[tokio::test]
async fn a_bucket_that_is_not_ours_holds_no_lock() {
    let account = account().await;
    let before = account.sandbox.calls().len();
    let error = run(&account, &intent(), Agreement::Flags).await.expect_err("foreign");
    assert!(matches!(error, ApplyError::Foreign(_)), "{error}");
    assert!(error.hint().contains("--adopt s3_bucket.logs"), "{}", error.hint());
    let calls = account.sandbox.calls();
    let wrote = calls[before..]
        .iter()
        .find(|seen| service::operation(&seen.service, &seen.operation).is_some_and(|row| row.writes));
    assert!(wrote.is_none(), "{wrote:?}");
}

#[tokio::test]
async fn a_bucket_that_was_made_since_the_plan_is_not_written_without_the_lock() {
    let account = Account::new(small()).await;
    let first = Box::pin(account.run.plan(&intent())).await.expect("an order");
    // Somebody else converges meanwhile, and keeps things longer.
    run(&account, &intent(), Agreement::Flags).await.expect("applied");
    account.sandbox.with_state(|state| {
        for (_, bucket) in state.table(ACCOUNT, "global", "buckets").iter_mut() {
            if let Some(rules) = bucket.pointer_mut("/Lifecycle/Rules").and_then(|rules| rules.as_array_mut())
            {
                rules.iter_mut().for_each(|rule| rule["Expiration"] = serde_json::json!({"Days": 9000}));
            }
        }
    });
    let healthy = account.sandbox.state();
    let error = run_from(&account, &first, &intent(), Agreement::Shown).await.expect_err("moved");
    assert!(matches!(error, ApplyError::Stale(_)), "{error}");
    let error = run_from(&account, &first, &intent(), Agreement::Flags).await.expect_err("shorter retention");
    assert!(matches!(error, ApplyError::NeedsPerson(_)), "{error}");
    let buckets =
        |state: &auditscope::sandbox::state::State| state.accounts[ACCOUNT]["global"]["buckets"].clone();
    let lifecycles = |table: serde_json::Map<String, serde_json::Value>| {
        table.into_iter().map(|(name, bucket)| (name, bucket["Lifecycle"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(lifecycles(buckets(&healthy)), lifecycles(buckets(&account.sandbox.state())));
}

#[tokio::test]
async fn a_target_that_is_gone_afterwards_is_done_and_no_mistake() {
    let account = Account::new(small()).await;
    run(&account, &intent(), Agreement::Flags).await.expect("applied");
    let coverage = |place: &str| ("coverage".to_owned(), place.parse().expect("an address"));
    let address = "bedrock_logging.main";
    let destroy = Intent {
        goal: Goal::Destroy,
        allow: vec![coverage(address)],
        target: vec![address.parse().expect("an address")],
        ..intent()
    };
    let applied = run(&account, &destroy, Agreement::Flags).await.expect("carried out");
    assert_eq!(applied.ending, Ending::Converged, "{:?}", applied.trouble);
    assert!(applied.outcome.done.iter().any(|done| done.short() == address), "{:?}", applied.outcome.done);
    let history = history(&account).await;
    let last = history.entries.last().expect("a record").record.as_ref().expect("a record");
    assert_eq!((last.outcome, last.plan.counts.destroy > 0), (Ending::Converged, true), "{last:?}");
}

#[tokio::test]
async fn what_was_made_before_the_lock_is_named_when_the_run_ends_there() {
    let account = Account::new(small()).await;
    // S3 takes no lock: not one object can be written.
    account.sandbox.set_faults(vec![rule("PutObject", None, Fault::Deny)]);
    let error = run(&account, &intent(), Agreement::Flags).await.expect_err("no lock");
    let ApplyError::Begun { made, .. } = &error else { panic!("{error}") };
    assert!(made.iter().any(|address| address.short() == "s3_bucket.logs"), "{made:?}");
    assert!(error.to_string().contains("before that, this run made "), "{error}");
    assert!(error.hint().contains("nothing has to be cleaned up"), "{}", error.hint());
}

#[tokio::test]
async fn a_lock_in_the_bucket_that_the_trail_leaves_is_respected() {
    let account = Account::new(small()).await;
    run(&account, &intent(), Agreement::Flags).await.expect("applied");
    let mut blueprint = small();
    blueprint.log_bucket.name = "another-bucket-for-the-logs".into();
    let moved = Run::open(session(&account.sandbox).await, blueprint, 8).await.expect("the right account");
    let moved = Account { sandbox: account.sandbox.clone(), run: moved };
    // The trail records what is done to the bucket's objects, and that is another bucket then.
    let allow = vec![("coverage".to_owned(), "trail.main".parse().expect("an address"))];
    let moving = Intent { allow, ..intent() };
    let lock = take(&account, Duration::ZERO).await.expect("free");
    let error = run(&moved, &moving, Agreement::Flags).await.expect_err("held");
    assert!(error.to_string().contains(&lock.holder().id), "{error}");
    lock.free().await.expect("ours");
    run(&moved, &moving, Agreement::Flags).await.expect("nobody is at work there");
}

#[tokio::test]
async fn a_clock_that_is_an_hour_wrong_is_told_and_nothing_is_written() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    sandbox.set_faults(vec![Rule {
        service: "*".into(),
        operation: "*".into(),
        nth: None,
        fault: Fault::Skewed,
    }]);
    let error = Run::open(session(&sandbox).await, small(), 8).await.expect_err("no request counts");
    let RunError::Aws(api) = &error else { panic!("{error}") };
    assert!(api.message.contains("60 minutes behind AWS's"), "{api}");
    assert!(error.hint().contains("set this machine's clock"), "{}", error.hint());
    // In the middle of things, too.
    sandbox.set_faults(Vec::new());
    let account = account().await;
    account.sandbox.set_faults(vec![rule("*", None, Fault::Skewed)]);
    let error = take(&account, MINUTE).await.expect_err("no request counts");
    assert!(error.to_string().contains("60 minutes behind"), "{error}");
    assert!(error.hint().contains("set this machine's clock"), "{}", error.hint());
}
