//! The lock: one object that says `free`, or who holds it.
//!
//! Taken, renewed and freed by swapping one known content for another. A holder that dies leaves it behind; once the
//! lease is over by AWS's clock, the next run takes it over and writes the record that the dead one owes.

use super::{FORMAT_VERSION, LedgerError, newer, record};
use crate::aws::Stop;
use crate::aws::clock::Moment;
use crate::aws::store::{If, Put, Store};
use crate::model::text::clean;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Key of the lock.
const KEY: &str = "auditscope/lock";
/// What a lock says that nobody holds.
const FREE: &[u8] = b"free";
/// How long a lock lasts that is not renewed.
pub const LEASE: Duration = Duration::from_secs(600);
/// How often its holder renews it.
const RENEW: Duration = Duration::from_secs(180);
/// After how long without a renewal its holder stops writing: a minute before anybody may take it over, for calls that are
/// under way.
const GIVE_UP: Duration = Duration::from_secs(540);
/// Pause after a renewal that failed.
const AGAIN: Duration = Duration::from_secs(20);
/// Longest pause between two looks at a lock that somebody else holds.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How often a lock that was seen free may be taken by somebody else before that is no coincidence.
const MOST_BEATEN: u32 = 100;

/// How many resources a plan is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
    pub adopt: usize,
    pub release: usize,
}

/// Who holds the lock, and for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub format_version: String,
    /// Random; names the run in the ledger too.
    pub id: String,
    /// `apply`, `destroy` or `unlock`.
    pub verb: String,
    /// ARN.
    pub caller: String,
    /// Where it runs: a host's name, or the address of a CI job.
    pub host: String,
    pub tool_version: String,
    pub scope: String,
    pub account: String,
    /// SHA-256 of the resolved blueprint.
    pub blueprint: String,
    /// Id of the saved plan that is applied, if one is.
    #[serde(default)]
    pub plan_id: Option<String>,
    pub plan: Counts,
    /// When it was taken, by AWS's clock.
    pub since: String,
    /// Counts the renewals, so that the content, and with it the ETag, is another one each time.
    #[serde(default)]
    pub renewed: u32,
    /// Runs that died with the lock and whose records this one owes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Holder>,
}

impl Holder {
    /// Returns a holder that holds nothing yet, with a new id.
    pub fn new(verb: &str, caller: &str, host: &str, store: &Store) -> Self {
        let (scope, account) = store.of();
        Self {
            format_version: FORMAT_VERSION.into(),
            id: format!("{:012x}", fastrand::u64(..) >> 16),
            verb: verb.into(),
            caller: caller.into(),
            host: host.into(),
            tool_version: env!("CARGO_PKG_VERSION").into(),
            scope: scope.into(),
            account: account.into(),
            blueprint: String::new(),
            plan_id: None,
            plan: Counts::default(),
            since: String::new(),
            renewed: 0,
            pending: Vec::new(),
        }
    }
    /// Whoever may write to the bucket wrote this: it must be fit to be shown.
    fn scrub(&mut self) {
        let texts = [
            &mut self.id,
            &mut self.verb,
            &mut self.caller,
            &mut self.host,
            &mut self.since,
            &mut self.tool_version,
        ];
        for text in texts {
            *text = clean(text).into_owned();
        }
        self.pending.iter_mut().for_each(Self::scrub);
    }
    fn body(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a holder is plain data")
    }
}

/// What a lock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Free,
    Held(Box<Holder>),
}

/// Reads a lock's content.
///
/// # Errors
/// A newer release's, or nobody's.
pub fn content(body: &[u8], place: &str) -> Result<Content, LedgerError> {
    if body.trim_ascii() == FREE {
        return Ok(Content::Free);
    }
    let odd = |why: String| LedgerError::Odd { place: place.into(), why };
    let value: serde_json::Value = serde_json::from_slice(body)
        .map_err(|_| odd("it is neither the word `free` nor a document that names a holder".into()))?;
    if let Some(version) = newer(&value) {
        return Err(LedgerError::Newer { place: place.into(), version });
    }
    let mut holder: Holder =
        serde_json::from_value(value).map_err(|error| odd(format!("it names no holder: {error}")))?;
    holder.scrub();
    Ok(Content::Held(Box::new(holder)))
}

