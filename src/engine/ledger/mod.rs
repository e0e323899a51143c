//! Lock and ledger: two applies of one scope never write at the same time, and each leaves a record.
//!
//! Both are objects in the scope's log bucket and fall under its versioning, lock and retention: the lock is
//! `auditscope/lock`, a record `auditscope/ledger/00000001.json`. S3 decides who is first (S3 User Guide, "How to prevent
//! object overwrites with conditional writes"): the lock is swapped by its ETag, a record is a new key. Nothing is ever
//! deleted, and no local clock is asked how old anything is.
//!
//! Objects are encrypted with S3's own key: the lock must work while our KMS key is disabled or about to be deleted, since
//! that is what an apply may have to repair.

mod chain;
mod lock;
mod record;

pub use chain::{Broken, Entry, History, history};
pub use lock::{Content, Counts, Held, Holder, LEASE, Lock, State, content, look, unlock};
pub use record::{Ending, FailedStep, Link, PlanSummary, Record, append, applied, last_number, settle};

use crate::aws::store::Store;
use crate::aws::{ApiError, Trouble};

/// Major part of the version of both documents; a release reads no newer one.
pub(crate) const FORMAT_VERSION: &str = "1.0";

/// IAM actions that lock and ledger need besides those of the plan: the first two on `auditscope/*` in the log bucket,
/// the third on the bucket, without which S3 does not tell that an object is missing (S3 API, GetObject).
pub const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "s3:ListBucket"];

/// Why the lock or the ledger could not be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another run holds the lock.
    #[error("{} is locked by another run: {}", .0.place, .0.told())]
    Locked(Box<Held>),
    /// The run was stopped while it waited for the lock.
    #[error("interrupted while waiting for the lock")]
    Interrupted,
    /// A call failed.
    #[error("{place} cannot be {doing}: {source}")]
    Aws { place: String, doing: &'static str, source: Box<ApiError> },
    /// Something else than ours is at our key.
    #[error("{place} is not what auditscope writes there: {why}")]
    Odd { place: String, why: String },
    /// A newer release wrote it.
    #[error("{place} was written by a newer auditscope (format {version})")]
    Newer { place: String, version: String },
    /// `unlock` was given another id than the lock's.
    #[error("{} is not held by {id}: {}", .held.place, .held.told())]
    OtherId { id: String, held: Box<Held> },
    /// Nobody holds the lock.
    #[error("{place} is free: there is nothing to unlock")]
    NotHeld { place: String },
    /// The lock went to another run meanwhile.
    #[error("{place} was taken over by another run")]
    Lost { place: String },
}

impl LedgerError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Locked(held) => held.hint(),
            Self::Interrupted => "run it again".into(),
            Self::Aws { source, .. } if source.is(&["NoSuchBucket"]) => {
                "nothing was applied yet, or the log bucket is gone; `auditscope plan` shows which".into()
            }
            Self::Aws { place, source, .. } => match source.trouble {
                Trouble::Denied => format!(
                    "lock and ledger need s3:GetObject and s3:PutObject on {} and s3:ListBucket on the bucket; nothing \
                     is applied without them",
                    place.split_once("auditscope/").map_or_else(|| place.clone(), |(bucket, _)| format!("{bucket}auditscope/*"))
                ),
                _ => source.hint(),
            },
            Self::Odd { .. } => {
                "see who wrote it (`aws s3api list-object-versions`), make sure that no apply is running, and put the \
                 four letters `free` there"
                    .into()
            }
            Self::Newer { .. } => "use the same release everywhere, or update this one".into(),
            Self::OtherId { held, .. } => format!("the lock's id is {}; is that run really dead?", held.holder.id),
            Self::NotHeld { .. } => "run apply".into(),
            Self::Lost { .. } => "`auditscope history` shows who holds it now".into(),
        }
    }
    pub(crate) fn aws(store: &Store, key: &str, doing: &'static str, source: ApiError) -> Self {
        Self::Aws { place: store.place(key), doing, source: Box::new(source) }
    }
}

/// Returns the version of a document if a newer release wrote it.
fn newer(value: &serde_json::Value) -> Option<String> {
    let version = value["format_version"].as_str()?;
    let major = |text: &str| text.split('.').next().and_then(|major| major.parse::<u32>().ok());
    (major(version)? > major(FORMAT_VERSION)?).then(|| version.to_owned())
}
