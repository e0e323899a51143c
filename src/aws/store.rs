//! Objects of the log bucket under our own prefix: reads with AWS's own time, writes under a condition. The engine keeps
//! lock and ledger there.

use crate::aws::{ApiError, Clock, Cx, Trouble};
use crate::model::Scope;
use aws_sdk_s3::types::{ChecksumAlgorithm, ServerSideEncryption};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What our keys begin with.
pub const PREFIX: &str = "auditscope/";
/// Longest object that is read; ours have a few kilobytes.
const LONGEST: i64 = 1 << 20;
/// Longest time a new bucket takes to be known everywhere.
const SPREADS: Duration = Duration::from_secs(60);
/// How often a body that ended too early, or a write that met another one, is tried.
const TRIES: u32 = 5;

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub body: Vec<u8>,
    pub etag: String,
    /// `Last-Modified`: when AWS took it, to the second.
    pub modified: Timestamp,
}

/// What was at a key, and when by AWS's clock it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// `None`: nothing is there.
    pub object: Option<Object>,
    /// `Date` of the answer.
    pub date: Timestamp,
}

/// When a write is to happen.
#[derive(Clone, Copy, Debug)]
pub enum If<'a> {
    /// Nothing is there: `If-None-Match: *`.
    Absent,
    /// What is there has this ETag: `If-Match`.
    Is(&'a str),
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// It happened; the new ETag.
    Done(String),
    /// The condition did not hold, perhaps because of an earlier try of the same write whose answer was lost.
    Not,
}

/// The log bucket.
#[derive(Debug)]
pub struct Store {
    cx: Cx,
    scope: Scope,
    bucket: String,
    /// True if the bucket has just been made, so that it may not be known everywhere.
    new: bool,
}