/// A lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub holder: Holder,
    /// `s3://bucket/key`.
    pub place: String,
    /// When it was taken or last renewed, by AWS's clock.
    pub renewed: Timestamp,
    /// When that was looked at, by AWS's clock.
    pub date: Timestamp,
    etag: String,
}

impl Held {
    /// Returns when the lease ends unless it is renewed.
    pub fn ends(&self) -> Timestamp {
        let lease = SignedDuration::try_from(LEASE).unwrap_or_default();
        self.renewed.saturating_add(lease).unwrap_or(Timestamp::MAX)
    }
    /// Returns true if the holder may be taken for dead. Both times are AWS's, to the second.
    pub fn is_over(&self) -> bool {
        self.date > self.ends()
    }
    /// Returns who holds it, since when and until when, without a full stop.
    pub fn told(&self) -> String {
        let Holder { verb, caller, host, since, id, .. } = &self.holder;
        let ends = if self.is_over() { "ended" } else { "ends" };
        format!("{verb} {id} by {caller} on {host} since {since}; its lease {ends} at {}", self.ends())
    }
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        format!(
            "--lock-timeout 15m waits for it; if that run is dead, `auditscope unlock FILE {}` frees the lock at once, \
             and without that the lease ends by itself",
            self.holder.id
        )
    }
}

/// What a look at the lock shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// There has never been one.
    Absent,
    Free {
        etag: String,
    },
    Held(Box<Held>),
}

/// Looks at the lock; also returns AWS's time.
///
/// # Errors
/// It cannot be read, or is not ours.
pub async fn look(store: &Store) -> Result<(State, Timestamp), LedgerError> {
    let (state, date) = look_at_any(store).await?;
    Ok((state?, date))
}

/// As [`look`], but what is not ours, or a newer release's, is part of the answer.
///
/// # Errors
/// It cannot be read.
pub(super) async fn look_at_any(
    store: &Store,
) -> Result<(Result<State, LedgerError>, Timestamp), LedgerError> {
    let seen = store.get(KEY).await.map_err(|error| LedgerError::aws(store, KEY, "read", error))?;
    let date = seen.date;
    let Some(object) = seen.object else { return Ok((Ok(State::Absent), date)) };
    let place = store.place(KEY);
    let state = content(&object.body, &place).map(|content| match content {
        Content::Free => State::Free { etag: object.etag },
        Content::Held(holder) => {
            let held = Held { holder: *holder, place, renewed: object.modified, date, etag: object.etag };
            State::Held(Box::new(held))
        }
    });
    Ok((state, date))
}

/// A lock that this run holds.
#[derive(Debug)]
pub struct Lock {
    store: Store,
    holder: Holder,
    etag: String,
    /// Before the write by which it was taken or last renewed was sent: the lease is not younger than that.
    renewed: Moment,
}

