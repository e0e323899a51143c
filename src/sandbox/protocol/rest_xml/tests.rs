use super::*;
use serde_json::json;

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { method: method.into(), headers, body: body.into(), ..Request::default() }.with_uri(uri)
}

#[test]
fn requests_are_told_apart() {
    let cases = [
        ("GET", "https://s3.amazonaws.com/?x-id=ListBuckets&max-buckets=2", "ListBuckets"),
        ("HEAD", "https://b.s3.amazonaws.com/", "HeadBucket"),
        ("PUT", "https://s3.amazonaws.com/b", "CreateBucket"),
        ("PUT", "https://b.s3.amazonaws.com/?policy", "PutBucketPolicy"),
        ("DELETE", "https://b.s3.amazonaws.com/?policy", "DeleteBucketPolicy"),
        ("GET", "https://b.s3.amazonaws.com/?encryption", "GetBucketEncryption"),
        ("GET", "https://b.s3.amazonaws.com/?publicAccessBlock", "GetPublicAccessBlock"),
        ("GET", "https://b.s3.amazonaws.com/?object-lock", "GetObjectLockConfiguration"),
        ("DELETE", "https://b.s3.amazonaws.com/?lifecycle", "DeleteBucketLifecycle"),
        ("GET", "https://b.s3.amazonaws.com/?versions&prefix=a", "ListObjectVersions"),
        ("PUT", "https://b.s3.amazonaws.com/k?x-id=PutObject", "PutObject"),
        ("GET", "https://b.s3.amazonaws.com/?cors", "GET bucket cors"),
        ("GET", "https://b.s3.amazonaws.com/", "GET bucket"),
        ("PUT", "https://b.s3.amazonaws.com/k?tagging", "PUT object tagging"),
    ];
    for (method, uri, want) in cases {
        assert_eq!(
            decode(&request(method, uri, &[], "")).expect("no body").operation,
            want,
            "{method} {uri}"
        );
    }
}

#[test]
fn headers_and_parameters_become_members() {
    let headers = [
        ("x-amz-bucket-object-lock-enabled", "true"),
        ("x-amz-object-ownership", "BucketOwnerEnforced"),
        ("x-amz-expected-bucket-owner", "111122223333"),
    ];
    let got = decode(&request("PUT", "https://b.s3.amazonaws.com/", &headers, "")).expect("no body");
    let want = json!({
        "Bucket": "b", "ObjectLockEnabledForBucket": true, "ObjectOwnership": "BucketOwnerEnforced",
        "ExpectedBucketOwner": "111122223333",
    });
    assert_eq!(got.input, want);
    let got =
        decode(&request("GET", "https://b.s3.amazonaws.com/?versions&max-keys=1&key-marker=a%2Fb", &[], ""));
    assert_eq!(got.expect("no body").input, json!({"Bucket": "b", "MaxKeys": 1, "KeyMarker": "a/b"}));
}

