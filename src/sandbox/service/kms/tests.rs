//! KMS as a client meets it.

use super::*;
use jiff::Timestamp;
use serde_json::json;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";

fn at(state: &mut State, millis: i64, name: &str, input: Value) -> Answer {
    let now = Timestamp::from_millisecond(1_800_000_000_000 + millis).expect("in range");
    let principal = "arn:aws:iam::111122223333:user/anna";
    let mut call = Call { state, now, account: ACCOUNT, region: REGION, principal, input: &input };
    let operation = OPERATIONS.iter().find(|o| o.name == name).expect("an operation");
    (operation.handler)(&mut call)
}

fn run(state: &mut State, name: &str, input: Value) -> Answer {
    at(state, 0, name, input)
}

fn code(answer: Answer) -> String {
    answer.map_or_else(|fault| fault.code, |_| "ok".into())
}

fn with_key() -> (State, String) {
    let mut state = State::default();
    let made =
        run(&mut state, "CreateKey", json!({"Tags": [{"TagKey": "a", "TagValue": "1"}]})).expect("a key");
    let id = made["KeyMetadata"]["KeyId"].as_str().expect("an id").to_owned();
    (state, id)
}

fn policy(principal: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"}]})
    .to_string()
}

#[test]
fn a_key_is_found_by_id_arn_and_alias() {
    let (mut state, id) = with_key();
    let arn = format!("arn:aws:kms:eu-central-1:111122223333:key/{id}");
    run(&mut state, "CreateAlias", json!({"AliasName": "alias/audit", "TargetKeyId": arn}))
        .expect("an alias");
    for name in
        [id.as_str(), arn.as_str(), "alias/audit", "arn:aws:kms:eu-central-1:111122223333:alias/audit"]
    {
        assert_eq!(find(&state, ACCOUNT, REGION, name).map(|(arn, _)| arn), Some(arn.as_str()), "{name}");
        let described = run(&mut state, "DescribeKey", json!({"KeyId": name})).expect("described");
        assert_eq!(described["KeyMetadata"]["Arn"], arn.as_str(), "{name}");
        assert!(described["KeyMetadata"].get("Policy").is_none());
    }
    assert!(find(&state, ACCOUNT, "us-east-1", "alias/audit").is_none());
    let listed = run(&mut state, "ListAliases", json!({"KeyId": id})).expect("listed");
    assert_eq!(listed["Aliases"][0]["TargetKeyId"], id.as_str());
    assert_eq!(
        code(run(&mut state, "EnableKeyRotation", json!({"KeyId": "alias/audit"}))),
        "NotFoundException"
    );
}

#[test]
fn what_kms_refuses_is_refused_with_its_code() {
    let (mut state, id) = with_key();
    let other = "12345678-1234-1234-1234-123456789012";
    let cases = [
        ("unknown", "DescribeKey", json!({"KeyId": other}), "NotFoundException"),
        ("no id", "DescribeKey", json!({"KeyId": "x"}), "NotFoundException"),
        (
            "other account",
            "DescribeKey",
            json!({"KeyId": "arn:aws:kms:eu-central-1:444455556666:key/x"}),
            "AccessDeniedException",
        ),
        (
            "short period",
            "EnableKeyRotation",
            json!({"KeyId": id, "RotationPeriodInDays": 89}),
            "ValidationException",
        ),
        (
            "long period",
            "EnableKeyRotation",
            json!({"KeyId": id, "RotationPeriodInDays": 2561}),
            "ValidationException",
        ),
        (
            "short wait",
            "ScheduleKeyDeletion",
            json!({"KeyId": id, "PendingWindowInDays": 6}),
            "ValidationException",
        ),
        ("not pending", "CancelKeyDeletion", json!({"KeyId": id}), "KMSInvalidStateException"),
        (
            "reserved tag",
            "TagResource",
            json!({"KeyId": id, "Tags": [{"TagKey": "aws:x", "TagValue": ""}]}),
            "TagException",
        ),
        (
            "reserved alias",
            "CreateAlias",
            json!({"AliasName": "alias/aws/x", "TargetKeyId": id}),
            "NotAuthorizedException",
        ),
        (
            "no alias name",
            "CreateAlias",
            json!({"AliasName": "audit", "TargetKeyId": id}),
            "ValidationException",
        ),
        (
            "alias of nothing",
            "CreateAlias",
            json!({"AliasName": "alias/x", "TargetKeyId": other}),
            "NotFoundException",
        ),
        ("no such alias", "DeleteAlias", json!({"AliasName": "alias/x"}), "NotFoundException"),
        ("not json", "PutKeyPolicy", json!({"KeyId": id, "Policy": "{"}), "MalformedPolicyDocumentException"),
        (
            "too long",
            "PutKeyPolicy",
            json!({"KeyId": id, "Policy": " ".repeat(32_769)}),
            "LimitExceededException",
        ),
        ("policy name", "GetKeyPolicy", json!({"KeyId": id, "PolicyName": "AWS_RAM"}), "NotFoundException"),
        ("page size", "ListAliases", json!({"Limit": 101}), "ValidationException"),
        ("marker", "ListKeys", json!({"Marker": "x"}), "InvalidMarkerException"),
    ];
    for (case, name, input, want) in cases {
        assert_eq!(code(run(&mut state, name, input)), want, "{case}");
    }
}

