//! The built-in objectives, and what may be named as evidence.

use super::model::{Blueprint, Objective};

/// A part of the record that an objective can name as evidence.
#[derive(Clone, Copy)]
pub struct Evidence {
    pub name: &'static str,
    pub doc: &'static str,
    /// Tells whether a blueprint asks for it at all.
    pub is_on: fn(&Blueprint) -> bool,
}

/// Everything that can be named as evidence.
pub const EVIDENCE: &[Evidence] = &[
    Evidence { name: "trail", doc: "management events in the log bucket", is_on: |_| true },
    Evidence {
        name: "trail.log_group",
        doc: "the trail's events in CloudWatch Logs",
        is_on: |blueprint| blueprint.trail.log_group.is_some(),
    },
    Evidence {
        name: "trail.log_file_validation",
        doc: "signed digests of the log files",
        is_on: |blueprint| blueprint.trail.log_file_validation,
    },
    Evidence {
        name: "trail.insights",
        doc: "CloudTrail Insights events",
        is_on: |blueprint| !blueprint.trail.insights.is_empty(),
    },
    Evidence {
        name: "data_events.bedrock",
        doc: "data events of Bedrock",
        is_on: |blueprint| !blueprint.trail.data_events.bedrock.is_empty(),
    },
    Evidence {
        name: "data_events.agentcore",
        doc: "data events of Bedrock AgentCore",
        is_on: |blueprint| !blueprint.trail.data_events.agentcore.is_empty(),
    },
    Evidence {
        name: "data_events.mantle",
        doc: "data events of the bedrock-mantle endpoint",
        is_on: |blueprint| !blueprint.trail.data_events.mantle.is_empty(),
    },
    Evidence {
        name: "data_events.objects",
        doc: "data events of S3 objects",
        is_on: |blueprint| !blueprint.trail.data_events.objects.is_empty(),
    },
    Evidence {
        name: "data_events.selector",
        doc: "events of the free selectors",
        is_on: |blueprint| !blueprint.trail.data_events.selectors.is_empty(),
    },
    Evidence {
        name: "invocation_logging",
        doc: "prompts and completions",
        is_on: |blueprint| blueprint.invocation_logging.is_some(),
    },
    Evidence { name: "log_bucket", doc: "the records themselves", is_on: |_| true },
    Evidence { name: "log_bucket.object_lock", doc: "records that cannot be deleted", is_on: |_| true },
    Evidence {
        name: "log_bucket.access_logs",
        doc: "who read the records",
        is_on: |blueprint| blueprint.log_bucket.access_logs.is_some(),
    },
    Evidence { name: "encryption", doc: "customer managed keys with named readers", is_on: |_| true },
    Evidence {
        name: "detections",
        doc: "metric filters and their alarms",
        is_on: |blueprint| !blueprint.detections.is_empty(),
    },
    Evidence {
        name: "alarms",
        doc: "alarms on service metrics",
        is_on: |blueprint| !blueprint.alarms.is_empty(),
    },
    Evidence {
        name: "notifications",
        doc: "people and topics that are told",
        is_on: |blueprint| {
            !blueprint.notifications.emails.is_empty() || !blueprint.notifications.topics.is_empty()
        },
    },
];

/// Returns the objectives that every blueprint has, unless it puts its own in their place.
pub fn built_in() -> Vec<Objective> {
    let objective = |id: &str, question: &str, evidence: &[&str], controls: &[&str]| Objective {
        id: id.to_owned(),
        question: question.to_owned(),
        evidence: evidence.iter().map(|&name| name.to_owned()).collect(),
        controls: controls.iter().map(|&label| label.to_owned()).collect(),
    };
    vec![
        objective(
            "is-it-healthy",
            "Are the models, their guardrails and the deliveries of the record itself working?",
            &["alarms"],
            &["NIST 800-53 r5: AU-5"],
        ),
        objective(
            "was-the-record-on",
            "Was the record on, complete and unaltered over the whole period, and who touched it?",
            &["trail", "trail.log_file_validation", "log_bucket.object_lock", "detections"],
            &["CIS 5.0: 3.2", "NIST 800-53 r5: AU-9"],
        ),
        objective(
            "which-control-was-changed",
            "Which guardrail, policy or logging setting was changed, weakened or removed, when, and by whom?",
            &["trail", "detections"],
            &["NIST 800-53 r5: AU-6(1)"],
        ),
        objective(
            "who-invoked-what",
            "Who invoked which model, when, and with which guardrail?",
            &["trail", "data_events.bedrock", "data_events.mantle", "invocation_logging"],
            &["CIS 5.0: 3.1", "NIST 800-53 r5: AU-2"],
        ),
    ]
}
