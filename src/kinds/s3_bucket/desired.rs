//! The buckets a blueprint asks for: `logs` and `access` at home, `prompts` in each Bedrock Region.

use super::settings::transition;
use super::{Added, Encryption, Logging, ObjectLock, PublicAccessBlock, Rule, S3Bucket};
use crate::blueprint::{self, Blueprint, LockMode};
use crate::kinds::policies::{tls_only, with_principals};
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Input, Names, Policy, Statement, tags};
use std::collections::{BTreeMap, BTreeSet};

/// What S3 does unless told otherwise. Moving smaller objects to GLACIER_IR would cost more than it saves: the class
/// charges 128 KB for each (S3 User Guide, storage classes).
const MINIMUM_SIZE: &str = "all_storage_classes_128K";
/// Days an overwritten or deleted version of an access log or a prompt body can still be recovered.
const RECOVERABLE_DAYS: u32 = 7;
/// Days after which an unfinished upload is given up.
const UPLOAD_DAYS: u32 = 7;

/// Returns the buckets by address.
pub fn desired(blueprint: &Blueprint, facts: &Facts) -> Vec<(Address, S3Bucket)> {
    let names = Names::of(blueprint);
    let home = names.home_region.as_str();
    let at =
        |role: &str, region: &str, bucket: S3Bucket| (names.address(Kind::S3Bucket, role, region), bucket);
    let mut buckets = vec![at("logs", home, logs(blueprint, &names, facts))];
    if let Some(wanted) = &blueprint.log_bucket.access_logs {
        buckets.push(at("access", home, access(blueprint, &names, wanted)));
    }
    let wanted = blueprint
        .invocation_logging
        .as_ref()
        .and_then(|logging| logging.bucket.as_ref().map(|bucket| (bucket, &logging.readers)));
    if let Some((wanted, readers)) = wanted {
        for region in &blueprint.scope.bedrock_regions {
            buckets.push(at("prompts", region, prompts(blueprint, &names, region, wanted, readers)));
        }
    }
    buckets
}

/// Everything the three have in common; the policy is delivery's statements and the guards.
fn bucket(
    blueprint: &Blueprint,
    names: &Names,
    role: &str,
    region: &str,
    statements: impl IntoIterator<Item = Statement>,
) -> S3Bucket {
    let guards = guards(&names.bucket_arn(role, region));
    S3Bucket {
        name: names.bucket(role, region),
        object_ownership: Some("BucketOwnerEnforced".into()),
        public_access_block: Some(PublicAccessBlock::ALL),
        versioning: Some("Enabled".into()),
        encryption: None,
        object_lock: None,
        lifecycle: BTreeMap::new(),
        lifecycle_minimum_size: Some(MINIMUM_SIZE.into()),
        policy: Some(Policy::new(statements.into_iter().chain(guards))),
        logging: None,
        added: Added::default(),
        tags: tags::desired(blueprint),
        holds_nothing: false,
    }
}

fn logs(blueprint: &Blueprint, names: &Names, facts: &Facts) -> S3Bucket {
    let region = names.home_region.as_str();
    let bucket_arn = names.bucket_arn("logs", region);
    let organization = facts.organization_id.as_deref().filter(|_| blueprint.trail.organization);
    let statements = trail_delivery(names, &bucket_arn, organization)
        .into_iter()
        .chain(readers(&blueprint.encryption.readers, &bucket_arn));
    let wanted = &blueprint.log_bucket;
    // A record that somebody deletes or overwrites on its first day stays as long as records must.
    let noncurrent = blueprint.scope.retention_days;
    S3Bucket {
        // CloudTrail may use the key as often as a bucket key asks for: its key statement has Decrypt.
        encryption: Some(kms(names, "main", region, true)),
        object_lock: Some(lock(&wanted.object_lock)),
        lifecycle: lifecycle(wanted.archive_after_days, wanted.expire_after_days, noncurrent),
        logging: wanted.access_logs.as_ref().map(|_| {
            let access = names.address(Kind::S3Bucket, "access", region);
            let target = Input::from(&access, "name", names.bucket("access", region));
            Box::new(Logging {
                target,
                prefix: "logs/".into(),
                key_format: "SimplePrefix".into(),
                grants: BTreeSet::new(),
            })
        }),
        ..bucket(blueprint, names, "logs", region, statements)
    }
}

