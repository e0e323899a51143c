"""The AWS CLI against the sandbox: each protocol, each service, refusals and pages as a person at a shell meets them."""

import json

import pytest
from conftest import VENV_BIN, served_sandbox
from contract.drive import aws

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
ALARM = ["--metric-name", "m", "--namespace", "n", "--statistic", "Sum", "--period", "60", "--evaluation-periods", "1",
         "--threshold", "0.5", "--comparison-operator", "GreaterThanThreshold"]
# Protocol, what is typed, and what the answer must hold; `None` where AWS answers nothing. In order: later calls see
# what earlier ones made.
CALLS = [
    ("query", "sts get-caller-identity", {"Account": "111122223333"}),
    ("query", ["iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", TRUST], {"Role": ...}),
    ("query", "iam list-roles --max-items 1", {"Roles": ...}),
    ("query", "sns create-topic --name cli", {"TopicArn": "arn:aws:sns:us-east-1:111122223333:cli"}),
    ("query", "sns get-topic-attributes --topic-arn arn:aws:sns:us-east-1:111122223333:cli", {"Attributes": ...}),
    ("json 1.1", "kms create-key --description cli --tags TagKey=a,TagValue=b", {"KeyMetadata": ...}),
    ("json 1.1", "kms list-keys --page-size 1", {"Keys": ...}),
    ("json 1.1", "logs create-log-group --log-group-name /cli --tags scope=cli", None),
    ("json 1.1", "logs put-retention-policy --log-group-name /cli --retention-in-days 30", None),
    ("json 1.1", "logs describe-log-groups", {"logGroups": ...}),
    ("json 1.1", "cloudtrail describe-trails", {"trailList": []}),
    ("json 1.1", "organizations describe-organization", "AWSOrganizationsNotInUseException"),
    ("json 1.0", ["cloudwatch", "put-metric-alarm", "--alarm-name", "cli", *ALARM], None),
    ("json 1.0", "cloudwatch describe-alarms", {"MetricAlarms": ...}),
    ("json 1.0", "cloudwatch get-dashboard --dashboard-name none", "ResourceNotFound"),
    ("json 1.1", "resourcegroupstaggingapi get-resources --resources-per-page 1", {"ResourceTagMappingList": ...}),
    ("rest-json", "bedrock get-model-invocation-logging-configuration", None),
    ("rest-xml", "s3api create-bucket --bucket witness-cli", {"Location": "/witness-cli"}),
    ("rest-xml", "s3api put-bucket-tagging --bucket witness-cli --tagging TagSet=[{Key=a,Value=b}]", None),
    ("rest-xml", "s3api get-bucket-tagging --bucket witness-cli", {"TagSet": [{"Key": "a", "Value": "b"}]}),
    ("rest-xml", "s3api get-bucket-versioning --bucket witness-cli", None),
    ("rest-xml", "s3api get-bucket-policy --bucket witness-cli", "NoSuchBucketPolicy"),
    ("rest-xml", "s3 ls", "witness-cli"),
    ("rest-xml", "s3 rb s3://witness-cli", "remove_bucket: witness-cli"),
]


@pytest.fixture(scope="module")
def url(binary):
    with served_sandbox(binary, "--no-delays") as served:
        yield served


@pytest.mark.parametrize(("protocol", "typed", "wanted"), CALLS,
                         ids=[" ".join(c[1].split()[:2]) if isinstance(c[1], str) else " ".join(c[1][:2]) for c in CALLS])
def test_the_cli_is_answered(url, protocol, typed, wanted):
    arguments = typed.split() if isinstance(typed, str) else typed
    got = aws(url, *arguments, path=VENV_BIN / "aws")
    if isinstance(wanted, str):
        assert wanted in got.stdout + got.stderr, protocol
        return
    assert got.returncode == 0, got.stderr
    answer = json.loads(got.stdout) if got.stdout.strip() else None
    if wanted is None:
        assert not answer
        return
    for member, value in wanted.items():
        assert answer[member] == value if value is not ... else answer[member]
