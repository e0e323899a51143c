"""SNS: topics, subscriptions, tags."""

import json

from . import ACCOUNT, OTHER, policy, tags

NOWHERE = f"arn:aws:sns:us-east-1:{ACCOUNT}:nowhere"


def run(d):
    arn = topics(d)
    attributes(d, arn)
    subscriptions(d, arn)
    tagging(d, arn)
    many(d)


def topics(d):
    d.refused("InvalidParameter", "sns", "CreateTopic", "a blank in the name", Name="wit ness")
    d.refused("InvalidParameter", "sns", "CreateTopic", "a reserved tag", Name="witness",
              Tags=[{"Key": "aws:x", "Value": "y"}])
    arn = d.ok("sns", "CreateTopic", Name="witness", Attributes={"DisplayName": "Audit & <logs>"}, Tags=tags(2))
    arn = arn.get("TopicArn", NOWHERE)
    d.ok("sns", "CreateTopic", "again", Name="witness", Attributes={"DisplayName": "Audit & <logs>"}, Tags=tags(2))
    d.refused("InvalidParameter", "sns", "CreateTopic", "again with other tags", Name="witness", Tags=tags(3))
    d.ok("sns", "ListTopics")
    d.refused("InvalidParameter", "sns", "ListTopics", "another's token", NextToken="nonsense")
    d.ok("sns", "GetTopicAttributes", TopicArn=arn)
    d.refused("NotFound", "sns", "GetTopicAttributes", TopicArn=NOWHERE)
    d.refused("InvalidParameter", "sns", "GetTopicAttributes", "no ARN", TopicArn="witness")
    d.refused("AuthorizationError", "sns", "GetTopicAttributes", key=OTHER, TopicArn=arn)
    return arn


def attributes(d, arn):
    put = lambda case, name, value, code="InvalidParameter": d.refused(
        code, "sns", "SetTopicAttributes", case, TopicArn=arn, AttributeName=name, AttributeValue=value)
    allow = {"Sid": "Publish", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
             "Action": "sns:Publish", "Resource": arn, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
    put("no such attribute", "Colour", "red")
    put("no such version", "SignatureVersion", "3")
    put("no JSON", "Policy", "nonsense")
    put("an action of another service", "Policy", policy({**allow, "Action": "s3:GetObject"}))
    put("no delivery policy", "DeliveryPolicy", "nonsense")
    d.refused("NotFound", "sns", "SetTopicAttributes", TopicArn=NOWHERE, AttributeName="DisplayName", AttributeValue="x")
    for name, value in (("Policy", policy(allow)), ("KmsMasterKeyId", "alias/aws/sns"), ("SignatureVersion", "2"),
                        ("TracingConfig", "Active"),
                        ("DeliveryPolicy", json.dumps({"http": {"defaultHealthyRetryPolicy": {
                            "minDelayTarget": 5, "maxDelayTarget": 10, "numRetries": 3}}}))):
        d.ok("sns", "SetTopicAttributes", name, TopicArn=arn, AttributeName=name, AttributeValue=value)
    d.ok("sns", "GetTopicAttributes", "all set", TopicArn=arn)


def subscriptions(d, arn):
    subscribe = lambda case, protocol, endpoint, **more: d.refused(
        "InvalidParameter", "sns", "Subscribe", case, TopicArn=arn, Protocol=protocol, Endpoint=endpoint, **more)
    subscribe("no such protocol", "pigeon", "loft")
    subscribe("no address", "email", "nobody")
    d.refused("NotFound", "sns", "Subscribe", TopicArn=NOWHERE, Protocol="email", Endpoint="a@example.com")
    d.ok("sns", "Subscribe", "by mail", TopicArn=arn, Protocol="email", Endpoint="a@example.com")
    d.ok("sns", "Subscribe", "with its ARN", TopicArn=arn, Protocol="email", Endpoint="b@example.com",
         ReturnSubscriptionArn=True)
    queue = d.ok("sns", "Subscribe", "a queue", TopicArn=arn, Protocol="sqs",
                 Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:witness").get("SubscriptionArn", "")
    d.ok("sns", "ListSubscriptionsByTopic", TopicArn=arn)
    d.refused("NotFound", "sns", "ListSubscriptionsByTopic", TopicArn=NOWHERE)
    d.refused("InvalidParameter", "sns", "Unsubscribe", "no ARN", SubscriptionArn="pending confirmation")
    d.refused("NotFound", "sns", "Unsubscribe", SubscriptionArn=f"{arn}:00000000-0000-4000-8000-000000000000")
    d.ok("sns", "Unsubscribe", SubscriptionArn=queue)
    d.ok("sns", "GetTopicAttributes", "with subscribers", TopicArn=arn)


def tagging(d, arn):
    d.refused("ResourceNotFound", "sns", "ListTagsForResource", ResourceArn=NOWHERE)
    d.refused("ResourceNotFound", "sns", "TagResource", ResourceArn=NOWHERE, Tags=tags(1))
    d.refused("ResourceNotFound", "sns", "UntagResource", ResourceArn=NOWHERE, TagKeys=["k"])
    d.refused("TagLimitExceeded", "sns", "TagResource", ResourceArn=arn, Tags=tags(51))
    d.refused("InvalidParameter", "sns", "TagResource", "twice the same key", ResourceArn=arn,
              Tags=[{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}])
    d.ok("sns", "TagResource", ResourceArn=arn, Tags=tags(4))
    d.ok("sns", "UntagResource", ResourceArn=arn, TagKeys=["key-3", "unknown"])
    d.ok("sns", "ListTagsForResource", ResourceArn=arn)


def many(d):
    """SNS takes no page size: its pages hold a hundred."""
    crowd = d.ok("sns", "CreateTopic", "many", Name="crowd").get("TopicArn", NOWHERE)
    for n in range(101):
        d.ok("sns", "CreateTopic", "many", Name=f"many-{n}")
        d.ok("sns", "Subscribe", "many", TopicArn=crowd, Protocol="email", Endpoint=f"user-{n}@example.com")
    d.pages("sns", "ListTopics", "Topics", None, 103)
    d.pages("sns", "ListSubscriptionsByTopic", "Subscriptions", None, 101, TopicArn=crowd)
    d.ok("sns", "DeleteTopic", TopicArn=crowd)
    d.ok("sns", "DeleteTopic", "again", TopicArn=crowd)
    d.refused("NotFound", "sns", "GetTopicAttributes", "deleted", TopicArn=crowd)
