//! What the shipped catalogue promises.

use super::*;
use crate::blueprint::{MetricSource, Placement, Source};
use crate::pattern::Pattern;

/// Arguments of a request, owned.
struct Setting {
    packs: Vec<String>,
    disabled: BTreeMap<String, String>,
    parameters: Parameters,
    bedrock_regions: BTreeSet<String>,
    log_bucket: String,
    log_groups: bool,
}

impl Setting {
    /// All packs, no parameters, models in the home Region.
    fn bare() -> Self {
        Self {
            packs: pack_names().into_iter().map(str::to_owned).collect(),
            disabled: BTreeMap::new(),
            parameters: Parameters::default(),
            bedrock_regions: BTreeSet::from(["eu-central-1".to_owned()]),
            log_bucket: "genai-audit-logs-111122223333-eu-central-1".to_owned(),
            log_groups: true,
        }
    }

    fn full() -> Self {
        let list = |values: &[&str]| values.iter().copied().map(str::to_owned).collect();
        Self {
            parameters: Parameters {
                approved_roles: list(&[
                    "arn:aws:iam::111122223333:role/genai-app",
                    "arn:aws:iam::111122223333:role/team/rag-*",
                ]),
                approved_models: list(&["anthropic.claude", "amazon.nova*"]),
                approved_regions: list(&["eu-central-1", "eu-*"]),
                model_ids: list(&["anthropic.claude-3-haiku-20240307-v1:0", "eu.amazon.nova-lite-v1:0"]),
                guardrails: list(&["arn:aws:bedrock:eu-central-1:111122223333:guardrail/abc123:1"]),
            },
            ..Self::bare()
        }
    }

    fn request(&self) -> Request<'_> {
        Request {
            packs: &self.packs,
            disabled: &self.disabled,
            parameters: &self.parameters,
            account: "111122223333",
            home_region: "eu-central-1",
            bedrock_regions: &self.bedrock_regions,
            scope_name: "genai-audit",
            log_bucket: &self.log_bucket,
            has_trail_log_group: self.log_groups,
            has_invocation_log_group: self.log_groups,
        }
    }

    fn resolve(&self) -> Resolved {
        resolve(&self.request())
    }
}

/// The ids of the reference catalogue, by section.
const CATALOGUE: &str = "
    cis-unauthorized-api cis-console-no-mfa cis-root-usage cis-iam-policy-change cis-cloudtrail-change
    cis-console-auth-fail cis-cmk-disable-delete cis-s3-policy-change cis-config-change cis-security-group cis-nacl
    cis-gateway cis-route-table cis-vpc cis-organizations
    gai-guardrail-weakened gai-guardrail-created gai-invocation-logging gai-data-retention gai-model-access
    gai-marketplace-agreement gai-provisioned-throughput gai-model-supply-chain gai-model-removed gai-batch-inference
    gai-resource-sharing gai-agent-change gai-knowledge-change gai-flow-prompt-change gai-automated-reasoning
    gai-access-denied gai-throttled gai-root-inference gai-iam-user-inference gai-unexpected-principal gai-bearer-token
    gai-api-key-created gai-api-key-phantom-user gai-region-unapproved gai-inference-region gai-model-unapproved
    gai-no-guardrail gai-mantle gai-agentcore-change gai-agentcore-identity gai-llmjacking-recon gai-role-permission
    gai-sagemaker-change
    gai-audit-tamper aud-log-bucket aud-log-objects aud-kms aud-logs aud-alarms aud-notify aud-event-rules aud-vended
    aud-org-guard aud-insight
    gai-guardrail-intervened gai-agent-invocations gai-retrieval-volume gai-flow-invocations gai-invocation-volume
    gai-sessions gai-flow-exec gai-data-automation gai-tools agc-gateway-auth agc-credentials agc-tools agc-memory
    mantle-inference vpce-denied
    inv-guardrail-stop inv-guardrail-invoke inv-large-input inv-identity
    met-logs-delivery met-s3-delivery met-throttles met-client-errors met-server-errors met-latency met-tokens
    met-legacy-model met-guardrail-intervened met-guardrail-errors met-guardrail-silent met-agent-errors
    met-trail-silent met-sns-failed";

