//! The built-in detection catalogue, read from the packs under `blueprints/packs`.

mod pack;
mod template;

pub use pack::{Filter, LeftOut, Pack, Watch, packs};

use crate::blueprint::{Alarm, Detection, MetricSource, Placement, Source, Trigger};
use pack::{Datapoints, Lives, Reads};
use std::collections::{BTreeMap, BTreeSet};
use template::Values;

/// What some built-in detections need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    pub approved_roles: Vec<String>,
    pub approved_models: Vec<String>,
    pub approved_regions: Vec<String>,
    pub model_ids: Vec<String>,
    /// `ARN:VERSION` each: a guardrail's metrics carry both as dimensions.
    pub guardrails: Vec<String>,
}

/// What a blueprint asks of the catalogue.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub packs: &'a [String],
    /// Ids switched off, with the reason.
    pub disabled: &'a BTreeMap<String, String>,
    pub parameters: &'a Parameters,
    pub account: &'a str,
    pub home_region: &'a str,
    pub bedrock_regions: &'a BTreeSet<String>,
    pub scope_name: &'a str,
    pub log_bucket: &'a str,
    pub has_trail_log_group: bool,
    pub has_invocation_log_group: bool,
}

/// What the catalogue has for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    /// By id.
    pub detections: Vec<Detection>,
    /// By id.
    pub alarms: Vec<Alarm>,
    /// Ids, and the parameter that each lacks.
    pub not_configured: Vec<(String, String)>,
    /// Packs and disabled ids that do not exist.
    pub unknown: Vec<String>,
}

/// Longest pattern (CloudWatch Logs API, PutMetricFilter).
const LONGEST_PATTERN: usize = 1024;

/// Returns the names of the packs.
pub fn pack_names() -> Vec<&'static str> {
    packs().iter().map(|pack| pack.pack.as_str()).collect()
}

/// Returns the ids of everything in the catalogue, sorted.
pub fn ids() -> Vec<&'static str> {
    let mut ids: Vec<&str> = packs()
        .iter()
        .flat_map(|pack| {
            let filters = pack.detections.iter().map(|filter| filter.id.as_str());
            filters.chain(pack.alarms.iter().map(|watch| watch.id.as_str()))
        })
        .collect();
    ids.sort_unstable();
    ids
}

/// Returns the detections and alarms that a request amounts to.
pub fn resolve(request: &Request<'_>) -> Resolved {
    let mut resolved = Resolved::default();
    let (names, known) = (pack_names(), ids());
    resolved.unknown.extend(request.packs.iter().filter(|pack| !names.contains(&pack.as_str())).cloned());
    resolved.unknown.extend(request.disabled.keys().filter(|id| !known.contains(&id.as_str())).cloned());
    let values = values(request);
    let wanted = packs().iter().filter(|pack| request.packs.contains(&pack.pack));
    for pack in wanted {
        for filter in &pack.detections {
            if filter.default && !request.disabled.contains_key(&filter.id) {
                detection(pack, filter, request, &values, &mut resolved);
            }
        }
        for watch in &pack.alarms {
            if watch.default && !request.disabled.contains_key(&watch.id) {
                alarms(pack, watch, request, &values, &mut resolved);
            }
        }
    }
    resolved.detections.sort_by(|a, b| a.id.cmp(&b.id));
    resolved.alarms.sort_by(|a, b| a.id.cmp(&b.id));
    resolved.not_configured.sort();
    resolved
}

