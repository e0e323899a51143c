"""The tool on an AWS that nobody here wrote: apply, empty plan, drift, repair, destroy, on moto.

What moto lacks is made up for in `gaps.GAPS`, and never in the tool. The blueprint is `genai-baseline.toml` with a layer
over it that keeps one pack of detections: the tool keeps to CloudWatch's published rates, three alarms a second, and
further alarms are more of the same.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ACCOUNT, served_moto
from gaps import GAPS
from moto_adapter import Adapter

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
REGION = "us-east-1"
SCOPE = "genai-audit"
LAYER = """
extends = "genai-baseline.toml"
format  = 1
[detections]
packs = ["audit-tampering"]
"""
LOGS = f"{SCOPE}-logs-{ACCOUNT}-{REGION}"
TRAIL_GROUP = f"/auditscope/{SCOPE}/trail"


class Tool:
    """The binary on the blueprint, with an adapter in front of moto for its AWS."""

    def __init__(self, binary, place, adapter):
        self.binary, self.place, self.adapter = binary, place, adapter
        shutil.copytree(BLUEPRINTS, place, dirs_exist_ok=True)
        (place / "moto.toml").write_text(LAYER)

    def run(self, verb, *arguments):
        """Runs a verb; returns its exit code, its JSON and all that it said."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.place),
            "AWS_ENDPOINT_URL": self.adapter.url,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "witness",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        done = subprocess.run(
            [self.binary, verb, "moto.toml", *arguments, "--json"],
            cwd=self.place, env=environment, capture_output=True, text=True, timeout=170,
        )
        document = json.loads(done.stdout) if done.stdout.strip() else {}
        return done.returncode, document, done.stdout + done.stderr


@pytest.fixture(scope="module")
def tool(binary, tmp_path_factory):
    """A tool whose blueprint is applied."""
    with served_moto() as url:
        adapter = Adapter(url, GAPS)
        try:
            tool = Tool(binary, tmp_path_factory.mktemp("moto"), adapter)
            code, document, said = tool.run("apply", "--auto-approve")
            assert not adapter.missing, f"moto lacks what no gap tells: {dict(adapter.missing)}"
            assert code == 0, said
            assert document["second_plan_is_empty"] is True, said
            yield tool
        finally:
            adapter.close()


def stop_logging(adapter):
    adapter.client("cloudtrail").stop_logging(Name=SCOPE)


def narrow_selectors(adapter):
    adapter.client("cloudtrail").put_event_selectors(TrailName=SCOPE, AdvancedEventSelectors=[{
        "Name": "Management events selector",
        "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
    }])


def shorten_retention(adapter):
    adapter.client("logs").put_retention_policy(logGroupName=TRAIL_GROUP, retentionInDays=1)


def take_group_key(adapter):
    adapter.client("logs").disassociate_kms_key(logGroupName=TRAIL_GROUP)


def open_bucket(adapter):
    adapter.client("s3").put_public_access_block(Bucket=LOGS, PublicAccessBlockConfiguration={
        "BlockPublicAcls": False, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": True,
    })


def allow_plain_http(adapter):
    s3 = adapter.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=LOGS)["Policy"])
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "TlsOnly"]
    s3.put_bucket_policy(Bucket=LOGS, Policy=json.dumps(policy))


def expire_soon(adapter):
    s3 = adapter.client("s3")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=LOGS)["Rules"]
    for rule in rules:
        if "Days" in rule.get("Expiration", {}):
            rule["Expiration"] = {"Days": 401}
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": rules})


def own_key(adapter):
    s3 = adapter.client("s3")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=LOGS, ServerSideEncryptionConfiguration={"Rules": [rule]})


def key_id(adapter):
    aliases = adapter.client("kms").list_aliases()["Aliases"]
    return next(alias["TargetKeyId"] for alias in aliases if alias["AliasName"] == f"alias/{SCOPE}")


def disable_key(adapter):
    adapter.client("kms").disable_key(KeyId=key_id(adapter))


def stop_rotation(adapter):
    adapter.client("kms").disable_key_rotation(KeyId=key_id(adapter))


def silence_alarm(adapter):
    adapter.client("cloudwatch").disable_alarm_actions(AlarmNames=[f"{SCOPE}-aud-kms"])


def delete_filter(adapter):
    adapter.client("logs").delete_metric_filter(logGroupName=TRAIL_GROUP, filterName=f"{SCOPE}-aud-kms")


def widen_role(adapter):
    iam = adapter.client("iam")
    name = f"{SCOPE}-trail-logs"
    policy = iam.list_role_policies(RoleName=name)["PolicyNames"][0]
    every = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(every))


def shut_out_alarms(adapter):
    sns = adapter.client("sns")
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{SCOPE}-alarms"
    policy = json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
    policy["Statement"] = [one for one in policy["Statement"] if one["Effect"] == "Deny"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))


