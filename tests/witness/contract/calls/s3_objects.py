"""S3: objects, which the tool's lock and ledger are."""

from . import ACCOUNT, OTHER, policy

A, LOCKED = "witness-objects", "witness-locked-objects"
UNTIL = "2099-01-01T00:00:00Z"


def run(d):
    d.ok("s3", "CreateBucket", "for objects", Bucket=A)
    d.ok("s3", "CreateBucket", "for objects under Object Lock", Bucket=LOCKED, ObjectLockEnabledForBucket=True)
    plain(d)
    conditions(d)
    digests(d)
    versions(d)
    lists(d)
    retention(d)
    keys(d)
    access(d)


def plain(d):
    put = lambda code, case, **what: d.refused(code, "s3", "PutObject", case, **{
        "Bucket": A, "Key": "plain", "Body": b"x", **what})
    d.refused("NoSuchBucket", "s3", "PutObject", Bucket="witness-nowhere", Key="a", Body=b"x")
    put("KeyTooLongError", "", Key="k" * 1025)
    put("AccessControlListNotSupported", "", ACL="private")
    put("InvalidArgument", "no such encryption", ServerSideEncryption="rot13")
    put("InvalidArgument", "a key for SSE-S3", ServerSideEncryption="AES256", SSEKMSKeyId="alias/none")
    put("InvalidRequest", "retention without Object Lock", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=UNTIL)
    d.refused("NoSuchKey", "s3", "GetObject", Bucket=A, Key="plain")
    d.refused("404", "s3", "HeadObject", Bucket=A, Key="plain")
    d.ok("s3", "DeleteObject", "none there", Bucket=A, Key="plain")
    made = d.ok("s3", "PutObject", Bucket=A, Key="plain", Body=b'{"a": "\xc3\xa9"}', ContentType="application/json",
                CacheControl="no-store", Metadata={"who": "anna"}, ACL="bucket-owner-full-control")
    read = d.ok("s3", "GetObject", Bucket=A, Key="plain")
    d.expect("an object's body", read.get("Body"), '{"a": "\u00e9"}')
    d.expect("an object's ETag", read.get("ETag"), made.get("ETag"))
    d.expect("an object's checksum", "ChecksumCRC32" in read or "ChecksumCRC64NVME" in read, True)
    d.ok("s3", "HeadObject", Bucket=A, Key="plain")
    d.ok("s3", "PutObject", "no text", Bucket=A, Key="bytes/\u00fc & <b>", Body=bytes(range(256)) * 300)
    d.ok("s3", "GetObject", "no text", Bucket=A, Key="bytes/\u00fc & <b>")
    d.ok("s3", "PutObject", "empty", Bucket=A, Key="empty", Body=b"")
    d.ok("s3", "GetObject", "empty", Bucket=A, Key="empty")
    d.refused("PreconditionFailed", "s3", "GetObject", Bucket=A, Key="plain", IfMatch='"0"')
    d.refused("304", "s3", "GetObject", "not modified", Bucket=A, Key="plain", IfNoneMatch=made.get("ETag", '"0"'))
    d.ok("s3", "DeleteObject", Bucket=A, Key="plain")
    d.refused("NoSuchKey", "s3", "GetObject", "deleted", Bucket=A, Key="plain")


def conditions(d):
    put = lambda **what: {"Bucket": A, "Key": "lock", **what}
    d.refused("NoSuchKey", "s3", "PutObject", "nothing to match", **put(Body=b"x", IfMatch='"0"'))
    first = d.ok("s3", "PutObject", "the first", **put(Body=b"free", IfNoneMatch="*")).get("ETag", '"0"')
    d.refused("PreconditionFailed", "s3", "PutObject", "there is one", **put(Body=b"x", IfNoneMatch="*"))
    d.refused("PreconditionFailed", "s3", "PutObject", "another", **put(Body=b"x", IfMatch='"0"'))
    d.refused("NotImplemented", "s3", "PutObject", **put(Body=b"x", IfNoneMatch=first))
    d.ok("s3", "PutObject", "swapped", **put(Body=b"taken", IfMatch=first))
    d.refused("PreconditionFailed", "s3", "PutObject", "swapped meanwhile", **put(Body=b"x", IfMatch=first))
    d.refused("PreconditionFailed", "s3", "DeleteObject", **put(IfMatch=first))
    d.refused("NoSuchKey", "s3", "DeleteObject", "nothing to match", Bucket=A, Key="none", IfMatch=first)
    d.ok("s3", "DeleteObject", "the lock", Bucket=A, Key="lock")
    d.ok("s3", "PutObject", "the first again", **put(Body=b"free", IfNoneMatch="*"))


