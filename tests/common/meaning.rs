//! Every attribute of every kind, changed alone for the worse: what that means, and what taking it back means.

use auditscope::kinds::metric_alarm::Metric;
use auditscope::kinds::{Class, Effect, Kind, Resource};
use auditscope::model::{Address, Input, Outputs, Policy};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One attribute.
pub struct Meaning {
    pub kind: Kind,
    pub attribute: &'static str,
    /// Class of the change for the worse; `None` if no blueprint can ask for it, so that it is only ever found.
    pub worse: Option<Class>,
    /// Class of the way back.
    pub back: Class,
    change: fn(&mut Resource),
}

impl Meaning {
    /// Returns a state with everything on, and the same with this attribute changed for the worse.
    pub fn states(&self, desired: &BTreeMap<Address, Resource>) -> (Resource, Resource) {
        let good = sample(self.kind, desired);
        let mut bad = good.clone();
        (self.change)(&mut bad);
        (good, bad)
    }
    /// Returns the effects of the change for the worse, and of the way back.
    pub fn effects(&self, desired: &BTreeMap<Address, Resource>) -> (Vec<Effect>, Vec<Effect>) {
        let (good, bad) = self.states(desired);
        (Resource::effects(Some(&good), &bad), Resource::effects(Some(&bad), &good))
    }
}

/// Returns a resource of a kind with a value wherever one can be lost.
fn sample(kind: Kind, desired: &BTreeMap<Address, Resource>) -> Resource {
    let fits = |address: &Address, resource: &Resource| match resource {
        Resource::S3Bucket(_) => address.name == "logs",
        Resource::KmsKey(_) => address.name == "main",
        Resource::MetricAlarm(alarm) => alarm.metric.is_some() && alarm.shipped,
        Resource::MetricFilter(filter) => filter.shipped,
        _ => true,
    };
    let found = desired.iter().find(|(address, resource)| address.kind == kind && fits(address, resource));
    let mut resource = found.expect("a blueprint with everything on has every kind").1.clone();
    let outputs: Outputs = resource
        .inputs()
        .into_iter()
        .filter_map(|input| match input {
            Input::From(output, None) => {
                Some((output.clone(), format!("the {} of {}", output.attribute, output.address.short())))
            }
            Input::From(_, Some(_)) | Input::Known(_) => None,
        })
        .collect();
    resource.resolve(&outputs);
    match &mut resource {
        Resource::MetricAlarm(alarm) => {
            (alarm.datapoints_to_alarm, alarm.evaluation_periods) = (2, 3);
            alarm.treat_missing_data = "breaching".into();
            alarm.comparison_operator = "GreaterThanOrEqualToThreshold".into();
        }
        Resource::BedrockLogging(logging) => {
            let on = Some(true);
            (logging.text, logging.image, logging.embedding) = (on, on, on);
            (logging.video, logging.audio) = (on, on);
        }
        _ => {}
    }
    resource
}

/// Lets another account in, for anything.
fn opened(policy: &Policy) -> Policy {
    edited(policy, |statements| {
        statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::444455556666:role/stranger"}}));
    })
}

fn edited(policy: &Policy, edit: impl FnOnce(&mut Vec<Value>)) -> Policy {
    let mut document: Value = serde_json::from_str(&policy.to_text()).expect("a policy is JSON");
    edit(document["Statement"].as_array_mut().expect("a policy has statements"));
    Policy::parse(&document.to_string(), "aws").expect("still a policy")
}

fn another() -> Input {
    Input::Known("another".into())
}

macro_rules! meanings {
    ($($kind:ident { $($attribute:literal: $worse:expr => $back:ident, |$state:ident| $change:expr;)+ })+) => {
        /// Returns every attribute.
        pub fn all() -> Vec<Meaning> {
            use Class::{Additive, Coverage, Neutral, Restoring, Weaken};
            vec![$($(Meaning {
                kind: Kind::$kind,
                attribute: $attribute,
                worse: $worse.into(),
                back: $back,
                change: |resource| {
                    let Resource::$kind($state) = resource else { unreachable!("a sample is of its kind") };
                    $change;
                },
            },)+)+]
        }
    };
}

