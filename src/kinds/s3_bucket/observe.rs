//! Reads buckets: every setting side by side; HeadBucket settles what failed reads leave open.

mod added;

use super::settings::transition;
use super::{Added, Encryption, Logging, ObjectLock, PublicAccessBlock, Rule, S3Bucket, members};
use crate::aws::members::Members;
use crate::aws::{ApiError, Cx, Trouble, store};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Wanted, owned, policies};
use crate::model::tags::{self, Tags};
use crate::model::{Address, Input, Policy, Scope};
use aws_sdk_s3::types::{Grantee, LifecycleRule, LifecycleRuleFilter, TargetGrant};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Display;
use std::time::Duration;

/// Longest time a new bucket takes to be known everywhere.
const SPREADS: Duration = Duration::from_secs(60);

/// Returns a reading for each wanted bucket and for every other bucket of the Region that carries our tag.
///
/// # Errors
/// None of its own: what fails is a reading.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, S3Bucket>],
) -> Result<Vec<(Address, Reading<S3Bucket>)>, ApiError> {
    // What is asked for is read at once; what else carries our tag is known only when the index has answered.
    let asked = join_all(
        wanted
            .iter()
            .map(|wanted| async { (wanted.address.clone(), look(cx, scope, &wanted.state.name).await) }),
    );
    let left_over = async {
        let found = cx.carriers(scope, "buckets", bucket_name).await;
        let others = found.into_iter().filter(|name| !wanted.iter().any(|wanted| wanted.state.name == *name));
        let looks = others.map(|name| async move {
            let address = Address::new(Kind::S3Bucket, role_of(cx, scope, &name), scope);
            (address, look(cx, scope, &name).await)
        });
        join_all(looks).await
    };
    let (mut readings, left_over, points) = tokio::join!(asked, left_over, added::access_points(cx, scope));
    let counts = |reading: &Reading<S3Bucket>| matches!(reading, Reading::Found(_) | Reading::Unreadable(_));
    readings.extend(left_over.into_iter().filter(|(_, reading)| counts(reading)));
    let known = |(address, reading)| (address, with_access_points(reading, &points));
    Ok(readings.into_iter().map(known).collect())
}

/// Adds the access points to a bucket that is there; if they could not be listed, not everything is known of it.
fn with_access_points(
    reading: Reading<S3Bucket>,
    points: &Result<BTreeMap<String, BTreeSet<String>>, ApiError>,
) -> Reading<S3Bucket> {
    let add = |mut found: Box<Found<S3Bucket>>, points: &BTreeMap<String, BTreeSet<String>>| {
        found.state.added.access_points = points.get(&found.state.name).cloned().unwrap_or_default();
        found
    };
    match (reading, points) {
        (Reading::Found(found), Ok(points)) => Reading::Found(add(found, points)),
        (Reading::Foreign { found: Some(found), why }, Ok(points)) => {
            Reading::Foreign { found: Some(add(found, points)), why }
        }
        (Reading::Found(_) | Reading::Foreign { found: Some(_), .. }, Err(error)) => {
            Reading::Unreadable(vec![error.clone()])
        }
        (reading, _) => reading,
    }
}

/// Returns the role that a bucket's name fits, else the name.
fn role_of(cx: &Cx, scope: &Scope, name: &str) -> String {
    let fits = |role: &&str| {
        cx.names.bucket(role, &scope.region) == name
            && (*role == "prompts" || scope.region == cx.names.home_region)
    };
    ["logs", "access", "prompts"].into_iter().find(fits).unwrap_or(name).to_owned()
}

fn bucket_name(arn: &str) -> Option<String> {
    let (_, name) = arn.split_once(":s3:::")?;
    (!name.contains('/')).then(|| name.to_owned())
}

