//! Laws of the comparison, against the evaluator that the sandbox's services ask, which was written apart from it.

use super::{Comparison, Policy};
use crate::sandbox::service::policy_check::{admits, denies};
use proptest::prelude::*;
use serde_json::{Value, json};

const PRINCIPALS: [(&str, &str); 4] = [
    ("AWS", "*"),
    ("AWS", "arn:aws:iam::111122223333:role/one"),
    ("AWS", "arn:aws:iam::444455556666:root"),
    ("Service", "cloudtrail.amazonaws.com"),
];
const CALLERS: [&str; 3] =
    ["arn:aws:iam::111122223333:role/one", "arn:aws:iam::444455556666:role/two", "cloudtrail.amazonaws.com"];
const ACTIONS: [&str; 5] = ["s3:*", "s3:Get*", "s3:GetObject", "S3:PUTOBJECT", "s3:GetObject?cl"];
const ASKED: [&str; 4] = ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "s3:ListBucket"];
const RESOURCES: [&str; 4] = ["*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/logs/*"];
const THINGS: [&str; 3] = ["arn:aws:s3:::b", "arn:aws:s3:::b/logs/x", "arn:aws:s3:::b/y"];
const OPERATORS: [&str; 8] = [
    "StringEquals",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringEqualsIgnoreCase",
    "ForAnyValue:StringLike",
    "Null",
];
const KEYS: [&str; 2] = ["aws:SourceAccount", "aws:SourceOrgID"];
const VALUES: [&str; 4] = ["a", "ab", "a*", "b"];
/// One request's keys; what is not there is absent.
const CONTEXTS: [&[(&str, &str)]; 6] = [
    &[],
    &[("aws:SourceAccount", "a")],
    &[("aws:SourceAccount", "ab")],
    &[("aws:SourceAccount", "b"), ("aws:SourceOrgID", "a")],
    &[("aws:SourceOrgID", "ab")],
    &[("aws:SourceAccount", "a"), ("aws:SourceOrgID", "b")],
];

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(of, 1..=2)
}

fn statement() -> impl Strategy<Value = Value> {
    let condition = (
        proptest::sample::select(&OPERATORS[..]),
        proptest::sample::select(&KEYS[..]),
        some(&VALUES),
        proptest::bool::ANY,
    );
    let conditions = proptest::collection::vec(condition, 0..=2);
    let principals = proptest::sample::subsequence(&PRINCIPALS[..], 1..=2);
    let parts = (prop::bool::weighted(0.7), principals, some(&ACTIONS), some(&RESOURCES), conditions);
    (parts, prop::bool::weighted(0.15), prop::bool::weighted(0.15)).prop_map(
        |((allows, principals, actions, resources, conditions), not_action, not_resource)| {
            let mut block = json!({});
            for (operator, key, values, exists) in conditions {
                let values: Vec<&str> = match operator {
                    "Null" => vec![if exists { "false" } else { "true" }],
                    _ => values,
                };
                block[operator][key] = json!(values);
            }
            let mut who = json!({});
            for (kind, name) in principals {
                match who[kind].as_array_mut() {
                    Some(names) => names.push(json!(name)),
                    None => who[kind] = json!([name]),
                }
            }
            let mut statement = json!({"Effect": if allows { "Allow" } else { "Deny" }, "Principal": who});
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            if block.as_object().is_some_and(|block| !block.is_empty()) {
                statement["Condition"] = block;
            }
            statement
        },
    )
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(statement(), 0..=3)
}

/// Two policies of which the second is the first with one statement exchanged, taken out or put in: most of what they say is
/// the same, so that a difference which is not told shows.
fn changed() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    (statements(), proptest::option::of(statement()), proptest::sample::Index::arbitrary()).prop_map(
        |(before, new, at)| {
            let mut after = before.clone();
            if !after.is_empty() {
                after.remove(at.index(before.len()));
            }
            after.extend(new);
            (before, after)
        },
    )
}

type Asked = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

fn requests() -> Vec<Asked> {
    let things = |caller, action| THINGS.iter().map(move |thing| (caller, action, *thing));
    let actions = |caller| ASKED.iter().flat_map(move |action| things(caller, *action));
    let all = CALLERS.iter().flat_map(|caller| actions(*caller));
    all.flat_map(|(caller, action, thing)| CONTEXTS.map(|context| (caller, action, thing, context))).collect()
}

fn read(statements: &[Value]) -> Policy {
    Policy::parse(&text(statements), "aws").expect("made by the test")
}

fn text(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Returns statements that say the same in more words: one per value of each list, other Sids, the other way round.
fn respelt(statements: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        let lists = |member: &str| statement[member].as_array().cloned();
        for action in lists("Action").unwrap_or_else(|| vec![Value::Null]) {
            for resource in lists("Resource").unwrap_or_else(|| vec![Value::Null]) {
                for (kind, names) in statement["Principal"].as_object().expect("the test's form") {
                    for name in names.as_array().into_iter().flatten() {
                        let mut one = statement.clone();
                        one["Sid"] = json!(format!("S{number}x{}", all.len()));
                        one["Principal"] = json!({kind: name});
                        for (member, value) in [("Action", &action), ("Resource", &resource)] {
                            if let Some(text) = value.as_str() {
                                let text = if member == "Action" { text.to_lowercase() } else { text.into() };
                                one[member] = json!(text);
                            }
                        }
                        all.push(one);
                    }
                }
            }
        }
    }
    all.reverse();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 384, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spelling_is_no_change(statements in statements()) {
        let policy = read(&statements);
        let other = read(&respelt(&statements));
        for (one, two) in [(&policy, &policy), (&policy, &other), (&other, &policy)] {
            let comparison = Comparison::of(one, two);
            prop_assert!(comparison.is_same(), "{comparison:#?}");
        }
    }

    #[test]
    fn what_is_no_longer_allowed_is_told((before, after) in changed()) {
        let comparison = Comparison::of(&read(&before), &read(&after));
        let (before, after) = (text(&before), text(&after));
        for (caller, action, thing, context) in requests() {
            let lost = admits(&before, caller, action, thing, context)
                && !admits(&after, caller, action, thing, context);
            let denied = !denies(&before, caller, action, thing, context)
                && denies(&after, caller, action, thing, context);
            prop_assert!(
                comparison.is_narrower() || !(lost || denied),
                "{caller} {action} {thing} {context:?}"
            );
        }
    }

    #[test]
    fn a_condition_that_goes_never_narrows_an_allowance(statements in statements()) {
        let mut freer = statements.clone();
        for statement in freer.iter_mut().filter(|statement| statement["Effect"] == "Allow") {
            statement.as_object_mut().expect("a statement is an object").remove("Condition");
        }
        let comparison = Comparison::of(&read(&statements), &read(&freer));
        prop_assert!(!comparison.is_narrower(), "{comparison:#?}");
    }

    #[test]
    fn what_is_newly_allowed_is_told((before, after) in changed()) {
        let comparison = Comparison::of(&read(&before), &read(&after));
        let (before, after) = (text(&before), text(&after));
        for (caller, action, thing, context) in requests() {
            let newly = !admits(&before, caller, action, thing, context)
                && admits(&after, caller, action, thing, context);
            let undenied = denies(&before, caller, action, thing, context)
                && !denies(&after, caller, action, thing, context);
            prop_assert!(
                comparison.is_wider() || !(newly || undenied),
                "{caller} {action} {thing} {context:?}"
            );
        }
    }
}
