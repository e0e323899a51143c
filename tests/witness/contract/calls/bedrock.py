"""Bedrock: model-invocation logging, and the object that its check leaves behind."""

from . import ACCOUNT, policy, trust

BUCKET, GROUP, ROLE = "witness-bedrock", "/witness/bedrock", "witness-bedrock"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"


def run(d):
    destinations(d)
    put = lambda code, case, config: d.refused(
        code, "bedrock", "PutModelInvocationLoggingConfiguration", case, loggingConfig=config)
    d.ok("bedrock", "GetModelInvocationLoggingConfiguration", "never set")
    logs = {"logGroupName": GROUP, "roleArn": ROLE_ARN}
    put("ValidationException", "no such group", {"cloudWatchConfig": {**logs, "logGroupName": "/none"}})
    put("ValidationException", "no such role", {"cloudWatchConfig": {**logs, "roleArn": f"{ROLE_ARN}-none"}})
    put("ValidationException", "no such bucket", {"s3Config": {"bucketName": "witness-nowhere"}})
    config = {"cloudWatchConfig": {**logs, "largeDataDeliveryS3Config": {"bucketName": BUCKET, "keyPrefix": "large"}},
              "s3Config": {"bucketName": BUCKET, "keyPrefix": "all"}, "textDataDeliveryEnabled": True,
              "imageDataDeliveryEnabled": False}
    for case in ("", "again"):
        d.ok("bedrock", "PutModelInvocationLoggingConfiguration", case, loggingConfig=config)
    d.ok("bedrock", "GetModelInvocationLoggingConfiguration")
    d.ok("s3", "ListObjectVersions", "the check's objects", Bucket=BUCKET)
    d.pages("s3", "ListObjectVersions", "Versions", 1, 4, Bucket=BUCKET)
    d.refused("BucketNotEmpty", "s3", "DeleteBucket", Bucket=BUCKET)
    d.ok("bedrock", "DeleteModelInvocationLoggingConfiguration")
    d.ok("bedrock", "DeleteModelInvocationLoggingConfiguration", "again")
    d.ok("bedrock", "GetModelInvocationLoggingConfiguration", "deleted")


def destinations(d):
    d.ok("s3", "CreateBucket", Bucket=BUCKET)
    d.ok("s3", "PutBucketVersioning", Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    d.ok("s3", "PutBucketPolicy", Bucket=BUCKET, Policy=policy(
        {"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "s3:PutObject",
         "Resource": f"arn:aws:s3:::{BUCKET}/*", "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}))
    d.ok("logs", "CreateLogGroup", logGroupName=GROUP)
    d.ok("iam", "CreateRole", RoleName=ROLE, AssumeRolePolicyDocument=trust("bedrock.amazonaws.com"))
    d.ok("iam", "PutRolePolicy", RoleName=ROLE, PolicyName="write", PolicyDocument=policy(
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}))
