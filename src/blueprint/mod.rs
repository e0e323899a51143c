//! The blueprint: the one file a user writes.
//!
//! ```text
//! files ─▶ tree with spans ─▶ layers merged ─▶ variables filled ─▶ shape (keys) ─▶ typed (read) ─▶ checks ─▶ waivers
//! ```
//!
//! Every stage collects its problems and goes on, so that one run reports everything that is wrong. [`KEYS`] is the
//! format, [`CHECKS`] what is looked at; the JSON Schema and the docs come from these two tables.

mod built_in;
pub mod catalogue;
mod check;
mod codes;
mod examples;
mod keys;
mod layers;
mod load;
pub mod model;
mod node;
pub mod objectives;
mod patterns;
pub mod problem;
mod read;
mod render;
mod schema;
mod shapes;
pub mod source;
mod structure;
#[cfg(test)]
mod tests;
mod variables;
mod waivers;

pub use codes::{CHECKS, Check, check as check_by_code};
pub use examples::{ExampleError, Examples, read_events};
pub use keys::{Default as KeyDefault, KEYS, Key, Kind as KeyKind};
pub use load::{FORMAT, LoadOptions, Loaded, Rejected, hash, load};
pub use model::*;
pub use problem::{Problem, Severity as ProblemSeverity};
pub use render::render;
pub use schema::{key, schema};
pub use source::{Location, Origin, Sources};
pub use variables::{ENVIRONMENT_PREFIX, VariablesError, vars_from_env, vars_from_file};
pub use waivers::Waiver;
