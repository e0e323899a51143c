//! What of S3's answers is understood (S3 API): each of these documents is replaced as a whole.

use crate::aws::members::Document;

pub const OWNERSHIP: Document = Document {
    what: "the ownership controls",
    call: Some("PutBucketOwnershipControls"),
    members: &["Rule.ObjectOwnership"],
};

pub const PUBLIC_ACCESS_BLOCK: Document = Document {
    what: "the public access block",
    call: Some("PutPublicAccessBlock"),
    members: &["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"],
};

/// MFA delete is not asked for; a Put without it leaves it as it is, and one that could change it needs the device's
/// code (S3 API, PutBucketVersioning).
pub const VERSIONING: Document =
    Document { what: "the versioning", call: Some("PutBucketVersioning"), members: &["Status", "MfaDelete"] };

pub const ENCRYPTION: Document = Document {
    what: "the default encryption",
    call: Some("PutBucketEncryption"),
    members: &[
        "Rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm",
        "Rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID",
        "Rule.BucketKeyEnabled",
        "Rule.BlockedEncryptionTypes.EncryptionType",
    ],
};

pub const OBJECT_LOCK: Document = Document {
    what: "the Object Lock configuration",
    call: Some("PutObjectLockConfiguration"),
    members: &[
        "ObjectLockEnabled",
        "Rule.DefaultRetention.Mode",
        "Rule.DefaultRetention.Days",
        "Rule.DefaultRetention.Years",
    ],
};

pub const LIFECYCLE: Document = Document {
    what: "the lifecycle rules",
    call: Some("PutBucketLifecycleConfiguration"),
    members: &[
        "Rule.ID",
        "Rule.Status",
        "Rule.Prefix",
        "Rule.Filter.Prefix",
        "Rule.Filter.Tag.Key",
        "Rule.Filter.Tag.Value",
        "Rule.Filter.ObjectSizeGreaterThan",
        "Rule.Filter.ObjectSizeLessThan",
        "Rule.Filter.And.Prefix",
        "Rule.Filter.And.Tag.Key",
        "Rule.Filter.And.Tag.Value",
        "Rule.Filter.And.ObjectSizeGreaterThan",
        "Rule.Filter.And.ObjectSizeLessThan",
        "Rule.Transition.Days",
        "Rule.Transition.Date",
        "Rule.Transition.StorageClass",
        "Rule.Expiration.Days",
        "Rule.Expiration.Date",
        "Rule.Expiration.ExpiredObjectDeleteMarker",
        "Rule.NoncurrentVersionTransition.NoncurrentDays",
        "Rule.NoncurrentVersionTransition.NewerNoncurrentVersions",
        "Rule.NoncurrentVersionTransition.StorageClass",
        "Rule.NoncurrentVersionExpiration.NoncurrentDays",
        "Rule.NoncurrentVersionExpiration.NewerNoncurrentVersions",
        "Rule.AbortIncompleteMultipartUpload.DaysAfterInitiation",
    ],
};

pub const LOGGING: Document = Document {
    what: "the server access logging",
    call: Some("PutBucketLogging"),
    members: &[
        "LoggingEnabled.TargetBucket",
        "LoggingEnabled.TargetPrefix",
        "LoggingEnabled.TargetGrants.Grant.Permission",
        "LoggingEnabled.TargetGrants.Grant.Grantee.*",
        "LoggingEnabled.TargetObjectKeyFormat.SimplePrefix",
        "LoggingEnabled.TargetObjectKeyFormat.PartitionedPrefix.PartitionDateSource",
    ],
};

pub const TAGS: Document = Document {
    what: "the tags",
    call: Some("PutBucketTagging"),
    members: &["TagSet.Tag.Key", "TagSet.Tag.Value"],
};
