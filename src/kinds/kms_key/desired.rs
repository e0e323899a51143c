//! The keys a blueprint asks for: `main` for the records at home and for the topic of each Region, `prompts` for
//! prompt and completion bodies in each Bedrock Region.

use super::KmsKey;
use crate::blueprint::Blueprint;
use crate::kinds::policies::{regional_service, with_principals};
use crate::kinds::{Facts, Kind, sns_topic};
use crate::model::{Address, Names, Policy, Statement, tags};
use std::collections::{BTreeMap, BTreeSet};

/// What each role's key says it is for. KMS keys have no name: this is what is left when the alias is gone.
const PURPOSES: &[(&str, &str)] = &[("main", "audit records"), ("prompts", "prompts and completions")];

/// What an administrator of a key may do: everything but use it, also through a grant.
const ADMINISTRATION: &[&str] = &[
    "kms:Describe*",
    "kms:Get*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Enable*",
    "kms:Disable*",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:RevokeGrant",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
];

/// Returns the description of a role's key.
pub(super) fn description(scope: &str, role: &str) -> String {
    let purpose = PURPOSES.iter().find(|(name, _)| *name == role).map_or(role, |(_, purpose)| purpose);
    format!("auditscope {scope}: {purpose}")
}

/// Returns the role that a key's description tells.
pub(super) fn role_of(scope: &str, text: &str) -> Option<&'static str> {
    PURPOSES.iter().map(|(role, _)| *role).find(|role| description(scope, role) == text)
}

/// Returns the keys by address.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, KmsKey)> {
    let names = Names::of(blueprint);
    let key = |role: &str, region: &str, statements: Vec<Statement>| {
        let state = KmsKey {
            name: names.key_alias(role),
            deletion_window_days: blueprint.encryption.deletion_window_days,
            pending_deletion: false,
            description: description(&names.scope, role),
            enabled: true,
            policy: Policy::new(administration(blueprint, &names).into_iter().chain(statements)),
            rotation_days: Some(blueprint.encryption.rotation_days),
            alias: Some(names.key_alias(role)),
            grants: BTreeMap::new(),
            tags: tags::desired(blueprint),
        };
        (names.address(Kind::KmsKey, role, region), state)
    };
    let topics = sns_topic::desired::regions(blueprint);
    let mut regions = topics.clone();
    regions.insert(names.home_region.clone());
    let mut keys: Vec<(Address, KmsKey)> =
        regions.iter().map(|region| key("main", region, main(blueprint, &names, region, &topics))).collect();
    if blueprint.invocation_logging.is_some() {
        let regions = &blueprint.scope.bedrock_regions;
        keys.extend(regions.iter().map(|region| key("prompts", region, prompts(blueprint, &names, region))));
    }
    keys
}

fn allow(sid: &str, actions: &[&str]) -> Statement {
    // In a key policy `*` is this key (KMS Developer Guide, key policies).
    Statement::allow(sid).actions(actions).resources(["*"])
}

/// The account itself always keeps the key: IAM policies work, and nobody can be locked out.
fn administration(blueprint: &Blueprint, names: &Names) -> Vec<Statement> {
    let root = format!("arn:{}:iam::{}:root", Names::partition(&names.home_region), names.account);
    let mut statements = vec![allow("Account", &["kms:*"]).aws(&root)];
    let administrators = &blueprint.encryption.administrators;
    if !administrators.is_empty() {
        statements.push(with_principals(allow("Administrators", ADMINISTRATION), administrators));
    }
    statements
}

fn main(blueprint: &Blueprint, names: &Names, region: &str, topics: &BTreeSet<String>) -> Vec<Statement> {
    let mut statements = Vec::new();
    if region == names.home_region {
        let partition = Names::partition(region);
        let trails = format!("arn:{partition}:cloudtrail:*:{}:trail/*", names.account);
        // CloudTrail User Guide, Configure AWS KMS key policies for CloudTrail; Decrypt because of the bucket key.
        statements.push(
            allow("CloudTrailEncrypt", &["kms:GenerateDataKey*"])
                .service("cloudtrail.amazonaws.com")
                .when("StringEquals", "aws:SourceArn", names.trail_arn())
                .when("StringLike", "kms:EncryptionContext:aws:cloudtrail:arn", trails),
        );
        statements.push(
            allow("CloudTrailCheck", &["kms:DescribeKey", "kms:Decrypt"])
                .service("cloudtrail.amazonaws.com")
                .when("StringEquals", "aws:SourceArn", names.trail_arn()),
        );
        if blueprint.trail.log_group.is_some() {
            statements.push(logs(names, region, "trail"));
        }
        statements.extend(readers(&blueprint.encryption.readers, region));
    }
    if topics.contains(region) {
        // SNS Developer Guide, key management: AWS's sample has no conditions, and whether CloudWatch sends
        // aws:SourceAccount to KMS is not documented.
        statements.push(
            allow("CloudWatchAlarms", &["kms:GenerateDataKey*", "kms:Decrypt"])
                .service("cloudwatch.amazonaws.com"),
        );
    }
    statements
}

