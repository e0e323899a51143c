//! The context of one run: clients, pacing, what was read in bulk, and what was noticed on the way.

use crate::aws::pace::Pacer;
use crate::aws::{ApiError, Clock, Gauge, Session, Stop, Trouble};
use crate::kinds::Facts;
use crate::model::tags::{self, Tags};
use crate::model::{Names, Scope};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore};

/// How long an answer is waited for after the last moment in which its call could be sent.
const LAST_ANSWER: Duration = Duration::from_secs(45);

/// Something about the surroundings that is worth a line in the plan but is nobody's difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// One sentence without a full stop.
    pub text: String,
}

/// Tags of tagged resources in one Region, by ARN.
pub type Tagged = BTreeMap<String, Tags>;

/// Alarms of both kinds in one Region whose names begin as ours do.
#[derive(Debug, Default)]
pub struct Alarms {
    pub metric: Vec<aws_sdk_cloudwatch::types::MetricAlarm>,
    pub composite: Vec<aws_sdk_cloudwatch::types::CompositeAlarm>,
}

/// What is read once a Region.
type Once<T> = Mutex<BTreeMap<Scope, Arc<OnceCell<Arc<T>>>>>;

fn cell<T>(once: &Once<T>, scope: &Scope) -> Arc<OnceCell<Arc<T>>> {
    let mut cells = once.lock().expect("no panic while the lock is held");
    cells.entry(scope.clone()).or_default().clone()
}

#[derive(Clone, Debug)]
struct Clients {
    cloudtrail: aws_sdk_cloudtrail::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    kms: aws_sdk_kms::Client,
    iam: aws_sdk_iam::Client,
    s3: aws_sdk_s3::Client,
    s3control: aws_sdk_s3control::Client,
    sns: aws_sdk_sns::Client,
    bedrock: aws_sdk_bedrock::Client,
    organizations: aws_sdk_organizations::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
}

/// One observation or one execution. Bulk reads are remembered here, so that nothing is read twice.
#[derive(Debug)]
pub struct Cx {
    session: Session,
    /// Names of the scope.
    pub names: Names,
    /// Facts about the account.
    pub facts: Facts,
    permits: Semaphore,
    pacer: Arc<Pacer>,
    gauge: Arc<Gauge>,
    stop: Stop,
    clients: Mutex<BTreeMap<String, Clients>>,
    tagged: Once<Tagged>,
    /// What this run has read back after its own writes; an observation later in the same run may use it.
    fresh: Arc<Mutex<Tagged>>,
    alarms: Once<Alarms>,
    notes: Mutex<Vec<Note>>,
}

