//! S3 as a client meets it.

mod objects;
mod sharing;

use super::*;
use crate::sandbox::state::State;
use jiff::Timestamp;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const ARN: &str = "arn:aws:s3:::audit-logs";

/// Who calls, and where.
struct Caller(&'static str, &'static str, &'static str);
const ANNA: Caller = Caller(ACCOUNT, REGION, "arn:aws:iam::111122223333:user/anna");
const ROOT: Caller = Caller(ACCOUNT, REGION, "arn:aws:iam::111122223333:root");
const VIRGINIA: Caller = Caller(ACCOUNT, "us-east-1", "arn:aws:iam::111122223333:user/anna");
const STRANGER: Caller = Caller("444455556666", REGION, "arn:aws:iam::444455556666:user/bob");

fn by(caller: &Caller, state: &mut State, millis: i64, name: &str, mut input: Value) -> Answer {
    let now = Timestamp::from_millisecond(1_800_000_000_000 + millis).expect("in range");
    if name != "ListBuckets" && input.get("Bucket").is_none() {
        input["Bucket"] = "audit-logs".into();
    }
    let Caller(account, region, principal) = caller;
    let mut call = Call { state, now, account, region, principal, input: &input };
    let operation = OPERATIONS.iter().find(|o| o.name == name).expect("an operation");
    (operation.handler)(&mut call)
}

/// Calls ten seconds after the bucket came to be, when it has spread.
fn run(state: &mut State, name: &str, input: Value) -> Answer {
    by(&ANNA, state, 10_000, name, input)
}

fn code(answer: Answer) -> String {
    answer.map_or_else(|fault| fault.code, |_| "ok".into())
}

fn create(name: &str) -> Value {
    json!({"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": REGION}})
}

fn with_bucket() -> State {
    let mut state = State::default();
    by(&ANNA, &mut state, 0, "CreateBucket", create("audit-logs")).expect("a bucket");
    state
}

fn policy(statement: Value) -> Value {
    let mut whole = json!({"Effect": "Allow", "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
        "Action": ["s3:GetBucketAcl"], "Resource": [ARN]});
    for (member, value) in statement.as_object().expect("an object") {
        whole[member] = value.clone();
    }
    json!({"Policy": json!({"Version": "2012-10-17", "Statement": [whole]}).to_string()})
}

