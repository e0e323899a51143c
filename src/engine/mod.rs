//! Desired against readings: diff, graph, plan, execution.

pub mod diff;
pub mod effect;
pub mod execute;
pub mod graph;
pub mod observe;
pub mod plan;
pub mod reading;
pub mod run;
pub mod saved;
