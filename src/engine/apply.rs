//! One apply or destroy, from the moment it was agreed to: take the lock, plan again under it, carry that out, look
//! again, leave a record, free the lock.
//!
//! A first apply has no bucket for a lock to lie in. Until it has, it writes only the log bucket and what that waits for;
//! two that do so at the same time make one bucket, since each of those steps is exclusive on AWS's side or comes out the
//! same whoever is first. Everything else happens under the lock.

mod agreement;

pub use agreement::Agreement;

use crate::aws::Stop;
use crate::engine::event::Event;
use crate::engine::execute::Outcome;
use crate::engine::ledger::{
    self, Counts, Ending, FailedStep, Held, Holder, LedgerError, Lock, Record, append,
};
use crate::engine::plan::{Action, Goal, Intent, Plan, Step};
use crate::engine::reading::Reading;
use crate::engine::run::{Planned, Run, RunError};
use crate::engine::saved::Moved;
use crate::kinds::Kind;
use crate::model::{Address, Names, digest};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What was asked for, by whom, and what was agreed to.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// `apply` or `destroy`; goes into the record.
    pub verb: &'a str,
    /// Where this runs: a host's name, or the address of a CI job.
    pub host: &'a str,
    pub intent: &'a Intent,
    pub agreement: Agreement,
    /// How long to wait while another run holds the lock; zero: not at all.
    pub lock_timeout: Duration,
    /// Id of the saved plan that is applied.
    pub plan_id: Option<&'a str>,
}

/// What is told while it runs, and how it is stopped.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Raised to stop between two calls; also raised by the run itself when it has lost its lock.
    pub stop: &'a Stop,
    pub tell: &'a (dyn Fn(Event) + Sync),
}

/// What came of it.
#[derive(Debug)]
pub struct Applied {
    /// The plan that was carried out: the one that was made under the lock.
    pub plan: Plan,
    pub outcome: Outcome,
    /// The plan afterwards; `None` if it was interrupted.
    pub second: Option<Plan>,
    pub ending: Ending,
    /// Number of its record; `None` if there is none.
    pub record: Option<u64>,
    /// Runs that had died with the lock and whose records this one wrote.
    pub buried: Vec<Holder>,
    /// Why there was no lock and is no record, where that is no failure.
    pub remark: Option<&'static str>,
    /// What went wrong with lock and record, without a full stop.
    pub trouble: Vec<String>,
}

impl Applied {
    fn of(plan: Plan, outcome: Outcome, second: Option<Plan>, ending: Ending) -> Self {
        let (record, buried, remark, trouble) = (None, Vec::new(), None, Vec::new());
        Self { plan, outcome, second, ending, record, buried, remark, trouble }
    }
}

/// Why nothing was carried out.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is no log bucket, and this run would not make it.
    #[error("there is no log bucket to hold the lock, and this run would not make it: {0}")]
    NoPlace(String),
    /// What is at the log bucket's name is not ours.
    #[error("the log bucket is to hold the lock, and it is not ours: {0}")]
    Foreign(String),
    /// The plan under the lock is not the one that was agreed to.
    #[error("the account has changed since the plan was shown; nothing was changed by this run")]
    Stale(Vec<Moved>),
    /// The plan under the lock needs more than the flags approve.
    #[error("this needs a person's approval: {}", .0.iter().map(|need| format!("--allow {need}")).collect::<Vec<_>>().join(" "))]
    NeedsPerson(Vec<String>),
}

impl ApplyError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Run(error) => error.hint(),
            Self::Ledger(error) => error.hint(),
            Self::NoPlace(_) => {
                "the first apply of a scope makes s3_bucket.logs: nothing may block it, and it may not be \
                                 left out (a selection begins with `--target s3_bucket.logs`); nothing was written"
                    .into()
            }
            Self::Foreign(_) => {
                "`apply --adopt s3_bucket.logs` takes it over if it is in this account; nothing was written"
                    .into()
            }
            Self::Stale(_) => "look at the new plan and decide again".into(),
            Self::NeedsPerson(_) => "look at the plan and decide again".into(),
        }
    }
}

