//! What AWS does on ordinary days: pages of any size, things that take time to spread, rates that are kept.

use crate::bench::{
    ACCOUNT, Attempt, Random, all, apply, block_on, comparable, difference, full, intent, open, reference,
    shipped, smallest, told,
};
use auditscope::aws::Stop;
use auditscope::engine::plan::{Goal, Intent};
use auditscope::sandbox::state::{Settings, Spread};
use auditscope::sandbox::{Sandbox, Seen};

#[test]
fn pages_of_one_and_empty_pages_change_nothing() {
    for (case, empty_pages) in [("pages of one", false), ("after an empty page", true)] {
        block_on(async {
            let blueprint = smallest();
            let (_, want) = reference(&blueprint).await;
            let sandbox = Sandbox::in_memory(ACCOUNT);
            sandbox.set_settings(Settings { page_size: Some(1), empty_pages, ..Settings::default() });
            let first = apply(&sandbox, &blueprint).await.expect("a clear end");
            assert!(matches!(first, Attempt::Converged), "{case}: {first:?}");
            assert_eq!(difference("", &comparable(&sandbox.state()), &want), None, "{case}");
            sandbox.advance(std::time::Duration::from_secs(120));
            let run = open(&sandbox, &blueprint).await.expect("the account");
            let plan = run.plan(&intent()).await.expect("an order").plan;
            assert!(plan.is_empty(), "{case}: {}", told(&plan));
            let destroy = Intent { goal: Goal::Destroy, ..intent() };
            let plan = run.plan(&destroy).await.expect("an order").plan;
            let stop = Stop::default();
            let outcome = run.execute(&plan, &stop, &|_| {}).await;
            assert!(outcome.is_complete(), "{case}: {:?}", outcome.failed);
            let left = run.verify(&destroy, &stop, &|_| {}).await.expect("an order").plan;
            assert!(left.is_empty(), "{case}: {}", told(&left));
        });
    }
}

#[test]
fn whatever_takes_up_to_a_minute_to_spread_is_waited_for() {
    let blueprint = smallest();
    let (_, want) = block_on(reference(&blueprint));
    let slow = 60_000;
    let none = Spread { bucket: 0, bucket_name: 0, principal: 0, role: 0, policy: 0, tag_index: 0 };
    let mut cases = vec![
        ("nothing".to_owned(), none),
        ("bucket".to_owned(), Spread { bucket: slow, ..none }),
        ("principal".to_owned(), Spread { principal: slow, ..none }),
        ("role".to_owned(), Spread { role: slow, ..none }),
        ("policy".to_owned(), Spread { policy: slow, ..none }),
        ("tag index".to_owned(), Spread { tag_index: slow, ..none }),
        (
            "everything".to_owned(),
            Spread {
                bucket: slow,
                bucket_name: slow,
                principal: slow,
                role: slow,
                policy: slow,
                tag_index: slow,
            },
        ),
    ];
    let mut random = Random(7);
    cases.extend((0..if full() { 100 } else { 8 }).map(|seed| {
        let mut some = || i64::try_from(random.next() % 60_001).expect("a minute");
        let spread = Spread {
            bucket: some(),
            bucket_name: some(),
            principal: some(),
            role: some(),
            policy: some(),
            tag_index: some(),
        };
        (format!("random {seed}"), spread)
    }));
    let wrong = all(&cases, |(case, spread)| {
        block_on(async {
            let sandbox = Sandbox::in_memory(ACCOUNT);
            sandbox.set_settings(Settings { spread: *spread, ..Settings::default() });
            match apply(&sandbox, &blueprint).await? {
                Attempt::Converged => {
                    difference("", &comparable(&sandbox.state()), &want).map_or(Ok(()), Err)
                }
                Attempt::Undone(left) => Err(format!("left: {left}")),
                Attempt::Failed(errors) => Err(format!("{errors:?}")),
            }
        })
        .map_err(|what: String| format!("{case} ({spread:?}): {what}"))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn published_rates_are_kept_so_that_nothing_is_throttled() {
    block_on(async {
        // A hundred filters and alarms: enough to meet every rate.
        let blueprint = shipped("genai-baseline.toml");
        let sandbox = Sandbox::in_memory(ACCOUNT);
        sandbox.set_settings(Settings { rate_limits: true, ..Settings::default() });
        let end = apply(&sandbox, &blueprint).await.expect("a clear end");
        assert!(matches!(end, Attempt::Converged), "{end:?}");
        // A run of its own knows nothing of what the one before has just sent.
        sandbox.advance(std::time::Duration::from_secs(1));
        let run = open(&sandbox, &blueprint).await.expect("the account");
        assert!(run.plan(&intent()).await.expect("an order").plan.is_empty());
        let throttled = |seen: &Seen| {
            let code = seen.refused.as_deref().unwrap_or_default();
            code.starts_with("Throttl") || code == "SlowDown" || code == "TooManyRequestsException"
        };
        let calls = sandbox.calls();
        let throttled: Vec<String> = calls
            .iter()
            .filter(|seen| throttled(seen))
            .map(|seen| format!("{}:{}", seen.service, seen.operation))
            .collect();
        assert!(throttled.is_empty(), "{} of {} calls: {throttled:?}", throttled.len(), calls.len());
    });
}
