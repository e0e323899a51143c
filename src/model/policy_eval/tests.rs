//! Documents against one request: CloudTrail writes a log file.

use super::*;
use serde_json::json;

const TRAIL: &str = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/genai-audit";
const OBJECT: &str = "arn:aws:s3:::logs/AWSLogs/111122223333/CloudTrail/x";

fn answer(statement: &Value) -> Answer {
    let mut all = vec![statement.clone()];
    if statement["Effect"] == "Deny" {
        all.push(json!({"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}));
    }
    let text = json!({"Version": "2012-10-17", "Statement": all}).to_string();
    let context = [
        ("aws:SourceArn", TRAIL.to_owned()),
        ("aws:SourceAccount", "111122223333".to_owned()),
        ("aws:SecureTransport", "true".to_owned()),
        ("s3:TlsVersion", "1.2".to_owned()),
    ];
    let request = Request {
        service: Some("cloudtrail.amazonaws.com"),
        action: "s3:PutObject",
        resource: OBJECT,
        context: &context,
    };
    evaluate(&Policy::parse(&text, "aws").expect("a document"), &request)
}

fn allow(change: impl FnOnce(&mut Value)) -> Value {
    let mut statement = json!({"Sid": "W", "Effect": "Allow", "Action": "s3:PutObject",
        "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Resource": "arn:aws:s3:::logs/AWSLogs/111122223333/*"});
    change(&mut statement);
    statement
}

fn when(operator: &str, key: &str, value: Value) -> Value {
    allow(|statement| statement["Condition"] = json!({operator: {key: value}}))
}

#[test]
fn the_nearest_statement_says_what_it_lacks() {
    let other = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/old";
    let cases = [
        ("admitted", allow(|_| {}), None),
        ("the trail itself", when("StringEquals", "aws:SourceArn", json!([other, TRAIL])), None),
        (
            "another trail",
            when("StringEquals", "AWS:SourceArn", json!(other)),
            Some(format!("statement W lacks aws:SourceArn {TRAIL} (StringEquals {other})")),
        ),
        (
            "another service",
            allow(|s| s["Principal"] = json!({"Service": "config.amazonaws.com"})),
            Some("statement W is for config.amazonaws.com, not cloudtrail.amazonaws.com".into()),
        ),
        (
            "another action",
            allow(|s| s["Action"] = json!("s3:GetBucketAcl")),
            Some("statement W is about s3:GetBucketAcl, not s3:PutObject".into()),
        ),
        (
            "another prefix",
            allow(|s| s["Resource"] = json!("arn:aws:s3:::logs/trail/*")),
            Some(format!("statement W is about arn:aws:s3:::logs/trail/*, not {OBJECT}")),
        ),
        (
            "a key that services do not have",
            when("StringEquals", "aws:PrincipalOrgID", json!("o-a")),
            Some(
                "statement W asks for aws:principalorgid (StringEquals o-a), which the request does not have"
                    .into(),
            ),
        ),
        (
            "two things",
            allow(|s| {
                s["Condition"] =
                    json!({"StringEquals": {"aws:SourceArn": other, "aws:SourceAccount": "444455556666"}});
            }),
            Some(format!(
                "statement W lacks aws:SourceAccount 111122223333 (StringEquals 444455556666) and lacks aws:SourceArn \
                 {TRAIL} (StringEquals {other})"
            )),
        ),
        (
            "no Sid",
            allow(|s| {
                s["Sid"] = json!("");
                s["Resource"] = json!("r");
            }),
            Some(format!("the statement without a Sid (Allow s3:PutObject) is about r, not {OBJECT}")),
        ),
        (
            "a denial",
            json!({"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}}),
            Some("statement D denies it".into()),
        ),
        (
            "a denial that spares services",
            json!({"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}),
            None,
        ),
    ];
    for (case, statement, want) in cases {
        let text = match answer(&statement) {
            Answer::Admitted => None,
            Answer::Denied(finding) | Answer::Silent(Some(finding)) => Some(finding.to_string()),
            Answer::Silent(None) => Some("nothing near".into()),
        };
        assert_eq!(text, want, "{case}");
    }
    let far = json!({"Sid": "R", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "s3:GetObject", "Resource": "*"});
    assert_eq!(answer(&far), Answer::Silent(None));
}

#[test]
fn operators_hold_as_iam_has_them() {
    let cases = [
        ("like", "StringLike", "aws:SourceArn", "arn:aws:cloudtrail:*:111122223333:trail/*", true),
        ("like is no prefix", "StringLike", "aws:SourceArn", "arn:aws:cloudtrail", false),
        ("arn, part by part", "ArnLike", "aws:SourceArn", "arn:aws:cloudtrail:*:*:trail/*", true),
        ("a star stays in its part", "ArnLike", "aws:SourceArn", "arn:aws:*:trail/genai-audit", false),
        ("equals takes no star", "StringEquals", "aws:SourceArn", "arn:*", false),
        ("arn equals does", "ArnEquals", "aws:SourceArn", "arn:aws:cloudtrail:*:*:*", true),
        ("ignoring case", "StringEqualsIgnoreCase", "aws:SourceAccount", "111122223333", true),
        ("bool", "Bool", "aws:SecureTransport", "true", true),
        ("less", "NumericLessThan", "s3:TlsVersion", "1.2", false),
        ("at least", "NumericGreaterThanEquals", "s3:TlsVersion", "1.2", true),
        ("excluded", "StringNotEquals", "aws:SourceAccount", "111122223333", false),
        ("another is excluded", "StringNotEquals", "aws:SourceAccount", "444455556666", true),
        ("an absent key excludes nothing", "StringNotEquals", "aws:userid", "x", true),
        ("if it exists", "StringEqualsIfExists", "aws:userid", "x", true),
        ("any of none", "ForAnyValue:StringEquals", "aws:userid", "x", false),
        ("all of none", "ForAllValues:StringEquals", "aws:userid", "x", true),
        ("there", "Null", "aws:SourceArn", "false", true),
        ("not there", "Null", "aws:userid", "true", true),
        ("a variable", "StringEquals", "aws:SourceAccount", "${aws:SourceAccount}", true),
        ("a variable without value", "StringEquals", "aws:SourceAccount", "${aws:userid}", false),
        ("a default", "StringEquals", "aws:SourceAccount", "${aws:userid, '111122223333'}", true),
        ("no operator of IAM's", "StringIs", "aws:SourceAccount", "111122223333", false),
    ];
    for (case, operator, key, value, want) in cases {
        let got = answer(&when(operator, key, json!(value))) == Answer::Admitted;
        assert_eq!(got, want, "{case}");
    }
}

#[test]
fn what_hangs_on_an_undocumented_key_is_not_certain() {
    let cases = [
        ("sent with another value", "aws:SourceArn", true),
        ("never sent", "aws:PrincipalOrgID", true),
        ("perhaps sent", "aws:SourceOrgID", false),
    ];
    for (case, key, want) in cases {
        assert_eq!(answer(&when("StringEquals", key, json!("x"))).is_certain(), want, "{case}");
    }
    let denial = |operator: &str, key: &str, value: &str| {
        json!({"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": {operator: {key: value}}})
    };
    let cases = [
        ("denied for certain", denial("StringNotEquals", "aws:PrincipalOrgID", "o-a"), true),
        (
            "denied if the key is not there",
            denial("StringNotEqualsIfExists", "aws:SourceOrgID", "o-a"),
            false,
        ),
        (
            "denied unless the variable is sent",
            denial("StringNotEquals", "aws:SourceAccount", "${aws:SourceOrgID}"),
            false,
        ),
        (
            "one thing open and another certain",
            allow(|s| {
                s["Condition"] = json!({"StringEquals": {"aws:SourceOrgID": "o", "aws:SourceAccount": "x"}});
            }),
            true,
        ),
        (
            "a resource that hangs on an open key",
            allow(|s| s["Resource"] = json!("arn:aws:s3:::logs/${aws:SourceOrgID}/*")),
            false,
        ),
        (
            "a resource that hangs on a key that is never sent",
            allow(|s| s["Resource"] = json!("arn:aws:s3:::logs/${aws:userid}/*")),
            true,
        ),
    ];
    for (case, statement, want) in cases {
        let answer = answer(&statement);
        assert!(answer != Answer::Admitted, "{case}");
        assert_eq!(answer.is_certain(), want, "{case}: {answer:?}");
    }
}

#[test]
fn a_statement_that_may_allow_it_counts_more_than_one_that_comes_near() {
    let other = json!({"Sid": "Near", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": OBJECT, "Condition": {"StringEquals": {"aws:SourceAccount": "x"}}});
    let open = json!({"Sid": "Open", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": OBJECT,
        "Condition": {"StringEquals": {"aws:SourceOrgID": "o", "aws:SourceVpceOrgID": "o"}}});
    let text = json!({"Version": "2012-10-17", "Statement": [other, open]}).to_string();
    let context = [("aws:SourceAccount", "111122223333".to_owned())];
    let request = Request {
        service: Some("cloudtrail.amazonaws.com"),
        action: "s3:PutObject",
        resource: OBJECT,
        context: &context,
    };
    let answer = evaluate(&Policy::parse(&text, "aws").expect("a document"), &request);
    assert!(!answer.is_certain(), "{answer:?}");
}

#[test]
fn a_role_s_own_policy_names_nobody() {
    let policy =
        Policy::new([crate::model::Statement::allow("Deliver").actions(&["logs:PutLogEvents"]).resources([
            "arn:aws:logs:eu-central-1:111122223333:log-group:g:log-stream:111122223333_CloudTrail_*",
        ])]);
    let ask = |action, resource| {
        evaluate(&policy, &Request { service: None, action, resource, context: &[] }) == Answer::Admitted
    };
    let stream =
        "arn:aws:logs:eu-central-1:111122223333:log-group:g:log-stream:111122223333_CloudTrail_eu-central-1";
    assert!(ask("logs:PutLogEvents", stream));
    assert!(!ask("logs:CreateLogStream", stream));
    assert!(!ask("logs:PutLogEvents", "arn:aws:logs:eu-central-1:111122223333:log-group:h:log-stream:x"));
}

#[test]
fn stars_and_question_marks_match_as_iam_has_them() {
    let cases = [
        ("*", "", true),
        ("a*c", "abbc", true),
        ("a*c", "abbd", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*ab*ab", "abxabab", true),
        ("*ab*ab", "ab", false),
        ("a*b*c", "a-b-b-c", true),
        ("kms:GenerateDataKey*", "kms:GenerateDataKey", true),
        ("", "", true),
        ("", "a", false),
    ];
    for (pattern, text, want) in cases {
        assert_eq!(like(pattern, text), want, "{pattern} on {text}");
    }
}
