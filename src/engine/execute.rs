//! Carries out a plan: sends each step's calls in order, waits for what AWS has not spread yet, and stops only the
//! branch that failed.

use crate::aws::{ApiError, Cx, Stop, Trouble};
use crate::engine::diff;
pub use crate::engine::event::Event;
use crate::engine::plan::{Action, Plan, Step};
use crate::engine::reading::Reading;
use crate::kinds::{self, Call, Class, Effect, Resource};
use crate::model::{Address, Input, Outputs};
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

/// Longest time a step waits for one thing to spread (permissions reference: 60 to 120 seconds is AWS's own tools' bound).
const PATIENCE: Duration = Duration::from_secs(120);

/// Longest time after which a create that got no answer is sent once more; each sending has the SDK's retries.
const TRIES: Duration = Duration::from_secs(20);

/// Why a step was not started.
pub const INTERRUPTED: &str = "interrupted";

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub done: Vec<Address>,
    pub failed: Vec<(Address, ApiError)>,
    pub skipped: Vec<(Address, String)>,
    pub interrupted: bool,
}

impl Outcome {
    /// Returns true if every step was carried out.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && !self.interrupted
    }
}

/// Carries out every step that is not blocked. When `stop` is asked, steps under way end after the call in flight, what
/// waits ends at once, and no new step starts.
pub async fn execute(plan: &Plan, cx: &Cx, stop: &Stop, tell: &(dyn Fn(Event) + Sync)) -> Outcome {
    let outputs = Mutex::new(known_outputs(plan));
    let worker = Worker { cx, stop, tell, outputs: &outputs };
    let mut outcome = Outcome::default();
    let mut waiting: Vec<&Step> = Vec::new();
    for step in &plan.steps {
        match &step.blocked {
            Some(why) => skip(&mut outcome, tell, step, why.clone()),
            None => waiting.push(step),
        }
    }
    let planned: BTreeSet<&Address> = plan.steps.iter().map(|step| &step.address).collect();
    let mut locks: BTreeSet<String> = BTreeSet::new();
    let mut running = FuturesUnordered::new();
    loop {
        let mut still = Vec::new();
        for step in waiting {
            if stop.is_asked() {
                outcome.interrupted = true;
                skip(&mut outcome, tell, step, INTERRUPTED.into());
                continue;
            }
            let fallen = step.after.iter().find(|address| {
                outcome.failed.iter().any(|(failed, _)| failed == *address)
                    || outcome.skipped.iter().any(|(skipped, _)| skipped == *address)
            });
            if let Some(cause) = fallen {
                skip(&mut outcome, tell, step, format!("it waits for {}, which was not done", cause.short()));
                continue;
            }
            let ready =
                step.after.iter().all(|address| !planned.contains(address) || outcome.done.contains(address));
            let lock = lock_of(step);
            if !ready || lock.as_ref().is_some_and(|lock| locks.contains(lock)) {
                still.push(step);
                continue;
            }
            locks.extend(lock.clone());
            let worker = &worker;
            running.push(async move {
                let began = cx.clock().now();
                let result = worker.step(step).await;
                (step, lock, result, cx.clock().now().duration_since(began).as_secs_f64())
            });
        }
        waiting = still;
        let Some((step, lock, result, seconds)) = running.next().await else { break };
        if let Some(lock) = lock {
            locks.remove(&lock);
        }
        match result {
            Ok(calls) => {
                let (address, action) = (step.address.clone(), step.action);
                tell(Event::StepDone { address, action, calls, seconds });
                outcome.done.push(step.address.clone());
            }
            Err(Some(error)) => {
                let (address, action) = (step.address.clone(), step.action);
                tell(Event::StepFailed { address, action, error: error.clone(), seconds });
                outcome.failed.push((step.address.clone(), error));
            }
            Err(None) => {
                outcome.interrupted = true;
                skip(&mut outcome, tell, step, "interrupted before it was finished".into());
            }
        }
    }
    outcome.interrupted |= stop.is_asked() && !outcome.failed.is_empty();
    outcome
}

fn skip(outcome: &mut Outcome, tell: &(dyn Fn(Event) + Sync), step: &Step, because: String) {
    tell(Event::StepSkipped { address: step.address.clone(), because: because.clone() });
    outcome.skipped.push((step.address.clone(), because));
}

fn lock_of(step: &Step) -> Option<String> {
    let state = step.desired.as_ref().or(step.observed.as_ref().map(|found| &found.state))?;
    state.lock(&step.address)
}

