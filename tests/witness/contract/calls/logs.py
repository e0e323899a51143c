"""CloudWatch Logs: groups, keys, retention, metric filters, tags."""

import json

from . import ACCOUNT, COUNT, policy

GROUP, NOWHERE = "/witness/trail", "/witness/nowhere"
ARN = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:"


def run(d):
    groups(d)
    retention(d)
    keys(d)
    filters(d)
    subscriptions(d)
    protection(d)
    tagging(d)
    deletion(d)


def groups(d):
    create = lambda code, case, **more: d.refused(
        code, "logs", "CreateLogGroup", case, **{"logGroupName": f"/refused/{next(COUNT)}", **more})
    create("InvalidParameterException", "a blank in the name", logGroupName="a b")
    create("InvalidParameterException", "AWS's own prefix", logGroupName="aws/x")
    create("InvalidParameterException", "no such class", logGroupClass="GOLD")
    create("InvalidParameterException", "no such key", kmsKeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/none")
    create("InvalidParameterException", "a reserved tag", tags={"aws:x": "y"})
    d.ok("logs", "CreateLogGroup", logGroupName=GROUP, tags={"scope": "witness"})
    create("ResourceAlreadyExistsException", "", logGroupName=GROUP)
    for n in range(3):
        d.ok("logs", "CreateLogGroup", "more of them", logGroupName=f"/more/{n}")
    d.ok("logs", "CreateLogGroup", "infrequent access", logGroupName="/rare", logGroupClass="INFREQUENT_ACCESS")
    d.ok("logs", "DescribeLogGroups")
    d.ok("logs", "DescribeLogGroups", "by prefix", logGroupNamePrefix="/witness")
    d.ok("logs", "DescribeLogGroups", "by pattern", logGroupNamePattern="TRAIL")
    d.ok("logs", "DescribeLogGroups", "of a class", logGroupClass="INFREQUENT_ACCESS")
    d.refused("InvalidParameterException", "logs", "DescribeLogGroups", "prefix and pattern",
              logGroupNamePrefix="/a", logGroupNamePattern="b")
    d.refused("InvalidParameterException", "logs", "DescribeLogGroups", "a page of 51", limit=51)
    d.refused("InvalidParameterException", "logs", "DescribeLogGroups", "another's token", nextToken="nonsense")
    d.pages("logs", "DescribeLogGroups", "logGroups", 1, 5)
    d.ok("logs", "DescribeAccountPolicies", "none", policyType="RETENTION_POLICY")
    d.refused("InvalidParameterException", "logs", "DescribeAccountPolicies", "without a type")


def retention(d):
    put = lambda code, case, days, name=GROUP: d.refused(
        code, "logs", "PutRetentionPolicy", case, logGroupName=name, retentionInDays=days)
    put("InvalidParameterException", "between the steps", 100)
    put("ResourceNotFoundException", "", 90, NOWHERE)
    d.refused("ResourceNotFoundException", "logs", "DeleteRetentionPolicy", logGroupName=NOWHERE)
    d.ok("logs", "PutRetentionPolicy", logGroupName=GROUP, retentionInDays=400)
    d.ok("logs", "DescribeLogGroups", "with a retention", logGroupNamePrefix=GROUP)
    d.ok("logs", "DeleteRetentionPolicy", logGroupName=GROUP)
    d.ok("logs", "DescribeLogGroups", "without again", logGroupNamePrefix=GROUP)
    d.refused("ResourceNotFoundException", "logs", "PutLogGroupDeletionProtection", logGroupIdentifier=NOWHERE,
              deletionProtectionEnabled=True)
    d.ok("logs", "PutLogGroupDeletionProtection", logGroupIdentifier="/more/2", deletionProtectionEnabled=True)
    d.refused("ValidationException", "logs", "DeleteLogGroup", "under protection", logGroupName="/more/2")
    d.ok("logs", "PutLogGroupDeletionProtection", "off", logGroupIdentifier="/more/2", deletionProtectionEnabled=False)


def keys(d):
    made = d.ok("kms", "CreateKey", "for logs", Policy=policy(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"}, "Resource": "*",
         "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]}))
    key = made.get("KeyMetadata", {}).get("Arn", "")
    d.refused("InvalidParameterException", "logs", "AssociateKmsKey", "no such key", logGroupName=GROUP,
              kmsKeyId=f"{key[:-12]}000000000000")
    d.refused("ResourceNotFoundException", "logs", "AssociateKmsKey", logGroupName=NOWHERE, kmsKeyId=key)
    d.refused("ResourceNotFoundException", "logs", "DisassociateKmsKey", logGroupName=NOWHERE)
    d.ok("logs", "AssociateKmsKey", logGroupName=GROUP, kmsKeyId=key)
    d.ok("logs", "DescribeLogGroups", "with a key", logGroupNamePrefix=GROUP)
    d.ok("logs", "DisassociateKmsKey", logGroupName=GROUP)
    d.ok("logs", "DescribeLogGroups", "without a key", logGroupNamePrefix=GROUP)


def filters(d):
    transformation = {"metricName": "Deleted", "metricNamespace": "Audit", "metricValue": "1", "defaultValue": 0}
    filter = {"logGroupName": GROUP, "filterName": "deleted", "filterPattern": '{ $.eventName = "Delete*" }',
              "metricTransformations": [transformation]}
    put = lambda code, case, **more: d.refused(code, "logs", "PutMetricFilter", case, **{**filter, **more})
    put("InvalidParameterException", "a colon in the name", filterName="a:b")
    put("InvalidParameterException", "no pattern of ours", filterPattern="{ $.eventName = }")
    put("InvalidParameterException", "no transformation", metricTransformations=[])
    put("InvalidParameterException", "a default beside dimensions",
        metricTransformations=[{**transformation, "dimensions": {"name": "$.eventName"}}])
    put("ResourceNotFoundException", "", logGroupName=NOWHERE)
    put("InvalidOperationException", "", logGroupName="/rare")
    d.ok("logs", "PutMetricFilter", **filter)
    d.ok("logs", "PutMetricFilter", "with dimensions", **{**filter, "filterName": "by-name", "metricTransformations": [
        {"metricName": "Named", "metricNamespace": "Audit", "metricValue": "$.size", "unit": "Count",
         "dimensions": {"name": "$.eventName"}}]})
    for n in range(5):
        d.ok("logs", "PutMetricFilter", "with a regular expression",
             **{**filter, "filterName": f"regex-{n}", "filterPattern": "{ $.eventName = %Delete% }"})
    put("LimitExceededException", "a sixth regular expression", filterName="regex-5",
        filterPattern="{ $.eventName = %Delete% }")
    d.ok("logs", "DescribeMetricFilters", logGroupName=GROUP)
    d.ok("logs", "DescribeMetricFilters", "by prefix", logGroupName=GROUP, filterNamePrefix="by")
    d.ok("logs", "DescribeMetricFilters", "by metric", metricName="Named", metricNamespace="Audit")
    d.refused("ResourceNotFoundException", "logs", "DescribeMetricFilters", logGroupName=NOWHERE)
    d.refused("InvalidParameterException", "logs", "DescribeMetricFilters", "half a metric", metricName="Named")
    d.pages("logs", "DescribeMetricFilters", "metricFilters", 1, 7, logGroupName=GROUP)
    d.refused("ResourceNotFoundException", "logs", "DeleteMetricFilter", logGroupName=GROUP, filterName="none")
    d.ok("logs", "DeleteMetricFilter", logGroupName=GROUP, filterName="by-name")


def subscriptions(d):
    to = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:copy"
    put = lambda code, case, **more: d.refused(
        code, "logs", "PutSubscriptionFilter", case,
        **{"logGroupName": GROUP, "filterName": "refused", "filterPattern": "", "destinationArn": to, **more})
    put("InvalidParameterException", "a stream without a role",
        destinationArn=f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/copy")
    put("ResourceNotFoundException", "no such group", logGroupName=NOWHERE)
    d.refused("ResourceNotFoundException", "logs", "DescribeSubscriptionFilters", logGroupName=NOWHERE)
    for name in ("one", "two"):
        d.ok("logs", "PutSubscriptionFilter", logGroupName=GROUP, filterName=name, filterPattern="", destinationArn=to)
    put("LimitExceededException", "a third")
    d.ok("logs", "DescribeSubscriptionFilters", logGroupName=GROUP)
    d.pages("logs", "DescribeSubscriptionFilters", "subscriptionFilters", 1, 2, logGroupName=GROUP)
    d.ok("logs", "DeleteSubscriptionFilter", logGroupName=GROUP, filterName="one")
    d.refused("ResourceNotFoundException", "logs", "DeleteSubscriptionFilter", logGroupName=GROUP, filterName="one")
    d.ok("logs", "DeleteSubscriptionFilter", "the other", logGroupName=GROUP, filterName="two")


def protection(d):
    identifiers = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"]
    document = json.dumps({"Name": "mask", "Version": "2021-06-01", "Statement": [
        {"Sid": "audit", "DataIdentifier": identifiers, "Operation": {"Audit": {"FindingsDestination": {}}}},
        {"Sid": "mask", "DataIdentifier": identifiers, "Operation": {"Deidentify": {"MaskConfig": {}}}}]})
    d.refused("InvalidParameterException", "logs", "PutDataProtectionPolicy", logGroupIdentifier=GROUP,
              policyDocument="{}")
    d.ok("logs", "PutDataProtectionPolicy", logGroupIdentifier=GROUP, policyDocument=document)
    d.ok("logs", "GetDataProtectionPolicy", logGroupIdentifier=GROUP)
    d.refused("ResourceNotFoundException", "logs", "GetDataProtectionPolicy", logGroupIdentifier=NOWHERE)
    d.ok("logs", "DeleteDataProtectionPolicy", logGroupIdentifier=GROUP)


def tagging(d):
    put = lambda code, case, arn, given: d.refused(code, "logs", "TagResource", case, resourceArn=arn, tags=given)
    put("InvalidParameterException", "an ARN with a star", f"{ARN}{GROUP}:*", {"a": "b"})
    put("ResourceNotFoundException", "", f"{ARN}{NOWHERE}", {"a": "b"})
    put("TooManyTagsException", "", ARN + GROUP, {f"k{n}": "v" for n in range(51)})
    d.refused("ResourceNotFoundException", "logs", "ListTagsForResource", resourceArn=f"{ARN}{NOWHERE}")
    d.refused("ResourceNotFoundException", "logs", "UntagResource", resourceArn=f"{ARN}{NOWHERE}", tagKeys=["k"])
    d.ok("logs", "TagResource", resourceArn=ARN + GROUP, tags={"one": "1", "two": ""})
    d.ok("logs", "UntagResource", resourceArn=ARN + GROUP, tagKeys=["one", "unknown"])
    d.ok("logs", "ListTagsForResource", resourceArn=ARN + GROUP)


def deletion(d):
    d.refused("ResourceNotFoundException", "logs", "DeleteLogGroup", logGroupName=NOWHERE)
    d.ok("logs", "DeleteLogGroup", logGroupName=GROUP)
    d.refused("ResourceNotFoundException", "logs", "DeleteLogGroup", "again", logGroupName=GROUP)