/// Where the lock of this run is.
enum Place {
    Bucket,
    /// Steps that make the bucket.
    Make(Box<Plan>),
    /// There is none, and none is to be made. Why that is no danger.
    Nowhere(&'static str),
}

impl Run {
    /// Carries out what was agreed to. `first` is the plan that the agreement is about.
    ///
    /// # Errors
    /// Why nothing was carried out. What goes wrong later is in the answer.
    pub async fn apply(
        &self,
        first: &Planned,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
    ) -> Result<Applied, ApplyError> {
        let missing = missing(&first.plan);
        if !missing.is_empty() {
            return Err(ApplyError::NeedsPerson(missing));
        }
        let mut outcome = Outcome::default();
        let mut made = Vec::new();
        match self.place(first, terms).await? {
            Place::Bucket => {}
            Place::Nowhere(why) => return self.unlocked(first, terms, watch, why).await,
            Place::Make(steps) => {
                made = steps.steps.iter().map(|step| step.address.clone()).collect();
                outcome = Box::pin(self.execute(&steps, watch.stop, watch.tell)).await;
                if !outcome.is_complete() {
                    return self.not_begun(first, terms, watch, outcome).await;
                }
            }
        }
        let store = self.store(!made.is_empty());
        let holder = Holder {
            blueprint: digest::of(self.blueprint()),
            plan_id: terms.plan_id.map(ToOwned::to_owned),
            plan: counts(&first.plan),
            ..Holder::new(terms.verb, &self.caller, terms.host, &store)
        };
        let waiting = |held: &Held| {
            let left_seconds = terms.lock_timeout.as_secs_f64();
            (watch.tell)(Event::LockWaiting { holder: held.told(), left_seconds });
        };
        let lock = Lock::take(store, holder, terms.lock_timeout, watch.stop, &waiting).await?;
        let begun = Begun { run: self, first, terms, watch, made };
        Box::pin(begun.under_the_lock(lock, outcome)).await
    }

    /// Returns where the lock of a run is.
    async fn place(&self, first: &Planned, terms: &Terms<'_>) -> Result<Place, ApplyError> {
        let names = Names::of(self.blueprint());
        let bucket = names.address(Kind::S3Bucket, "logs", &names.home_region);
        let step = first.plan.steps.iter().find(|step| step.address == bucket);
        match first.observation.readings.get(&bucket) {
            Some(Reading::Absent) | None if terms.intent.goal == Goal::Destroy => {
                Ok(Place::Nowhere("there is no log bucket, so this run has no lock and leaves no record"))
            }
            Some(Reading::Absent) => match step {
                Some(Step { blocked: None, .. }) => Ok(Place::Make(Box::new(up_to(&first.plan, &bucket)))),
                Some(Step { blocked: Some(why), .. }) => Err(ApplyError::NoPlace(why.clone())),
                None => Err(ApplyError::NoPlace("s3_bucket.logs is not part of it".into())),
            },
            Some(Reading::Foreign { why, .. }) if step.is_none_or(|step| step.action != Action::Adopt) => {
                Err(ApplyError::Foreign(why.clone()))
            }
            // The bucket goes, and holds nothing: not even a lock. One that was put there now would keep it.
            _ if step.is_some_and(|step| step.action == Action::Delete) && self.holds_nothing().await? => {
                Ok(Place::Nowhere(
                    "the log bucket is empty and goes, so this run has no lock and leaves no record",
                ))
            }
            // Also if the bucket could not be read: whether the lock can be is what matters.
            _ => Ok(Place::Bucket),
        }
    }

    async fn holds_nothing(&self) -> Result<bool, LedgerError> {
        let store = self.store(false);
        let versions = store.versions("").await;
        let versions = versions.map_err(|error| LedgerError::aws(&store, "", "listed", error))?;
        Ok(versions.is_empty())
    }

    /// Carries out a plan where there is no place for a lock.
    async fn unlocked(
        &self,
        first: &Planned,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
        why: &'static str,
    ) -> Result<Applied, ApplyError> {
        let (outcome, second) = self.carry_out(&first.plan, terms, watch, Outcome::default()).await?;
        let ending = ending(&first.plan, &outcome, second.as_ref());
        let plan = first.plan.clone();
        Ok(Applied { remark: Some(why), ..Applied::of(plan, outcome, second, ending) })
    }

    /// Ends a first apply that could not make the bucket.
    async fn not_begun(
        &self,
        first: &Planned,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
        mut outcome: Outcome,
    ) -> Result<Applied, ApplyError> {
        let tried: BTreeSet<&Address> = outcome
            .done
            .iter()
            .chain(outcome.failed.iter().map(|(address, _)| address))
            .chain(outcome.skipped.iter().map(|(address, _)| address))
            .collect();
        let left: Vec<Address> = first.plan.steps.iter().map(|step| step.address.clone()).collect();
        let left: Vec<Address> = left.into_iter().filter(|address| !tried.contains(address)).collect();
        for address in left {
            let because = "the log bucket, which holds the lock, was not finished".to_owned();
            (watch.tell)(Event::StepSkipped { address: address.clone(), because: because.clone() });
            outcome.skipped.push((address, because));
        }
        let second = self.look_again(terms, watch, &mut outcome).await?;
        let ending = ending(&first.plan, &outcome, second.as_ref());
        let plan = first.plan.clone();
        let remark = Some("there was no log bucket yet, so this run leaves no record");
        Ok(Applied { remark, ..Applied::of(plan, outcome, second, ending) })
    }

