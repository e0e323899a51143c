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
    self, Counts, Ending, FailedStep, Held, Holder, LedgerError, Lock, Record, State, append,
};
use crate::engine::plan::{Action, Goal, Intent, Plan, Step};
use crate::engine::reading::Reading;
use crate::engine::run::{Planned, Run, RunError};
use crate::engine::saved::Moved;
use crate::kinds::{Kind, Resource};
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

/// Pause between two looks at a lock in another bucket.
const ELSEWHERE: Duration = Duration::from_secs(10);

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
    #[error("the account has changed since the plan was shown")]
    Stale(Vec<Moved>),
    /// The plan under the lock needs more than the flags approve.
    #[error("this needs a person's approval: {}", .0.iter().map(|need| format!("--allow {need}")).collect::<Vec<_>>().join(" "))]
    NeedsPerson(Vec<String>),
    /// Another run of this scope is at work from the bucket that the trail delivers to now.
    #[error("the trail still delivers to another bucket, whose lock is held: {}", .0.told())]
    LockedElsewhere(Box<Held>),
    /// The same, after the first steps: the log bucket and what it needs, which are made before there can be a lock.
    #[error("{source}; before that, this run made {}", .made.iter().map(Address::short).collect::<Vec<_>>().join(", "))]
    Begun { made: Vec<Address>, source: Box<ApplyError> },
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
            Self::LockedElsewhere(held) => format!(
                "--lock-timeout 15m waits for it; if that run is dead, its lease ends by itself at {}",
                held.ends()
            ),
            Self::Begun { source, .. } => {
                format!("{}; what was made is part of the next run, and nothing has to be cleaned up", source.hint())
            }
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
        let mut place = self.place(first, terms).await?;
        if matches!(place, Place::Make(_)) {
            place = self.place_now(first, terms, watch).await?;
        }
        self.no_lock_elsewhere(first, terms, watch).await?;
        match place {
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
        let done = outcome.done.clone();
        let answer = self.locked(first, terms, watch, made, outcome).await;
        answer.map_err(|error| match done.as_slice() {
            [] => error,
            _ => ApplyError::Begun { made: done, source: Box::new(error) },
        })
    }

    async fn locked(
        &self,
        first: &Planned,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
        made: Vec<Address>,
        outcome: Outcome,
    ) -> Result<Applied, ApplyError> {
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

    /// Looks again before the first thing is made without a lock: the first plan may be an hour old, and whoever made the
    /// bucket since has its own settings there.
    async fn place_now(
        &self,
        first: &Planned,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
    ) -> Result<Place, ApplyError> {
        let now = self.plan_until(terms.intent, watch.stop).await?;
        let moved = terms.agreement.moved(&first.plan, &now.plan, &[]);
        if !moved.is_empty() {
            return Err(ApplyError::Stale(moved));
        }
        let missing = missing(&now.plan);
        if !missing.is_empty() {
            return Err(ApplyError::NeedsPerson(missing));
        }
        self.place(&now, terms).await
    }

    /// Waits while another run of this scope holds the lock in another bucket: a blueprint that names a new one must not
    /// write beside the old one.
    async fn no_lock_elsewhere(
        &self,
        first: &Planned,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
    ) -> Result<(), ApplyError> {
        let names = Names::of(self.blueprint());
        let ours = names.bucket("logs", &names.home_region);
        let states = first.observation.readings.values().filter_map(Reading::found).map(|found| &found.state);
        let others: BTreeSet<&str> = states
            .filter_map(|state| match state {
                Resource::Trail(trail) => trail.bucket.value(),
                _ => None,
            })
            .filter(|bucket| *bucket != ours)
            .collect();
        for bucket in others {
            let store = self.store_in(bucket);
            let mut waited = Duration::ZERO;
            // What cannot be read, or is no lock, keeps nobody from taking the trail away from there.
            while let Ok((State::Held(held), _)) = ledger::look(&store).await
                && !held.is_over()
                && (held.holder.scope.as_str(), held.holder.account.as_str()) == store.of()
            {
                if waited >= terms.lock_timeout {
                    return Err(ApplyError::LockedElsewhere(held));
                }
                if waited.is_zero() {
                    let left_seconds = terms.lock_timeout.as_secs_f64();
                    (watch.tell)(Event::LockWaiting { holder: held.told(), left_seconds });
                }
                let pause = ELSEWHERE.min(terms.lock_timeout - waited);
                if !store.clock().wait_for_others(pause, watch.stop).await {
                    return Err(LedgerError::Interrupted.into());
                }
                waited += pause;
            }
        }
        Ok(())
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
        store.is_empty().await.map_err(|error| LedgerError::aws(&store, "", "listed", error))
    }

    /// Carries out a plan where there is no place for a lock.
    async fn unlocked(
        &self,
        first: &Planned,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
        why: &'static str,
    ) -> Result<Applied, ApplyError> {
        let Carried { outcome, second, trouble } =
            self.carry_out(&first.plan, terms, watch, Outcome::default()).await;
        let ending = ending(&first.plan, &outcome, second.as_ref());
        let plan = first.plan.clone();
        Ok(Applied { remark: Some(why), trouble, ..Applied::of(plan, outcome, second, ending) })
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
        let Carried { outcome, second, trouble } = self.look_again(&first.plan, terms, watch, outcome).await;
        let ending = ending(&first.plan, &outcome, second.as_ref());
        let plan = first.plan.clone();
        let remark = Some("there was no log bucket yet, so this run leaves no record");
        Ok(Applied { remark, trouble, ..Applied::of(plan, outcome, second, ending) })
    }

    /// Executes a plan and looks again; what was done before is part of the outcome.
    async fn carry_out(
        &self,
        plan: &Plan,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
        mut outcome: Outcome,
    ) -> Carried {
        let now = Box::pin(self.execute(plan, watch.stop, watch.tell)).await;
        outcome.done.extend(now.done);
        outcome.failed.extend(now.failed);
        outcome.skipped.extend(now.skipped);
        outcome.interrupted |= now.interrupted;
        self.look_again(plan, terms, watch, outcome).await
    }

    /// Plans again after an execution of a plan. Whatever comes of that, what was done is told.
    async fn look_again(
        &self,
        plan: &Plan,
        terms: &Terms<'_>,
        watch: &Watch<'_>,
        mut outcome: Outcome,
    ) -> Carried {
        if outcome.interrupted {
            return Carried { outcome, second: None, trouble: Vec::new() };
        }
        // A left-over that a target names is gone now, and was there.
        let gone = plan.steps.iter().map(|step| step.address.clone()).collect();
        let intent = Intent { gone, ..terms.intent.clone() };
        let answer = match outcome.is_complete() {
            true => self.verify(&intent, watch.stop, watch.tell).await,
            // What failed is still to be done: there is nothing to wait for.
            false => self.plan_until(&intent, watch.stop).await,
        };
        let (mut second, mut trouble) = (None, Vec::new());
        match answer {
            Ok(planned) => second = Some(planned.plan),
            Err(RunError::Interrupted) => outcome.interrupted = true,
            Err(error) => trouble.push(format!("the account could not be looked at again: {error}")),
        }
        Carried { outcome, second, trouble }
    }
}

