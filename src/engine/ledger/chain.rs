//! The whole ledger, and whether anything of it was changed or taken away.

use super::lock::{State, look_at_any};
use super::record::{Link, RECORDS, Record, key, number};
use super::{LedgerError, newer};
use crate::aws::store::Store;
use crate::model::digest;
use futures_util::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most records that are read at a time.
const AT_ONCE: usize = 16;

/// One record as it lies in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub number: u64,
    /// `Err`: why it is no record.
    pub record: Result<Record, String>,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// When AWS took it.
    pub written: Timestamp,
}

/// A place where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Number of the record that is wrong or missing.
    pub number: u64,
    /// What is wrong, without a full stop.
    pub why: String,
}

/// The ledger and the lock.
#[derive(Debug)]
pub struct History {
    /// Oldest first.
    pub entries: Vec<Entry>,
    pub broken: Vec<Broken>,
    /// `Err`: what is at its key is no lock that this release can read. The records are read all the same.
    pub lock: Result<State, LedgerError>,
    /// When it was read, by AWS's clock.
    pub date: Timestamp,
}

/// Reads and checks everything. `kept_days`: after how many days the bucket lets records go.
///
/// # Errors
/// Something cannot be read.
pub async fn history(store: &Store, kept_days: u32) -> Result<History, LedgerError> {
    let failed = |doing| move |error| LedgerError::aws(store, RECORDS, doing, error);
    let (lock, date) = look_at_any(store).await?;
    let keys = store.list(RECORDS).await.map_err(failed("listed"))?;
    let versions = store.versions(RECORDS).await.map_err(failed("listed"))?;
    let numbers: Vec<u64> = keys.iter().filter_map(|key| number(key)).collect();
    let entries = stream::iter(numbers).map(|number| entry(store, number)).buffered(AT_ONCE);
    let entries: Vec<Result<Option<Entry>, LedgerError>> = entries.collect().await;
    let entries: Vec<Entry> = entries.into_iter().filter_map(Result::transpose).collect::<Result<_, _>>()?;
    let kept = SignedDuration::from_hours(24 * i64::from(kept_days));
    let oldest = date.checked_sub(kept).unwrap_or(Timestamp::MIN);
    let broken = check(&entries, &versions, oldest);
    Ok(History { entries, broken, lock, date })
}

async fn entry(store: &Store, number: u64) -> Result<Option<Entry>, LedgerError> {
    let key = key(number);
    let seen = store.get(&key).await.map_err(|error| LedgerError::aws(store, &key, "read", error))?;
    Ok(seen.object.map(|object| Entry {
        number,
        record: parse(&object.body),
        hash: digest::of_bytes(&object.body),
        written: object.modified,
    }))
}

fn parse(body: &[u8]) -> Result<Record, String> {
    let value: serde_json::Value = serde_json::from_slice(body).map_err(|_| "it is not JSON".to_owned())?;
    if let Some(version) = newer(&value) {
        return Err(format!("a newer auditscope wrote it (format {version})"));
    }
    serde_json::from_value(value).map_err(|error| format!("it is not a record: {error}"))
}

/// Returns where the chain does not hold, by number. What is older than `oldest` may have been let go by the bucket.
pub(super) fn check(
    entries: &[Entry],
    versions: &BTreeMap<String, (usize, usize)>,
    oldest: Timestamp,
) -> Vec<Broken> {
    let mut broken: Vec<Broken> = Vec::new();
    let mut tell = |number: u64, why: String| broken.push(Broken { number, why });
    let mut before: Option<&Entry> = None;
    for entry in entries {
        let expected = before.map(|before| before.number + 1);
        if let Some(first) = expected.filter(|expected| *expected < entry.number) {
            match entry.number - first {
                1 => tell(first, "it is missing".into()),
                _ => tell(first, format!("this and all up to {} are missing", entry.number - 1)),
            }
        }
        match &entry.record {
            Err(why) => tell(entry.number, why.clone()),
            Ok(record) if record.number != entry.number => {
                tell(entry.number, format!("it says that it is number {}", record.number));
            }
            Ok(record) => {
                if let Some(why) = link(record.previous.as_ref(), entry.number, before, oldest) {
                    tell(entry.number, why);
                }
            }
        }
        before = Some(entry);
    }
    for (key, (count, markers)) in versions {
        let Some(number) = number(key) else { continue };
        let there = entries.iter().any(|entry| entry.number == number);
        if *count > 1 {
            tell(number, format!("it was overwritten: there are {count} versions of it"));
        }
        // The last records leave no gap behind: only their versions tell that they were there.
        let last = entries.last().map_or(0, |entry| entry.number);
        if !there && *markers > 0 && number > last && !entries.is_empty() {
            tell(number, "it was deleted; its version is still there".into());
        }
    }
    if entries.is_empty() && !versions.is_empty() {
        let first = versions.keys().filter_map(|key| number(key)).max().unwrap_or(0);
        tell(first, "every record was deleted or has expired; versions are still there".into());
    }
    broken.sort_by_key(|broken| broken.number);
    broken
}

