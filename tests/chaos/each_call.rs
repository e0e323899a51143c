//! Each fault at each call of an apply, one at a time.

use crate::bench::{
    ACCOUNT, Attempt, all, apply, at, block_on, comparable, difference, full, recorded, reference, smallest,
    takes_away,
};
use auditscope::blueprint::Blueprint;
use auditscope::sandbox::faults::Kind;
use auditscope::sandbox::{Sandbox, Seen, service};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// What can happen to a call. A retry of the SDK meets no second fault, except where the answer is final.
const FAULTS: &[Kind] = &[
    Kind::Throttle,
    Kind::ServerError,
    Kind::SlowDown,
    Kind::ResetBefore,
    Kind::ResetAfter,
    Kind::Truncate,
    Kind::Slow(30_000),
    Kind::Stale,
    Kind::Deny,
    Kind::Expired,
];

/// What once went wrong: each is part of every run, at the operation's last call.
const FOUND: &[(&str, &str, Kind)] =
    &[("kms", "CreateKey", Kind::Truncate), ("iam", "GetRolePolicy", Kind::Stale)];

/// Returns pairs of a call's place and a fault: all of them, or for each operation some of its calls, each with one of
/// the faults, so that every operation and every fault is there.
fn jobs(calls: &[Seen]) -> Vec<(usize, Kind)> {
    let writes =
        |seen: &Seen| service::operation(&seen.service, &seen.operation).is_some_and(|row| row.writes);
    let pairs = |nth: usize| {
        let stale = |fault: &Kind| *fault != Kind::Stale || !writes(&calls[nth - 1]);
        FAULTS.iter().copied().filter(stale).map(move |fault| (nth, fault)).collect::<Vec<_>>()
    };
    if full() {
        return (1..=calls.len()).flat_map(pairs).collect();
    }
    let mut places: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, seen) in calls.iter().enumerate() {
        places.entry((&seen.service, &seen.operation)).or_default().push(index + 1);
    }
    let last = |(service, operation, fault): &(&'static str, &'static str, Kind)| {
        Some((*places.get(&(*service, *operation))?.last()?, *fault))
    };
    let mut jobs: Vec<(usize, Kind)> = FOUND.iter().filter_map(last).collect();
    for (turn, (_, places)) in places.iter().enumerate() {
        for (index, (_, fault)) in pairs(places[0]).into_iter().enumerate() {
            // Each operation meets every fifth fault, and the next operation the ones between.
            if (index + turn) % 5 == 0 {
                jobs.push((places[(index * 7 + turn) % places.len()], fault));
            }
        }
    }
    jobs
}

#[test]
fn every_fault_at_every_call_is_survived_or_told_and_the_next_run_converges() {
    let blueprint = smallest();
    let (calls, want) = block_on(reference(&blueprint));
    let jobs = jobs(&calls);
    println!("{} runs over an apply of {} calls", jobs.len(), calls.len());
    let wrong = all(&jobs, |(nth, fault)| {
        let seen = &calls[nth - 1];
        block_on(one(&blueprint, &want, *nth, *fault))
            .map_err(|what| format!("{fault:?} at call {nth}, {}:{}: {what}", seen.service, seen.operation))
    });
    assert!(wrong.is_empty(), "{} of {} went wrong:\n{}", wrong.len(), jobs.len(), wrong.join("\n"));
}

async fn one(blueprint: &Blueprint, want: &Value, nth: usize, fault: Kind) -> Result<(), String> {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    sandbox.set_faults(vec![at(nth, fault)]);
    let first = apply(&sandbox, blueprint).await?;
    // What is final for the call may end the run; everything else passes.
    if let Attempt::Undone(left) = &first {
        return Err(format!("left: {left}"));
    }
    let is_final = matches!(fault, Kind::Deny | Kind::Expired);
    if let Attempt::Failed(errors) = &first {
        if !is_final {
            return Err(format!("failed: {errors:?}"));
        }
        let clear = |error: &auditscope::aws::ApiError| {
            error.call.contains(':') && !error.hint().is_empty() && !error.message.is_empty()
        };
        if !errors.iter().all(clear) {
            return Err(format!("not clear: {errors:?}"));
        }
    }
    sandbox.set_faults(Vec::new());
    sandbox.advance(Duration::from_secs(120));
    let before = sandbox.calls().len();
    match apply(&sandbox, blueprint).await? {
        Attempt::Converged => {}
        end => return Err(format!("the next run: {end:?}")),
    }
    let calls = sandbox.calls();
    if let Some(seen) = calls.iter().find(|seen| takes_away(seen)) {
        return Err(format!("{}:{} took something away", seen.service, seen.operation));
    }
    if matches!(first, Attempt::Converged) {
        // Lock and record are written by every run.
        let wrote = |seen: &&Seen| {
            seen.operation != "PutObject"
                && service::operation(&seen.service, &seen.operation).is_some_and(|row| row.writes)
        };
        if let Some(seen) = calls[before..].iter().find(wrote) {
            return Err(format!("converged, but the next run sent {}:{}", seen.service, seen.operation));
        }
    }
    let (ids, holder) = recorded(&sandbox, blueprint).await?;
    let own = if matches!(first, Attempt::Converged) { 2..=2 } else { 1..=2 };
    if !own.contains(&ids.len()) || holder.is_some() {
        return Err(format!("the ledger tells of {ids:?}, the lock is held by {holder:?}"));
    }
    difference("", &comparable(&sandbox.state()), want).map_or(Ok(()), Err)
}
