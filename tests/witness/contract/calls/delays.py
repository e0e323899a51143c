"""What is not seen at once. The clock is moved back first, so that no pause of the machine lets a delay pass."""

from . import ACCOUNT, policy, tags, trust
from . import bedrock

BUCKET = "witness-delays"


def run(d):
    d.ok("s3", "CreateBucket", Bucket=BUCKET)
    d.wait(-600)
    d.ok("s3", "HeadBucket", "at once", Bucket=BUCKET)
    d.refused("NoSuchBucket", "s3", "GetBucketVersioning", "at once", Bucket=BUCKET)
    d.wait(1200)
    d.ok("s3", "GetBucketVersioning", "later", Bucket=BUCKET)
    d.ok("s3", "DeleteBucket", Bucket=BUCKET)
    d.wait(-600)
    d.refused("OperationAborted", "s3", "CreateBucket", "just deleted", region="eu-west-1", Bucket=BUCKET,
              CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    d.wait(1200)
    index(d)
    roles(d)
    sessions(d)


def index(d):
    d.ok("sns", "CreateTopic", Name="indexed", Tags=tags(1))
    d.wait(-600)
    d.expect("tags at once", d.ok("tag", "GetResources", "at once").get("ResourceTagMappingList"), [])
    d.wait(1200)
    d.expect("tags later", len(d.ok("tag", "GetResources", "later").get("ResourceTagMappingList", [])), 1)


def roles(d):
    d.ok("logs", "CreateLogGroup", logGroupName="/witness/delays")
    d.ok("iam", "CreateRole", RoleName="young", AssumeRolePolicyDocument=trust("bedrock.amazonaws.com"))
    d.ok("iam", "PutRolePolicy", RoleName="young", PolicyName="write", PolicyDocument=policy(
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}))
    config = {"cloudWatchConfig": {"logGroupName": "/witness/delays", "roleArn": bedrock.ROLE_ARN.replace(
        bedrock.ROLE, "young")}}
    d.wait(-600)
    d.refused("ValidationException", "bedrock", "PutModelInvocationLoggingConfiguration", "a young role",
              loggingConfig=config)
    d.wait(1200)
    d.ok("bedrock", "PutModelInvocationLoggingConfiguration", "later", loggingConfig=config)


def sessions(d):
    d.ok("iam", "CreateRole", RoleName="assumed", AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}))
    given = d.ok("sts", "AssumeRole", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/assumed", RoleSessionName="witness",
                 DurationSeconds=900).get("Credentials", {})
    key = f"{given.get('AccessKeyId')}/{given.get('SessionToken')}"
    d.ok("sts", "GetCallerIdentity", "in time", key=key)
    d.wait(901)
    d.refused("ExpiredToken", "sts", "GetCallerIdentity", "too late", key=key)