fn known_outputs(plan: &Plan) -> BTreeMap<Address, BTreeMap<String, String>> {
    plan.steps
        .iter()
        .map(|step| {
            let mut known: BTreeMap<String, String> =
                step.observed.iter().flat_map(|found| found.outputs.clone()).collect();
            if let Some(desired) = &step.desired {
                let given = desired.known_outputs(&step.address);
                known.extend(given.into_iter().map(|(name, value)| (name.to_owned(), value)));
            }
            (step.address.clone(), known)
        })
        .collect()
}

struct Worker<'a> {
    cx: &'a Cx,
    stop: &'a Stop,
    tell: &'a (dyn Fn(Event) + Sync),
    outputs: &'a Mutex<BTreeMap<Address, BTreeMap<String, String>>>,
}

impl Worker<'_> {
    /// Sends a step's calls; `Err(None)` means it was interrupted between two of them.
    async fn step(&self, step: &Step) -> Result<Vec<&'static str>, Option<ApiError>> {
        (self.tell)(Event::StepStarted { address: step.address.clone(), action: step.action });
        let mut desired = match (&step.desired, &step.observed) {
            (Some(desired), _) => desired.clone(),
            (None, Some(found)) => found.state.clone(),
            (None, None) => return Ok(Vec::new()),
        };
        desired.resolve(&self.inputs_of(&desired));
        let mut observed = step.observed.as_ref().map(|found| found.state.clone());
        let mut calls = step.calls.clone();
        let mut sent = Vec::new();
        let mut lost = Lost::default();
        while !calls.is_empty() {
            if self.stop.is_asked() {
                return Err(None);
            }
            let call = calls[0];
            (self.tell)(Event::StepCalls { address: step.address.clone(), call: call.name() });
            match self.call(step, &desired, observed.as_ref(), call).await {
                Ok(()) => {
                    sent.push(call.name());
                    calls.remove(0);
                }
                Err(error) if error.trouble == Trouble::Interrupted => return Err(None),
                // A create whose answer was lost may have happened: look, never create twice.
                Err(error)
                    if step.action == Action::Create && observed.is_none() && may_have_happened(&error) =>
                {
                    let found = self.found_after(step, &desired, error, &mut lost).await?;
                    if let Some(found) = found {
                        desired.adopt_given(&found);
                        if let Some(effect) = unapproved(step, &found, &desired) {
                            return Err(Some(made_meanwhile(step, call, &effect)));
                        }
                        calls = remaining(&found, &desired);
                        observed = Some(found);
                    }
                }
                Err(error) => return Err(Some(error)),
            }
        }
        Ok(sent)
    }

    fn inputs_of(&self, desired: &Resource) -> Outputs {
        let known = self.outputs.lock().expect("no panic while the lock is held");
        desired
            .inputs()
            .into_iter()
            .filter_map(|input| match input {
                Input::From(output, _) => {
                    let value = known.get(&output.address)?.get(output.attribute)?;
                    Some((output.clone(), value.clone()))
                }
                Input::Known(_) => None,
            })
            .collect()
    }

    async fn call(
        &self,
        step: &Step,
        desired: &Resource,
        observed: Option<&Resource>,
        call: Call,
    ) -> Result<(), ApiError> {
        let mut waited = Duration::ZERO;
        let mut pause = Duration::from_secs(1);
        loop {
            let own = {
                let known = self.outputs.lock().expect("no panic while the lock is held");
                known.get(&step.address).cloned().unwrap_or_default()
            };
            let error = match desired.perform(call, observed, &step.address, &own, self.cx).await {
                Ok(revealed) => {
                    let mut known = self.outputs.lock().expect("no panic while the lock is held");
                    let own = known.entry(step.address.clone()).or_default();
                    own.extend(revealed.into_iter().map(|(name, value)| (name.to_owned(), value)));
                    return Ok(());
                }
                Err(error) => error,
            };
            let reason = call
                .not_yet()
                .iter()
                .find(|wait| error.is(&[wait.code]) && error.message.contains(wait.text))
                .map(|wait| wait.waiting_for);
            let (Some(waiting_for), true) = (reason, waited < PATIENCE) else { return Err(error) };
            (self.tell)(Event::StepWaiting {
                address: step.address.clone(),
                call: call.name(),
                waiting_for,
                seconds: pause.as_secs_f64(),
                left_seconds: PATIENCE.saturating_sub(waited).as_secs_f64(),
            });
            if !self.stop.sleep(self.cx.clock(), pause).await {
                return Err(ApiError::interrupted(call.name(), &step.address.scope));
            }
            waited += pause;
            pause = (pause * 2).min(Duration::from_secs(10));
        }
    }

    /// Returns what a create left behind whose answer was lost, or what somebody else has made in the meantime; `None`: it
    /// is not there, and the create may be sent again.
    ///
    /// # Errors
    /// It is not there and was tried for long enough, it is not ours, or it cannot be read.
    async fn found_after(
        &self,
        step: &Step,
        desired: &Resource,
        error: ApiError,
        lost: &mut Lost,
    ) -> Result<Option<Resource>, Option<ApiError>> {
        loop {
            let look = self.look(step, desired).await?;
            if let Look::Found(found) = look {
                return Ok(Some(*found));
            }
            // Something has our name: AWS says so in the create before it shows it in a read.
            let is_there = says_already(&error);
            let patience = if is_there { PATIENCE } else { TRIES };
            let now = self.cx.clock().now();
            let since = *lost.since.get_or_insert(now);
            let waited = Duration::try_from(now.duration_since(since)).unwrap_or_default();
            let hopeless = matches!(look, Look::Foreign) || error.trouble == Trouble::Refused && !is_there;
            if hopeless || waited >= patience {
                return Err(Some(error));
            }
            lost.times += 1;
            let pause = Duration::from_secs(1 << lost.times.min(3));
            if !self.stop.sleep(self.cx.clock(), pause).await {
                return Err(None);
            }
            if !is_there {
                return Ok(None);
            }
        }
    }

    async fn look(&self, step: &Step, desired: &Resource) -> Result<Look, Option<ApiError>> {
        let wanted = BTreeMap::from([(step.address.clone(), desired.clone())]);
        let fresh = self.cx.again(4).until(self.stop);
        let readings = kinds::observe(step.address.kind, &fresh, &step.address.scope, &wanted)
            .await
            .map_err(unless_interrupted)?;
        match readings.into_iter().find(|(address, _)| *address == step.address) {
            Some((_, Reading::Found(found))) => {
                let mut known = self.outputs.lock().expect("no panic while the lock is held");
                known.entry(step.address.clone()).or_default().extend(found.outputs.clone());
                Ok(Look::Found(Box::new(found.state)))
            }
            // Parts of it that are not there yet: it has just been made.
            Some((_, Reading::Unreadable(errors)))
                if errors.iter().any(|error| error.trouble == Trouble::Interrupted) =>
            {
                Err(None)
            }
            Some((_, Reading::Unreadable(errors)))
                if errors.iter().any(|error| error.trouble != Trouble::NotFound) =>
            {
                Err(errors.into_iter().next())
            }
            Some((_, Reading::Foreign { .. })) => Ok(Look::Foreign),
            _ => Ok(Look::Absent),
        }
    }
}