#[test]
fn a_policy_may_name_only_who_is_there_and_not_lock_the_caller_out() {
    let (mut state, id) = with_key();
    let role = "arn:aws:iam::111122223333:role/Reader";
    let put = |state: &mut State, millis: i64, policy: &str, bypass: bool| {
        let input = json!({"KeyId": id, "Policy": policy, "BypassPolicyLockoutSafetyCheck": bypass});
        code(at(state, millis, "PutKeyPolicy", input))
    };
    let readers = policy(json!({"AWS": role}));
    assert_eq!(put(&mut state, 0, &readers, false), "MalformedPolicyDocumentException", "no such role");
    state.table(ACCOUNT, "global", "roles").insert(
        "Reader".into(),
        json!({"Arn": role, "RoleId": "AROA1", "_created_at": 1_800_000_000_000_i64}),
    );
    assert_eq!(put(&mut state, 4_999, &readers, false), "MalformedPolicyDocumentException", "young role");
    assert_eq!(put(&mut state, 5_000, &readers, false), "ok");
    let closed = readers.replace("arn:aws:iam::111122223333:root", role);
    assert_eq!(put(&mut state, 5_000, &closed, false), "MalformedPolicyDocumentException", "lockout");
    assert_eq!(put(&mut state, 5_000, &policy(json!({"AWS": "111122223333"})), false), "ok");
    let read = run(&mut state, "GetKeyPolicy", json!({"KeyId": id})).expect("read")["Policy"].clone();
    let read = read.as_str().expect("a text");
    assert!(!read.contains("\"111122223333\"") && read.contains('\n'), "{read}");
    assert_eq!(put(&mut state, 5_000, &closed, true), "ok", "bypassed");
    assert_eq!(
        code(run(&mut state, "GetKeyPolicy", json!({"KeyId": id}))),
        "AccessDeniedException",
        "locked out"
    );
}

#[test]
fn states_follow_deletion_and_disabling() {
    let (mut state, id) = with_key();
    let key = json!({"KeyId": id});
    let steps = [
        ("DisableKey", "ok"),
        ("EnableKeyRotation", "DisabledException"),
        ("EnableKey", "ok"),
        ("EnableKeyRotation", "ok"),
        ("ScheduleKeyDeletion", "ok"),
        ("EnableKey", "KMSInvalidStateException"),
        ("DescribeKey", "ok"),
        ("GetKeyPolicy", "ok"),
        ("ListResourceTags", "ok"),
        ("CancelKeyDeletion", "ok"),
        ("EnableKeyRotation", "DisabledException"),
        ("ScheduleKeyDeletion", "ok"),
    ];
    for (step, (name, want)) in steps.into_iter().enumerate() {
        assert_eq!(code(run(&mut state, name, key.clone())), want, "step {step}: {name}");
    }
    let rotation = run(&mut state, "GetKeyRotationStatus", key.clone()).expect("read");
    assert_eq!(rotation["KeyRotationEnabled"], false);
    let later = 31 * 86_400_000;
    assert_eq!(
        code(at(&mut state, later, "DescribeKey", key)),
        "NotFoundException",
        "the waiting period is over"
    );
    assert_eq!(at(&mut state, later, "ListKeys", json!({})).expect("listed")["Keys"], json!([]));
}

