//! What happens while a plan is carried out, as it is told to people and written to event streams.

use crate::aws::ApiError;
use crate::engine::plan::Action;
use crate::model::Address;
use serde::Serialize;

/// One thing that happened. As JSON, `event` names it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    StepStarted {
        address: Address,
        action: Action,
    },
    /// A step sends its next call; for screens, see [`Event::is_streamed`].
    StepCalls {
        address: Address,
        call: &'static str,
    },
    /// A call was answered with "not yet" and is sent again later.
    StepWaiting {
        address: Address,
        call: &'static str,
        /// What AWS has not spread yet.
        waiting_for: &'static str,
        /// Until the call is sent again.
        seconds: f64,
        /// Until it is given up.
        left_seconds: f64,
    },
    StepDone {
        address: Address,
        action: Action,
        calls: Vec<&'static str>,
        seconds: f64,
    },
    StepFailed {
        address: Address,
        action: Action,
        error: ApiError,
        seconds: f64,
    },
    StepSkipped {
        address: Address,
        because: String,
    },
    /// Another run holds the lock of the scope.
    LockWaiting {
        /// Who, and since when.
        holder: String,
        /// Until this run gives up.
        left_seconds: f64,
    },
    /// Every step was done: is there anything left to plan?
    VerifyStarted,
    /// Something still differs; AWS may show old values for a while.
    VerifyWaiting {
        /// Resources that differ.
        differing: usize,
        /// Until the next look.
        seconds: f64,
        /// Until what differs counts as a failure.
        left_seconds: f64,
    },
}

impl Event {
    /// Returns true if event streams carry it.
    pub fn is_streamed(&self) -> bool {
        !matches!(self, Self::StepCalls { .. })
    }
}