/// S3 User Guide, server access logging: the target must have SSE-S3 and no Object Lock.
fn access(blueprint: &Blueprint, names: &Names, wanted: &blueprint::AccessLogs) -> S3Bucket {
    let region = names.home_region.as_str();
    let bucket_arn = names.bucket_arn("access", region);
    let delivery = Statement::allow("S3ServerAccessLogs")
        .service("logging.s3.amazonaws.com")
        .actions(&["s3:PutObject"])
        .resources([format!("{bucket_arn}/logs/*")])
        .when("ArnLike", "aws:SourceArn", names.bucket_arn("logs", region))
        .when("StringEquals", "aws:SourceAccount", &names.account);
    let statements = [delivery].into_iter().chain(readers(&blueprint.encryption.readers, &bucket_arn));
    S3Bucket {
        encryption: Some(Box::new(Encryption {
            algorithm: "AES256".into(),
            kms_key: None,
            bucket_key: false,
            blocked: blocked(),
        })),
        lifecycle: lifecycle(None, wanted.expire_after_days, RECOVERABLE_DAYS),
        ..bucket(blueprint, names, "access", region, statements)
    }
}

fn prompts(
    blueprint: &Blueprint,
    names: &Names,
    region: &str,
    wanted: &blueprint::PromptBucket,
    reader_arns: &BTreeSet<String>,
) -> S3Bucket {
    let bucket_arn = names.bucket_arn("prompts", region);
    // Bedrock User Guide, model invocation logging; bodies too large for Logs go under the same path.
    let delivery = Statement::allow("BedrockDelivery")
        .service("bedrock.amazonaws.com")
        .actions(&["s3:PutObject"])
        .resources([format!("{bucket_arn}/AWSLogs/{}/BedrockModelInvocationLogs/*", names.account)])
        .when("StringEquals", "aws:SourceAccount", &names.account)
        .when("ArnLike", "aws:SourceArn", names.arn("bedrock", region, "*"));
    let statements = [delivery].into_iter().chain(readers(reader_arns, &bucket_arn));
    S3Bucket {
        // No bucket key: Bedrock's documented key statement has no Decrypt, which a bucket key needs.
        encryption: Some(kms(names, "prompts", region, false)),
        object_lock: wanted.object_lock.as_ref().map(lock),
        lifecycle: lifecycle(None, wanted.expire_after_days, RECOVERABLE_DAYS),
        ..bucket(blueprint, names, "prompts", region, statements)
    }
}

fn kms(names: &Names, role: &str, region: &str, bucket_key: bool) -> Box<Encryption> {
    Box::new(Encryption {
        algorithm: "aws:kms".into(),
        kms_key: Some(Input::later(&names.address(Kind::KmsKey, role, region), "arn")),
        bucket_key,
        blocked: blocked(),
    })
}

/// Objects with a key that only their writer has could be read by nobody else. PutBucketEncryption drops the block
/// unless it is sent again (S3 API).
fn blocked() -> BTreeSet<String> {
    BTreeSet::from(["SSE-C".to_owned()])
}

fn lock(wanted: &blueprint::ObjectLock) -> ObjectLock {
    let mode = match wanted.mode {
        LockMode::Governance => "GOVERNANCE",
        LockMode::Compliance => "COMPLIANCE",
    };
    ObjectLock { mode: mode.into(), days: Some(wanted.days), years: None }
}

/// A rule that removes delete markers can hold no days (S3 API, LifecycleExpiration): it is one of its own.
fn lifecycle(archive: Option<u32>, expire: u32, noncurrent: u32) -> BTreeMap<String, Rule> {
    let records = Rule {
        enabled: true,
        transitions: archive.map(|days| transition(days, "GLACIER_IR")).into_iter().collect(),
        expire_after_days: Some(expire),
        noncurrent_expire_after_days: Some(noncurrent),
        abort_uploads_after_days: Some(UPLOAD_DAYS),
        ..Rule::default()
    };
    let markers = Rule { enabled: true, expired_delete_markers: true, ..Rule::default() };
    BTreeMap::from([("records".to_owned(), records), ("delete-markers".to_owned(), markers)])
}

