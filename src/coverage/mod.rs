//! Which API operations a trail records, and what a change of its settings does to that.
//!
//! Pure: nothing here reads AWS. Three layers, each usable alone:
//!
//! - [`selector`]: what an advanced event selector means, and [`grammar`]: which ones CloudTrail accepts;
//! - [`operations`]: the catalogue of operations, each with its category and how well that is known;
//! - [`recording`] and [`invocation`]: a trail's and Bedrock's settings as sets of recorded operations, and
//!   [`mod@effect`]: the difference between two such settings, as plans print it.
//!
//! The module never claims more than it can show. An operation that a condition admits only for some resources or
//! callers is [`Level::Partial`]; one whose category no source states is never reported as recorded.

pub mod effect;
pub mod grammar;
pub mod invocation;
#[cfg(test)]
mod laws;
pub mod operations;
pub mod recording;
pub mod selector;

pub use effect::{Effect, Level, effect};
pub use grammar::{GrammarProblem, check_grammar};
pub use invocation::{InvocationRecording, invocation_effect, recorded_bodies};
pub use operations::{Category, Confidence, OPERATIONS, Operation};
pub use recording::{BasicSelector, Recording, Selection, recorded};
pub use selector::{Event, Match, ReadOnly, Selector};