impl Lock {
    /// Takes the lock; waits up to `timeout` while somebody else holds it. `waiting` is told once for whom.
    ///
    /// # Errors
    /// Somebody else holds it, it cannot be read or written, or `stop` was raised meanwhile.
    pub async fn take(
        store: Store,
        mut holder: Holder,
        timeout: Duration,
        stop: &Stop,
        waiting: &(dyn Fn(&Held) + Sync),
    ) -> Result<Self, LedgerError> {
        let (mut waited, mut pause, mut told) = (Duration::ZERO, Duration::from_secs(1), false);
        let mut first: Option<Moment> = None;
        let mut beaten = 0;
        loop {
            let (state, date) = look(&store).await?;
            let seen = match state {
                // An earlier write of ours whose answer was lost.
                State::Held(held) if held.holder.id == holder.id => {
                    let renewed = first.unwrap_or_else(|| store.clock().moment());
                    return Ok(Self { store, holder: held.holder, etag: held.etag, renewed });
                }
                State::Held(held) if !held.is_over() => {
                    if waited >= timeout {
                        return Err(LedgerError::Locked(held));
                    }
                    if !told {
                        waiting(&held);
                        told = true;
                    }
                    let now = pause.min(timeout - waited);
                    if !store.clock().wait_for_others(now, stop).await {
                        return Err(LedgerError::Interrupted);
                    }
                    waited += now;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    continue;
                }
                State::Held(held) => {
                    holder.pending = owed(&held.holder);
                    Some(held.etag)
                }
                State::Free { etag } => {
                    holder.pending.clear();
                    Some(etag)
                }
                State::Absent => {
                    holder.pending.clear();
                    None
                }
            };
            holder.since = date.to_string();
            let condition = seen.as_deref().map_or(If::Absent, If::Is);
            let renewed = *first.get_or_insert_with(|| store.clock().moment());
            match store.put(KEY, &holder.body(), condition).await {
                Ok(Put::Done(etag)) => return Ok(Self { store, holder, etag, renewed }),
                // Somebody was faster; who, the next look tells.
                Ok(Put::Not) if beaten < MOST_BEATEN => beaten += 1,
                Ok(Put::Not) => {
                    let why = "it can be read, and no condition on it ever holds".to_owned();
                    return Err(LedgerError::Odd { place: store.place(KEY), why });
                }
                // It may have happened all the same: only a look can tell, and only if it is ours it is.
                Err(error) => match look(&store).await {
                    Ok((State::Held(held), _)) if held.holder.id == holder.id => {
                        return Ok(Self { store, holder: held.holder, etag: held.etag, renewed });
                    }
                    _ => return Err(LedgerError::aws(&store, KEY, "written", error)),
                },
            }
        }
    }
    /// Returns who holds it: this run.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }
    /// Returns where it lies.
    pub fn store(&self) -> &Store {
        &self.store
    }
    /// Lets `stop` pass calls for as long as nobody may take the lock over; renews it first if much of the lease has passed.
    ///
    /// # Errors
    /// It is somebody else's, or cannot be written.
    pub async fn lease(&mut self, stop: &Stop) -> Result<(), LedgerError> {
        if self.store.clock().since(&self.renewed) >= RENEW && !self.renew().await? {
            return Err(LedgerError::Lost { place: self.store.place(KEY) });
        }
        stop.lease(self.store.clock(), self.renewed, GIVE_UP);
        Ok(())
    }
    /// Renews the lock, and with it the lease of `stop`, for as long as this is polled. If it is somebody else's, or could not
    /// be renewed for so long that it soon may be, `stop` and `lost` are raised. Never ends.
    pub async fn keep(&mut self, stop: &Stop, lost: &AtomicBool) {
        let clock = self.store.clock().clone();
        let mut pause = RENEW.saturating_sub(clock.since(&self.renewed));
        loop {
            clock.sleep(pause).await;
            let left = GIVE_UP.saturating_sub(clock.since(&self.renewed));
            let answer = tokio::select! {
                answer = self.renew() => answer,
                () = clock.sleep(left) => break,
            };
            match answer {
                Ok(true) => {
                    stop.lease(&clock, self.renewed, GIVE_UP);
                    pause = RENEW;
                }
                Ok(false) => break,
                Err(_) => pause = AGAIN.min(GIVE_UP.saturating_sub(clock.since(&self.renewed))),
            }
        }
        lost.store(true, Ordering::SeqCst);
        stop.ask();
        std::future::pending::<()>().await;
    }
    /// Returns true if the lock was still ours and is so for another lease.
    async fn renew(&mut self) -> Result<bool, LedgerError> {
        // Twice: an earlier renewal whose answer was lost has changed the ETag, and began no lease now.
        for _ in 0..2 {
            let mut holder = self.holder.clone();
            holder.renewed += 1;
            let sent = self.store.clock().moment();
            match self.store.put(KEY, &holder.body(), If::Is(&self.etag)).await {
                Ok(Put::Done(etag)) => {
                    (self.holder, self.etag, self.renewed) = (holder, etag, sent);
                    return Ok(true);
                }
                Ok(Put::Not) if self.is_ours().await?.is_some() => {}
                Ok(Put::Not) => return Ok(false),
                Err(error) => return Err(LedgerError::aws(&self.store, KEY, "renewed", error)),
            }
        }
        let why = "it is this run's, and no condition on it holds".to_owned();
        Err(LedgerError::Odd { place: self.store.place(KEY), why })
    }
    /// Returns AWS's time if the lock is still ours, perhaps with a renewal whose answer was lost.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn is_ours(&mut self) -> Result<Option<Timestamp>, LedgerError> {
        let (state, date) = look(&self.store).await?;
        match state {
            State::Held(held) if held.holder.id == self.holder.id => {
                (self.holder, self.etag) = (held.holder, held.etag);
                Ok(Some(date))
            }
            _ => Ok(None),
        }
    }
    /// Returns true if whoever holds the lock now owes this run's record.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn is_owed_by_others(&self) -> Result<bool, LedgerError> {
        let (state, _) = look(&self.store).await?;
        let owes = |held: &Held| held.holder.pending.iter().any(|dead| dead.id == self.holder.id);
        Ok(matches!(state, State::Held(held) if owes(&held)))
    }
    /// Frees the lock if it is still ours.
    ///
    /// # Errors
    /// It cannot be written, or somebody else has it.
    pub async fn free(mut self) -> Result<(), LedgerError> {
        let mut last = None;
        // Twice: a renewal that was broken off may have changed the ETag.
        for _ in 0..2 {
            match self.store.put(KEY, FREE, If::Is(&self.etag)).await {
                Ok(Put::Done(_)) => return Ok(()),
                Ok(Put::Not) => last = None,
                Err(error) => last = Some(error),
            }
            match look(&self.store).await? {
                (State::Held(held), _) if held.holder.id == self.holder.id => self.etag = held.etag,
                // An earlier try whose answer was lost, and perhaps the next run has it already; one that took it from us
                // says so.
                (State::Free { .. }, _) => return Ok(()),
                (State::Held(held), _)
                    if held.holder.pending.iter().all(|dead| dead.id != self.holder.id) =>
                {
                    return Ok(());
                }
                _ => return Err(LedgerError::Lost { place: self.store.place(KEY) }),
            }
        }
        match last {
            Some(error) => Err(LedgerError::aws(&self.store, KEY, "freed", error)),
            None => Err(LedgerError::Lost { place: self.store.place(KEY) }),
        }
    }
}

