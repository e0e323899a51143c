//! GetResources: late, paged, filtered.

use super::{ACCOUNT, code, config};
use crate::sandbox::Sandbox;
use crate::sandbox::state::Settings;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use serde_json::json;
use std::time::Duration;

/// A sandbox with a key, a log group, two buckets in two Regions and a role, all tagged at the start.
fn tagged() -> Sandbox {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let at = sandbox.now().as_millisecond();
    let record = |arn: &str, more: serde_json::Value| {
        let mut record = json!({"_arn": arn, "_tags": {"scope": "a"}, "_tags_before": {}, "_tagged_at": at});
        record.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        record
    };
    sandbox.with_state(|state| {
        let (here, everywhere) = ("eu-central-1", "global");
        for (region, table, key, arn, more) in [
            (here, "kms_keys", "k", "arn:aws:kms:eu-central-1:111122223333:key/k", json!({})),
            (here, "log_groups", "g", "arn:aws:logs:eu-central-1:111122223333:log-group:g:*", json!({})),
            (everywhere, "buckets", "b", "arn:aws:s3:::b", json!({"Region": here})),
            (everywhere, "buckets", "far", "arn:aws:s3:::far", json!({"Region": "us-east-1"})),
            (everywhere, "roles", "r", "arn:aws:iam::111122223333:role/r", json!({})),
        ] {
            state.table(ACCOUNT, region, table).insert(key.into(), record(arn, more));
        }
    });
    sandbox
}

#[tokio::test]
async fn resources_are_found_late_and_without_roles() {
    let sandbox = tagged();
    let client = aws_sdk_resourcegroupstagging::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    let found = async || {
        let pages = client.get_resources().resources_per_page(2).into_paginator().items().send();
        let list = pages.collect::<Result<Vec<_>, _>>().await.expect("pages");
        let mut arns: Vec<String> = list.iter().filter_map(|r| r.resource_arn().map(str::to_owned)).collect();
        arns.sort();
        arns
    };
    assert_eq!(found().await, Vec::<String>::new(), "the index lags");
    sandbox.advance(Duration::from_secs(30));
    let all = [
        "arn:aws:kms:eu-central-1:111122223333:key/k",
        "arn:aws:logs:eu-central-1:111122223333:log-group:g",
        "arn:aws:s3:::b",
    ];
    assert_eq!(found().await, all);
    sandbox.set_settings(Settings { page_size: Some(1), ..Settings::default() });
    let before = sandbox.calls().len();
    assert_eq!(found().await, all);
    assert_eq!(sandbox.calls().len() - before, 3, "one in a page");

    sandbox.with_state(|state| {
        let at = state.clock_ahead_millis;
        let key = &mut state.table(ACCOUNT, "eu-central-1", "kms_keys")["k"];
        key["_tags_before"] = key["_tags"].take();
        key["_tags"] = json!({"scope": "b"});
        key["_tagged_at"] = json!(1_767_225_600_000_i64 + at);
    });
    let scoped = async |value: &str| {
        let filter = TagFilter::builder().key("scope").values(value).build();
        let answer = client.get_resources().tag_filters(filter).resource_type_filters("kms").send().await;
        answer.expect("a good filter").resource_tag_mapping_list().len()
    };
    assert_eq!((scoped("a").await, scoped("b").await), (1, 0), "the former tags are still shown");
    sandbox.advance(Duration::from_secs(30));
    assert_eq!((scoped("a").await, scoped("b").await), (0, 1));
}

#[tokio::test]
async fn requests_outside_the_rules_are_refused() {
    let sandbox = tagged();
    let client = aws_sdk_resourcegroupstagging::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    let both = client.get_resources().resource_arn_list("arn:aws:s3:::b").resource_type_filters("s3");
    let cases = [
        ("list and filter", both, "InvalidParameterException"),
        ("page size", client.get_resources().resources_per_page(101), "InvalidParameterException"),
        ("token", client.get_resources().pagination_token("x"), "PaginationTokenExpiredException"),
    ];
    for (case, request, want) in cases {
        assert_eq!(code(request.send().await).as_deref(), Some(want), "{case}");
    }
}
