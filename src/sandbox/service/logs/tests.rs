//! CloudWatch Logs as a client meets it.

use super::OPERATIONS;
use crate::sandbox::service::Answer;
use crate::sandbox::service::fixture::{self, ACCOUNT, GROUP, KEY, REGION, account, code, record};
use crate::sandbox::state::State;
use serde_json::{Value, json};

fn run(state: &mut State, name: &str, input: Value) -> Answer {
    fixture::run(state, OPERATIONS, name, input)
}

fn described(state: &mut State) -> Value {
    let groups = run(state, "DescribeLogGroups", json!({"logGroupNamePrefix": "/audit"})).expect("listed");
    groups["logGroups"][0].clone()
}

fn filter() -> Value {
    json!({"logGroupName": "/audit", "filterName": "stops", "filterPattern": "{ $.eventName = \"StopLogging\" }",
        "metricTransformations": [{"metricName": "m", "metricNamespace": "n", "metricValue": "1", "defaultValue": 0}]})
}

#[test]
fn a_group_is_described_with_both_arns_and_without_tags() {
    let mut state = account();
    let create = json!({"logGroupName": "/audit/two", "kmsKeyId": KEY, "tags": {"a": "1"}});
    run(&mut state, "CreateLogGroup", create.clone()).expect("created");
    assert_eq!(code(run(&mut state, "CreateLogGroup", create)), "ResourceAlreadyExistsException");
    let found =
        run(&mut state, "DescribeLogGroups", json!({"logGroupNamePrefix": "/audit/"})).expect("listed");
    let group = &found["logGroups"][0];
    assert_eq!(
        (&group["arn"], &group["logGroupArn"]),
        (&json!(format!("{GROUP}/two:*")), &json!(format!("{GROUP}/two")))
    );
    assert_eq!((&group["kmsKeyId"], &group["metricFilterCount"]), (&json!(KEY), &json!(0)));
    assert!(group.get("retentionInDays").is_none() && group.get("_tags").is_none());
    let tags =
        run(&mut state, "ListTagsForResource", json!({"resourceArn": format!("{GROUP}/two")})).expect("tags");
    assert_eq!(tags["tags"], json!({"a": "1"}));
}

#[test]
fn groups_outside_the_rules_are_refused() {
    let cases = [
        ("reserved", json!({"logGroupName": "aws/x"})),
        ("sign", json!({"logGroupName": "a b"})),
        ("class", json!({"logGroupName": "x", "logGroupClass": "CHEAP"})),
        ("key by alias", json!({"logGroupName": "/audit2", "kmsKeyId": "alias/audit"})),
        (
            "key that does not exist",
            json!({"logGroupName": "/audit2", "kmsKeyId": KEY.replace("key/1", "key/2")}),
        ),
        ("key that admits another group", json!({"logGroupName": "/other", "kmsKeyId": KEY})),
    ];
    for (case, input) in cases {
        assert_eq!(code(run(&mut account(), "CreateLogGroup", input)), "InvalidParameterException", "{case}");
    }
}

#[test]
fn retention_takes_the_steps_and_can_be_taken_off() {
    let mut state = account();
    let put = |days: i64| json!({"logGroupName": "/audit", "retentionInDays": days});
    assert_eq!(code(run(&mut state, "PutRetentionPolicy", put(100))), "InvalidParameterException");
    run(&mut state, "PutRetentionPolicy", put(400)).expect("a step");
    assert_eq!(described(&mut state)["retentionInDays"], 400);
    run(&mut state, "DeleteRetentionPolicy", json!({"logGroupName": "/audit"})).expect("never expires");
    assert!(described(&mut state).get("retentionInDays").is_none());
    let policy = json!({"policyType": "RETENTION_POLICY", "policyName": "org", "policyDocument": "{\"retentionInDays\":30}"});
    state.table(ACCOUNT, REGION, "account_policies").insert("RETENTION_POLICY|org".into(), policy);
    let group = described(&mut state);
    assert_eq!((&group["retentionInDays"], &group["retentionPolicyName"]), (&json!(30), &json!("org")));
}

