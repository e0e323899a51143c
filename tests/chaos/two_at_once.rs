//! Two applies of one scope at the same time: one account comes out.

use crate::bench::{
    ACCOUNT, Attempt, REGION, all, apply, block_on, comparable, difference, full, open, reference, smallest,
    told,
};
use crate::bench::{Random, apply_telling, intent, recorded};
use auditscope::blueprint::Blueprint;
use auditscope::engine::event::Event;
use auditscope::sandbox::faults::{Kind, Rule};
use auditscope::sandbox::state::{Settings, Spread, State};
use auditscope::sandbox::{Sandbox, service};
use serde_json::Value;
use std::sync::Mutex;
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
        if !matches!(end, Attempt::Converged) {
            return Err(format!("{end:?}"));
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
    let (ids, holder) = recorded(&sandbox, blueprint).await?;
    if ids.len() != 2 || holder.is_some() {
        return Err(format!("the ledger tells of {ids:?}, the lock is held by {holder:?}"));
    }
    difference("", &comparable(&sandbox.state()), want).map_or(Ok(()), Err)
}

/// Where in the log of calls a run's first step began and its last one ended.
type Span = Mutex<Option<(usize, usize)>>;

#[test]
fn a_hundred_races_for_the_lock_never_interleave() {
    let blueprint = smallest();
    let healthy = block_on(async {
        let sandbox = Sandbox::in_memory(ACCOUNT);
        let attempt = apply(&sandbox, &blueprint).await.expect("a clear end");
        assert!(matches!(attempt, Attempt::Converged), "{attempt:?}");
        sandbox.state()
    });
    let seeds: Vec<u64> = (0..100).collect();
    let both_worked = AtomicUsize::new(0);
    let wrong = all(&seeds, |seed| {
        block_on(race(&blueprint, &healthy, *seed, &both_worked))
            .map_err(|what| format!("seed {seed}: {what}"))
    });
    assert!(wrong.is_empty(), "{} of {} went wrong:\n{}", wrong.len(), seeds.len(), wrong.join("\n"));
    let both_worked = both_worked.into_inner();
    println!("in {both_worked} of {} races both runs had something to do", seeds.len());
    assert!(both_worked > 0, "the runs never had work at the same time");
}

async fn race(
    blueprint: &Blueprint,
    healthy: &State,
    seed: u64,
    both_worked: &AtomicUsize,
) -> Result<(), String> {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    sandbox.with_state(|state| {
        *state = healthy.clone();
        damage(state);
    });
    sandbox.set_faults(schedule(seed));
    let (first, second) = (Span::default(), Span::default());
    let note = |span: &Span, event: &Event| {
        // Somebody breaks the same things again while the first one works, so that the second one has work, too.
        if matches!(event, Event::VerifyStarted) {
            sandbox.with_state(damage);
        }
        let step = matches!(
            event,
            Event::StepStarted { .. }
                | Event::StepDone { .. }
                | Event::StepFailed { .. }
                | Event::StepSkipped { .. }
        );
        if step {
            let at = sandbox.calls().len();
            let mut span = span.lock().expect("not poisoned");
            *span = Some((span.map_or(at, |(from, _)| from), at));
        }
    };
    let (tell_first, tell_second) = (|event| note(&first, &event), |event| note(&second, &event));
    let ends = tokio::join!(
        apply_telling(&sandbox, blueprint, &tell_first),
        apply_telling(&sandbox, blueprint, &tell_second)
    );
    // Whoever's work was undone under its eyes says so.
    for end in [ends.0?, ends.1?] {
        if let Attempt::Failed(errors) = end {
            return Err(format!("failed: {errors:?}"));
        }
    }
    let spans = [first, second].map(|span| span.into_inner().expect("not poisoned"));
    if let [Some(one), Some(other)] = spans {
        both_worked.fetch_add(1, Ordering::Relaxed);
        if one.0 < other.1 && other.0 < one.1 {
            return Err(format!("the runs' steps are between each other: {one:?} and {other:?}"));
        }
    }
    // Every write is between a take and its free, and nobody's take is between those of another.
    let calls = sandbox.calls();
    let lock: Vec<usize> = calls
        .iter()
        .enumerate()
        .filter(|(_, seen)| seen.operation == "PutObject" && seen.refused.is_none())
        .map(|(at, _)| at)
        .collect();
    // Take, record, free, twice; nothing takes three minutes, so that nothing is renewed.
    let [take, _, free, take_again, _, free_again] = lock[..] else {
        return Err(format!("not two runs with their three writes: {lock:?}"));
    };
    let outside = calls.iter().enumerate().find(|(at, seen)| {
        let writes = service::operation(&seen.service, &seen.operation).is_some_and(|row| row.writes);
        let inside = (take..=free).contains(at) || (take_again..=free_again).contains(at);
        writes && seen.refused.is_none() && !inside
    });
    if let Some((at, seen)) = outside {
        return Err(format!("{}:{} at {at} is under no lock: {lock:?}", seen.service, seen.operation));
    }
    let (ids, holder) = recorded(&sandbox, blueprint).await?;
    // The third is the one that made the account.
    if ids.len() != 3 || holder.is_some() {
        return Err(format!("the ledger tells of {ids:?}, the lock is held by {holder:?}"));
    }
    Ok(())
}

/// Breaks what an apply repairs with a few writes of several services.
fn damage(state: &mut State) {
    for group in state.table(ACCOUNT, REGION, "log_groups").values_mut() {
        group["retentionInDays"] = 7.into();
    }
    state.table(ACCOUNT, REGION, "metric_filters").clear();
    state.table(ACCOUNT, REGION, "alarms").clear();
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