fn values(request: &Request<'_>) -> Values {
    let parameters = request.parameters;
    // The session of a role is arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION (IAM User Guide, IAM identifiers).
    let sessions = parameters.approved_roles.iter().map(|role| {
        let account = role.split(':').nth(4).unwrap_or(request.account);
        let name = role.rsplit('/').next().unwrap_or(role);
        format!("arn:aws:sts::{account}:assumed-role/{name}/*")
    });
    Values {
        words: BTreeMap::from([
            ("account", request.account.to_owned()),
            ("home_region", request.home_region.to_owned()),
            ("scope", request.scope_name.to_owned()),
            ("log_bucket", request.log_bucket.to_owned()),
        ]),
        lists: BTreeMap::from([
            ("approved_sessions", sessions.collect()),
            ("approved_roles", parameters.approved_roles.clone()),
            ("approved_models", parameters.approved_models.clone()),
            ("approved_regions", parameters.approved_regions.clone()),
        ]),
    }
}

/// Returns the first thing that is needed and not there.
fn lacks(needs: &[String], request: &Request<'_>) -> Option<String> {
    let parameters = request.parameters;
    let there = |need: &str| match need {
        "approved_roles" => !parameters.approved_roles.is_empty(),
        "approved_models" => !parameters.approved_models.is_empty(),
        "approved_regions" => !parameters.approved_regions.is_empty(),
        "model_ids" => !parameters.model_ids.is_empty(),
        "guardrails" => !parameters.guardrails.is_empty(),
        "trail_log_group" => request.has_trail_log_group,
        "invocation_log_group" => request.has_invocation_log_group,
        _ => false,
    };
    needs.iter().find(|need| !there(need)).cloned()
}

fn detection(pack: &Pack, filter: &Filter, request: &Request<'_>, values: &Values, resolved: &mut Resolved) {
    let source = match filter.source {
        Reads::Trail => Source::Trail,
        Reads::InvocationLog => Source::InvocationLog,
    };
    let no_group = (source == Source::InvocationLog && !request.has_invocation_log_group)
        .then(|| "invocation_log_group".to_owned());
    if let Some(need) = no_group.or_else(|| lacks(&filter.needs, request)) {
        resolved.not_configured.push((filter.id.clone(), need));
        return;
    }
    let pattern = values.fill(&filter.pattern);
    if pattern.chars().count() > LONGEST_PATTERN {
        // Tests joined by && cannot be spread over several filters: fewer or wider values have to do.
        let need = filter.needs.first().cloned().unwrap_or_default();
        resolved
            .not_configured
            .push((filter.id.clone(), format!("{need} (too many for one filter pattern)")));
        return;
    }
    resolved.detections.push(Detection {
        id: filter.id.clone(),
        pack: Some(pack.pack.clone()),
        answers: Some(filter.answers.clone()),
        description: filter.description.clone(),
        severity: filter.severity,
        source,
        pattern,
        trigger: Trigger {
            statistic: "Sum".into(),
            threshold: filter.threshold,
            compare: filter.compare.clone(),
            period_seconds: seconds(&filter.period),
            datapoints_alarm: filter.datapoints.alarm,
            datapoints_of: filter.datapoints.of,
            missing: "not-breaching".into(),
        },
        controls: filter.controls.clone(),
    });
}

fn alarms(pack: &Pack, watch: &Watch, request: &Request<'_>, values: &Values, resolved: &mut Resolved) {
    if let Some(need) = lacks(&watch.needs, request) {
        resolved.not_configured.push((watch.id.clone(), need));
        return;
    }
    let per: &[String] = match watch.per.as_deref() {
        Some("model_ids") => &request.parameters.model_ids,
        Some("guardrails") => &request.parameters.guardrails,
        _ => &[],
    };
    if per.is_empty() {
        let query = watch.over_all.as_ref().or(watch.query.as_ref());
        let metric = match query {
            Some(query) => Some(MetricSource::Query { query: query.clone() }),
            None if watch.per.is_none() => metric(watch, values),
            None => None,
        };
        match metric {
            Some(metric) => resolved.alarms.push(alarm(pack, watch, &watch.id, metric)),
            None => {
                let need = watch.per.clone().unwrap_or_default();
                resolved.not_configured.push((watch.id.clone(), need));
            }
        }
        return;
    }
    for value in per {
        let mut values = values.clone();
        let (arn, version) = value.rsplit_once(':').unwrap_or((value.as_str(), "DRAFT"));
        values.words.insert("model_id", value.clone());
        values.words.insert("guardrail_arn", arn.to_owned());
        values.words.insert("guardrail_version", version.to_owned());
        if let Some(metric) = metric(watch, &values) {
            let id = format!("{}-{}", watch.id, slug(value));
            resolved.alarms.push(alarm(pack, watch, &id, metric));
        }
    }
}

