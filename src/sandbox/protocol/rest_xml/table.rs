//! What is particular to each S3 operation and element (S3 API model 2006-03-01).

/// One S3 operation's place in HTTP.
pub(super) struct Row {
    pub method: &'static str,
    /// Whether the path names a key.
    pub key: bool,
    /// Query parameter that selects the sub-resource; empty for the bucket or object itself.
    pub sub: &'static str,
    pub operation: &'static str,
    /// Member that the request's body holds; empty if it has none.
    pub body: &'static str,
    /// What the answer's body is.
    pub answer: Answer,
}

/// What an answer's body is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing, with status 200.
    Empty,
    /// Nothing, with status 204.
    NoContent,
    /// One member is the whole body, and its name the root element.
    Payload(&'static str),
    /// The output's members inside a root element of that name.
    Members(&'static str),
    /// One member, as it is.
    Text(&'static str),
    /// One member, whose bytes stand in base64.
    Blob(&'static str),
}

use Answer::{Blob, Empty, Members, NoContent, Payload, Text};

const fn bucket(
    method: &'static str,
    sub: &'static str,
    operation: &'static str,
    body: &'static str,
    answer: Answer,
) -> Row {
    Row { method, key: false, sub, operation, body, answer }
}

const fn object(method: &'static str, operation: &'static str, body: &'static str, answer: Answer) -> Row {
    Row { method, key: true, sub: "", operation, body, answer }
}

/// Every S3 operation that can be told from its request; the first row whose parameter is there wins.
pub(super) const ROWS: &[Row] = &[
    bucket("GET", "policy", "GetBucketPolicy", "", Text("Policy")),
    bucket("PUT", "policy", "PutBucketPolicy", "Policy", NoContent),
    bucket("DELETE", "policy", "DeleteBucketPolicy", "", NoContent),
    bucket("GET", "policyStatus", "GetBucketPolicyStatus", "", Payload("PolicyStatus")),
    bucket("GET", "encryption", "GetBucketEncryption", "", Payload("ServerSideEncryptionConfiguration")),
    bucket("PUT", "encryption", "PutBucketEncryption", "ServerSideEncryptionConfiguration", Empty),
    bucket("DELETE", "encryption", "DeleteBucketEncryption", "", NoContent),
    bucket("GET", "publicAccessBlock", "GetPublicAccessBlock", "", Payload("PublicAccessBlockConfiguration")),
    bucket("PUT", "publicAccessBlock", "PutPublicAccessBlock", "PublicAccessBlockConfiguration", Empty),
    bucket("DELETE", "publicAccessBlock", "DeletePublicAccessBlock", "", NoContent),
    bucket("GET", "ownershipControls", "GetBucketOwnershipControls", "", Payload("OwnershipControls")),
    bucket("PUT", "ownershipControls", "PutBucketOwnershipControls", "OwnershipControls", Empty),
    bucket("DELETE", "ownershipControls", "DeleteBucketOwnershipControls", "", NoContent),
    bucket("GET", "versioning", "GetBucketVersioning", "", Members("VersioningConfiguration")),
    bucket("PUT", "versioning", "PutBucketVersioning", "VersioningConfiguration", Empty),
    bucket("GET", "object-lock", "GetObjectLockConfiguration", "", Payload("ObjectLockConfiguration")),
    bucket("PUT", "object-lock", "PutObjectLockConfiguration", "ObjectLockConfiguration", Empty),
    bucket("GET", "lifecycle", "GetBucketLifecycleConfiguration", "", Members("LifecycleConfiguration")),
    bucket("PUT", "lifecycle", "PutBucketLifecycleConfiguration", "LifecycleConfiguration", Empty),
    bucket("DELETE", "lifecycle", "DeleteBucketLifecycle", "", NoContent),
    bucket("GET", "tagging", "GetBucketTagging", "", Members("Tagging")),
    bucket("PUT", "tagging", "PutBucketTagging", "Tagging", NoContent),
    bucket("DELETE", "tagging", "DeleteBucketTagging", "", NoContent),
    bucket("GET", "logging", "GetBucketLogging", "", Members("BucketLoggingStatus")),
    bucket("PUT", "logging", "PutBucketLogging", "BucketLoggingStatus", Empty),
    bucket("GET", "acl", "GetBucketAcl", "", Members("AccessControlPolicy")),
    bucket("PUT", "acl", "PutBucketAcl", "AccessControlPolicy", Empty),
    bucket("GET", "replication", "GetBucketReplication", "", Payload("ReplicationConfiguration")),
    bucket("PUT", "replication", "PutBucketReplication", "ReplicationConfiguration", Empty),
    bucket("DELETE", "replication", "DeleteBucketReplication", "", NoContent),
    bucket(
        "GET",
        "notification",
        "GetBucketNotificationConfiguration",
        "",
        Members("NotificationConfiguration"),
    ),
    bucket("PUT", "notification", "PutBucketNotificationConfiguration", "NotificationConfiguration", Empty),
    bucket("GET", "website", "GetBucketWebsite", "", Members("WebsiteConfiguration")),
    bucket("PUT", "website", "PutBucketWebsite", "WebsiteConfiguration", Empty),
    bucket("DELETE", "website", "DeleteBucketWebsite", "", NoContent),
    bucket("GET", "location", "GetBucketLocation", "", Payload("LocationConstraint")),
    bucket("GET", "versions", "ListObjectVersions", "", Members("ListVersionsResult")),
    bucket("POST", "delete", "DeleteObjects", "Delete", Members("DeleteResult")),
    bucket("GET", "list-type", "ListObjectsV2", "", Members("ListBucketResult")),
    bucket("HEAD", "", "HeadBucket", "", Empty),
    bucket("PUT", "", "CreateBucket", "CreateBucketConfiguration", Empty),
    bucket("DELETE", "", "DeleteBucket", "", NoContent),
    object("GET", "GetObject", "", Blob("Body")),
    object("PUT", "PutObject", "Body", Empty),
    object("DELETE", "DeleteObject", "", NoContent),
    object("HEAD", "HeadObject", "", Empty),
];

/// The one operation without a bucket.
pub(super) const LIST_BUCKETS: Row = bucket("GET", "", "ListBuckets", "", Members("ListAllMyBucketsResult"));

/// The operations of S3 Control, whose requests are told from their path.
pub(super) const CONTROL: &[Row] = &[
    bucket("GET", "", "ListAccessPoints", "", Members("ListAccessPointsResult")),
    bucket("PUT", "", "CreateAccessPoint", "", Members("CreateAccessPointResult")),
    bucket("DELETE", "", "DeleteAccessPoint", "", Empty),
];

/// Parameters that select a sub-resource. A request with one of these that no row takes is an operation the sandbox
/// lacks, not the bucket itself.
pub(super) const SUB_RESOURCES: &[&str] = &[
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploads",
    "uploadId",
    "versioning",
    "versions",
    "website",
    "list-type",
];

/// Request headers that are members of inputs.
pub(super) const REQUEST_HEADERS: &[(&str, &str)] = &[
    ("x-amz-acl", "ACL"),
    ("x-amz-bucket-namespace", "BucketNamespace"),
    ("x-amz-bucket-object-lock-enabled", "ObjectLockEnabledForBucket"),
    ("x-amz-bucket-object-lock-token", "Token"),
    ("x-amz-bypass-governance-retention", "BypassGovernanceRetention"),
    ("x-amz-confirm-remove-self-bucket-access", "ConfirmRemoveSelfBucketAccess"),
    ("x-amz-expected-bucket-owner", "ExpectedBucketOwner"),
    ("x-amz-mfa", "MFA"),
    ("x-amz-object-lock-mode", "ObjectLockMode"),
    ("x-amz-object-lock-retain-until-date", "ObjectLockRetainUntilDate"),
    ("x-amz-object-ownership", "ObjectOwnership"),
    ("x-amz-server-side-encryption", "ServerSideEncryption"),
    ("x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId"),
    ("x-amz-transition-default-minimum-object-size", "TransitionDefaultMinimumObjectSize"),
    ("content-length", "ContentLength"),
];

/// Request headers that are members of inputs where the path names a key.
pub(super) const OBJECT_HEADERS: &[(&str, &str)] = &[
    ("cache-control", "CacheControl"),
    ("content-disposition", "ContentDisposition"),
    ("content-language", "ContentLanguage"),
    ("content-md5", "ContentMD5"),
    ("content-type", "ContentType"),
    ("if-match", "IfMatch"),
    ("if-none-match", "IfNoneMatch"),
    ("x-amz-checksum-crc32", "ChecksumCRC32"),
    ("x-amz-checksum-crc32c", "ChecksumCRC32C"),
    ("x-amz-checksum-crc64nvme", "ChecksumCRC64NVME"),
    ("x-amz-checksum-mode", "ChecksumMode"),
    ("x-amz-checksum-sha256", "ChecksumSHA256"),
    ("x-amz-object-lock-legal-hold", "ObjectLockLegalHoldStatus"),
    ("x-amz-sdk-checksum-algorithm", "ChecksumAlgorithm"),
    ("x-amz-server-side-encryption-bucket-key-enabled", "BucketKeyEnabled"),
    ("x-amz-storage-class", "StorageClass"),
];

/// Query parameters that are members of inputs.
pub(super) const PARAMETERS: &[(&str, &str)] = &[
    ("bucket-region", "BucketRegion"),
    ("continuation-token", "ContinuationToken"),
    ("delimiter", "Delimiter"),
    ("encoding-type", "EncodingType"),
    ("fetch-owner", "FetchOwner"),
    ("key-marker", "KeyMarker"),
    ("max-buckets", "MaxBuckets"),
    ("max-keys", "MaxKeys"),
    ("prefix", "Prefix"),
    ("start-after", "StartAfter"),
    ("version-id-marker", "VersionIdMarker"),
    ("versionId", "VersionId"),
];

/// Members of outputs that are headers, wherever they appear.
pub(super) const ANSWER_HEADERS: &[(&str, &str)] = &[
    ("AccessPointAlias", "x-amz-access-point-alias"),
    ("BucketArn", "x-amz-bucket-arn"),
    ("Location", "location"),
    ("AcceptRanges", "accept-ranges"),
    ("BucketKeyEnabled", "x-amz-server-side-encryption-bucket-key-enabled"),
    ("CacheControl", "cache-control"),
    ("ChecksumCRC32", "x-amz-checksum-crc32"),
    ("ChecksumCRC32C", "x-amz-checksum-crc32c"),
    ("ChecksumCRC64NVME", "x-amz-checksum-crc64nvme"),
    ("ChecksumSHA256", "x-amz-checksum-sha256"),
    ("ChecksumType", "x-amz-checksum-type"),
    ("ContentDisposition", "content-disposition"),
    ("ContentEncoding", "content-encoding"),
    ("ContentLanguage", "content-language"),
    ("ContentLength", "content-length"),
    ("ContentType", "content-type"),
    ("ETag", "etag"),
    ("LastModified", "last-modified"),
    ("ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold"),
    ("ObjectLockMode", "x-amz-object-lock-mode"),
    ("ObjectLockRetainUntilDate", "x-amz-object-lock-retain-until-date"),
    ("SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id"),
    ("ServerSideEncryption", "x-amz-server-side-encryption"),
    ("TransitionDefaultMinimumObjectSize", "x-amz-transition-default-minimum-object-size"),
    ("VersionId", "x-amz-version-id"),
    ("DeleteMarker", "x-amz-delete-marker"),
];

/// Lists whose items stand side by side in their parent: parent element, item element, member.
pub(super) const FLAT: &[(&str, &str, &str)] = &[
    ("And", "Tag", "Tags"),
    ("BlockedEncryptionTypes", "EncryptionType", "EncryptionType"),
    ("CloudFunctionConfiguration", "Event", "Events"),
    ("Delete", "Object", "Objects"),
    ("DeleteResult", "Deleted", "Deleted"),
    ("DeleteResult", "Error", "Errors"),
    ("LifecycleConfiguration", "Rule", "Rules"),
    ("ListBucketResult", "CommonPrefixes", "CommonPrefixes"),
    ("ListBucketResult", "Contents", "Contents"),
    ("ListVersionsResult", "CommonPrefixes", "CommonPrefixes"),
    ("ListVersionsResult", "DeleteMarker", "DeleteMarkers"),
    ("ListVersionsResult", "Version", "Versions"),
    ("Key", "FilterRule", "FilterRules"),
    ("NotificationConfiguration", "CloudFunctionConfiguration", "LambdaFunctionConfigurations"),
    ("NotificationConfiguration", "QueueConfiguration", "QueueConfigurations"),
    ("NotificationConfiguration", "TopicConfiguration", "TopicConfigurations"),
    ("OwnershipControls", "Rule", "Rules"),
    ("QueueConfiguration", "Event", "Events"),
    ("ReplicationConfiguration", "Rule", "Rules"),
    ("Rule", "NoncurrentVersionTransition", "NoncurrentVersionTransitions"),
    ("Rule", "Transition", "Transitions"),
    ("S3Key", "FilterRule", "FilterRules"),
    ("ServerSideEncryptionConfiguration", "Rule", "Rules"),
    ("TopicConfiguration", "Event", "Events"),
];

/// Lists with an element of their own around the items: member, item element.
pub(super) const WRAPPED: &[(&str, &str)] = &[
    ("AccessControlList", "Grant"),
    ("AccessPointList", "AccessPoint"),
    ("Buckets", "Bucket"),
    ("RoutingRules", "RoutingRule"),
    ("TagSet", "Tag"),
    ("Tags", "Tag"),
    ("TargetGrants", "Grant"),
];

/// Elements whose name is not the member's: parent element, element, member.
pub(super) const RENAMED: &[(&str, &str, &str)] = &[
    ("AccessControlPolicy", "AccessControlList", "Grants"),
    ("CloudFunctionConfiguration", "CloudFunction", "LambdaFunctionArn"),
    ("Filter", "S3Key", "Key"),
    ("QueueConfiguration", "Queue", "QueueArn"),
    ("TopicConfiguration", "Topic", "TopicArn"),
    ("VersioningConfiguration", "MfaDelete", "MFADelete"),
];

/// Members that are booleans.
pub(super) const FLAGS: &[&str] = &[
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "BucketKeyEnabled",
    "ExpiredObjectDeleteMarker",
    "IgnorePublicAcls",
    "IsLatest",
    "IsPublic",
    "IsTruncated",
    "Quiet",
    "RestrictPublicBuckets",
    // As headers:
    "BypassGovernanceRetention",
    "ConfirmRemoveSelfBucketAccess",
    "FetchOwner",
    "ObjectLockEnabledForBucket",
];

/// Members that are whole numbers.
pub(super) const NUMBERS: &[&str] = &[
    "ContentLength",
    "Days",
    "DaysAfterInitiation",
    "KeyCount",
    "MaxBuckets",
    "MaxKeys",
    "NewerNoncurrentVersions",
    "NoncurrentDays",
    "ObjectSizeGreaterThan",
    "ObjectSizeLessThan",
    "Size",
    "Years",
];
