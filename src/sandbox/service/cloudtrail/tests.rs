//! CloudTrail as a client meets it.

use super::OPERATIONS;
use crate::sandbox::service::Answer;
use crate::sandbox::service::fixture::{
    ACCOUNT, GROUP, KEY, NOW, REGION, ROLE, TRAIL, account, code, record, run_at,
};
use crate::sandbox::state::State;
use serde_json::{Value, json};

fn run(state: &mut State, name: &str, input: Value) -> Answer {
    run_at(state, OPERATIONS, (ACCOUNT, REGION, NOW), name, input)
}

fn elsewhere(state: &mut State, name: &str, input: Value) -> Answer {
    run_at(state, OPERATIONS, (ACCOUNT, "us-east-1", NOW), name, input)
}

fn wanted() -> Value {
    json!({
        "Name": "audit", "S3BucketName": "audit-bucket", "IsMultiRegionTrail": true,
        "EnableLogFileValidation": true, "KmsKeyId": "alias/audit",
        "CloudWatchLogsLogGroupArn": format!("{GROUP}:*"), "CloudWatchLogsRoleArn": ROLE,
        "TagsList": [{"Key": "auditscope:scope", "Value": "audit"}],
    })
}

fn with_trail() -> State {
    let mut state = account();
    run(&mut state, "CreateTrail", wanted()).expect("a trail");
    state
}

fn with(member: &str, value: Value) -> Value {
    let mut input = wanted();
    input[member] = value;
    input
}

fn management() -> Value {
    json!({"Name": "m", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]})
}

#[test]
fn a_trail_comes_back_with_its_keys_arn_and_aws_defaults() {
    let mut state = account();
    let made = run(&mut state, "CreateTrail", wanted()).expect("a trail");
    assert_eq!(made["KmsKeyId"], KEY, "an alias becomes the key's ARN");
    assert!(made.get("HomeRegion").is_none() && made.get("EnableLogFileValidation").is_none());
    let trail = run(&mut state, "GetTrail", json!({"Name": TRAIL})).expect("by ARN")["Trail"].clone();
    assert_eq!(
        trail,
        json!({
            "Name": "audit", "TrailARN": TRAIL, "HomeRegion": REGION, "S3BucketName": "audit-bucket",
            "KmsKeyId": KEY, "CloudWatchLogsLogGroupArn": format!("{GROUP}:*"), "CloudWatchLogsRoleArn": ROLE,
            "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true, "IsOrganizationTrail": false,
            "LogFileValidationEnabled": true, "RecursiveLogging": true, "HasCustomEventSelectors": false,
            "HasInsightSelectors": false,
        })
    );
    let tags = run(&mut state, "ListTags", json!({"ResourceIdList": [TRAIL]})).expect("tags");
    assert_eq!(
        tags["ResourceTagList"][0]["TagsList"],
        json!([{"Key": "auditscope:scope", "Value": "audit"}])
    );
    assert_eq!(code(run(&mut state, "CreateTrail", wanted())), "TrailAlreadyExistsException");
}

