//! Desired against readings: diff, graph, plan, execution.

pub mod reading;