#[test]
fn every_id_of_the_catalogue_is_there_or_has_a_reason() {
    let left_out = packs().iter().flat_map(|pack| &pack.left_out).map(|left_out| left_out.id.as_str());
    let shipped: BTreeSet<&str> = ids().into_iter().chain(left_out).collect();
    let wanted: BTreeSet<&str> = CATALOGUE.split_whitespace().collect();
    assert_eq!(shipped, wanted);
    let count: usize = packs().iter().map(|pack| pack.ids().count()).sum();
    assert_eq!(count, ids().len(), "an id stands twice");
    assert!(pack_names().is_sorted());
}

#[test]
fn what_is_off_by_default_says_why() {
    let off = |pack: &'static Pack| pack.detections.iter().filter(|detection| !detection.default);
    let off: Vec<&PackDetection> = packs().iter().flat_map(off).collect();
    let ids: BTreeSet<&str> = off.iter().map(|detection| detection.id.as_str()).collect();
    assert_eq!(
        ids,
        BTreeSet::from(["aud-event-rules", "gai-sagemaker-change", "gai-throttled", "vpce-denied"])
    );
    for detection in off {
        assert!(
            detection.note.as_ref().is_some_and(|note| note.starts_with("Off by default")),
            "{}",
            detection.id
        );
    }
}

#[test]
fn every_shipped_detection_fires_on_its_matches_and_not_on_its_ignores() {
    for setting in [Setting::full(), long_names()] {
        let request = setting.request();
        for detection in packs().iter().flat_map(|pack| &pack.detections) {
            let id = &detection.id;
            let variables = template::scope_variables(&request);
            let text = template::fill(&detection.pattern, &variables, request.parameters)
                .unwrap_or_else(|| panic!("{id}: the template is not filled"));
            assert!(text.chars().count() <= crate::pattern::MAX_CHARS, "{id}: {} characters", text.len());
            let pattern = Pattern::parse(&text).unwrap_or_else(|error| panic!("{id}: {error}"));
            assert_eq!(
                pattern.regex_count(),
                0,
                "{id}: a log group takes five patterns with regexes, users need them"
            );
            let samples = samples(id, &request).unwrap_or_else(|| panic!("{id}: samples are not filled"));
            assert!(!samples.matches.is_empty() && !samples.ignores.is_empty(), "{id} has no samples");
            for (events, want) in [(&samples.matches, true), (&samples.ignores, false)] {
                for event in events {
                    assert!(
                        serde_json::from_str::<serde_json::Value>(event).is_ok(),
                        "{id}: not JSON: {event}"
                    );
                    assert_eq!(pattern.matches(event), want, "{id}: {event}");
                }
            }
        }
    }
}

/// A sample with a known operation fires for each operation that the pattern names.
#[test]
fn every_named_operation_fires() {
    let setting = Setting::full();
    for detection in setting.resolve().detections {
        let pattern = Pattern::parse(&detection.pattern).expect("tested above");
        let names = pattern.event_names();
        let sample = &samples(&detection.id, &setting.request()).expect("tested above").matches[0];
        let mut event: serde_json::Value = serde_json::from_str(sample).expect("tested above");
        for name in &names {
            event["eventName"] = name.replace('*', "").into();
            assert!(pattern.matches_json(&event), "{}: {name}", detection.id);
        }
    }
}

