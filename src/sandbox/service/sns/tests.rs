//! SNS as a client meets it.

use super::*;
use jiff::Timestamp;

const ARN: &str = "arn:aws:sns:eu-central-1:111122223333:alarms";

fn at(state: &mut State, millis: i64, name: &str, input: Value) -> Answer {
    let now = Timestamp::from_millisecond(1_800_000_000_000 + millis).expect("in range");
    let principal = "arn:aws:iam::111122223333:user/anna";
    let mut call =
        Call { state, now, account: "111122223333", region: "eu-central-1", principal, input: &input };
    let operation = OPERATIONS.iter().find(|o| o.name == name).expect("an operation");
    (operation.handler)(&mut call)
}

fn run(state: &mut State, name: &str, input: Value) -> Answer {
    at(state, 0, name, input)
}

fn code(answer: Answer) -> String {
    answer.map_or_else(|fault| fault.code, |_| "ok".into())
}

fn with_topic() -> State {
    let mut state = State::default();
    let input = json!({"Name": "alarms", "Attributes": {"KmsMasterKeyId": "alias/x"}, "Tags": [{"Key": "a", "Value": "1"}]});
    assert_eq!(run(&mut state, "CreateTopic", input).expect("a topic"), json!({"TopicArn": ARN}));
    state
}

fn policy(action: &str, principal: &str) -> Value {
    let text =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": ARN,
        "Principal": {"AWS": principal}}]})
        .to_string();
    json!({"TopicArn": ARN, "AttributeName": "Policy", "AttributeValue": text})
}

#[test]
fn a_topic_has_the_default_policy_until_it_gets_another() {
    let mut state = with_topic();
    let read =
        run(&mut state, "GetTopicAttributes", json!({"TopicArn": ARN})).expect("read")["Attributes"].clone();
    assert!(read["Policy"].as_str().expect("a text").contains("__default_policy_ID"));
    assert_eq!((&read["KmsMasterKeyId"], read.get("SignatureVersion")), (&json!("alias/x"), None));
    assert_eq!(read["SubscriptionsPending"], "0");
    let input = policy("SNS:Publish", "111122223333");
    run(&mut state, "SetTopicAttributes", input).expect("set");
    let stored = topic(&state, ARN).expect("there")["Policy"].clone();
    assert!(stored.as_str().expect("a text").contains("arn:aws:iam::111122223333:root"), "{stored}");
    let none = json!({"TopicArn": ARN, "AttributeName": "KmsMasterKeyId", "AttributeValue": ""});
    run(&mut state, "SetTopicAttributes", none).expect("set");
    assert_eq!(topic(&state, ARN).expect("there").get("KmsMasterKeyId"), None);
}

#[test]
fn what_sns_refuses_is_refused_with_its_code() {
    let mut state = with_topic();
    let set =
        |name: &str, value: &str| json!({"TopicArn": ARN, "AttributeName": name, "AttributeValue": value});
    let none = "arn:aws:sns:eu-central-1:111122223333:none";
    let cases = [
        ("same again", "CreateTopic", json!({"Name": "alarms"}), "ok"),
        (
            "other attributes",
            "CreateTopic",
            json!({"Name": "alarms", "Attributes": {"DisplayName": "x"}}),
            "InvalidParameter",
        ),
        (
            "other tags",
            "CreateTopic",
            json!({"Name": "alarms", "Tags": [{"Key": "b", "Value": ""}]}),
            "InvalidParameter",
        ),
        ("name", "CreateTopic", json!({"Name": "a b"}), "InvalidParameter"),
        ("fifo without attribute", "CreateTopic", json!({"Name": "a.fifo"}), "InvalidParameter"),
        ("signature", "SetTopicAttributes", set("SignatureVersion", "3"), "InvalidParameter"),
        ("display name", "SetTopicAttributes", set("DisplayName", &"x".repeat(101)), "InvalidParameter"),
        ("attribute", "SetTopicAttributes", set("Colour", "red"), "InvalidParameter"),
        ("no policy", "SetTopicAttributes", set("Policy", ""), "InvalidParameter"),
        ("action out of scope", "SetTopicAttributes", policy("sns:*", "*"), "InvalidParameter"),
        (
            "unknown principal",
            "SetTopicAttributes",
            policy("sns:Publish", "arn:aws:iam::111122223333:role/None"),
            "InvalidParameter",
        ),
        ("no topic", "GetTopicAttributes", json!({"TopicArn": none}), "NotFound"),
        ("no topic to tag", "TagResource", json!({"ResourceArn": none, "Tags": []}), "ResourceNotFound"),
        ("deleting nothing", "DeleteTopic", json!({"TopicArn": none}), "ok"),
        (
            "other account",
            "GetTopicAttributes",
            json!({"TopicArn": "arn:aws:sns:eu-central-1:444455556666:x"}),
            "AuthorizationError",
        ),
        (
            "other region",
            "GetTopicAttributes",
            json!({"TopicArn": "arn:aws:sns:us-east-1:111122223333:x"}),
            "InvalidParameter",
        ),
        (
            "protocol",
            "Subscribe",
            json!({"TopicArn": ARN, "Protocol": "fax", "Endpoint": "1"}),
            "InvalidParameter",
        ),
        (
            "endpoint",
            "Subscribe",
            json!({"TopicArn": ARN, "Protocol": "email", "Endpoint": "anna"}),
            "InvalidParameter",
        ),
        (
            "pending has no arn",
            "Unsubscribe",
            json!({"SubscriptionArn": "PendingConfirmation"}),
            "InvalidParameter",
        ),
    ];
    for (case, name, input, want) in cases {
        assert_eq!(code(run(&mut state, name, input)), want, "{case}");
    }
}

#[test]
fn a_mail_subscription_waits_for_its_owner_and_lingers_when_it_ends() {
    let mut state = with_topic();
    let input = json!({"TopicArn": ARN, "Protocol": "email", "Endpoint": "anna@example.com"});
    let shown = |state: &mut State, millis: i64| {
        let listed = at(state, millis, "ListSubscriptionsByTopic", json!({"TopicArn": ARN})).expect("listed");
        listed["Subscriptions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|s| s["SubscriptionArn"].clone())
            .collect::<Vec<_>>()
    };
    let answer = run(&mut state, "Subscribe", input.clone()).expect("asked");
    assert_eq!(answer["SubscriptionArn"], "pending confirmation");
    run(&mut state, "Subscribe", input).expect("asked again");
    assert_eq!(shown(&mut state, 0), ["PendingConfirmation"]);
    assert_eq!(topic(&state, ARN).expect("there")["_subscriptions"][0]["_mails"], 2);
    assert!(shown(&mut state, 2 * 86_400_000).is_empty(), "lapsed");
    assert!(confirm(&mut state, ARN, "anna@example.com"));
    let arn = shown(&mut state, 0)[0].clone();
    assert!(arn.as_str().expect("a text").starts_with(ARN));
    at(&mut state, 5, "Unsubscribe", json!({"SubscriptionArn": arn})).expect("ended");
    assert_eq!(shown(&mut state, 6), ["Deleted"]);
    assert!(shown(&mut state, 60_005).is_empty());
    let queue =
        json!({"TopicArn": ARN, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-central-1:111122223333:q"});
    let own = run(&mut state, "Subscribe", queue).expect("subscribed");
    assert!(
        own["SubscriptionArn"].as_str().expect("a text").starts_with(ARN),
        "own queues need no confirmation"
    );
}