fn metric(watch: &Watch, values: &Values) -> Option<MetricSource> {
    let fill = |dimensions: &BTreeMap<String, String>| {
        dimensions.iter().map(|(name, value)| (name.clone(), values.fill(value))).collect()
    };
    if let Some(one) = &watch.metric {
        return Some(MetricSource::Metric {
            namespace: one.namespace.clone(),
            name: one.name.clone(),
            dimensions: fill(&one.dimensions),
        });
    }
    let several = watch.sum.as_ref()?;
    Some(MetricSource::Sum {
        namespace: several.namespace.clone(),
        names: several.names.clone(),
        dimensions: fill(&several.dimensions),
    })
}

fn alarm(pack: &Pack, watch: &Watch, id: &str, metric: MetricSource) -> Alarm {
    let Datapoints { alarm, of } = watch.datapoints;
    Alarm {
        id: id.to_owned(),
        pack: Some(pack.pack.clone()),
        answers: Some(watch.answers.clone()),
        description: watch.description.clone(),
        severity: watch.severity,
        placement: match watch.placement {
            Lives::Home => Placement::Home,
            Lives::BedrockRegions => Placement::BedrockRegions,
            Lives::EveryRegion => Placement::EveryRegion,
        },
        metric,
        trigger: Trigger {
            statistic: watch.statistic.clone(),
            threshold: watch.threshold,
            compare: watch.compare.clone(),
            period_seconds: seconds(&watch.period),
            datapoints_alarm: alarm,
            datapoints_of: of,
            missing: watch.missing.clone(),
        },
        controls: watch.controls.clone(),
    }
}

/// Returns the seconds of `"30s"`, `"5m"`, `"1h"`; a test reads every pack.
fn seconds(text: &str) -> u32 {
    let (number, unit) = text.split_at(text.len().saturating_sub(1));
    let number: u32 = number.parse().unwrap_or(0);
    match unit {
        "h" => number * 3600,
        "m" => number * 60,
        _ => number,
    }
}

