//! Desired against readings: diff, graph, plan, execution.

pub mod apply;
pub mod diff;
pub mod effect;
pub mod event;
pub mod execute;
pub mod graph;
pub mod ledger;
pub mod observe;
pub mod plan;
pub mod preflight;
pub mod reading;
pub mod run;
pub mod saved;
