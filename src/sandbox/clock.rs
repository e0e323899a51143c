//! Time on the sandbox: waiting moves its clock instead of the user.

use super::{Inner, Sandbox};
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

/// 2026-01-01T00:00:00Z, where the clock of a sandbox in memory starts.
const START_SECONDS: i64 = 1_767_225_600;
/// How often the next to wake gives way before it moves the clock: whoever else is about to sleep less gets to say so.
const COURTESY: u32 = 4;
/// How often a sleeper that is not the next to wake gives way, with no wait moving the clock meanwhile, before it wakes
/// all the same. The SDK may hold a sleep that it has polled and polls no more: waiting for it would never end.
const PATIENCE: u32 = 256;

/// Who sleeps, by an id of its own.
#[derive(Debug, Default)]
pub(super) struct Sleepers {
    asleep: BTreeMap<u64, Asleep>,
    next: u64,
}

/// One sleep.
#[derive(Debug)]
struct Asleep {
    until: Timestamp,
    /// How far waits had moved the clock when it was last polled; `None` before. The SDK holds sleeps that it does not
    /// poll (time-outs of bodies), so that only what was polled since the clock was last moved counts.
    polled: Option<i64>,
}

impl Sleepers {
    /// Returns the earliest end of those that were polled since the clock was moved this far.
    fn first(&self, ahead: i64) -> Option<Timestamp> {
        self.asleep.values().filter(|asleep| asleep.polled == Some(ahead)).map(|asleep| asleep.until).min()
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
        inner.sleepers.asleep.insert(id, Asleep { until, polled: None });
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
        let (now, ahead, first) = {
            let mut inner = self.sandbox.lock();
            let ahead = inner.state.clock_ahead_millis;
            if let Some(asleep) = inner.sleepers.asleep.get_mut(&self.id) {
                asleep.polled = Some(ahead);
            }
            let first = inner.sleepers.first(ahead) == Some(self.until);
            (inner.now(), ahead, first)
        };
        self.polls = if self.ahead == ahead { self.polls + 1 } else { 1 };
        self.ahead = ahead;
        let courtesy = if first { COURTESY } else { PATIENCE };
        if now < self.until && self.polls < courtesy {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if now < self.until {
            let left = Duration::try_from(self.until.duration_since(now)).unwrap_or_default();
            self.sandbox.advance(left);
        }
        self.sandbox.lock().sleepers.asleep.remove(&self.id);
        Poll::Ready(())
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        self.sandbox.lock().sleepers.asleep.remove(&self.id);
    }
}