#[test]
fn entries_are_consistent() {
    let objectives = ["who-invoked-what", "which-control-was-changed", "was-the-record-on", "is-it-healthy"];
    for pack in packs() {
        for detection in &pack.detections {
            let id = &detection.id;
            assert!(objectives.contains(&detection.answers.as_str()), "{id}");
            let needs_roles =
                ["approved_roles:", "approved_sessions:"].iter().any(|it| detection.pattern.contains(it));
            assert_eq!(detection.needs.contains(&Need::ApprovedRoles), needs_roles, "{id}");
            for (need, list) in
                [(Need::ApprovedModels, "approved_models:"), (Need::ApprovedRegions, "approved_regions:")]
            {
                assert_eq!(detection.needs.contains(&need), detection.pattern.contains(list), "{id}");
            }
        }
        for alarm in &pack.alarms {
            let id = &alarm.id;
            assert!(objectives.contains(&alarm.answers.as_str()), "{id}");
            match alarm.per {
                Some(Per::ModelIds) => {
                    assert_ne!(alarm.over_all.is_some(), alarm.needs.contains(&Need::ModelIds), "{id}");
                }
                Some(Per::Guardrails) => assert!(alarm.needs.contains(&Need::Guardrails), "{id}"),
                None => assert!(alarm.over_all.is_none(), "{id}"),
            }
        }
    }
}

/// CloudWatch API, PutMetricAlarm: at most a day over all periods, a week for periods of an hour and more.
#[test]
fn triggers_are_within_the_limits() {
    let resolved = Setting::full().resolve();
    let of_detections = resolved.detections.iter().map(|detection| (&detection.id, &detection.trigger));
    let of_alarms = resolved.alarms.iter().map(|alarm| (&alarm.id, &alarm.trigger));
    for (id, trigger) in of_detections.chain(of_alarms) {
        let span = trigger.period_seconds * trigger.datapoints_of;
        assert!(trigger.period_seconds % 60 == 0 && span <= 86_400, "{id}");
        assert!((1..=trigger.datapoints_of).contains(&trigger.datapoints_alarm), "{id}");
        assert!([">=", ">", "<", "<="].contains(&trigger.compare.as_str()), "{id}");
        assert!(["not-breaching", "breaching"].contains(&trigger.missing.as_str()), "{id}");
        assert_eq!(trigger.missing == "breaching", id.contains("-silent"), "{id}");
        assert!(trigger.statistic == "Sum" || trigger.statistic == "p99", "{id}");
    }
}

/// CloudWatch Logs quotas: 100 metric filters per group; a blueprint adds its own.
#[test]
fn a_log_group_has_room_for_own_filters() {
    let resolved = Setting::full().resolve();
    let trail = resolved.detections.iter().filter(|detection| detection.source == Source::Trail).count();
    assert!(trail <= 75, "{trail} filters");
}

#[test]
fn without_parameters_the_rest_is_listed() {
    let resolved = Setting::bare().resolve();
    let not_configured: Vec<(&str, &str)> =
        resolved.not_configured.iter().map(|(id, need)| (id.as_str(), need.as_str())).collect();
    assert_eq!(
        not_configured,
        [
            ("gai-inference-region", "approved_regions"),
            ("gai-model-unapproved", "approved_models"),
            ("gai-region-unapproved", "approved_regions"),
            ("gai-unexpected-principal", "approved_roles"),
            ("inv-identity", "approved_roles"),
            ("met-guardrail-errors", "guardrails"),
            ("met-guardrail-intervened", "guardrails"),
            ("met-guardrail-silent", "guardrails"),
            ("met-latency", "model_ids"),
            ("met-tokens", "model_ids"),
        ]
    );
    assert!(resolved.unknown.is_empty());
    assert!(
        resolved.detections.is_sorted_by(|a, b| a.id < b.id)
            && resolved.alarms.is_sorted_by(|a, b| a.id < b.id)
    );
    let throttles =
        resolved.alarms.iter().find(|alarm| alarm.id == "met-throttles").map(|alarm| &alarm.metric);
    let query = r#"SELECT SUM(InvocationThrottles) FROM SCHEMA("AWS/Bedrock", ModelId)"#.to_owned();
    assert_eq!(throttles, Some(&MetricSource::Query { query }));
    assert_eq!(Setting::full().resolve().not_configured, []);
}

