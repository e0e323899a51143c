//! One run over one account: facts, observation, plan, execution, and the proof that a second plan is empty.

use crate::aws::store::Store;
use crate::aws::{ApiError, Cx, Gauge, Session, Stop, Trouble};
use crate::blueprint::Blueprint;
use crate::engine::execute::{self, Event, Outcome};
use crate::engine::graph::Cycle;
use crate::engine::observe::{Observation, observe};
use crate::engine::plan::select::SelectionError;
use crate::engine::plan::{Action, Goal, Intent, Plan, PlanError, plan};
use crate::engine::preflight::{self, Census, Obstacle};
use crate::kinds::{self, Facts, Kind, Resource};
use crate::model::{Address, Names};
use std::collections::BTreeMap;
use std::time::Duration;

/// Why a run could not even make a plan.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RunError {
    #[error("the credentials are for account {actual}, the blueprint is for {wanted}")]
    WrongAccount { wanted: String, actual: String },
    #[error(transparent)]
    Aws(#[from] ApiError),
    #[error("the plan has no order")]
    NoOrder(#[from] Cycle),
    #[error(transparent)]
    Selection(#[from] SelectionError),
    #[error("the trail is to cover an organization, but account {0} is not in one")]
    NoOrganization(String),
    #[error("interrupted while reading the account; nothing was written meanwhile")]
    Interrupted,
}

impl From<PlanError> for RunError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::NoOrder(cycle) => Self::NoOrder(cycle),
            PlanError::Selection(error) => Self::Selection(error),
        }
    }
}

impl RunError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::WrongAccount { .. } => {
                "choose other credentials with --profile or --role-arn; nothing was read".into()
            }
            Self::Aws(error) => error.hint(),
            Self::NoOrder(_) => "this is a mistake in auditscope; please report it with the blueprint".into(),
            Self::Selection(error) => error.hint(),
            Self::NoOrganization(_) => {
                "set trail.organization = false, or run in the management account".into()
            }
            Self::Interrupted => "run it again".into(),
        }
    }
}

/// Pauses between the looks of [`Run::verify`] double from 2 seconds up to here, where what differs counts as a failure; so
/// this, less the pause to come, is what is left of the time.
const LAST_LOOK: Duration = Duration::from_secs(32);

/// A run over one account.
#[derive(Debug)]
pub struct Run {
    session: Session,
    blueprint: Blueprint,
    facts: Facts,
    parallelism: usize,
    /// ARN of the caller.
    pub caller: String,
    pacing: Cx,
}

/// A plan, what it was made from, and what was asked for.
#[derive(Debug)]
pub struct Planned {
    pub plan: Plan,
    pub observation: Observation,
    pub desired: BTreeMap<Address, Resource>,
}

