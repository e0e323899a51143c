//! An S3 bucket with all its guards: where records end up and stay.

mod added;
pub mod desired;
mod effects;
mod members;
pub mod observe;
pub mod perform;
mod settings;

pub use added::Added;
pub use settings::{Encryption, Logging, ObjectLock, PublicAccessBlock, Rule};

use crate::kinds::{ApiCall, Attribute, Class, Effect, Fate, Managed, NotYet, Revealed};
use crate::model::tags::Tags;
use crate::model::{Address, Input, Names, Policy};
use serde::Serialize;
use std::collections::BTreeMap;

/// A bucket as the blueprint asks for it, and as AWS reports it. `None` is a setting the bucket does not have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct S3Bucket {
    #[serde(skip)]
    pub name: String,
    /// `BucketOwnerEnforced`: no ACLs, which Bedrock's delivery asks for (Bedrock User Guide).
    pub object_ownership: Option<String>,
    pub public_access_block: Option<PublicAccessBlock>,
    /// `Enabled` or `Suspended`.
    pub versioning: Option<String>,
    pub encryption: Option<Box<Encryption>>,
    /// Default retention of new objects; `None` also if Object Lock is enabled but has no default.
    pub object_lock: Option<ObjectLock>,
    /// Rules by id.
    pub lifecycle: BTreeMap<String, Rule>,
    /// Which objects are too small to be moved to another class: AWS's words; `None` without lifecycle rules.
    pub lifecycle_minimum_size: Option<String>,
    pub policy: Option<Policy>,
    /// Where server access logs go.
    pub logging: Option<Box<Logging>>,
    #[serde(flatten)]
    pub added: Added,
    pub tags: Tags,
    /// True if the bucket has no lifecycle rule and is known to hold no object: an expiry takes nothing away then.
    #[serde(skip)]
    pub holds_nothing: bool,
}

/// Calls that change a bucket, in the order they are sent: nothing public before the policy, versioning before the lock,
/// the policy before whoever writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    CreateBucket,
    PutPublicAccessBlock,
    PutBucketAcl,
    PutBucketOwnershipControls,
    PutBucketEncryption,
    PutBucketVersioning,
    PutObjectLockConfiguration,
    PutBucketLifecycleConfiguration,
    PutBucketPolicy,
    PutBucketLogging,
    DeleteBucketReplication,
    PutBucketNotificationConfiguration,
    DeleteBucketWebsite,
    PutBucketTagging,
    DeleteBucket,
}

/// S3 User Guide, consistency model: a new bucket may not be found at once.
const BUCKET_SPREADS: NotYet =
    NotYet { code: "NoSuchBucket", text: "", waiting_for: "the new bucket to be known everywhere" };
/// S3 API, error responses: a conflicting operation is in progress.
const BUSY: NotYet =
    NotYet { code: "OperationAborted", text: "", waiting_for: "another change of the bucket" };
/// S3 API, error responses: MalformedPolicy also if a principal is not known yet.
const PRINCIPAL_SPREADS: NotYet = NotYet {
    code: "MalformedPolicy",
    text: "principal",
    waiting_for: "the principals of the bucket policy to reach S3",
};
/// S3 API, PutObjectLockConfiguration: versioning must be on, and has just been turned on.
const VERSIONING_SPREADS: NotYet =
    NotYet { code: "InvalidBucketState", text: "ersioning", waiting_for: "versioning to take effect" };
/// S3 API, PutBucketLogging: the target must be there and admit the logging service.
const TARGET_SPREADS: NotYet = NotYet {
    code: "InvalidTargetBucketForLogging",
    text: "",
    waiting_for: "the access-log bucket and its policy to take effect",
};

