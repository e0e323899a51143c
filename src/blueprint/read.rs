//! The document as typed values, with every default written out.
//!
//! Reads leniently: what is missing or mistyped was reported by [`structure`](super::structure), and gets its default
//! here, so that the checks after it can still speak about everything else.

use super::catalogue::{self, Family};
use super::model::*;
use super::node::Node;
use super::objectives;
use super::shapes::retention_step;
use super::structure::seconds;
use std::collections::{BTreeMap, BTreeSet};

/// Days that prompt bodies are kept when nothing is said.
const PROMPT_DAYS: u32 = 90;
/// Days that server access logs are kept when nothing is said.
const ACCESS_LOG_DAYS: u32 = 400;
/// Days that the trail's records are kept at least when nothing is said: seven years.
const RECORD_DAYS: u32 = 2555;

/// Returns the blueprint without its built-in detections and alarms.
pub(crate) fn blueprint(root: &Node) -> Blueprint {
    let scope = scope(root);
    Blueprint {
        encryption: encryption(root),
        log_bucket: log_bucket(root, &scope),
        trail: trail(root, &scope),
        invocation_logging: invocation_logging(root, &scope),
        notifications: notifications(root),
        detections: root.items("detection").iter().map(detection).collect(),
        alarms: root.items("alarm").iter().map(alarm).collect(),
        not_configured: Vec::new(),
        disabled: disabled(root).into_iter().collect(),
        objectives: objectives(root),
        scope,
    }
}

