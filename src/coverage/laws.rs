//! Laws of selectors that hold for every operation in the catalogue: more selectors never record less, more conditions
//! never record more.

use super::operations::OPERATIONS;
use super::selector::{Event, Selector, any_matches};
use crate::blueprint::FieldSelector;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Values that meet real operations often enough to be of use.
fn values(field: &'static str) -> impl Strategy<Value = BTreeSet<String>> {
    let pool: &'static [&'static str] = match field {
        "eventCategory" => &["Management", "Data", "NetworkActivity"],
        "readOnly" => &["true", "false"],
        "eventName" => &["Invoke", "InvokeModel", "Get", "Delete", "DeleteObject", "Agent", "Stream"],
        "eventSource" => &["bedrock.amazonaws.com", "kms.amazonaws.com", "s3", ".amazonaws.com"],
        "resources.type" => &["AWS::Bedrock::Model", "AWS::Bedrock::AsyncInvoke", "AWS::S3::Object", "AWS::"],
        _ => &["arn:aws:s3:::a/", "arn:aws:s3:::"],
    };
    proptest::collection::btree_set(proptest::sample::select(pool).prop_map(String::from), 0..3)
}

fn field() -> impl Strategy<Value = FieldSelector> {
    proptest::sample::select(vec![
        "eventCategory",
        "readOnly",
        "eventName",
        "eventSource",
        "resources.type",
        "resources.ARN",
    ])
    .prop_flat_map(|field| {
        let v = || values(field);
        (v(), v(), v(), v(), v(), v()).prop_map(move |(equals, starts_with, ends_with, n1, n2, n3)| {
            FieldSelector {
                field: field.into(),
                equals,
                starts_with,
                ends_with,
                not_equals: n1,
                not_starts_with: n2,
                not_ends_with: n3,
            }
        })
    })
}

fn selector() -> impl Strategy<Value = Selector> {
    proptest::collection::btree_set(field(), 0..4).prop_map(|fields| Selector { name: String::new(), fields })
}

fn operation() -> impl Strategy<Value = Event<'static>> {
    let events: Vec<_> = OPERATIONS.iter().filter_map(|o| o.event()).collect();
    proptest::sample::select(events)
}

proptest! {
    #[test]
    fn adding_a_selector_never_loses_an_operation(
        mut list in proptest::collection::vec(selector(), 0..4), more in selector(), event in operation(),
    ) {
        let before = any_matches(&list, &event);
        list.push(more);
        prop_assert!(any_matches(&list, &event) >= before);
    }

    #[test]
    fn narrowing_never_gains_an_operation(
        selector in selector(), extra in field(), more_out in values("eventName"), event in operation(),
    ) {
        let before = selector.matches(&event);
        let mut with_field = selector.clone();
        with_field.fields.insert(extra);
        prop_assert!(with_field.matches(&event) <= before, "another field");
        for field in &selector.fields {
            let mut rest = selector.fields.clone();
            rest.remove(field);
            let narrowed = |f: FieldSelector| {
                let fields = rest.iter().cloned().chain([f]).collect();
                Selector { name: String::new(), fields }.matches(&event)
            };
            let mut fewer = field.clone();
            if fewer.equals.len() > 1 {
                fewer.equals.pop_last();
                prop_assert!(narrowed(fewer) <= before, "fewer values");
            }
            let mut out = field.clone();
            out.not_equals.extend(more_out.iter().cloned());
            prop_assert!(narrowed(out) <= before, "more exclusions");
        }
    }

    #[test]
    fn what_is_contained_admits_no_more(a in selector(), b in selector(), event in operation()) {
        if a.within(&b) {
            prop_assert!(a.matches(&event) <= b.matches(&event));
        }
        prop_assert!(a.within(&a));
    }
}
