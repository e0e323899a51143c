//! The log groups a blueprint asks for: the trail's at home, the invocation log's in each Bedrock Region.

use super::LogGroup;
use crate::blueprint::Blueprint;
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Input, Names, tags};
use std::collections::BTreeMap;

/// Returns the log groups by address.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, LogGroup)> {
    let names = Names::of(blueprint);
    let group = |role: &str, key: &str, region: &str, retention_days: Option<u32>| {
        let state = LogGroup {
            name: names.log_group(role),
            class: "STANDARD".into(),
            kms_key: Some(Input::later(&names.address(Kind::KmsKey, key, region), "arn")),
            retention_days,
            deletion_protection: true,
            subscription_filters: BTreeMap::new(),
            data_protection_policy: None,
            tags: tags::desired(blueprint),
            retention_policy: None,
            holds_nothing: false,
        };
        (names.address(Kind::LogGroup, role, region), state)
    };
    let trail = blueprint
        .trail
        .log_group
        .iter()
        .map(|wanted| group("trail", "main", &names.home_region, wanted.retention_days));
    let invocations = blueprint.invocation_logging.iter().flat_map(|logging| {
        logging.log_group.iter().flat_map(|wanted| {
            blueprint
                .scope
                .bedrock_regions
                .iter()
                .map(|region| group("bedrock", "prompts", region, wanted.retention_days))
        })
    });
    trail.chain(invocations).collect()
}
