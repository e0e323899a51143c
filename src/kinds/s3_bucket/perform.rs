//! Writes buckets. Every call but the first names the expected owner, so that a squatted name is never written to.

use super::observe::{self, Contents};
use super::settings::transition_parts;
use super::{Call, Encryption, Logging, ObjectLock, Rule, S3Bucket};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};
use crate::model::Scope;
use aws_sdk_s3::types;
use aws_smithy_types::error::operation::BuildError;

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, S3Bucket>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.s3(scope);
    let want = target.desired;
    let (name, owner) = (want.name.as_str(), scope.account.as_str());
    let odd = |error: BuildError| {
        ApiError::odd(&format!("s3:{}", crate::kinds::ApiCall::name(call)), scope, error.to_string())
    };
    match call {
        Call::CreateBucket => {
            let lock = want.object_lock.is_some();
            let send = client
                .create_bucket()
                .bucket(name)
                .set_object_ownership(want.object_ownership.as_deref().map(types::ObjectOwnership::from))
                .set_object_lock_enabled_for_bucket(lock.then_some(true))
                .create_bucket_configuration(birth(want, scope).map_err(odd)?)
                .send();
            cx.send("s3:CreateBucket", scope, send).await?;
        }
        Call::PutPublicAccessBlock => {
            let block = want.public_access_block;
            let configuration = types::PublicAccessBlockConfiguration::builder()
                .set_block_public_acls(block.map(|block| block.block_public_acls))
                .set_ignore_public_acls(block.map(|block| block.ignore_public_acls))
                .set_block_public_policy(block.map(|block| block.block_public_policy))
                .set_restrict_public_buckets(block.map(|block| block.restrict_public_buckets))
                .build();
            let send = client
                .put_public_access_block()
                .bucket(name)
                .expected_bucket_owner(owner)
                .public_access_block_configuration(configuration)
                .send();
            cx.send("s3:PutPublicAccessBlock", scope, send).await?;
        }
        Call::PutBucketAcl => {
            // S3 API, PutBucketOwnershipControls: BucketOwnerEnforced is refused while the ACL lets somebody else in.
            let private = types::BucketCannedAcl::Private;
            let send = client.put_bucket_acl().bucket(name).expected_bucket_owner(owner).acl(private).send();
            cx.send("s3:PutBucketAcl", scope, send).await?;
        }
        Call::PutBucketOwnershipControls => {
            let ownership = want.object_ownership.as_deref().unwrap_or("BucketOwnerEnforced");
            let rule = types::OwnershipControlsRule::builder().object_ownership(ownership.into()).build();
            let controls =
                types::OwnershipControls::builder().rules(rule.map_err(odd)?).build().map_err(odd)?;
            let send = client
                .put_bucket_ownership_controls()
                .bucket(name)
                .expected_bucket_owner(owner)
                .ownership_controls(controls)
                .send();
            cx.send("s3:PutBucketOwnershipControls", scope, send).await?;
        }
        Call::PutBucketEncryption => {
            if let Some(encryption) = &want.encryption {
                let send = client
                    .put_bucket_encryption()
                    .bucket(name)
                    .expected_bucket_owner(owner)
                    .server_side_encryption_configuration(encryption_of(encryption).map_err(odd)?)
                    .send();
                cx.send("s3:PutBucketEncryption", scope, send).await?;
            }
        }
        Call::PutBucketVersioning => {
            let status = want.versioning.as_deref().map(types::BucketVersioningStatus::from);
            let configuration = types::VersioningConfiguration::builder().set_status(status).build();
            let send = client
                .put_bucket_versioning()
                .bucket(name)
                .expected_bucket_owner(owner)
                .versioning_configuration(configuration)
                .send();
            cx.send("s3:PutBucketVersioning", scope, send).await?;
        }
        Call::PutObjectLockConfiguration => {
            let send = client
                .put_object_lock_configuration()
                .bucket(name)
                .expected_bucket_owner(owner)
                .object_lock_configuration(lock_of(want.object_lock.as_ref()))
                .send();
            cx.send("s3:PutObjectLockConfiguration", scope, send).await?;
        }
        Call::PutBucketLifecycleConfiguration => {
            let rules: Result<Vec<_>, _> =
                want.lifecycle.iter().map(|(id, rule)| rule_of(id, rule)).collect();
            let configuration = types::BucketLifecycleConfiguration::builder()
                .set_rules(Some(rules.map_err(odd)?))
                .build()
                .map_err(odd)?;
            let size = want.lifecycle_minimum_size.as_deref();
            let send = client
                .put_bucket_lifecycle_configuration()
                .bucket(name)
                .expected_bucket_owner(owner)
                .lifecycle_configuration(configuration)
                .set_transition_default_minimum_object_size(
                    size.map(types::TransitionDefaultMinimumObjectSize::from),
                )
                .send();
            cx.send("s3:PutBucketLifecycleConfiguration", scope, send).await?;
        }
        Call::PutBucketPolicy => put_policy(cx, scope, want).await?,
        Call::PutBucketLogging => {
            let enabled = want.logging.as_deref().map(logging_of).transpose().map_err(odd)?;
            let status = types::BucketLoggingStatus::builder().set_logging_enabled(enabled).build();
            let send = client
                .put_bucket_logging()
                .bucket(name)
                .expected_bucket_owner(owner)
                .bucket_logging_status(status)
                .send();
            cx.send("s3:PutBucketLogging", scope, send).await?;
        }
        Call::DeleteBucketReplication => {
            let send = client.delete_bucket_replication().bucket(name).expected_bucket_owner(owner).send();
            cx.send("s3:DeleteBucketReplication", scope, send).await?;
        }
        Call::PutBucketNotificationConfiguration => {
            let event_bridge = target.observed.is_some_and(|observed| observed.added.event_bridge);
            let event_bridge = event_bridge.then(|| types::EventBridgeConfiguration::builder().build());
            let configuration = types::NotificationConfiguration::builder()
                .set_event_bridge_configuration(event_bridge)
                .build();
            let send = client
                .put_bucket_notification_configuration()
                .bucket(name)
                .expected_bucket_owner(owner)
                .notification_configuration(configuration)
                .send();
            cx.send("s3:PutBucketNotificationConfiguration", scope, send).await?;
        }
        Call::DeleteBucketWebsite => {
            let send = client.delete_bucket_website().bucket(name).expected_bucket_owner(owner).send();
            cx.send("s3:DeleteBucketWebsite", scope, send).await?;
        }
        Call::PutBucketTagging => {
            let tagging = types::Tagging::builder().set_tag_set(Some(tags_of(want).map_err(odd)?)).build();
            let send = client
                .put_bucket_tagging()
                .bucket(name)
                .expected_bucket_owner(owner)
                .tagging(tagging.map_err(odd)?)
                .send();
            cx.send("s3:PutBucketTagging", scope, send).await?;
        }
        Call::DeleteBucket => delete(cx, scope, want).await?,
    }
    Ok(Vec::new())
}

