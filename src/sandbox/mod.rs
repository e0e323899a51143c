//! The built-in account: a strict, awkward, durable model of one AWS organisation behind the SDK's HTTP client.

pub mod service;
pub mod state;
