//! Time: the machine's, or the sandbox's, where waiting moves the clock instead of the user.

use crate::sandbox::Sandbox;
use jiff::Timestamp;
use std::time::Duration;

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
    /// Waits; on the sandbox the clock moves and the call returns at once.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::System => tokio::time::sleep(duration).await,
            Self::Sandbox(sandbox) => {
                sandbox.advance(duration);
                tokio::task::yield_now().await;
            }
        }
    }
}
