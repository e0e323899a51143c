"""Buckets: settings, lifecycle, access logging, and what each policy lets whom do.

Two items of AWS's longer lists are not asked for, on purpose. MFA delete needs the root user's credentials and forbids
lifecycle rules. Denials of wrong-key puts and of configuration calls are not written: the first can stop a delivery
silently, the second would lock out the tool that keeps the configuration; a plain delete only leaves a marker, and what is
below it stays for the time that `noncurrent_versions_stay` asks for.
"""

import json
import re

from hardening.registry import (
    ACCOUNT, ADMIN, NOBODY, ROOT, STRANGER, TLS, allows, denies, expected_tags, item, only_with, principals, service,
)
from policy_eval import decide, listed

GET, PUT = "s3:GetObject", "s3:PutObject"


def arn(bucket):
    return f"arn:aws:s3:::{bucket['name']}"


def of(account, role):
    """The buckets of a role; there is at least one."""
    found = [bucket for bucket in account.buckets.values() if bucket["role"] == role]
    assert found, f"no {role} bucket"
    return found


def records_rule(bucket):
    """The enabled rule that ends current objects after days."""
    rules = [rule for rule in bucket["rules"] if rule["Status"] == "Enabled" and "Days" in rule.get("Expiration", {})]
    assert len(rules) == 1, f"{bucket['name']}: {rules}"
    return rules[0]


@item
def the_buckets_are_there(account):
    """One log bucket with its access-log bucket at home, one prompt bucket in each Bedrock Region (names of the scope)."""
    wanted = {account.bucket_name("logs", account.home), account.bucket_name("access", account.home)}
    wanted |= {account.bucket_name("prompts", region) for region in account.bedrock_regions}
    assert set(account.buckets) == wanted


@item
def each_bucket_is_in_its_region(account):
    """A bucket lies in the Region its name tells; Bedrock and access logging want the same Region (HeadBucket)."""
    for name, bucket in account.buckets.items():
        assert name.endswith(f"-{bucket['region']}")


@item
def names_are_legal(account):
    """3 to 63 characters, lower case, digits and dashes, no dots, no reserved prefix or suffix (bucket naming rules)."""
    for bucket in account.buckets.values():
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", bucket["name"])
        assert not re.match(r"xn--|sthree-|amzn-s3-demo-", bucket["name"])
        assert not re.search(r"-s3alias$|--ol-s3$|--x-s3$|--table-s3$|-an$", bucket["name"])


@item
def public_access_is_blocked(account):
    """All four settings of the public access block are on (PutPublicAccessBlock)."""
    for bucket in account.buckets.values():
        for setting in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"):
            assert bucket["public_access_block"][setting] is True, (bucket["name"], setting)


@item
def acls_are_off(account):
    """One ownership rule, BucketOwnerEnforced; Bedrock's delivery requires it (PutBucketOwnershipControls)."""
    for bucket in account.buckets.values():
        assert bucket["ownership"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], bucket["name"]


@item
def versions_are_kept(account):
    """Versioning is Enabled, neither absent nor Suspended (PutBucketVersioning)."""
    for bucket in account.buckets.values():
        assert bucket["versioning"].get("Status") == "Enabled", bucket["name"]


@item
def mfa_delete_is_not_asked_for(account):
    """MFA delete needs root's credentials and excludes lifecycle rules (PutBucketVersioning)."""
    for bucket in account.buckets.values():
        assert bucket["versioning"].get("MFADelete", "Disabled") == "Disabled"


def default_encryption(bucket):
    assert len(bucket["encryption"]) == 1
    return bucket["encryption"][0]["ApplyServerSideEncryptionByDefault"]


@item
def records_are_encrypted_with_the_scopes_key(account):
    """aws:kms with the full ARN of the scope's own key: an alias would resolve in the requester's account."""
    for bucket, alias in [(b, account.scope) for b in of(account, "logs")] + \
            [(b, f"{account.scope}-prompts") for b in of(account, "prompts")]:
        key = account.keys[f"{alias}@{bucket['region']}"]
        assert default_encryption(bucket) == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["metadata"]["Arn"]}


