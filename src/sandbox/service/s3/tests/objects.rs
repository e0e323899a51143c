//! Objects: conditions, versions, retention, encryption, lists.

use super::*;
use aws_smithy_types::base64;

/// CRC32 of `x`, in base64.
const CRC_OF_X: &str = "jNwWgw==";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1";

/// Puts an object with `x` in it, besides what `more` says.
fn put(state: &mut State, key: &str, more: Value) -> Answer {
    put_at(state, 10_000, key, more)
}

fn put_at(state: &mut State, millis: i64, key: &str, more: Value) -> Answer {
    let mut input = json!({"Key": key, "Body": base64::encode("x"), "ChecksumCRC32": CRC_OF_X});
    for (member, value) in more.as_object().expect("an object") {
        input[member] = value.clone();
    }
    by(&ANNA, state, millis, "PutObject", input)
}

fn body(answer: &Value) -> String {
    let text = answer["Body"].as_str().expect("a body");
    String::from_utf8(base64::decode(text).expect("base64")).expect("text")
}

fn versioned() -> State {
    let mut state = with_bucket();
    run(&mut state, "PutBucketVersioning", json!({"VersioningConfiguration": {"Status": "Enabled"}}))
        .expect("put");
    state
}

fn locked(mode: &str) -> State {
    let mut state = versioned();
    let rule = json!({"DefaultRetention": {"Mode": mode, "Days": 7}});
    let lock = json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": rule}});
    run(&mut state, "PutObjectLockConfiguration", lock).expect("put");
    state
}

#[test]
fn a_write_under_a_condition_happens_only_if_it_holds() {
    for mut state in [with_bucket(), versioned()] {
        assert_eq!(code(put(&mut state, "lock", json!({"IfMatch": "\"x\""}))), "NoSuchKey");
        let first = put(&mut state, "lock", json!({"IfNoneMatch": "*"})).expect("there is none");
        assert_eq!(first["ETag"], "\"9dd4e461268c8034f5c8564e155c67a6\"", "the MD5 of x");
        let cases = [
            ("there is one", json!({"IfNoneMatch": "*"}), "PreconditionFailed"),
            ("another", json!({"IfMatch": "\"0dd4e461268c8034f5c8564e155c67a6\""}), "PreconditionFailed"),
            ("a list", json!({"IfNoneMatch": first["ETag"]}), "NotImplemented"),
            ("both", json!({"IfMatch": first["ETag"], "IfNoneMatch": "*"}), "NotImplemented"),
            (
                "the same",
                json!({"IfMatch": first["ETag"], "Body": base64::encode("y"), "ChecksumCRC32": null}),
                "ok",
            ),
            ("no longer the same", json!({"IfMatch": first["ETag"]}), "PreconditionFailed"),
        ];
        for (case, more, want) in cases {
            assert_eq!(code(put(&mut state, "lock", more)), want, "{case}");
        }
        let read = run(&mut state, "GetObject", json!({"Key": "lock"})).expect("there");
        assert_eq!((body(&read).as_str(), &read["ContentLength"]), ("y", &json!(1)));
        run(&mut state, "DeleteObject", json!({"Key": "lock"})).expect("deleted");
        assert_eq!(code(put(&mut state, "lock", json!({"IfMatch": read["ETag"]}))), "NoSuchKey");
        assert_eq!(code(put(&mut state, "lock", json!({"IfNoneMatch": "*"}))), "ok", "a marker is no object");
    }
}