impl Run {
    /// Checks the account before the first read, and reads the facts the blueprint needs.
    ///
    /// # Errors
    /// Another account, no credentials, no organization.
    pub async fn open(session: Session, blueprint: Blueprint, parallelism: usize) -> Result<Self, RunError> {
        let (actual, caller) = session.caller().await?;
        let wanted = blueprint.scope.account.clone();
        if actual != wanted {
            return Err(RunError::WrongAccount { wanted, actual });
        }
        let names = Names::of(&blueprint);
        let mut facts = Facts::default();
        if blueprint.trail.organization {
            let cx = Cx::new(&session, names.clone(), Facts::default(), parallelism);
            let home = names.home();
            let request = cx.organizations(&home).describe_organization().send();
            let id = match cx.send("organizations:DescribeOrganization", &home, request).await {
                Ok(answer) => answer.organization.and_then(|organization| organization.id),
                Err(error) if error.is(&["AWSOrganizationsNotInUseException"]) => None,
                Err(error) => return Err(error.into()),
            };
            facts.organization_id = Some(id.ok_or(RunError::NoOrganization(wanted))?);
        }
        let pacing = Cx::new(&session, names, facts.clone(), parallelism);
        Ok(Self { session, blueprint, facts, parallelism, caller, pacing })
    }
    /// Returns the blueprint.
    pub fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }
    /// Returns the session.
    pub fn session(&self) -> &Session {
        &self.session
    }
    /// Returns what goes on between this run and AWS.
    pub fn gauge(&self) -> &Gauge {
        self.pacing.gauge()
    }
    /// Observes the account and plans.
    ///
    /// # Errors
    /// The plan has no order, or the selection makes none.
    pub async fn plan(&self, intent: &Intent) -> Result<Planned, RunError> {
        self.plan_with(&self.pacing.again(self.parallelism), intent).await
    }
    /// The same, given up as soon as the end is asked for.
    ///
    /// # Errors
    /// As [`Run::plan`], and [`RunError::Interrupted`].
    pub async fn plan_until(&self, intent: &Intent, stop: &Stop) -> Result<Planned, RunError> {
        self.plan_with_until(&self.pacing.again(self.parallelism), intent, stop).await
    }
    async fn plan_with_until(&self, cx: &Cx, intent: &Intent, stop: &Stop) -> Result<Planned, RunError> {
        tokio::select! {
            biased;
            () = stop.asked() => Err(RunError::Interrupted),
            planned = self.plan_with(cx, intent) => planned,
        }
    }
    /// Plans again from what was read, for an intent that approves more.
    ///
    /// # Errors
    /// It has no order, or the selection makes none.
    pub fn plan_anew(&self, planned: Planned, intent: &Intent) -> Result<Planned, PlanError> {
        let Planned { observation, desired, plan: before } = planned;
        let mut plan = plan(&desired, &observation, &Names::of(&self.blueprint), intent)?;
        plan.obstacles = before.obstacles;
        Ok(Planned { plan, observation, desired })
    }
    async fn plan_with(&self, cx: &Cx, intent: &Intent) -> Result<Planned, RunError> {
        let desired = kinds::desired(&self.blueprint, &self.facts);
        let observation = observe(cx, &desired).await;
        let plan = plan(&desired, &observation, &cx.names, intent)?;
        Ok(Planned { plan, observation, desired })
    }
    /// Returns what would make a plan fail half-way. Reads what is already there and not ours, as far as the plan's steps
    /// make it matter; a plan without steps costs no call.
    pub async fn preflight(&self, planned: &Planned) -> Vec<Obstacle> {
        let Planned { plan, observation, desired } = planned;
        let facts = match plan.goal {
            Goal::Converge => preflight::census::take(&self.pacing.again(self.parallelism), plan).await,
            Goal::Destroy => Census::default(),
        };
        preflight::check(plan, desired, observation, &facts)
    }
    /// Returns the log bucket as the place of lock and ledger. `new`: it has just been made.
    pub fn store(&self, new: bool) -> Store {
        Store::new(self.pacing.again(self.parallelism), new)
    }
    /// Returns another bucket of the account as such a place.
    pub(super) fn store_in(&self, bucket: &str) -> Store {
        Store::elsewhere(self.pacing.again(self.parallelism), bucket)
    }
    /// Plans right after our own writes, for as long as AWS may still show old values of what was written.
    ///
    /// # Errors
    /// As [`Run::plan`], and [`RunError::Interrupted`].
    pub(super) async fn plan_behind(
        &self,
        intent: &Intent,
        written: &[Address],
        stop: &Stop,
    ) -> Result<Planned, RunError> {
        let mut pause = Duration::from_secs(2);
        loop {
            let cx = self.pacing.after_writes(self.parallelism);
            let planned = self.plan_with_until(&cx, intent, stop).await?;
            let shows_old = planned.plan.steps.iter().any(|step| written.contains(&step.address));
            if !shows_old || is_hidden(&planned.plan) || pause >= LAST_LOOK {
                return Ok(planned);
            }
            if !stop.sleep(self.session.clock(), pause).await {
                return Err(RunError::Interrupted);
            }
            pause *= 2;
        }
    }
    /// Carries out a plan.
    pub async fn execute(&self, plan: &Plan, stop: &Stop, tell: &(dyn Fn(Event) + Sync)) -> Outcome {
        self.pacing.forget();
        let cx = self.pacing.after_writes(self.parallelism).until(stop);
        execute::execute(plan, &cx, stop, tell).await
    }
    /// Plans until nothing differs, for as long as AWS may still show old values (permissions reference: read your
    /// write); what is left after that is a failure of this tool. Follows a deletion with the one write that can only
    /// come after it: an empty Region leaves the trail's tag.
    ///
    /// # Errors
    /// As [`Run::plan`], and [`RunError::Interrupted`].
    pub async fn verify(
        &self,
        intent: &Intent,
        stop: &Stop,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<Planned, RunError> {
        tell(Event::VerifyStarted);
        let mut pause = Duration::from_secs(2);
        let mut follow_up = intent.goal == Goal::Converge;
        loop {
            let cx = self.pacing.after_writes(self.parallelism);
            let planned = self.plan_with_until(&cx, intent, stop).await?;
            if planned.plan.is_empty() || is_hidden(&planned.plan) || pause >= LAST_LOOK {
                return Ok(planned);
            }
            if follow_up && only_region_tag(&planned.plan) {
                follow_up = false;
                self.execute(&planned.plan, stop, tell).await;
                continue;
            }
            tell(Event::VerifyWaiting {
                differing: planned.plan.steps.len(),
                seconds: pause.as_secs_f64(),
                left_seconds: LAST_LOOK.saturating_sub(pause).as_secs_f64(),
            });
            if !stop.sleep(self.session.clock(), pause).await {
                return Err(RunError::Interrupted);
            }
            pause *= 2;
        }
    }
}

/// Returns true if something cannot be read after all retries, which is not a matter of waiting; what one read knows and
/// the next does not find is.
fn is_hidden(plan: &Plan) -> bool {
    let blind = plan.blind.iter().map(|(_, _, error)| error);
    blind.chain(plan.errors.values().flatten()).any(|error| error.trouble != Trouble::NotFound)
}

fn only_region_tag(plan: &Plan) -> bool {
    plan.blind.is_empty()
        && plan.steps.iter().all(|step| {
            step.address.kind == Kind::Trail
                && step.action == Action::Update
                && step
                    .changes
                    .iter()
                    .all(|change| change.path.starts_with(&format!("tags.{}", crate::model::tags::REGIONS)))
        })
}