#[test]
fn tags_and_pages() {
    let (mut state, id) = with_key();
    let input = json!({"KeyId": id, "Tags": [{"TagKey": "b", "TagValue": ""}]});
    at(&mut state, 7, "TagResource", input).expect("tagged");
    let first = run(&mut state, "ListResourceTags", json!({"KeyId": id, "Limit": 1})).expect("listed");
    assert_eq!(
        (&first["Tags"], &first["Truncated"]),
        (&json!([{"TagKey": "a", "TagValue": "1"}]), &json!(true))
    );
    let next = json!({"KeyId": id, "Limit": 1, "Marker": first["NextMarker"]});
    assert_eq!(run(&mut state, "ListResourceTags", next).expect("listed")["Tags"][0]["TagKey"], "b");
    run(&mut state, "UntagResource", json!({"KeyId": id, "TagKeys": ["a"]})).expect("untagged");
    let (_, record) = find(&state, ACCOUNT, REGION, &id).expect("there");
    assert_eq!((&record["_tags"], &record["_tags_before"]), (&json!({"b": ""}), &json!({"a": "1", "b": ""})));
}

#[test]
fn grants_are_listed_until_they_are_revoked() {
    let (mut state, id) = with_key();
    let root = "arn:aws:iam::111122223333:root";
    let create = json!({"KeyId": id, "GranteePrincipal": root, "Operations": ["Decrypt"], "Name": "x"});
    let made = run(&mut state, "CreateGrant", create).expect("a grant");
    let grant = made["GrantId"].as_str().expect("an id").to_owned();
    assert_eq!(grant.len(), 64);
    let listed = run(&mut state, "ListGrants", json!({"KeyId": id})).expect("listed");
    assert_eq!(listed["Grants"][0]["GranteePrincipal"], root);
    assert_eq!((&listed["Grants"][0]["GrantId"], &listed["Truncated"]), (&json!(grant), &json!(false)));
    let revoke = json!({"KeyId": id, "GrantId": grant});
    assert_eq!(code(run(&mut state, "RevokeGrant", revoke.clone())), "ok");
    assert_eq!(code(run(&mut state, "RevokeGrant", revoke.clone())), "InvalidGrantIdException");
    assert_eq!(code(run(&mut state, "RetireGrant", revoke)), "InvalidGrantIdException");
    let listed = run(&mut state, "ListGrants", json!({"KeyId": id})).expect("listed");
    assert_eq!(listed["Grants"], json!([]));
}

#[test]
fn grants_outside_the_rules_are_refused() {
    let (mut state, id) = with_key();
    let root = "arn:aws:iam::111122223333:root";
    let nobody = "arn:aws:iam::111122223333:role/nobody";
    let cases = [
        (
            "a service",
            json!({"GranteePrincipal": "s3.amazonaws.com", "Operations": ["Decrypt"]}),
            "InvalidArnException",
        ),
        ("nobody", json!({"GranteePrincipal": nobody, "Operations": ["Decrypt"]}), "InvalidArnException"),
        ("nothing to do", json!({"GranteePrincipal": root, "Operations": []}), "ValidationException"),
        ("not on this key", json!({"GranteePrincipal": root, "Operations": ["Sign"]}), "ValidationException"),
    ];
    for (case, mut input, want) in cases {
        input["KeyId"] = id.as_str().into();
        assert_eq!(code(run(&mut state, "CreateGrant", input)), want, "{case}");
    }
    run(&mut state, "DisableKey", json!({"KeyId": id})).expect("disabled");
    let input = json!({"KeyId": id, "GranteePrincipal": root, "Operations": ["Decrypt"]});
    assert_eq!(code(run(&mut state, "CreateGrant", input)), "DisabledException");
}