#[test]
fn names_of_the_scope_reach_patterns_and_dimensions() {
    let resolved = Setting::bare().resolve();
    let pattern = |id: &str| resolved.detections.iter().find(|it| it.id == id).map(|it| it.pattern.clone());
    let named = r#"($.requestParameters.bucketName = "genai-audit-logs-111122223333-eu-central-1")"#;
    assert!(pattern("aud-log-bucket").is_some_and(|pattern| pattern.contains(named)));
    let dimension = |id: &str| match &resolved.alarms.iter().find(|alarm| alarm.id == id)?.metric {
        MetricSource::Metric { dimensions, .. } => dimensions.values().next().cloned(),
        MetricSource::Sum { .. } | MetricSource::Query { .. } => None,
    };
    assert_eq!(dimension("met-trail-silent").as_deref(), Some("/auditscope/genai-audit/trail"));
    assert_eq!(dimension("met-sns-failed").as_deref(), Some("genai-audit-alarms"));
}

#[test]
fn without_log_groups_no_filter_is_made() {
    let resolved = Setting { log_groups: false, ..Setting::full() }.resolve();
    assert!(resolved.detections.is_empty());
    let need =
        |id: &str| resolved.not_configured.iter().find(|(it, _)| it == id).map(|(_, need)| need.as_str());
    assert_eq!(need("cis-root-usage"), Some("trail.log_group"));
    assert_eq!(need("inv-large-input"), Some("invocation_logging.log_group"));
    assert_eq!(need("met-trail-silent"), Some("trail.log_group"));
    assert_eq!(need("met-throttles"), None);
}

#[test]
fn packs_and_ids_select() {
    let mut setting = Setting::full();
    setting.packs =
        vec!["cis-aws-foundations".to_owned(), "cis".to_owned(), "cis-aws-foundations".to_owned()];
    for id in ["cis-nacl", "gai-mantle", "cis-nope"] {
        setting.disabled.insert(id.to_owned(), "reason".to_owned());
    }
    let resolved = setting.resolve();
    assert_eq!(resolved.unknown, ["cis", "cis-nope"]);
    assert_eq!(resolved.detections.len(), 14);
    assert!(resolved.detections.iter().all(|it| it.id != "cis-nacl"));
    assert!(resolved.alarms.is_empty());
}

#[test]
fn one_alarm_per_model_and_guardrail() {
    let mut setting = Setting::full();
    setting.parameters.model_ids.push("eu/amazon-nova-lite-v1-0".to_owned());
    setting.parameters.model_ids.push("x/AMAZON.nova-lite-v1:0".to_owned());
    setting
        .disabled
        .insert("met-throttles-anthropic-claude-3-haiku-20240307-v1-0".to_owned(), "quiet".to_owned());
    let resolved = setting.resolve();
    let ids_of = |prefix: &str| -> Vec<String> {
        let ids = resolved.alarms.iter().map(|alarm| alarm.id.clone());
        ids.filter(|id| id.starts_with(prefix)).collect()
    };
    let throttles = ids_of("met-throttles");
    assert_eq!(throttles.len(), 3, "{throttles:?}");
    assert!(throttles.contains(&"met-throttles-eu-amazon-nova-lite-v1-0".to_owned()), "{throttles:?}");
    let hashed = throttles.iter().filter(|id| id.starts_with("met-throttles-amazon-nova-lite-v1-0-")).count();
    assert_eq!(hashed, 2, "{throttles:?}");
    assert_eq!(ids_of("met-guardrail-silent"), ["met-guardrail-silent-abc123-1"]);
    assert!(resolved.unknown.is_empty());
}

#[test]
fn guardrails_alarm_where_they_are() {
    let guardrail = |region: &str| format!("arn:aws:bedrock:{region}:111122223333:guardrail/g:DRAFT");
    let bare = "arn:aws:bedrock:eu-central-1:111122223333:guardrail/g".to_owned();
    let cases = [
        ("home", guardrail("eu-central-1"), vec!["eu-central-1", "us-east-1"], Some(Placement::Home), true),
        ("the only one", guardrail("us-east-1"), vec!["us-east-1"], Some(Placement::BedrockRegions), true),
        (
            "one of two",
            guardrail("us-east-1"),
            vec!["eu-central-1", "us-east-1"],
            Some(Placement::BedrockRegions),
            false,
        ),
        ("elsewhere", guardrail("eu-west-1"), vec!["eu-central-1", "us-east-1"], None, false),
        ("no version", bare, vec!["eu-central-1"], None, false),
    ];
    for (case, entry, regions, errors, silent) in cases {
        let mut setting = Setting::bare();
        setting.parameters.guardrails = vec![entry];
        setting.bedrock_regions = regions.into_iter().map(str::to_owned).collect();
        let resolved = setting.resolve();
        let find = |prefix: &str| resolved.alarms.iter().find(|alarm| alarm.id.starts_with(prefix));
        assert_eq!(find("met-guardrail-errors").map(|alarm| alarm.placement), errors, "{case}");
        assert_eq!(find("met-guardrail-silent").is_some(), silent, "{case}");
    }
}

