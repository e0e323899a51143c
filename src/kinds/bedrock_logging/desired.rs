//! The invocation logging a blueprint asks for: one in each Bedrock Region.

use super::BedrockLogging;
use crate::blueprint::{Blueprint, InvocationLogging};
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Input, Names};

/// Returns the configurations by address. A configuration without a destination would log nothing: there is none.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, BedrockLogging)> {
    let names = Names::of(blueprint);
    let useful = |logging: &&InvocationLogging| logging.log_group.is_some() || logging.bucket.is_some();
    let Some(logging) = blueprint.invocation_logging.as_ref().filter(useful) else { return Vec::new() };
    let regions = blueprint.scope.bedrock_regions.iter();
    regions
        .map(|region| (names.address(Kind::BedrockLogging, "main", region), build(logging, &names, region)))
        .collect()
}

fn build(logging: &InvocationLogging, names: &Names, region: &str) -> BedrockLogging {
    let group = logging.log_group.as_ref().map(|_| {
        let group = names.address(Kind::LogGroup, "bedrock", region);
        Input::from(&group, "name", names.log_group("bedrock"))
    });
    let role = logging.log_group.as_ref().map(|_| {
        let role = names.address(Kind::IamRole, "bedrock-logs", region);
        Input::from(&role, "arn", names.role_arn(&names.bedrock_role(region)))
    });
    let bucket = logging.bucket.as_ref().map(|_| {
        let bucket = names.address(Kind::S3Bucket, "prompts", region);
        Input::from(&bucket, "name", names.bucket("prompts", region))
    });
    BedrockLogging {
        text: Some(logging.text),
        image: Some(logging.image),
        embedding: Some(logging.embedding),
        video: Some(logging.video),
        audio: Some(logging.audio),
        large_data_bucket: group.as_ref().and(bucket.clone()),
        large_data_prefix: None,
        log_group: group,
        role,
        bucket,
        key_prefix: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::trail::example;

    #[test]
    fn each_bedrock_region_has_its_own() {
        let all = desired(&example::blueprint(), &Facts::default());
        insta::assert_snapshot!(example::list(&all), @r"
        bedrock_logging.main@111122223333/eu-central-1 model invocation logging
        bedrock_logging.main@111122223333/us-east-1 model invocation logging
        ");
        insta::assert_snapshot!(example::lines(&all[1].1), @r#"
        audio: false
        bucket: "genai-audit-prompts-111122223333-us-east-1"
        embedding: false
        image: false
        key_prefix: null
        large_data_bucket: "genai-audit-prompts-111122223333-us-east-1"
        large_data_prefix: null
        log_group: "/auditscope/genai-audit/bedrock"
        role: "arn:aws:iam::111122223333:role/genai-audit-bedrock-logs-us-east-1"
        text: true
        video: false
        "#);
    }

    #[test]
    fn not_managed_and_without_destination_there_is_none() {
        let mut blueprint = example::blueprint();
        if let Some(logging) = &mut blueprint.invocation_logging {
            (logging.log_group, logging.bucket) = (None, None);
        }
        assert_eq!(desired(&blueprint, &Facts::default()).len(), 0);
        blueprint.invocation_logging = None;
        assert_eq!(desired(&blueprint, &Facts::default()).len(), 0);
    }
}