/// Returns a value as part of an id: the last part of an ARN, in the id's characters.
fn slug(value: &str) -> String {
    let last = value.rsplit('/').next().unwrap_or(value);
    let mut slug = String::new();
    for letter in last.to_ascii_lowercase().chars() {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    fn full() -> Parameters {
        Parameters {
            approved_roles: vec!["arn:aws:iam::111122223333:role/genai-app".into()],
            approved_models: vec!["*anthropic.claude*".into()],
            approved_regions: vec!["eu-central-1".into()],
            model_ids: vec!["anthropic.claude-x:0".into(), "amazon.nova-pro-v1:0".into()],
            guardrails: vec!["arn:aws:bedrock:eu-central-1:111122223333:guardrail/abc:1".into()],
        }
    }

    fn with(parameters: &Parameters) -> Resolved {
        let packs: Vec<String> = pack_names().into_iter().map(str::to_owned).collect();
        resolve(&Request {
            packs: &packs,
            disabled: &BTreeMap::from([("cis-vpc".to_owned(), "no VPC".to_owned())]),
            parameters,
            account: "111122223333",
            home_region: "eu-central-1",
            bedrock_regions: &BTreeSet::from(["eu-central-1".to_owned()]),
            scope_name: "genai-audit-longest-xx",
            log_bucket: &"x".repeat(63),
            has_trail_log_group: true,
            has_invocation_log_group: true,
        })
    }

    #[test]
    fn every_shipped_detection_fires_on_its_match_and_stays_silent_on_its_ignore() {
        let values = {
            let parameters = full();
            let mut values = values(&Request {
                packs: &[],
                disabled: &BTreeMap::new(),
                parameters: &parameters,
                account: "111122223333",
                home_region: "eu-central-1",
                bedrock_regions: &BTreeSet::new(),
                scope_name: "genai-audit",
                log_bucket: "genai-audit-logs",
                has_trail_log_group: true,
                has_invocation_log_group: true,
            });
            let first = [
                ("approved_role", "arn:aws:iam::111122223333:role/genai-app"),
                ("approved_model", "anthropic.claude-x:0"),
                ("approved_region", "eu-central-1"),
                ("approved_session", "arn:aws:sts::111122223333:assumed-role/genai-app/session"),
            ];
            values.words.extend(first.map(|(name, value)| (name, value.to_owned())));
            values
        };
        for filter in packs().iter().flat_map(|pack| &pack.detections) {
            let text = values.fill(&filter.pattern);
            let pattern =
                Pattern::parse(&text).unwrap_or_else(|error| panic!("{}: {text}: {error}", filter.id));
            assert!(!filter.matches.is_empty() && !filter.ignores.is_empty(), "{}", filter.id);
            for (samples, want) in [(&filter.matches, true), (&filter.ignores, false)] {
                for sample in samples {
                    let sample = values.fill(sample);
                    assert!(!sample.contains("${"), "{}: {sample}", filter.id);
                    assert!(
                        serde_json::from_str::<serde_json::Value>(&sample).is_ok(),
                        "{}: {sample}",
                        filter.id
                    );
                    assert_eq!(pattern.matches(&sample), want, "{}: {text} on {sample}", filter.id);
                }
            }
        }
    }

    #[test]
    fn the_catalogue_is_whole() {
        let all = ids();
        let once: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), once.len(), "an id stands once");
        for pack in packs() {
            for left in &pack.left_out {
                assert!(!left.reason.is_empty() && !once.contains(left.id.as_str()), "{}", left.id);
            }
        }
        let prefixes = [
            ("cis-aws-foundations", &["cis-"][..]),
            ("genai-governance", &["gai-", "agc-", "mantle-", "vpce-"][..]),
            ("audit-tampering", &["aud-", "gai-audit-tamper"][..]),
            ("bedrock-runtime", &["met-", "inv-"][..]),
        ];
        for (name, prefixes) in prefixes {
            let pack = packs().iter().find(|pack| pack.pack == name).expect("a pack of the design");
            let ids = pack
                .detections
                .iter()
                .map(|filter| &filter.id)
                .chain(pack.alarms.iter().map(|watch| &watch.id));
            for id in ids {
                assert!(prefixes.iter().any(|prefix| id.starts_with(prefix)), "{name}: {id}");
            }
        }
    }

    #[test]
    fn what_is_not_configured_is_named_with_what_it_needs() {
        let bare = with(&Parameters::default());
        assert!(bare.not_configured.contains(&("gai-unexpected-principal".into(), "approved_roles".into())));
        assert!(bare.alarms.iter().any(|alarm| alarm.id == "met-throttles"), "a query stands in for models");
        let full = with(&full());
        assert_eq!(full.not_configured, []);
        assert_eq!(full.alarms.iter().filter(|alarm| alarm.id.starts_with("met-throttles-")).count(), 2);
        assert!(!full.detections.iter().any(|detection| detection.id == "cis-vpc"), "disabled");
        for detection in &full.detections {
            assert!(detection.pattern.chars().count() <= LONGEST_PATTERN, "{}", detection.id);
            assert!(!detection.pattern.contains("${"), "{}", detection.pattern);
        }
        for alarm in &full.alarms {
            assert!(
                alarm.trigger.period_seconds % 60 == 0 && alarm.trigger.period_seconds > 0,
                "{}",
                alarm.id
            );
        }
    }
}