impl ApiCall for Call {
    const ALL: &'static [Self] = &[
        Self::CreateBucket,
        Self::PutPublicAccessBlock,
        Self::PutBucketAcl,
        Self::PutBucketOwnershipControls,
        Self::PutBucketEncryption,
        Self::PutBucketVersioning,
        Self::PutObjectLockConfiguration,
        Self::PutBucketLifecycleConfiguration,
        Self::PutBucketPolicy,
        Self::PutBucketLogging,
        Self::DeleteBucketReplication,
        Self::PutBucketNotificationConfiguration,
        Self::DeleteBucketWebsite,
        Self::PutBucketTagging,
        Self::DeleteBucket,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::CreateBucket => "CreateBucket",
            Self::PutPublicAccessBlock => "PutPublicAccessBlock",
            Self::PutBucketAcl => "PutBucketAcl",
            Self::PutBucketOwnershipControls => "PutBucketOwnershipControls",
            Self::PutBucketEncryption => "PutBucketEncryption",
            Self::PutBucketVersioning => "PutBucketVersioning",
            Self::PutObjectLockConfiguration => "PutObjectLockConfiguration",
            Self::PutBucketLifecycleConfiguration => "PutBucketLifecycleConfiguration",
            Self::PutBucketPolicy => "PutBucketPolicy",
            Self::PutBucketLogging => "PutBucketLogging",
            Self::DeleteBucketReplication => "DeleteBucketReplication",
            Self::PutBucketNotificationConfiguration => "PutBucketNotificationConfiguration",
            Self::DeleteBucketWebsite => "DeleteBucketWebsite",
            Self::PutBucketTagging => "PutBucketTagging",
            Self::DeleteBucket => "DeleteBucket",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            // With ownership, a lock and tags at birth (Service Authorization Reference, Amazon S3).
            Self::CreateBucket => &[
                "s3:CreateBucket",
                "s3:TagResource",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketObjectLockConfiguration",
                "s3:PutBucketVersioning",
            ],
            Self::PutPublicAccessBlock => &["s3:PutBucketPublicAccessBlock"],
            Self::PutBucketAcl => &["s3:PutBucketAcl"],
            Self::PutBucketOwnershipControls => &["s3:PutBucketOwnershipControls"],
            Self::PutBucketEncryption => &["s3:PutEncryptionConfiguration"],
            Self::PutBucketVersioning => &["s3:PutBucketVersioning"],
            Self::PutObjectLockConfiguration => &["s3:PutBucketObjectLockConfiguration"],
            Self::PutBucketLifecycleConfiguration => &["s3:PutLifecycleConfiguration"],
            Self::PutBucketPolicy => &["s3:PutBucketPolicy"],
            Self::PutBucketLogging => &["s3:PutBucketLogging"],
            // The IAM actions have names of their own (Service Authorization Reference, Amazon S3).
            Self::DeleteBucketReplication => &["s3:PutReplicationConfiguration"],
            Self::PutBucketNotificationConfiguration => &["s3:PutBucketNotification"],
            Self::DeleteBucketWebsite => &["s3:DeleteBucketWebsite"],
            Self::PutBucketTagging => &["s3:PutBucketTagging"],
            Self::DeleteBucket => {
                &["s3:ListBucketVersions", "s3:DeleteBucketPolicy", "s3:DeleteBucket", "s3:PutBucketPolicy"]
            }
        }
    }
    fn not_yet(self) -> &'static [NotYet] {
        match self {
            Self::CreateBucket => &[BUSY],
            Self::DeleteBucket => &[],
            Self::PutBucketPolicy => &[BUCKET_SPREADS, BUSY, PRINCIPAL_SPREADS],
            Self::PutObjectLockConfiguration => &[BUCKET_SPREADS, BUSY, VERSIONING_SPREADS],
            Self::PutBucketLogging => &[BUCKET_SPREADS, BUSY, TARGET_SPREADS],
            _ => &[BUCKET_SPREADS, BUSY],
        }
    }
}

