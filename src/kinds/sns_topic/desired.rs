//! The topics a blueprint asks for: one in each Region that has alarms.

use super::SnsTopic;
use crate::blueprint::Blueprint;
use crate::kinds::metric_alarm::desired::placed;
use crate::kinds::policies::tls_only;
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Input, Names, Policy, Statement, tags};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the Regions that have alarms, and hence a topic and a key.
pub fn regions(blueprint: &Blueprint) -> BTreeSet<String> {
    placed(blueprint).into_iter().map(|placed| placed.region.to_owned()).collect()
}

/// Returns the topics by address.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, SnsTopic)> {
    let names = Names::of(blueprint);
    let subscriptions: BTreeSet<String> =
        blueprint.notifications.emails.iter().map(|email| format!("email:{email}")).collect();
    let topic = |region: &String| {
        let state = SnsTopic {
            name: names.topic(),
            subscription_arns: BTreeMap::new(),
            kms_key: Some(Input::later(&names.address(Kind::KmsKey, "main", region), "arn")),
            policy: policy(&names, region),
            subscriptions: subscriptions.clone(),
            extra_subscriptions: BTreeSet::new(),
            tags: tags::desired(blueprint),
        };
        (names.address(Kind::SnsTopic, "alarms", region), state)
    };
    regions(blueprint).iter().map(topic).collect()
}

/// Replaces the policy that SNS makes, and with it what admits CloudWatch: our statement must (SNS Developer Guide).
/// The account's own principals are admitted by their IAM policies.
fn policy(names: &Names, region: &str) -> Policy {
    let topic = names.topic_arn(region);
    Policy::new([
        Statement::allow("CloudWatchAlarms")
            .service("cloudwatch.amazonaws.com")
            .actions(&["sns:Publish"])
            .resources([topic.as_str()])
            .when("ArnLike", "aws:SourceArn", names.arn("cloudwatch", region, "alarm:*"))
            .when("StringEquals", "aws:SourceAccount", &names.account),
        tls_only("sns:Publish", &[topic]),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::example;

    #[test]
    fn a_topic_is_where_alarms_are() {
        type Change = fn(&mut Blueprint);
        let cases: [(&str, Change, &[&str]); 5] = [
            ("everything", |_| {}, &["eu-central-1", "us-east-1"]),
            ("no invocation logging", |b| b.invocation_logging = None, &["eu-central-1"]),
            ("no detection on the trail", |b| drop(b.detections.remove(0)), &["eu-central-1", "us-east-1"]),
            (
                "models elsewhere, nothing at home",
                |b| {
                    b.detections.remove(0);
                    b.scope.bedrock_regions.remove("eu-central-1");
                },
                &["us-east-1"],
            ),
            ("no detections", |b| b.detections.clear(), &[]),
        ];
        for (case, change, want) in cases {
            let mut blueprint = example::blueprint();
            change(&mut blueprint);
            assert_eq!(regions(&blueprint).iter().collect::<Vec<_>>(), want, "{case}");
        }
    }

    #[test]
    fn the_policy_admits_our_alarms_over_tls() {
        let (_, topic) = desired(&example::blueprint(), &Facts::default()).remove(0);
        insta::assert_snapshot!(serde_json::to_string_pretty(&topic.policy).expect("plain data"));
    }
}