#[test]
fn a_new_bucket_has_what_nobody_asked_for() {
    let mut state = with_bucket();
    assert_eq!(
        code(by(&ANNA, &mut state, 999, "GetBucketEncryption", json!({}))),
        "NoSuchBucket",
        "not spread"
    );
    assert_eq!(by(&ANNA, &mut state, 0, "HeadBucket", json!({})).expect("seen")["BucketRegion"], REGION);
    let rule =
        run(&mut state, "GetBucketEncryption", json!({})).expect("read")["ServerSideEncryptionConfiguration"]
            ["Rules"][0]
            .clone();
    assert_eq!(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    assert_eq!(rule["BlockedEncryptionTypes"]["EncryptionType"], json!(["SSE-C"]));
    let block = run(&mut state, "GetPublicAccessBlock", json!({})).expect("read");
    assert_eq!(block["PublicAccessBlockConfiguration"]["BlockPublicPolicy"], true);
    let owner = run(&mut state, "GetBucketOwnershipControls", json!({})).expect("read");
    assert_eq!(owner["OwnershipControls"]["Rules"][0]["ObjectOwnership"], "BucketOwnerEnforced");
    for empty in ["GetBucketVersioning", "GetBucketLogging"] {
        assert_eq!(run(&mut state, empty, json!({})).expect("read"), json!({}), "{empty}");
    }
    let missing = [
        ("GetBucketPolicy", "NoSuchBucketPolicy"),
        ("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"),
        ("GetBucketTagging", "NoSuchTagSet"),
        ("GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"),
    ];
    for (name, want) in missing {
        assert_eq!(code(run(&mut state, name, json!({}))), want, "{name}");
    }
}

#[test]
fn buckets_are_created_where_they_belong_and_once() {
    let mut state = with_bucket();
    let place = |name: &str, place: &str| json!({"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": place}});
    let cases = [
        ("again", &ANNA, create("audit-logs"), "BucketAlreadyOwnedByYou"),
        ("someone else's", &STRANGER, create("audit-logs"), "BucketAlreadyExists"),
        ("no place", &ANNA, json!({"Bucket": "other"}), "IllegalLocationConstraintException"),
        ("wrong place", &ANNA, place("other", "eu-west-1"), "IllegalLocationConstraintException"),
        ("no such place", &VIRGINIA, place("other", "us-east-1"), "InvalidLocationConstraint"),
        ("virginia", &VIRGINIA, json!({"Bucket": "other"}), "ok"),
        ("virginia again", &VIRGINIA, json!({"Bucket": "other"}), "ok"),
        ("name", &ANNA, create("Audit"), "InvalidBucketName"),
        (
            "acl",
            &VIRGINIA,
            json!({"Bucket": "another", "ACL": "public-read"}),
            "InvalidBucketAclWithObjectOwnership",
        ),
    ];
    for (case, caller, input, want) in cases {
        assert_eq!(code(by(caller, &mut state, 10_000, "CreateBucket", input)), want, "{case}");
    }
    let listed = run(&mut state, "ListBuckets", json!({"MaxBuckets": "1"})).expect("listed");
    assert_eq!(listed["Buckets"][0]["Name"], "audit-logs");
    let next = json!({"ContinuationToken": listed["ContinuationToken"], "MaxBuckets": 1});
    assert_eq!(run(&mut state, "ListBuckets", next).expect("listed")["Buckets"][0]["Name"], "other");
}

#[test]
fn a_bucket_answers_only_its_owner_in_its_region() {
    let mut state = with_bucket();
    let at = 10_000;
    assert_eq!(code(by(&STRANGER, &mut state, at, "GetBucketPolicy", json!({}))), "AccessDenied");
    assert_eq!(code(by(&STRANGER, &mut state, at, "HeadBucket", json!({}))), "Forbidden");
    assert_eq!(code(by(&VIRGINIA, &mut state, at, "GetBucketTagging", json!({}))), "PermanentRedirect");
    assert_eq!(
        code(run(&mut state, "GetBucketTagging", json!({"ExpectedBucketOwner": "444455556666"}))),
        "AccessDenied"
    );
    assert_eq!(code(run(&mut state, "HeadBucket", json!({"Bucket": "none"}))), "NotFound");
    let open_to_bob = policy(
        json!({"Principal": {"AWS": "444455556666"}, "Action": ["s3:GetBucketPolicy", "s3:GetBucketVersioning"]}),
    );
    run(&mut state, "PutBucketPolicy", open_to_bob).expect("put");
    assert_eq!(code(by(&STRANGER, &mut state, at, "GetBucketPolicy", json!({}))), "MethodNotAllowed");
    assert_eq!(code(by(&STRANGER, &mut state, at, "GetBucketVersioning", json!({}))), "ok");
}

