"""S3: buckets and what hangs on them."""

import json

from . import ACCOUNT, OTHER, policy, s3_objects, tags

A, B, LOGS, ELSEWHERE = "witness-a", "witness-b", "witness-logs", "witness-elsewhere"


def run(d):
    buckets(d)
    bucket_policy(d)
    encryption(d)
    access(d)
    tagging(d)
    versioning(d)
    sharing(d)
    access_points(d)
    lifecycle(d)
    logging(d)
    regions_and_owners(d)
    deletion(d)
    s3_objects.run(d)


def buckets(d):
    d.refused("InvalidBucketName", "s3", "CreateBucket", Bucket="Wrong_Name")
    d.refused("InvalidLocationConstraint", "s3", "CreateBucket", Bucket="witness-refused-1",
              CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    d.refused("IllegalLocationConstraintException", "s3", "CreateBucket", Bucket="witness-refused-2",
              CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    d.refused("InvalidBucketAclWithObjectOwnership", "s3", "CreateBucket", Bucket="witness-refused-3", ACL="public-read",
              ObjectOwnership="BucketOwnerEnforced")
    d.refused("NoSuchBucket", "s3", "GetBucketPolicy", Bucket="witness-nowhere")
    d.refused("404", "s3", "HeadBucket", Bucket="witness-nowhere")
    d.ok("s3", "CreateBucket", Bucket=A)
    d.ok("s3", "CreateBucket", "again, in us-east-1", Bucket=A)
    d.ok("s3", "CreateBucket", "with Object Lock", Bucket=B, ObjectLockEnabledForBucket=True)
    d.ok("s3", "CreateBucket", Bucket=LOGS)
    d.ok("s3", "CreateBucket", "in eu-west-1", region="eu-west-1", Bucket=ELSEWHERE,
         CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    d.refused("BucketAlreadyOwnedByYou", "s3", "CreateBucket", region="eu-west-1", Bucket=ELSEWHERE,
              CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    d.refused("BucketAlreadyExists", "s3", "CreateBucket", key=OTHER, Bucket=A)
    d.ok("s3", "HeadBucket", Bucket=A)
    d.ok("s3", "ListBuckets")
    d.ok("s3", "ListBuckets", "with a prefix", Prefix="witness-lo")
    d.refused("InvalidArgument", "s3", "ListBuckets", "a page of none", MaxBuckets=0)
    d.refused("InvalidArgument", "s3", "ListBuckets", "another's token", ContinuationToken="nonsense")
    d.pages("s3", "ListBuckets", "Buckets", 1, 4)
    d.ok("s3", "ListObjectVersions", "an empty bucket", Bucket=A)
    d.refused("InvalidArgument", "s3", "ListObjectVersions", "half a marker", Bucket=A, VersionIdMarker="v")


def bucket_policy(d):
    deny = {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{A}", f"arn:aws:s3:::{A}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    put = lambda code, case, text: d.refused(code, "s3", "PutBucketPolicy", case, Bucket=A, Policy=text)
    d.refused("NoSuchBucketPolicy", "s3", "GetBucketPolicy", Bucket=A)
    put("MalformedPolicy", "no JSON", "nonsense")
    put("MalformedPolicy", "no statement", json.dumps({"Version": "2012-10-17"}))
    put("MalformedPolicy", "another bucket's resource", policy({**deny, "Resource": "arn:aws:s3:::other/*"}))
    put("MalformedPolicy", "no such action", policy({**deny, "Action": "s3:PutBucketEncryption"}))
    put("MalformedPolicy", "no such role",
        policy({**deny, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody"}}))
    put("PolicyTooLarge", "over 20 KB", policy({**deny, "Sid": "a" * 21_000}))
    put("AccessDenied", "public, and blocked", policy({**deny, "Effect": "Allow", "Action": "s3:GetObject",
                                                     "Resource": f"arn:aws:s3:::{A}/*", "Condition": {}}))
    put("AccessDenied", "locks the caller out", policy({**deny, "Condition": {}}))
    d.ok("s3", "PutBucketPolicy", Bucket=A, Policy=policy(deny))
    d.ok("s3", "GetBucketPolicy", Bucket=A)
    d.ok("s3", "DeleteBucketPolicy", Bucket=A)
    d.ok("s3", "DeleteBucketPolicy", "again", Bucket=A)
    d.refused("NoSuchBucketPolicy", "s3", "GetBucketPolicy", "deleted", Bucket=A)


def encryption(d):
    def rule(algorithm, key=None, **more):
        default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
        return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, **more}]}

    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"
    put = lambda code, case, rules: d.refused(
        code, "s3", "PutBucketEncryption", case, Bucket=A, ServerSideEncryptionConfiguration=rules)
    d.ok("s3", "GetBucketEncryption", "of a new bucket", Bucket=A)
    put("MalformedXML", "no rule", {"Rules": []})
    put("MalformedXML", "no such algorithm", rule("rot13"))
    put("InvalidArgument", "a key for SSE-S3", rule("AES256", key))
    put("InvalidArgument", "bucket keys for DSSE", rule("aws:kms:dsse", key, BucketKeyEnabled=True))
    d.ok("s3", "PutBucketEncryption", Bucket=A,
         ServerSideEncryptionConfiguration=rule("aws:kms", key, BucketKeyEnabled=True))
    d.ok("s3", "GetBucketEncryption", Bucket=A)
    d.ok("s3", "DeleteBucketEncryption", Bucket=A)
    d.ok("s3", "GetBucketEncryption", "deleted", Bucket=A)


def access(d):
    d.ok("s3", "GetPublicAccessBlock", "of a new bucket", Bucket=A)
    d.refused("MalformedXML", "s3", "PutPublicAccessBlock", Bucket=A)
    d.ok("s3", "PutPublicAccessBlock", Bucket=A, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False})
    d.ok("s3", "GetPublicAccessBlock", Bucket=A)
    d.ok("s3", "DeletePublicAccessBlock", Bucket=A)
    d.refused("NoSuchPublicAccessBlockConfiguration", "s3", "GetPublicAccessBlock", Bucket=A)
    d.ok("s3", "GetBucketOwnershipControls", "of a new bucket", Bucket=A)
    d.refused("MalformedXML", "s3", "PutBucketOwnershipControls", Bucket=A,
              OwnershipControls={"Rules": [{"ObjectOwnership": "Nobody"}]})
    d.ok("s3", "PutBucketOwnershipControls", Bucket=A,
         OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    d.ok("s3", "GetBucketOwnershipControls", Bucket=A)
    d.ok("s3", "DeleteBucketOwnershipControls", Bucket=A)
    d.refused("OwnershipControlsNotFoundError", "s3", "GetBucketOwnershipControls", Bucket=A)


def tagging(d):
    d.refused("NoSuchTagSet", "s3", "GetBucketTagging", Bucket=A)
    d.refused("InvalidTag", "s3", "PutBucketTagging", "reserved", Bucket=A,
              Tagging={"TagSet": [{"Key": "aws:mine", "Value": "x"}]})
    d.refused("InvalidTag", "s3", "PutBucketTagging", "twice the same key", Bucket=A,
              Tagging={"TagSet": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]})
    d.ok("s3", "PutBucketTagging", Bucket=A, Tagging={"TagSet": [{"Key": "a b:c/d", "Value": "x"}, *tags(3)]})
    d.ok("s3", "GetBucketTagging", Bucket=A)
    d.ok("s3", "DeleteBucketTagging", Bucket=A)
    d.refused("NoSuchTagSet", "s3", "GetBucketTagging", "deleted", Bucket=A)


def versioning(d):
    put = lambda code, case, **what: d.refused(
        code, "s3", "PutBucketVersioning", case, Bucket=A, VersioningConfiguration=what)
    lock = lambda code, case, bucket=A, **what: d.refused(
        code, "s3", "PutObjectLockConfiguration", case, Bucket=bucket, ObjectLockConfiguration=what)
    retain = lambda **period: {"DefaultRetention": {"Mode": "GOVERNANCE", **period}}
    d.ok("s3", "GetBucketVersioning", "never set", Bucket=A)
    put("IllegalVersioningConfigurationException", "", Status="Paused")
    put("AccessDenied", "MFA delete without a device", Status="Enabled", MFADelete="Enabled")
    d.refused("ObjectLockConfigurationNotFoundError", "s3", "GetObjectLockConfiguration", Bucket=A)
    lock("InvalidBucketState", "without versioning", ObjectLockEnabled="Enabled")
    d.ok("s3", "PutBucketVersioning", Bucket=A, VersioningConfiguration={"Status": "Enabled"})
    d.ok("s3", "GetBucketVersioning", Bucket=A)
    lock("MalformedXML", "not enabled", B, ObjectLockEnabled="No")
    lock("MalformedXML", "days and years", B, ObjectLockEnabled="Enabled", Rule=retain(Days=1, Years=1))
    lock("InvalidArgument", "too long", B, ObjectLockEnabled="Enabled", Rule=retain(Days=40_000))
    d.ok("s3", "GetObjectLockConfiguration", "made with the bucket", Bucket=B)
    d.ok("s3", "PutObjectLockConfiguration", Bucket=B,
         ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retain(Days=7)})
    d.ok("s3", "GetObjectLockConfiguration", Bucket=B)
    d.refused("InvalidBucketState", "s3", "PutBucketVersioning", "suspended under Object Lock", Bucket=B,
              VersioningConfiguration={"Status": "Suspended"})


def sharing(d):
    everybody = "http://acs.amazonaws.com/groups/global/AllUsers"
    d.ok("s3", "GetBucketAcl", "of a new bucket", Bucket=A)
    d.refused("AccessControlListNotSupported", "s3", "PutBucketAcl", Bucket=LOGS, ACL="private")
    d.refused("InvalidArgument", "s3", "PutBucketAcl", "no such canned ACL", Bucket=A, ACL="nobody-at-all")
    d.ok("s3", "PutBucketAcl", Bucket=A, ACL="public-read")
    granted = d.ok("s3", "GetBucketAcl", Bucket=A)
    uris = [grant["Grantee"].get("URI") for grant in granted.get("Grants", [])]
    d.expect("the grants of a public bucket", everybody in uris, True)
    enforce = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    d.refused("InvalidBucketAclWithObjectOwnership", "s3", "PutBucketOwnershipControls", Bucket=A,
              OwnershipControls=enforce)
    d.ok("s3", "PutBucketAcl", "private", Bucket=A, ACL="private")
    rule = {"ID": "copies", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": f"arn:aws:s3:::{B}"}}
    role = f"arn:aws:iam::{ACCOUNT}:role/copies"
    put = lambda code, case, bucket=A, rules=(rule,): d.refused(
        code, "s3", "PutBucketReplication", case, Bucket=bucket,
        ReplicationConfiguration={"Role": role, "Rules": list(rules)})
    d.refused("ReplicationConfigurationNotFoundError", "s3", "GetBucketReplication", Bucket=A)
    put("InvalidRequest", "without versioning", LOGS)
    put("InvalidRequest", "to no bucket", rules=[{**rule, "Destination": {"Bucket": "arn:aws:s3:::witness-nowhere"}}])
    d.ok("s3", "PutBucketReplication", Bucket=A, ReplicationConfiguration={"Role": role, "Rules": [rule]})
    d.ok("s3", "GetBucketReplication", Bucket=A)
    d.ok("s3", "DeleteBucketReplication", Bucket=A)
    d.ok("s3", "GetBucketNotificationConfiguration", "none", Bucket=A)
    d.refused("InvalidArgument", "s3", "PutBucketNotificationConfiguration", Bucket=A, NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": "no-arn", "Events": ["s3:ObjectCreated:*"]}]})
    d.ok("s3", "PutBucketNotificationConfiguration", Bucket=A, NotificationConfiguration={
        "EventBridgeConfiguration": {}})
    d.ok("s3", "GetBucketNotificationConfiguration", Bucket=A)
    d.ok("s3", "PutBucketNotificationConfiguration", "off", Bucket=A, NotificationConfiguration={})
    d.refused("NoSuchWebsiteConfiguration", "s3", "GetBucketWebsite", Bucket=A)
    d.ok("s3", "PutBucketWebsite", Bucket=A, WebsiteConfiguration={
        "IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}})
    d.ok("s3", "GetBucketWebsite", Bucket=A)
    d.ok("s3", "DeleteBucketWebsite", Bucket=A)


def access_points(d):
    create = lambda code, case, **more: d.refused(
        code, "s3", "CreateAccessPoint", case, **{"AccountId": ACCOUNT, "Name": "refused", "Bucket": A, **more})
    create("InvalidRequest", "no such bucket", Bucket="witness-nowhere")
    for name in ("side-door", "back-door"):
        d.ok("s3", "CreateAccessPoint", AccountId=ACCOUNT, Name=name, Bucket=A)
    create("AccessPointAlreadyOwnedByYou", "", Name="side-door")
    d.ok("s3", "ListAccessPoints", AccountId=ACCOUNT)
    # boto3 has no paginator for it.
    first = d.ok("s3", "ListAccessPoints", "the first page", AccountId=ACCOUNT, MaxResults=1)
    d.expect("access points on the first page", len(first.get("AccessPointList", [])), 1)
    second = d.ok("s3", "ListAccessPoints", "the second page", AccountId=ACCOUNT, MaxResults=1,
                  NextToken=first.get("NextToken", "none"))
    d.expect("a page after the second", second.get("NextToken"), None)
    for name in ("side-door", "back-door"):
        d.ok("s3", "DeleteAccessPoint", AccountId=ACCOUNT, Name=name)
    d.refused("NoSuchAccessPoint", "s3", "DeleteAccessPoint", AccountId=ACCOUNT, Name="side-door")


def lifecycle(d):
    def put(code, case, *rules, **more):
        d.refused(code, "s3", "PutBucketLifecycleConfiguration", case, Bucket=A,
                  LifecycleConfiguration={"Rules": [{"ID": case, "Status": "Enabled", "Filter": {"Prefix": ""}, **rule}
                                                    for rule in rules]}, **more)

    days = lambda n: {"Expiration": {"Days": n}}
    d.refused("NoSuchLifecycleConfiguration", "s3", "GetBucketLifecycleConfiguration", Bucket=A)
    put("MalformedXML", "no rule")
    put("MalformedXML", "no such status", {**days(1), "Status": "Perhaps"})
    put("MalformedXML", "no such class", {"Transitions": [{"Days": 1, "StorageClass": "ATTIC"}]})
    put("InvalidRequest", "no action", {})
    put("InvalidRequest", "uploads by tag", {"Filter": {"Tag": {"Key": "k", "Value": "v"}},
                                            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}})
    put("InvalidArgument", "no day", days(0))
    put("InvalidArgument", "too soon for IA", {"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]})
    put("InvalidArgument", "expires before it moves",
        {"Transitions": [{"Days": 90, "StorageClass": "GLACIER"}], **days(60)})
    put("InvalidArgument", "one id twice", days(1), days(2))
    put("InvalidArgument", "no such size", days(1), TransitionDefaultMinimumObjectSize="tiny")
    d.ok("s3", "PutBucketLifecycleConfiguration", Bucket=A, LifecycleConfiguration={"Rules": [
        {"ID": "keep", "Status": "Enabled", "Filter": {"Prefix": "logs/"},
         "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}], "Expiration": {"Days": 400},
         "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        {"ID": "tagged", "Status": "Disabled", "Expiration": {"Days": 10},
         "Filter": {"And": {"Prefix": "x", "Tags": tags(2), "ObjectSizeGreaterThan": 10}}}]})
    d.ok("s3", "GetBucketLifecycleConfiguration", Bucket=A)
    d.ok("s3", "DeleteBucketLifecycle", Bucket=A)
    d.refused("NoSuchLifecycleConfiguration", "s3", "GetBucketLifecycleConfiguration", "deleted", Bucket=A)


def logging(d):
    put = lambda code, case, **what: d.refused(
        code, "s3", "PutBucketLogging", case, Bucket=A, BucketLoggingStatus={"LoggingEnabled": what})
    d.ok("s3", "GetBucketLogging", "never set", Bucket=A)
    put("InvalidTargetBucketForLogging", "no such target", TargetBucket="witness-nowhere", TargetPrefix="a/")
    put("InvalidTargetBucketForLogging", "not admitted", TargetBucket=LOGS, TargetPrefix="a/")
    put("CrossLocationLoggingProhibited", "", TargetBucket=ELSEWHERE, TargetPrefix="a/")
    d.ok("s3", "PutBucketPolicy", "admits logging", Bucket=LOGS, Policy=policy(
        {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
         "Resource": f"arn:aws:s3:::{LOGS}/*", "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}))
    put("AccessControlListNotSupported", "grants", TargetBucket=LOGS, TargetPrefix="a/", TargetGrants=[
        {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}, "Permission": "READ"}])
    d.ok("s3", "PutBucketLogging", Bucket=A,
         BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": LOGS, "TargetPrefix": "a/"}})
    d.ok("s3", "GetBucketLogging", Bucket=A)
    d.ok("s3", "PutBucketLogging", "off", Bucket=A, BucketLoggingStatus={})
    d.ok("s3", "GetBucketLogging", "off", Bucket=A)


def regions_and_owners(d):
    d.ok("s3", "HeadBucket", "from another Region, redirected", Bucket=ELSEWHERE)
    d.ok("s3", "GetBucketVersioning", "from another Region, redirected", Bucket=ELSEWHERE)
    d.refused("403", "s3", "HeadBucket", key=OTHER, Bucket=A)
    d.refused("AccessDenied", "s3", "GetBucketTagging", "another account's", key=OTHER, Bucket=A)
    d.refused("AccessDenied", "s3", "GetBucketVersioning", "not the expected owner", Bucket=A,
              ExpectedBucketOwner=OTHER)
    d.ok("s3", "PutBucketPolicy", "shares", Bucket=A, Policy=policy(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "s3:*",
         "Resource": [f"arn:aws:s3:::{A}", f"arn:aws:s3:::{A}/*"]}))
    d.ok("s3", "GetBucketVersioning", "shared", key=OTHER, Bucket=A)
    d.refused("MethodNotAllowed", "s3", "GetBucketPolicy", key=OTHER, Bucket=A)


def deletion(d):
    d.refused("NoSuchBucket", "s3", "DeleteBucket", Bucket="witness-nowhere")
    d.ok("s3", "DeleteBucket", Bucket=B)
    d.refused("404", "s3", "HeadBucket", "deleted", Bucket=B)
    d.ok("s3", "DeleteBucket", "in eu-west-1", region="eu-west-1", Bucket=ELSEWHERE)
