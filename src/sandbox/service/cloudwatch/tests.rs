//! CloudWatch as a client meets it.

use super::OPERATIONS;
use crate::sandbox::service::Answer;
use crate::sandbox::service::fixture;
use crate::sandbox::state::State;
use serde_json::{Value, json};

const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:alarms";
const ALARM: &str = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a";

fn run(state: &mut State, name: &str, input: Value) -> Answer {
    fixture::run(state, OPERATIONS, name, input)
}

fn code(answer: Answer) -> String {
    fixture::code(answer)
}

fn alarm(name: &str) -> Value {
    json!({"AlarmName": name, "MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": 300,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching", "AlarmActions": [TOPIC], "Tags": [{"Key": "a", "Value": "1"}]})
}

fn with_alarm() -> State {
    let mut state = State::default();
    run(&mut state, "PutMetricAlarm", alarm("a")).expect("an alarm");
    state
}

fn composite(name: &str, rule: &str) -> Value {
    json!({"AlarmName": name, "AlarmRule": rule})
}

fn described(state: &mut State, kind: &str) -> Vec<Value> {
    let input = json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]});
    run(state, "DescribeAlarms", input).expect("listed")[kind].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_new_alarm_has_no_data_and_aws_defaults() {
    let mut state = with_alarm();
    let alarm = described(&mut state, "MetricAlarms").remove(0);
    let cases = [
        ("AlarmArn", json!(ALARM)),
        ("StateValue", json!("INSUFFICIENT_DATA")),
        ("ActionsEnabled", json!(true)),
        ("OKActions", json!([])),
        ("Dimensions", json!([])),
        ("Threshold", json!(1.0)),
        ("StateUpdatedTimestamp", json!({"$timestamp": fixture::NOW as f64 / 1000.0})),
    ];
    for (member, want) in cases {
        assert_eq!(alarm[member], want, "{member}");
    }
    assert!(alarm.get("Tags").is_none() && alarm.get("_tags").is_none());
}

#[test]
fn a_second_put_replaces_all_but_state_and_tags() {
    let mut state = with_alarm();
    let input = json!({"AlarmName": "a", "StateValue": "OK", "StateReason": "test"});
    run(&mut state, "SetAlarmState", input).expect("set");
    let mut again = alarm("a");
    again["Tags"] = json!([{"Key": "a", "Value": "2"}]);
    again.as_object_mut().expect("an object").remove("AlarmActions");
    run(&mut state, "PutMetricAlarm", again).expect("put again");
    let alarm = described(&mut state, "MetricAlarms").remove(0);
    assert_eq!((&alarm["StateValue"], &alarm["AlarmActions"]), (&json!("OK"), &json!([])));
    let list = json!({"ResourceARN": ALARM});
    let tags = run(&mut state, "ListTagsForResource", list.clone()).expect("tags");
    assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "1"}]), "tags of a later put are ignored");
    run(&mut state, "TagResource", json!({"ResourceARN": ALARM, "Tags": [{"Key": "a", "Value": "2"}]}))
        .expect("tagged");
    assert_eq!(run(&mut state, "ListTagsForResource", list.clone()).expect("tags")["Tags"][0]["Value"], "2");
    run(&mut state, "UntagResource", json!({"ResourceARN": ALARM, "TagKeys": ["a"]})).expect("untagged");
    assert_eq!(run(&mut state, "ListTagsForResource", list).expect("tags")["Tags"], json!([]));
    let other = json!({"ResourceARN": ALARM.replace(":alarm:a", ":alarm:b")});
    assert_eq!(code(run(&mut state, "ListTagsForResource", other)), "ResourceNotFoundException");
}