def drop_prompts(adapter):
    bedrock = adapter.client("bedrock")
    config = bedrock.get_model_invocation_logging_configuration()["loggingConfig"]
    bedrock.put_model_invocation_logging_configuration(loggingConfig=config | {"textDataDeliveryEnabled": False})


def delete_dashboard(adapter):
    adapter.client("cloudwatch").delete_dashboards(DashboardNames=[SCOPE])


# What is done, and what drift must name: the address without its place, and the attribute; None: the thing is gone.
TAMPERINGS = [
    (stop_logging, "trail.main", "logging"),
    (narrow_selectors, "trail.main", "event_selectors"),
    (shorten_retention, "log_group.trail", "retention_days"),
    (take_group_key, "log_group.trail", "kms_key"),
    (open_bucket, "s3_bucket.logs", "public_access_block"),
    (allow_plain_http, "s3_bucket.logs", "policy"),
    (expire_soon, "s3_bucket.logs", "lifecycle"),
    (own_key, "s3_bucket.logs", "encryption"),
    (disable_key, "kms_key.main", "enabled"),
    (stop_rotation, "kms_key.main", "rotation_days"),
    (silence_alarm, "metric_alarm.aud-kms", "actions_enabled"),
    (delete_filter, "metric_filter.aud-kms", None),
    (widen_role, "iam_role.trail-logs", "policy"),
    (shut_out_alarms, "sns_topic.alarms", "policy"),
    (drop_prompts, "bedrock_logging.main", "text"),
    (delete_dashboard, "dashboard.main", None),
]


def test_a_second_plan_is_empty(tool):
    code, document, said = tool.run("plan", "--detailed-exitcode")
    assert code == 0, said
    assert document["changes"] == [], said
    assert document["target"] == "aws", "the tool does not guess what answers at an endpoint"


def test_drift_names_each_change_and_apply_repairs_them_all(tool):
    for tamper, _, _ in TAMPERINGS:
        tamper(tool.adapter)
    code, document, said = tool.run("drift")
    assert code == 2, said
    seen = {
        (change["address"].split("@")[0], attribute["path"].split(".")[0])
        for change in document["changes"]
        for attribute in change["attributes"] or [{"path": ""}]
    }
    created = {change["address"].split("@")[0] for change in document["changes"] if change["action"] == "create"}
    for tamper, address, attribute in TAMPERINGS:
        found = address in created if attribute is None else (address, attribute) in seen
        assert found, f"{tamper.__name__}: drift does not name {address} {attribute or '(gone)'} in {sorted(seen)}"
    touched = {change["address"].split("@")[0] for change in document["changes"]}
    assert touched == {address for _, address, _ in TAMPERINGS}, "drift names what nobody touched"

    code, document, said = tool.run("apply", "--auto-approve")
    assert code == 0, said
    assert document["second_plan_is_empty"] is True, said
    code, _, said = tool.run("plan", "--detailed-exitcode")
    assert code == 0, said


def test_one_tampering_alone_is_one_change(tool):
    stop_logging(tool.adapter)
    code, document, said = tool.run("drift")
    assert code == 2, said
    changes = [(change["address"].split("@")[0], [a["path"] for a in change["attributes"]])
               for change in document["changes"]]
    assert changes == [("trail.main", ["logging"])], said
    code, _, said = tool.run("apply", "--auto-approve")
    assert code == 0, said


def test_destroy_keeps_the_evidence_and_apply_takes_it_back(tool):
    """Runs last: it leaves nothing of what the others need. The list of gaps is then whole."""
    keys = len(tool.adapter.client("kms").list_keys()["Keys"])
    code, _, said = tool.run("destroy", "--auto-approve")
    assert code == 0, said
    cloudwatch, cloudtrail = tool.adapter.client("cloudwatch"), tool.adapter.client("cloudtrail")
    assert cloudwatch.describe_alarms(AlarmNamePrefix=SCOPE)["MetricAlarms"] == []
    assert tool.adapter.state["composites"][REGION] == {}
    assert tool.adapter.client("sns").list_topics()["Topics"] == []
    assert cloudtrail.get_trail_status(Name=SCOPE)["IsLogging"] is True, "destroy releases evidence; the trail records on"
    tags = tool.adapter.client("s3").get_bucket_tagging(Bucket=LOGS)["TagSet"]
    assert "auditscope:released" in {tag["Key"] for tag in tags}

    code, document, said = tool.run("apply", "--auto-approve")
    assert code == 0, said
    assert document["second_plan_is_empty"] is True, said
    assert len(tool.adapter.client("kms").list_keys()["Keys"]) == keys, "the keys are taken back, not made again"
    assert not tool.adapter.missing, f"moto lacks what no gap tells: {dict(tool.adapter.missing)}"
    stale = sorted(set(tool.adapter.gaps) - set(tool.adapter.used))
    assert not stale, f"gaps that nothing meets any more: {stale}"
