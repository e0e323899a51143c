//! A blueprint on a sandbox account in memory, driven through the real SDK clients.

use auditscope::aws::{Session, SessionOptions, Stop};
use auditscope::blueprint::{self, Blueprint, LoadOptions};
use auditscope::engine::execute::{Event, Outcome};
use auditscope::engine::plan::{Intent, Plan, Step};
use auditscope::engine::run::Run;
use auditscope::sandbox::Sandbox;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

pub const ACCOUNT: &str = "111122223333";

/// Returns a blueprint of the repository, checked.
pub fn shipped(name: &str) -> Blueprint {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("blueprints").join(name);
    load(&path)
}

/// Returns a blueprint from text, over the smallest one.
pub fn with(more: &str) -> Blueprint {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("blueprint.toml");
    let text = format!(
        "format = 1\n[scope]\nname = \"genai-audit\"\naccount = \"{ACCOUNT}\"\nhome_region = \"us-east-1\"\n{more}\n"
    );
    std::fs::write(&path, text).expect("the directory is ours");
    load(&path)
}

fn load(path: &Path) -> Blueprint {
    let today = "2026-11-24".parse().expect("a date");
    let options = LoadOptions { vars: BTreeMap::new(), today };
    match blueprint::load(path, &options) {
        Ok(loaded) => loaded.blueprint,
        Err(rejected) => {
            panic!("{}", blueprint::render(&rejected.problems, &rejected.sources, false, 100))
        }
    }
}

/// One account and the blueprint it is to match.
pub struct Account {
    pub sandbox: Sandbox,
    pub run: Run,
}

impl Account {
    pub async fn new(blueprint: Blueprint) -> Self {
        Self::on(Sandbox::in_memory(ACCOUNT), blueprint).await
    }
    /// Another blueprint on the same account.
    pub async fn on(sandbox: Sandbox, blueprint: Blueprint) -> Self {
        let options = SessionOptions {
            sandbox: Some(sandbox.clone()),
            account: ACCOUNT.into(),
            ..SessionOptions::default()
        };
        let session = Session::open(&options, &blueprint.scope.home_region).await;
        let run = Run::open(session, blueprint, 8).await.expect("the right account");
        Self { sandbox, run }
    }
    pub async fn plan(&self) -> Plan {
        self.plan_for(&intent()).await
    }
    pub async fn plan_for(&self, intent: &Intent) -> Plan {
        // Boxed, as below: these futures are large, and a test's thread has two megabytes.
        Box::pin(self.run.plan(intent)).await.expect("a plan has an order").plan
    }
    pub async fn execute(&self, plan: &Plan) -> (Outcome, Vec<Event>) {
        let events = Mutex::new(Vec::new());
        let stop = Stop::default();
        let push = |event| events.lock().expect("not poisoned").push(event);
        let outcome = Box::pin(self.run.execute(plan, &stop, &push)).await;
        (outcome, events.into_inner().expect("not poisoned"))
    }
    /// Applies until the account is as the blueprint says; panics with what is left otherwise.
    pub async fn converge(&self) {
        self.converge_for(&intent()).await;
    }
    pub async fn converge_for(&self, intent: &Intent) -> Plan {
        let plan = self.plan_for(intent).await;
        self.converge_by(&plan, intent).await
    }
    /// Carries out a plan, and returns the second one, which has nothing to do.
    pub async fn converge_by(&self, plan: &Plan, intent: &Intent) -> Plan {
        let (outcome, _) = self.execute(plan).await;
        assert!(outcome.is_complete(), "failed: {:#?}\nskipped: {:#?}", outcome.failed, outcome.skipped);
        let stop = Stop::default();
        let planned = Box::pin(self.run.verify(intent, &stop, &|_| {})).await.expect("a plan has an order");
        assert!(planned.plan.is_empty(), "a second plan is not empty: {}", told(&planned.plan));
        planned.plan
    }
}

/// Returns what a plan says, for a failed assertion.
pub fn told(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|step: &Step| {
        let changes: Vec<String> = step
            .changes
            .iter()
            .map(|change| format!("\n    {}: {} -> {}", change.path, change.before, change.after))
            .collect();
        format!("\n  {:?} {} ({}){}", step.action, step.address, step.reason, changes.concat())
    });
    let left = plan.unrepaired.iter().map(|left| format!("\n  left {} {}", left.address, left.attribute));
    format!("{}{}{:?}", steps.collect::<String>(), left.collect::<String>(), plan.blind)
}

/// Returns the intent of an apply that nobody has approved anything for.
pub fn intent() -> Intent {
    Intent { today: "2026-11-24".into(), ..Intent::default() }
}