#[test]
fn policies_are_checked_and_come_back_in_another_dress() {
    let mut state = with_bucket();
    let role = json!({"Principal": {"AWS": "arn:aws:iam::111122223333:role/None"}});
    let long = json!({"Sid": "a".repeat(20_480)});
    let cases = [
        ("no json", json!({"Policy": "{"}), "MalformedPolicy"),
        ("other bucket", policy(json!({"Resource": "arn:aws:s3:::audit-logs-2"})), "MalformedPolicy"),
        ("everything", policy(json!({"Resource": "*"})), "MalformedPolicy"),
        ("api name", policy(json!({"Action": "s3:PutBucketEncryption"})), "MalformedPolicy"),
        ("other service", policy(json!({"Action": "kms:Decrypt"})), "MalformedPolicy"),
        ("object action on bucket", policy(json!({"Action": "s3:PutObject"})), "MalformedPolicy"),
        ("bucket action on object", policy(json!({"Resource": format!("{ARN}/*")})), "MalformedPolicy"),
        ("unknown role", policy(role), "MalformedPolicy"),
        ("public", policy(json!({"Principal": "*"})), "AccessDenied"),
        ("too long", policy(long), "PolicyTooLarge"),
        (
            "locks the caller out",
            policy(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*"})),
            "AccessDenied",
        ),
        ("good", policy(json!({"Condition": {"Bool": {"aws:SecureTransport": true}}})), "ok"),
    ];
    for (case, input, want) in cases {
        assert_eq!(code(run(&mut state, "PutBucketPolicy", input)), want, "{case}");
    }
    let read = run(&mut state, "GetBucketPolicy", json!({})).expect("read")["Policy"].clone();
    let read: Value = serde_json::from_str(read.as_str().expect("a text")).expect("JSON");
    let statement = &read["Statement"][0];
    assert_eq!(statement["Action"], "s3:GetBucketAcl");
    assert_eq!(statement["Principal"]["Service"], "cloudtrail.amazonaws.com");
    assert_eq!(statement["Condition"]["Bool"]["aws:SecureTransport"], "true");
}

#[test]
fn denials_hold_for_the_owner_and_root_may_lift_them() {
    let mut state = with_bucket();
    let mut closed = policy(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*"}));
    closed["ConfirmRemoveSelfBucketAccess"] = true.into();
    run(&mut state, "PutBucketPolicy", closed).expect("put");
    assert_eq!(code(run(&mut state, "DeleteBucket", json!({}))), "AccessDenied");
    assert_eq!(code(run(&mut state, "DeleteBucketPolicy", json!({}))), "AccessDenied");
    assert_eq!(code(by(&ROOT, &mut state, 10_000, "DeleteBucketPolicy", json!({}))), "ok");
    let bucket = state.table(ACCOUNT, "global", "buckets").get_mut("audit-logs").expect("there");
    bucket["_versions"] = json!([
        {"Key": "a", "VersionId": "1", "IsLatest": false}, {"Key": "a", "VersionId": "2", "IsLatest": true, "_marker": true}]);
    assert_eq!(code(run(&mut state, "DeleteBucket", json!({}))), "BucketNotEmpty");
    let first = run(&mut state, "ListObjectVersions", json!({"MaxKeys": 1})).expect("listed");
    assert_eq!(first["DeleteMarkers"][0]["VersionId"], "2", "newest first");
    assert_eq!(first["DeleteMarkers"].as_array().map(Vec::len), Some(1));
    assert_eq!(first["IsTruncated"], true);
    let next = json!({"KeyMarker": first["NextKeyMarker"], "VersionIdMarker": first["NextVersionIdMarker"]});
    let last = run(&mut state, "ListObjectVersions", next).expect("listed");
    assert_eq!((&last["IsTruncated"], &last["Versions"][0]["VersionId"]), (&json!(false), &json!("1")));
    state.table(ACCOUNT, "global", "buckets").get_mut("audit-logs").expect("there")["_versions"] = json!([]);
    assert_eq!(code(run(&mut state, "DeleteBucket", json!({}))), "ok");
    assert_eq!(
        code(run(&mut state, "CreateBucket", create("audit-logs"))),
        "OperationAborted",
        "the name rests"
    );
}

#[test]
fn encryption_replaces_the_rule_with_its_block_list() {
    let mut state = with_bucket();
    let rules = |rule: Value| json!({"ServerSideEncryptionConfiguration": {"Rules": [rule]}});
    let by_default = |default: Value| {
        rules(json!({"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": "true"}))
    };
    let cases = [
        ("no rule", json!({"ServerSideEncryptionConfiguration": {"Rules": []}}), "MalformedXML"),
        ("algorithm", by_default(json!({"SSEAlgorithm": "DES"})), "MalformedXML"),
        (
            "key without kms",
            by_default(json!({"SSEAlgorithm": "AES256", "KMSMasterKeyID": "k"})),
            "InvalidArgument",
        ),
        ("bucket key with dsse", by_default(json!({"SSEAlgorithm": "aws:kms:dsse"})), "InvalidArgument"),
        (
            "block list",
            rules(
                json!({"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BlockedEncryptionTypes": {"EncryptionType": ["X"]}}),
            ),
            "MalformedXML",
        ),
        ("unknown key", by_default(json!({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:none"})), "ok"),
    ];
    for (case, input, want) in cases {
        assert_eq!(code(run(&mut state, "PutBucketEncryption", input)), want, "{case}");
    }
    let read =
        run(&mut state, "GetBucketEncryption", json!({})).expect("read")["ServerSideEncryptionConfiguration"]
            .clone();
    assert_eq!(
        (&read["Rules"][0]["BucketKeyEnabled"], read["Rules"][0].get("BlockedEncryptionTypes")),
        (&json!(true), None)
    );
    run(&mut state, "DeleteBucketEncryption", json!({})).expect("reset");
    assert_eq!(code(run(&mut state, "GetBucketEncryption", json!({}))), "ok");
}

#[test]
fn object_lock_needs_versioning_and_holds_it() {
    let mut state = with_bucket();
    let lock = |retention: Value| json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}});
    let status = |status: &str| json!({"VersioningConfiguration": {"Status": status}});
    let steps = [
        (
            "before versioning",
            "PutObjectLockConfiguration",
            lock(json!({"Mode": "GOVERNANCE", "Days": 1})),
            "InvalidBucketState",
        ),
        ("odd status", "PutBucketVersioning", status("On"), "IllegalVersioningConfigurationException"),
        (
            "mfa",
            "PutBucketVersioning",
            json!({"VersioningConfiguration": {"Status": "Enabled", "MFADelete": "Enabled"}}),
            "AccessDenied",
        ),
        ("versioning", "PutBucketVersioning", status("Enabled"), "ok"),
        (
            "days and years",
            "PutObjectLockConfiguration",
            lock(json!({"Mode": "COMPLIANCE", "Days": 1, "Years": 1})),
            "MalformedXML",
        ),
        (
            "no days",
            "PutObjectLockConfiguration",
            lock(json!({"Mode": "COMPLIANCE", "Days": 0})),
            "InvalidArgument",
        ),
        ("disable", "PutObjectLockConfiguration", json!({"ObjectLockConfiguration": {}}), "MalformedXML"),
        ("lock", "PutObjectLockConfiguration", lock(json!({"Mode": "COMPLIANCE", "Days": "30"})), "ok"),
        ("suspend", "PutBucketVersioning", status("Suspended"), "InvalidBucketState"),
        (
            "shorter default",
            "PutObjectLockConfiguration",
            lock(json!({"Mode": "GOVERNANCE", "Years": 1})),
            "ok",
        ),
    ];
    for (case, name, input, want) in steps {
        assert_eq!(code(run(&mut state, name, input)), want, "{case}");
    }
    let read = run(&mut state, "GetObjectLockConfiguration", json!({})).expect("read");
    assert_eq!(read["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Years"], 1);
}

#[test]
fn logging_goes_only_where_logs_would_arrive() {
    let mut state = with_bucket();
    for name in ["access-logs", "no-grant"] {
        by(&ANNA, &mut state, 0, "CreateBucket", create(name)).expect("a target");
    }
    by(&VIRGINIA, &mut state, 0, "CreateBucket", json!({"Bucket": "far-logs"})).expect("a target");
    let grant = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject",
        "Principal": {"Service": "logging.s3.amazonaws.com"}, "Resource": "arn:aws:s3:::access-logs/s3/*",
        "Condition": {"ArnLike": {"aws:SourceArn": ARN}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}}]});
    run(&mut state, "PutBucketPolicy", json!({"Bucket": "access-logs", "Policy": grant.to_string()}))
        .expect("put");
    let to = |target: &str, prefix: &str| json!({"BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix}}});
    let kms = json!({"Bucket": "access-logs", "ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}});
    let steps = [
        ("nowhere", "PutBucketLogging", to("none", "s3/"), "InvalidTargetBucketForLogging"),
        ("far", "PutBucketLogging", to("far-logs", "s3/"), "CrossLocationLoggingProhibited"),
        ("no grant", "PutBucketLogging", to("no-grant", "s3/"), "InvalidTargetBucketForLogging"),
        ("other prefix", "PutBucketLogging", to("access-logs", "x/"), "InvalidTargetBucketForLogging"),
        ("good", "PutBucketLogging", to("access-logs", "s3/"), "ok"),
        ("kms target", "PutBucketEncryption", kms, "ok"),
        ("kms", "PutBucketLogging", to("access-logs", "s3/"), "InvalidTargetBucketForLogging"),
    ];
    for (case, name, input, want) in steps {
        assert_eq!(code(run(&mut state, name, input)), want, "{case}");
    }
    assert_eq!(
        run(&mut state, "GetBucketLogging", json!({})).expect("read")["LoggingEnabled"]["TargetPrefix"],
        "s3/"
    );
    run(&mut state, "PutBucketLogging", json!({"BucketLoggingStatus": {}})).expect("off");
    assert_eq!(run(&mut state, "GetBucketLogging", json!({})).expect("read"), json!({}));
}

#[test]
fn tags_replace_each_other_and_settings_can_be_taken_off() {
    let mut state = with_bucket();
    let set = |list: Value| json!({"Tagging": {"TagSet": list}});
    let many: Vec<Value> = (0..51).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect();
    assert_eq!(code(run(&mut state, "PutBucketTagging", set(json!(many)))), "InvalidTag");
    run(&mut state, "PutBucketTagging", set(json!([{"Key": "a", "Value": "1"}]))).expect("put");
    run(&mut state, "PutBucketTagging", set(json!([{"Key": "b", "Value": "2"}]))).expect("put");
    assert_eq!(
        run(&mut state, "GetBucketTagging", json!({})).expect("read")["TagSet"],
        json!([{"Key": "b", "Value": "2"}])
    );
    let off = [
        ("DeleteBucketTagging", "GetBucketTagging", "NoSuchTagSet"),
        ("DeletePublicAccessBlock", "GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("DeleteBucketOwnershipControls", "GetBucketOwnershipControls", "OwnershipControlsNotFoundError"),
    ];
    for (delete, get, want) in off {
        run(&mut state, delete, json!({})).expect("taken off");
        assert_eq!(code(run(&mut state, get, json!({}))), want, "{get}");
    }
    let block = json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": "true"}});
    run(&mut state, "PutPublicAccessBlock", block).expect("put");
    let read =
        run(&mut state, "GetPublicAccessBlock", json!({})).expect("read")["PublicAccessBlockConfiguration"]
            .clone();
    assert_eq!((&read["BlockPublicAcls"], &read["IgnorePublicAcls"]), (&json!(true), &json!(false)));
    let two = json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}, {"ObjectOwnership": "ObjectWriter"}]}});
    assert_eq!(code(run(&mut state, "PutBucketOwnershipControls", two)), "MalformedXML");
    assert_eq!(
        code(run(&mut state, "PutBucketPolicy", policy(json!({"Principal": "*"})))),
        "ok",
        "nothing blocks it now"
    );
}

