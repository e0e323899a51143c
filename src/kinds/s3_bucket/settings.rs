//! The settings of a bucket, each in one canonical form.

use crate::model::Input;
use serde::Serialize;
use std::collections::BTreeSet;

/// The four switches against public access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PublicAccessBlock {
    pub block_public_acls: bool,
    pub ignore_public_acls: bool,
    pub block_public_policy: bool,
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// Every switch on.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// How new objects are encrypted unless the writer says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Encryption {
    /// `aws:kms`, `aws:kms:dsse` or `AES256`.
    pub algorithm: String,
    /// ARN of the key; S3 does not check that it exists (S3 API, PutBucketEncryption).
    pub kms_key: Option<Input>,
    /// True if one data key serves many objects; false where it has no meaning (`AES256`).
    pub bucket_key: bool,
    /// Kinds of encryption that are refused, such as `SSE-C`.
    pub blocked: BTreeSet<String>,
}

/// Default retention of new objects. Exactly one of days and years is given (S3 API, DefaultRetention).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectLock {
    /// `GOVERNANCE` (can be lifted with a permission of its own) or `COMPLIANCE` (by nobody).
    pub mode: String,
    pub days: Option<u32>,
    pub years: Option<u32>,
}

impl ObjectLock {
    /// Returns the retention in days, for comparing.
    pub fn length_days(&self) -> u32 {
        self.days.unwrap_or_else(|| self.years.unwrap_or_default().saturating_mul(365))
    }
    /// Returns true if nobody can lift it.
    pub fn is_compliance(&self) -> bool {
        self.mode == "COMPLIANCE"
    }
}

/// A lifecycle rule. Every member is always shown: what is not asked for is a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub enabled: bool,
    /// Empty: the whole bucket. `prefix X`: keys that start with X. Anything else is a form we never write, in words.
    pub filter: String,
    /// Such as `90 days: GLACIER_IR`.
    pub transitions: BTreeSet<String>,
    /// Days after which an object is deleted (with versioning: becomes noncurrent).
    pub expire_after_days: Option<u32>,
    /// A fixed date of deletion: a form we never write.
    pub expire_on: Option<String>,
    /// True if delete markers with nothing under them are removed.
    pub expired_delete_markers: bool,
    /// As `transitions`, for overwritten and deleted versions.
    pub noncurrent_transitions: BTreeSet<String>,
    /// Days after which an overwritten or deleted version is gone for good.
    pub noncurrent_expire_after_days: Option<u32>,
    /// Noncurrent versions that stay in any case: a form we never write.
    pub noncurrent_kept: Option<u32>,
    /// Days after which the parts of an unfinished upload are removed.
    pub abort_uploads_after_days: Option<u32>,
}

/// Returns a move to another class after days, as rules show it.
pub fn transition(days: u32, class: &str) -> String {
    format!("{days} days: {class}")
}

/// Returns days and class of a move in the form of [`transition`].
pub fn transition_parts(text: &str) -> Option<(i32, &str)> {
    let (days, class) = text.split_once(" days: ")?;
    Some((days.parse().ok()?, class))
}

/// Server access logging.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Logging {
    /// Name of the bucket that receives the logs.
    pub target: Input,
    pub prefix: String,
    /// `SimplePrefix`, or `PartitionedPrefix` with its source of dates.
    pub key_format: String,
    /// Who else may read or change the logs, by access lists: a form we never write.
    pub grants: BTreeSet<String>,
}