async fn put_policy(cx: &Cx, scope: &Scope, want: &S3Bucket) -> Result<(), ApiError> {
    let Some(policy) = &want.policy else { return Ok(()) };
    let send = cx
        .s3(scope)
        .put_bucket_policy()
        .bucket(&want.name)
        .expected_bucket_owner(&scope.account)
        .policy(policy.to_text())
        .send();
    cx.send("s3:PutBucketPolicy", scope, send).await?;
    Ok(())
}

/// Deletes an empty bucket. Records are never deleted: a bucket with anything in it is refused before its policy, which
/// denies DeleteBucket, is taken away; and the policy comes back if S3 refuses.
async fn delete(cx: &Cx, scope: &Scope, bucket: &S3Bucket) -> Result<(), ApiError> {
    let client = cx.s3(scope);
    let (name, owner) = (bucket.name.as_str(), scope.account.as_str());
    let there = observe::contents(cx, scope, name).await?;
    if there != Contents::Nothing {
        let what = match there {
            Contents::Own => "still holds the lock and the ledger of what was applied (auditscope/*)",
            _ => "still holds objects",
        };
        let text = format!(
            "{name} {what}, and auditscope deletes no records; empty it yourself, as far as Object Lock lets you, and run \
             again"
        );
        return Err(ApiError::odd("s3:DeleteBucket", scope, text));
    }
    let open = client.delete_bucket_policy().bucket(name).expected_bucket_owner(owner).send();
    cx.send("s3:DeleteBucketPolicy", scope, open).await?;
    let remove = client.delete_bucket().bucket(name).expected_bucket_owner(owner).send();
    let Err(error) = cx.send("s3:DeleteBucket", scope, remove).await else { return Ok(()) };
    match put_policy(cx, scope, bucket).await {
        Ok(()) => Err(error),
        Err(second) => Err(ApiError {
            message: format!("{}; and its policy could not be put back: {second}", error.message),
            ..error
        }),
    }
}