fn prompts(blueprint: &Blueprint, names: &Names, region: &str) -> Vec<Statement> {
    let Some(logging) = &blueprint.invocation_logging else { return Vec::new() };
    let mut statements = Vec::new();
    if logging.log_group.is_some() {
        statements.push(logs(names, region, "bedrock"));
    }
    if logging.bucket.is_some() {
        statements.push(
            allow("BedrockDelivery", &["kms:GenerateDataKey"])
                .service("bedrock.amazonaws.com")
                .when("StringEquals", "aws:SourceAccount", &names.account)
                .when("ArnLike", "aws:SourceArn", names.arn("bedrock", region, "*")),
        );
    }
    statements.extend(readers(&logging.readers, region));
    statements
}

/// CloudWatch Logs User Guide, encrypt log data: the service of the Region, for this one group.
fn logs(names: &Names, region: &str, role: &str) -> Statement {
    let actions = &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"];
    allow("CloudWatchLogs", actions).service(&regional_service("logs", region)).when(
        "ArnLike",
        "kms:EncryptionContext:aws:logs:arn",
        names.log_group_arn(region, role),
    )
}

/// Readers decrypt through the service that holds the record, never with the key directly. AWS's sample asks for
/// CloudTrail's encryption context instead; digest files and log events do not have it.
fn readers(arns: &BTreeSet<String>, region: &str) -> Option<Statement> {
    let statement = allow("Readers", &["kms:Decrypt"])
        .when("StringEquals", "kms:ViaService", regional_service("s3", region))
        .when("StringEquals", "kms:ViaService", regional_service("logs", region));
    (!arns.is_empty()).then(|| with_principals(statement, arns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::example;

    fn sids(blueprint: &Blueprint) -> Vec<(String, Vec<String>)> {
        let sids = |key: KmsKey| key.policy.statements().map(|(sid, _)| sid.to_owned()).collect();
        desired(blueprint, &Facts::default())
            .into_iter()
            .map(|(address, key)| (format!("{}@{}", address.name, address.scope.region), sids(key)))
            .collect()
    }

    #[test]
    fn each_key_admits_exactly_its_users() {
        let all = example::blueprint();
        let mut quiet = example::blueprint();
        quiet.detections.clear();
        quiet.invocation_logging = None;
        quiet.trail.log_group = None;
        quiet.encryption.readers.clear();
        quiet.encryption.administrators.clear();
        type Want = &'static [(&'static str, &'static [&'static str])];
        let cases: [(&str, &Blueprint, Want); 2] = [
            (
                "everything",
                &all,
                &[
                    (
                        "main@eu-central-1",
                        &[
                            "Account",
                            "Administrators",
                            "CloudTrailCheck",
                            "CloudTrailEncrypt",
                            "CloudWatchAlarms",
                            "CloudWatchLogs",
                            "Readers",
                        ],
                    ),
                    ("main@us-east-1", &["Account", "Administrators", "CloudWatchAlarms"]),
                    (
                        "prompts@eu-central-1",
                        &["Account", "Administrators", "BedrockDelivery", "CloudWatchLogs", "Readers"],
                    ),
                    (
                        "prompts@us-east-1",
                        &["Account", "Administrators", "BedrockDelivery", "CloudWatchLogs", "Readers"],
                    ),
                ],
            ),
            (
                "the trail alone",
                &quiet,
                &[("main@eu-central-1", &["Account", "CloudTrailCheck", "CloudTrailEncrypt"])],
            ),
        ];
        for (case, blueprint, want) in cases {
            let want: Vec<(String, Vec<String>)> = want
                .iter()
                .map(|(key, sids)| ((*key).into(), sids.iter().map(|sid| (*sid).into()).collect()))
                .collect();
            assert_eq!(sids(blueprint), want, "{case}");
        }
    }

    #[test]
    fn the_policy_of_the_main_key_at_home() {
        let (_, key) = desired(&example::blueprint(), &Facts::default()).remove(0);
        insta::assert_snapshot!(serde_json::to_string_pretty(&key.policy).expect("plain data"));
    }

    #[test]
    fn the_policy_of_a_prompt_key() {
        let (_, key) = desired(&example::blueprint(), &Facts::default()).remove(2);
        insta::assert_snapshot!(serde_json::to_string_pretty(&key.policy).expect("plain data"));
    }

    #[test]
    fn a_description_tells_the_role() {
        for role in ["main", "prompts"] {
            assert_eq!(role_of("genai-audit", &description("genai-audit", role)), Some(role));
        }
        assert_eq!(role_of("genai-audit", &description("other", "main")), None);
    }
}
