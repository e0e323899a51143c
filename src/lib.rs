//! `auditscope` makes the audit record of an AWS account match one TOML file, and proves it.
//!
//! ```text
//! blueprint ─▶ desired ─┐                         ┌─▶ show · diff · json · markdown
//!                       ├─▶ plan (pure) ─▶ audit effect
//! AWS ─▶ observe ───────┘                         └─▶ execute ─▶ AWS ─▶ observe again: must be empty
//! ```
//!
//! Decide in pure code, act in thin code.

pub mod aws;
pub mod blueprint;
pub mod cli;
pub mod coverage;
pub mod detections;
pub mod engine;
pub mod kinds;
pub mod model;
pub mod pattern;
pub mod render;
pub mod sandbox;