impl Store {
    /// Returns the store of a scope. `new`: its bucket has just been made.
    pub fn new(cx: Cx, new: bool) -> Self {
        let scope = cx.names.home();
        let bucket = cx.names.bucket("logs", &scope.region);
        Self { cx, scope, bucket, new }
    }
    /// Returns the same for another bucket of the account.
    pub fn elsewhere(cx: Cx, bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), ..Self::new(cx, false) }
    }
    /// Returns the clock that waits are measured by; never how old an object is.
    pub fn clock(&self) -> &Clock {
        self.cx.clock()
    }
    /// Returns a key as people write it: `s3://bucket/key`.
    pub fn place(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }
    /// Returns the name of the scope and its account.
    pub fn of(&self) -> (&str, &str) {
        (&self.cx.names.scope, &self.scope.account)
    }
    fn client(&self) -> aws_sdk_s3::Client {
        self.cx.s3(&self.scope)
    }

    /// Reads an object.
    ///
    /// # Errors
    /// The call failed, the body did not come whole, or the answer tells no time.
    pub async fn get(&self, key: &str) -> Result<Look, ApiError> {
        let mut tries = Tries::new(self);
        loop {
            match self.get_once(key).await {
                Err(error) if error.trouble == Trouble::Network && tries.again().await => {}
                Err(error) if self.spreads(&error) && tries.spreads().await => {}
                answer => return answer,
            }
        }
    }

    async fn get_once(&self, key: &str) -> Result<Look, ApiError> {
        let call = "s3:GetObject";
        let told = Told::default();
        let request = self
            .client()
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .expected_bucket_owner(&self.scope.account)
            .customize()
            .interceptor(told.clone())
            .send();
        let answer = self.cx.send(call, &self.scope, request).await;
        let odd = |message: &str| ApiError::odd(call, &self.scope, message);
        let date = told.date();
        let timeless = || odd("the answer does not tell its time");
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.is(&["NoSuchKey"]) => {
                return Ok(Look { object: None, date: date.ok_or_else(timeless)? });
            }
            Err(error) => return Err(error),
        };
        let date = date.ok_or_else(timeless)?;
        if answer.content_length.is_some_and(|length| length > LONGEST) {
            return Err(odd("it is far too long to be ours"));
        }
        let modified =
            answer.last_modified.as_ref().and_then(|time| Timestamp::from_second(time.secs()).ok());
        let modified = modified.ok_or_else(|| odd("the answer has no Last-Modified"))?;
        let etag = answer.e_tag.clone().ok_or_else(|| odd("the answer has no ETag"))?;
        // The SDK's retries end with the headers: a body that breaks off is tried again here.
        let body = answer.body.collect().await.map_err(|error| ApiError {
            trouble: Trouble::Network,
            ..odd(&format!("the body ended too early: {error}"))
        })?;
        Ok(Look { object: Some(Object { body: body.to_vec(), etag, modified }), date })
    }

    /// Writes an object if the condition holds.
    ///
    /// # Errors
    /// The call failed; whether it had its effect is then not known.
    pub async fn put(&self, key: &str, body: &[u8], condition: If<'_>) -> Result<Put, ApiError> {
        let mut tries = Tries::new(self);
        loop {
            let mut request = self
                .client()
                .put_object()
                .bucket(&self.bucket)
                .key(key)
                .expected_bucket_owner(&self.scope.account)
                .server_side_encryption(ServerSideEncryption::Aes256)
                // Said here, so that no setting of the environment leaves it out: a bucket with a default retention takes no
                // object without one (S3 User Guide, managing Object Lock).
                .checksum_algorithm(ChecksumAlgorithm::Crc32)
                .content_type("application/json")
                .body(body.to_vec().into());
            request = match condition {
                If::Absent => request.if_none_match("*"),
                If::Is(etag) => request.if_match(etag),
            };
            match self.cx.send("s3:PutObject", &self.scope, request.send()).await {
                Ok(answer) => {
                    let etag = answer.e_tag.ok_or_else(|| {
                        ApiError::odd("s3:PutObject", &self.scope, "the answer has no ETag")
                    })?;
                    return Ok(Put::Done(etag));
                }
                // NoSuchKey: If-Match, and what it is about was deleted (S3 API, PutObject).
                Err(error) if error.status == Some(412) || error.is(&["NoSuchKey"]) => return Ok(Put::Not),
                // Another conditional write of the same key was under way (S3 API, PutObject: 409).
                Err(error) if error.status == Some(409) && tries.again().await => {}
                Err(error) if self.spreads(&error) && tries.spreads().await => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn spreads(&self, error: &ApiError) -> bool {
        self.new && error.is(&["NoSuchBucket"])
    }

    /// Returns every key under a prefix, sorted.
    ///
    /// # Errors
    /// The call failed.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, ApiError> {
        let mut keys = Vec::new();
        let mut token = None;
        let mut tries = Tries::new(self);
        loop {
            let request = self
                .client()
                .list_objects_v2()
                .bucket(&self.bucket)
                .prefix(prefix)
                .expected_bucket_owner(&self.scope.account)
                .set_continuation_token(token.clone())
                .send();
            let page = match self.cx.send("s3:ListObjectsV2", &self.scope, request).await {
                Err(error) if self.spreads(&error) && tries.spreads().await => continue,
                page => page?,
            };
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
            token = page.next_continuation_token.filter(|_| page.is_truncated.unwrap_or(false));
            if token.is_none() {
                keys.sort();
                return Ok(keys);
            }
        }
    }

    /// Returns true if the bucket has not one version of anything.
    ///
    /// # Errors
    /// The call failed.
    pub async fn is_empty(&self) -> Result<bool, ApiError> {
        let request = self
            .client()
            .list_object_versions()
            .bucket(&self.bucket)
            .expected_bucket_owner(&self.scope.account)
            .max_keys(1)
            .send();
        let page = self.cx.send("s3:ListObjectVersions", &self.scope, request).await?;
        Ok(page.versions().is_empty() && page.delete_markers().is_empty())
    }

    /// Returns how many versions, and how many delete markers, each key under a prefix has.
    ///
    /// # Errors
    /// The call failed.
    pub async fn versions(&self, prefix: &str) -> Result<BTreeMap<String, (usize, usize)>, ApiError> {
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let (mut key, mut version) = (None, None);
        loop {
            let request = self
                .client()
                .list_object_versions()
                .bucket(&self.bucket)
                .prefix(prefix)
                .expected_bucket_owner(&self.scope.account)
                .set_key_marker(key)
                .set_version_id_marker(version)
                .send();
            let page = self.cx.send("s3:ListObjectVersions", &self.scope, request).await?;
            for found in page.versions.unwrap_or_default().into_iter().filter_map(|one| one.key) {
                counts.entry(found).or_default().0 += 1;
            }
            for found in page.delete_markers.unwrap_or_default().into_iter().filter_map(|one| one.key) {
                counts.entry(found).or_default().1 += 1;
            }
            if !page.is_truncated.unwrap_or(false) {
                return Ok(counts);
            }
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
        }
    }
}

/// How often, and for how long, one request has been sent again.
struct Tries<'a> {
    store: &'a Store,
    times: u32,
    waited: Duration,
}

impl<'a> Tries<'a> {
    fn new(store: &'a Store) -> Self {
        Self { store, times: 0, waited: Duration::ZERO }
    }
    /// Waits and returns true unless it was tried often enough.
    async fn again(&mut self) -> bool {
        self.times += 1;
        if self.times >= TRIES {
            return false;
        }
        self.store.clock().sleep(Duration::from_secs(1 << self.times.min(3))).await;
        true
    }
    /// Waits for a new bucket and returns true unless that has taken too long.
    async fn spreads(&mut self) -> bool {
        let pause = Duration::from_secs(2);
        self.waited += pause;
        if self.waited > SPREADS {
            return false;
        }
        self.store.clock().sleep(pause).await;
        true
    }
}

/// Remembers the `Date` of the answer: an object's age is AWS's matter, not of a machine whose clock may be wrong.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<Option<Timestamp>>>);

impl Told {
    fn date(&self) -> Option<Timestamp> {
        *self.0.lock().expect("no panic while the lock is held")
    }
}

#[dyn_dispatch_hint]
impl Intercept for Told {
    fn name(&self) -> &'static str {
        "DateOfAnswer"
    }
    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|text| DateTime::from_str(text, Format::HttpDate).ok());
        let date = date.and_then(|date| Timestamp::from_second(date.secs()).ok());
        *self.0.lock().expect("no panic while the lock is held") = date;
        Ok(())
    }
}
