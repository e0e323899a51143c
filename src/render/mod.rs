//! Plans and outcomes as text, JSON and Markdown. Pure: nothing here prints.

pub mod document;
pub mod events;
pub mod json;
pub mod markdown;
pub mod plan;
pub mod style;
pub mod value;

pub use style::Style;
