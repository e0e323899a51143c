//! How documents are read, written and told apart.

use super::*;

#[test]
fn what_services_reformat_compares_equal() {
    let ours = Policy::new([Statement::allow("A")
        .service("sns.amazonaws.com")
        .actions(&["sns:Publish"])
        .resources(["r"])
        .when("Bool", "aws:SecureTransport", "true")]);
    let cases = [
        ("as sent", ours.to_text()),
        (
            "one-element lists as strings, keys re-ordered",
            r#"{"Statement":{"Resource":"r","Action":"SNS:Publish","Sid":"A","Effect":"Allow","Condition":{"Bool":{"aws:securetransport":true}},"Principal":{"Service":"sns.amazonaws.com"}},"Version":"2012-10-17","Id":"x"}"#.to_owned(),
        ),
    ];
    for (case, text) in cases {
        assert_eq!(Policy::parse(&text, "aws"), Ok(ours.clone()), "{case}");
    }
}

#[test]
fn what_matters_differs() {
    let read = |text: &str| Policy::parse(text, "aws").expect("valid");
    let base = read(
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"r"}]}"#,
    );
    for (case, text) in [
        ("version", r#"{"Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"r"}]}"#),
        (
            "effect",
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny","Action":"s3:GetObject","Resource":"r"}]}"#,
        ),
        (
            "resource case",
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"R"}]}"#,
        ),
        (
            "unknown member",
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"r","NotPrincipal":"*"}]}"#,
        ),
    ] {
        assert_ne!(read(text), base, "{case}");
    }
}
#[test]
fn an_account_is_its_root_in_its_own_partition() {
    let text = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"}}}"#;
    let cases = [
        ("aws", "arn:aws:iam::111122223333:root"),
        ("aws-cn", "arn:aws-cn:iam::111122223333:root"),
        ("aws-us-gov", "arn:aws-us-gov:iam::111122223333:root"),
    ];
    for (partition, want) in cases {
        let policy = Policy::parse(text, partition).expect("valid");
        assert_eq!(policy.aws_principals().into_iter().collect::<Vec<_>>(), [want], "{partition}");
    }
}

#[test]
fn values_are_read_as_their_operator_reads_them() {
    let cases = [
        ("a flag", "Bool", "true", "\"True\"", true),
        ("a flag where there may be none", "BoolIfExists", "false", "false", true),
        ("a number with an empty fraction", "NumericEquals", "300", "300.0", true),
        ("a number in a set", "ForAnyValue:NumericLessThan", "1.2", "\"1.20\"", true),
        ("another number", "NumericEquals", "300", "301", false),
        ("text stays as it is", "StringEquals", "True", "\"true\"", false),
    ];
    for (case, operator, ours, theirs, same) in cases {
        let want = Policy::new([Statement::allow("A").when(operator, "k", ours)]);
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Sid":"A","Effect":"Allow","Condition":{{"{operator}":{{"K":{theirs}}}}}}}}}"#
        );
        assert_eq!(Policy::parse(&text, "aws") == Ok(want), same, "{case}");
    }
}

#[test]
fn encoded_documents_are_read_in_every_spelling() {
    let plain =
        r#"{"Version": "2012-10-17", "Statement": {"Sid": "A", "Effect": "Allow", "Resource": "a+b"}}"#;
    let want = Policy::parse(plain, "aws");
    let upper: String = form_urlencoded::byte_serialize(plain.as_bytes()).collect();
    let digits = upper.replace("%2C", "%2c").replace("%3A", "%3a");
    for (case, text) in
        [("plus", upper.clone()), ("lower digits", digits), ("%20", upper.replace('+', "%20"))]
    {
        assert_eq!(Policy::parse_encoded(&text, "aws"), want, "{case}");
    }
}

#[test]
fn statements_with_one_sid_have_no_order() {
    let one = r#"{"Sid":"A","Effect":"Allow","Resource":"x"}"#;
    let two = r#"{"Sid":"A","Effect":"Deny","Resource":"x"}"#;
    let read = |a: &str, b: &str| Policy::parse(&format!(r#"{{"Statement":[{a},{b}]}}"#), "aws");
    assert_eq!(read(one, two), read(two, one));
}
