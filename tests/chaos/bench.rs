//! The smallest blueprint that has every kind, attempts at applying it, and accounts made comparable.

#[path = "../common/smallest.rs"]
mod smallest;

use auditscope::aws::{ApiError, Session, SessionOptions, Stop};
use auditscope::blueprint::{self, Blueprint, LoadOptions};
use auditscope::engine::apply::{Agreement, ApplyError, Terms, Watch};
use auditscope::engine::event::Event;
use auditscope::engine::ledger::{self, Ending, LedgerError};
use auditscope::engine::plan::{Intent, Plan};
use auditscope::engine::run::{Run, RunError};
use auditscope::sandbox::faults::{Kind, Rule};
use auditscope::sandbox::state::State;
use auditscope::sandbox::{Sandbox, Seen};
use serde_json::Value;
pub use smallest::write;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "us-east-1";

/// Returns the blueprint.
pub fn smallest() -> Blueprint {
    let folder = tempfile::tempdir().expect("a temporary folder");
    load(&write(folder.path()))
}

/// Returns a blueprint of the repository.
pub fn shipped(name: &str) -> Blueprint {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("blueprints").join(name))
}

fn load(file: &Path) -> Blueprint {
    let today = "2026-11-24".parse().expect("a date");
    let options = LoadOptions { vars: BTreeMap::new(), today };
    blueprint::load(file, &options).expect("the blueprint has no errors").blueprint
}

/// Returns what an apply is asked for when nobody has approved anything.
pub fn intent() -> Intent {
    Intent { today: "2026-11-24".into(), ..Intent::default() }
}

/// Returns a rule about the nth of all calls.
pub fn at(nth: usize, fault: Kind) -> Rule {
    let nth = u32::try_from(nth).expect("an apply has hundreds of calls");
    Rule { service: "*".into(), operation: "*".into(), nth: Some(nth), fault }
}

/// What came of one apply.
#[derive(Debug)]
pub enum Attempt {
    /// Every step was done and the second plan is empty.
    Converged,
    /// It says what failed.
    Failed(Vec<ApiError>),
    /// Every step was done, and the second plan has something to do all the same.
    Undone(String),
}

/// Opens a run.
pub async fn open(sandbox: &Sandbox, blueprint: &Blueprint) -> Result<Run, RunError> {
    let options = SessionOptions {
        sandbox: Some(sandbox.clone()),
        account: ACCOUNT.into(),
        ..SessionOptions::default()
    };
    let session = Session::open(&options, &blueprint.scope.home_region).await;
    Run::open(session, blueprint.clone(), 64).await
}

/// Does what `apply --auto-approve --lock-timeout 15m` does. An error is a failure that is not clear: nothing that failed
/// is named.
pub async fn apply(sandbox: &Sandbox, blueprint: &Blueprint) -> Result<Attempt, String> {
    apply_telling(sandbox, blueprint, &|_| {}).await
}

/// The same, telling what happens.
pub async fn apply_telling(
    sandbox: &Sandbox,
    blueprint: &Blueprint,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Attempt, String> {
    let run = match open(sandbox, blueprint).await {
        Ok(run) => run,
        Err(RunError::Aws(error)) => return Ok(Attempt::Failed(vec![error])),
        Err(error) => return Err(error.to_string()),
    };
    let intent = intent();
    let first = Box::pin(run.plan(&intent)).await.map_err(|error| error.to_string())?;
    let unread: Vec<ApiError> = first.plan.errors.values().flatten().cloned().collect();
    let terms = Terms {
        verb: "apply",
        host: "runner",
        intent: &intent,
        agreement: Agreement::Flags,
        lock_timeout: Duration::from_secs(900),
        plan_id: None,
    };
    let stop = Stop::default();
    let answer = Box::pin(run.apply(&first, &terms, &Watch { stop: &stop, tell })).await;
    // What was made before the lock is told beside why it ended.
    let answer = answer.map_err(|error| match error {
        ApplyError::Begun { source, .. } => *source,
        error => error,
    });
    let applied = match answer {
        Ok(applied) => applied,
        Err(ApplyError::Run(RunError::Aws(error))) => return Ok(Attempt::Failed(vec![error])),
        Err(ApplyError::Ledger(LedgerError::Aws { source, .. })) => {
            return Ok(Attempt::Failed(vec![*source]));
        }
        Err(ApplyError::NoPlace(why)) if !unread.is_empty() => {
            return if why.is_empty() { Err("no reason".into()) } else { Ok(Attempt::Failed(unread)) };
        }
        // Whoever runs it again after a fault is a pipeline: it must not need a person for what is only half made.
        Err(error) => return Err(error.to_string()),
    };
    if applied.trouble.is_empty() && matches!(applied.ending, Ending::Converged | Ending::NothingToDo) {
        return Ok(Attempt::Converged);
    }
    let mut errors: Vec<ApiError> = applied.outcome.failed.iter().map(|(_, error)| error.clone()).collect();
    errors.extend(unread);
    for plan in [Some(&applied.plan), applied.second.as_ref()].into_iter().flatten() {
        errors.extend(plan.errors.values().flatten().cloned());
    }
    let scope = auditscope::model::Scope::new(ACCOUNT, REGION);
    errors.extend(applied.trouble.iter().map(|what| ApiError::odd("s3:PutObject", &scope, what)));
    if errors.is_empty() {
        let left = applied.second.as_ref().map(told);
        return match left {
            Some(left) if applied.outcome.is_complete() => Ok(Attempt::Undone(left)),
            _ => Err(format!("no error is named; skipped {:?}; left {left:?}", applied.outcome.skipped)),
        };
    }
    Ok(Attempt::Failed(errors))
}

/// Returns the ids of the runs that the ledger tells of, oldest first, and of the one that holds the lock; checks the
/// chain on the way.
pub async fn recorded(
    sandbox: &Sandbox,
    blueprint: &Blueprint,
) -> Result<(Vec<String>, Option<String>), String> {
    let run = open(sandbox, blueprint).await.map_err(|error| error.to_string())?;
    let history = match Box::pin(ledger::history(&run.store(false), 365)).await {
        Ok(history) => history,
        Err(LedgerError::Aws { source, .. }) if source.is(&["NoSuchBucket"]) => {
            return Ok((Vec::new(), None));
        }
        Err(error) => return Err(error.to_string()),
    };
    if !history.broken.is_empty() {
        return Err(format!("the chain is broken: {:?}", history.broken));
    }
    let ids = history.entries.into_iter().map(|entry| entry.record.map(|record| record.id));
    let holder = match history.lock {
        Ok(ledger::State::Held(held)) => Some(held.holder.id),
        Ok(ledger::State::Absent | ledger::State::Free { .. }) => None,
        Err(error) => return Err(error.to_string()),
    };
    Ok((ids.collect::<Result<_, _>>()?, holder))
}

/// Returns what a plan still wants.
pub fn told(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|step| {
        let changes: Vec<String> = step
            .changes
            .iter()
            .map(|change| format!("\n    {}: {} -> {}", change.path, change.before, change.after))
            .collect();
        format!("\n  {:?} {} ({}){}", step.action, step.address, step.reason, changes.concat())
    });
    format!("{}{:?}", steps.collect::<String>(), plan.blind)
}