    /// Executes a plan and looks again; what was done before is part of the outcome.
    async fn carry_out(
        &self,
        plan: &Plan,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
        mut outcome: Outcome,
    ) -> Result<(Outcome, Option<Plan>), RunError> {
        let now = Box::pin(self.execute(plan, watch.stop, watch.tell)).await;
        outcome.done.extend(now.done);
        outcome.failed.extend(now.failed);
        outcome.skipped.extend(now.skipped);
        outcome.interrupted |= now.interrupted;
        let second = self.look_again(terms, watch, &mut outcome).await?;
        Ok((outcome, second))
    }

    /// Plans again after an execution; `None` if that was interrupted, or was so before.
    async fn look_again(
        &self,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
        outcome: &mut Outcome,
    ) -> Result<Option<Plan>, RunError> {
        let answer = match () {
            () if outcome.interrupted => return Ok(None),
            () if outcome.is_complete() => self.verify(terms.intent, watch.stop, watch.tell).await,
            // What failed is still to be done: there is nothing to wait for.
            () => self.plan_until(terms.intent, watch.stop).await,
        };
        match answer {
            Ok(planned) => Ok(Some(planned.plan)),
            Err(RunError::Interrupted) => {
                outcome.interrupted = true;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// A run that holds the lock, or is about to.
struct Begun<'a> {
    run: &'a Run,
    first: &'a Planned,
    terms: &'a Terms<'a>,
    watch: &'a Watch<'a>,
    /// What was made before the lock was taken.
    made: Vec<Address>,
}

/// What was done under the lock.
enum Done {
    Carried { plan: Box<Plan>, outcome: Outcome, second: Option<Box<Plan>> },
    Refused(ApplyError),
}

impl Begun<'_> {
    /// Does the work while the lock is renewed, and ends it with one record.
    async fn under_the_lock(&self, mut lock: Lock, before: Outcome) -> Result<Applied, ApplyError> {
        let buried = lock.holder().pending.clone();
        // Before anything is written: a ledger that cannot be read or written ends the run here.
        let last = match ledger::settle(lock.store(), lock.holder()).await {
            Ok(last) => last,
            Err(error) => {
                // What this run owes stays owed: the lock is left to the next one, unless it owes nothing.
                if buried.is_empty() {
                    lock.free().await?;
                }
                return Err(error.into());
            }
        };
        let lost = AtomicBool::new(false);
        let done = {
            let work = Box::pin(self.work(before));
            tokio::select! {
                biased;
                done = work => done,
                () = lock.keep(self.watch.stop, &lost) => unreachable!("keeping a lock never ends"),
            }
        };
        let ending = match &done {
            Done::Carried { plan, outcome, second } => ending(plan, outcome, second.as_deref()),
            Done::Refused(ApplyError::Stale(_)) => Ending::Stale,
            Done::Refused(ApplyError::NeedsPerson(_)) => Ending::NeedsPerson,
            Done::Refused(_) => Ending::Failed,
        };
        let (record, trouble) = self.end(lock, &done, ending, last).await;
        match done {
            Done::Carried { plan, outcome, second } => {
                let ending =
                    if record.is_none() && lost.load(Ordering::SeqCst) { Ending::Lost } else { ending };
                Ok(Applied {
                    record,
                    buried,
                    trouble,
                    ..Applied::of(*plan, outcome, second.map(|plan| *plan), ending)
                })
            }
            Done::Refused(error) => Err(error),
        }
    }

    async fn work(&self, before: Outcome) -> Done {
        let intent = self.terms.intent;
        let planned = match self.made.as_slice() {
            [] => self.run.plan_until(intent, self.watch.stop).await,
            made => self.run.plan_behind(intent, made, self.watch.stop).await,
        };
        let plan = match planned {
            Ok(planned) => planned.plan,
            // What was done before the lock is to be listed.
            Err(RunError::Interrupted) => {
                let outcome = Outcome { interrupted: true, ..before };
                return Done::Carried { plan: Box::new(self.first.plan.clone()), outcome, second: None };
            }
            Err(error) => return Done::Refused(error.into()),
        };
        let moved = self.terms.agreement.moved(&self.first.plan, &plan, &self.made);
        if !moved.is_empty() {
            return Done::Refused(ApplyError::Stale(moved));
        }
        let missing = missing(&plan);
        if !missing.is_empty() {
            return Done::Refused(ApplyError::NeedsPerson(missing));
        }
        match self.run.carry_out(&plan, self.terms, self.watch, before).await {
            Ok((outcome, second)) => {
                Done::Carried { plan: Box::new(plan), outcome, second: second.map(Box::new) }
            }
            Err(error) => Done::Refused(error.into()),
        }
    }

    /// Writes the record and frees the lock. Returns the record's number, and what did not go as it should.
    async fn end(
        &self,
        mut lock: Lock,
        done: &Done,
        ending: Ending,
        last: Option<u64>,
    ) -> (Option<u64>, Vec<String>) {
        let ended = match lock.is_ours().await {
            Ok(Some(date)) => Some(date.to_string()),
            // Whoever has it now writes the record, as of a run that is dead.
            Ok(None) => return (None, vec!["this run has lost its lock to another one, and stopped".into()]),
            Err(error @ LedgerError::Aws { .. }) => {
                return (None, vec![format!("{error}; the next run writes this run's record")]);
            }
            // Nobody can take a lock like that over, so nobody else would write the record.
            Err(_) => None,
        };
        let record = self.record(lock.holder(), done, ending, ended.clone());
        let number = match append(lock.store(), record, last).await {
            Ok(number) => number,
            // The lock stays, so that the next run finds whose record is missing.
            Err(error) => {
                return (
                    None,
                    vec![format!(
                        "this run's record was not written, and its lock stays until its lease ends: {error}"
                    )],
                );
            }
        };
        if ended.is_none() {
            return (Some(number), vec!["the lock was overwritten by something that is no lock".into()]);
        }
        match lock.free().await {
            Ok(()) => (Some(number), Vec::new()),
            Err(error) => (
                Some(number),
                vec![format!("the lock was not freed and stays until its lease ends: {error}")],
            ),
        }
    }

    fn record(&self, holder: &Holder, done: &Done, outcome: Ending, ended: Option<String>) -> Record {
        let mut record = Record { ended, ..Record::of(holder, outcome) };
        record.approvals = approvals(&self.first.plan, self.terms.intent);
        record.selected = selected(self.terms.intent);
        match done {
            Done::Carried { outcome, .. } => {
                record.failed = outcome
                    .failed
                    .iter()
                    .map(|(address, error)| FailedStep {
                        address: address.to_string(),
                        call: error.call.clone(),
                        code: error.code.clone(),
                    })
                    .collect();
            }
            Done::Refused(ApplyError::Run(RunError::Aws(error))) => {
                let (address, call, code) = (String::new(), error.call.clone(), error.code.clone());
                record.failed.push(FailedStep { address, call, code });
            }
            Done::Refused(_) => {}
        }
        record
    }
}

/// Returns how a run that was carried out ended.
fn ending(plan: &Plan, outcome: &Outcome, second: Option<&Plan>) -> Ending {
    match second {
        _ if outcome.interrupted => Ending::Interrupted,
        Some(second) if second.is_empty() && outcome.failed.is_empty() => {
            let nothing = plan.steps.is_empty() && outcome.done.is_empty();
            if nothing { Ending::NothingToDo } else { Ending::Converged }
        }
        Some(second) if outcome.failed.is_empty() && second.is_incomplete() => Ending::Incomplete,
        _ => Ending::Failed,
    }
}

fn missing(plan: &Plan) -> Vec<String> {
    plan.missing_approvals().into_iter().map(ToOwned::to_owned).collect()
}

fn counts(plan: &Plan) -> Counts {
    let count = |actions: &[Action]| {
        plan.steps.iter().filter(|step| step.blocked.is_none() && actions.contains(&step.action)).count()
    };
    Counts {
        add: count(&[Action::Create]),
        change: count(&[Action::Update]),
        destroy: count(&[Action::Delete]),
        adopt: count(&[Action::Adopt, Action::TakeBack]),
        release: count(&[Action::Release]),
    }
}

/// Returns the approvals that were given and that something in the plan needs.
fn approvals(plan: &Plan, intent: &Intent) -> Vec<String> {
    let used =
        |step: &Step, kind: &str| step.effects.iter().any(|effect| effect.class.approval() == Some(kind));
    let allowed = intent.allow.iter().filter(|(kind, pattern)| {
        plan.steps.iter().any(|step| pattern.matches(&step.address) && used(step, kind))
    });
    allowed.map(|(kind, pattern)| format!("{kind}:{pattern}")).collect()
}

/// Returns the flags that the run was narrowed by.
fn selected(intent: &Intent) -> Vec<String> {
    let targets = intent.target.iter().map(|pattern| format!("--target {pattern}"));
    let excludes = intent.exclude.iter().map(|pattern| format!("--exclude {pattern}"));
    targets.chain(excludes).collect()
}

/// Returns the part of a plan that ends with one step: that one and all it waits for.
fn up_to(plan: &Plan, last: &Address) -> Plan {
    let mut wanted = BTreeSet::from([last.clone()]);
    // Steps come in order, so one look backwards finds everything.
    for step in plan.steps.iter().rev() {
        if wanted.contains(&step.address) {
            wanted.extend(step.after.iter().cloned());
        }
    }
    let steps = plan.steps.iter().filter(|step| wanted.contains(&step.address)).cloned().collect();
    Plan { steps, ..plan.clone() }
}
