//! Plans and outcomes as text, JSON, Markdown, SARIF and JUnit. Pure: nothing here prints.

pub mod board;
pub mod clean;
pub mod document;
pub mod events;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod places;
pub mod plan;
pub mod preflight;
pub mod redact;
pub mod sarif;
pub mod selection;
pub mod style;
pub mod value;

pub use style::Style;
