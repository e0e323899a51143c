//! The vocabulary: addresses, ARNs, names, inputs, policies, tags.

pub mod address;
pub mod digest;
pub mod input;
pub mod names;
pub mod policy;
pub mod policy_eval;
pub mod tags;
pub mod text;

pub use address::{Address, AddressPattern, Scope};
pub use input::{Input, Output, Outputs};
pub use names::Names;
pub use policy::{Policy, Statement};