#[test]
fn create_refuses_what_cannot_be_delivered() {
    type Change = fn(&mut State);
    let untouched: Change = |_| {};
    let cases: &[(&str, Value, Change, &str)] = &[
        ("name", with("Name", json!("my--trail")), untouched, "InvalidTrailNameException"),
        (
            "bucket name",
            with("S3BucketName", json!("Audit_Bucket")),
            untouched,
            "InvalidS3BucketNameException",
        ),
        (
            "no bucket",
            with("S3BucketName", json!("other-bucket")),
            untouched,
            "S3BucketDoesNotExistException",
        ),
        (
            "prefix not admitted",
            with("S3KeyPrefix", json!("logs")),
            untouched,
            "InsufficientS3BucketPolicyException",
        ),
        ("long prefix", with("S3KeyPrefix", json!("p".repeat(201))), untouched, "InvalidS3PrefixException"),
        ("another trail", with("Name", json!("other")), untouched, "InsufficientS3BucketPolicyException"),
        (
            "multi-Region without global events",
            with("IncludeGlobalServiceEvents", json!(false)),
            untouched,
            "InvalidParameterCombinationException",
        ),
        ("no key", with("KmsKeyId", json!("alias/none")), untouched, "KmsKeyNotFoundException"),
        (
            "key outside the bucket's Region",
            wanted(),
            |state| record(state, "global", "buckets", "audit-bucket")["Region"] = json!("us-east-1"),
            "KmsKeyNotFoundException",
        ),
        (
            "disabled key",
            wanted(),
            |state| record(state, REGION, "kms_keys", "1")["KeyState"] = json!("Disabled"),
            "KmsException",
        ),
        (
            "closed key",
            wanted(),
            |state| record(state, REGION, "kms_keys", "1")["Policy"] = json!("{}"),
            "InsufficientEncryptionPolicyException",
        ),
        (
            "group without the star",
            with("CloudWatchLogsLogGroupArn", json!(GROUP)),
            untouched,
            "InvalidCloudWatchLogsLogGroupArnException",
        ),
        (
            "group without a role",
            with("CloudWatchLogsRoleArn", json!("")),
            untouched,
            "InvalidCloudWatchLogsRoleArnException",
        ),
        (
            "young role",
            wanted(),
            |state| record(state, "global", "roles", "audit-logs")["_changed_at"] = json!(NOW - 1_000),
            "InvalidCloudWatchLogsRoleArnException",
        ),
        (
            "role without permissions",
            wanted(),
            |state| record(state, "global", "roles", "audit-logs")["_policies"] = json!({}),
            "InvalidCloudWatchLogsRoleArnException",
        ),
        ("topic", with("SnsTopicName", json!("none")), untouched, "InsufficientSnsTopicPolicyException"),
        (
            "organization",
            with("IsOrganizationTrail", json!(true)),
            untouched,
            "OrganizationsNotInUseException",
        ),
        (
            "tags",
            with("TagsList", json!([{"Key": "aws:x", "Value": ""}])),
            untouched,
            "InvalidTagParameterException",
        ),
    ];
    for (case, input, change, want) in cases {
        let mut state = account();
        change(&mut state);
        assert_eq!(code(run(&mut state, "CreateTrail", input.clone())), *want, "{case}");
        assert!(
            state.peek(ACCOUNT, REGION, "trails").is_none_or(|t| t.is_empty()),
            "{case}: nothing is kept"
        );
    }
}

#[test]
fn a_role_that_is_not_known_yet_is_told_by_the_text() {
    let mut state = account();
    record(&mut state, "global", "roles", "audit-logs")["_changed_at"] = json!(NOW - 1_000);
    let fault = run(&mut state, "CreateTrail", wanted()).expect_err("too young");
    assert!(fault.message.starts_with("Access denied."), "{}", fault.message);
    let later = run_at(&mut state, OPERATIONS, (ACCOUNT, REGION, NOW + 60_000), "CreateTrail", wanted());
    assert_eq!(code(later), "ok");
}

#[test]
fn update_leaves_what_is_absent_and_clears_what_is_empty() {
    let mut state = with_trail();
    run(&mut state, "UpdateTrail", json!({"Name": "audit", "EnableLogFileValidation": false}))
        .expect("updated");
    let trail = run(&mut state, "GetTrail", json!({"Name": "audit"})).expect("there")["Trail"].clone();
    assert_eq!((&trail["LogFileValidationEnabled"], &trail["KmsKeyId"]), (&json!(false), &json!(KEY)));
    let clear = json!({"Name": "audit", "KmsKeyId": "", "CloudWatchLogsLogGroupArn": "", "CloudWatchLogsRoleArn": ""});
    let trail = run(&mut state, "UpdateTrail", clear).expect("cleared");
    for member in ["KmsKeyId", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"] {
        assert!(trail.get(member).is_none(), "{member}");
    }
    let half = json!({"Name": "audit", "CloudWatchLogsLogGroupArn": format!("{GROUP}:*")});
    assert_eq!(code(run(&mut state, "UpdateTrail", half)), "InvalidCloudWatchLogsRoleArnException");
}