impl Managed for S3Bucket {
    type Call = Call;
    const FATE: Fate = Fate::Evidence;
    const READS: &'static [&'static str] = &[
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketLogging",
        "s3:GetBucketTagging",
        "s3:GetBucketAcl",
        "s3:GetReplicationConfiguration",
        "s3:GetBucketNotification",
        "s3:GetBucketWebsite",
        "s3:ListAccessPoints",
        "tag:GetResources",
    ];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::created(
            "object_ownership",
            Call::PutBucketOwnershipControls,
            "Who owns objects; BucketOwnerEnforced turns ACLs off.",
        ),
        Attribute::written(
            "public_access_block",
            Call::PutPublicAccessBlock,
            "The four switches that keep the bucket from being public.",
        ),
        Attribute::written(
            "versioning",
            Call::PutBucketVersioning,
            "Whether overwritten and deleted objects are kept.",
        ),
        Attribute::written(
            "encryption",
            Call::PutBucketEncryption,
            "How new objects are encrypted, and with which key.",
        ),
        Attribute::written(
            "object_lock",
            Call::PutObjectLockConfiguration,
            "How long, and how firmly, new objects are protected from deletion.",
        ),
        Attribute::written(
            "lifecycle",
            Call::PutBucketLifecycleConfiguration,
            "When objects move to another class, and when they are deleted.",
        ),
        Attribute::written(
            "lifecycle_minimum_size",
            Call::PutBucketLifecycleConfiguration,
            "Which objects are too small to move to another class.",
        ),
        Attribute::written(
            "policy",
            Call::PutBucketPolicy,
            "Who may deliver and read; no plain HTTP, no deletion of records.",
        ),
        Attribute::written("logging", Call::PutBucketLogging, "Where server access logs go; null: nowhere."),
        Attribute::written(
            "acl",
            Call::PutBucketAcl,
            "Whom an access control list lets in besides the owner; nobody, and with BucketOwnerEnforced it has no effect.",
        ),
        Attribute::pruned(
            "replication",
            Call::DeleteBucketReplication,
            "somebody may rely on the copies of the records; apply --prune ends the replication",
            "Where new objects are copied to; there must be no such place.",
        ),
        Attribute::pruned(
            "notifications",
            Call::PutBucketNotificationConfiguration,
            "somebody may rely on being told of new records; apply --prune ends the notifications",
            "Who is told of new objects; there must be nobody.",
        ),
        Attribute::written(
            "website",
            Call::DeleteBucketWebsite,
            "How the bucket serves a website; it must not.",
        ),
        Attribute::told(
            "access_points",
            "an access point is its owner's way to the bucket, and the bucket's policy bounds it; its owner removes it \
             with `aws s3control delete-access-point`",
            "Access points that lead to the bucket; there must be none.",
        ),
        Attribute::created("tags", Call::PutBucketTagging, "Tags, ours and the blueprint's."),
    ];
    const CREATE: &'static [Call] = &[Call::CreateBucket];
    const DELETE: &'static [Call] = &[Call::DeleteBucket];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        let key = self.encryption.as_ref().and_then(|encryption| encryption.kms_key.as_ref());
        key.into_iter().chain(self.logging.as_ref().map(|logging| &logging.target)).collect()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        let key = self.encryption.as_mut().and_then(|encryption| encryption.kms_key.as_mut());
        key.into_iter().chain(self.logging.as_mut().map(|logging| &mut logging.target)).collect()
    }
    fn known_outputs(&self, address: &Address) -> Revealed {
        let partition = Names::partition(&address.scope.region);
        vec![("name", self.name.clone()), ("arn", format!("arn:{partition}:s3:::{}", self.name))]
    }
    fn lock(&self, _: &Address) -> Option<String> {
        Some(format!("bucket {}", self.name))
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        effects::effects(before, after)
    }
    fn loss(&self) -> Vec<Effect> {
        vec![Effect::new(
            Class::Delete,
            "",
            "the bucket's name can be taken by anybody, and nothing is delivered to it any more",
        )]
    }
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