@item
def the_log_bucket_uses_a_bucket_key(account):
    """BucketKeyEnabled spares calls to KMS; CloudTrail may use one, as its key statement has Decrypt."""
    for bucket in of(account, "logs"):
        assert bucket["encryption"][0]["BucketKeyEnabled"] is True


@item
def no_bucket_key_without_decrypt(account):
    """A bucket key asks its writer for Decrypt too, and AWS's statement for Bedrock gives GenerateDataKey only."""
    for bucket in of(account, "prompts"):
        key = account.keys[f"{account.scope}-prompts@{bucket['region']}"]
        context = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": f"arn:aws:bedrock:{bucket['region']}:{ACCOUNT}:x"}
        decrypts = decide(key["policy"], service("bedrock.amazonaws.com"), "kms:Decrypt", "*", context) == "allow"
        assert decrypts or bucket["encryption"][0]["BucketKeyEnabled"] is False


@item
def customer_provided_keys_are_refused(account):
    """SSE-C stays blocked: PutBucketEncryption drops the block unless it is sent again (BlockedEncryptionTypes)."""
    for bucket in account.buckets.values():
        assert bucket["encryption"][0]["BlockedEncryptionTypes"]["EncryptionType"] == ["SSE-C"], bucket["name"]


@item
def log_files_are_locked(account):
    """Object Lock with a default rule of a mode and days, not years beside them; no longer than the expiration."""
    for bucket in of(account, "logs"):
        lock = bucket["object_lock"]
        assert lock and lock["ObjectLockEnabled"] == "Enabled"
        rule = lock["Rule"]["DefaultRetention"]
        assert rule == {"Mode": "GOVERNANCE", "Days": 400}
        assert rule["Days"] <= records_rule(bucket)["Expiration"]["Days"]


@item
def prompts_are_not_locked(account):
    """Prompt bodies are personal data: no lock unless it is asked for; nor can Bedrock's check objects then go away."""
    for bucket in of(account, "prompts"):
        assert bucket["object_lock"] is None


@item
def records_expire_after_their_retention(account):
    """Current objects expire, not before what the record must be kept for: 2555 days of logs, 90 of prompts."""
    for role, days in (("logs", 2555), ("access", 400), ("prompts", 90)):
        for bucket in of(account, role):
            assert records_rule(bucket)["Expiration"]["Days"] == days, bucket["name"]


@item
def noncurrent_versions_stay(account):
    """What is deleted or overwritten can be got back: for the record's whole retention in the log bucket, then it goes."""
    for role, days in (("logs", 400), ("access", 7), ("prompts", 7)):
        for bucket in of(account, role):
            assert records_rule(bucket)["NoncurrentVersionExpiration"] == {"NoncurrentDays": days}, bucket["name"]


@item
def delete_markers_go_by_a_rule_of_their_own(account):
    """ExpiredObjectDeleteMarker stands alone in its Expiration (LifecycleExpiration)."""
    for bucket in account.buckets.values():
        markers = [rule for rule in bucket["rules"] if rule.get("Expiration", {}).get("ExpiredObjectDeleteMarker")]
        assert len(markers) == 1 and markers[0]["Status"] == "Enabled"
        assert markers[0]["Expiration"] == {"ExpiredObjectDeleteMarker": True}


