//! The ledger's records: what each apply did, each with the hash of the one before it.

use super::lock::{Counts, Holder};
use super::{FORMAT_VERSION, LedgerError};
use crate::aws::store::{If, Object, Put, Store};
use crate::model::digest;
use serde::{Deserialize, Serialize};

/// What the keys of records begin with.
pub(super) const RECORDS: &str = "auditscope/ledger/";

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// A second plan is empty.
    Converged,
    /// It was so already.
    NothingToDo,
    /// A step failed, or a second plan is not empty.
    Failed,
    /// Something could not be read.
    Incomplete,
    /// It was stopped; `apply` again finishes it.
    Interrupted,
    /// The plan under the lock was not the one that was agreed to; nothing was written.
    Stale,
    /// The plan under the lock asks for an approval that was not given; nothing was written.
    NeedsPerson,
    /// It died with the lock, or its lock was taken away; what it had done is not known.
    Lost,
}

impl Ending {
    /// Returns it as people read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::NothingToDo => "nothing to do",
            Self::Failed => "failed",
            Self::Incomplete => "incomplete",
            Self::Interrupted => "interrupted",
            Self::Stale => "stale",
            Self::NeedsPerson => "needs a person",
            Self::Lost => "lost",
        }
    }
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedStep {
    /// Empty if it was no step: the plan itself could not be made.
    pub address: String,
    /// Service and operation.
    pub call: String,
    /// AWS's error code; `null` if no answer came.
    pub code: Option<String>,
}

/// What was to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSummary {
    /// Id of the saved plan that was applied; `null` if there was none.
    pub id: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

/// The record before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub number: u64,
    /// SHA-256 of the object's bytes.
    pub hash: String,
    /// When AWS took it.
    pub written: String,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub format_version: String,
    /// From 1, without gaps; also in the object's key.
    pub number: u64,
    /// Id of the run's lock.
    pub id: String,
    pub verb: String,
    /// ARN.
    pub caller: String,
    pub host: String,
    /// When the lock was taken, by AWS's clock.
    pub started: String,
    /// When this was written, by AWS's clock; `null` for a run that was lost.
    pub ended: Option<String>,
    pub tool_version: String,
    pub scope: String,
    pub account: String,
    /// SHA-256 of the resolved blueprint.
    pub blueprint: String,
    pub plan: PlanSummary,
    /// Approvals that the plan needed and was given: `weaken:log_group.trail`.
    pub approvals: Vec<String>,
    /// What narrowed the run: `--target trail.main`; absent if it was about the whole blueprint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selected: Vec<String>,
    pub outcome: Ending,
    pub failed: Vec<FailedStep>,
    /// Id of the run that wrote this in place of one that was lost; `null` if it wrote its own.
    pub recorded_by: Option<String>,
    /// `null` in the first.
    pub previous: Option<Link>,
}

impl Record {
    /// Returns the record of a run that holds the lock, without number and link.
    pub fn of(holder: &Holder, outcome: Ending) -> Self {
        Self {
            format_version: FORMAT_VERSION.into(),
            number: 0,
            id: holder.id.clone(),
            verb: holder.verb.clone(),
            caller: holder.caller.clone(),
            host: holder.host.clone(),
            started: holder.since.clone(),
            ended: None,
            tool_version: holder.tool_version.clone(),
            scope: holder.scope.clone(),
            account: holder.account.clone(),
            blueprint: holder.blueprint.clone(),
            plan: PlanSummary { id: holder.plan_id.clone(), counts: holder.plan },
            approvals: Vec::new(),
            selected: Vec::new(),
            outcome,
            failed: Vec::new(),
            recorded_by: None,
            previous: None,
        }
    }
    /// Returns the object's bytes: sorted members, so that the same record is the same bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).expect("a record is plain data");
        let mut bytes = serde_json::to_vec_pretty(&value).expect("a record is plain data");
        bytes.push(b'\n');
        bytes
    }
}

/// Last number that a key of eight digits can have.
const LAST: u64 = 99_999_999;

/// Returns a record's key.
pub(super) fn key(number: u64) -> String {
    format!("{RECORDS}{number:08}.json")
}

/// Returns the number in a record's key.
pub(super) fn number(of: &str) -> Option<u64> {
    let digits = of.strip_prefix(RECORDS)?.strip_suffix(".json")?;
    // Longer ones are not ours, however right they look: a hundred million applies are none of a scope's.
    let number = digits.parse().ok().filter(|number| *number <= LAST)?;
    (key(number) == of).then_some(number)
}

