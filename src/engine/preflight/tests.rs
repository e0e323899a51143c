//! Pure: plans, readings and counts in, obstacles out. What needs AWS's own judgement is in `tests/preflight.rs`.

use super::census::{Alarms, Organization};
use super::*;
use crate::aws::{ApiError, Trouble};
use crate::blueprint::Blueprint;
use crate::engine::plan::{Intent, plan};
use crate::engine::reading::Reading;
use crate::kinds::{self, Facts, Kind, trail::example};
use crate::model::{Names, Scope};
use std::collections::BTreeSet;

const ACCOUNT: &str = "111122223333";

fn error(code: &str, trouble: Trouble) -> ApiError {
    ApiError {
        call: "kms:ListAliases".into(),
        scope: String::new(),
        code: Some(code.into()),
        message: "no".into(),
        request_id: None,
        status: Some(403),
        trouble,
    }
}

/// An account in which nothing is there yet, but for what a case changes.
fn found_in(
    blueprint: &Blueprint,
    facts: &Census,
    change: impl Fn(&Address) -> Option<Reading>,
) -> Vec<Obstacle> {
    let desired = kinds::desired(blueprint, &Facts::default());
    let read = |address: &Address| change(address).unwrap_or(Reading::Absent);
    let readings = desired.keys().map(|address| (address.clone(), read(address))).collect();
    let seen = Observation { readings, ..Observation::default() };
    let plan = plan(&desired, &seen, &Names::of(blueprint), &Intent::default()).expect("an order");
    check(&plan, &desired, &seen, facts)
}

fn found(facts: &Census) -> Vec<Obstacle> {
    found_in(&example::blueprint(), facts, |_| None)
}

fn shown(obstacles: &[Obstacle]) -> Vec<String> {
    let mark = |one: &Obstacle| if one.blocks { "blocks" } else { "told" };
    obstacles.iter().map(|one| format!("{} {} {}: {}", one.code, mark(one), one.address, one.text)).collect()
}

fn names(count: usize) -> BTreeSet<String> {
    (0..count).map(|number| format!("other-{number}")).collect()
}

#[test]
fn our_own_policies_admit_every_delivery() {
    let ready = Organization {
        id: "o-a".into(),
        management_account: ACCOUNT.into(),
        feature_set: "ALL".into(),
        trusted: Some(Ok(true)),
    };
    assert_eq!(shown(&found(&Census::default())), Vec::<String>::new());
    let mut blueprint = example::blueprint();
    blueprint.trail.organization = true;
    blueprint.trail.insights = BTreeSet::from(["api-call-rate".into()]);
    let facts = Census { organization: Some(Ok(ready)), ..Census::default() };
    // The desired state is made without the organisation's id here: its prefix is what is missing.
    let all = found_in(&blueprint, &facts, |_| None);
    let codes: BTreeSet<(Code, &str)> = all.iter().map(|one| (one.code, one.address.name.as_str())).collect();
    assert_eq!(codes, BTreeSet::from([(Code::BucketPolicy, "main")]), "{:#?}", shown(&all));
    assert!(all.iter().all(|one| one.text.contains("/AWSLogs/o-a/")), "{:#?}", shown(&all));
}

#[test]
fn counts_are_held_against_the_quotas() {
    let home = Scope::new(ACCOUNT, "eu-central-1");
    let away = Scope::new(ACCOUNT, "us-east-1");
    let group = (home.clone(), "/auditscope/genai-audit/trail".to_owned());
    let trails = |scope: &Scope, count| Census {
        trails: BTreeMap::from([(scope.clone(), Ok(names(count)))]),
        ..Census::default()
    };
    let filters = |count, regex| Census {
        filters: BTreeMap::from([(
            group.clone(),
            Ok(names(count).into_iter().map(|name| (name, regex)).collect()),
        )]),
        ..Census::default()
    };
    let alarms = |metric, composite| Census {
        alarms: BTreeMap::from([(
            home.clone(),
            Ok(Alarms { metric: names(metric), composite: names(composite) }),
        )]),
        ..Census::default()
    };
    /// Each code, and whether it blocks.
    type Found = &'static [(Code, bool)];
    let cases: [(&str, Census, Found); 9] = [
        ("room for one trail", trails(&home, 4), &[]),
        ("no room at home", trails(&home, 5), &[(Code::Trails, true)]),
        ("no room for a copy", trails(&away, 5), &[(Code::Trails, false)]),
        ("room for a filter", filters(90, false), &[]),
        ("no room for a filter", filters(100, false), &[(Code::Filters, true)]),
        ("regular expressions of others only", filters(10, true), &[]),
        ("room for alarms", alarms(4000, 4000), &[]),
        ("no room for metric alarms", alarms(5000, 0), &[(Code::Alarms, false)]),
        ("no room for composite alarms", alarms(0, 5000), &[(Code::Alarms, false)]),
    ];
    for (case, facts, want) in cases {
        let all = found(&facts);
        let codes: Vec<(Code, bool)> = all.iter().map(|one| (one.code, one.blocks)).collect();
        assert_eq!(codes, want, "{case}: {:#?}", shown(&all));
    }
}