def digests(d):
    put = lambda code, case, **what: d.refused(code, "s3", "PutObject", case, Bucket=A, Key="sum", Body=b"x", **what)
    put("BadDigest", "another MD5", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    put("InvalidDigest", "no MD5", ContentMD5="AAAA")
    put("BadDigest", "another CRC32", ChecksumCRC32="AAAAAA==")
    put("InvalidRequest", "no CRC32", ChecksumCRC32="AAAA")
    put("InvalidRequest", "two", ChecksumCRC32="jNwWgw==", ChecksumSHA256="LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=")
    d.ok("s3", "PutObject", "with an SHA-256", Bucket=A, Key="sum", Body=b"x",
         ChecksumSHA256="LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=")
    d.ok("s3", "HeadObject", "with an SHA-256", Bucket=A, Key="sum", ChecksumMode="ENABLED")


def versions(d):
    d.ok("s3", "PutBucketVersioning", "for objects", Bucket=A, VersioningConfiguration={"Status": "Enabled"})
    one = d.ok("s3", "PutObject", "a version", Bucket=A, Key="kept", Body=b"1").get("VersionId", "null")
    d.ok("s3", "PutObject", "another version", Bucket=A, Key="kept", Body=b"2")
    old = d.ok("s3", "GetObject", "an old version", Bucket=A, Key="kept", VersionId=one)
    d.expect("an old version's body", old.get("Body"), "1")
    marker = d.ok("s3", "DeleteObject", "a marker", Bucket=A, Key="kept")
    d.expect("a marker", marker.get("DeleteMarker"), True)
    d.refused("NoSuchKey", "s3", "GetObject", "hidden", Bucket=A, Key="kept")
    d.refused("MethodNotAllowed", "s3", "GetObject", "a marker", Bucket=A, Key="kept",
              VersionId=marker.get("VersionId", "null"))
    d.refused("InvalidArgument", "s3", "GetObject", "no such id", Bucket=A, Key="kept", VersionId="?")
    d.refused("NoSuchVersion", "s3", "GetObject", Bucket=A, Key="none", VersionId=one)
    listed = d.ok("s3", "ListObjectVersions", "of an object", Bucket=A, Prefix="kept")
    d.expect("versions, the newest first", [version["VersionId"] == one for version in listed.get("Versions", [])],
             [False, True])
    d.expect("markers", len(listed.get("DeleteMarkers", [])), 1)
    d.ok("s3", "DeleteObject", "the marker", Bucket=A, Key="kept", VersionId=marker.get("VersionId", "null"))
    back = d.ok("s3", "GetObject", "back again", Bucket=A, Key="kept")
    d.expect("the body that is back", back.get("Body"), "2")
    d.ok("s3", "DeleteObject", "an old version", Bucket=A, Key="kept", VersionId=one)
    d.refused("InvalidArgument", "s3", "DeleteObject", "no such id", Bucket=A, Key="kept", VersionId="?")
    d.ok("s3", "PutBucketVersioning", "suspended", Bucket=A, VersioningConfiguration={"Status": "Suspended"})
    d.ok("s3", "PutObject", "while suspended", Bucket=A, Key="kept", Body=b"3")
    d.ok("s3", "DeleteObject", "while suspended", Bucket=A, Key="kept")


def lists(d):
    for key in ("list/b/2", "list/a", "list/b/1", "list/Z", "list/c d+e", "list/\u00e9"):
        d.ok("s3", "PutObject", f"to be listed: {key}", Bucket=A, Key=key, Body=b"x")
    listed = d.ok("s3", "ListObjectsV2", Bucket=A, Prefix="list/")
    d.expect("keys by their bytes", [one["Key"][5:] for one in listed.get("Contents", [])],
             ["Z", "a", "b/1", "b/2", "c d+e", "\u00e9"])
    d.ok("s3", "ListObjectsV2", "folders", Bucket=A, Prefix="list/", Delimiter="/")
    d.ok("s3", "ListObjectsV2", "behind a key", Bucket=A, Prefix="list/", StartAfter="list/b/1")
    d.ok("s3", "ListObjectsV2", "with owners", Bucket=A, Prefix="list/a", FetchOwner=True)
    d.ok("s3", "ListObjectsV2", "none", Bucket=A, Prefix="nothing")
    d.refused("InvalidArgument", "s3", "ListObjectsV2", "a page of less than none", Bucket=A, MaxKeys=-1)
    d.refused("InvalidArgument", "s3", "ListObjectsV2", "another's token", Bucket=A, ContinuationToken="?")
    d.refused("NoSuchBucket", "s3", "ListObjectsV2", Bucket="witness-nowhere")
    d.pages("s3", "ListObjectsV2", "Contents", 2, 6, Bucket=A, Prefix="list/")
    d.pages("s3", "ListObjectVersions", "Versions", 2, 6, Bucket=A, Prefix="list/")


def retention(d):
    put = lambda code, case, **what: d.refused(code, "s3", "PutObject", case, Bucket=LOCKED, Key="r", Body=b"x", **what)
    put("InvalidArgument", "no date", ObjectLockMode="GOVERNANCE")
    put("InvalidArgument", "a date that is over", ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate="2020-01-01T00:00:00Z")
    put("InvalidArgument", "no such mode", ObjectLockMode="FOREVER", ObjectLockRetainUntilDate=UNTIL)
    put("InvalidArgument", "no such hold", ObjectLockLegalHoldStatus="PERHAPS")
    d.ok("s3", "PutObjectLockConfiguration", "for objects", Bucket=LOCKED, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 7}}})
    record = d.ok("s3", "PutObject", "under a default", Bucket=LOCKED, Key="record", Body=b"x").get("VersionId", "null")
    d.ok("s3", "HeadObject", "under a default", Bucket=LOCKED, Key="record")
    d.refused("AccessDenied", "s3", "DeleteObject", "locked", Bucket=LOCKED, Key="record", VersionId=record)
    d.ok("s3", "DeleteObject", "past governance", Bucket=LOCKED, Key="record", VersionId=record,
         BypassGovernanceRetention=True)
    kept = d.ok("s3", "PutObject", "for long", Bucket=LOCKED, Key="kept", Body=b"x", ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=UNTIL, ObjectLockLegalHoldStatus="ON").get("VersionId", "null")
    d.refused("AccessDenied", "s3", "DeleteObject", "no way past compliance", Bucket=LOCKED, Key="kept",
              VersionId=kept, BypassGovernanceRetention=True)
    d.ok("s3", "GetObject", "held", Bucket=LOCKED, Key="kept")
    d.refused("BucketNotEmpty", "s3", "DeleteBucket", "with objects", Bucket=LOCKED)