async fn look(cx: &Cx, scope: &Scope, name: &str) -> Reading<S3Bucket> {
    let (mut waited, mut pause) = (Duration::ZERO, Duration::from_secs(1));
    loop {
        let bucket = Bucket { cx, scope, name, told: Members::default() };
        let errors = match Box::pin(read(&bucket)).await {
            Ok((state, notes)) => return found(&bucket, state, notes),
            Err(errors) => errors,
        };
        let spreads = errors.iter().all(|error| error.is(&["NoSuchBucket"]));
        match bucket.told_by_head(&errors).await {
            Ok(Some(reading)) => return reading,
            Ok(None) => {}
            Err(error) => return Reading::Unreadable(errors.into_iter().chain([error]).collect()),
        }
        // HeadBucket knows it and nothing else does: the bucket has just been made and the news spreads (S3 User Guide,
        // consistency model). Another run, or one that was killed, made it, and waiting is all it takes.
        if !spreads || waited >= SPREADS {
            return Reading::Unreadable(errors);
        }
        cx.clock().sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(Duration::from_secs(10));
    }
}

fn found(bucket: &Bucket<'_>, state: S3Bucket, notes: Vec<String>) -> Reading<S3Bucket> {
    let (name, tags) = (state.name.clone(), state.tags.clone());
    let arn = format!("arn:{}:s3:::{name}", crate::model::Names::partition(&bucket.scope.region));
    let mut found = Found::new(state, [("arn", arn), ("name", name)]);
    found.notes = notes;
    found.unknown = bucket.told.unknown();
    owned(found, &tags, &bucket.cx.names.scope)
}

fn elsewhere(region: &str) -> Reading<S3Bucket> {
    Reading::Foreign { found: None, why: format!("a bucket of this name is in {region}") }
}

/// Reads every setting; the errors are all that failed.
async fn read(bucket: &Bucket<'_>) -> Result<(S3Bucket, Vec<String>), Vec<ApiError>> {
    // Boxed: a dozen requests side by side are too much for a small stack.
    let (
        ownership,
        block,
        versioning,
        encryption,
        lock,
        lifecycle,
        policy,
        logging,
        replication,
        notifications,
        website,
        tags,
    ) = tokio::join!(
        Box::pin(bucket.ownership_and_acl()),
        Box::pin(bucket.public_access_block()),
        Box::pin(bucket.versioning()),
        Box::pin(bucket.encryption()),
        Box::pin(bucket.object_lock()),
        Box::pin(bucket.lifecycle()),
        Box::pin(bucket.policy()),
        Box::pin(bucket.logging()),
        Box::pin(bucket.replication()),
        Box::pin(bucket.notifications()),
        Box::pin(bucket.website()),
        Box::pin(bucket.tags()),
    );
    let mut errors = Vec::new();
    let (lifecycle, lifecycle_minimum_size) = keep(lifecycle, &mut errors);
    let (object_ownership, acl) = keep(ownership, &mut errors);
    let (notifications, event_bridge) = keep(notifications, &mut errors);
    let added = Added {
        acl,
        replication: keep(replication, &mut errors),
        notifications,
        website: keep(website, &mut errors),
        // Listed for all buckets at once.
        access_points: BTreeSet::new(),
        event_bridge,
    };
    let mut state = S3Bucket {
        name: bucket.name.to_owned(),
        object_ownership,
        public_access_block: keep(block, &mut errors),
        versioning: keep(versioning, &mut errors),
        encryption: keep(encryption, &mut errors),
        object_lock: keep(lock, &mut errors),
        lifecycle,
        lifecycle_minimum_size,
        policy: keep(policy, &mut errors),
        logging: keep(logging, &mut errors),
        added,
        tags: keep(tags, &mut errors),
        holds_nothing: false,
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    if state.lifecycle.is_empty() {
        state.holds_nothing = bucket.holds_nothing().await.map_err(|error| vec![error])?;
    }
    let mut notes: Vec<String> =
        state.policy.as_ref().and_then(policies::deleted_principals).into_iter().collect();
    if state.added.event_bridge {
        notes.push("events of its objects also go to EventBridge, where a rule may send them on".to_owned());
    }
    Ok((state, notes))
}

fn keep<T: Default>(answer: Result<T, ApiError>, errors: &mut Vec<ApiError>) -> T {
    answer.unwrap_or_else(|error| {
        errors.push(error);
        T::default()
    })
}

/// What a bucket holds, versions and delete markers alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    Nothing,
    /// Only our lock and ledger, which are no records of calls.
    Own,
    /// Something else, or more of our own than one page lists.
    Records,
}

