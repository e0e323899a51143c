//! CloudTrail: trails, their selectors, logging state, insights and tags (`reference/cloudtrail.md`).
//!
//! A trail's record lies in the table `trails` of its home Region, keyed by name: the members of `Trail`, plus
//! `_logging`, `_started_at` and `_stopped_at` (epoch millis), `_selectors` (advanced) or `_basic`, and `_insights`.

pub mod checks;
pub mod grammar;
pub mod insights;
pub mod logging;
pub mod lookup;
pub mod selectors;
pub mod tags;
pub mod trails;

use super::Operation;

/// Every CloudTrail operation that the sandbox answers.
pub const OPERATIONS: &[Operation] = &[
    write("CreateTrail", trails::create),
    write("UpdateTrail", trails::update),
    write("DeleteTrail", trails::delete),
    read("DescribeTrails", trails::describe),
    read("GetTrail", trails::get),
    read("ListTrails", trails::list),
    read("GetTrailStatus", logging::status),
    write("StartLogging", logging::start),
    write("StopLogging", logging::stop),
    read("GetEventSelectors", selectors::get),
    write("PutEventSelectors", selectors::put),
    read("GetInsightSelectors", insights::get),
    write("PutInsightSelectors", insights::put),
    read("ListTags", tags::list),
    write("AddTags", tags::add),
    write("RemoveTags", tags::remove),
];

const fn read(name: &'static str, handler: fn(&mut super::Call<'_>) -> super::Answer) -> Operation {
    Operation { service: "cloudtrail", name, writes: false, handler }
}

const fn write(name: &'static str, handler: fn(&mut super::Call<'_>) -> super::Answer) -> Operation {
    Operation { service: "cloudtrail", name, writes: true, handler }
}

#[cfg(test)]
mod tests;
