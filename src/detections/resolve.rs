//! From packs to the blueprint's detections and alarms (pure).

use super::pack::{Need, Pack, PackAlarm, PackDetection, PackMetric, Per};
use super::template::{Variables, fill, sample_variables, scope_variables};
use super::{Request, packs};
use crate::blueprint::{Alarm, Detection, MetricSource, Placement, Source, Trigger};
use crate::model::digest;
use crate::pattern::MAX_CHARS;
use std::collections::{BTreeMap, BTreeSet};

/// What the catalogue gives for a request. All lists are sorted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    /// By id.
    pub detections: Vec<Detection>,
    /// By id.
    pub alarms: Vec<Alarm>,
    /// Id, and what it needs that the blueprint does not give.
    pub not_configured: Vec<(String, String)>,
    /// Pack names and disabled ids that do not exist.
    pub unknown: Vec<String>,
}

/// Events that try out a detection, with their variables filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    /// JSON events that the detection must match.
    pub matches: Vec<String>,
    /// JSON events that it must not match.
    pub ignores: Vec<String>,
}

/// Returns the detections and alarms of the packs asked for, less the disabled ones and those off by default.
#[must_use]
pub fn resolve(request: &Request<'_>) -> Resolved {
    let mut resolved = Resolved::default();
    let asked: BTreeSet<&str> = request.packs.iter().map(String::as_str).collect();
    for pack in packs().iter().filter(|pack| asked.contains(pack.name.as_str())) {
        let wanted = |default: bool, id: &str| default && !request.disabled.contains_key(id);
        for detection in pack.detections.iter().filter(|detection| wanted(detection.default, &detection.id)) {
            match resolve_detection(pack, detection, request) {
                Ok(detection) => resolved.detections.push(detection),
                Err(needs) => resolved.not_configured.push((detection.id.clone(), needs)),
            }
        }
        for alarm in pack.alarms.iter().filter(|alarm| wanted(alarm.default, &alarm.id)) {
            resolve_alarm(pack, alarm, request, &mut resolved);
        }
    }
    let derived: BTreeSet<String> = resolved.alarms.iter().map(|alarm| alarm.id.clone()).collect();
    let exists =
        |id: &str| packs().iter().flat_map(Pack::ids).any(|known| known == id) || derived.contains(id);
    let names = asked.into_iter().filter(|name| packs().iter().all(|pack| pack.name != *name));
    let ids = request.disabled.keys().map(String::as_str).filter(|id| !exists(id));
    resolved.unknown = names.chain(ids).map(str::to_owned).collect();
    // One alarm of a series may be disabled by its own id, too.
    resolved.alarms.retain(|alarm| !request.disabled.contains_key(&alarm.id));

    resolved.unknown.sort();
    resolved.not_configured.sort();
    resolved.detections.sort_by(|a, b| a.id.cmp(&b.id));
    resolved.alarms.sort_by(|a, b| a.id.cmp(&b.id));
    resolved
}

/// Returns the samples of a built-in detection; `None` if there is no such detection, or if a list they need is empty.
#[must_use]
pub fn samples(id: &str, request: &Request<'_>) -> Option<Samples> {
    let detection = packs().iter().flat_map(|pack| &pack.detections).find(|detection| detection.id == id)?;
    let variables = sample_variables(request);
    let events = |templates: &[String]| {
        templates.iter().map(|template| fill(template, &variables, request.parameters)).collect::<Option<_>>()
    };
    Some(Samples { matches: events(&detection.matches)?, ignores: events(&detection.ignores)? })
}

/// Returns true if a built-in detection has this id and no parameter of a blueprint changes its pattern.
#[must_use]
pub fn is_fixed(id: &str) -> bool {
    let mut all = packs().iter().flat_map(|pack| &pack.detections);
    all.find(|detection| detection.id == id)
        .is_some_and(|detection| !detection.pattern.contains("${none_of "))
}

