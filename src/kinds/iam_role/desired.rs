//! The delivery roles a blueprint asks for: CloudTrail's at home, Bedrock's for each Bedrock Region.

use super::IamRole;
use crate::blueprint::Blueprint;
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Names, Policy, Statement, tags};
use std::collections::BTreeSet;

/// The one stream that Bedrock writes to (Bedrock User Guide, model invocation logging).
const BEDROCK_STREAM: &str = "aws/bedrock/modelinvocations";

/// Returns the roles by address.
pub fn desired(blueprint: &Blueprint, facts: &Facts) -> Vec<(Address, IamRole)> {
    let names = Names::of(blueprint);
    let role = |name: String, what: &str, trust: Statement, streams: Vec<String>| IamRole {
        name,
        path: "/".into(),
        description: format!("auditscope {}: {what}", names.scope),
        trust: Policy::new([trust.actions(&["sts:AssumeRole"])]),
        policy: Some(Policy::new([Statement::allow("Deliver")
            .actions(&["logs:CreateLogStream", "logs:PutLogEvents"])
            .resources(streams)])),
        extra_policies: BTreeSet::new(),
        permissions_boundary: None,
        tags: tags::desired(blueprint),
    };
    let mut roles = Vec::new();
    if blueprint.trail.log_group.is_some() {
        let address = names.address(Kind::IamRole, "trail-logs", &names.home_region);
        let streams = trail_streams(&names, blueprint.trail.organization, facts);
        // No conditions: AWS's sample has none, and aws:SourceArn is reported to stop the delivery (prowler issue 4714).
        let trust = Statement::allow("CloudTrail").service("cloudtrail.amazonaws.com");
        roles.push((
            address,
            role(names.trail_role(), "CloudTrail writes to CloudWatch Logs", trust, streams),
        ));
    }
    if blueprint.invocation_logging.as_ref().is_some_and(|logging| logging.log_group.is_some()) {
        for region in &blueprint.scope.bedrock_regions {
            let address = names.address(Kind::IamRole, "bedrock-logs", region);
            let trust = Statement::allow("Bedrock")
                .service("bedrock.amazonaws.com")
                .when("StringEquals", "aws:SourceAccount", &names.account)
                .when("ArnLike", "aws:SourceArn", names.arn("bedrock", region, "*"));
            let stream = format!("{}:log-stream:{BEDROCK_STREAM}", names.log_group_arn(region, "bedrock"));
            let what = format!("Bedrock writes to CloudWatch Logs in {region}");
            roles.push((address, role(names.bedrock_role(region), &what, trust, vec![stream])));
        }
    }
    roles
}

/// Returns the ARNs of the streams that a trail writes to; their names start with the account or the organisation
/// (CloudTrail User Guide, role policy document for CloudTrail to use CloudWatch Logs).
fn trail_streams(names: &Names, organization: bool, facts: &Facts) -> Vec<String> {
    let group = names.log_group_arn(&names.home_region, "trail");
    let own = format!("{group}:log-stream:{}_CloudTrail_{}*", names.account, names.home_region);
    let organization = facts.organization_id.as_ref().filter(|_| organization);
    [own].into_iter().chain(organization.map(|id| format!("{group}:log-stream:{id}_*"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::example;

    #[test]
    fn each_service_gets_one_role_for_its_streams() {
        let mut blueprint = example::blueprint();
        blueprint.trail.organization = true;
        let facts = Facts { organization_id: Some("o-abcdefghij".into()) };
        let roles: Vec<_> = desired(&blueprint, &facts)
            .into_iter()
            .map(|(address, role)| {
                serde_json::json!({
                    "address": address, "name": role.name, "trust": role.trust, "policy": role.policy,
                })
            })
            .collect();
        insta::assert_snapshot!(serde_json::to_string_pretty(&roles).expect("plain data"));
    }

    #[test]
    fn without_log_groups_there_are_no_roles() {
        let mut blueprint = example::blueprint();
        blueprint.trail.log_group = None;
        blueprint.invocation_logging = None;
        assert_eq!(desired(&blueprint, &Facts::default()), Vec::new());
    }
}
