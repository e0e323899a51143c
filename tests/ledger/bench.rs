//! A sandbox account with a log bucket, and runs that take its lock.

use auditscope::aws::store::Store;
use auditscope::aws::{Session, SessionOptions, Stop};
use auditscope::blueprint::{self, Blueprint, LoadOptions};
use auditscope::engine::ledger::{self, Ending, History, Holder, LedgerError, Lock, Record, append, settle};
use auditscope::engine::plan::Intent;
use auditscope::engine::run::Run;
use auditscope::sandbox::Sandbox;
use auditscope::sandbox::faults::{Kind as Fault, Rule};
use std::time::Duration;

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "us-east-1";
pub const MINUTE: Duration = Duration::from_secs(60);
pub const CALLER: &str = "arn:aws:iam::111122223333:role/ci";

/// Returns an account that has the log bucket and nothing else to speak of.
pub async fn account() -> Account {
    let account = Account::new(small()).await;
    let (_, bucket, client) = raw(&account);
    client.create_bucket().bucket(bucket).send().await.expect("a bucket");
    account.sandbox.advance(MINUTE);
    account
}

/// Returns the log bucket's name and a client of nobody's.
pub fn raw(account: &Account) -> (String, String, aws_sdk_s3::Client) {
    let names = auditscope::model::Names::of(account.run.blueprint());
    let client = aws_sdk_s3::Client::new(&account.run.session().config(&names.home_region));
    (names.home_region.clone(), names.bucket("logs", &names.home_region), client)
}

pub async fn write(account: &Account, key: &str, body: &[u8]) {
    let (_, bucket, client) = raw(account);
    client.put_object().bucket(bucket).key(key).body(body.to_vec().into()).send().await.expect("written");
}

pub fn rule(operation: &str, nth: Option<u32>, fault: Fault) -> Rule {
    Rule { service: "s3".into(), operation: operation.into(), nth, fault }
}

pub fn holder(store: &Store) -> Holder {
    Holder { blueprint: "ab".into(), ..Holder::new("apply", CALLER, "runner", store) }
}

pub async fn take(account: &Account, timeout: Duration) -> Result<Lock, LedgerError> {
    let store = account.run.store(false);
    let holder = holder(&store);
    Box::pin(Lock::take(store, holder, timeout, &Stop::default(), &|_| {})).await
}

/// What a run does with its lock, without the work.
pub async fn whole(account: &Account) -> Result<u64, LedgerError> {
    let lock = take(account, Duration::ZERO).await?;
    let last = settle(lock.store(), lock.holder()).await?;
    let record = Record::of(lock.holder(), Ending::Converged);
    let number = append(lock.store(), record, last).await?;
    lock.free().await?;
    Ok(number)
}

pub async fn history(account: &Account) -> History {
    let history = Box::pin(ledger::history(&account.run.store(false), 365)).await.expect("readable");
    assert_eq!(history.broken, [], "the chain holds");
    history
}

pub fn endings(history: &History) -> Vec<Ending> {
    history.entries.iter().map(|entry| entry.record.as_ref().expect("a record").outcome).collect()
}

/// One account and the blueprint it is to match.
pub struct Account {
    pub sandbox: Sandbox,
    pub run: Run,
}

impl Account {
    pub async fn new(blueprint: Blueprint) -> Self {
        let sandbox = Sandbox::in_memory(ACCOUNT);
        let run = Run::open(session(&sandbox).await, blueprint, 8).await.expect("the right account");
        Self { sandbox, run }
    }
}

pub async fn session(sandbox: &Sandbox) -> Session {
    let options = SessionOptions {
        sandbox: Some(sandbox.clone()),
        account: ACCOUNT.into(),
        ..SessionOptions::default()
    };
    Session::open(&options, REGION).await
}

/// Returns a blueprint that asks for little.
pub fn small() -> Blueprint {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("blueprint.toml");
    let text = format!(
        "format = 1\n[scope]\nname = \"genai-audit\"\naccount = \"{ACCOUNT}\"\nhome_region = \"{REGION}\"\n\
         [detections]\npacks = []\n[notifications]\ndashboard = false\n"
    );
    std::fs::write(&file, text).expect("the folder is ours");
    let options = LoadOptions::new("2026-11-24".parse().expect("a date"));
    blueprint::load(&file, &options).expect("the blueprint has no errors").blueprint
}

/// Returns what an apply is asked for when nobody has approved anything.
pub fn intent() -> Intent {
    Intent { today: "2026-11-24".into(), ..Intent::default() }
}