fn missing_need(needs: &[Need], request: &Request<'_>) -> Option<Need> {
    let parameters = request.parameters;
    let missing = |need: &Need| match need {
        Need::ApprovedRoles => parameters.approved_roles.is_empty(),
        Need::ApprovedModels => parameters.approved_models.is_empty(),
        Need::ApprovedRegions => parameters.approved_regions.is_empty(),
        Need::ModelIds => parameters.model_ids.is_empty(),
        Need::Guardrails => parameters.guardrails.is_empty(),
        Need::TrailLogGroup => !request.has_trail_log_group,
        Need::InvocationLogGroup => !request.has_invocation_log_group,
    };
    needs.iter().copied().find(missing)
}

/// Returns the detection, or what it needs.
fn resolve_detection(
    pack: &Pack,
    detection: &PackDetection,
    request: &Request<'_>,
) -> Result<Detection, String> {
    let group = match detection.source {
        Source::Trail => Need::TrailLogGroup,
        Source::InvocationLog => Need::InvocationLogGroup,
    };
    let missing = missing_need(&[group], request).or_else(|| missing_need(&detection.needs, request));
    if let Some(need) = missing {
        return Err(need.to_string());
    }
    let lists = || detection.needs.iter().map(Need::to_string).collect::<Vec<_>>().join(", ");
    let pattern = fill(&detection.pattern, &scope_variables(request), request.parameters)
        .ok_or_else(|| format!("{} with names, not only paths", lists()))?;
    // A list of inequalities cannot be spread over several filters: each of them would match what another one excludes.
    let chars = pattern.chars().count();
    if chars > MAX_CHARS {
        return Err(format!(
            "shorter {}: the pattern would have {chars} characters of {MAX_CHARS}; let values end in *",
            lists()
        ));
    }
    Ok(Detection {
        id: detection.id.clone(),
        pack: Some(pack.name.clone()),
        answers: Some(detection.answers.clone()),
        description: detection.description.clone(),
        severity: detection.severity,
        source: detection.source,
        pattern,
        trigger: Trigger::from(&detection.trigger),
        controls: detection.controls.clone(),
    })
}

fn resolve_alarm(pack: &Pack, alarm: &PackAlarm, request: &Request<'_>, resolved: &mut Resolved) {
    if let Some(need) = missing_need(&alarm.needs, request) {
        resolved.not_configured.push((alarm.id.clone(), need.to_string()));
        return;
    }
    let variables = scope_variables(request);
    let one = |id: String, of: Option<&str>, placement: Placement, metric: MetricSource| Alarm {
        id,
        pack: Some(pack.name.clone()),
        answers: Some(alarm.answers.clone()),
        description: of
            .map_or_else(|| alarm.description.clone(), |of| format!("{}: {of}", alarm.description)),
        severity: alarm.severity,
        placement,
        metric,
        trigger: Trigger::from(&alarm.trigger),
        controls: alarm.controls.clone(),
    };
    let placement = Placement::from(alarm.placement);
    match alarm.per {
        None => {
            let metric = metric(&alarm.metric, &variables, request);
            resolved.alarms.push(one(alarm.id.clone(), None, placement, metric));
        }
        Some(Per::ModelIds) if request.parameters.model_ids.is_empty() => {
            let query =
                alarm.over_all.clone().expect("a test holds that an alarm without over_all needs model_ids");
            resolved.alarms.push(one(alarm.id.clone(), None, placement, MetricSource::Query { query }));
        }
        Some(Per::ModelIds) => {
            for (suffix, model) in suffixes(&request.parameters.model_ids) {
                let mut variables = variables.clone();
                variables.insert("model_id", model.to_owned());
                let metric = metric(&alarm.metric, &variables, request);
                resolved.alarms.push(one(format!("{}-{suffix}", alarm.id), Some(model), placement, metric));
            }
        }
        Some(Per::Guardrails) => {
            for (suffix, entry) in suffixes(&request.parameters.guardrails) {
                let guardrail =
                    Guardrail::parse(entry).and_then(|it| Ok((it.placement(alarm, request)?, it)));
                match guardrail {
                    Ok((placement, guardrail)) => {
                        let mut variables = variables.clone();
                        variables.insert("guardrail_arn", guardrail.arn.to_owned());
                        variables.insert("guardrail_version", guardrail.version.to_owned());
                        let metric = metric(&alarm.metric, &variables, request);
                        resolved.alarms.push(one(
                            format!("{}-{suffix}", alarm.id),
                            Some(entry),
                            placement,
                            metric,
                        ));
                    }
                    Err(needs) => resolved.not_configured.push((alarm.id.clone(), needs)),
                }
            }
        }
    }
}