/// Returns the calls of an undisturbed apply, and the account it makes, comparable.
pub async fn reference(blueprint: &Blueprint) -> (Vec<Seen>, Value) {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let attempt = apply(&sandbox, blueprint).await.expect("a clear end");
    assert!(matches!(attempt, Attempt::Converged), "{attempt:?}");
    (sandbox.calls(), comparable(&sandbox.state()))
}

/// Returns an account without what differs between two that are the same: times, versions, and the texts of ids, which
/// are replaced by what they are for.
pub fn comparable(state: &State) -> Value {
    let mut text = serde_json::to_string(&state.accounts).expect("the state is plain data");
    let keys = state.peek(ACCOUNT, REGION, "kms_keys").cloned().unwrap_or_default();
    for (id, key) in &keys {
        let name = key["Description"].as_str().unwrap_or_default();
        let of_ours = key["_tags"]["auditscope:scope"].is_string();
        text = text.replace(id.as_str(), &format!("key {name}{}", if of_ours { "" } else { " (not ours)" }));
    }
    let mut value: Value = serde_json::from_str(&text).expect("ids are no JSON");
    strip(&mut value);
    value
}

/// Members of records that say when or how often, not what.
const TIMES: &[&str] = &["CreationDate", "CreateDate", "LastUpdatedDate", "RoleId", "deleted_buckets"];
/// Hidden members that say what.
const HIDDEN: &[&str] = &["_tags", "_policies", "_logging", "_rotation_days", "_pending"];

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, value| {
                let hidden = name.starts_with('_') && !HIDDEN.contains(&name.as_str());
                let time = TIMES.contains(&name.as_str())
                    || name.ends_with("Time")
                    || name.ends_with("Timestamp")
                    || value.get("$timestamp").is_some();
                !hidden && !time
            });
            // Subscriptions have ids nobody chose: their endpoints tell them apart.
            if let Some(Value::Object(subscriptions)) = members.get_mut("subscriptions") {
                *subscriptions = std::mem::take(subscriptions)
                    .into_iter()
                    .enumerate()
                    .map(|(index, (_, one))| (format!("{}-{index}", one["Endpoint"]), one))
                    .collect();
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::String(text) if is_topic_subscription(text) => *text = "subscription".into(),
        _ => {}
    }
}

fn is_topic_subscription(text: &str) -> bool {
    text.starts_with("arn:aws:sns:") && text.matches(':').count() == 6
}

/// Returns the first place where two documents differ, for a failed comparison.
pub fn difference(path: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            names.into_iter().find_map(|name| {
                let (a, b) = (a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null));
                difference(&format!("{path}/{name}"), a, b)
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            (0..a.len()).find_map(|index| difference(&format!("{path}/{index}"), &a[index], &b[index]))
        }
        _ if left == right => None,
        _ => Some(format!("{path}: {left} is not {right}")),
    }
}

/// Calls that take something away; an apply of a new account never needs one.
pub fn takes_away(seen: &Seen) -> bool {
    let starts = |word| seen.operation.starts_with(word);
    seen.refused.is_none()
        && (starts("Delete")
            || starts("Stop")
            || starts("Schedule")
            || starts("Disable")
            || starts("Untag")
            || starts("Unsubscribe"))
}

/// Returns true if the whole product was asked for.
pub fn full() -> bool {
    std::env::var_os("AUDITSCOPE_TEST_FULL").is_some_and(|value| value == "1")
}

/// Runs jobs on every core, each on a runtime of its own, and returns what went wrong, in the jobs' order.
pub fn all<J: Sync>(jobs: &[J], run: impl Fn(&J) -> Result<(), String> + Sync) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { break };
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(job)));
                    let done = done.unwrap_or_else(|panic| {
                        let text = panic.downcast_ref::<String>().map(String::as_str);
                        Err(format!("panicked: {}", text.or(panic.downcast_ref().copied()).unwrap_or("?")))
                    });
                    if let Err(what) = done {
                        wrong.lock().expect("not poisoned").insert(index, what);
                    }
                }
            });
        }
    });
    wrong.into_inner().expect("not poisoned").into_values().collect()
}

/// Runs a future to its end on a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// Numbers that look random, the same for the same seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// Returns the next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
