//! A blueprint for the tests of `desired`, with everything on.

use crate::blueprint::*;
use std::collections::{BTreeMap, BTreeSet};

/// Returns a blueprint of account 111122223333, home in eu-central-1, models also in us-east-1.
pub(crate) fn blueprint() -> Blueprint {
    let trigger = Trigger {
        statistic: "Sum".into(),
        threshold: 1.0,
        compare: ">=".into(),
        period_seconds: 300,
        datapoints_alarm: 1,
        datapoints_of: 1,
        missing: "not-breaching".into(),
    };
    let detection = |id: &str, source| Detection {
        id: id.into(),
        pack: None,
        answers: None,
        description: String::new(),
        severity: Severity::High,
        source,
        pattern: String::new(),
        trigger: trigger.clone(),
        controls: Vec::new(),
    };
    Blueprint {
        scope: ScopeSection {
            name: "genai-audit".into(),
            account: "111122223333".into(),
            home_region: "eu-central-1".into(),
            bedrock_regions: BTreeSet::from(["eu-central-1".into(), "us-east-1".into()]),
            retention_days: 400,
            contact: None,
            tags: BTreeMap::new(),
        },
        encryption: Encryption {
            rotation_days: 365,
            deletion_window_days: 30,
            administrators: BTreeSet::from(["arn:aws:iam::111122223333:role/admin".into()]),
            readers: BTreeSet::from(["arn:aws:iam::111122223333:role/auditor".into()]),
        },
        log_bucket: LogBucket {
            name: "genai-audit-logs-111122223333-eu-central-1".into(),
            archive_after_days: Some(90),
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
                bedrock: BTreeSet::new(),
                agentcore: BTreeSet::new(),
                mantle: BTreeSet::new(),
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
            readers: BTreeSet::from(["arn:aws:iam::111122223333:role/ai-safety".into()]),
            log_group: Some(LogGroup { retention_days: Some(90) }),
            bucket: Some(PromptBucket { expire_after_days: 90, object_lock: None }),
        }),
        notifications: Notifications {
            emails: BTreeSet::from(["secops@example.com".into()]),
            topics: BTreeSet::new(),
            composite_alarms: true,
            dashboard: true,
        },
        detections: vec![
            detection("trail-changed", Source::Trail),
            detection("prompt-blocked", Source::InvocationLog),
        ],
        alarms: Vec::new(),
        not_configured: Vec::new(),
        disabled: Vec::new(),
        objectives: Vec::new(),
    }
}