#[test]
fn writes_go_to_the_home_region_and_reads_see_replicas() {
    let mut state = with_trail();
    let stop = json!({"Name": "audit"});
    assert_eq!(code(elsewhere(&mut state, "StopLogging", stop.clone())), "InvalidHomeRegionException");
    assert_eq!(code(elsewhere(&mut state, "GetTrailStatus", stop)), "ok");
    let count = |answer: Answer| answer.expect("listed")["trailList"].as_array().map_or(0, Vec::len);
    assert_eq!(count(elsewhere(&mut state, "DescribeTrails", json!({}))), 1, "replicas by default");
    assert_eq!(count(elsewhere(&mut state, "DescribeTrails", json!({"includeShadowTrails": false}))), 0);
    assert_eq!(
        count(run(&mut state, "DescribeTrails", json!({"trailNameList": ["none"]}))),
        0,
        "unknown is absent"
    );
    record(&mut state, REGION, "trails", "audit")["IsMultiRegionTrail"] = json!(false);
    assert_eq!(code(elsewhere(&mut state, "GetTrail", json!({"Name": "audit"}))), "TrailNotFoundException");
    assert_eq!(
        code(elsewhere(&mut state, "DeleteTrail", json!({"Name": TRAIL}))),
        "InvalidHomeRegionException"
    );
    assert_eq!(
        code(run(&mut state, "GetTrail", json!({"Name": "arn:aws:s3:::x"}))),
        "CloudTrailARNInvalidException"
    );
}

#[test]
fn a_trail_logs_only_once_started_and_says_what_fails() {
    let mut state = with_trail();
    let status =
        |state: &mut State| run(state, "GetTrailStatus", json!({"Name": "audit"})).expect("a status");
    let first = status(&mut state);
    assert_eq!((&first["IsLogging"], &first["TimeLoggingStarted"]), (&json!(false), &json!("")));
    run(&mut state, "StartLogging", json!({"Name": "audit"})).expect("started");
    let started = status(&mut state);
    assert_eq!(
        (&started["IsLogging"], &started["StartLoggingTime"]),
        (&json!(true), &json!(NOW as f64 / 1000.0))
    );
    assert!(started.get("LatestDeliveryError").is_none() && started["LatestDeliveryTime"].is_number());
    record(&mut state, REGION, "kms_keys", "1")["KeyState"] = json!("PendingDeletion");
    record(&mut state, "global", "roles", "audit-logs")["_policies"] = json!({});
    let broken = status(&mut state);
    assert_eq!(broken["LatestDeliveryError"], "KMS.DisabledException");
    assert_eq!(broken["LatestCloudWatchLogsDeliveryError"], "Access denied");
}

