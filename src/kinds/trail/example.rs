//! A blueprint with something of everything, for the tests of kinds.

use crate::blueprint::{
    AccessLogs, Alarm, Blueprint, DataEvents, Detection, Encryption, InvocationLogging, LockMode, LogBucket,
    LogGroup, ManagementEvents, MetricSource, Notifications, ObjectLock, Objective, Placement, PromptBucket,
    ScopeSection, Severity, Source, Trail, Trigger,
};
use std::collections::{BTreeMap, BTreeSet};

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn trigger(threshold: f64) -> Trigger {
    Trigger {
        statistic: "Sum".into(),
        threshold,
        compare: ">=".into(),
        period_seconds: 300,
        datapoints_alarm: 1,
        datapoints_of: 1,
        missing: "not-breaching".into(),
    }
}

/// Returns a detection with one match as its threshold.
pub fn detection(id: &str, severity: Severity, source: Source) -> Detection {
    Detection {
        id: id.into(),
        pack: None,
        answers: Some("which-control-was-changed".into()),
        description: "A guardrail was changed or deleted".into(),
        severity,
        source,
        pattern: "{ $.eventName = \"UpdateGuardrail\" }".into(),
        trigger: trigger(1.0),
        controls: vec!["CIS 5.0: 4.5".into()],
    }
}

/// Returns an alarm in each Bedrock Region.
pub fn alarm(id: &str, metric: MetricSource) -> Alarm {
    Alarm {
        id: id.into(),
        pack: Some("bedrock-runtime".into()),
        answers: None,
        description: "Invocation logs are not delivered".into(),
        severity: Severity::Medium,
        placement: Placement::BedrockRegions,
        metric,
        trigger: trigger(1.0),
        controls: Vec::new(),
    }
}

/// Returns a blueprint for eu-central-1 with models there and in us-east-1.
pub fn blueprint() -> Blueprint {
    let name = "ModelInvocationLogsCloudWatchDeliveryFailure".to_owned();
    let metric = MetricSource::Metric { namespace: "AWS/Bedrock".into(), name, dimensions: BTreeMap::new() };
    Blueprint {
        scope: ScopeSection {
            name: "genai-audit".into(),
            account: "111122223333".into(),
            home_region: "eu-central-1".into(),
            bedrock_regions: set(&["eu-central-1", "us-east-1"]),
            retention_days: 400,
            contact: None,
            tags: BTreeMap::new(),
        },
        encryption: Encryption {
            rotation_days: 365,
            deletion_window_days: 30,
            administrators: BTreeSet::new(),
            readers: BTreeSet::new(),
        },
        log_bucket: LogBucket {
            name: "genai-audit-logs-111122223333-eu-central-1".into(),
            archive_after_days: None,
            expire_after_days: 2555,
            access_logs: Some(AccessLogs { expire_after_days: 400 }),
            object_lock: ObjectLock { mode: LockMode::Governance, days: 400 },
        },
        trail: Trail {
            multi_region: true,
            organization: false,
            log_file_validation: true,
            management_events: ManagementEvents::All,
            insights: BTreeSet::new(),
            log_group: Some(LogGroup { retention_days: Some(400) }),
            data_events: DataEvents {
                bedrock: set(&["AWS::Bedrock::AsyncInvoke", "AWS::Bedrock::Model"]),
                agentcore: set(&["AWS::BedrockAgentCore::Runtime"]),
                mantle: set(&["AWS::BedrockMantle::Project"]),
                objects: Vec::new(),
                selectors: Vec::new(),
                not_in_pinned_catalogue: BTreeSet::new(),
            },
        },
        invocation_logging: Some(InvocationLogging {
            text: true,
            image: false,
            embedding: false,
            video: false,
            audio: false,
            readers: BTreeSet::new(),
            log_group: Some(LogGroup { retention_days: Some(90) }),
            bucket: Some(PromptBucket { expire_after_days: 90, object_lock: None }),
        }),
        notifications: Notifications {
            emails: BTreeSet::new(),
            topics: set(&["arn:aws:sns:us-east-1:111122223333:oncall"]),
            composite_alarms: true,
            dashboard: true,
        },
        detections: vec![
            detection("gai-guardrail-weakened", Severity::High, Source::Trail),
            detection("inv-guardrail-stop", Severity::Medium, Source::InvocationLog),
        ],
        alarms: vec![alarm("met-logs-delivery", metric)],
        not_configured: Vec::new(),
        disabled: Vec::new(),
        objectives: vec![Objective {
            id: "which-control-was-changed".into(),
            question: "Which control was changed, and by whom?".into(),
            evidence: Vec::new(),
            controls: Vec::new(),
        }],
    }
}

/// Returns a state, one line per attribute.
pub fn lines(state: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(state).expect("plain data");
    let attributes = value.as_object().expect("a state is an object");
    attributes.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// Returns resources, one line each, with their AWS names.
pub fn list<T: crate::kinds::Managed>(all: &[(crate::model::Address, T)]) -> String {
    let line = |(address, state): &(_, T)| format!("{address} {}", state.aws_name());
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_serialised_field_is_an_attribute_once() {
        let all = crate::kinds::desired(&super::blueprint(), &crate::kinds::Facts::default());
        for (address, resource) in all {
            let attributes = resource.kind().attributes();
            let names: BTreeSet<&str> = attributes.iter().map(|(name, _)| *name).collect();
            assert_eq!(names.len(), attributes.len(), "{address}");
            let json = resource.json();
            let fields: BTreeSet<&str> =
                json.as_object().expect("a state is an object").keys().map(String::as_str).collect();
            assert_eq!(names, fields, "{address}");
        }
    }
}