/// Returns why a record's link to the one before does not hold.
fn link(previous: Option<&Link>, number: u64, before: Option<&Entry>, oldest: Timestamp) -> Option<String> {
    match (previous, before) {
        (None, None) if number == 1 => None,
        (None, _) => Some("it names no record before it".into()),
        (Some(_), _) if number == 1 => Some("it is the first and names a record before it".into()),
        (Some(previous), _) if previous.number + 1 != number => {
            Some(format!("it names {} as the record before it", previous.number))
        }
        (Some(previous), Some(before)) if before.number + 1 == number => {
            if previous.hash != before.hash {
                Some(format!(
                    "record {} is not the one that it was written behind: its hash differs",
                    before.number
                ))
            } else if previous.written != before.written.to_string() {
                Some(format!("record {} was written at another time than it says", before.number))
            } else {
                None
            }
        }
        // The record before is missing, and that is told where the gap is.
        (Some(_), Some(_)) => None,
        (Some(previous), None) => match previous.written.parse::<Timestamp>() {
            Ok(written) if written <= oldest => None,
            _ => Some(format!(
                "record {} before it is missing, and the bucket keeps it longer than that",
                previous.number
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ledger::lock::Counts;
    use crate::engine::ledger::record::{Ending, PlanSummary};

    /// Returns a ledger of five records as it should be.
    fn ledger() -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for number in 1..=5 {
            let previous = entries.last().map(|before| Link {
                number: before.number,
                hash: before.hash.clone(),
                written: before.written.to_string(),
            });
            let record = Record {
                format_version: "1.0".into(),
                number,
                id: format!("id-{number}"),
                verb: "apply".into(),
                caller: "arn:aws:iam::111122223333:role/ci".into(),
                host: "runner".into(),
                started: "2026-11-24T10:00:00Z".into(),
                ended: None,
                tool_version: "0.1.0".into(),
                scope: "genai-audit".into(),
                account: "111122223333".into(),
                blueprint: "ab".into(),
                plan: PlanSummary { id: None, counts: Counts::default() },
                selected: Vec::new(),
                approvals: Vec::new(),
                outcome: Ending::Converged,
                failed: Vec::new(),
                recorded_by: None,
                previous,
            };
            let hash = digest::of_bytes(&record.bytes());
            let day = 20 + i64::try_from(number).expect("small");
            let written: Timestamp = format!("2026-11-{day}T10:00:00Z").parse().expect("a time");
            entries.push(Entry { number, record: Ok(record), hash, written });
        }
        entries
    }

    fn record(entry: &mut Entry) -> &mut Record {
        entry.record.as_mut().expect("a record")
    }

    #[test]
    fn each_way_to_break_the_chain_is_named() {
        type Change = fn(&mut Vec<Entry>, &mut BTreeMap<String, (usize, usize)>);
        let cases: [(&str, Change, &[&str]); 12] = [
            ("untouched", |_, _| {}, &[]),
            (
                "no records",
                |entries, versions| {
                    entries.clear();
                    versions.clear();
                },
                &[],
            ),
            (
                "one is missing",
                |entries, _| {
                    entries.remove(2);
                },
                &["3: it is missing"],
            ),
            (
                "two are missing",
                |entries, _| {
                    entries.drain(1..3);
                },
                &["2: this and all up to 3 are missing"],
            ),
            (
                "expired",
                |entries, versions| {
                    entries.drain(..2);
                    versions.insert(key(1), (1, 1));
                    versions.insert(key(2), (1, 1));
                },
                &[],
            ),
            (
                "the first ones are gone too early",
                |entries, _| {
                    entries.drain(..3);
                },
                &["4: record 3 before it is missing, and the bucket keeps it"],
            ),
            ("changed", |entries, _| entries[1].hash = "other".into(), &["3: record 2 is not the one"]),
            (
                "written anew",
                |entries, _| entries[1].written = Timestamp::UNIX_EPOCH,
                &["3: record 2 was written at another time"],
            ),
            (
                "under another number",
                |entries, _| record(&mut entries[4]).number = 9,
                &["5: it says that it is number 9"],
            ),
            (
                "no link",
                |entries, _| record(&mut entries[3]).previous = None,
                &["4: it names no record before it"],
            ),
            (
                "overwritten",
                |_, versions| {
                    versions.insert(key(5), (2, 0));
                },
                &["5: it was overwritten: there are 2 versions"],
            ),
            (
                "the last one was deleted",
                |entries, versions| {
                    entries.pop();
                    versions.insert(key(5), (1, 1));
                },
                &["5: it was deleted; its version is still there"],
            ),
        ];
        // The bucket has let go of what is older than record 2.
        let oldest: Timestamp = "2026-11-22T10:00:00Z".parse().expect("a time");
        for (case, change, want) in cases {
            let mut entries = ledger();
            let mut versions = entries.iter().map(|entry| (key(entry.number), (1, 0))).collect();
            change(&mut entries, &mut versions);
            let broken = check(&entries, &versions, oldest);
            let told: Vec<String> = broken.iter().map(|one| format!("{}: {}", one.number, one.why)).collect();
            assert_eq!(told.len(), want.len(), "{case}: {told:?}");
            for (told, want) in told.iter().zip(want) {
                assert!(told.starts_with(want), "{case}: {told}");
            }
        }
    }

    #[test]
    fn what_is_no_record_is_named() {
        for (case, body, want) in [
            ("no JSON", "x", "it is not JSON"),
            ("other JSON", "{}", "it is not a record: missing field"),
            ("newer", r#"{"format_version": "2.1"}"#, "a newer auditscope wrote it (format 2.1)"),
        ] {
            assert!(parse(body.as_bytes()).expect_err(case).starts_with(want), "{case}");
        }
        assert_eq!(number("auditscope/ledger/00000012.json"), Some(12));
        for odd in [
            "auditscope/ledger/12.json",
            "auditscope/ledger/0000001x.json",
            "auditscope/ledger/100000000.json",
            "auditscope/ledger/18446744073709551615.json",
            "auditscope/lock",
            "auditscope/ledger/",
        ] {
            assert_eq!(number(odd), None, "{odd}");
        }
    }
}