fn metric(metric: &PackMetric, variables: &Variables, request: &Request<'_>) -> MetricSource {
    let filled = |dimensions: &BTreeMap<String, String>| {
        let fill = |value: &String| {
            fill(value, variables, request.parameters)
                .expect("a test holds that dimensions use known variables")
        };
        dimensions.iter().map(|(name, value)| (name.clone(), fill(value))).collect()
    };
    match metric {
        PackMetric::Metric { namespace, name, dimensions } => MetricSource::Metric {
            namespace: namespace.clone(),
            name: name.clone(),
            dimensions: filled(dimensions),
        },
        PackMetric::Sum(sum) => MetricSource::Sum {
            namespace: sum.namespace.clone(),
            names: sum.names.clone(),
            dimensions: filled(&sum.dimensions),
        },
        PackMetric::Query(query) => MetricSource::Query { query: query.clone() },
    }
}

/// A guardrail's version, as its metrics name it.
struct Guardrail<'a> {
    arn: &'a str,
    region: &'a str,
    version: &'a str,
}

impl<'a> Guardrail<'a> {
    /// Reads `arn:aws:bedrock:REGION:ACCOUNT:guardrail/ID:VERSION`; the error is what is needed instead.
    fn parse(entry: &'a str) -> Result<Self, String> {
        let needed = || format!("guardrails as ARN:VERSION, not `{entry}`");
        let parts: Vec<&str> = entry.split(':').collect();
        match (parts.as_slice(), entry.rsplit_once(':')) {
            (["arn", _, "bedrock", region, _, id, version], Some((arn, _)))
                if id.starts_with("guardrail/") && !version.is_empty() =>
            {
                Ok(Self { arn, region, version })
            }
            _ => Err(needed()),
        }
    }

    /// Where its alarm may live. A guardrail has metrics in its own Region only: elsewhere an alarm stays quiet, which does
    /// no harm, unless it takes silence for a breach.
    fn placement(&self, alarm: &PackAlarm, request: &Request<'_>) -> Result<Placement, String> {
        if self.region == request.home_region {
            return Ok(Placement::Home);
        }
        let only = request.bedrock_regions.iter().all(|region| region == self.region);
        if only || (alarm.trigger.missing != "breaching" && request.bedrock_regions.contains(self.region)) {
            return Ok(Placement::BedrockRegions);
        }
        Err(format!("a guardrail in the home Region or in the only Bedrock Region, not in {}", self.region))
    }
}

/// Longest suffix: with a scope's and an alarm's name it stays far below the 255 characters of AlarmName.
const MAX_SUFFIX: usize = 120;

/// Returns an id suffix for each value, sorted, without duplicates: its last path segment in lower case, and a hash
/// where that is not unique or too long.
fn suffixes(values: &[String]) -> Vec<(String, &str)> {
    let values: BTreeSet<&str> = values.iter().map(String::as_str).collect();
    let plain: Vec<String> = values.iter().map(|value| slug(value)).collect();
    let suffix = |(value, slug): (&&str, &String)| {
        let unique = plain.iter().filter(|other| *other == slug).count() == 1;
        if unique && !slug.is_empty() && slug.len() <= MAX_SUFFIX {
            return slug.clone();
        }
        let start: String = slug.chars().take(MAX_SUFFIX - 9).collect();
        let hash = &digest::of_bytes(value.as_bytes())[..8];
        format!("{start}-{hash}").trim_start_matches('-').to_owned()
    };
    values.iter().zip(&plain).map(suffix).zip(values.iter().copied()).collect()
}

fn slug(value: &str) -> String {
    let last = value.rsplit('/').next().unwrap_or(value).to_ascii_lowercase();
    let words = last.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
