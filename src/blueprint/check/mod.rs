//! The checks that look at more than one key. Each is a pure, named function over the same [`Context`].

mod alarms;
mod detections;
mod layers;
mod scope;
mod selectors;
mod storage;
mod trail;

use super::layers::Layer;
use super::model::Blueprint;
use super::node::Node;
use super::problem::Problem;
use super::source::{Location, Sources};

/// What a check may look at.
pub(crate) struct Context<'a> {
    /// The merged document, variables filled.
    pub root: &'a Node,
    /// The same, typed, defaults written out, built-in detections resolved.
    pub blueprint: &'a Blueprint,
    pub sources: &'a Sources,
    /// The layers before they were merged, the top one first.
    pub layers: &'a [Layer],
}

impl Context<'_> {
    /// Returns where the value at a path stands, or else the table that would hold it, or else the scope.
    fn place(&self, path: &str) -> Option<Location> {
        self.root.place(path).or_else(|| self.root.place("scope"))
    }
}

type Rule = fn(&Context<'_>, &mut Vec<Problem>);

const RULES: &[Rule] = &[
    scope::name_is_well_formed,
    scope::account_has_twelve_digits,
    scope::regions_look_like_regions,
    scope::tags_are_accepted,
    scope::principals_are_principals,
    scope::addresses_look_like_some,
    scope::topics_serve_a_region_with_alarms,
    scope::somebody_is_told,
    storage::retention_is_a_step,
    storage::log_group_keeps_the_objective,
    storage::bucket_names_are_accepted,
    storage::records_live_long_enough,
    storage::archiving_leaves_time,
    storage::compliance_locks_are_meant,
    storage::invocation_logging_has_a_destination,
    trail::management_events_are_whole,
    trail::trail_is_whole,
    trail::insights_have_events,
    trail::data_event_types_are_known,
    trail::catalogue_is_known,
    trail::objects_name_buckets,
    selectors::selectors_follow_the_grammar,
    selectors::record_does_not_record_itself,
    selectors::values_stay_within_the_limit,
    alarms::ids_are_well_formed,
    alarms::ids_are_unique,
    alarms::triggers_can_be_evaluated,
    alarms::metrics_are_named,
    alarms::patterns_are_patterns,
    alarms::answers_name_an_objective,
    alarms::evidence_names_a_part,
    alarms::evidence_is_on,
    detections::packs_and_ids_exist,
    detections::disabled_has_a_reason,
    detections::detections_have_a_log_group,
    layers::layers_do_not_weaken,
];

/// Runs every check.
pub(crate) fn run(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for rule in RULES {
        rule(context, problems);
    }
}
