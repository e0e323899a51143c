//! The trail a blueprint asks for: one, in the home Region.

use super::{Trail, region_tags, selectors};
use crate::blueprint::Blueprint;
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Input, Names, tags};
use std::collections::BTreeMap;

/// Returns the trail by address.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, Trail)> {
    let names = Names::of(blueprint);
    let home = names.home_region.as_str();
    let wanted = &blueprint.trail;
    let logs = wanted.log_group.as_ref();
    let regions = blueprint.scope.bedrock_regions.iter().map(String::as_str).chain([home]);
    let mut tags = tags::desired(blueprint);
    tags.extend(region_tags(regions));
    let trail = Trail {
        name: names.trail(),
        bucket: Input::from(&names.address(Kind::S3Bucket, "logs", home), "name", names.bucket("logs", home)),
        key_prefix: None,
        topic: None,
        kms_key: Some(Input::later(&names.address(Kind::KmsKey, "main", home), "arn")),
        multi_region: wanted.multi_region,
        organization: wanted.organization,
        // CloudTrail refuses false together with multi-Region; elsewhere it has no effect.
        include_global_service_events: true,
        log_file_validation: wanted.log_file_validation,
        log_group: logs.map(|_| {
            let group = names.address(Kind::LogGroup, "trail", home);
            Input::from(&group, "arn", names.log_group_arn(home, "trail"))
        }),
        log_role: logs.map(|_| {
            let role = names.address(Kind::IamRole, "trail-logs", home);
            Input::from(&role, "arn", names.role_arn(&names.trail_role()))
        }),
        event_selectors: selectors::selectors(blueprint, &names),
        insights: wanted.insights.clone(),
        logging: true,
        other_trails: BTreeMap::new(),
        tags,
    };
    vec![(names.address(Kind::Trail, "main", home), trail)]
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn the_trail_of_the_example() {
        let all = desired(&example::blueprint(), &Facts::default());
        let (address, trail) = all.first().expect("one trail");
        assert_eq!(address.to_string(), "trail.main@111122223333/eu-central-1");
        assert_eq!(all.len(), 1);
        let mut rest = trail.clone();
        let selectors = std::mem::take(&mut rest.event_selectors);
        insta::assert_snapshot!(example::lines(&selectors), @r#"
        Bedrock AsyncInvoke: [{"equals":["Data"],"field":"eventCategory"},{"equals":["AWS::Bedrock::AsyncInvoke"],"field":"resources.type"}]
        Bedrock Model: [{"equals":["Data"],"field":"eventCategory"},{"equals":["AWS::Bedrock::Model"],"field":"resources.type"}]
        BedrockAgentCore Runtime: [{"equals":["Data"],"field":"eventCategory"},{"equals":["AWS::BedrockAgentCore::Runtime"],"field":"resources.type"}]
        BedrockMantle Project: [{"equals":["Data"],"field":"eventCategory"},{"equals":["AWS::BedrockMantle::Project"],"field":"resources.type"}]
        Deletes in the log buckets: [{"equals":["Data"],"field":"eventCategory"},{"field":"eventName","starts_with":["Delete"]},{"field":"resources.ARN","starts_with":["arn:aws:s3:::genai-audit-access-111122223333-eu-central-1/","arn:aws:s3:::genai-audit-logs-111122223333-eu-central-1/","arn:aws:s3:::genai-audit-prompts-111122223333-eu-central-1/","arn:aws:s3:::genai-audit-prompts-111122223333-us-east-1/"]},{"equals":["AWS::S3::Object"],"field":"resources.type"}]
        Management events selector: [{"equals":["Management"],"field":"eventCategory"}]
        "#);
        insta::assert_snapshot!(example::lines(&rest), @r#"
        bucket: "genai-audit-logs-111122223333-eu-central-1"
        event_selectors: {}
        include_global_service_events: true
        insights: []
        key_prefix: null
        kms_key: "(known after apply)"
        log_file_validation: true
        log_group: "arn:aws:logs:eu-central-1:111122223333:log-group:/auditscope/genai-audit/trail"
        log_role: "arn:aws:iam::111122223333:role/genai-audit-trail-logs"
        logging: true
        multi_region: true
        organization: false
        other_trails: {}
        tags: {"auditscope:blueprint":"1","auditscope:regions":"eu-central-1 us-east-1","auditscope:scope":"genai-audit"}
        topic: null
        "#);
    }

    #[test]
    fn without_a_log_group_there_is_no_role_either() {
        let mut blueprint = example::blueprint();
        blueprint.trail.log_group = None;
        let (_, trail) = desired(&blueprint, &Facts::default()).remove(0);
        assert_eq!((trail.log_group, trail.log_role), (None, None));
    }
}