#[test]
fn advanced_and_basic_selectors_replace_each_other() {
    let mut state = with_trail();
    let get = |state: &mut State| {
        run(state, "GetEventSelectors", json!({"TrailName": "audit"})).expect("selectors")
    };
    assert_eq!(get(&mut state)["EventSelectors"][0]["ReadWriteType"], "All", "the default");
    let put = json!({"TrailName": "audit", "AdvancedEventSelectors": [management()]});
    run(&mut state, "PutEventSelectors", put).expect("advanced");
    let read = get(&mut state);
    assert_eq!(read["AdvancedEventSelectors"], json!([management()]));
    assert!(read.get("EventSelectors").is_none());
    let custom = run(&mut state, "GetTrail", json!({"Name": "audit"})).expect("there");
    assert_eq!(custom["Trail"]["HasCustomEventSelectors"], true);
    let basic = json!({"TrailName": "audit", "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true}]});
    run(&mut state, "PutEventSelectors", basic).expect("basic");
    let reset = run(&mut state, "GetTrail", json!({"Name": "audit"})).expect("there");
    assert_eq!(reset["Trail"]["HasCustomEventSelectors"], false);
    let cases = [
        ("neither", json!({"TrailName": "audit"})),
        (
            "both",
            json!({"TrailName": "audit", "EventSelectors": [{}], "AdvancedEventSelectors": [management()]}),
        ),
        ("none", json!({"TrailName": "audit", "AdvancedEventSelectors": []})),
    ];
    for (case, input) in cases {
        assert_eq!(
            code(run(&mut state, "PutEventSelectors", input)),
            "InvalidEventSelectorsException",
            "{case}"
        );
    }
}

#[test]
fn insights_need_the_events_they_count() {
    let mut state = with_trail();
    let get = json!({"TrailName": "audit"});
    assert_eq!(code(run(&mut state, "GetInsightSelectors", get.clone())), "InsightNotEnabledException");
    let put = |list: Value| json!({"TrailName": "audit", "InsightSelectors": list});
    run(&mut state, "PutInsightSelectors", put(json!([{"InsightType": "ApiCallRateInsight"}]))).expect("put");
    let read = run(&mut state, "GetInsightSelectors", get.clone()).expect("read");
    assert_eq!(
        read["InsightSelectors"],
        json!([{"InsightType": "ApiCallRateInsight", "EventCategories": ["Management"]}])
    );
    let data = json!([{"InsightType": "ApiCallRateInsight", "EventCategories": ["Data"]}]);
    for (case, list) in [("data", data), ("unknown", json!([{"InsightType": "Cost"}]))] {
        assert_eq!(
            code(run(&mut state, "PutInsightSelectors", put(list))),
            "InvalidInsightSelectorsException",
            "{case}"
        );
    }
    run(&mut state, "PutInsightSelectors", put(json!([]))).expect("off");
    assert_eq!(code(run(&mut state, "GetInsightSelectors", get)), "InsightNotEnabledException");
}

#[test]
fn an_organisation_trail_is_seen_but_not_changed_by_members() {
    let mut state = account();
    state.organization = json!({"Id": "o-exampleorgid", "FeatureSet": "ALL", "MasterAccountId": ACCOUNT,
        "Accounts": [{"Id": ACCOUNT}, {"Id": "444455556666"}]});
    let org = with("IsOrganizationTrail", json!(true));
    assert_eq!(
        code(run(&mut state, "CreateTrail", org.clone())),
        "InsufficientS3BucketPolicyException",
        "the organisation's path is not admitted"
    );
    let bucket = record(&mut state, "global", "buckets", "audit-bucket");
    let policy = bucket["Policy"].as_str().expect("text").replace("AWSLogs/111122223333/*", "AWSLogs/*");
    bucket["Policy"] = json!(policy);
    run(&mut state, "CreateTrail", org).expect("an organisation trail");
    let member = ("444455556666", REGION, NOW);
    let seen = run_at(&mut state, OPERATIONS, member, "GetTrail", json!({"Name": TRAIL})).expect("seen");
    assert_eq!(seen["Trail"]["TrailARN"], TRAIL);
    let stop = run_at(&mut state, OPERATIONS, member, "StopLogging", json!({"Name": TRAIL}));
    assert_eq!(code(stop), "NotOrganizationMasterAccountException");
}

#[test]
fn a_region_holds_five_trails_with_replicas() {
    let mut state = with_trail();
    for n in 0..4 {
        let trail =
            json!({"Name": format!("t{n}"), "IsMultiRegionTrail": true, "TrailARN": format!("arn:{n}")});
        state.table(ACCOUNT, "us-east-1", "trails").insert(format!("t{n}"), trail);
    }
    let sixth = with("Name", json!("sixth"));
    assert_eq!(code(run(&mut state, "CreateTrail", sixth)), "MaximumNumberOfTrailsExceededException");
}

#[test]
fn tags_are_added_and_removed_by_arn() {
    let mut state = with_trail();
    let add = json!({"ResourceId": TRAIL, "TagsList": [{"Key": "team", "Value": "a"}]});
    run(&mut state, "AddTags", add).expect("added");
    run(&mut state, "RemoveTags", json!({"ResourceId": TRAIL, "TagsList": [{"Key": "auditscope:scope"}]}))
        .expect("removed");
    let tags = run(&mut state, "ListTags", json!({"ResourceIdList": [TRAIL]})).expect("tags");
    assert_eq!(tags["ResourceTagList"][0]["TagsList"], json!([{"Key": "team", "Value": "a"}]));
    let cases = [
        ("name", json!("audit"), "CloudTrailARNInvalidException"),
        ("other", json!(TRAIL.replace("audit", "none")), "ResourceNotFoundException"),
    ];
    for (case, id, want) in cases {
        let input = json!({"ResourceId": id, "TagsList": [{"Key": "a"}]});
        assert_eq!(code(run(&mut state, "AddTags", input)), want, "{case}");
    }
    let many: Vec<Value> = (0..51).map(|n| json!({"Key": format!("k{n}")})).collect();
    let input = json!({"ResourceId": TRAIL, "TagsList": many});
    assert_eq!(code(run(&mut state, "AddTags", input)), "TagsLimitExceededException");
}
