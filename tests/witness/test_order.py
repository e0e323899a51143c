"""What cannot be read back: the order of an apply's calls, as a proxy between the tool and the sandbox saw it."""

import pytest

from applied import CALLS, SCENARIOS, applied
from conftest import ACCOUNT
from moto_adapter import READS


@pytest.fixture(scope="module", params=SCENARIOS)
def calls(request, binary, tmp_path_factory):
    """The calls of a scenario's apply."""
    applied(binary, tmp_path_factory, request.param)
    return CALLS[request.param]


def places(calls, name, bucket=""):
    found = [at for at, call in enumerate(calls) if call == (name, bucket)]
    assert found, f"{name} {bucket} was never called"
    return found


def buckets(calls, role=""):
    return {bucket for name, bucket in calls if name == "s3:CreateBucket" and f"-{role}" in bucket}


def test_a_bucket_is_looked_for_before_it_is_made(calls):
    """In us-east-1 CreateBucket answers 200 to the owner of the bucket: it is no test of existence (S3 API)."""
    assert buckets(calls)
    for bucket in buckets(calls):
        assert places(calls, "s3:HeadBucket", bucket)[0] < places(calls, "s3:CreateBucket", bucket)[0]
        assert len(places(calls, "s3:CreateBucket", bucket)) == 1


def test_public_access_is_blocked_before_there_is_a_policy(calls):
    """A policy with a broad Allow would slip in, which BlockPublicPolicy refuses."""
    for bucket in buckets(calls):
        assert places(calls, "s3:PutPublicAccessBlock", bucket)[0] < places(calls, "s3:PutBucketPolicy", bucket)[0]


def test_a_policy_is_never_taken_away_to_be_written_anew(calls):
    """PutBucketPolicy is atomic; between a delete and a put deliveries would fail."""
    assert "s3:DeleteBucketPolicy" not in {name for name, _ in calls}


def test_versions_are_kept_before_objects_are_locked(calls):
    """Object Lock needs versioning (PutObjectLockConfiguration)."""
    for name, bucket in calls:
        if name == "s3:PutObjectLockConfiguration":
            assert places(calls, "s3:PutBucketVersioning", bucket)[0] < places(calls, name, bucket)[0]


def test_the_trail_finds_what_it_needs(calls):
    """CloudTrail checks the bucket's policy, the key and the role when the trail is made."""
    trail = places(calls, "cloudtrail:CreateTrail")[0]
    (logs,) = buckets(calls, f"logs-{ACCOUNT}")
    assert places(calls, "s3:PutBucketPolicy", logs)[0] < trail
    for name in ("kms:CreateKey", "iam:PutRolePolicy", "logs:CreateLogGroup"):
        assert places(calls, name)[0] < trail, name
    assert trail < places(calls, "cloudtrail:StartLogging")[0], "a trail made through the API does not log by itself"


def test_bedrock_finds_what_it_needs(calls):
    """Bedrock writes an object while the setting is made; the console edits the bucket's policy, the API does not."""
    setting = places(calls, "bedrock:PutModelInvocationLoggingConfiguration")
    prompts = buckets(calls, f"prompts-{ACCOUNT}")
    assert len(setting) >= len(prompts) > 0
    first = min(places(calls, "s3:PutBucketPolicy", bucket)[0] for bucket in prompts)
    last = max(places(calls, "s3:PutBucketPolicy", bucket)[0] for bucket in prompts)
    assert first < setting[0] and last < setting[-1]


def test_keys_are_looked_for_before_one_is_made(calls):
    """CreateKey has no idempotency token: a key of ours is found by its alias or tag first."""
    assert places(calls, "kms:ListAliases")[0] < places(calls, "kms:CreateKey")[0]
    assert places(calls, "kms:ListKeys")[0] < places(calls, "kms:CreateKey")[0]
    assert len(places(calls, "kms:CreateKey")) == len(places(calls, "kms:CreateAlias"))


def test_everything_is_read_before_anything_is_written(calls):
    """The plan is made from a whole look, and names the account first."""
    assert calls[0][0] == "sts:GetCallerIdentity"
    first = next(at for at, (name, _) in enumerate(calls)
                 if not name.split(":")[1].startswith(READS))
    seen = {name.split(":")[0] for name, _ in calls[:first]}
    assert {"cloudtrail", "kms", "iam", "logs", "s3", "sns", "monitoring", "bedrock"} <= seen
