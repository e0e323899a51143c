"""What moto lacks or does otherwise than AWS, each with its reason and with what the adapter does about it.

One list. A gap that no run meets any more is stale and fails the test, so it shrinks when moto grows.
"""

import html
import json
import re
from dataclasses import dataclass
from typing import Callable

import cbor2

from moto_adapter import ACCOUNT, Adapter, Reply, cbor_reply, is_cbor


@dataclass(frozen=True)
class Gap:
    """An operation that is answered here, or whose answer is put right here."""

    operation: str
    reason: str
    answer: Callable


def json_reply(output, status=200):
    """An answer of awsJson or restJson."""
    return Reply(status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(output).encode())


def root(theirs, ours):
    """Gives the root of an XML answer the name that AWS gives it."""

    def answer(adapter, request):
        reply = adapter.forward(request)
        reply.body = reply.body.replace(b"<" + theirs, b"<" + ours).replace(b"</" + theirs, b"</" + ours)
        return reply

    return answer


def groups(adapter, request):
    """What is kept here about log groups: by Region and name, the members that moto does not store."""
    return adapter.state.setdefault("groups", {}).setdefault(request.region, {})


def group_name(request_body):
    """A group's name; callers may give its ARN instead (CloudWatch Logs API, logGroupIdentifier)."""
    name = request_body.get("logGroupName") or request_body.get("logGroupIdentifier") or ""
    return name.split(":log-group:")[-1].removesuffix(":*")


def associate_key(adapter, request):
    body = json.loads(request.body)
    groups(adapter, request).setdefault(group_name(body), {})["kmsKeyId"] = body["kmsKeyId"]
    return json_reply({})


def disassociate_key(adapter, request):
    body = json.loads(request.body)
    groups(adapter, request).setdefault(group_name(body), {})["kmsKeyId"] = None
    return json_reply({})


def protect_group(adapter, request):
    body = json.loads(request.body)
    kept = groups(adapter, request).setdefault(group_name(body), {})
    kept["deletionProtectionEnabled"] = body["deletionProtectionEnabled"]
    return json_reply({})


def describe_groups(adapter, request):
    reply = adapter.forward(request)
    if reply.status != 200:
        return reply
    output = json.loads(reply.body)
    for group in output.get("logGroups", []):
        for member, value in groups(adapter, request).get(group["logGroupName"], {}).items():
            group.pop(member, None)
            if value is not None:
                group[member] = value
    return json_reply(output)


def no_logging_configuration(adapter, request):
    reply = adapter.forward(request)
    if reply.status == 200 and not json.loads(reply.body).get("loggingConfig"):
        return json_reply({})
    return reply


def put_logging(adapter, request):
    """Lets moto see nothing but the target's statement for the log service while it looks at the target's policy."""
    target = re.search(rb"<TargetBucket>([^<]+)<", request.body)
    if not target:
        return adapter.forward(request)
    bucket, s3 = target.group(1).decode(), adapter.behind("s3", request.region)
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    logs = "logging.s3.amazonaws.com"
    statements = [
        {**statement, "Principal": {"Service": logs}, "Resource": f"arn:aws:s3:::{bucket}/*"}
        for statement in json.loads(policy)["Statement"]
        if isinstance(statement["Principal"], dict) and logs in statement["Principal"].get("Service", ())
    ]
    shown = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket=bucket, Policy=shown)
    try:
        return adapter.forward(request)
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def objects(adapter, request):
    """moto judges without conditions, so that the denial of plain HTTP denies everybody: the policy is away meanwhile."""
    s3 = adapter.behind("s3", request.region)
    try:
        policy = s3.get_bucket_policy(Bucket=request.bucket)["Policy"]
    except s3.exceptions.ClientError:
        return adapter.forward(request)
    s3.delete_bucket_policy(Bucket=request.bucket)
    try:
        return adapter.forward(request)
    finally:
        s3.put_bucket_policy(Bucket=request.bucket, Policy=policy)


def create_bucket(adapter, request):
    """moto leaves the tags out: they are written behind the call, where AWS writes them with it."""
    reply = adapter.forward(request)
    tags = re.findall(rb"<Tag><Key>([^<]*)</Key><Value>([^<]*)</Value></Tag>", request.body)
    if reply.status == 200 and tags:
        pairs = [{"Key": html.unescape(key.decode()), "Value": html.unescape(value.decode())} for key, value in tags]
        adapter.behind("s3", request.region).put_bucket_tagging(Bucket=request.bucket, Tagging={"TagSet": pairs})
    return reply


BLOCKED = re.compile(rb"<BlockedEncryptionTypes>.*?</BlockedEncryptionTypes>", re.DOTALL)


def put_encryption(adapter, request):
    reply = adapter.forward(request)
    if reply.status == 200:
        blocked = BLOCKED.search(request.body)
        adapter.state.setdefault("blocked", {})[request.bucket] = blocked.group(0) if blocked else b""
    return reply


def get_encryption(adapter, request):
    reply = adapter.forward(request)
    blocked = adapter.state.get("blocked", {}).get(request.bucket, b"")
    if reply.status == 200:
        reply.body = reply.body.replace(b"</Rule>", blocked + b"</Rule>")
    return reply


