//! Reads everything of one scope, side by side, each thing once.

use crate::aws::{ApiError, Cx, Note};
use crate::engine::reading::Reading;
use crate::kinds::{self, Kind, Resource, trail};
use crate::model::{Address, Scope};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// What the account answered.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    pub readings: BTreeMap<Address, Reading>,
    /// Kinds and places of which nothing is known, not even whether something is left over there.
    pub blind: Vec<(Kind, Scope, ApiError)>,
    /// What was noticed about the surroundings.
    pub notes: Vec<Note>,
    /// Every Region that was read.
    pub regions: BTreeSet<String>,
}

/// Observes what is wanted, and what else carries our mark, in the blueprint's Regions and in every Region that the
/// trail's tag says we have written to.
pub async fn observe(cx: &Cx, wanted: &BTreeMap<Address, Resource>) -> Observation {
    let mut seen = Observation::default();
    let home = cx.names.home();
    seen.regions = wanted.keys().map(|address| address.scope.region.clone()).collect();
    seen.regions.insert(home.region.clone());
    look(cx, wanted, &seen.regions.clone(), Kind::ALL, &mut seen).await;
    // Known only from the trail's tag: Regions that the blueprint has dropped.
    let more: BTreeSet<String> = written_regions(&seen.readings).difference(&seen.regions).cloned().collect();
    let elsewhere: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Trail).collect();
    look(cx, wanted, &more, &elsewhere, &mut seen).await;
    seen.regions.extend(more);
    seen.notes = cx.notes();
    seen
}

async fn look(
    cx: &Cx,
    wanted: &BTreeMap<Address, Resource>,
    regions: &BTreeSet<String>,
    kinds: &[Kind],
    seen: &mut Observation,
) {
    let looks = regions.iter().flat_map(|region| {
        let scope = cx.names.scope_in(region);
        kinds.iter().map(move |kind| (*kind, scope.clone()))
    });
    let answers = join_all(looks.map(|(kind, scope)| async move {
        let answer = kinds::observe(kind, cx, &scope, wanted).await;
        (kind, scope, answer)
    }))
    .await;
    for (kind, scope, answer) in answers {
        take(seen, kind, &scope, wanted, answer);
    }
}

fn take(
    seen: &mut Observation,
    kind: Kind,
    scope: &Scope,
    wanted: &BTreeMap<Address, Resource>,
    answer: Result<Vec<(Address, Reading)>, ApiError>,
) {
    match answer {
        Ok(readings) => seen.readings.extend(readings),
        Err(error) => {
            let here: Vec<&Address> =
                wanted.keys().filter(|address| address.kind == kind && address.scope == *scope).collect();
            if here.is_empty() {
                seen.blind.push((kind, scope.clone(), error));
                return;
            }
            for address in here {
                seen.readings.insert(address.clone(), Reading::Unreadable(vec![error.clone()]));
            }
        }
    }
}

/// Returns the Regions that the home trail's tag says we have written to.
pub fn written_regions(readings: &BTreeMap<Address, Reading>) -> BTreeSet<String> {
    readings
        .iter()
        .filter(|(address, _)| address.kind == Kind::Trail)
        // Of a trail whose scope tag was taken off, too: its Regions are not forgotten.
        .filter_map(|(_, reading)| reading.found().map(|found| &found.state))
        .flat_map(|state| match state {
            Resource::Trail(trail) => trail::regions_of(&trail.tags),
            _ => BTreeSet::new(),
        })
        .collect()
}