/// S3 API, CreateBucket: us-east-1 must not be given as a location.
fn birth(want: &S3Bucket, scope: &Scope) -> Result<types::CreateBucketConfiguration, BuildError> {
    let location =
        (scope.region != "us-east-1").then(|| types::BucketLocationConstraint::from(scope.region.as_str()));
    Ok(types::CreateBucketConfiguration::builder()
        .set_location_constraint(location)
        .set_tags(Some(tags_of(want)?))
        .build())
}

fn tags_of(want: &S3Bucket) -> Result<Vec<types::Tag>, BuildError> {
    want.tags.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build()).collect()
}

fn encryption_of(want: &Encryption) -> Result<types::ServerSideEncryptionConfiguration, BuildError> {
    let default = types::ServerSideEncryptionByDefault::builder()
        .sse_algorithm(want.algorithm.as_str().into())
        .set_kms_master_key_id(want.kms_key.as_ref().map(|key| key.text().to_owned()))
        .build()?;
    let blocked = want.blocked.iter().map(|kind| types::EncryptionType::from(kind.as_str())).collect();
    let blocked = types::BlockedEncryptionTypes::builder().set_encryption_type(Some(blocked)).build();
    let rule = types::ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .bucket_key_enabled(want.bucket_key)
        .set_blocked_encryption_types((!want.blocked.is_empty()).then_some(blocked))
        .build();
    types::ServerSideEncryptionConfiguration::builder().rules(rule).build()
}

/// Without a default, Object Lock itself stays: it can never be turned off (S3 User Guide, Object Lock).
fn lock_of(want: Option<&ObjectLock>) -> types::ObjectLockConfiguration {
    let days = |number: Option<u32>| number.and_then(|number| i32::try_from(number).ok());
    let rule = want.map(|want| {
        let retention = types::DefaultRetention::builder()
            .mode(want.mode.as_str().into())
            .set_days(days(want.days))
            .set_years(days(want.years))
            .build();
        types::ObjectLockRule::builder().default_retention(retention).build()
    });
    types::ObjectLockConfiguration::builder()
        .object_lock_enabled(types::ObjectLockEnabled::Enabled)
        .set_rule(rule)
        .build()
}

fn rule_of(id: &str, rule: &Rule) -> Result<types::LifecycleRule, BuildError> {
    let days = |number: Option<u32>| number.and_then(|number| i32::try_from(number).ok());
    let prefix = rule.filter.strip_prefix("prefix ").unwrap_or_default();
    let transitions = rule.transitions.iter().filter_map(|text| transition_parts(text));
    let transitions: Vec<_> = transitions
        .map(|(days, class)| types::Transition::builder().days(days).storage_class(class.into()).build())
        .collect();
    let expiration = types::LifecycleExpiration::builder()
        .set_days(days(rule.expire_after_days))
        .set_expired_object_delete_marker(rule.expired_delete_markers.then_some(true))
        .build();
    let expires = rule.expire_after_days.is_some() || rule.expired_delete_markers;
    let noncurrent = days(rule.noncurrent_expire_after_days)
        .map(|days| types::NoncurrentVersionExpiration::builder().noncurrent_days(days).build());
    let abort = days(rule.abort_uploads_after_days)
        .map(|days| types::AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build());
    let status =
        if rule.enabled { types::ExpirationStatus::Enabled } else { types::ExpirationStatus::Disabled };
    types::LifecycleRule::builder()
        .id(id)
        .status(status)
        .filter(types::LifecycleRuleFilter::builder().prefix(prefix).build())
        .set_transitions((!transitions.is_empty()).then_some(transitions))
        .set_expiration(expires.then_some(expiration))
        .set_noncurrent_version_expiration(noncurrent)
        .set_abort_incomplete_multipart_upload(abort)
        .build()
}

fn logging_of(want: &Logging) -> Result<types::LoggingEnabled, BuildError> {
    types::LoggingEnabled::builder().target_bucket(want.target.text()).target_prefix(&want.prefix).build()
}
