//! What a trail records, in the terms of the coverage algebra.

use super::Trail;
use crate::coverage::{Recording, Selection, Selector};

impl Trail {
    /// Returns the trail as a step leaves it that writes only some attributes: of the others, what is there stays.
    pub fn written_over(&self, before: &Self, is_written: impl Fn(&str) -> bool) -> Self {
        let mut left = self.clone();
        if !is_written("event_selectors") {
            left.event_selectors = before.event_selectors.clone();
        }
        if !is_written("logging") {
            left.logging = before.logging;
        }
        if !is_written("multi_region") {
            left.multi_region = before.multi_region;
        }
        if !is_written("include_global_service_events") {
            left.include_global_service_events = before.include_global_service_events;
        }
        if !is_written("organization") {
            left.organization = before.organization;
        }
        left
    }
    /// Returns what decides which operations this trail records, seen from its home Region.
    pub fn recording(&self, home_region: &str) -> Recording {
        let selectors = self
            .event_selectors
            .iter()
            .map(|(name, fields)| Selector::new(name.clone(), fields.iter().cloned()))
            .collect();
        Recording {
            logging: self.logging,
            selection: Selection::Advanced(selectors),
            multi_region: self.multi_region,
            include_global_services: self.include_global_service_events,
            organization: self.organization,
            home_region: home_region.to_owned(),
        }
    }
}