def keys(d):
    made = d.ok("kms", "CreateKey", "for objects").get("KeyMetadata", {})
    key, arn = made.get("KeyId", "none"), made.get("Arn", "none")
    put = lambda **what: {"Bucket": A, "Key": "sealed", "Body": b"x", "ServerSideEncryption": "aws:kms", **what}
    nowhere = "00000000-0000-4000-8000-000000000000"
    d.refused("KMS.NotFoundException", "s3", "PutObject", **put(SSEKMSKeyId=arn.replace(key, nowhere)))
    d.ok("s3", "PutObject", "with AWS's own key", **put(Key="own"))
    d.ok("s3", "PutObject", "with a key", **put(SSEKMSKeyId=arn, BucketKeyEnabled=True))
    d.ok("s3", "GetObject", "with a key", Bucket=A, Key="sealed")
    d.ok("kms", "DisableKey", "for objects", KeyId=key)
    d.refused("KMS.DisabledException", "s3", "PutObject", **put(SSEKMSKeyId=arn))
    d.refused("KMS.DisabledException", "s3", "GetObject", Bucket=A, Key="sealed")
    d.ok("kms", "ScheduleKeyDeletion", "for objects", KeyId=key)
    d.refused("KMS.KMSInvalidStateException", "s3", "PutObject", **put(SSEKMSKeyId=arn))
    d.refused("KMS.KMSInvalidStateException", "s3", "GetObject", Bucket=A, Key="sealed")


def access(d):
    d.refused("AccessDenied", "s3", "PutObject", "not the expected owner", Bucket=A, Key="a", Body=b"x",
              ExpectedBucketOwner=OTHER)
    d.refused("AccessDenied", "s3", "GetObject", "another account's", key=OTHER, Bucket=A, Key="list/a")
    d.refused("403", "s3", "HeadObject", "another account's", key=OTHER, Bucket=A, Key="list/a")
    deny = {"Effect": "Deny", "Principal": "*", "Action": ["s3:PutObject", "s3:ListBucket"],
            "Resource": [f"arn:aws:s3:::{A}", f"arn:aws:s3:::{A}/*"],
            "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:*"}}}
    d.ok("s3", "PutBucketPolicy", "denies", Bucket=A, Policy=policy(deny))
    d.refused("AccessDenied", "s3", "PutObject", "denied", Bucket=A, Key="a", Body=b"x")
    d.refused("AccessDenied", "s3", "ListObjectsV2", "denied", Bucket=A)
    d.refused("AccessDenied", "s3", "GetObject", "nothing is told without ListBucket", Bucket=A, Key="none")
    d.ok("s3", "GetObject", "not denied", Bucket=A, Key="list/a")
    d.ok("s3", "DeleteBucketPolicy", "that denies", Bucket=A)