#[test]
fn alarms_outside_the_rules_are_refused() {
    let metrics = json!([{"Id": "m1", "Expression": "1"}]);
    let cases = [
        ("description", "AlarmDescription", json!("d".repeat(1025)), "ValidationError"),
        ("six actions", "AlarmActions", json!(vec![TOPIC; 6]), "ValidationError"),
        ("action", "AlarmActions", json!(["me@example.com"]), "ValidationError"),
        ("period", "Period", json!(90), "ValidationError"),
        ("a day at most", "EvaluationPeriods", json!(289), "ValidationError"),
        ("datapoints", "DatapointsToAlarm", json!(2), "ValidationError"),
        ("statistic", "Statistic", json!("Median"), "InvalidParameterValue"),
        ("two statistics", "ExtendedStatistic", json!("p99"), "InvalidParameterCombination"),
        ("two sources", "Metrics", metrics, "InvalidParameterCombination"),
        ("operator", "ComparisonOperator", json!("Equals"), "ValidationError"),
        ("two thresholds", "ThresholdMetricId", json!("ad1"), "InvalidParameterCombination"),
        ("missing data", "TreatMissingData", json!("never"), "ValidationError"),
        ("name", "AlarmName", json!("a".repeat(256)), "ValidationError"),
        ("tags", "Tags", json!([{"Key": "aws:a", "Value": ""}]), "ValidationError"),
        ("nothing to watch", "AlarmName", Value::Null, "ValidationError"),
    ];
    for (case, member, value, want) in cases {
        let mut input = alarm("a");
        input[member] = value;
        assert_eq!(code(run(&mut State::default(), "PutMetricAlarm", input)), want, "{case}");
    }
}

#[test]
fn metric_queries_return_exactly_one_series() {
    let query = |metrics: Value| {
        json!({"AlarmName": "q", "EvaluationPeriods": 1, "Threshold": "1.5", "Metrics": metrics,
            "ComparisonOperator": "GreaterThanThreshold"})
    };
    let stat = json!({"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": "300", "Stat": "Sum"});
    let cases = [
        (
            "one",
            json!([{"Id": "e1", "Expression": "m1 * 2"}, {"Id": "m1", "MetricStat": stat, "ReturnData": "false"}]),
            "ok",
        ),
        (
            "two",
            json!([{"Id": "e1", "Expression": "m1 * 2"}, {"Id": "m1", "MetricStat": stat}]),
            "ValidationError",
        ),
        ("search", json!([{"Id": "e1", "Expression": "SEARCH('x', 'Sum')"}]), "ValidationError"),
        ("id", json!([{"Id": "E1", "Expression": "1"}]), "ValidationError"),
    ];
    for (case, metrics, want) in cases {
        let mut state = State::default();
        assert_eq!(code(run(&mut state, "PutMetricAlarm", query(metrics))), want, "{case}");
    }
}

#[test]
fn composites_need_their_children_and_keep_them() {
    let mut state = with_alarm();
    let put = |state: &mut State, name: &str, rule: &str| {
        code(run(state, "PutCompositeAlarm", composite(name, rule)))
    };
    assert_eq!(put(&mut state, "c", "ALARM(none)"), "ValidationError", "no such child");
    assert_eq!(put(&mut state, "c", "ALARM(a"), "ValidationError", "grammar");
    assert_eq!(put(&mut state, "c", &"x".repeat(10_241)), "ValidationError", "length");
    assert_eq!(put(&mut state, "a", "TRUE"), "ValidationError", "a metric alarm has the name");
    let abroad = format!("ALARM({})", ALARM.replace("eu-central-1", "us-east-1"));
    assert_eq!(put(&mut state, "c", &abroad), "ValidationError", "another Region");
    assert_eq!(put(&mut state, "c", &format!("ALARM({ALARM}) OR FALSE")), "ok");
    assert_eq!(put(&mut state, "d", "TRUE"), "ok");
    let delete =
        |state: &mut State, names: Value| code(run(state, "DeleteAlarms", json!({"AlarmNames": names})));
    assert_eq!(delete(&mut state, json!(["a"])), "ValidationError", "a child");
    assert_eq!(delete(&mut state, json!(["c", "d"])), "ValidationError", "two composites");
    assert_eq!(delete(&mut state, json!(["a", "c", "none"])), "ResourceNotFound", "the known ones go");
    assert!(described(&mut state, "MetricAlarms").is_empty());
    assert_eq!(described(&mut state, "CompositeAlarms").len(), 1);
}

