//! What a trail records, in the terms of the coverage algebra.

use super::Trail;
use crate::coverage::{Recording, Selection, Selector};

impl Trail {
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