#[test]
fn long_documents_are_told_with_their_length() {
    let mut blueprint = example::blueprint();
    blueprint.encryption.readers = (0..400)
        .map(|number| format!("arn:aws:iam::{ACCOUNT}:role/auditors/a-reader-number-{number}"))
        .collect();
    let all = found_in(&blueprint, &Census::default(), |_| None);
    let codes: BTreeSet<(Code, Kind, bool)> =
        all.iter().map(|one| (one.code, one.address.kind, one.blocks)).collect();
    assert_eq!(codes, BTreeSet::from([(Code::DocumentSize, Kind::S3Bucket, true)]), "{:#?}", shown(&all));
    assert!(all.iter().all(|one| one.text.contains("AWS takes 20480")), "{:#?}", shown(&all));
}

#[test]
fn a_closed_region_is_one_obstacle() {
    let unknown = |code: &str, trouble| Some(Reading::Unreadable(vec![error(code, trouble)]));
    type Change<'a> = Box<dyn Fn(&Address) -> Option<Reading> + 'a>;
    let away = |address: &Address| address.scope.region == "us-east-1";
    let cases: [(&str, Change<'_>, bool); 4] = [
        (
            "nothing is known there",
            Box::new(|a| unknown("UnrecognizedClientException", Trouble::Credentials).filter(|_| away(a))),
            true,
        ),
        (
            "one read says so in so many words",
            Box::new(|a| {
                unknown("OptInRequired", Trouble::RegionDisabled)
                    .filter(|_| away(a) && a.kind == Kind::S3Bucket)
            }),
            true,
        ),
        (
            "other reads are answered there",
            Box::new(|a| {
                unknown("InvalidClientTokenId", Trouble::Credentials)
                    .filter(|_| away(a) && a.kind == Kind::SnsTopic)
            }),
            false,
        ),
        ("denied", Box::new(|a| unknown("AccessDenied", Trouble::Denied).filter(|_| away(a))), false),
    ];
    for (case, change, want) in cases {
        let all = found_in(&example::blueprint(), &Census::default(), change);
        let codes: Vec<(Code, bool)> = all.iter().map(|one| (one.code, one.blocks)).collect();
        let expected = if want { vec![(Code::RegionNotEnabled, true)] } else { Vec::new() };
        assert_eq!(codes, expected, "{case}: {:#?}", shown(&all));
    }
}

#[test]
fn a_destroy_asks_for_no_room() {
    let home = Scope::new(ACCOUNT, "eu-central-1");
    let facts = Census { trails: BTreeMap::from([(home, Ok(names(9)))]), ..Census::default() };
    let blueprint = example::blueprint();
    let desired = kinds::desired(&blueprint, &Facts::default());
    let readings = desired.keys().map(|address| (address.clone(), Reading::Absent)).collect();
    let seen = Observation { readings, ..Observation::default() };
    let plan = plan(&desired, &seen, &Names::of(&blueprint), &Intent::default()).expect("an order");
    let codes = |goal| {
        let found = check(&Plan { goal, ..plan.clone() }, &desired, &seen, &facts);
        found.iter().map(|one| one.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(Goal::Converge), [Code::Trails]);
    assert_eq!(codes(Goal::Destroy), []);
}

#[test]
fn what_is_tried_is_the_name_of_a_call() {
    for kind in Kind::ALL {
        let names: BTreeSet<&str> = kind.calls().iter().map(|call| call.name()).collect();
        for name in prerequisites::tries_the_key(*kind) {
            assert!(names.contains(name), "{kind}: no call is named {name}, there are {names:?}");
        }
    }
}

#[test]
fn a_closed_region_of_which_nothing_is_asked_stops_nothing() {
    let blueprint = example::blueprint();
    let desired = kinds::desired(&blueprint, &Facts::default());
    let readings = desired.keys().map(|address| (address.clone(), Reading::Absent)).collect();
    // Known from the trail's tag alone.
    let away = Scope::new(ACCOUNT, "me-south-1");
    let blind = vec![(Kind::SnsTopic, away, error("OptInRequired", Trouble::RegionDisabled))];
    let seen = Observation { readings, blind, ..Observation::default() };
    let plan = plan(&desired, &seen, &Names::of(&blueprint), &Intent::default()).expect("an order");
    let all = check(&plan, &desired, &seen, &Census::default());
    let codes: Vec<(Code, bool)> = all.iter().map(|one| (one.code, one.blocks)).collect();
    assert_eq!(codes, [(Code::RegionNotEnabled, false)], "{:#?}", shown(&all));
    assert!(all[0].fix.starts_with("nothing is done there"), "{}", all[0].fix);
}
