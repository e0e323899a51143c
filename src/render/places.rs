//! Which line of a blueprint asks for a resource, so that a finding can point at it.

use crate::blueprint::Origin;
use crate::kinds::Kind;
use crate::model::Address;
use std::collections::BTreeMap;

/// Returns where the blueprint asks for an attribute of a resource: the nearest key that was written. What has its
/// default is asked for by the table around it, and by the scope's name at last. `None`: nothing was written at all.
pub fn of<'a>(
    address: &Address,
    attribute: &str,
    origins: &'a BTreeMap<String, Origin>,
) -> Option<&'a Origin> {
    keys(address, attribute).iter().find_map(|key| written(key, origins))
}

/// The first line of what was written under a key.
fn written<'a>(key: &str, origins: &'a BTreeMap<String, Origin>) -> Option<&'a Origin> {
    let under = |path: &str| {
        path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    origins.iter().filter(|(path, _)| under(path)).map(|(_, origin)| origin).min_by_key(|origin| origin.line)
}

/// Keys that ask for it, the nearest first.
fn keys(address: &Address, attribute: &str) -> Vec<String> {
    let name = address.name.as_str();
    let nearest: &[&str] = match (address.kind, name, attribute) {
        (_, _, "tags") => &["scope.tags", "scope.contact"],
        (Kind::KmsKey, _, "rotation_days") => &["encryption.rotation_days"],
        (Kind::S3Bucket, "logs", "object_lock") => &["log_bucket.object_lock"],
        (Kind::S3Bucket, "logs", "logging") => &["log_bucket.access_logs"],
        (Kind::S3Bucket, "access", _) => &["log_bucket.access_logs"],
        (Kind::S3Bucket, "prompts", _) => &["invocation_logging.bucket"],
        (Kind::Trail, _, "event_selectors") => &["trail.data_events", "trail.management_events"],
        (Kind::Trail, _, "insights") => &["trail.insights"],
        (Kind::LogGroup, "bedrock", _) => &["invocation_logging.log_group"],
        (Kind::LogGroup, _, _) => &["trail.log_group"],
        (Kind::SnsTopic, _, "subscriptions") => &["notifications.emails"],
        (Kind::CompositeAlarm, _, _) => &["notifications.composite_alarms"],
        (Kind::Dashboard, _, _) => &["notifications.dashboard"],
        _ => &[],
    };
    let table: &[&str] = match (address.kind, name) {
        (Kind::KmsKey, _) => &["encryption"],
        (Kind::S3Bucket, "prompts") | (Kind::LogGroup | Kind::IamRole, "bedrock" | "bedrock-logs") => {
            &["invocation_logging"]
        }
        (Kind::S3Bucket, _) => &["log_bucket"],
        (Kind::Trail | Kind::LogGroup | Kind::IamRole, _) => &["trail"],
        (Kind::BedrockLogging, _) => &["invocation_logging"],
        (Kind::MetricFilter | Kind::MetricAlarm, _) => &["detections"],
        (Kind::SnsTopic | Kind::CompositeAlarm | Kind::Dashboard, _) => &["notifications"],
    };
    let own = match address.kind {
        Kind::MetricFilter | Kind::MetricAlarm => {
            vec![format!("detection[{name}]"), format!("alarm[{name}]")]
        }
        _ => Vec::new(),
    };
    let more = nearest.iter().chain(table).chain(&["scope.name", "scope"]).map(|key| (*key).to_owned());
    own.into_iter().chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_written_key_is_pointed_at() {
        let origin = |line| Origin { file: "blueprint.toml".into(), line };
        let origins = BTreeMap::from([
            ("scope.name".to_owned(), origin(4)),
            ("trail.log_group.retention_days".to_owned(), origin(9)),
            ("trail.multi_region".to_owned(), origin(8)),
            ("detection[mine].pattern".to_owned(), origin(20)),
            ("detection[mine].id".to_owned(), origin(18)),
            ("detection[mine-too].id".to_owned(), origin(30)),
        ]);
        let cases = [
            ("trail.main", "logging", 8),
            ("trail.main", "tags", 8),
            ("log_group.trail", "retention_days", 9),
            ("log_group.bedrock", "retention_days", 4),
            ("metric_alarm.mine", "threshold", 18),
            ("metric_alarm.gai-guardrail-changed", "threshold", 4),
            ("kms_key.main", "policy", 4),
        ];
        for (address, attribute, line) in cases {
            let address: Address =
                format!("{address}@111122223333/eu-central-1").parse().expect("an address");
            assert_eq!(of(&address, attribute, &origins), Some(&origin(line)), "{address} {attribute}");
        }
        let address: Address = "trail.main@111122223333/eu-central-1".parse().expect("an address");
        assert_eq!(of(&address, "logging", &BTreeMap::new()), None);
    }
}
