//! IAM as a client meets it.

use super::*;
use jiff::Timestamp;

const ACCOUNT: &str = "111122223333";

fn at(state: &mut State, millis: i64, name: &str, input: Value) -> Answer {
    let now = Timestamp::from_millisecond(1_800_000_000_000 + millis).expect("in range");
    let principal = "arn:aws:iam::111122223333:user/anna";
    let mut call = Call { state, now, account: ACCOUNT, region: "us-east-1", principal, input: &input };
    let operation = OPERATIONS.iter().find(|o| o.name == name).expect("an operation");
    (operation.handler)(&mut call)
}

fn run(state: &mut State, name: &str, input: Value) -> Answer {
    at(state, 0, name, input)
}

fn code(answer: Answer) -> String {
    answer.map_or_else(|fault| fault.code, |_| "ok".into())
}

fn trust(principal: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})
    .to_string()
}

fn service() -> String {
    trust(json!({"Service": "cloudtrail.amazonaws.com"}))
}

fn inline() -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents",
        "Resource": "arn:aws:logs:eu-central-1:111122223333:log-group:audit:*"}]})
    .to_string()
}

fn with_role() -> State {
    let mut state = State::default();
    let input = json!({"RoleName": "Delivery", "Path": "/audit/", "AssumeRolePolicyDocument": service(),
        "Tags": [{"Key": "a", "Value": "1"}], "MaxSessionDuration": "7200", "Description": ""});
    run(&mut state, "CreateRole", input).expect("a role");
    state
}

#[test]
fn a_role_is_read_back_with_its_documents_encoded() {
    let mut state = with_role();
    let role = run(&mut state, "GetRole", json!({"RoleName": "Delivery"})).expect("read")["Role"].clone();
    assert_eq!(role["Arn"], "arn:aws:iam::111122223333:role/audit/Delivery");
    assert_eq!(role["CreateDate"], "2027-01-15T08:00:00Z");
    assert_eq!(role["Tags"], json!([{"Key": "a", "Value": "1"}]));
    assert_eq!((role.get("Description"), &role["MaxSessionDuration"]), (None, &json!(7200)));
    let document = role["AssumeRolePolicyDocument"].as_str().expect("a text");
    assert!(document.starts_with("%7B%22Statement%22%3A%5B"), "{document}");
    let listed = run(&mut state, "ListRoles", json!({"PathPrefix": "/audit/"})).expect("listed");
    assert_eq!(listed["Roles"][0].get("Tags"), None);
    assert_eq!(
        run(&mut state, "ListRoles", json!({"PathPrefix": "/x/"})).expect("listed")["Roles"],
        json!([])
    );

    run(&mut state, "UpdateRole", json!({"RoleName": "Delivery", "Description": "d"})).expect("updated");
    let role = role_of(&state);
    assert_eq!((&role["MaxSessionDuration"], &role["Description"]), (&json!(3600), &json!("d")));
}

fn role_of(state: &State) -> &Value {
    role(state, "arn:aws:iam::111122223333:role/audit/Delivery").expect("there")
}

#[test]
fn inline_policies_are_put_listed_and_block_deletion() {
    let mut state = with_role();
    let named = |name: &str| json!({"RoleName": "Delivery", "PolicyName": name, "PolicyDocument": inline()});
    at(&mut state, 9, "PutRolePolicy", named("b")).expect("put");
    run(&mut state, "PutRolePolicy", named("a")).expect("put");
    let first = run(&mut state, "ListRolePolicies", json!({"RoleName": "Delivery", "MaxItems": "1"}))
        .expect("listed");
    assert_eq!((&first["PolicyNames"], &first["IsTruncated"]), (&json!(["a"]), &json!(true)));
    let next = json!({"RoleName": "Delivery", "MaxItems": 1, "Marker": first["Marker"]});
    assert_eq!(run(&mut state, "ListRolePolicies", next).expect("listed")["PolicyNames"], json!(["b"]));
    assert_eq!(role_of(&state)["_policies"]["a"], inline());
    assert_eq!(code(run(&mut state, "DeleteRole", json!({"RoleName": "Delivery"}))), "DeleteConflict");
    for name in ["a", "b"] {
        run(&mut state, "DeleteRolePolicy", named(name)).expect("deleted");
    }
    assert_eq!(code(run(&mut state, "GetRolePolicy", named("a"))), "NoSuchEntity");
    assert_eq!(code(run(&mut state, "DeleteRole", json!({"RoleName": "Delivery"}))), "ok");
}

