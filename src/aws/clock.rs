//! Time: the machine's, or the sandbox's, where waiting moves the clock instead of the user.

use crate::aws::Stop;
use crate::sandbox::Sandbox;
use aws_smithy_async::rt::sleep::AsyncSleep;
use jiff::Timestamp;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Pause in real time for each wait for another process on a sandbox that both have open: the other one's work takes no
/// time on the sandbox's clock, and waiting alone would let its lease run out.
const OTHER_PROCESS: Duration = Duration::from_millis(200);

/// Where time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Sandbox(Sandbox),
}

/// A moment by both of a machine's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    ticks: Duration,
    now: Timestamp,
}

impl Clock {
    /// Returns this moment.
    pub fn moment(&self) -> Moment {
        Moment { ticks: self.ticks(), now: self.now() }
    }
    /// Returns how long ago a moment was, by the clock that says more: the one that never jumps stands still while a machine
    /// is suspended, and the other one may be set back.
    pub fn since(&self, moment: &Moment) -> Duration {
        let ticks = self.ticks().saturating_sub(moment.ticks);
        let wall = Duration::try_from(self.now().duration_since(moment.now)).unwrap_or_default();
        ticks.max(wall)
    }
    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Sandbox(sandbox) => sandbox.now(),
        }
    }
    /// Waits; on the sandbox its clock moves instead of the user, and waits side by side take as long as the longest.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::System => tokio::time::sleep(duration).await,
            Self::Sandbox(sandbox) => sandbox.sleep_impl().sleep(duration).await,
        }
    }
    /// Returns the time since some moment, for measuring how long something took: on a machine it never jumps, whatever
    /// happens to its clock.
    pub fn ticks(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        match self {
            Self::System => START.get_or_init(Instant::now).elapsed(),
            Self::Sandbox(sandbox) => {
                Duration::try_from(sandbox.now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
            }
        }
    }
    /// Waits for what another run does; returns false at once when the end is asked for meanwhile.
    pub async fn wait_for_others(&self, duration: Duration, stop: &Stop) -> bool {
        if let Self::Sandbox(sandbox) = self
            && sandbox.is_shared()
            && !stop.sleep(&Self::System, OTHER_PROCESS).await
        {
            return false;
        }
        stop.sleep(self, duration).await
    }
}