impl Cx {
    /// Returns a context that keeps at most `parallelism` calls in flight.
    pub fn new(session: &Session, names: Names, facts: Facts, parallelism: usize) -> Self {
        Self {
            session: session.clone(),
            names,
            facts,
            permits: Semaphore::new(parallelism.max(1)),
            pacer: Arc::default(),
            gauge: Arc::default(),
            stop: Stop::default(),
            clients: Mutex::default(),
            tagged: Mutex::default(),
            fresh: Arc::default(),
            alarms: Mutex::default(),
            notes: Mutex::default(),
        }
    }
    /// Returns a context for another look at the same account: bulk reads are forgotten, the pace is kept.
    pub fn again(&self, parallelism: usize) -> Self {
        Self {
            pacer: self.pacer.clone(),
            gauge: self.gauge.clone(),
            ..Self::new(&self.session, self.names.clone(), self.facts.clone(), parallelism)
        }
    }
    /// Returns the same for a look right after our own writes: what was read back since then is used.
    pub fn after_writes(&self, parallelism: usize) -> Self {
        Self { fresh: self.fresh.clone(), ..self.again(parallelism) }
    }
    /// Returns the same, but calls that wait for their turn end with [`ApiError::interrupted`] when the end is asked for.
    pub fn until(self, stop: &Stop) -> Self {
        Self { stop: stop.clone(), ..self }
    }
    /// Returns what goes on between this run and AWS; the same for every look of a run.
    pub fn gauge(&self) -> &Gauge {
        &self.gauge
    }
    /// Forgets what was read back.
    pub fn forget(&self) {
        self.fresh.lock().expect("no panic while the lock is held").clear();
    }
    /// Returns the clock.
    pub fn clock(&self) -> &Clock {
        self.session.clock()
    }
    /// Sends one call, within the bound and the published rate.
    ///
    /// # Errors
    /// What AWS answered, or that it did not, or that the run is to end and nothing was sent.
    pub async fn send<T, E>(
        &self,
        call: &str,
        scope: &Scope,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, ApiError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let (place, now) = (scope.to_string(), self.clock().now());
        let wait = self.pacer.reserve(call, &place, now);
        if !wait.is_zero() {
            let due = now.saturating_add(wait).unwrap_or(now);
            let _waits = self.gauge.waits(call, &place, due);
            if !self.stop.sleep(self.clock(), wait).await {
                return Err(ApiError::interrupted(call, scope));
            }
        }
        let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
        if self.stop.is_asked() {
            return Err(ApiError::interrupted(call, scope));
        }
        let _flies = self.gauge.flies();
        let mut request = Box::pin(request);
        let answer = loop {
            // Retries of one call may outlast the lease it was sent under: then nobody waits for them. The sandbox answers
            // at once.
            let (Some(_), Clock::System) = (self.stop.left(), self.clock()) else { break request.await };
            // Again and again, for a timer stands still as long as the machine sleeps.
            tokio::select! {
                answer = &mut request => break answer,
                () = self.clock().sleep(Duration::from_secs(1)) => {}
            }
            if self.stop.is_long_over(LAST_ANSWER) {
                return Err(ApiError {
                    trouble: Trouble::Network,
                    ..ApiError::odd(call, scope, "no answer came before the lock's lease was over")
                });
            }
        };
        answer.map_err(|error| ApiError::from_sdk(call, scope, &error, self.clock().now()))
    }
    /// Notes something about the surroundings.
    pub fn note(&self, text: impl Into<String>) {
        self.notes.lock().expect("no panic while the lock is held").push(Note { text: text.into() });
    }
    /// Returns what was noted, sorted.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.notes.lock().expect("no panic while the lock is held").clone();
        notes.sort();
        notes.dedup();
        notes
    }
    /// Returns what GetResources lists under our scope tag in a Region. It lags and leaves IAM roles out: it finds
    /// left-overs and saves tag reads, and never proves that something is absent (Resource Groups Tagging API).
    ///
    /// # Errors
    /// The call failed; remembered only when it succeeds.
    pub async fn tagged(&self, scope: &Scope) -> Result<Arc<Tagged>, ApiError> {
        cell(&self.tagged, scope).get_or_try_init(|| self.read_tagged(scope)).await.cloned()
    }
    /// Returns the names of resources that carry our tag in a Region, by what `name` makes of their ARNs. If they cannot be
    /// found, that is noted: `what` are then perhaps left over.
    pub async fn carriers(
        &self,
        scope: &Scope,
        what: &str,
        name: impl Fn(&str) -> Option<String>,
    ) -> BTreeSet<String> {
        match self.tagged(scope).await {
            Ok(tagged) => tagged.keys().filter_map(|arn| name(arn)).collect(),
            Err(error) => {
                self.note(format!("left-over {what} in {scope} cannot be found: {error}"));
                BTreeSet::new()
            }
        }
    }
    /// Returns the tags of a resource: what was read in bulk or right after our own write if that is exactly what is
    /// wanted, else what the service itself says.
    ///
    /// GetResources lags, so that it can neither show a missing tag nor whose a resource is (Resource Groups Tagging
    /// API); a tag that somebody takes off is seen once it has caught up.
    ///
    /// # Errors
    /// The service was asked and failed.
    pub async fn tags(
        &self,
        scope: &Scope,
        arn: &str,
        wanted: Option<&Tags>,
        ask: impl Future<Output = Result<Tags, ApiError>>,
    ) -> Result<Tags, ApiError> {
        if let Some(wanted) = wanted {
            if self.fresh.lock().expect("no panic while the lock is held").get(arn) == Some(wanted) {
                return Ok(wanted.clone());
            }
            // A bulk read that fails only costs the calls that it saves.
            let bulk = self.tagged(scope).await.ok();
            if bulk.as_ref().and_then(|bulk| bulk.get(arn)) == Some(wanted) {
                return Ok(wanted.clone());
            }
        }
        ask.await
    }
    /// Remembers tags that the service told in this run, after our own write.
    pub fn remember_tags(&self, arn: &str, tags: Tags) {
        self.fresh.lock().expect("no panic while the lock is held").insert(arn.to_owned(), tags);
    }
    async fn read_tagged(&self, scope: &Scope) -> Result<Arc<Tagged>, ApiError> {
        use aws_sdk_resourcegroupstagging::types::TagFilter;
        let client = self.client(scope).tagging;
        let filter = TagFilter::builder().key(tags::SCOPE).values(&self.names.scope).build();
        let mut tagged = Tagged::new();
        let mut token = None;
        loop {
            // A hundred is the most; fifty is what comes unasked (Resource Groups Tagging API, GetResources).
            let request = client.get_resources().tag_filters(filter.clone()).resources_per_page(100);
            let request = request.set_pagination_token(token).send();
            let page = self.send("tag:GetResources", scope, request).await?;
            for mapping in page.resource_tag_mapping_list.unwrap_or_default() {
                let pairs = mapping.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
                tagged.insert(mapping.resource_arn.unwrap_or_default(), tags::from_pairs(pairs));
            }
            token = page.pagination_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(Arc::new(tagged));
            }
        }
    }
    /// Returns the alarms under our prefix, both kinds in one list: a name belongs to one of them.
    ///
    /// # Errors
    /// The call failed; remembered only when it succeeds.
    pub async fn alarms(&self, scope: &Scope) -> Result<Arc<Alarms>, ApiError> {
        cell(&self.alarms, scope).get_or_try_init(|| self.read_alarms(scope)).await.cloned()
    }
    async fn read_alarms(&self, scope: &Scope) -> Result<Arc<Alarms>, ApiError> {
        use aws_sdk_cloudwatch::types::AlarmType;
        let client = self.client(scope).cloudwatch;
        let mut alarms = Alarms::default();
        let mut token = None;
        loop {
            // Without the types only metric alarms are listed (CloudWatch API, DescribeAlarms).
            let request = client
                .describe_alarms()
                .alarm_name_prefix(self.names.detection(""))
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm)
                .max_records(100)
                .set_next_token(token)
                .send();
            let page = self.send("cloudwatch:DescribeAlarms", scope, request).await?;
            alarms.metric.extend(page.metric_alarms.unwrap_or_default());
            alarms.composite.extend(page.composite_alarms.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(Arc::new(alarms));
            }
        }
    }
    fn client(&self, scope: &Scope) -> Clients {
        let mut clients = self.clients.lock().expect("no panic while the lock is held");
        clients
            .entry(scope.region.clone())
            .or_insert_with(|| {
                let config = self.session.config(&scope.region);
                Clients {
                    cloudtrail: aws_sdk_cloudtrail::Client::new(&config),
                    cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
                    logs: aws_sdk_cloudwatchlogs::Client::new(&config),
                    kms: aws_sdk_kms::Client::new(&config),
                    iam: aws_sdk_iam::Client::new(&config),
                    s3: aws_sdk_s3::Client::new(&config),
                    s3control: self.session.s3control(&config),
                    sns: aws_sdk_sns::Client::new(&config),
                    bedrock: aws_sdk_bedrock::Client::new(&config),
                    organizations: aws_sdk_organizations::Client::new(&config),
                    tagging: aws_sdk_resourcegroupstagging::Client::new(&config),
                }
            })
            .clone()
    }
}

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $krate:ident),+ $(,)?) => {
        impl Cx { $($(#[$doc])* pub fn $name(&self, scope: &Scope) -> $krate::Client { self.client(scope).$name })+ }
    };
}

clients! {
    /// Returns the CloudTrail client of a Region.
    cloudtrail: aws_sdk_cloudtrail,
    /// Returns the CloudWatch client of a Region.
    cloudwatch: aws_sdk_cloudwatch,
    /// Returns the CloudWatch Logs client of a Region.
    logs: aws_sdk_cloudwatchlogs,
    /// Returns the KMS client of a Region.
    kms: aws_sdk_kms,
    /// Returns the IAM client; IAM is global, the Region only signs.
    iam: aws_sdk_iam,
    /// Returns the S3 client of a Region.
    s3: aws_sdk_s3,
    /// Returns the S3 Control client of a Region: access points.
    s3control: aws_sdk_s3control,
    /// Returns the SNS client of a Region.
    sns: aws_sdk_sns,
    /// Returns the Bedrock client of a Region.
    bedrock: aws_sdk_bedrock,
    /// Returns the Organizations client; the service is global.
    organizations: aws_sdk_organizations,
}
