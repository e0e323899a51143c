//! A request to end early, seen between calls and by whoever waits.

use crate::aws::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Whether a run is to end early. Clones are the same request; it can be made from any thread and is never taken back.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Asks for the end: calls in flight are finished, no new ones are sent.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
    /// Returns true if the end was asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
    /// Waits until the end is asked for.
    pub async fn asked(&self) {
        let gone = self.0.subscribe().wait_for(|asked| *asked).await.is_err();
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