#[test]
fn keys_come_and_go_and_a_disabled_one_is_refused() {
    let mut state = account();
    let associate = json!({"logGroupName": "/audit", "kmsKeyId": KEY});
    run(&mut state, "AssociateKmsKey", associate.clone()).expect("associated");
    assert_eq!(described(&mut state)["kmsKeyId"], KEY);
    run(&mut state, "DisassociateKmsKey", json!({"resourceIdentifier": format!("{GROUP}:*")})).expect("gone");
    assert!(described(&mut state).get("kmsKeyId").is_none());
    record(&mut state, REGION, "kms_keys", "1")["KeyState"] = json!("Disabled");
    assert_eq!(code(run(&mut state, "AssociateKmsKey", associate)), "InvalidParameterException");
}

#[test]
fn a_protected_group_stays_and_a_deleted_one_takes_its_filters() {
    let mut state = account();
    run(&mut state, "PutMetricFilter", filter()).expect("a filter");
    let protect =
        |on: bool| json!({"logGroupIdentifier": format!("{GROUP}:*"), "deletionProtectionEnabled": on});
    run(&mut state, "PutLogGroupDeletionProtection", protect(true)).expect("protected");
    let delete = json!({"logGroupName": "/audit"});
    assert_eq!(code(run(&mut state, "DeleteLogGroup", delete.clone())), "ValidationException");
    run(&mut state, "PutLogGroupDeletionProtection", protect(false)).expect("open");
    run(&mut state, "DeleteLogGroup", delete.clone()).expect("deleted");
    assert_eq!(code(run(&mut state, "DeleteLogGroup", delete)), "ResourceNotFoundException");
    assert!(state.table(ACCOUNT, REGION, "metric_filters").is_empty());
}

#[test]
fn tags_want_the_arn_without_the_star() {
    let mut state = account();
    let tag = |arn: &str| json!({"resourceArn": arn, "tags": {"a": "1"}});
    assert_eq!(code(run(&mut state, "TagResource", tag(&format!("{GROUP}:*")))), "InvalidParameterException");
    assert_eq!(
        code(run(&mut state, "TagResource", tag(&format!("{GROUP}/none")))),
        "ResourceNotFoundException"
    );
    run(&mut state, "TagResource", tag(GROUP)).expect("tagged");
    run(&mut state, "UntagResource", json!({"resourceArn": GROUP, "tagKeys": ["a"]})).expect("untagged");
    assert_eq!(
        run(&mut state, "ListTagsForResource", json!({"resourceArn": GROUP})).expect("tags")["tags"],
        json!({})
    );
}

