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

impl Clock {
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