#[test]
fn alarms_are_found_by_type_name_prefix_and_kinship() {
    let mut state = with_alarm();
    run(&mut state, "PutMetricAlarm", alarm("b")).expect("another");
    run(&mut state, "PutCompositeAlarm", composite("c", "ALARM(a)")).expect("a composite");
    let cases = [
        ("default", json!({}), 2, 0),
        ("both", json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}), 2, 1),
        ("composites", json!({"AlarmTypes": ["CompositeAlarm"]}), 0, 1),
        ("names", json!({"AlarmNames": ["a", "none"]}), 1, 0),
        ("prefix", json!({"AlarmNamePrefix": "b"}), 1, 0),
        ("action", json!({"ActionPrefix": "arn:aws:sns"}), 2, 0),
        ("state", json!({"StateValue": "OK"}), 0, 0),
        ("children", json!({"ChildrenOfAlarmName": "c"}), 1, 0),
        ("parents", json!({"ParentsOfAlarmName": "a"}), 0, 1),
    ];
    for (case, input, metric, composite) in cases {
        let found = run(&mut state, "DescribeAlarms", input).expect("listed");
        let count = |kind: &str| found[kind].as_array().map_or(0, Vec::len);
        assert_eq!((count("MetricAlarms"), count("CompositeAlarms")), (metric, composite), "{case}");
    }
    let first = run(&mut state, "DescribeAlarms", json!({"MaxRecords": 1})).expect("a page");
    let second = run(&mut state, "DescribeAlarms", json!({"MaxRecords": 1, "NextToken": first["NextToken"]}))
        .expect("next");
    assert_ne!(first["MetricAlarms"], second["MetricAlarms"]);
    assert!(second.get("NextToken").is_none());
    let both = json!({"AlarmNames": ["a"], "AlarmNamePrefix": "a"});
    assert_eq!(code(run(&mut state, "DescribeAlarms", both)), "InvalidParameterCombination");
}

#[test]
fn actions_are_switched_by_name() {
    let mut state = with_alarm();
    run(&mut state, "DisableAlarmActions", json!({"AlarmNames": ["a", "none"]})).expect("off");
    assert_eq!(described(&mut state, "MetricAlarms")[0]["ActionsEnabled"], false);
    run(&mut state, "EnableAlarmActions", json!({"AlarmNames": ["a"]})).expect("on");
    assert_eq!(described(&mut state, "MetricAlarms")[0]["ActionsEnabled"], true);
    let cases = [
        ("unknown", json!({"AlarmName": "x", "StateValue": "OK", "StateReason": "r"}), "ResourceNotFound"),
        ("state", json!({"AlarmName": "a", "StateValue": "GOOD", "StateReason": "r"}), "ValidationError"),
        (
            "data",
            json!({"AlarmName": "a", "StateValue": "OK", "StateReason": "r", "StateReasonData": "{"}),
            "InvalidFormat",
        ),
    ];
    for (case, input, want) in cases {
        assert_eq!(code(run(&mut state, "SetAlarmState", input)), want, "{case}");
    }
}

#[test]
fn dashboards_belong_to_the_account_and_come_back_as_sent() {
    let mut state = State::default();
    let body = "{\"widgets\": [ {\"type\":\"text\",\"properties\":{\"markdown\":\"x\"}} ]}";
    let put = json!({"DashboardName": "audit", "DashboardBody": body});
    let done = run(&mut state, "PutDashboard", put).expect("put");
    assert_eq!(done["DashboardValidationMessages"], json!([]));
    let elsewhere = (fixture::ACCOUNT, "us-east-1", fixture::NOW);
    let read =
        fixture::run_at(&mut state, OPERATIONS, elsewhere, "GetDashboard", json!({"DashboardName": "audit"}));
    let read = read.expect("from any Region");
    assert_eq!(read["DashboardBody"], body);
    assert_eq!(read["DashboardArn"], "arn:aws:cloudwatch::111122223333:dashboard/audit");
    let listed = run(&mut state, "ListDashboards", json!({"DashboardNamePrefix": "au"})).expect("listed");
    assert_eq!(listed["DashboardEntries"][0]["Size"], body.len());
    let bad = json!({"DashboardName": "audit dashboard", "DashboardBody": body});
    assert_eq!(code(run(&mut state, "PutDashboard", bad)), "InvalidParameterInput");
    let delete = |names: Value| json!({"DashboardNames": names});
    assert_eq!(
        code(run(&mut state, "DeleteDashboards", delete(json!(["audit", "none"])))),
        "ResourceNotFound"
    );
    assert_eq!(
        code(run(&mut state, "GetDashboard", json!({"DashboardName": "audit"}))),
        "ok",
        "none was deleted"
    );
    run(&mut state, "DeleteDashboards", delete(json!(["audit"]))).expect("deleted");
    let gone = run(&mut state, "GetDashboard", json!({"DashboardName": "audit"})).expect_err("gone");
    assert_eq!((gone.status, gone.code.as_str()), (404, "ResourceNotFound"));
}