/// Returns an error that a step fails with; `None` if it only says that the run is to end.
fn unless_interrupted(error: ApiError) -> Option<ApiError> {
    (error.trouble != Trouble::Interrupted).then_some(error)
}

/// Since when, and how often, a step has sent a create without learning what became of it.
#[derive(Default)]
struct Lost {
    since: Option<Timestamp>,
    times: u32,
}

/// What is there after a create whose answer was lost.
enum Look {
    Found(Box<Resource>),
    Absent,
    Foreign,
}

fn says_already(error: &ApiError) -> bool {
    error.code.as_deref().is_some_and(|code| code.contains("Already"))
}

/// Returns true if the call may have had its effect although it failed.
fn may_have_happened(error: &ApiError) -> bool {
    matches!(error.trouble, Trouble::Network | Trouble::Server | Trouble::Throttled) || says_already(error)
}

/// Returns what bringing a thing to its state would lose that was made while this run thought that it was not there. Of a new
/// thing nothing can be lost, so that the plan asked nobody.
fn unapproved(step: &Step, found: &Resource, desired: &Resource) -> Option<Effect> {
    let approved =
        |class: Class| step.effects.iter().any(|effect| effect.class.approval() == class.approval());
    let effects = Resource::effects(Some(found), desired);
    effects.into_iter().find(|effect| effect.class.approval().is_some() && !approved(effect.class))
}

fn made_meanwhile(step: &Step, call: Call, effect: &Effect) -> ApiError {
    let text = format!(
        "{} was made by somebody else meanwhile, and to change it needs a person's approval ({}); plan again",
        step.aws_name, effect.text
    );
    ApiError::odd(call.name(), &step.address.scope, &text)
}

fn remaining(found: &Resource, desired: &Resource) -> Vec<Call> {
    let calls: BTreeSet<Call> = diff::attributes(&found.json(), &desired.json())
        .iter()
        .filter(|attribute| desired.stands(attribute).is_none())
        .filter_map(|attribute| desired.call_for(attribute))
        .collect();
    calls.into_iter().collect()
}
