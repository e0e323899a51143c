//! The blueprint: the one file a user writes.

pub mod model;
pub use model::*;