meanings! {
    KmsKey {
        "description": Neutral => Neutral, |s| s.description.clear();
        "enabled": Weaken => Restoring, |s| s.enabled = false;
        "policy": Weaken => Restoring, |s| s.policy = opened(&s.policy);
        "rotation_days": Weaken => Restoring, |s| s.rotation_days = Some(2560);
        "alias": Weaken => Restoring, |s| s.alias = None;
        "grants": None => Restoring, |s| s.grants.insert("id".into(), "another account: Decrypt".into());
        "tags": Neutral => Neutral, |s| s.tags.insert("team".into(), "audit".into());
    }
    S3Bucket {
        "object_ownership": Weaken => Restoring, |s| s.object_ownership = Some("ObjectWriter".into());
        "public_access_block": Weaken => Restoring, |s| s.public_access_block = None;
        "versioning": Weaken => Restoring, |s| s.versioning = Some("Suspended".into());
        "encryption": Weaken => Restoring, |s| {
            let encryption = s.encryption.as_mut().expect("the log bucket is encrypted");
            (encryption.algorithm, encryption.kms_key) = ("AES256".into(), None);
        };
        "object_lock": Weaken => Restoring, |s| s.object_lock = None;
        "lifecycle": Weaken => Restoring, |s| {
            for rule in s.lifecycle.values_mut().filter(|rule| rule.expire_after_days.is_some()) {
                rule.expire_after_days = Some(10);
            }
        };
        "lifecycle_minimum_size": Neutral => Neutral, |s| s.lifecycle_minimum_size = None;
        "policy": Weaken => Restoring, |s| {
            s.policy = s.policy.as_ref().map(|policy| {
                edited(policy, |statements| statements.retain(|statement| statement["Sid"] != "KeepRecords"))
            });
        };
        "logging": Weaken => Restoring, |s| s.logging = None;
        "acl": None => Restoring, |s| s.added.acl.insert("everybody: READ".into());
        "replication": None => Neutral, |s| s.added.replication.insert("out".into(), "to another bucket".into());
        "notifications": None => Neutral, |s| s.added.notifications.insert("out".into(), "a queue".into());
        "website": None => Restoring, |s| s.added.website = Some("index.html".into());
        "access_points": None => Neutral, |s| s.added.access_points.insert("arn:aws:s3:::side-door".into());
        "tags": Neutral => Neutral, |s| s.tags.insert("team".into(), "audit".into());
    }
    IamRole {
        "path": None => Neutral, |s| s.path = "/elsewhere/".into();
        "description": Neutral => Neutral, |s| s.description.clear();
        "trust": None => Restoring, |s| s.trust = opened(&s.trust);
        "policy": Weaken => Restoring, |s| s.policy = None;
        "extra_policies": None => Restoring, |s| s.extra_policies.insert("inline:more".into());
        "permissions_boundary": None => Restoring, |s| s.permissions_boundary = Some("arn:aws:iam::aws:policy/x".into());
        "tags": Neutral => Neutral, |s| s.tags.insert("team".into(), "audit".into());
    }
    LogGroup {
        "class": Weaken => Restoring, |s| s.class = "INFREQUENT_ACCESS".into();
        "kms_key": Weaken => Restoring, |s| s.kms_key = None;
        "retention_days": Weaken => Restoring, |s| s.retention_days = Some(1);
        "deletion_protection": Weaken => Restoring, |s| s.deletion_protection = false;
        "subscription_filters": None => Neutral, |s| s.subscription_filters.insert("out".into(), "another account".into());
        // The trail's group; a mask on prompts is somebody's choice, see the kind's own test.
        "data_protection_policy": None => Restoring, |s| {
            s.name = "/auditscope/genai-audit/trail".into();
            s.data_protection_policy = Some(json!({"Name": "mask"}))
        };
        "tags": Neutral => Neutral, |s| s.tags.insert("team".into(), "audit".into());
    }
    Trail {
        "bucket": None => Restoring, |s| s.bucket = another();
        "key_prefix": Neutral => Neutral, |s| s.key_prefix = Some("elsewhere".into());
        "topic": Neutral => Neutral, |s| s.topic = Some("arn:aws:sns:us-east-1:444455556666:x".into());
        "kms_key": Weaken => Restoring, |s| s.kms_key = None;
        "multi_region": Coverage => Restoring, |s| s.multi_region = false;
        "organization": Coverage => Restoring, |s| s.organization = false;
        "include_global_service_events": Coverage => Restoring, |s| s.include_global_service_events = false;
        "log_file_validation": Weaken => Restoring, |s| s.log_file_validation = false;
        "log_group": Weaken => Restoring, |s| s.log_group = None;
        "log_role": Weaken => Restoring, |s| s.log_role = None;
        "event_selectors": Coverage => Restoring, |s| {
            let name = s.event_selectors.keys().next().cloned().expect("the trail selects something");
            s.event_selectors.remove(&name)
        };
        "insights": Coverage => Restoring, |s| s.insights.clear();
        "tags": Neutral => Neutral, |s| s.tags.insert("team".into(), "audit".into());
        "logging": Coverage => Restoring, |s| s.logging = false;
        "other_trails": None => Neutral, |s| s.other_trails.insert("arn:aws:cloudtrail:::x".into(), "logs".into());
    }
    MetricFilter {
        "log_group": None => Restoring, |s| s.log_group = another();
        "pattern": Weaken => Restoring, |s| {
            s.shipped = false;
            s.pattern = "{ $.eventName = \"Nothing\" }".into();
        };
        "metric_name": None => Restoring, |s| s.metric_name = "another".into();
        "namespace": None => Restoring, |s| s.namespace = "another".into();
        "value": None => Restoring, |s| s.value = "0".into();
        "default_value": None => Restoring, |s| s.default_value = None;
        "dimensions": None => Restoring, |s| s.dimensions.insert("Event".into(), "$.eventName".into());
        "unit": None => Restoring, |s| s.unit = Some("Bytes".into());
        "apply_on_transformed_logs": None => Restoring, |s| s.apply_on_transformed_logs = true;
        "field_selection_criteria": None => Restoring, |s| s.field_selection_criteria = Some("@aws.region = x".into());
        "emit_system_field_dimensions": None => Restoring, |s| s.emit_system_field_dimensions.insert("@aws.region".into());
    }
    SnsTopic {
        "kms_key": Weaken => Restoring, |s| s.kms_key = None;
        "policy": Weaken => Restoring, |s| s.policy = opened(&s.policy);
        "subscriptions": None => Additive, |s| s.subscriptions.clear();
        "extra_subscriptions": None => Neutral, |s| {
            // Somebody who is asked for is told, too.
            s.subscription_arns.insert("email:secops@example.com".into(), "arn:aws:sns:us-east-1:111122223333:t:1".into());
            s.extra_subscriptions.insert("https:https://example.com".into())
        };
        "tags": Neutral => Neutral, |s| s.tags.insert("team".into(), "audit".into());
    }
    MetricAlarm {
        "description": Neutral => Neutral, |s| s.description.clear();
        "actions_enabled": Weaken => Restoring, |s| s.actions_enabled = false;
        "alarm_actions": Weaken => Restoring, |s| s.alarm_actions.clear();
        "ok_actions": None => Neutral, |s| s.ok_actions.insert("a topic".into());
        "insufficient_data_actions": None => Neutral, |s| s.insufficient_data_actions.insert("a topic".into());
        "metric": Weaken => Restoring, |s| {
            s.shipped = false;
            s.metric = Some(Metric { namespace: "AWS/Logs".into(), name: "x".into(), dimensions: BTreeMap::new() });
        };
        "statistic": Weaken => Restoring, |s| {
            s.shipped = false;
            s.statistic = Some("Minimum".into());
        };
        "period_seconds": Weaken => Restoring, |s| s.period_seconds = Some(86_400);
        "unit": Weaken => Restoring, |s| {
            s.shipped = false;
            s.unit = Some("Bytes".into());
        };
        "queries": None => Restoring, |s| {
            s.queries.insert("q1".into(), Default::default());
        };
        "evaluation_periods": Weaken => Restoring, |s| s.evaluation_periods = 2;
        "datapoints_to_alarm": Weaken => Restoring, |s| s.datapoints_to_alarm = 3;
        "threshold": Weaken => Restoring, |s| s.threshold = Some(1000.0);
        "threshold_metric_id": Weaken => Restoring, |s| {
            s.shipped = false;
            s.threshold_metric_id = Some("band".into());
        };
        "comparison_operator": Weaken => Restoring, |s| s.comparison_operator = "GreaterThanThreshold".into();
        "treat_missing_data": Weaken => Restoring, |s| s.treat_missing_data = "notBreaching".into();
        "evaluate_low_sample_count_percentile": Weaken => Restoring,
            |s| s.evaluate_low_sample_count_percentile = Some("ignore".into());
        "other_settings": Weaken => Restoring, |s| s.other_settings.insert("tags in notices".into());
        "tags": Neutral => Neutral, |s| s.tags.insert("team".into(), "audit".into());
    }
    CompositeAlarm {
        "description": Neutral => Neutral, |s| s.description.clear();
        "alarms": Weaken => Restoring, |s| s.alarms.remove(0);
        "other_rule": Weaken => Restoring, |s| s.other_rule = Some("FALSE".into());
        "actions_enabled": Weaken => Restoring, |s| s.actions_enabled = false;
        "alarm_actions": None => Neutral, |s| s.alarm_actions.insert("a topic".into());
        "ok_actions": None => Neutral, |s| s.ok_actions.insert("a topic".into());
        "insufficient_data_actions": None => Neutral, |s| s.insufficient_data_actions.insert("a topic".into());
        "actions_suppressor": Weaken => Restoring, |s| s.actions_suppressor = Some("another alarm".into());
        "other_settings": Weaken => Restoring, |s| s.other_settings.insert("tags in notices".into());
        "tags": Neutral => Neutral, |s| s.tags.insert("team".into(), "audit".into());
    }
    BedrockLogging {
        "text": Coverage => Restoring, |s| s.text = Some(false);
        "image": Coverage => Restoring, |s| s.image = Some(false);
        "embedding": Coverage => Restoring, |s| s.embedding = Some(false);
        "video": Coverage => Restoring, |s| s.video = Some(false);
        "audio": Coverage => Restoring, |s| s.audio = Some(false);
        "log_group": Weaken => Restoring, |s| s.log_group = None;
        "role": Weaken => Restoring, |s| s.role = None;
        "large_data_bucket": Neutral => Restoring, |s| s.large_data_bucket = None;
        "large_data_prefix": Neutral => Neutral, |s| s.large_data_prefix = Some("elsewhere".into());
        "bucket": Weaken => Restoring, |s| s.bucket = None;
        "key_prefix": Neutral => Neutral, |s| s.key_prefix = Some("elsewhere".into());
    }
    Dashboard {
        "body": Neutral => Neutral, |s| s.body = json!({"widgets": []});
    }
}