/// Returns the runs whose records are owed when this holder has died: those that it owed, and itself. `unlock` only helps
/// others out and leaves no record of its own.
fn owed(dead: &Holder) -> Vec<Holder> {
    let mut dead = dead.clone();
    let mut owed = std::mem::take(&mut dead.pending);
    if dead.verb != "unlock" {
        owed.push(dead);
    }
    owed
}

/// Frees the lock of a dead run, after the record that it owes. Returns whose it was, as it was seen before.
///
/// # Errors
/// The lock is free, has another id, or cannot be read or written.
pub async fn unlock(store: Store, id: &str, caller: &str, host: &str) -> Result<Held, LedgerError> {
    let held = match look(&store).await?.0 {
        State::Held(held) if held.holder.id == id => held,
        State::Held(held) => return Err(LedgerError::OtherId { id: id.into(), held }),
        State::Absent | State::Free { .. } => return Err(LedgerError::NotHeld { place: store.place(KEY) }),
    };
    // By the same swap that takes a lock: if its holder is alive, its next renewal finds this one, and it stops.
    let mut holder = Holder::new("unlock", caller, host, &store);
    holder.pending = owed(&held.holder);
    holder.since = held.date.to_string();
    holder.blueprint.clone_from(&held.holder.blueprint);
    let etag = match store.put(KEY, &holder.body(), If::Is(&held.etag)).await {
        Ok(Put::Done(etag)) => etag,
        answer => match look(&store).await? {
            (State::Held(now), _) if now.holder.id == holder.id => now.etag,
            (State::Held(now), _) => return Err(LedgerError::OtherId { id: id.into(), held: now }),
            (State::Absent | State::Free { .. }, _) => match answer {
                Err(error) => return Err(LedgerError::aws(&store, KEY, "written", error)),
                Ok(_) => return Err(LedgerError::NotHeld { place: store.place(KEY) }),
            },
        },
    };
    let renewed = store.clock().moment();
    let lock = Lock { store, holder, etag, renewed };
    record::settle(lock.store(), lock.holder()).await?;
    lock.free().await?;
    Ok(*held)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder() -> serde_json::Value {
        serde_json::json!({
            "format_version": "1.0", "id": "0123456789ab", "verb": "apply", "caller": "arn:aws:iam::111122223333:role/ci",
            "host": "runner", "tool_version": "0.1.0", "scope": "genai-audit", "account": "111122223333",
            "blueprint": "ab", "plan": {"add": 1, "change": 0, "destroy": 0, "adopt": 0, "release": 0},
            "since": "2026-11-24T10:00:00Z", "later": "members of a later minor version are passed over",
        })
    }

    #[test]
    fn a_lock_says_free_or_names_its_holder_and_anything_else_is_an_error() {
        let newer = {
            let mut newer = holder();
            newer["format_version"] = "2.0".into();
            newer
        };
        let cases: [(&str, Vec<u8>, &str); 9] = [
            ("free", b"free".to_vec(), "free"),
            ("free, by hand", b"free\n".to_vec(), "free"),
            ("held", holder().to_string().into(), "held by 0123456789ab"),
            ("newer", newer.to_string().into(), "was written by a newer auditscope (format 2.0)"),
            ("empty", Vec::new(), "neither the word `free`"),
            ("another word", b"locked".to_vec(), "neither the word `free`"),
            ("cut off", holder().to_string().as_bytes()[..40].into(), "neither the word `free`"),
            ("other JSON", b"{\"a\": 1}".to_vec(), "names no holder: missing field"),
            ("no text", vec![0xff, 0xfe], "neither the word `free`"),
        ];
        for (case, body, want) in cases {
            let told = match content(&body, "s3://b/auditscope/lock") {
                Ok(Content::Free) => "free".to_owned(),
                Ok(Content::Held(holder)) => format!("held by {}", holder.id),
                Err(error) => {
                    assert!(!error.hint().is_empty(), "{case}");
                    error.to_string()
                }
            };
            assert!(told.contains(want), "{case}: {told}");
        }
    }

    #[test]
    fn a_lease_ends_by_aws_s_clock_alone() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let cases = [
            ("just taken", "2026-11-24T10:00:00Z", false),
            ("its last second", "2026-11-24T10:10:00Z", false),
            ("over", "2026-11-24T10:10:01Z", true),
            ("an answer older than the lock", "2026-11-24T09:59:59Z", false),
        ];
        for (case, date, want) in cases {
            let held = Held {
                holder: serde_json::from_value(holder()).expect("a holder"),
                place: "s3://b/auditscope/lock".into(),
                renewed: at("2026-11-24T10:00:00Z"),
                date: at(date),
                etag: "e".into(),
            };
            assert_eq!(held.is_over(), want, "{case}");
            assert_eq!(held.ends(), at("2026-11-24T10:10:00Z"), "{case}");
        }
    }

    #[test]
    fn whoever_takes_over_owes_what_the_dead_owed() {
        let named = |id: &str, verb: &str, pending: Vec<Holder>| {
            let holder: Holder = serde_json::from_value(holder()).expect("a holder");
            Holder { id: id.into(), verb: verb.into(), pending, ..holder }
        };
        let first = named("a", "apply", Vec::new());
        let second = named("b", "destroy", vec![first.clone()]);
        let helper = named("c", "unlock", vec![first.clone()]);
        let cases =
            [("one", &first, vec!["a"]), ("two", &second, vec!["a", "b"]), ("unlock", &helper, vec!["a"])];
        for (case, dead, want) in cases {
            let owed = owed(dead);
            assert_eq!(owed.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), want, "{case}");
            assert!(owed.iter().all(|one| one.pending.is_empty()), "{case}: nothing is nested");
        }
    }

    #[test]
    fn each_renewal_is_another_content() {
        let holder: Holder = serde_json::from_value(holder()).expect("a holder");
        let renewed = Holder { renewed: 1, ..holder.clone() };
        // An ETag of S3's own encryption is the hash of the content: with the same one a taker could not tell.
        assert_ne!(holder.body(), renewed.body());
    }
}