#[test]
fn a_deleted_role_leaves_its_id_in_policies() {
    let mut state = with_role();
    let (arn, id) = (role_of(&state)["Arn"].clone(), role_of(&state)["RoleId"].clone());
    let policy = json!({"Statement": [{"Principal": {"AWS": arn}}]}).to_string();
    state.table("444455556666", "eu-central-1", "kms_keys").insert("k".into(), json!({"Policy": policy}));
    run(&mut state, "DeleteRole", json!({"RoleName": "Delivery"})).expect("deleted");
    let kept = state.peek("444455556666", "eu-central-1", "kms_keys").expect("there")["k"]["Policy"].clone();
    assert!(kept.as_str().expect("a text").contains(id.as_str().expect("an id")), "{kept}");
}

#[test]
fn what_iam_refuses_is_refused_with_its_code() {
    let mut state = with_role();
    let create = |name: &str, trust: String| json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
    let put = |text: &str| json!({"RoleName": "Delivery", "PolicyName": "p", "PolicyDocument": text});
    let (young, unknown) =
        ("arn:aws:iam::111122223333:role/audit/Delivery", "arn:aws:iam::111122223333:role/None");
    let (trusted, sid) = (service(), inline().replace("\"Action\"", "\"Sid\":\"a-b\",\"Action\""));
    let many: Vec<Value> = (0..50).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect();
    let cases = [
        ("same name, other case", "CreateRole", create("DELIVERY", service()), "EntityAlreadyExists"),
        ("name", "CreateRole", create("a b", service()), "ValidationError"),
        ("long name", "CreateRole", create(&"a".repeat(65), service()), "ValidationError"),
        (
            "unknown principal",
            "CreateRole",
            create("r", trust(json!({"AWS": unknown}))),
            "MalformedPolicyDocument",
        ),
        (
            "young principal",
            "CreateRole",
            create("r", trust(json!({"AWS": young}))),
            "MalformedPolicyDocument",
        ),
        (
            "no sts",
            "CreateRole",
            create("r", trusted.replace("sts:AssumeRole", "s3:GetObject")),
            "MalformedPolicyDocument",
        ),
        (
            "long trust",
            "CreateRole",
            create("r", trusted.replace("2012-10-17", &"x".repeat(2048))),
            "LimitExceeded",
        ),
        ("snowman", "CreateRole", create("r", trusted.replace("2012-10-17", "\u{2603}")), "ValidationError"),
        (
            "session",
            "UpdateRole",
            json!({"RoleName": "Delivery", "MaxSessionDuration": "60"}),
            "ValidationError",
        ),
        ("no role", "GetRole", json!({"RoleName": "None"}), "NoSuchEntity"),
        ("principal in inline", "PutRolePolicy", put(&trusted), "MalformedPolicyDocument"),
        ("sid", "PutRolePolicy", put(&sid), "MalformedPolicyDocument"),
        ("no json", "PutRolePolicy", put("{"), "MalformedPolicyDocument"),
        (
            "two keys",
            "TagRole",
            json!({"RoleName": "Delivery", "Tags": [{"Key": "b", "Value": ""}, {"Key": "B", "Value": ""}]}),
            "InvalidInput",
        ),
        ("many tags", "TagRole", json!({"RoleName": "Delivery", "Tags": many}), "LimitExceeded"),
        ("marker", "ListRoles", json!({"Marker": "x"}), "ValidationError"),
    ];
    for (case, name, input, want) in cases {
        assert_eq!(code(run(&mut state, name, input)), want, "{case}");
    }
    let older = create("r", trust(json!({"AWS": young})));
    assert_eq!(code(at(&mut state, 5_000, "CreateRole", older)), "ok", "the principal has spread");
}

#[test]
fn tag_keys_of_roles_ignore_case() {
    let mut state = with_role();
    run(&mut state, "TagRole", json!({"RoleName": "Delivery", "Tags": [{"Key": "A", "Value": "2"}]}))
        .expect("tagged");
    let tags = run(&mut state, "ListRoleTags", json!({"RoleName": "Delivery"})).expect("listed");
    assert_eq!(tags["Tags"], json!([{"Key": "A", "Value": "2"}]));
    run(&mut state, "UntagRole", json!({"RoleName": "Delivery", "TagKeys": ["a"]})).expect("untagged");
    assert_eq!(role_of(&state)["_tags"], json!({}));
}