#[test]
fn a_filter_is_replaced_as_a_whole_and_read_back_with_a_float() {
    let mut state = account();
    run(&mut state, "PutMetricFilter", filter()).expect("put");
    let mut plain = filter();
    plain["metricTransformations"] = json!([{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]);
    let read = |state: &mut State| {
        run(state, "DescribeMetricFilters", json!({"logGroupName": "/audit"})).expect("listed")["metricFilters"].clone()
    };
    assert_eq!(read(&mut state)[0]["metricTransformations"][0]["defaultValue"], json!(0.0));
    run(&mut state, "PutMetricFilter", plain).expect("put again");
    let filters = read(&mut state);
    assert_eq!(filters.as_array().map(Vec::len), Some(1));
    assert!(filters[0]["metricTransformations"][0].get("defaultValue").is_none());
    assert_eq!(described(&mut state)["metricFilterCount"], 1);
    let name = json!({"logGroupName": "/audit", "filterName": "stops"});
    run(&mut state, "DeleteMetricFilter", name.clone()).expect("deleted");
    assert_eq!(code(run(&mut state, "DeleteMetricFilter", name)), "ResourceNotFoundException");
}

#[test]
fn filters_outside_the_rules_are_refused() {
    let cases = [
        ("no group", "logGroupName", json!("/none"), "ResourceNotFoundException"),
        ("name", "filterName", json!("a:b"), "InvalidParameterException"),
        ("long pattern", "filterPattern", json!("x".repeat(1025)), "InvalidParameterException"),
        ("open pattern", "filterPattern", json!("{ $.a = \"b\" "), "InvalidParameterException"),
        ("IS NOT", "filterPattern", json!("{ $.a IS NOT NULL }"), "InvalidParameterException"),
        ("two transformations", "metricTransformations", json!([{}, {}]), "InvalidParameterException"),
        ("system field", "emitSystemFieldDimensions", json!(["@message"]), "InvalidParameterException"),
    ];
    for (case, member, value, want) in cases {
        let mut input = filter();
        input[member] = value;
        assert_eq!(code(run(&mut account(), "PutMetricFilter", input)), want, "{case}");
    }
    let mut state = account();
    record(&mut state, REGION, "log_groups", "/audit")["logGroupClass"] = json!("INFREQUENT_ACCESS");
    assert_eq!(code(run(&mut state, "PutMetricFilter", filter())), "InvalidOperationException");
}

#[test]
fn a_group_holds_a_hundred_filters_of_which_five_have_regular_expressions() {
    let mut state = account();
    let named = |n: usize, pattern: &str| {
        let mut input = filter();
        input["filterName"] = json!(format!("f{n}"));
        input["filterPattern"] = json!(pattern);
        input
    };
    for n in 0..5 {
        run(&mut state, "PutMetricFilter", named(n, "{ $.a = %b% }")).expect("within the limit");
    }
    assert_eq!(code(run(&mut state, "PutMetricFilter", named(5, "{ $.a = %b% }"))), "LimitExceededException");
    for n in 5..100 {
        run(&mut state, "PutMetricFilter", named(n, "")).expect("within the limit");
    }
    assert_eq!(code(run(&mut state, "PutMetricFilter", named(100, ""))), "LimitExceededException");
    assert_eq!(code(run(&mut state, "PutMetricFilter", named(7, "x"))), "ok", "an old one may change");
    let page = run(&mut state, "DescribeMetricFilters", json!({"logGroupName": "/audit"})).expect("a page");
    assert_eq!(page["metricFilters"].as_array().map(Vec::len), Some(50));
    assert!(page["nextToken"].is_string());
}

#[test]
fn a_group_has_two_subscription_filters_at_most() {
    let mut state = account();
    let put = |name: &str| {
        json!({"logGroupName": "/audit", "filterName": name, "filterPattern": "",
            "destinationArn": "arn:aws:lambda:eu-central-1:111122223333:function:copy"})
    };
    let codes: Vec<String> = ["one", "two", "two", "three"]
        .iter()
        .map(|name| code(run(&mut state, "PutSubscriptionFilter", put(name))))
        .collect();
    assert_eq!(codes, ["ok", "ok", "ok", "LimitExceededException"]);
    let listed = json!({"logGroupName": "/audit", "filterNamePrefix": "tw"});
    let listed = run(&mut state, "DescribeSubscriptionFilters", listed).expect("listed");
    assert_eq!(listed["subscriptionFilters"][0]["filterName"], "two");
    let delete = json!({"logGroupName": "/audit", "filterName": "two"});
    assert_eq!(code(run(&mut state, "DeleteSubscriptionFilter", delete.clone())), "ok");
    assert_eq!(code(run(&mut state, "DeleteSubscriptionFilter", delete)), "ResourceNotFoundException");
    let mut stream = put("stream");
    stream["destinationArn"] = "arn:aws:kinesis:eu-central-1:111122223333:stream/copy".into();
    assert_eq!(code(run(&mut state, "PutSubscriptionFilter", stream)), "InvalidParameterException");
    let other = json!({"logGroupName": "/other"});
    assert_eq!(code(run(&mut state, "DescribeSubscriptionFilters", other)), "ResourceNotFoundException");
}

#[test]
fn a_data_protection_policy_shows_in_the_description() {
    let mut state = account();
    let group = json!({"logGroupIdentifier": "/audit"});
    let none = run(&mut state, "GetDataProtectionPolicy", group.clone()).expect("no policy is no error");
    assert!(none.get("policyDocument").is_none());
    assert!(described(&mut state).get("dataProtectionStatus").is_none());
    let document = json!({"Name": "mask", "Version": "2021-06-01", "Statement": [{}, {}]}).to_string();
    let put = json!({"logGroupIdentifier": "/audit", "policyDocument": document});
    assert_eq!(code(run(&mut state, "PutDataProtectionPolicy", put)), "ok");
    assert_eq!(described(&mut state)["dataProtectionStatus"], "ACTIVATED");
    let found = run(&mut state, "GetDataProtectionPolicy", group.clone()).expect("there");
    assert_eq!(found["policyDocument"], document);
    assert_eq!(code(run(&mut state, "DeleteDataProtectionPolicy", group)), "ok");
    assert_eq!(described(&mut state)["dataProtectionStatus"], "DELETED");
    let bad = json!({"logGroupIdentifier": "/audit", "policyDocument": "{}"});
    assert_eq!(code(run(&mut state, "PutDataProtectionPolicy", bad)), "InvalidParameterException");
}