#[test]
fn notifications_are_watched_in_every_region() {
    let resolved = Setting::bare().resolve();
    let placement =
        resolved.alarms.iter().find(|alarm| alarm.id == "met-sns-failed").map(|alarm| alarm.placement);
    assert_eq!(placement, Some(Placement::EveryRegion));
}

/// The longest bucket name, and lists as long as a filter can take.
fn long_names() -> Setting {
    let mut setting = Setting::full();
    setting.log_bucket = "b".repeat(63);
    setting.parameters.approved_roles =
        (0..4).map(|index| format!("arn:aws:iam::111122223333:role/{index}{}", "r".repeat(63))).collect();
    setting.parameters.approved_models =
        (0..8).map(|index| format!("provider.model-{index}-{}", "m".repeat(20))).collect();
    setting.parameters.approved_regions = (0..10).map(|index| format!("ap-northeast-{index}")).collect();
    setting
}

#[test]
fn a_list_too_long_for_a_filter_is_said() {
    let mut setting = long_names();
    for index in 4..12 {
        setting
            .parameters
            .approved_roles
            .push(format!("arn:aws:iam::111122223333:role/{index}{}", "r".repeat(60)));
    }
    setting.parameters.approved_roles.push("arn:aws:iam::111122223333:role/team/*".to_owned());
    let resolved = setting.resolve();
    let need =
        |id: &str| resolved.not_configured.iter().find(|(it, _)| it == id).map(|(_, need)| need.as_str());
    assert!(need("gai-unexpected-principal").is_some_and(|need| need.starts_with("shorter approved_roles")));
    assert_eq!(need("inv-identity"), Some("approved_roles with names, not only paths"));
    assert!(resolved.detections.iter().all(|it| it.pattern.chars().count() <= crate::pattern::MAX_CHARS));
}

/// Flattened types cannot deny unknown keys, and a misspelt one would silently be a default.
#[test]
fn packs_hold_known_keys_only() {
    const SHARED: &str = "id answers description severity statistic threshold compare period datapoints missing needs \
        default controls note";
    let keys =
        |own: &'static str| -> BTreeSet<&str> { SHARED.split_whitespace().chain(own.split(' ')).collect() };
    let known = BTreeMap::from([
        ("detection", keys("source pattern data_events matches ignores")),
        ("alarm", keys("placement metric sum query per over_all")),
    ]);
    for text in TEXTS {
        let table: toml::Table = toml::from_str(text).expect("parsed by every other test");
        for (kind, known) in &known {
            let entries = table.get(*kind).and_then(toml::Value::as_array).into_iter().flatten();
            for key in entries.filter_map(toml::Value::as_table).flat_map(toml::Table::keys) {
                assert!(known.contains(key.as_str()), "unknown key {key} in a [[{kind}]]");
            }
        }
    }
}

#[test]
fn ids_carry_the_prefixes_of_their_pack() {
    let prefixes = BTreeMap::from([
        ("cis-aws-foundations", &["cis-"][..]),
        ("genai-governance", &["gai-", "agc-", "mantle-", "vpce-"][..]),
        ("audit-tampering", &["aud-", "gai-audit-tamper"][..]),
        ("bedrock-runtime", &["met-", "inv-"][..]),
    ]);
    for pack in packs() {
        for id in pack.ids() {
            assert!(
                prefixes[pack.name.as_str()].iter().any(|prefix| id.starts_with(prefix)),
                "{}: {id}",
                pack.name
            );
        }
    }
}
