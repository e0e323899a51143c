//! Advanced event selectors in canonical form: those a blueprint asks for, and those AWS reports.

use crate::blueprint::{Blueprint, FieldSelector, FreeSelector, ManagementEvents, ObjectEvents, ReadWrite};
use crate::model::Names;
use std::collections::{BTreeMap, BTreeSet};

/// Field conditions by the selector's name. CloudTrail promises no order of selectors, fields or values.
pub type EventSelectors = BTreeMap<String, BTreeSet<FieldSelector>>;

/// Name that scanners look for.
pub const MANAGEMENT: &str = "Management events selector";
/// Name of the selector without which nobody sees records being deleted.
pub const DELETES: &str = "Deletes in the log buckets";
/// `resources.type` of objects in buckets.
pub const S3_OBJECT: &str = "AWS::S3::Object";

/// Returns the selectors that a blueprint asks for.
pub fn selectors(blueprint: &Blueprint, names: &Names) -> EventSelectors {
    let events = &blueprint.trail.data_events;
    let own = own_buckets(blueprint, names);
    let mut all = EventSelectors::new();
    match blueprint.trail.management_events {
        ManagementEvents::All => add(&mut all, MANAGEMENT, [equals("eventCategory", "Management")]),
        ManagementEvents::Write => {
            add(&mut all, MANAGEMENT, [equals("eventCategory", "Management"), equals("readOnly", "false")]);
        }
        ManagementEvents::None => {}
    }
    for kind in events.bedrock.iter().chain(&events.agentcore).chain(&events.mantle) {
        add(&mut all, &type_name(kind), data(kind));
    }
    for wanted in &events.objects {
        add(&mut all, &wanted.name, objects(wanted, names));
    }
    for wanted in &events.selectors {
        add(&mut all, &wanted.name, free(wanted, &own));
    }
    let deletes = data(S3_OBJECT)
        .into_iter()
        .chain([starts_with("eventName", ["Delete".to_owned()]), starts_with("resources.ARN", own)]);
    add(&mut all, DELETES, deletes);
    all
}

/// Returns the ARN prefixes of everything in our buckets.
fn own_buckets(blueprint: &Blueprint, names: &Names) -> BTreeSet<String> {
    let home = names.home_region.as_str();
    let access = blueprint.log_bucket.access_logs.iter().map(|_| ("access", home));
    let prompts = blueprint.invocation_logging.iter().filter(|logging| logging.bucket.is_some());
    let prompts = prompts
        .flat_map(|_| blueprint.scope.bedrock_regions.iter().map(|region| ("prompts", region.as_str())));
    std::iter::once(("logs", home))
        .chain(access)
        .chain(prompts)
        .map(|(role, region)| format!("{}/", names.bucket_arn(role, region)))
        .collect()
}

/// Adds a selector under its name, or the name with a number if it is taken.
pub fn add(all: &mut EventSelectors, name: &str, fields: impl IntoIterator<Item = FieldSelector>) {
    let mut key = name.to_owned();
    for number in 2.. {
        if !all.contains_key(&key) {
            break;
        }
        key = format!("{name} ({number})");
    }
    all.insert(key, fields.into_iter().collect());
}

/// Returns a condition that one value meets.
pub fn equals(field: &str, value: &str) -> FieldSelector {
    FieldSelector { field: field.into(), equals: [value.to_owned()].into(), ..FieldSelector::default() }
}

/// Returns a condition that values with one of the prefixes meet.
pub fn starts_with(field: &str, prefixes: impl IntoIterator<Item = String>) -> FieldSelector {
    let starts_with = prefixes.into_iter().collect();
    FieldSelector { field: field.into(), starts_with, ..FieldSelector::default() }
}

/// Returns true if a selector's events are of this category (`Management`, `Data`, `NetworkActivity`).
pub fn of_category(fields: &BTreeSet<FieldSelector>, category: &str) -> bool {
    fields.iter().any(|field| field.field == "eventCategory" && field.equals.contains(category))
}

fn data(resource_type: &str) -> Vec<FieldSelector> {
    vec![equals("eventCategory", "Data"), equals("resources.type", resource_type)]
}

/// `AWS::Bedrock::Model` becomes `Bedrock Model`.
fn type_name(resource_type: &str) -> String {
    resource_type.trim_start_matches("AWS::").replace("::", " ")
}