/// Returns the last record's number; `None`: there is no record.
///
/// # Errors
/// The records cannot be listed.
pub async fn last_number(store: &Store) -> Result<Option<u64>, LedgerError> {
    let keys =
        store.list(RECORDS).await.map_err(|error| LedgerError::aws(store, RECORDS, "listed", error))?;
    Ok(keys.iter().filter_map(|key| number(key)).max())
}

/// Returns the record of the run that applied a saved plan; `after`: the last record when the plan was made.
///
/// # Errors
/// The records cannot be listed or read. A bucket that is not there holds none.
pub async fn applied(store: &Store, plan: &str, after: Option<u64>) -> Result<Option<Record>, LedgerError> {
    let keys = match store.list(RECORDS).await {
        Ok(keys) => keys,
        Err(error) if error.is(&["NoSuchBucket"]) => return Ok(None),
        Err(error) => return Err(LedgerError::aws(store, RECORDS, "listed", error)),
    };
    let newer = keys.iter().filter_map(|key| number(key)).filter(|number| *number > after.unwrap_or(0));
    for number in newer {
        if let Some(object) = read(store, number).await?
            && let Ok(record) = serde_json::from_slice::<Record>(&object.body)
            && record.plan.id.as_deref() == Some(plan)
        {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

async fn read(store: &Store, number: u64) -> Result<Option<Object>, LedgerError> {
    let key = key(number);
    let seen = store.get(&key).await.map_err(|error| LedgerError::aws(store, &key, "read", error))?;
    Ok(seen.object)
}

/// Writes a record behind the last one, whose number is given, and returns its number. A record of the same run that is
/// there already, since the answer to an earlier try was lost, is not written again.
///
/// # Errors
/// It cannot be written, or the last record cannot be read.
pub async fn append(store: &Store, mut record: Record, last: Option<u64>) -> Result<u64, LedgerError> {
    let mut last = last.unwrap_or(0);
    loop {
        let before = if last == 0 { None } else { read(store, last).await? };
        record.previous = before.map(|object| Link {
            number: last,
            hash: digest::of_bytes(&object.body),
            written: object.modified.to_string(),
        });
        record.number = last.saturating_add(1);
        if record.number > LAST {
            return Err(full(store));
        }
        let key = key(record.number);
        let answer = store.put(&key, &record.bytes(), If::Absent).await;
        if let Ok(Put::Done(_)) = answer {
            return Ok(record.number);
        }
        // Somebody's record is there, or nobody knows: it is ours if it bears our id.
        match read(store, record.number).await? {
            Some(object) if is_of(&object, &record.id) => return Ok(record.number),
            Some(_) => last = record.number,
            None => match answer {
                Err(error) => return Err(LedgerError::aws(store, &key, "written", error)),
                Ok(_) => {
                    let why = "S3 says that it exists, and does not find it".to_owned();
                    return Err(LedgerError::Odd { place: store.place(&key), why });
                }
            },
        }
    }
}

fn full(store: &Store) -> LedgerError {
    let why = "it has the last number that a record can have, and no apply wrote so many".to_owned();
    LedgerError::Odd { place: store.place(&key(LAST)), why }
}

fn is_of(object: &Object, id: &str) -> bool {
    serde_json::from_slice::<Record>(&object.body).is_ok_and(|record| record.id == id)
}

/// Writes the records that a holder owes for dead runs, each once, and returns the last number.
///
/// # Errors
/// As [`append`].
pub async fn settle(store: &Store, holder: &Holder) -> Result<Option<u64>, LedgerError> {
    let mut last = last_number(store).await?;
    if last == Some(LAST) {
        return Err(full(store));
    }
    // A run may die between its record and freeing the lock, and whoever takes over may die in the middle of this: the
    // records that are owed may be the last ones already.
    let mut there = Vec::new();
    if !holder.pending.is_empty() {
        let newest = last.unwrap_or(0);
        let most = u64::try_from(holder.pending.len()).unwrap_or(u64::MAX);
        for number in newest.saturating_sub(most)..=newest {
            if number > 0
                && let Some(object) = read(store, number).await?
                && let Ok(record) = serde_json::from_slice::<Record>(&object.body)
            {
                there.push(record.id);
            }
        }
    }
    for dead in holder.pending.iter().filter(|dead| !there.contains(&dead.id)) {
        let record = Record { recorded_by: Some(holder.id.clone()), ..Record::of(dead, Ending::Lost) };
        last = Some(append(store, record, last).await?);
    }
    Ok(last)
}