/// Returns what a bucket holds, by one page of its versions.
pub(super) async fn contents(cx: &Cx, scope: &Scope, name: &str) -> Result<Contents, ApiError> {
    let request =
        cx.s3(scope).list_object_versions().bucket(name).expected_bucket_owner(&scope.account).send();
    let page = cx.send("s3:ListObjectVersions", scope, request).await?;
    let versions = page.versions().iter().map(|version| version.key());
    let keys: Vec<_> = versions.chain(page.delete_markers().iter().map(|marker| marker.key())).collect();
    let is_own = |key: &Option<&str>| key.is_some_and(|key| key.starts_with(store::PREFIX));
    Ok(match page.is_truncated.unwrap_or(false) || !keys.iter().all(is_own) {
        true => Contents::Records,
        false if keys.is_empty() => Contents::Nothing,
        false => Contents::Own,
    })
}

/// A bucket that is being read.
struct Bucket<'a> {
    cx: &'a Cx,
    scope: &'a Scope,
    name: &'a str,
    told: Members,
}

impl Bucket<'_> {
    fn client(&self) -> aws_sdk_s3::Client {
        self.cx.s3(self.scope)
    }
    fn owner(&self) -> &str {
        &self.scope.account
    }
    /// Asks HeadBucket what failed reads leave open: whether the bucket is there, here, and ours to read; `None` if so.
    async fn told_by_head(&self, errors: &[ApiError]) -> Result<Option<Reading<S3Bucket>>, ApiError> {
        let request =
            self.client().head_bucket().bucket(self.name).expected_bucket_owner(self.owner()).send();
        match self.cx.send("s3:HeadBucket", self.scope, request).await {
            Ok(answer) => {
                let region = answer.bucket_region.unwrap_or_default();
                Ok((!region.is_empty() && region != self.scope.region).then(|| elsewhere(&region)))
            }
            Err(error) if error.status == Some(404) => Ok(Some(Reading::Absent)),
            Err(error) if error.status == Some(301) => Ok(Some(elsewhere("another Region"))),
            // 403 says either; there is no body to tell (S3 API, HeadBucket).
            Err(error) if error.status == Some(403) && errors.iter().all(|e| e.status == Some(403)) => {
                let message = format!(
                    "the bucket {} belongs to another account, or the caller may not list it",
                    self.name
                );
                Ok(Some(Reading::Unreadable(vec![ApiError { message, ..error }])))
            }
            Err(error) => Err(error),
        }
    }
    /// Returns true if an expiry could take no record; false also if the caller may not look.
    async fn holds_nothing(&self) -> Result<bool, ApiError> {
        match contents(self.cx, self.scope, self.name).await {
            Ok(there) => Ok(there != Contents::Records),
            Err(error) if error.trouble == Trouble::Denied => Ok(false),
            Err(error) => Err(error),
        }
    }
    /// Sends a read whose code for "not configured" is `None`. S3 has one of its own for each setting (S3 API, error
    /// responses).
    async fn unless<T, E>(
        &self,
        code: &str,
        call: &str,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<Option<T>, ApiError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        match self.cx.send(call, self.scope, request).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is(&[code]) => Ok(None),
            Err(error) => Err(error),
        }
    }
    /// Returns who owns objects, and the grants of the ACL where it has an effect (S3 User Guide, Object Ownership:
    /// under `BucketOwnerEnforced` ACLs are off).
    async fn ownership_and_acl(&self) -> Result<(Option<String>, BTreeSet<String>), ApiError> {
        let ownership = self.ownership().await?;
        let acl = match ownership.as_deref() {
            Some("BucketOwnerEnforced") => BTreeSet::new(),
            _ => self.acl().await?,
        };
        Ok((ownership, acl))
    }
    async fn ownership(&self) -> Result<Option<String>, ApiError> {
        let request = self
            .client()
            .get_bucket_ownership_controls()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .customize()
            .interceptor(self.told.of(&members::OWNERSHIP))
            .send();
        let controls = self
            .unless("OwnershipControlsNotFoundError", "s3:GetBucketOwnershipControls", request)
            .await?
            .and_then(|it| it.ownership_controls);
        let first = controls.and_then(|controls| controls.rules.into_iter().next());
        Ok(first.map(|rule| rule.object_ownership.as_str().to_owned()))
    }
    async fn public_access_block(&self) -> Result<Option<PublicAccessBlock>, ApiError> {
        let request = self
            .client()
            .get_public_access_block()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .customize()
            .interceptor(self.told.of(&members::PUBLIC_ACCESS_BLOCK))
            .send();
        let answer =
            self.unless("NoSuchPublicAccessBlockConfiguration", "s3:GetPublicAccessBlock", request).await?;
        let block = answer.and_then(|answer| answer.public_access_block_configuration);
        Ok(block.map(|block| PublicAccessBlock {
            block_public_acls: block.block_public_acls.unwrap_or(false),
            ignore_public_acls: block.ignore_public_acls.unwrap_or(false),
            block_public_policy: block.block_public_policy.unwrap_or(false),
            restrict_public_buckets: block.restrict_public_buckets.unwrap_or(false),
        }))
    }
    async fn versioning(&self) -> Result<Option<String>, ApiError> {
        let request = self
            .client()
            .get_bucket_versioning()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .customize()
            .interceptor(self.told.of(&members::VERSIONING))
            .send();
        let answer = self.cx.send("s3:GetBucketVersioning", self.scope, request).await?;
        Ok(answer.status.map(|status| status.as_str().to_owned()))
    }
    async fn encryption(&self) -> Result<Option<Box<Encryption>>, ApiError> {
        let request = self
            .client()
            .get_bucket_encryption()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .customize()
            .interceptor(self.told.of(&members::ENCRYPTION))
            .send();
        let answer = self
            .unless("ServerSideEncryptionConfigurationNotFoundError", "s3:GetBucketEncryption", request)
            .await?;
        let configuration = answer.and_then(|answer| answer.server_side_encryption_configuration);
        let Some(rule) = configuration.and_then(|it| it.rules.into_iter().next()) else { return Ok(None) };
        let blocked = rule.blocked_encryption_types.and_then(|blocked| blocked.encryption_type);
        let default = rule.apply_server_side_encryption_by_default;
        let algorithm =
            default.as_ref().map_or("AES256", |default| default.sse_algorithm.as_str()).to_owned();
        Ok(Some(Box::new(Encryption {
            // Only SSE-KMS has bucket keys; what S3 says for others means nothing.
            bucket_key: algorithm == "aws:kms" && rule.bucket_key_enabled.unwrap_or(false),
            algorithm,
            kms_key: default
                .and_then(|default| default.kms_master_key_id)
                .filter(|key| !key.is_empty())
                .map(Input::Known),
            // `NONE` is how S3 writes that nothing is blocked (S3 API, BlockedEncryptionTypes).
            blocked: blocked
                .unwrap_or_default()
                .iter()
                .map(|kind| kind.as_str().to_owned())
                .filter(|kind| kind != "NONE")
                .collect(),
        })))
    }
    async fn object_lock(&self) -> Result<Option<ObjectLock>, ApiError> {
        let request = self
            .client()
            .get_object_lock_configuration()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .customize()
            .interceptor(self.told.of(&members::OBJECT_LOCK))
            .send();
        let answer = self
            .unless("ObjectLockConfigurationNotFoundError", "s3:GetObjectLockConfiguration", request)
            .await?;
        let rule = answer.and_then(|answer| answer.object_lock_configuration).and_then(|lock| lock.rule);
        Ok(rule.and_then(|rule| rule.default_retention).and_then(|retention| {
            let mode = retention.mode?.as_str().to_owned();
            Some(ObjectLock { mode, days: whole(retention.days), years: whole(retention.years) })
        }))
    }
    async fn lifecycle(&self) -> Result<(BTreeMap<String, Rule>, Option<String>), ApiError> {
        let request = self
            .client()
            .get_bucket_lifecycle_configuration()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .customize()
            .interceptor(self.told.of(&members::LIFECYCLE))
            .send();
        let Some(answer) = self
            .unless("NoSuchLifecycleConfiguration", "s3:GetBucketLifecycleConfiguration", request)
            .await?
        else {
            return Ok((BTreeMap::new(), None));
        };
        let minimum = answer.transition_default_minimum_object_size;
        let rules = answer.rules.unwrap_or_default();
        let rules = rules.into_iter().map(|rule| (rule.id().unwrap_or_default().to_owned(), rule_of(rule)));
        // S3 API, PutBucketLifecycleConfiguration: what it is if it is not told.
        let minimum = minimum.map_or("all_storage_classes_128K".to_owned(), |size| size.as_str().to_owned());
        Ok((rules.collect(), Some(minimum)))
    }
    async fn policy(&self) -> Result<Option<Policy>, ApiError> {
        const CALL: &str = "s3:GetBucketPolicy";
        let request =
            self.client().get_bucket_policy().bucket(self.name).expected_bucket_owner(self.owner()).send();
        let text = self.unless("NoSuchBucketPolicy", CALL, request).await?.and_then(|answer| answer.policy);
        let policy = text.map(|text| Policy::parse(&text, self.scope.partition())).transpose();
        policy.map_err(|error| ApiError::odd(CALL, self.scope, error.to_string()))
    }
    async fn logging(&self) -> Result<Option<Box<Logging>>, ApiError> {
        let request = self
            .client()
            .get_bucket_logging()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .customize();
        let request = request.interceptor(self.told.of(&members::LOGGING)).send();
        let answer = self.cx.send("s3:GetBucketLogging", self.scope, request).await?;
        Ok(answer.logging_enabled.map(|logging| {
            let partitioned = logging.target_object_key_format.and_then(|format| format.partitioned_prefix);
            let key_format = partitioned.map_or("SimplePrefix".to_owned(), |prefix| {
                let source = prefix.partition_date_source;
                format!("PartitionedPrefix {}", source.as_ref().map_or("", |source| source.as_str()))
            });
            let grants = logging.target_grants.unwrap_or_default().iter().map(grant).collect();
            let target = Input::Known(logging.target_bucket);
            Box::new(Logging { target, prefix: logging.target_prefix, key_format, grants })
        }))
    }
    async fn tags(&self) -> Result<Tags, ApiError> {
        let request = self
            .client()
            .get_bucket_tagging()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .customize();
        let request = request.interceptor(self.told.of(&members::TAGS)).send();
        let set = self
            .unless("NoSuchTagSet", "s3:GetBucketTagging", request)
            .await?
            .map(|answer| answer.tag_set)
            .unwrap_or_default();
        Ok(tags::from_pairs(set.into_iter().map(|tag| (tag.key, tag.value))))
    }
}

