//! A real process that dies at a call, before or after its effect: the next apply converges, nothing is there twice.

use crate::bench::{
    ACCOUNT, Attempt, all, apply, block_on, comparable, difference, full, recorded, reference, smallest,
    takes_away, write,
};
use auditscope::blueprint::Blueprint;
use auditscope::sandbox::faults::Kind;
use auditscope::sandbox::{Sandbox, service};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Applies in a process of its own.
fn process(folder: &Path, faults: &Value) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auditscope"))
        .args(["apply", "blueprint.toml", "--sandbox=account.json", "--auto-approve", "-q"])
        .args(["--lock-timeout", "15m"])
        .args(["--sandbox-faults", &faults.to_string()])
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn died(output: &Output) -> bool {
    use std::os::unix::process::ExitStatusExt;
    output.status.signal().is_some()
}

#[test]
fn a_process_killed_at_any_call_leaves_nothing_to_clean_up() {
    let blueprint = smallest();
    let (calls, want) = block_on(reference(&blueprint));
    let mut jobs = Vec::new();
    for (index, seen) in calls.iter().enumerate() {
        let writes = service::operation(&seen.service, &seen.operation).is_some_and(|row| row.writes);
        // Before and after a read are the same moment for the account.
        jobs.push((index + 1, Kind::KillBefore));
        if writes {
            jobs.push((index + 1, Kind::KillAfter));
        }
    }
    if !full() {
        jobs = jobs.into_iter().skip(2).step_by(13).collect();
    }
    println!("{} deaths over an apply of {} calls", jobs.len(), calls.len());
    let wrong = all(&jobs, |(nth, fault)| {
        let seen = &calls[nth - 1];
        one(&blueprint, &want, *nth, *fault)
            .map_err(|what| format!("{fault:?} at call {nth}, {}:{}: {what}", seen.service, seen.operation))
    });
    assert!(wrong.is_empty(), "{} of {} went wrong:\n{}", wrong.len(), jobs.len(), wrong.join("\n"));
}

fn one(blueprint: &Blueprint, want: &Value, nth: usize, fault: Kind) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    write(folder.path());
    let output = process(folder.path(), &json!([{"nth": nth, "fault": fault}]));
    if !died(&output) {
        return Err(format!("it lived: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let sandbox =
        Sandbox::open(&folder.path().join("account.json"), ACCOUNT).map_err(|error| error.to_string())?;
    let (mut ids, holder) = block_on(recorded(&sandbox, blueprint))?;
    // What a run recorded that died before it freed the lock, it recorded itself.
    ids.extend(holder.filter(|holder| !ids.contains(holder)));
    // As long as `--lock-timeout 15m` would wait at most.
    sandbox.advance(Duration::from_secs(601));
    match block_on(apply(&sandbox, blueprint))? {
        Attempt::Converged => {}
        end => return Err(format!("the next run: {end:?}")),
    }
    if let Some(seen) = sandbox.calls().iter().find(|seen| takes_away(seen)) {
        return Err(format!("{}:{} took something away", seen.service, seen.operation));
    }
    let (now, holder) = block_on(recorded(&sandbox, blueprint))?;
    if now.len() != ids.len() + 1 || now[..ids.len()] != ids[..] || holder.is_some() {
        return Err(format!("the ledger tells of {now:?} after {ids:?}; the lock is held by {holder:?}"));
    }
    difference("", &comparable(&sandbox.state()), want).map_or(Ok(()), Err)
}

#[test]
fn two_processes_at_once_make_one_account() {
    let blueprint = smallest();
    let (_, want) = block_on(reference(&blueprint));
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path());
    let ends: Vec<Output> = std::thread::scope(|scope| {
        let slow = json!([{"fault": {"slow": 1}}]);
        let runs: Vec<_> = [json!([]), slow]
            .map(|faults| {
                let folder = folder.path();
                scope.spawn(move || process(folder, &faults))
            })
            .into_iter()
            .collect();
        runs.into_iter().map(|run| run.join().expect("no panic")).collect()
    });
    for end in &ends {
        assert_eq!(end.status.code(), Some(0), "{}", String::from_utf8_lossy(&end.stderr));
    }
    let sandbox = Sandbox::open(&folder.path().join("account.json"), ACCOUNT).expect("the account");
    sandbox.with_state(|state| {
        let keys = state.table(ACCOUNT, crate::bench::REGION, "kms_keys");
        keys.retain(|_, key| {
            key["KeyState"] != "PendingDeletion" || key["_tags"]["auditscope:scope"].is_string()
        });
    });
    assert_eq!(difference("", &comparable(&sandbox.state()), &want), None);
    let (ids, holder) = block_on(recorded(&sandbox, &blueprint)).expect("a chain that holds");
    assert_eq!((ids.len(), holder), (2, None), "one record each");
}
