//! Two applies of one scope at the same time: one account comes out.

use crate::bench::{
    ACCOUNT, Attempt, REGION, all, apply, block_on, comparable, difference, full, open, reference, smallest,
    told,
};
use crate::bench::{Random, intent};
use auditscope::blueprint::Blueprint;
use auditscope::sandbox::Sandbox;
use auditscope::sandbox::faults::{Kind, Rule};
use auditscope::sandbox::state::{Settings, Spread};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn two_applies_at_once_make_one_account() {
    let blueprint = smallest();
    let (_, want) = block_on(reference(&blueprint));
    let seeds: Vec<u64> = (0..if full() { 300 } else { 16 }).collect();
    let given_up = AtomicUsize::new(0);
    let wrong = all(&seeds, |seed| {
        block_on(one(&blueprint, &want, *seed, &given_up)).map_err(|what| format!("seed {seed}: {what}"))
    });
    let given_up = given_up.into_inner();
    println!("{} pairs of runs gave up {given_up} keys", seeds.len());
    assert!(given_up > 0, "the runs never met");
    assert!(wrong.is_empty(), "{} of {} went wrong:\n{}", wrong.len(), seeds.len(), wrong.join("\n"));
}

async fn one(blueprint: &Blueprint, want: &Value, seed: u64, given_up: &AtomicUsize) -> Result<(), String> {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    // GetResources shows nothing of what either does.
    let spread = Spread { tag_index: 3_600_000, ..Spread::default() };
    sandbox.set_settings(Settings { spread, ..Settings::default() });
    sandbox.set_faults(schedule(seed));
    let ends = tokio::join!(apply(&sandbox, blueprint), apply(&sandbox, blueprint));
    for end in [ends.0?, ends.1?] {
        if let Attempt::Failed(errors) = end {
            return Err(format!("failed: {errors:?}"));
        }
    }
    sandbox.set_faults(Vec::new());
    let run = open(&sandbox, blueprint).await.map_err(|error| error.to_string())?;
    let plan = run.plan(&intent()).await.map_err(|error| error.to_string())?.plan;
    if !plan.is_empty() {
        return Err(format!("something is left to do: {}", told(&plan)));
    }
    // A key that was made twice at the same moment is given up before anything is encrypted with it.
    sandbox.with_state(|state| {
        let keys = state.table(ACCOUNT, REGION, "kms_keys");
        let made = keys.len();
        keys.retain(|_, key| {
            key["KeyState"] != "PendingDeletion" || key["_tags"]["auditscope:scope"].is_string()
        });
        given_up.fetch_add(made - keys.len(), Ordering::Relaxed);
    });
    difference("", &comparable(&sandbox.state()), want).map_or(Ok(()), Err)
}

/// Returns answers of different slowness, so that the two runs' calls fall between each other anyhow.
fn schedule(seed: u64) -> Vec<Rule> {
    let mut random = Random(seed);
    let slow = |random: &mut Random| Kind::Slow(random.next() % 3_000);
    (1..=700)
        .map(|nth| Rule {
            service: "*".into(),
            operation: "*".into(),
            nth: Some(nth),
            fault: slow(&mut random),
        })
        .collect()
}