fn objects(wanted: &ObjectEvents, names: &Names) -> Vec<FieldSelector> {
    let partition = Names::partition(&names.home_region);
    // The slash is what makes it "all objects" (CloudTrail User Guide, Logging data events).
    let arns = wanted.buckets.iter().map(|bucket| match bucket.contains('/') {
        true => format!("arn:{partition}:s3:::{bucket}"),
        false => format!("arn:{partition}:s3:::{bucket}/"),
    });
    let mut fields = data(S3_OBJECT);
    fields.push(starts_with("resources.ARN", arns));
    match wanted.events {
        ReadWrite::All => {}
        ReadWrite::Read => fields.push(equals("readOnly", "true")),
        ReadWrite::Write => fields.push(equals("readOnly", "false")),
    }
    fields
}

/// Returns a selector written out by the user, without our own buckets if it would take them in: a trail that records
/// its own deliveries feeds itself.
fn free(wanted: &FreeSelector, own: &BTreeSet<String>) -> Vec<FieldSelector> {
    let mut fields = wanted.fields.clone();
    let of_objects =
        fields.iter().any(|field| field.field == "resources.type" && field.equals.contains(S3_OBJECT));
    if !of_objects {
        return fields;
    }
    match fields.iter_mut().find(|field| field.field == "resources.ARN") {
        Some(arn) if reaches(arn, own) => arn.not_starts_with.extend(own.iter().cloned()),
        Some(_) => {}
        None => fields.push(FieldSelector {
            field: "resources.ARN".into(),
            not_starts_with: own.clone(),
            ..FieldSelector::default()
        }),
    }
    fields
}

/// Returns true if the condition can take in an object of a bucket of ours. Single objects written out are meant.
fn reaches(arn: &FieldSelector, own: &BTreeSet<String>) -> bool {
    let no_choice = arn.equals.is_empty() && arn.starts_with.is_empty();
    no_choice
        || !arn.ends_with.is_empty()
        || arn
            .starts_with
            .iter()
            .any(|prefix| own.iter().any(|own| own.starts_with(prefix) || prefix.starts_with(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> BTreeSet<String> {
        ["arn:aws:s3:::genai-audit-logs-111122223333-eu-central-1/".to_owned()].into()
    }

    #[test]
    fn a_free_selector_never_takes_in_our_own_buckets() {
        let arn = |starts: &[&str], ends: &[&str], equals: &[&str]| {
            let set = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
            let field = "resources.ARN".to_owned();
            let mut field = FieldSelector { field, ..FieldSelector::default() };
            (field.starts_with, field.ends_with, field.equals) = (set(starts), set(ends), set(equals));
            Some(field)
        };
        let cases = [
            ("no ARN", S3_OBJECT, None, true),
            ("another type", "AWS::Lambda::Function", None, false),
            ("another bucket", S3_OBJECT, arn(&["arn:aws:s3:::training/"], &[], &[]), false),
            ("a prefix of ours", S3_OBJECT, arn(&["arn:aws:s3:::genai-"], &[], &[]), true),
            ("every bucket", S3_OBJECT, arn(&["arn:aws:s3"], &[], &[]), true),
            ("an ending", S3_OBJECT, arn(&[], &[".json"], &[]), true),
            ("one object", S3_OBJECT, arn(&[], &[], &["arn:aws:s3:::training/a"]), false),
        ];
        for (case, kind, arn, want) in cases {
            let wanted =
                FreeSelector { name: case.into(), fields: data(kind).into_iter().chain(arn).collect() };
            let excluded = free(&wanted, &own()).iter().any(|field| field.not_starts_with == own());
            assert_eq!(excluded, want, "{case}");
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut all = EventSelectors::new();
        for _ in 0..3 {
            add(&mut all, "a", [equals("eventCategory", "Management")]);
        }
        assert_eq!(all.keys().collect::<Vec<_>>(), ["a", "a (2)", "a (3)"]);
    }

    #[test]
    fn objects_get_the_slash_that_means_all() {
        let names = Names {
            scope: "genai-audit".into(),
            account: "111122223333".into(),
            home_region: "eu-central-1".into(),
            log_bucket: "logs".into(),
        };
        let wanted = ObjectEvents {
            name: "training".into(),
            buckets: ["a".to_owned(), "b/docs/".to_owned(), "c/d".to_owned()].into(),
            events: ReadWrite::Write,
        };
        let fields: BTreeSet<FieldSelector> = objects(&wanted, &names).into_iter().collect();
        insta::assert_snapshot!(serde_json::to_string(&fields).expect("plain data"), @r#"[{"field":"eventCategory","equals":["Data"]},{"field":"readOnly","equals":["false"]},{"field":"resources.ARN","starts_with":["arn:aws:s3:::a/","arn:aws:s3:::b/docs/","arn:aws:s3:::c/d"]},{"field":"resources.type","equals":["AWS::S3::Object"]}]"#);
    }
}
