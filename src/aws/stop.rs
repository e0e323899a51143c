//! A request to end early, seen between calls and by whoever waits; and a lease, after which no call is sent either.

use crate::aws::Clock;
use crate::aws::clock::Moment;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// Whether a run is to end early. Clones are the same request; it can be made from any thread and is never taken back.
///
/// A run that holds a lock also has a lease here. It is looked at when a call is about to be sent, not by a timer beside the
/// work: a machine that was suspended, or a process that was, finds it over before it sends anything.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    asked: watch::Sender<bool>,
    lease: Mutex<Option<Lease>>,
}

/// Since when, and for how long, calls may be sent.
#[derive(Clone, Debug)]
struct Lease {
    clock: Clock,
    since: Moment,
    lasts: Duration,
}

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(Inner { asked: watch::Sender::new(false), lease: Mutex::new(None) }))
    }
}

impl Stop {
    /// Asks for the end: calls in flight are finished, no new ones are sent.
    pub fn ask(&self) {
        self.0.asked.send_replace(true);
    }
    /// Returns true if the end was asked for, or the lease is over: no call may be sent.
    pub fn is_asked(&self) -> bool {
        *self.0.asked.borrow() || self.is_over()
    }
    /// Waits until the end is asked for.
    pub async fn asked(&self) {
        let gone = self.0.asked.subscribe().wait_for(|asked| *asked).await.is_err();
        debug_assert!(!gone, "the sender is behind `self`");
    }
    /// Waits; returns false at once when the end is asked for meanwhile.
    pub async fn sleep(&self, clock: &Clock, duration: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.asked() => false,
            () = clock.sleep(duration) => true,
        }
    }
    /// Lets calls be sent for as long as this lasts, counted from a moment that may have been a while ago.
    pub fn lease(&self, clock: &Clock, since: Moment, lasts: Duration) {
        *self.locked() = Some(Lease { clock: clock.clone(), since, lasts });
    }
    /// Ends the lease without ending the run: nothing hangs on a lock any more.
    pub fn end_lease(&self) {
        *self.locked() = None;
    }
    /// Returns how long calls may still be sent; `None`: there is no lease.
    pub fn left(&self) -> Option<Duration> {
        let lease = self.locked();
        lease.as_ref().map(|lease| lease.lasts.saturating_sub(lease.clock.since(&lease.since)))
    }
    /// Returns true if there was a lease and it is over.
    pub fn is_over(&self) -> bool {
        self.is_long_over(Duration::ZERO)
    }
    /// Returns true if the lease has been over for this long.
    pub fn is_long_over(&self, how_long: Duration) -> bool {
        let lease = self.locked();
        lease.as_ref().is_some_and(|lease| lease.clock.since(&lease.since) >= lease.lasts + how_long)
    }
    fn locked(&self) -> std::sync::MutexGuard<'_, Option<Lease>> {
        self.0.lease.lock().expect("no panic while the lock is held")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Sandbox;

    #[tokio::test]
    async fn a_wait_ends_when_somebody_asks_from_another_thread() {
        let stop = Stop::default();
        assert!(stop.sleep(&Clock::System, Duration::ZERO).await, "nobody asked");
        let other = stop.clone();
        let asking = std::thread::spawn(move || other.ask());
        assert!(!stop.sleep(&Clock::System, Duration::from_secs(3600)).await, "asked meanwhile");
        assert!(stop.is_asked());
        assert!(!stop.sleep(&Clock::System, Duration::from_secs(3600)).await, "asked before");
        asking.join().expect("no panic");
    }

    #[tokio::test]
    async fn a_lease_ends_without_anybody_looking() {
        let clock = Clock::Sandbox(Sandbox::in_memory("111122223333"));
        let stop = Stop::default();
        assert_eq!((stop.left(), stop.is_asked()), (None, false), "no lease");
        stop.lease(&clock, clock.moment(), Duration::from_secs(60));
        clock.sleep(Duration::from_secs(59)).await;
        assert!(!stop.is_asked(), "a second is left");
        clock.sleep(Duration::from_secs(1)).await;
        assert!(stop.is_over() && stop.is_asked() && !stop.is_long_over(Duration::from_secs(1)));
        clock.sleep(Duration::from_secs(1)).await;
        assert!(stop.is_long_over(Duration::from_secs(1)));
        stop.lease(&clock, clock.moment(), Duration::from_secs(60));
        assert!(!stop.is_asked(), "renewed");
        clock.sleep(Duration::from_secs(600)).await;
        stop.end_lease();
        assert!(!stop.is_asked(), "nothing hangs on it any more");
    }
}