#[test]
fn versions_stay_and_markers_hide_them() {
    let mut state = versioned();
    let first = put(&mut state, "a", json!({"Metadata": {"who": "anna"}})).expect("put");
    let again = json!({"Body": base64::encode("y"), "ChecksumCRC32": null});
    let second = put(&mut state, "a", again).expect("put");
    assert_ne!(first["VersionId"], second["VersionId"]);
    let old = json!({"Key": "a", "VersionId": first["VersionId"]});
    let read = run(&mut state, "GetObject", old.clone()).expect("kept");
    assert_eq!((body(&read).as_str(), &read["Metadata"]["who"]), ("x", &json!("anna")));
    let marker = run(&mut state, "DeleteObject", json!({"Key": "a"})).expect("hidden");
    assert_eq!(marker["DeleteMarker"], true);
    let hidden = run(&mut state, "GetObject", json!({"Key": "a"})).expect_err("hidden");
    assert_eq!((hidden.status, hidden.code.as_str()), (404, "NoSuchKey"));
    assert!(hidden.headers.contains(&("x-amz-delete-marker".into(), "true".into())));
    let as_version = json!({"Key": "a", "VersionId": marker["VersionId"]});
    assert_eq!(code(run(&mut state, "GetObject", as_version.clone())), "MethodNotAllowed");
    let listed = run(&mut state, "ListObjectVersions", json!({})).expect("listed");
    assert_eq!(listed["Versions"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["Versions"][0]["VersionId"], second["VersionId"], "newest first");
    assert!(listed["Versions"][0].get("_text").is_none(), "bodies are not listed");
    assert_eq!(run(&mut state, "DeleteObject", as_version).expect("uncovered")["DeleteMarker"], true);
    assert_eq!(body(&run(&mut state, "GetObject", json!({"Key": "a"})).expect("back")), "y");
    run(&mut state, "DeleteObject", old.clone()).expect("gone for good");
    assert_eq!(code(run(&mut state, "GetObject", old)), "NoSuchVersion");
    assert_eq!(code(run(&mut state, "GetObject", json!({"Key": "a", "VersionId": "1"}))), "InvalidArgument");
    let head = run(&mut state, "HeadObject", json!({"Key": "b"})).expect_err("none");
    assert_eq!((head.status, head.code.as_str()), (404, "NotFound"));
}

#[test]
fn without_versioning_there_is_one_version_and_nobody_tells_it() {
    let mut state = with_bucket();
    put(&mut state, "a", json!({})).expect("put");
    assert!(put(&mut state, "a", json!({})).expect("put").get("VersionId").is_none());
    let listed = run(&mut state, "ListObjectVersions", json!({})).expect("listed");
    assert_eq!(listed["Versions"].as_array().map(Vec::len), Some(1));
    let read = run(&mut state, "GetObject", json!({"Key": "a"})).expect("read");
    assert!(read.get("VersionId").is_none());
    assert_eq!(read["LastModified"], 1_800_000_010);
    let not_modified = json!({"Key": "a", "IfNoneMatch": read["ETag"]});
    assert_eq!(run(&mut state, "GetObject", not_modified).expect_err("the same").status, 304);
    assert_eq!(code(run(&mut state, "GetObject", json!({"Key": "a", "IfMatch": "x"}))), "PreconditionFailed");
    run(&mut state, "DeleteObject", json!({"Key": "a"})).expect("deleted");
    run(&mut state, "DeleteObject", json!({"Key": "a"})).expect("it is no error if there is none");
    assert_eq!(code(run(&mut state, "DeleteBucket", json!({}))), "ok", "nothing is left");
}

#[test]
fn locked_versions_stay_until_their_time_is_over() {
    for (mode, bypass) in [("GOVERNANCE", "ok"), ("COMPLIANCE", "AccessDenied")] {
        let mut state = locked(mode);
        let version = put(&mut state, "record", json!({})).expect("put")["VersionId"].clone();
        let read = run(&mut state, "GetObject", json!({"Key": "record"})).expect("read");
        assert_eq!(read["ObjectLockMode"], mode);
        assert_eq!(read["ObjectLockRetainUntilDate"], "2027-01-22T08:00:10Z");
        let one = json!({"Key": "record", "VersionId": version});
        assert_eq!(code(run(&mut state, "DeleteObject", one.clone())), "AccessDenied", "{mode}");
        let mut forced = one.clone();
        forced["BypassGovernanceRetention"] = true.into();
        let mut copy = state.clone();
        assert_eq!(code(run(&mut copy, "DeleteObject", forced)), bypass, "{mode}");
        assert_eq!(code(run(&mut state, "DeleteObject", json!({"Key": "record"}))), "ok", "{mode}: a marker");
        let later = 10_000 + 7 * 86_400_000;
        assert_eq!(code(by(&ANNA, &mut state, later, "DeleteObject", one)), "ok", "{mode}: over");
    }
}

#[test]
fn retention_can_be_asked_for_and_wants_a_checksum() {
    let mut state = locked("GOVERNANCE");
    let none = json!({"ChecksumCRC32": null});
    assert_eq!(code(put(&mut state, "a", none)), "InvalidRequest", "no checksum");
    let with = json!({"ChecksumCRC32": null, "ContentMD5": "ndTkYSaMgDT1yFZOFVxnpg=="});
    assert_eq!(code(put(&mut state, "a", with)), "ok", "an MD5 will do");
    let until = |mode: &str, date: &str| json!({"ObjectLockMode": mode, "ObjectLockRetainUntilDate": date});
    let cases = [
        ("asked for", until("COMPLIANCE", "2030-01-01T00:00:00Z"), "ok"),
        ("no date", json!({"ObjectLockMode": "COMPLIANCE"}), "InvalidArgument"),
        ("past", until("COMPLIANCE", "2020-01-01T00:00:00Z"), "InvalidArgument"),
        ("no mode", until("FOREVER", "2030-01-01T00:00:00Z"), "InvalidArgument"),
        ("hold", json!({"ObjectLockLegalHoldStatus": "PERHAPS"}), "InvalidArgument"),
    ];
    for (case, more, want) in cases {
        assert_eq!(code(put(&mut state, "b", more)), want, "{case}");
    }
    let held = put(&mut state, "c", json!({"ObjectLockLegalHoldStatus": "ON"})).expect("put");
    let one = json!({"Key": "c", "VersionId": held["VersionId"], "BypassGovernanceRetention": true});
    assert_eq!(code(run(&mut state, "DeleteObject", one)), "AccessDenied", "a hold has no way round");
    let unlocked = put(&mut with_bucket(), "a", until("COMPLIANCE", "2030-01-01T00:00:00Z"));
    assert_eq!(code(unlocked), "InvalidRequest", "a bucket without Object Lock");
}

#[test]
fn what_a_call_says_of_its_body_has_to_be_true() {
    let mut state = with_bucket();
    let cases = [
        ("none", json!({"ChecksumCRC32": null}), "ok"),
        ("crc", json!({"ChecksumCRC32": "AAAAAA=="}), "BadDigest"),
        ("no crc", json!({"ChecksumCRC32": "AAAA"}), "InvalidRequest"),
        ("two", json!({"ChecksumSHA256": "x"}), "InvalidRequest"),
        ("promised", json!({"ChecksumCRC32": null, "ChecksumAlgorithm": "CRC32"}), "InvalidRequest"),
        ("md5", json!({"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}), "BadDigest"),
        ("no md5", json!({"ContentMD5": "AAAA"}), "InvalidDigest"),
    ];
    for (case, more, want) in cases {
        assert_eq!(code(put(&mut state, "a", more)), want, "{case}");
    }
    put(&mut state, "a", json!({})).expect("put");
    let read = run(&mut state, "HeadObject", json!({"Key": "a", "ChecksumMode": "ENABLED"})).expect("read");
    assert_eq!((&read["ChecksumCRC32"], &read["ChecksumType"]), (&json!(CRC_OF_X), &json!("FULL_OBJECT")));
    let read = run(&mut state, "HeadObject", json!({"Key": "a"})).expect("read");
    assert!(read.get("ChecksumCRC32").is_none(), "only who asks is told");
}

/// A bucket encrypted with a key that lets its account in.
fn with_key(policy: &Value) -> State {
    let mut state = with_bucket();
    let record = json!({"Arn": KEY, "KeyId": "1", "KeyState": "Enabled", "Policy": policy.to_string()});
    state.table(ACCOUNT, REGION, "kms_keys").insert("1".into(), record);
    let rule = json!({"BucketKeyEnabled": true,
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}});
    let rules = json!({"ServerSideEncryptionConfiguration": {"Rules": [rule]}});
    run(&mut state, "PutBucketEncryption", rules).expect("put");
    state
}

fn key_policy(condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Condition": condition}})
}

#[test]
fn the_buckets_key_encrypts_and_has_to_let_the_caller() {
    let mut state = with_key(&key_policy(&json!({})));
    let first = put(&mut state, "a", json!({})).expect("put");
    assert_eq!((&first["ServerSideEncryption"], &first["SSEKMSKeyId"]), (&json!("aws:kms"), &json!(KEY)));
    assert_eq!(first["BucketKeyEnabled"], true);
    let second = put(&mut state, "a", json!({})).expect("put");
    assert_ne!(first["ETag"], second["ETag"], "no MD5, though the body is the same");
    let plain = put(&mut state, "plain", json!({"ServerSideEncryption": "AES256"})).expect("put");
    assert!(plain.get("SSEKMSKeyId").is_none());
    let own = put(&mut state, "own", json!({"ServerSideEncryption": "aws:kms"})).expect("AWS's own key");
    assert_ne!(own["SSEKMSKeyId"], KEY);
    run(&mut state, "GetObject", json!({"Key": "own"})).expect("readable");
    let cases = [
        ("no algorithm", json!({"SSEKMSKeyId": KEY}), "InvalidArgument"),
        ("no such algorithm", json!({"ServerSideEncryption": "rot13"}), "InvalidArgument"),
        (
            "no such key",
            json!({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "2"}),
            "KMS.NotFoundException",
        ),
    ];
    for (case, more, want) in cases {
        assert_eq!(code(put(&mut state, "a", more)), want, "{case}");
    }
    for (key_state, want) in [
        ("Disabled", "KMS.DisabledException"),
        ("PendingDeletion", "KMS.KMSInvalidStateException"),
        ("Enabled", "ok"),
    ] {
        state.table(ACCOUNT, REGION, "kms_keys").get_mut("1").expect("the key")["KeyState"] =
            key_state.into();
        assert_eq!(code(put(&mut state, "a", json!({}))), want, "put, {key_state}");
        assert_eq!(code(run(&mut state, "GetObject", json!({"Key": "a"}))), want, "get, {key_state}");
        assert_eq!(code(run(&mut state, "GetObject", json!({"Key": "plain"}))), "ok", "{key_state}");
    }
    let contexts = [
        ("bucket", json!({"StringEquals": {"kms:EncryptionContext:aws:s3:arn": ARN}}), "ok"),
        ("service", json!({"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}), "ok"),
        (
            "another service",
            json!({"StringEquals": {"kms:ViaService": "sns.eu-central-1.amazonaws.com"}}),
            "AccessDenied",
        ),
    ];
    for (case, condition, want) in contexts {
        assert_eq!(code(put(&mut with_key(&key_policy(&condition)), "a", json!({}))), want, "{case}");
    }
}

#[test]
fn policies_and_owners_are_heard() {
    let deny = |action: &str, condition: &Value| {
        policy(
            json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": [ARN, format!("{ARN}/*")],
            "Condition": condition}),
        )
    };
    let unconditional = json!({"Null": {"s3:if-none-match": "true"}});
    let plain = json!({"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}});
    let cases = [
        ("put", deny("s3:PutObject", &json!({})), json!({}), "AccessDenied"),
        ("without a condition", deny("s3:PutObject", &unconditional), json!({}), "AccessDenied"),
        ("with one", deny("s3:PutObject", &unconditional), json!({"IfNoneMatch": "*"}), "ok"),
        ("plain", deny("s3:PutObject", &plain), json!({"ServerSideEncryption": "AES256"}), "AccessDenied"),
        ("default", deny("s3:PutObject", &plain), json!({}), "ok"),
        (
            "other owner",
            deny("s3:DeleteObject", &json!({})),
            json!({"ExpectedBucketOwner": "444455556666"}),
            "AccessDenied",
        ),
        (
            "acl",
            deny("s3:DeleteObject", &json!({})),
            json!({"ACL": "private"}),
            "AccessControlListNotSupported",
        ),
        (
            "owner's acl",
            deny("s3:DeleteObject", &json!({})),
            json!({"ACL": "bucket-owner-full-control"}),
            "ok",
        ),
        ("class", deny("s3:DeleteObject", &json!({})), json!({"StorageClass": "GLACIER"}), "NotImplemented"),
    ];
    for (case, policy, more, want) in cases {
        let mut state = with_bucket();
        run(&mut state, "PutBucketPolicy", policy).expect(case);
        assert_eq!(code(put(&mut state, "a", more)), want, "{case}");
    }
    let mut state = with_bucket();
    put(&mut state, "a", json!({})).expect("put");
    run(&mut state, "PutBucketPolicy", deny("s3:ListBucket", &json!({}))).expect("put");
    assert_eq!(code(run(&mut state, "GetObject", json!({"Key": "a"}))), "ok");
    assert_eq!(code(run(&mut state, "GetObject", json!({"Key": "b"}))), "AccessDenied", "may not list");
    assert_eq!(code(run(&mut state, "ListObjectsV2", json!({}))), "AccessDenied");
    run(&mut state, "PutBucketPolicy", deny("s3:GetObject", &json!({}))).expect("put");
    assert_eq!(run(&mut state, "HeadObject", json!({"Key": "a"})).expect_err("denied").code, "Forbidden");
    assert_eq!(code(by(&STRANGER, &mut state, 10_000, "GetObject", json!({"Key": "a"}))), "AccessDenied");
    assert_eq!(code(put(&mut state, &"k".repeat(1025), json!({}))), "KeyTooLongError");
    assert_eq!(code(put_at(&mut with_bucket(), 999, "a", json!({}))), "NoSuchBucket", "not spread");
}

fn keys(answer: &Value) -> Vec<&str> {
    let list = answer["Contents"].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|one| one["Key"].as_str()).collect()
}

#[test]
fn lists_go_by_bytes_page_by_page() {
    let mut state = versioned();
    for key in ["b/2", "a", "b/1", "Z", "b", "é", "c d"] {
        put(&mut state, key, json!({})).expect("put");
    }
    put(&mut state, "gone", json!({})).expect("put");
    run(&mut state, "DeleteObject", json!({"Key": "gone"})).expect("hidden");
    let all = run(&mut state, "ListObjectsV2", json!({})).expect("listed");
    assert_eq!(keys(&all), ["Z", "a", "b", "b/1", "b/2", "c d", "é"]);
    assert_eq!((&all["KeyCount"], &all["IsTruncated"]), (&json!(7), &json!(false)));
    assert!(all["Contents"][0].get("VersionId").is_none());
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let input = json!({"MaxKeys": 2, "Prefix": "", "ContinuationToken": token});
        let page = run(&mut state, "ListObjectsV2", input).expect("listed");
        seen.extend(keys(&page).iter().map(|key| (*key).to_owned()));
        token = page["NextContinuationToken"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, keys(&all));
    let cases = [
        ("prefix", json!({"Prefix": "b/"}), vec!["b/1", "b/2"], json!(null)),
        ("behind", json!({"StartAfter": "b/1"}), vec!["b/2", "c d", "é"], json!(null)),
        ("folders", json!({"Delimiter": "/"}), vec!["Z", "a", "b", "c d", "é"], json!([{"Prefix": "b/"}])),
        ("encoded", json!({"Prefix": "c", "EncodingType": "url"}), vec!["c%20d"], json!(null)),
        ("none", json!({"MaxKeys": 0}), vec![], json!(null)),
    ];
    for (case, input, want, folders) in cases {
        let got = run(&mut state, "ListObjectsV2", input).expect(case);
        assert_eq!((keys(&got), &got["CommonPrefixes"]), (want, &folders), "{case}");
        assert_eq!(got["IsTruncated"], false, "{case}");
    }
    for (case, input) in [("size", json!({"MaxKeys": -1})), ("token", json!({"ContinuationToken": "?"}))] {
        assert_eq!(code(run(&mut state, "ListObjectsV2", input)), "InvalidArgument", "{case}");
    }
}