/// What came of an execution.
struct Carried {
    outcome: Outcome,
    /// `None` if it was interrupted, or `trouble` says why.
    second: Option<Plan>,
    /// Without full stops.
    trouble: Vec<String>,
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
    Carried { plan: Box<Plan>, carried: Box<Carried> },
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
        // The records of the dead may have taken long.
        lock.lease(self.watch.stop).await?;
        let lost = AtomicBool::new(false);
        let done = {
            let work = Box::pin(self.work(before));
            tokio::select! {
                biased;
                done = work => done,
                () = lock.keep(self.watch.stop, &lost) => unreachable!("keeping a lock never ends"),
            }
        };
        // A process that was suspended may find the lease over before anybody tells it.
        let lost = lost.load(Ordering::SeqCst) || self.watch.stop.is_over();
        self.watch.stop.end_lease();
        let ending = match &done {
            Done::Carried { plan, carried } => ending(plan, &carried.outcome, carried.second.as_ref()),
            Done::Refused(ApplyError::Stale(_)) => Ending::Stale,
            Done::Refused(ApplyError::NeedsPerson(_)) => Ending::NeedsPerson,
            Done::Refused(_) => Ending::Failed,
        };
        let (record, troubles) = self.end(lock, &done, ending, last).await;
        match done {
            Done::Carried { plan, carried } => {
                let Carried { outcome, second, mut trouble } = *carried;
                if lost {
                    trouble.push("the lock could not be renewed in time, so this run stopped writing".into());
                }
                trouble.extend(troubles);
                let ending = if record.is_none() && lost { Ending::Lost } else { ending };
                Ok(Applied { record, buried, trouble, ..Applied::of(*plan, outcome, second, ending) })
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
                let carried = Carried { outcome, second: None, trouble: Vec::new() };
                return Done::Carried { plan: Box::new(self.first.plan.clone()), carried: Box::new(carried) };
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
        let carried = self.run.carry_out(&plan, self.terms, self.watch, before).await;
        Done::Carried { plan: Box::new(plan), carried: Box::new(carried) }
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
            // Whoever took it over writes the record, as of a run that is dead.
            Ok(None) if lock.is_owed_by_others().await.unwrap_or(true) => {
                return (None, vec!["this run has lost its lock to another one, and stopped".into()]);
            }
            // Freed or deleted by hand: nobody else would write it.
            Ok(None) => None,
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
            return (
                Some(number),
                vec!["the lock was freed or overwritten by somebody else meanwhile".into()],
            );
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
        record.selected = selected(self.terms.intent);
        // What was carried out is the plan under the lock, and what was made before it.
        let whole = match done {
            Done::Carried { plan, .. } => self.with_made(plan),
            Done::Refused(_) => self.first.plan.clone(),
        };
        record.plan.counts = counts(&whole);
        record.approvals = approvals(&whole, self.terms.intent);
        match done {
            Done::Carried { carried, .. } => {
                record.failed = carried
                    .outcome
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

    /// Returns a plan with what was made of the first one before the lock.
    fn with_made(&self, plan: &Plan) -> Plan {
        let is_in = |address: &Address| plan.steps.iter().any(|step| step.address == *address);
        let made = self.first.plan.steps.iter().filter(|step| self.made.contains(&step.address));
        let steps = made.filter(|step| !is_in(&step.address)).chain(&plan.steps).cloned().collect();
        Plan { steps, ..plan.clone() }
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