def object_lock(adapter, request):
    reply = adapter.forward(request)
    reply.body = re.sub(rb"<(Days|Years)>0</(Days|Years)>", b"", reply.body)
    return reply


def composites(adapter, request):
    """Composite alarms by name, of one Region; tags apart, by ARN."""
    return adapter.state.setdefault("composites", {}).setdefault(request.region, {})


def put_composite(adapter, request):
    body = cbor2.loads(request.body)
    arn = f"arn:aws:cloudwatch:{request.region}:{ACCOUNT}:alarm:{body['AlarmName']}"
    tags = {tag["Key"]: tag["Value"] for tag in body.pop("Tags", [])}
    known = composites(adapter, request).get(body["AlarmName"])
    # Tags count for a new alarm only (CloudWatch API, PutCompositeAlarm).
    kept = known["tags"] if known else tags
    shown = {"ActionsEnabled": True, **body, "AlarmArn": arn, "StateValue": "INSUFFICIENT_DATA"}
    composites(adapter, request)[body["AlarmName"]] = {"tags": kept, "shown": shown}
    return cbor_reply(200, {})


def only_cbor(answer):
    """Composite alarms are the tool's affair; boto3, which comes in other formats, sees moto's own alarms."""
    return lambda adapter, request: (answer if is_cbor(request) else Adapter.forward)(adapter, request)


def describe_alarms(adapter, request):
    body = cbor2.loads(request.body)
    types = body.get("AlarmTypes") or ["MetricAlarm"]
    if "CompositeAlarm" not in types:
        return adapter.forward(request)
    names, prefix = body.get("AlarmNames"), body.get("AlarmNamePrefix", "")
    found = [
        alarm["shown"]
        for name, alarm in sorted(composites(adapter, request).items())
        if (name in names if names else name.startswith(prefix))
    ]
    output = {"CompositeAlarms": found}
    if "MetricAlarm" in types:
        metric = adapter.forward(request)
        if metric.status != 200:
            return metric
        output = cbor2.loads(metric.body) | output
    return cbor_reply(200, output)


def delete_alarms(adapter, request):
    names = cbor2.loads(request.body)["AlarmNames"]
    here = [name for name in names if composites(adapter, request).pop(name, None)]
    return cbor_reply(200, {}) if here else adapter.forward(request)


def alarm_tags(adapter, request):
    """ListTagsForResource, TagResource and UntagResource of a composite alarm; of anything else they are moto's."""
    body = cbor2.loads(request.body)
    alarm = composites(adapter, request).get(body["ResourceARN"].split(":alarm:")[-1])
    if not alarm:
        return adapter.forward(request)
    tags = alarm["tags"]
    tags.update({tag["Key"]: tag["Value"] for tag in body.get("Tags", [])})
    for key in body.get("TagKeys", []):
        tags.pop(key, None)
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return cbor_reply(200, {"Tags": listed} if request.operation == "ListTagsForResource" else {})


GAPS = [
    Gap("s3:GetBucketVersioning",
        "the root of moto's answer is GetBucketVersioningResponse; AWS's is VersioningConfiguration",
        root(b"GetBucketVersioningResponse", b"VersioningConfiguration")),
    Gap("s3:GetBucketNotificationConfiguration",
        "the root of moto's answer is GetBucketNotificationResponse; AWS's is NotificationConfiguration",
        root(b"GetBucketNotificationResponse", b"NotificationConfiguration")),
    Gap("s3:ListAccessPoints",
        "the root of moto's answer is ListAccessPointsResponse; AWS's is ListAccessPointsResult",
        root(b"ListAccessPointsResponse", b"ListAccessPointsResult")),
    Gap("logs:AssociateKmsKey", "moto stores a group's key at its creation only", associate_key),
    Gap("logs:DisassociateKmsKey", "as AssociateKmsKey", disassociate_key),
    Gap("logs:PutLogGroupDeletionProtection", "moto does not have it", protect_group),
    Gap("logs:DescribeLogGroups", "shows what the three above keep", describe_groups),
    Gap("bedrock:GetModelInvocationLoggingConfiguration",
        "moto answers null or an empty object; AWS leaves loggingConfig out", no_logging_configuration),
    Gap("s3:PutBucketLogging",
        "moto fails on a target whose policy has `Principal: *`, and on services and resources in lists", put_logging),
    Gap("s3:GetObject", "moto judges a bucket's policy without its conditions", objects),
    Gap("s3:PutObject", "as GetObject", objects),
    Gap("s3:CreateBucket", "moto drops CreateBucketConfiguration.Tags", create_bucket),
    Gap("s3:PutBucketEncryption", "moto drops BlockedEncryptionTypes", put_encryption),
    Gap("s3:GetBucketEncryption", "shows what PutBucketEncryption keeps", get_encryption),
    Gap("s3:GetObjectLockConfiguration",
        "moto shows a period of 0 years beside one in days; AWS has one of the two", object_lock),
    Gap("monitoring:PutCompositeAlarm", "moto has no composite alarms", put_composite),
    Gap("monitoring:DescribeAlarms", "as PutCompositeAlarm", only_cbor(describe_alarms)),
    Gap("monitoring:DeleteAlarms", "as PutCompositeAlarm", only_cbor(delete_alarms)),
    Gap("monitoring:ListTagsForResource", "as PutCompositeAlarm", only_cbor(alarm_tags)),
]
