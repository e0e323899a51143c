//! Time: the machine's, or the sandbox's, where waiting moves the clock instead of the user.

use crate::sandbox::Sandbox;
use aws_smithy_async::rt::sleep::AsyncSleep;
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
    /// Waits; on the sandbox its clock moves instead of the user, and waits side by side take as long as the longest.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::System => tokio::time::sleep(duration).await,
            Self::Sandbox(sandbox) => sandbox.sleep_impl().sleep(duration).await,
        }
    }
}