/// CloudTrail User Guide, Amazon S3 bucket policy for CloudTrail: Sids and conditions as there. The trail's ARN follows
/// from its name, so the policy can be there before the trail.
fn trail_delivery(names: &Names, bucket_arn: &str, organization: Option<&str>) -> Vec<Statement> {
    let from_trail = |sid: &str| {
        Statement::allow(sid).service("cloudtrail.amazonaws.com").when(
            "StringEquals",
            "aws:SourceArn",
            names.trail_arn(),
        )
    };
    let write = |sid: &str, owner: &str| {
        from_trail(sid)
            .actions(&["s3:PutObject"])
            .resources([format!("{bucket_arn}/AWSLogs/{owner}/*")])
            .when("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control")
    };
    let check =
        from_trail("AWSCloudTrailAclCheck20150319").actions(&["s3:GetBucketAcl"]).resources([bucket_arn]);
    [check, write("AWSCloudTrailWrite20150319", &names.account)]
        .into_iter()
        .chain(organization.map(|id| write("AWSCloudTrailOrganizationWrite20150319", id)))
        .collect()
}

fn readers(arns: &BTreeSet<String>, bucket_arn: &str) -> Vec<Statement> {
    if arns.is_empty() {
        return Vec::new();
    }
    let read = Statement::allow("Readers")
        .actions(&["s3:GetObject", "s3:GetObjectVersion"])
        .resources([format!("{bucket_arn}/*")]);
    let list = Statement::allow("ReadersList")
        .actions(&["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"])
        .resources([bucket_arn]);
    vec![with_principals(read, arns), with_principals(list, arns)]
}

/// No plain HTTP, no old TLS, no deletion for good. Configuration calls stay allowed: this tool makes them.
fn guards(bucket_arn: &str) -> [Statement; 3] {
    let all = [bucket_arn.to_owned(), format!("{bucket_arn}/*")];
    let everybody = |sid: &str, actions: &[&str]| {
        Statement::deny(sid).aws("*").actions(actions).resources(all.iter().cloned())
    };
    [
        tls_only("s3:*", &all),
        everybody("TlsVersion", &["s3:*"]).when("NumericLessThan", "s3:TlsVersion", "1.2"),
        everybody("KeepRecords", &["s3:DeleteBucket", "s3:DeleteObjectVersion"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::example;

    fn shown(blueprint: &Blueprint, facts: &Facts, name: &str) -> String {
        let (_, bucket) = desired(blueprint, facts)
            .into_iter()
            .find(|(address, _)| address.name == name)
            .expect("the example asks for it");
        serde_json::to_string_pretty(&bucket).expect("plain data")
    }

    #[test]
    fn the_log_bucket_of_an_organization() {
        let mut blueprint = example::blueprint();
        blueprint.trail.organization = true;
        let facts = Facts { organization_id: Some("o-abcdefghij".into()) };
        insta::assert_snapshot!(shown(&blueprint, &facts, "logs"));
    }

    #[test]
    fn the_access_log_bucket() {
        insta::assert_snapshot!(shown(&example::blueprint(), &Facts::default(), "access"));
    }

    #[test]
    fn a_prompt_bucket() {
        insta::assert_snapshot!(shown(&example::blueprint(), &Facts::default(), "prompts"));
    }

    #[test]
    fn a_bucket_is_where_it_is_asked_for() {
        type Change = fn(&mut Blueprint);
        let cases: [(&str, Change, &[&str]); 3] = [
            (
                "everything",
                |_| {},
                &["logs@eu-central-1", "access@eu-central-1", "prompts@eu-central-1", "prompts@us-east-1"],
            ),
            (
                "no access logs",
                |b| b.log_bucket.access_logs = None,
                &["logs@eu-central-1", "prompts@eu-central-1", "prompts@us-east-1"],
            ),
            (
                "no prompts",
                |b| b.invocation_logging.iter_mut().for_each(|logging| logging.bucket = None),
                &["logs@eu-central-1", "access@eu-central-1"],
            ),
        ];
        for (case, change, want) in cases {
            let mut blueprint = example::blueprint();
            change(&mut blueprint);
            let seen: Vec<String> = desired(&blueprint, &Facts::default())
                .iter()
                .map(|(address, _)| format!("{}@{}", address.name, address.scope.region))
                .collect();
            assert_eq!(seen, want, "{case}");
        }
    }
}
