"""Some of everything that is listed, for reading it page by page; run on the sandbox only."""

from . import ACCOUNT, policy, tags
from . import bedrock, cloudtrail

# Every list that AWS pages: service, operation, the list, and what to ask with.
PAGED = [
    ("cloudtrail", "ListTrails", "Trails", {}),
    ("cloudwatch", "DescribeAlarms", "MetricAlarms", {}),
    ("cloudwatch", "ListDashboards", "DashboardEntries", {}),
    ("iam", "ListAttachedRolePolicies", "AttachedPolicies", {"RoleName": cloudtrail.ROLE}),
    ("iam", "ListRolePolicies", "PolicyNames", {"RoleName": cloudtrail.ROLE}),
    ("iam", "ListRoleTags", "Tags", {"RoleName": cloudtrail.ROLE}),
    ("iam", "ListRoles", "Roles", {}),
    ("kms", "ListAliases", "Aliases", {}),
    ("kms", "ListGrants", "Grants", {"KeyId": "KEY"}),
    ("kms", "ListKeys", "Keys", {}),
    ("kms", "ListResourceTags", "Tags", {"KeyId": "KEY"}),
    ("logs", "DescribeLogGroups", "logGroups", {}),
    ("logs", "DescribeMetricFilters", "metricFilters", {"logGroupName": cloudtrail.GROUP}),
    ("logs", "DescribeSubscriptionFilters", "subscriptionFilters", {"logGroupName": cloudtrail.GROUP}),
    ("organizations", "ListAWSServiceAccessForOrganization", "EnabledServicePrincipals", {}),
    ("organizations", "ListAccounts", "Accounts", {}),
    ("organizations", "ListDelegatedAdministrators", "DelegatedAdministrators", {}),
    ("s3", "ListBuckets", "Buckets", {}),
    ("s3", "ListObjectVersions", "Versions", {"Bucket": bedrock.BUCKET}),
    ("sns", "ListSubscriptionsByTopic", "Subscriptions", {"TopicArn": cloudtrail.TOPIC}),
    ("sns", "ListTopics", "Topics", {}),
    ("tag", "GetResources", "ResourceTagMappingList", {}),
]
# Answers with a token in their model that are not read so: what no sandbox of ours ever cuts, what boto3 has no paginator
# for, and why.
NEVER_CUT = {
    "s3:ListObjectsV2": "the calls of the contract read it in pages of one and of two",
    "cloudtrail:ListTags": "takes 20 trails at most and answers them all; its token is reserved for future use",
    "s3:ListAccessPoints": "boto3 has no paginator for it; the calls of the contract read it in pages of one",
    "logs:DescribeAccountPolicies": "an account has one policy of each type, or twenty subscription policies",
}


def run(d) -> str:
    """Makes at least two of each; returns the id of the key whose tags are listed."""
    cloudtrail.destinations(d)
    bedrock.destinations(d)
    for name in ("one", "two", "three"):
        d.ok("cloudtrail", "CreateTrail", Name=name, S3BucketName=cloudtrail.BUCKET, TagsList=tags(1))
        d.ok("cloudwatch", "PutMetricAlarm", AlarmName=name, MetricName="m", Namespace="n", Statistic="Sum", Period=60,
             EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", Tags=tags(1))
        d.ok("cloudwatch", "PutDashboard", DashboardName=name, DashboardBody='{"widgets": []}')
        d.ok("iam", "PutRolePolicy", RoleName=cloudtrail.ROLE, PolicyName=name, PolicyDocument=policy(
            {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}))
        d.ok("logs", "PutMetricFilter", logGroupName=cloudtrail.GROUP, filterName=name, filterPattern="",
             metricTransformations=[{"metricName": name, "metricNamespace": "n", "metricValue": "1"}])
        d.ok("logs", "CreateLogGroup", logGroupName=f"/{name}")
        d.ok("sns", "Subscribe", TopicArn=cloudtrail.TOPIC, Protocol="email", Endpoint=f"{name}@example.com")
        d.ok("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=policy(
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}))
        d.ok("organizations", "EnableAWSServiceAccess", ServicePrincipal=f"{name}.amazonaws.com")
    d.ok("iam", "TagRole", RoleName=cloudtrail.ROLE, Tags=tags(3))
    key = d.ok("kms", "CreateKey", Tags=tags(3, "TagKey", "TagValue")).get("KeyMetadata", {}).get("KeyId", "")
    for name in ("one", "two", "three"):
        d.ok("kms", "CreateAlias", AliasName=f"alias/{name}", TargetKeyId=key)
        d.ok("kms", "CreateGrant", KeyId=key, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:root", Operations=["Decrypt"])
    for name in ("one", "two"):
        d.ok("logs", "PutSubscriptionFilter", logGroupName=cloudtrail.GROUP, filterName=name, filterPattern="",
             destinationArn=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:copy")
    for account in d.ok("organizations", "ListAccounts").get("Accounts", []):
        if account["Id"] != ACCOUNT:
            d.ok("organizations", "RegisterDelegatedAdministrator", AccountId=account["Id"],
                 ServicePrincipal="one.amazonaws.com")
    for _ in range(3):
        d.ok("bedrock", "PutModelInvocationLoggingConfiguration",
             loggingConfig={"s3Config": {"bucketName": bedrock.BUCKET}})

    def attach(state):
        role = state["accounts"][ACCOUNT]["global"]["roles"][cloudtrail.ROLE]
        role["_attached"] = [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{name}"}
                             for name in ("One", "Two", "Three")]

    d.edit(attach)
    return key
