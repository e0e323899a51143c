//! Time on the sandbox: waiting moves its clock instead of the user.

use super::{Inner, Sandbox};
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

/// 2026-01-01T00:00:00Z, where the clock of a sandbox in memory starts.
const START_SECONDS: i64 = 1_767_225_600;
/// How often a sleeper that is not the next to wake gives way, with no wait moving the clock meanwhile, before the one it
/// gives way to is passed over. The SDK holds sleeps that it does not poll (time-outs of bodies): waiting for those would
/// never end.
const PATIENCE: u32 = 64;

/// Who sleeps until when, by an id of its own.
#[derive(Debug, Default)]
pub(super) struct Sleepers {
    until: BTreeMap<u64, Timestamp>,
    /// Those that others have given way to in vain; one that is polled again is none of them.
    passed_over: BTreeSet<u64>,
    next: u64,
}

impl Sleepers {
    /// Returns who wakes next.
    fn first(&self) -> Option<u64> {
        let live = self.until.iter().filter(|(id, _)| !self.passed_over.contains(id));
        live.min_by_key(|(id, until)| (**until, **id)).map(|(id, _)| *id)
    }
    fn remove(&mut self, id: u64) {
        self.until.remove(&id);
        self.passed_over.remove(&id);
    }
}

impl Inner {
    /// Returns the sandbox clock's time: the machine's, or a fixed start, plus what waits have moved it.
    pub(super) fn now(&self) -> Timestamp {
        let start = Timestamp::from_second(START_SECONDS).unwrap_or(Timestamp::UNIX_EPOCH);
        let base = if self.runs { Timestamp::now() } else { start };
        base.saturating_add(SignedDuration::from_millis(self.state.clock_ahead_millis)).unwrap_or(base)
    }
}

impl Sandbox {
    /// Returns a sleep for SDK clients that moves the sandbox clock and takes no real time.
    ///
    /// Sleeps end in the order of their deadlines, so that a time-out around a shorter wait does not fire.
    #[must_use]
    pub fn sleep_impl(&self) -> SharedAsyncSleep {
        SharedAsyncSleep::new(SandboxSleep(self.clone()))
    }

    /// Returns the sandbox clock for SDK clients, which sign with it and expire credentials by it.
    #[must_use]
    pub fn time_source(&self) -> SharedTimeSource {
        SharedTimeSource::new(SandboxTime(self.clone()))
    }

    pub(super) fn nap(&self, duration: Duration) -> Nap {
        let mut inner = self.lock();
        let wait = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let until = inner.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        let id = inner.sleepers.next;
        inner.sleepers.next += 1;
        inner.sleepers.until.insert(id, until);
        drop(inner);
        Nap { sandbox: self.clone(), id, until, ahead: i64::MIN, polls: 0 }
    }
}

#[derive(Debug)]
struct SandboxSleep(Sandbox);

impl AsyncSleep for SandboxSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.0.nap(duration))
    }
}

#[derive(Debug)]
struct SandboxTime(Sandbox);

impl TimeSource for SandboxTime {
    fn now(&self) -> SystemTime {
        let since =
            Duration::try_from(self.0.now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default();
        SystemTime::UNIX_EPOCH + since
    }
}

/// A sleep on the sandbox clock.
pub(super) struct Nap {
    sandbox: Sandbox,
    id: u64,
    until: Timestamp,
    /// How far waits had moved the clock when this was last polled.
    ahead: i64,
    /// Polls since then.
    polls: u32,
}

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (now, ahead) = {
            let inner = self.sandbox.lock();
            (inner.now(), inner.state.clock_ahead_millis)
        };
        let begins = self.ahead == i64::MIN;
        self.polls = if self.ahead == ahead { self.polls + 1 } else { 1 };
        self.ahead = ahead;
        let waits = {
            let sandbox = self.sandbox.clone();
            let sleepers = &mut sandbox.lock().sleepers;
            sleepers.passed_over.remove(&self.id);
            // Where many sleep, each is polled for every one that wakes.
            let many = u32::try_from(sleepers.until.len()).unwrap_or(u32::MAX);
            match sleepers.first() {
                Some(first) if first != self.id && self.polls >= PATIENCE.max(many.saturating_mul(4)) => {
                    sleepers.passed_over.insert(first);
                    self.polls = 1;
                    true
                }
                // The first poll gives way always: whoever else is about to sleep less gets to say so.
                first => begins || first != Some(self.id),
            }
        };
        if now < self.until && waits {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if now < self.until {
            let left = Duration::try_from(self.until.duration_since(now)).unwrap_or_default();
            self.sandbox.advance(left);
        }
        self.sandbox.lock().sleepers.remove(self.id);
        Poll::Ready(())
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        self.sandbox.lock().sleepers.remove(self.id);
    }
}