/// Returns who may do what with the logs, such as `READ for http://acs.amazonaws.com/groups/global/AllUsers`.
fn grant(grant: &TargetGrant) -> String {
    let of = |grantee: &Grantee| {
        let names = [grantee.uri(), grantee.id(), grantee.email_address(), grantee.display_name()];
        names.into_iter().flatten().next().unwrap_or_default().to_owned()
    };
    let permission = grant.permission().map(|permission| permission.as_str()).unwrap_or_default();
    format!("{permission} for {}", grant.grantee().map(of).unwrap_or_default())
}

fn whole(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// Returns a rule in the form that our own rules have.
fn rule_of(rule: LifecycleRule) -> Rule {
    let move_of = |days: Option<i32>, date: Option<String>, class: Option<&str>| {
        let class = class.unwrap_or_default();
        date.map_or_else(
            || transition(whole(days).unwrap_or_default(), class),
            |date| format!("{date}: {class}"),
        )
    };
    let expiration = rule.expiration;
    let noncurrent = rule.noncurrent_version_expiration;
    #[expect(deprecated, reason = "old configurations still have the prefix outside the filter")]
    let filter = filter_of(rule.filter.as_ref(), rule.prefix.as_deref());
    Rule {
        enabled: rule.status.as_str() == "Enabled",
        filter,
        transitions: rule
            .transitions
            .unwrap_or_default()
            .into_iter()
            .map(|it| {
                let class = it.storage_class.as_ref().map(|class| class.as_str());
                move_of(it.days, it.date.map(|date| date.to_string()), class)
            })
            .collect(),
        expire_after_days: expiration.as_ref().and_then(|it| whole(it.days)),
        expire_on: expiration.as_ref().and_then(|it| it.date).map(|date| date.to_string()),
        expired_delete_markers: expiration.and_then(|it| it.expired_object_delete_marker).unwrap_or(false),
        noncurrent_transitions: rule
            .noncurrent_version_transitions
            .unwrap_or_default()
            .into_iter()
            .map(|it| {
                let class = it.storage_class.as_ref().map(|class| class.as_str());
                let text = move_of(it.noncurrent_days, None, class);
                it.newer_noncurrent_versions
                    .map_or(text.clone(), |kept| format!("{text}, {kept} versions stay"))
            })
            .collect(),
        noncurrent_expire_after_days: noncurrent.as_ref().and_then(|it| whole(it.noncurrent_days)),
        noncurrent_kept: noncurrent.and_then(|it| whole(it.newer_noncurrent_versions)),
        abort_uploads_after_days: rule
            .abort_incomplete_multipart_upload
            .and_then(|it| whole(it.days_after_initiation)),
    }
}

/// An empty filter, a filter with an empty prefix and the old form without a filter all mean the whole bucket.
fn filter_of(filter: Option<&LifecycleRuleFilter>, old_prefix: Option<&str>) -> String {
    fn part(name: &str, value: Option<impl Display>) -> Option<String> {
        value.map(|value| format!("{name} {value}"))
    }
    let all = filter.and_then(|filter| filter.and());
    let prefix = filter.and_then(|it| it.prefix()).or_else(|| all.and_then(|it| it.prefix())).or(old_prefix);
    let greater = filter.and_then(|it| it.object_size_greater_than);
    let less = filter.and_then(|it| it.object_size_less_than);
    let tags = filter.and_then(|it| it.tag()).into_iter().chain(all.into_iter().flat_map(|it| it.tags()));
    let tags: BTreeSet<String> = tags.map(|tag| format!("tag {}={}", tag.key(), tag.value())).collect();
    let parts = [
        part("prefix", prefix.filter(|prefix| !prefix.is_empty())),
        part("larger than", greater.or_else(|| all.and_then(|it| it.object_size_greater_than))),
        part("smaller than", less.or_else(|| all.and_then(|it| it.object_size_less_than))),
    ];
    parts.into_iter().flatten().chain(tags).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{LifecycleRuleAndOperator, Tag};

    #[test]
    fn the_forms_of_the_whole_bucket_are_one() {
        let empty = LifecycleRuleFilter::builder().build();
        let no_prefix = LifecycleRuleFilter::builder().prefix("").build();
        let tag = Tag::builder().key("k").value("v").build().expect("both are given");
        let both =
            LifecycleRuleAndOperator::builder().prefix("a/").tags(tag).object_size_less_than(9).build();
        let both = LifecycleRuleFilter::builder().and(both).build();
        let cases = [
            ("no filter", None, None, ""),
            ("an empty filter", Some(&empty), None, ""),
            ("an empty prefix", Some(&no_prefix), None, ""),
            ("the old empty prefix", None, Some(""), ""),
            ("the old prefix", None, Some("a/"), "prefix a/"),
            ("several", Some(&both), None, "prefix a/, smaller than 9, tag k=v"),
        ];
        for (case, filter, old, want) in cases {
            assert_eq!(filter_of(filter, old), want, "{case}");
        }
    }

    #[test]
    fn only_bucket_arns_name_a_bucket() {
        assert_eq!(bucket_name("arn:aws:s3:::a-bucket").as_deref(), Some("a-bucket"));
        assert_eq!(bucket_name("arn:aws:s3:::a-bucket/key"), None);
        assert_eq!(bucket_name("arn:aws:sns:eu-central-1:111122223333:x"), None);
    }
}