fn owned(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn set(root: &Node, path: &str) -> BTreeSet<String> {
    root.texts(path).map(|(text, _)| text.to_owned()).collect()
}

/// Returns the strings of the list at a path, in order.
pub(crate) fn list(root: &Node, path: &str) -> Vec<String> {
    root.texts(path).map(|(text, _)| text.to_owned()).collect()
}

fn map(root: &Node, path: &str) -> BTreeMap<String, String> {
    let entries = root.get(path).and_then(Node::table).into_iter().flatten();
    entries.filter_map(|(key, entry)| Some((key.clone(), entry.node.as_text()?.to_owned()))).collect()
}

/// Returns the built-in detections that are switched off, with the reasons.
pub(crate) fn disabled(root: &Node) -> BTreeMap<String, String> {
    let items = root.items("detections.disable").iter();
    items.map(|item| (owned(item.text("id")), owned(item.text("reason")))).collect()
}

fn scope(root: &Node) -> ScopeSection {
    let home_region = owned(root.text("scope.home_region"));
    let bedrock_regions = match root.get("scope.bedrock_regions") {
        Some(_) => set(root, "scope.bedrock_regions"),
        None => BTreeSet::from([home_region.clone()]),
    };
    ScopeSection {
        name: owned(root.text("scope.name")),
        account: owned(root.text("scope.account")),
        home_region,
        bedrock_regions,
        retention_days: root.number("scope.retention_days").unwrap_or(400),
        contact: root.text("scope.contact").map(str::to_owned),
        tags: map(root, "scope.tags"),
    }
}

fn encryption(root: &Node) -> Encryption {
    Encryption {
        rotation_days: root.number("encryption.rotation_days").unwrap_or(365),
        deletion_window_days: root.number("encryption.deletion_window_days").unwrap_or(30),
        administrators: set(root, "encryption.administrators"),
        readers: set(root, "encryption.readers"),
    }
}

/// Returns the name of one of the scope's buckets: `{scope}-{role}-{account}-{region}`.
pub(crate) fn derived_bucket(scope: &ScopeSection, role: &str, region: &str) -> String {
    format!("{}-{role}-{}-{region}", scope.name, scope.account)
}

fn log_bucket(root: &Node, scope: &ScopeSection) -> LogBucket {
    let name = root.text("log_bucket.name").map_or_else(
        || derived_bucket(scope, "logs", &scope.home_region),
        |name| name.replace("${region}", &scope.home_region),
    );
    let access_logs = (!root.is_off("log_bucket.access_logs")).then(|| AccessLogs {
        expire_after_days: root.number("log_bucket.access_logs.expire_after_days").unwrap_or(ACCESS_LOG_DAYS),
    });
    LogBucket {
        name,
        archive_after_days: root.number("log_bucket.archive_after_days"),
        expire_after_days: root
            .number("log_bucket.expire_after_days")
            .unwrap_or_else(|| RECORD_DAYS.max(scope.retention_days)),
        access_logs,
        object_lock: object_lock(root, "log_bucket.object_lock", scope.retention_days),
    }
}

fn object_lock(root: &Node, path: &str, days: u32) -> ObjectLock {
    let mode = match root.text(&format!("{path}.mode")) {
        Some("compliance") => LockMode::Compliance,
        _ => LockMode::Governance,
    };
    ObjectLock { mode, days: root.number(&format!("{path}.days")).unwrap_or(days) }
}

fn trail(root: &Node, scope: &ScopeSection) -> Trail {
    let management_events = match root.text("trail.management_events") {
        Some("write") => ManagementEvents::Write,
        Some("none") => ManagementEvents::None,
        _ => ManagementEvents::All,
    };
    let log_group = (!root.is_off("trail.log_group")).then(|| LogGroup {
        retention_days: root
            .number("trail.log_group.retention_days")
            .or_else(|| retention_step(scope.retention_days)),
    });
    Trail {
        multi_region: root.flag("trail.multi_region").unwrap_or(true),
        organization: root.flag("trail.organization").unwrap_or(false),
        log_file_validation: root.flag("trail.log_file_validation").unwrap_or(true),
        management_events,
        insights: set(root, "trail.insights"),
        log_group,
        data_events: data_events(root),
    }
}

fn data_events(root: &Node) -> DataEvents {
    let pinned = root.text("trail.data_events.catalogue").unwrap_or(catalogue::VERSION);
    let mut not_in_pinned_catalogue = BTreeSet::new();
    let mut family = |family: Family| -> BTreeSet<String> {
        let path = format!("trail.data_events.{}", family.key());
        match root.get(&path).map(|node| (node.as_text(), root.items(&path))) {
            Some((None, items)) => items
                .iter()
                .filter_map(|item| catalogue::resource_type(family, item.as_text()?))
                .map(str::to_owned)
                .collect(),
            Some((Some("none"), _)) => BTreeSet::new(),
            _ => {
                let newer = family.types().iter().filter(|known| known.since > pinned);
                not_in_pinned_catalogue.extend(newer.map(|known| known.resource_type.to_owned()));
                family.types_of(pinned).map(|known| known.resource_type.to_owned()).collect()
            }
        }
    };
    DataEvents {
        bedrock: family(Family::Bedrock),
        agentcore: family(Family::AgentCore),
        mantle: family(Family::Mantle),
        objects: root.items("trail.data_events.objects").iter().map(object_events).collect(),
        selectors: root.items("trail.data_events.selector").iter().map(selector).collect(),
        not_in_pinned_catalogue,
    }
}

fn object_events(item: &Node) -> ObjectEvents {
    let events = match item.text("events") {
        Some("read") => ReadWrite::Read,
        Some("write") => ReadWrite::Write,
        _ => ReadWrite::All,
    };
    ObjectEvents { name: owned(item.text("name")), buckets: set(item, "buckets"), events }
}

/// Returns one free selector.
pub(crate) fn selector(item: &Node) -> FreeSelector {
    let field = |node: &Node| FieldSelector {
        field: owned(node.text("field")),
        equals: set(node, "equals"),
        starts_with: set(node, "starts_with"),
        ends_with: set(node, "ends_with"),
        not_equals: set(node, "not_equals"),
        not_starts_with: set(node, "not_starts_with"),
        not_ends_with: set(node, "not_ends_with"),
    };
    FreeSelector { name: owned(item.text("name")), fields: item.items("fields").iter().map(field).collect() }
}

fn invocation_logging(root: &Node, scope: &ScopeSection) -> Option<InvocationLogging> {
    if root.is_off("invocation_logging") {
        return None;
    }
    let flag = |key: &str, default| root.flag(&format!("invocation_logging.{key}")).unwrap_or(default);
    let days = |path: &str| root.number(path).unwrap_or(PROMPT_DAYS);
    let lock = "invocation_logging.bucket.object_lock";
    Some(InvocationLogging {
        text: flag("text", true),
        image: flag("image", false),
        embedding: flag("embedding", false),
        video: flag("video", false),
        audio: flag("audio", false),
        readers: set(root, "invocation_logging.readers"),
        log_group: (!root.is_off("invocation_logging.log_group"))
            .then(|| LogGroup { retention_days: Some(days("invocation_logging.log_group.retention_days")) }),
        bucket: (!root.is_off("invocation_logging.bucket")).then(|| PromptBucket {
            expire_after_days: days("invocation_logging.bucket.expire_after_days"),
            object_lock: root.get(lock).map(|_| object_lock(root, lock, scope.retention_days)),
        }),
    })
}

fn notifications(root: &Node) -> Notifications {
    Notifications {
        emails: set(root, "notifications.emails"),
        topics: set(root, "notifications.topics"),
        composite_alarms: root.flag("notifications.composite_alarms").unwrap_or(true),
        dashboard: root.flag("notifications.dashboard").unwrap_or(true),
    }
}

fn severity(item: &Node) -> Severity {
    match item.text("severity") {
        Some("high") => Severity::High,
        Some("low") => Severity::Low,
        _ => Severity::Medium,
    }
}

fn trigger(item: &Node) -> Trigger {
    Trigger {
        statistic: item.text("statistic").unwrap_or("Sum").to_owned(),
        threshold: item.float("threshold").unwrap_or(1.0),
        compare: item.text("compare").unwrap_or(">=").to_owned(),
        period_seconds: item.text("period").and_then(seconds).unwrap_or(300),
        datapoints_alarm: item.number("datapoints.alarm").unwrap_or(1),
        datapoints_of: item.number("datapoints.of").unwrap_or(1),
        missing: item.text("missing").unwrap_or("not-breaching").to_owned(),
    }
}

fn detection(item: &Node) -> Detection {
    Detection {
        id: owned(item.text("id")),
        pack: None,
        answers: item.text("answers").map(str::to_owned),
        description: owned(item.text("description")),
        severity: severity(item),
        source: Source::Trail,
        pattern: owned(item.text("pattern")),
        trigger: trigger(item),
        controls: Vec::new(),
    }
}

fn alarm(item: &Node) -> Alarm {
    let namespace = owned(item.text("metric.namespace"));
    // What models do is published in the Region where they run.
    let bedrock = namespace == "AWS/Bedrock"
        || namespace.starts_with("AWS/Bedrock/")
        || namespace == "AWS/BedrockMantle";
    Alarm {
        id: owned(item.text("id")),
        pack: None,
        answers: item.text("answers").map(str::to_owned),
        description: owned(item.text("description")),
        severity: severity(item),
        placement: if bedrock { Placement::BedrockRegions } else { Placement::Home },
        metric: MetricSource::Metric {
            namespace,
            name: owned(item.text("metric.name")),
            dimensions: map(item, "metric.dimensions"),
        },
        trigger: trigger(item),
        controls: Vec::new(),
    }
}

/// Returns the blueprint's own objectives over the built-in ones, by id.
fn objectives(root: &Node) -> Vec<Objective> {
    let mut all: BTreeMap<String, Objective> =
        objectives::built_in().into_iter().map(|objective| (objective.id.clone(), objective)).collect();
    for item in root.items("objective") {
        let id = owned(item.text("id"));
        let objective = Objective {
            id: id.clone(),
            question: owned(item.text("question")),
            evidence: list(item, "evidence"),
            controls: list(item, "controls"),
        };
        all.insert(id, objective);
    }
    all.into_values().collect()
}
