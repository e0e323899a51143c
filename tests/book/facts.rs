//! What the code makes of a blueprint with everything on: the facts behind the pages.

use auditscope::blueprint::{self, Blueprint, LoadOptions};
use auditscope::kinds::{self, Facts, Kind, Resource};
use auditscope::model::Address;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const ACCOUNT: &str = "111122223333";
const HOME: &str = "eu-central-1";
const SCOPE: &str = "genai-audit";
const ORGANIZATION: &str = "o-abcdefghij";

/// Everything that has a switch is on; nothing is in two Regions unless asked.
fn full(regions: &str) -> Blueprint {
    let place = tempfile::tempdir().expect("a temporary directory");
    let path = place.path().join("full.toml");
    let text = format!(
        "format = 1\n[scope]\nname = \"{SCOPE}\"\naccount = \"{ACCOUNT}\"\nhome_region = \"{HOME}\"\n\
         bedrock_regions = {regions}\n\
         [encryption]\nadministrators = [\"arn:aws:iam::{ACCOUNT}:role/ADMINISTRATOR\"]\n\
         readers = [\"arn:aws:iam::{ACCOUNT}:role/READER\"]\n\
         [trail]\norganization = true\ninsights = [\"api-call-rate\"]\n\
         [invocation_logging]\nreaders = [\"arn:aws:iam::{ACCOUNT}:role/PROMPT-READER\"]\n\
         bucket = {{ expire_after_days = 90, object_lock = {{ days = 30 }} }}\n\
         [notifications]\nemails = [\"secops@example.com\"]\n"
    );
    std::fs::write(&path, text).expect("the directory is ours");
    let options = LoadOptions { vars: BTreeMap::new(), today: "2026-11-24".parse().expect("a date") };
    match blueprint::load(&path, &options) {
        Ok(loaded) => loaded.blueprint,
        Err(rejected) => panic!("{}", blueprint::render(&rejected.problems, &rejected.sources, false, 100)),
    }
}

/// Returns what a blueprint with everything on asks for in one Region.
pub fn desired() -> BTreeMap<Address, Resource> {
    kinds::desired(&full(&format!("[\"{HOME}\"]")), &facts())
}

/// Returns the same with models in a second Region.
pub fn desired_in_two_regions() -> BTreeMap<Address, Resource> {
    kinds::desired(&full(&format!("[\"{HOME}\", \"us-east-1\"]")), &facts())
}

fn facts() -> Facts {
    Facts { organization_id: Some(ORGANIZATION.into()) }
}

/// Returns one resource of a kind; the blueprint with everything on has every kind.
pub fn sample(kind: Kind) -> Resource {
    let (_, resource) =
        desired().into_iter().find(|(address, _)| address.kind == kind).expect("every kind is there");
    resource
}

/// Writes placeholders for what differs from blueprint to blueprint.
pub fn general(text: &str) -> String {
    let roles = [
        ("ADMINISTRATOR", "encryption.administrators"),
        ("PROMPT-READER", "invocation_logging.readers"),
        ("READER", "encryption.readers"),
    ];
    let mut text = text.to_owned();
    for (role, key) in roles {
        text = text.replace(&format!("arn:aws:iam::{ACCOUNT}:role/{role}"), key);
    }
    text.replace(ACCOUNT, "{account}")
        .replace(HOME, "{region}")
        .replace(SCOPE, "{scope}")
        .replace(ORGANIZATION, "{organization}")
}

/// Returns a resource's name on the pages: detections, alarms and severities are many, and stand for themselves.
pub fn page_name(address: &Address) -> String {
    match address.kind {
        Kind::MetricFilter | Kind::MetricAlarm => format!("{}.{{id}}", address.kind),
        Kind::CompositeAlarm => format!("{}.severity-{{level}}", address.kind),
        _ => address.short(),
    }
}

/// Returns the policies of resources: name on the pages, attribute, and the statements by Sid.
pub fn policies(
    resources: &BTreeMap<Address, Resource>,
) -> BTreeMap<(String, String), BTreeMap<String, Value>> {
    let mut all: BTreeMap<(String, String), BTreeMap<String, Value>> = BTreeMap::new();
    for (address, resource) in resources {
        for (attribute, value) in resource.json().as_object().expect("a state is an object") {
            let statements = value.as_object().into_iter().flatten();
            let statements: Vec<_> =
                statements.filter(|(_, statement)| statement.get("Effect").is_some()).collect();
            if !statements.is_empty() {
                let policy = all.entry((page_name(address), attribute.clone())).or_default();
                policy
                    .extend(statements.into_iter().map(|(sid, statement)| (sid.clone(), statement.clone())));
            }
        }
    }
    all
}

/// Returns IAM actions by the prefix of their service.
pub fn by_service(
    actions: impl IntoIterator<Item = &'static str>,
) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for action in actions {
        let (service, name) = action.split_once(':').expect("SERVICE:ACTION");
        services.entry(service).or_default().insert(name);
    }
    services
}