/// Sub-resource, XML as clients send it, and the content of the member.
fn bodies() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "encryption",
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><KMSMasterKeyID>arn:k</KMSMasterKeyID><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
            json!({"Rules": [{
                "ApplyServerSideEncryptionByDefault": {"KMSMasterKeyID": "arn:k", "SSEAlgorithm": "aws:kms"},
                "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}, "BucketKeyEnabled": true,
            }]}),
        ),
        (
            "lifecycle",
            "<LifecycleConfiguration><Rule><Expiration><Days>365</Days></Expiration><Filter><And><Prefix>p/</Prefix><Tag><Key>a</Key><Value>true</Value></Tag></And></Filter><ID>x</ID><NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration><Status>Enabled</Status><Transition><Days>90</Days><StorageClass>GLACIER_IR</StorageClass></Transition><Transition><Days>200</Days><StorageClass>DEEP_ARCHIVE</StorageClass></Transition></Rule><Rule><Filter></Filter><ID>7</ID><Status>Disabled</Status></Rule></LifecycleConfiguration>",
            json!({"Rules": [
                {
                    "ID": "x", "Status": "Enabled", "Expiration": {"Days": 365},
                    "Filter": {"And": {"Prefix": "p/", "Tags": [{"Key": "a", "Value": "true"}]}},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                    "Transitions": [
                        {"Days": 90, "StorageClass": "GLACIER_IR"}, {"Days": 200, "StorageClass": "DEEP_ARCHIVE"},
                    ],
                },
                {"ID": "7", "Status": "Disabled", "Filter": {}},
            ]}),
        ),
        (
            "tagging",
            "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value></Value></Tag></TagSet></Tagging>",
            json!({"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]}),
        ),
        (
            "publicAccessBlock",
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><BlockPublicPolicy>false</BlockPublicPolicy></PublicAccessBlockConfiguration>",
            json!({"BlockPublicAcls": true, "BlockPublicPolicy": false}),
        ),
        (
            "ownershipControls",
            "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>",
            json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
        ),
        (
            "versioning",
            "<VersioningConfiguration><MfaDelete>Disabled</MfaDelete><Status>Enabled</Status></VersioningConfiguration>",
            json!({"MFADelete": "Disabled", "Status": "Enabled"}),
        ),
        (
            "object-lock",
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Days>30</Days><Mode>GOVERNANCE</Mode></DefaultRetention></Rule></ObjectLockConfiguration>",
            json!({
                "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}},
            }),
        ),
        (
            "logging",
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>t</TargetBucket><TargetObjectKeyFormat><SimplePrefix></SimplePrefix></TargetObjectKeyFormat><TargetPrefix>a/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>",
            json!({"LoggingEnabled": {
                "TargetBucket": "t", "TargetPrefix": "a/", "TargetObjectKeyFormat": {"SimplePrefix": {}},
            }}),
        ),
        (
            "acl",
            r#"<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>o</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"#,
            json!({"Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "o"}, "Permission": "READ"}]}),
        ),
        (
            "replication",
            "<ReplicationConfiguration><Role>r</Role><Rule><Destination><Bucket>b</Bucket></Destination><ID>i</ID></Rule></ReplicationConfiguration>",
            json!({"Role": "r", "Rules": [{"ID": "i", "Destination": {"Bucket": "b"}}]}),
        ),
        (
            "notification",
            "<NotificationConfiguration><EventBridgeConfiguration></EventBridgeConfiguration><CloudFunctionConfiguration><Event>e</Event><Id>l</Id><CloudFunction>f</CloudFunction></CloudFunctionConfiguration><QueueConfiguration><Event>e</Event><Event>f</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>a/</Value></FilterRule></S3Key></Filter><Id>q</Id><Queue>a</Queue></QueueConfiguration></NotificationConfiguration>",
            json!({
                "EventBridgeConfiguration": {},
                "LambdaFunctionConfigurations": [{"Id": "l", "LambdaFunctionArn": "f", "Events": ["e"]}],
                "QueueConfigurations": [{"Id": "q", "QueueArn": "a", "Events": ["e", "f"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a/"}]}}}],
            }),
        ),
        (
            "website",
            "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules><RoutingRule><Redirect><HostName>h</HostName></Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>",
            json!({"IndexDocument": {"Suffix": "i"}, "RoutingRules": [{"Redirect": {"HostName": "h"}}]}),
        ),
    ]
}

#[test]
fn bodies_are_read_and_written_alike() {
    for (sub, xml, want) in bodies() {
        let uri = format!("https://b.s3.amazonaws.com/?{sub}");
        let put = decode(&request("PUT", &uri, &[], xml)).expect("good XML");
        let row = table::ROWS.iter().find(|row| row.operation == put.operation).expect("a row");
        assert_eq!(put.input[row.body], want, "{sub}, read");
        let get = decode(&request("GET", &uri, &[], "")).expect("no body").operation;
        let output = match table::ROWS.iter().find(|row| row.operation == get).expect("a row").answer {
            Answer::Payload(member) => json!({member: want}),
            _ => want,
        };
        let body = String::from_utf8(encode(&get, &output).body).expect("text");
        let (_, body) = body.split_once("?>").expect("a declaration");
        assert_eq!(body.replace(&format!(r#" xmlns="{NAMESPACE}""#), ""), xml, "{sub}, written");
    }
}

#[test]
fn policies_are_text_and_broken_xml_is_refused() {
    let put = decode(&request("PUT", "https://b.s3.amazonaws.com/?policy", &[], "{\"a\":1}")).expect("text");
    assert_eq!(put.input["Policy"], "{\"a\":1}");
    assert_eq!(encode("GetBucketPolicy", &json!({"Policy": "{}"})).body, b"{}");
    let fault =
        decode(&request("PUT", "https://b.s3.amazonaws.com/?tagging", &[], "<Tagging>")).expect_err("open");
    assert_eq!(fault.code, "MalformedXML");
}

#[test]
fn some_members_are_headers_and_heads_have_no_body() {
    let output = json!({"Rules": [], "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"});
    let reply = encode("GetBucketLifecycleConfiguration", &output);
    let header = ("x-amz-transition-default-minimum-object-size".into(), "varies_by_storage_class".into());
    assert!(reply.headers.contains(&header));
    assert!(!String::from_utf8_lossy(&reply.body).contains("varies"));
    let versions = json!({"Versions": [{"Key": "k", "VersionId": "v"}], "IsTruncated": false});
    let body = String::from_utf8(encode("ListObjectVersions", &versions).body).expect("text");
    assert!(body.contains("<Version><Key>k</Key><VersionId>v</VersionId></Version>"), "{body}");
    let fault = Fault::with(404, "NoSuchBucket", "none");
    let head = request("HEAD", "https://b.s3.amazonaws.com/", &[], "");
    assert_eq!(refuse(&head, &fault, "id").body, b"");
    let get = request("GET", "https://b.s3.amazonaws.com/?policy", &[], "");
    assert!(String::from_utf8_lossy(&refuse(&get, &fault, "id").body).contains("<BucketName>b</BucketName>"));
}
