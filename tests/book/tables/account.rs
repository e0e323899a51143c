//! What is in the account: resources, policies, attributes, permissions, and what can be done to them.

use super::{code, table};
use crate::facts::{self, by_service, general, page_name};
use auditscope::engine::ledger;
use auditscope::engine::preflight::Code;
use auditscope::kinds::{Call, Fate, Kind, Resource};
use auditscope::sandbox::tamper::TAMPERINGS;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Groups of permissions, in the order in which a user needs them.
pub const PERMISSIONS: &[&str] = &["read", "write", "dispose", "delete"];

/// Returns the IAM actions of a group by service.
pub fn permissions(which: &str) -> Option<String> {
    let samples = || Kind::ALL.iter().map(|kind| (*kind, facts::sample(*kind)));
    let actions: Vec<&'static str> = match which {
        "read" => Kind::ALL.iter().flat_map(|kind| kind.reads()).copied().collect(),
        "write" => {
            let calls = samples().flat_map(|(kind, sample)| writes(kind, &sample));
            calls.chain(ledger::ACTIONS.iter().copied()).collect()
        }
        "dispose" => deletes(samples(), |fate| fate == Fate::Disposable)
            .into_iter()
            .chain(
                samples()
                    .flat_map(|(kind, sample)| prunes(kind, &sample))
                    .flat_map(|call| call.actions().iter().copied()),
            )
            .collect(),
        "delete" => deletes(samples(), |fate| fate != Fate::Disposable),
        _ => return None,
    };
    let rows =
        by_service(actions).into_iter().map(|(service, names)| vec![format!("`{service}:`"), code(names)]);
    Some(table(&["service", "actions"], rows))
}

fn writes(kind: Kind, sample: &Resource) -> Vec<&'static str> {
    let not_for_every_apply: Vec<Call> =
        sample.delete_calls().into_iter().chain(prunes(kind, sample)).collect();
    let calls = kind.calls().into_iter().filter(|call| !not_for_every_apply.contains(call));
    calls.flat_map(Call::actions).copied().collect()
}

/// Returns the calls that only `apply --prune` sends.
fn prunes(kind: Kind, sample: &Resource) -> Vec<Call> {
    let names = kind.attributes().into_iter().map(|(name, _)| name);
    let prunable = names.filter(|name| sample.stands(name).is_some_and(|stands| stands.prunable));
    prunable.filter_map(|name| sample.call_for(name)).collect()
}

/// What deleting takes beyond what the other calls of its kind take.
fn deletes(samples: impl Iterator<Item = (Kind, Resource)>, fate: fn(Fate) -> bool) -> Vec<&'static str> {
    let mut all = Vec::new();
    for (kind, sample) in samples.filter(|(kind, _)| fate(kind.fate())) {
        let writes = writes(kind, &sample);
        let actions = sample.delete_calls().into_iter().flat_map(Call::actions).copied();
        all.extend(actions.filter(|action| !writes.contains(action)));
    }
    all
}

fn fate(kind: Kind) -> &'static str {
    match kind.fate() {
        Fate::Evidence => "evidence",
        Fate::Disposable => "disposable",
        Fate::Stays => "stays",
    }
}

/// Returns what a blueprint with everything on makes, and what each thing needs to be there first.
pub fn resources() -> String {
    let mut rows: BTreeMap<(Kind, String), (String, BTreeSet<String>)> = BTreeMap::new();
    for (address, resource) in facts::desired() {
        let name = page_name(&address);
        let aws_name = match address.kind {
            Kind::MetricFilter | Kind::MetricAlarm => "{scope}-{id}".into(),
            Kind::CompositeAlarm => "{scope}-severity-{level}".into(),
            Kind::BedrockLogging => String::new(),
            _ => format!("`{}`", general(&resource.aws_name())),
        };
        let row = rows.entry((address.kind, name)).or_insert_with(|| (aws_name, BTreeSet::new()));
        row.1.extend(resource.inputs().into_iter().filter_map(|input| input.source()).map(page_name));
    }
    let rows = rows.into_iter().map(|((kind, name), (aws_name, needs))| {
        let aws_name = if aws_name.starts_with('{') { format!("`{aws_name}`") } else { aws_name };
        vec![format!("`{name}`"), aws_name, fate(kind).into(), code(needs.iter().map(String::as_str))]
    });
    table(&["address", "AWS name", "fate", "takes names or ARNs from"], rows)
}

/// Returns the statements of one policy; the argument is the resource and the attribute.
pub fn statements(which: &str) -> Option<String> {
    let (resource, attribute) = which.split_once(' ')?;
    let all = facts::policies(&facts::desired());
    let policy = all.get(&(resource.to_owned(), attribute.to_owned()))?;
    let rows = policy.iter().map(|(sid, statement)| {
        let effect = statement["Effect"].as_str().unwrap_or_default().to_lowercase();
        vec![
            format!("`{sid}`"),
            format!("{effect} {}", who(&statement["Principal"])),
            listed(&statement["Action"]),
            listed(&statement["Resource"]),
            conditions(&statement["Condition"]),
        ]
    });
    // A role's trust has no resources, its permissions no principals.
    Some(table(&["statement", "who", "actions", "on", "only if"], rows))
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(general).collect()
}

fn listed(value: &Value) -> String {
    code(words(value).iter().map(String::as_str))
}

fn who(principals: &Value) -> String {
    let Some(principals) = principals.as_object() else { return String::new() };
    let all: Vec<String> = principals.values().flat_map(words).collect();
    if all == ["*"] { "everybody".into() } else { code(all.iter().map(String::as_str)) }
}

fn conditions(value: &Value) -> String {
    let mut told = Vec::new();
    for (operator, keys) in value.as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            told.push(format!("`{key}` {operator} {}", listed(values)));
        }
    }
    told.join("; ")
}

/// Returns every attribute that is compared, by kind.
pub fn attributes() -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        let sample = facts::sample(*kind);
        let rows = kind.attributes().into_iter().map(|(name, doc)| {
            let call = match (sample.call_for(name), sample.stands(name)) {
                (Some(call), None) => format!("`{call}`"),
                (Some(call), Some(_)) => format!("`{call}`, with `--prune`"),
                (None, Some(_)) => "nothing; it is told".into(),
                (None, None) => "only set at creation".into(),
            };
            vec![format!("`{name}`"), doc.trim_end_matches('.').to_owned(), call]
        });
        let _ = writeln!(text, "### {kind}\n\n{}", table(&["attribute", "what it is", "changed by"], rows));
    }
    text
}

/// Returns the codes of what can be in the way of an apply.
pub fn obstacles() -> String {
    let rows = Code::ALL.iter().map(|code| {
        let words = [code.title(), code.why(), code.fix()].map(ToOwned::to_owned);
        std::iter::once(format!("`{code}`")).chain(words).collect()
    });
    table(&["code", "what is found", "what would happen", "what to do"], rows)
}

/// Returns the ways in which the sandbox can be damaged, and what drift names.
pub fn tamperings() -> String {
    let rows = TAMPERINGS.iter().map(|tampering| {
        let (address, attribute) = tampering.expect.split_once(' ').unwrap_or((tampering.expect, ""));
        let named =
            if attribute.is_empty() { format!("`{address}`") } else { format!("`{address}`: `{attribute}`") };
        vec![format!("`{}`", tampering.name), tampering.what.to_owned(), named]
    });
    table(&["tampering", "what it does", "what drift names"], rows)
}