@item
def unfinished_uploads_are_aborted(account):
    """AbortIncompleteMultipartUpload after seven days, as is usual (lifecycle configuration elements)."""
    for bucket in account.buckets.values():
        assert records_rule(bucket)["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


@item
def rules_cover_the_whole_bucket_under_fixed_names(account):
    """Each rule has an ID, unique, at most 255 characters, and a filter that is empty: the whole bucket."""
    for bucket in account.buckets.values():
        names = [rule["ID"] for rule in bucket["rules"]]
        assert len(set(names)) == len(names) and all(0 < len(name) <= 255 for name in names)
        for rule in bucket["rules"]:
            assert "Prefix" not in rule and rule["Filter"] in ({}, {"Prefix": ""}), bucket["name"]


@item
def archiving_comes_before_expiry(account):
    """Transitions to GLACIER_IR keep its 90 days of minimum storage, and expiration comes after the last of them."""
    for bucket in account.buckets.values():
        rule = records_rule(bucket)
        for step in rule.get("Transitions", []):
            assert step["StorageClass"] == "GLACIER_IR"
            assert 0 < step["Days"] and step["Days"] + 90 <= rule["Expiration"]["Days"]


@item
def small_files_are_not_archived(account):
    """TransitionDefaultMinimumObjectSize is all_storage_classes_128K: archiving smaller log files costs more."""
    for bucket in account.buckets.values():
        assert bucket["minimum_size"] == "all_storage_classes_128K"


@item
def reading_the_log_bucket_is_logged(account):
    """PutBucketLogging to another bucket of the same Region, under a prefix; target grants are useless without ACLs."""
    for bucket in of(account, "logs"):
        logging = bucket["logging"]
        assert logging["TargetBucket"] == account.bucket_name("access", bucket["region"]) != bucket["name"]
        assert logging["TargetPrefix"] == "logs/"
        assert not logging.get("TargetGrants")


@item
def the_access_log_bucket_can_be_a_target(account):
    """SSE-S3 only, no Object Lock, and no log of itself (Enabling server access logging)."""
    for bucket in of(account, "access"):
        assert default_encryption(bucket) == {"SSEAlgorithm": "AES256"}
        assert bucket["object_lock"] is None
        assert bucket["logging"] is None


@item
def plain_http_is_denied(account):
    """Deny of everything to everybody where aws:SecureTransport is false, on bucket and objects (Security Hub S3.5)."""
    for bucket in account.buckets.values():
        for who in (ROOT, ADMIN, NOBODY, service("cloudtrail.amazonaws.com")):
            for action, resource in ((GET, f"{arn(bucket)}/a/b"), ("s3:ListBucket", arn(bucket)), (PUT, f"{arn(bucket)}/x")):
                assert denies(bucket["policy"], who, action, resource, {"aws:SecureTransport": "false"}), bucket["name"]
        # A scanner looks for one statement that says so without exceptions.
        assert any(
            s["Effect"] == "Deny" and s["Principal"] in ("*", {"AWS": "*"}) and listed(s["Action"]) == ["s3:*"]
            and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for s in bucket["policy"]["Statement"]
        )


@item
def old_tls_is_denied(account):
    """Deny of everything below TLS 1.2 and of nothing from there on (s3:TlsVersion)."""
    for bucket in account.buckets.values():
        for version, want in (("1.0", True), ("1.1", True), ("1.2", False), ("1.3", False)):
            context = {"aws:SecureTransport": "true", "s3:TlsVersion": version}
            for action, resource in ((GET, f"{arn(bucket)}/a"), ("s3:ListBucket", arn(bucket))):
                assert denies(bucket["policy"], ADMIN, action, resource, context) is want, (bucket["name"], version)


@item
def nobody_deletes_for_good(account):
    """DeleteBucket and DeleteObjectVersion are denied to everybody, root's own calls included."""
    for bucket in account.buckets.values():
        for who in (ROOT, ADMIN, service("s3.amazonaws.com")):
            assert denies(bucket["policy"], who, "s3:DeleteBucket", arn(bucket), TLS)
            assert denies(bucket["policy"], who, "s3:DeleteObjectVersion", f"{arn(bucket)}/AWSLogs/x", TLS)


@item
def configuration_stays_possible(account):
    """No denial hits the calls that keep the bucket as it is, nor a delivery: either would fail silently or lock out."""
    for bucket in account.buckets.values():
        for action in ("s3:PutBucketPolicy", "s3:PutLifecycleConfiguration", "s3:PutEncryptionConfiguration",
                       "s3:PutBucketVersioning", "s3:PutBucketPublicAccessBlock"):
            assert not denies(bucket["policy"], ADMIN, action, arn(bucket), TLS)
        assert not denies(bucket["policy"], service("delivery.logs.amazonaws.com"), PUT, f"{arn(bucket)}/x", TLS)


@item
def cloudtrail_may_check_the_acl(account):
    """s3:GetBucketAcl on the bucket, for the trail's ARN only (Amazon S3 bucket policy for CloudTrail)."""
    for bucket in of(account, "logs"):
        only_with(bucket["policy"], service("cloudtrail.amazonaws.com"), "s3:GetBucketAcl", arn(bucket),
                  {"aws:SourceArn": account.trail_arn})


@item
def cloudtrail_may_write_the_accounts_files(account):
    """s3:PutObject below AWSLogs/ACCOUNT/, for the trail's ARN and with bucket-owner-full-control."""
    for bucket in of(account, "logs"):
        only_with(bucket["policy"], service("cloudtrail.amazonaws.com"), PUT,
                  f"{arn(bucket)}/AWSLogs/{ACCOUNT}/CloudTrail/{account.home}/2026/01/01/f.json.gz",
                  {"aws:SourceArn": account.trail_arn, "s3:x-amz-acl": "bucket-owner-full-control"})


@item
def cloudtrail_writes_nowhere_else(account):
    """No other path, no other account's path, no read and no delete for CloudTrail."""
    context = {"aws:SourceArn": account.trail_arn, "s3:x-amz-acl": "bucket-owner-full-control"}
    for bucket in account.buckets.values():
        for action, key in ((PUT, f"AWSLogs/{STRANGER}/x"), (PUT, "x"), (GET, f"AWSLogs/{ACCOUNT}/x"),
                            ("s3:DeleteObject", f"AWSLogs/{ACCOUNT}/x")):
            assert not allows(bucket["policy"], service("cloudtrail.amazonaws.com"), action, f"{arn(bucket)}/{key}",
                              context=context), (bucket["name"], action, key)


@item
def an_organizations_files_are_written(account):
    """With an organisation trail s3:PutObject below AWSLogs/o-ID/ as well, and without one not."""
    context = {"aws:SourceArn": account.trail_arn, "s3:x-amz-acl": "bucket-owner-full-control"}
    for bucket in of(account, "logs"):
        key = f"{arn(bucket)}/AWSLogs/o-exampleorgid/{STRANGER}/CloudTrail/x"
        if account.facts.get("organization"):
            only_with(bucket["policy"], service("cloudtrail.amazonaws.com"), PUT, key, context)
        else:
            assert not allows(bucket["policy"], service("cloudtrail.amazonaws.com"), PUT, key, context=context)


@item
def bedrock_may_write_prompts(account):
    """s3:PutObject below AWSLogs/ACCOUNT/BedrockModelInvocationLogs/, for this account and Region."""
    for bucket in of(account, "prompts"):
        key = f"{arn(bucket)}/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{bucket['region']}/2026/x.json.gz"
        source = f"arn:aws:bedrock:{bucket['region']}:{ACCOUNT}:model-invocation"
        bedrock = service("bedrock.amazonaws.com")
        only_with(bucket["policy"], bedrock, PUT, key, {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": source})
        context = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": source.replace(bucket["region"], "ap-south-1")}
        assert not allows(bucket["policy"], bedrock, PUT, key, context=context), "another Region's Bedrock may write"


@item
def bedrock_writes_nowhere_else(account):
    """Nothing outside that path, and nothing at all in the log buckets."""
    for bucket in account.buckets.values():
        context = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": f"arn:aws:bedrock:{bucket['region']}:{ACCOUNT}:x"}
        for key in (f"AWSLogs/{ACCOUNT}/CloudTrail/x", "x", f"AWSLogs/{STRANGER}/BedrockModelInvocationLogs/x"):
            assert not allows(bucket["policy"], service("bedrock.amazonaws.com"), PUT, f"{arn(bucket)}/{key}",
                              context=context), (bucket["name"], key)


@item
def access_logs_may_be_written(account):
    """logging.s3.amazonaws.com may PutObject below the prefix, for the log bucket and this account."""
    for bucket in of(account, "access"):
        log = service("logging.s3.amazonaws.com")
        source = f"arn:aws:s3:::{account.bucket_name('logs', bucket['region'])}"
        context = {"aws:SourceArn": source, "aws:SourceAccount": ACCOUNT}
        only_with(bucket["policy"], log, PUT, f"{arn(bucket)}/logs/2026-01-01-x", context)
        assert not allows(bucket["policy"], log, PUT, f"{arn(bucket)}/elsewhere/x", context=context)


@item
def readers_read_and_do_nothing_else(account):
    """The blueprint's readers list and get, in the buckets that are theirs; nobody else is admitted by name."""
    of_role = {"logs": "readers", "access": "readers", "prompts": "prompt_readers"}
    for bucket in account.buckets.values():
        wanted = {("AWS", name) for name in account.facts.get(of_role[bucket["role"]], [])}
        named = {who for who in principals(bucket["policy"]) if who[0] == "AWS"}
        assert named == wanted, bucket["name"]
        for who in wanted:
            for action, resource in ((GET, f"{arn(bucket)}/x"), ("s3:GetObjectVersion", f"{arn(bucket)}/x"),
                                     ("s3:ListBucket", arn(bucket)), ("s3:ListBucketVersions", arn(bucket)),
                                     ("s3:GetBucketLocation", arn(bucket))):
                assert allows(bucket["policy"], who, action, resource), (bucket["name"], action)
            for action in (PUT, "s3:DeleteObject", "s3:PutBucketPolicy", "s3:BypassGovernanceRetention"):
                assert not allows(bucket["policy"], who, action, f"{arn(bucket)}/x")
                assert not allows(bucket["policy"], who, action, arn(bucket))


@item
def services_are_exactly_those_that_deliver(account):
    """CloudTrail, Bedrock and the access-log service, each in its bucket only."""
    wanted = {"logs": "cloudtrail.amazonaws.com", "access": "logging.s3.amazonaws.com", "prompts": "bedrock.amazonaws.com"}
    for bucket in account.buckets.values():
        services = {name for kind, name in principals(bucket["policy"]) if kind == "Service"}
        assert services == {wanted[bucket["role"]]}, bucket["name"]


@item
def no_policy_is_public(account):
    """Nothing is allowed to everybody, and conditions of grants hold fixed values (Security Hub S3.2, S3.3)."""
    for bucket in account.buckets.values():
        for statement in bucket["policy"]["Statement"]:
            if statement["Effect"] != "Allow":
                continue
            assert statement["Principal"] not in ("*", {"AWS": "*"})
            if "Service" in statement["Principal"]:
                fixed = [value for values in statement["Condition"].get("StringEquals", {}).values()
                         for value in listed(values)]
                assert fixed and not any("*" in value or "${" in value for value in fixed), statement["Sid"]
        assert not allows(bucket["policy"], NOBODY, GET, f"{arn(bucket)}/x")


@item
def policies_fit(account):
    """At most 20 KB, in the current policy language (PutBucketPolicy)."""
    for bucket in account.buckets.values():
        assert len(json.dumps(bucket["policy"])) <= 20 * 1024
        assert bucket["policy"]["Version"] == "2012-10-17"


@item
def buckets_are_tagged(account):
    """Ownership tags on each bucket, at most 50 (PutBucketTagging)."""
    for bucket in account.buckets.values():
        expected_tags(account, bucket["tags"])
