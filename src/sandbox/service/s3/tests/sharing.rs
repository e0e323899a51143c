//! ACLs, replication, notifications, websites and access points as a client meets them.

use super::*;

#[test]
fn acls_are_taken_only_where_they_have_an_effect() {
    let mut state = with_bucket();
    assert_eq!(
        code(run(&mut state, "PutBucketAcl", json!({"ACL": "private"}))),
        "AccessControlListNotSupported"
    );
    let own = |ownership: &str| json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}});
    assert_eq!(code(run(&mut state, "PutBucketOwnershipControls", own("ObjectWriter"))), "ok");
    assert_eq!(code(run(&mut state, "PutBucketAcl", json!({"ACL": "public-read"}))), "AccessDenied");
    assert_eq!(code(run(&mut state, "DeletePublicAccessBlock", json!({}))), "ok");
    assert_eq!(code(run(&mut state, "PutBucketAcl", json!({"ACL": "public-read"}))), "ok");
    let grants = run(&mut state, "GetBucketAcl", json!({})).expect("read")["Grants"].clone();
    assert_eq!(grants.as_array().map(Vec::len), Some(2));
    let enforce = run(&mut state, "PutBucketOwnershipControls", own("BucketOwnerEnforced"));
    assert_eq!(code(enforce), "InvalidBucketAclWithObjectOwnership");
    assert_eq!(code(run(&mut state, "PutBucketAcl", json!({"ACL": "private"}))), "ok");
    assert_eq!(code(run(&mut state, "PutBucketOwnershipControls", own("BucketOwnerEnforced"))), "ok");
}

#[test]
fn replication_notifications_and_website_come_and_go() {
    let mut state = with_bucket();
    by(&ANNA, &mut state, 0, "CreateBucket", create("copies")).expect("a bucket");
    for (get, want) in [
        ("GetBucketReplication", "ReplicationConfigurationNotFoundError"),
        ("GetBucketWebsite", "NoSuchWebsiteConfiguration"),
        ("GetBucketNotificationConfiguration", "ok"),
    ] {
        assert_eq!(code(run(&mut state, get, json!({}))), want);
    }
    let replicate = |bucket: &str| {
        json!({"ReplicationConfiguration": {"Role": "arn:aws:iam::111122223333:role/copies",
            "Rules": [{"Status": "Enabled", "Destination": {"Bucket": format!("arn:aws:s3:::{bucket}")}}]}})
    };
    assert_eq!(code(run(&mut state, "PutBucketReplication", replicate("copies"))), "InvalidRequest");
    let on = json!({"VersioningConfiguration": {"Status": "Enabled"}});
    assert_eq!(code(run(&mut state, "PutBucketVersioning", on)), "ok");
    assert_eq!(code(run(&mut state, "PutBucketReplication", replicate("nowhere"))), "InvalidRequest");
    assert_eq!(code(run(&mut state, "PutBucketReplication", replicate("copies"))), "ok");
    let read = run(&mut state, "GetBucketReplication", json!({})).expect("read");
    assert!(read["ReplicationConfiguration"]["Rules"][0]["ID"].is_string(), "S3 gives a rule its id");

    let queue =
        json!({"QueueArn": "arn:aws:sqs:eu-central-1:111122223333:q", "Events": ["s3:ObjectCreated:*"]});
    let tell = json!({"NotificationConfiguration": {"QueueConfigurations": [queue]}});
    assert_eq!(code(run(&mut state, "PutBucketNotificationConfiguration", tell)), "ok");
    let read = run(&mut state, "GetBucketNotificationConfiguration", json!({})).expect("read");
    assert!(read["QueueConfigurations"][0]["Id"].is_string());
    let nobody = json!({"NotificationConfiguration": {}});
    assert_eq!(code(run(&mut state, "PutBucketNotificationConfiguration", nobody)), "ok");
    let read = run(&mut state, "GetBucketNotificationConfiguration", json!({})).expect("read");
    assert_eq!(read, json!({}));

    let site = json!({"WebsiteConfiguration": {"IndexDocument": {"Suffix": "index.html"}}});
    assert_eq!(
        code(run(&mut state, "PutBucketWebsite", json!({"WebsiteConfiguration": {}}))),
        "InvalidArgument"
    );
    assert_eq!(code(run(&mut state, "PutBucketWebsite", site)), "ok");
    for (delete, get) in
        [("DeleteBucketReplication", "GetBucketReplication"), ("DeleteBucketWebsite", "GetBucketWebsite")]
    {
        assert_eq!(code(run(&mut state, get, json!({}))), "ok");
        for _ in 0..2 {
            assert_eq!(code(run(&mut state, delete, json!({}))), "ok", "{delete}, also if there is none");
        }
        assert_ne!(code(run(&mut state, get, json!({}))), "ok");
    }
}

#[test]
fn access_points_lead_to_a_bucket_of_their_region() {
    let mut state = with_bucket();
    let point =
        |name: &str, bucket: &str| json!({"Name": name, "CreateAccessPointRequest": {"Bucket": bucket}});
    let cases = [
        ("no bucket", point("side-door", "nowhere"), "InvalidRequest"),
        ("a bad name", point("A", "audit-logs"), "InvalidRequest"),
        ("a good one", point("side-door", "audit-logs"), "ok"),
        ("twice", point("side-door", "audit-logs"), "AccessPointAlreadyOwnedByYou"),
        ("another", point("back-door", "audit-logs"), "ok"),
    ];
    for (case, input, want) in cases {
        assert_eq!(code(run(&mut state, "CreateAccessPoint", input)), want, "{case}");
    }
    let first = run(&mut state, "ListAccessPoints", json!({"MaxResults": 1})).expect("listed");
    let next = first["NextToken"].clone();
    let second =
        run(&mut state, "ListAccessPoints", json!({"MaxResults": 1, "NextToken": next})).expect("listed");
    assert_ne!(first["AccessPointList"], second["AccessPointList"]);
    assert!(second.get("NextToken").is_none());
    let none = run(&mut state, "ListAccessPoints", json!({"bucket": "other"})).expect("listed");
    assert_eq!(none["AccessPointList"], json!([]));
    assert_eq!(code(run(&mut state, "DeleteAccessPoint", json!({"Name": "side-door"}))), "ok");
    assert_eq!(code(run(&mut state, "DeleteAccessPoint", json!({"Name": "side-door"}))), "NoSuchAccessPoint");
}