#[test]
fn lifecycle_rules_follow_the_schema_and_the_days() {
    let mut state = with_bucket();
    let put = |rules: Value| json!({"LifecycleConfiguration": {"Rules": rules}});
    let rule = |members: Value| {
        let mut whole = json!({"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}});
        for (member, value) in members.as_object().expect("an object") {
            whole[member] = value.clone();
        }
        whole
    };
    let expire = json!({"Expiration": {"Days": 400}});
    let to = |class: &str, days: i64| json!({"StorageClass": class, "Days": days});
    let tag = json!({"Tag": {"Key": "a", "Value": "b"}});
    let cases = [
        ("expiry", json!([rule(expire.clone())]), "ok"),
        ("none", json!([]), "MalformedXML"),
        ("twice the id", json!([rule(expire.clone()), rule(expire.clone())]), "InvalidArgument"),
        (
            "long id",
            json!([rule(json!({"ID": "a".repeat(256), "Expiration": {"Days": 1}}))]),
            "InvalidArgument",
        ),
        ("status", json!([rule(json!({"Status": "On", "Expiration": {"Days": 1}}))]), "MalformedXML"),
        ("no action", json!([rule(json!({}))]), "InvalidRequest"),
        ("no days", json!([rule(json!({"Expiration": {"Days": 0}}))]), "InvalidArgument"),
        (
            "two expiries",
            json!([rule(json!({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": true}}))]),
            "MalformedXML",
        ),
        ("noon", json!([rule(json!({"Expiration": {"Date": "2030-01-01T12:00:00Z"}}))]), "InvalidArgument"),
        (
            "two filters",
            json!([rule(json!({"Filter": {"Prefix": "a", "Tag": {}}, "Expiration": {"Days": 1}}))]),
            "MalformedXML",
        ),
        (
            "and of one",
            json!([rule(json!({"Filter": {"And": {"Prefix": "a"}}, "Expiration": {"Days": 1}}))]),
            "MalformedXML",
        ),
        (
            "filter and prefix",
            json!([rule(json!({"Prefix": "a", "Expiration": {"Days": 1}}))]),
            "MalformedXML",
        ),
        (
            "abort with tag",
            json!([rule(
                json!({"Filter": tag, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}})
            )]),
            "InvalidRequest",
        ),
        (
            "abort",
            json!([rule(json!({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "7"}}))]),
            "ok",
        ),
        ("class", json!([rule(json!({"Transitions": [to("FROZEN", 30)]}))]), "MalformedXML"),
        ("too soon", json!([rule(json!({"Transitions": [to("STANDARD_IA", 29)]}))]), "InvalidArgument"),
        (
            "archive too soon",
            json!([rule(json!({"Transitions": [to("GLACIER_IR", 10), to("DEEP_ARCHIVE", 99)]}))]),
            "InvalidArgument",
        ),
        (
            "archive in time",
            json!([rule(json!({"Transitions": [to("DEEP_ARCHIVE", 100), to("GLACIER_IR", 10)]}))]),
            "ok",
        ),
        (
            "expiry before transition",
            json!([rule(json!({"Transitions": [to("GLACIER", 90)], "Expiration": {"Days": 90}}))]),
            "InvalidArgument",
        ),
        (
            "noncurrent",
            json!([rule(
                json!({"NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 100}})
            )]),
            "ok",
        ),
        (
            "too many kept",
            json!([rule(
                json!({"NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 101}})
            )]),
            "InvalidArgument",
        ),
        (
            "noncurrent too soon",
            json!([rule(
                json!({"NoncurrentVersionTransitions": [{"StorageClass": "ONEZONE_IA", "NoncurrentDays": 1}]})
            )]),
            "InvalidArgument",
        ),
        ("not a rule", json!(["x"]), "MalformedXML"),
    ];
    for (case, rules, want) in cases {
        assert_eq!(code(run(&mut state, "PutBucketLifecycleConfiguration", put(rules))), want, "{case}");
    }
    let two = put(json!([{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": "3"}}, rule(expire)]));
    run(&mut state, "PutBucketLifecycleConfiguration", two).expect("put");
    let read = run(&mut state, "GetBucketLifecycleConfiguration", json!({})).expect("read");
    assert_eq!((&read["Rules"][0]["ID"], &read["Rules"][1]["Expiration"]["Days"]), (&json!("r"), &json!(3)));
    assert_eq!(read["TransitionDefaultMinimumObjectSize"], "all_storage_classes_128K");
    assert_eq!(read["Rules"][1]["ID"].as_str().map(str::len), Some(36), "S3 invents an id");
    run(&mut state, "DeleteBucketLifecycle", json!({})).expect("deleted");
}
