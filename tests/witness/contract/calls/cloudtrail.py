"""CloudTrail: trails, selectors, insights, tags."""

from . import ACCOUNT, COUNT, OTHER, policy, tags, trust

TRAIL, BUCKET, GROUP, ROLE = "witness", "witness-trail", "/witness/trail", "witness-trail"
ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/"
SERVICE = "cloudtrail.amazonaws.com"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:witness"


def run(d):
    key = destinations(d)
    trails(d, key)
    logging(d)
    selectors(d)
    insights(d)
    tagging(d)
    other_regions(d)
    deletion(d)


def destinations(d):
    """Makes what a trail delivers to; returns the key's ARN."""
    d.ok("s3", "CreateBucket", Bucket=BUCKET)
    d.ok("s3", "CreateBucket", "without a policy", Bucket=f"{BUCKET}-bare")
    d.ok("s3", "PutBucketPolicy", Bucket=BUCKET, Policy=policy(
        {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "s3:GetBucketAcl",
         "Resource": f"arn:aws:s3:::{BUCKET}"},
        {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "s3:PutObject",
         "Resource": f"arn:aws:s3:::{BUCKET}/*",
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}))
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    use = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
           "Resource": "*"}
    key = d.ok("kms", "CreateKey", "for a trail", Policy=policy(root, use)).get("KeyMetadata", {}).get("Arn", "")
    d.ok("sns", "CreateTopic", Name="witness", Attributes={"Policy": policy(
        {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sns:Publish", "Resource": TOPIC})})
    d.ok("sns", "CreateTopic", "that admits nobody", Name="closed")
    d.ok("logs", "CreateLogGroup", logGroupName=GROUP)
    d.ok("iam", "CreateRole", RoleName=ROLE, AssumeRolePolicyDocument=trust(SERVICE))
    d.ok("iam", "PutRolePolicy", RoleName=ROLE, PolicyName="write", PolicyDocument=policy(
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}))
    return key


def trails(d, key):
    create = lambda code, case, **more: d.refused(
        code, "cloudtrail", "CreateTrail", case, **{"Name": f"refused-{next(COUNT)}", "S3BucketName": BUCKET, **more})
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{GROUP}:*"
    role = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    create("InvalidTrailNameException", "too short", Name="ab")
    create("InvalidS3BucketNameException", "no bucket's name", S3BucketName="A_B")
    create("S3BucketDoesNotExistException", "", S3BucketName="witness-nowhere")
    create("InsufficientS3BucketPolicyException", "", S3BucketName=f"{BUCKET}-bare")
    create("InvalidS3PrefixException", "", S3KeyPrefix="p" * 201)
    create("InvalidParameterCombinationException", "", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=False)
    create("InvalidTagParameterException", "", TagsList=[{"Key": "aws:x", "Value": "y"}])
    create("TagsLimitExceededException", "", TagsList=tags(51))
    create("InvalidKmsKeyIdException", "", KmsKeyId="not a key")
    create("KmsKeyNotFoundException", "", KmsKeyId=f"{key[:-12]}000000000000")
    bare = d.ok("kms", "CreateKey", "that admits nobody").get("KeyMetadata", {}).get("Arn", "")
    create("InsufficientEncryptionPolicyException", "", KmsKeyId=bare)
    d.ok("kms", "DisableKey", KeyId=bare)
    create("KmsException", "a disabled key", KmsKeyId=bare)
    create("InvalidSnsTopicNameException", "", SnsTopicName="t" * 257)
    create("InsufficientSnsTopicPolicyException", "", SnsTopicName="closed")
    create("InvalidCloudWatchLogsLogGroupArnException", "", CloudWatchLogsLogGroupArn=group[:-2],
           CloudWatchLogsRoleArn=role)
    create("InvalidCloudWatchLogsRoleArnException", "", CloudWatchLogsLogGroupArn=group,
           CloudWatchLogsRoleArn=f"{role}-none")
    create("OrganizationsNotInUseException", "", IsOrganizationTrail=True, IsMultiRegionTrail=True)
    d.refused("TrailNotFoundException", "cloudtrail", "GetTrail", Name="unknown")
    d.refused("CloudTrailARNInvalidException", "cloudtrail", "GetTrail", Name="arn:aws:cloudtrail")
    d.ok("cloudtrail", "CreateTrail", Name=TRAIL, S3BucketName=BUCKET, S3KeyPrefix="p", SnsTopicName="witness",
         IsMultiRegionTrail=True, EnableLogFileValidation=True, KmsKeyId=key, CloudWatchLogsLogGroupArn=group,
         CloudWatchLogsRoleArn=role, TagsList=tags(2))
    create("TrailAlreadyExistsException", "", Name=TRAIL)
    d.ok("cloudtrail", "CreateTrail", "a plain one", Name="plain", S3BucketName=BUCKET)
    d.ok("cloudtrail", "GetTrail", Name=TRAIL)
    d.ok("cloudtrail", "GetTrail", "by ARN", Name=ARN + TRAIL)
    d.ok("cloudtrail", "DescribeTrails")
    d.ok("cloudtrail", "DescribeTrails", "by name", trailNameList=["plain", "unknown"])
    d.ok("cloudtrail", "ListTrails")
    d.refused("InvalidNextTokenException", "cloudtrail", "ListTrails", NextToken="nonsense")
    d.ok("cloudtrail", "UpdateTrail", Name="plain", S3KeyPrefix="q", EnableLogFileValidation=True)
    d.refused("TrailNotFoundException", "cloudtrail", "UpdateTrail", Name="unknown", S3KeyPrefix="q")
    d.refused("S3BucketDoesNotExistException", "cloudtrail", "UpdateTrail", Name="plain", S3BucketName="witness-nowhere")
    d.ok("cloudtrail", "GetTrail", "updated", Name="plain")


def logging(d):
    d.ok("cloudtrail", "GetTrailStatus", "never started", Name=TRAIL)
    d.ok("cloudtrail", "StartLogging", Name=TRAIL)
    d.ok("cloudtrail", "GetTrailStatus", "logging", Name=TRAIL)
    d.ok("cloudtrail", "StopLogging", Name=TRAIL)
    d.ok("cloudtrail", "GetTrailStatus", "stopped", Name=TRAIL)
    for operation in ("StartLogging", "StopLogging", "GetTrailStatus"):
        d.refused("TrailNotFoundException", "cloudtrail", operation, Name="unknown")


def selectors(d):
    field = lambda name, *values: {"Field": name, "Equals": list(values)}
    management = {"Name": "all", "FieldSelectors": [field("eventCategory", "Management")]}
    data = {"Name": "bedrock", "FieldSelectors": [field("eventCategory", "Data"),
                                                 field("resources.type", "AWS::Bedrock::Model")]}
    put = lambda case, **what: d.refused(
        "InvalidEventSelectorsException", "cloudtrail", "PutEventSelectors", case, TrailName=TRAIL, **what)
    put("neither")
    put("no field", AdvancedEventSelectors=[{"FieldSelectors": []}])
    put("no such field", AdvancedEventSelectors=[{"FieldSelectors": [field("eventCategory", "Data"), field("mood", "x")]}])
    put("no such readings", EventSelectors=[{"ReadWriteType": "Some"}])
    put("both", EventSelectors=[{"ReadWriteType": "All"}], AdvancedEventSelectors=[management])
    d.refused("TrailNotFoundException", "cloudtrail", "PutEventSelectors", TrailName="unknown",
              AdvancedEventSelectors=[management])
    d.refused("TrailNotFoundException", "cloudtrail", "GetEventSelectors", TrailName="unknown")
    d.ok("cloudtrail", "GetEventSelectors", "never set", TrailName=TRAIL)
    d.ok("cloudtrail", "PutEventSelectors", "basic", TrailName=TRAIL, EventSelectors=[
        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [
            {"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{BUCKET}/"]}]}])
    d.ok("cloudtrail", "GetEventSelectors", "basic", TrailName=TRAIL)
    d.ok("cloudtrail", "PutEventSelectors", "advanced", TrailName=TRAIL, AdvancedEventSelectors=[management, data])
    d.ok("cloudtrail", "GetEventSelectors", "advanced", TrailName=TRAIL)


def insights(d):
    rate = {"InsightType": "ApiCallRateInsight"}
    d.refused("InsightNotEnabledException", "cloudtrail", "GetInsightSelectors", TrailName=TRAIL)
    d.refused("TrailNotFoundException", "cloudtrail", "GetInsightSelectors", TrailName="unknown")
    d.refused("InvalidInsightSelectorsException", "cloudtrail", "PutInsightSelectors", TrailName=TRAIL,
              InsightSelectors=[{"InsightType": "Hunch"}])
    d.refused("InvalidParameterException", "cloudtrail", "PutInsightSelectors", "no list", TrailName=TRAIL)
    d.ok("cloudtrail", "PutInsightSelectors", TrailName=TRAIL, InsightSelectors=[rate, {"InsightType": "ApiErrorRateInsight"}])
    d.ok("cloudtrail", "GetInsightSelectors", TrailName=TRAIL)
    d.ok("cloudtrail", "GetTrail", "with selectors and insights", Name=TRAIL)


def tagging(d):
    put = lambda code, case, arn, given: d.refused(code, "cloudtrail", "AddTags", case, ResourceId=arn, TagsList=given)
    put("CloudTrailARNInvalidException", "", "witness", tags(1))
    put("ResourceNotFoundException", "", f"{ARN}unknown", tags(1))
    put("TagsLimitExceededException", "", ARN + TRAIL, tags(51))
    put("InvalidTagParameterException", "", ARN + TRAIL, [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}])
    d.refused("ResourceNotFoundException", "cloudtrail", "RemoveTags", ResourceId=f"{ARN}unknown", TagsList=tags(1))
    d.refused("ResourceNotFoundException", "cloudtrail", "ListTags", ResourceIdList=[f"{ARN}unknown"])
    d.refused("CloudTrailARNInvalidException", "cloudtrail", "ListTags", ResourceIdList=["witness"])
    d.refused("InvalidParameterException", "cloudtrail", "ListTags", "none", ResourceIdList=[])
    d.ok("cloudtrail", "AddTags", ResourceId=ARN + TRAIL, TagsList=tags(4))
    d.ok("cloudtrail", "RemoveTags", ResourceId=ARN + TRAIL, TagsList=[{"Key": "key-3"}, {"Key": "unknown"}])
    d.ok("cloudtrail", "ListTags", ResourceIdList=[ARN + TRAIL, f"{ARN}plain"])


def other_regions(d):
    d.ok("cloudtrail", "DescribeTrails", "from another Region", region="eu-west-1")
    d.ok("cloudtrail", "DescribeTrails", "from another Region, its own", region="eu-west-1", includeShadowTrails=False)
    d.refused("InvalidHomeRegionException", "cloudtrail", "StopLogging", region="eu-west-1", Name=ARN + TRAIL)
    d.refused("InvalidHomeRegionException", "cloudtrail", "UpdateTrail", "from another Region", region="eu-west-1",
              Name=ARN + TRAIL, S3KeyPrefix="q")
    d.refused("TrailNotFoundException", "cloudtrail", "GetTrail", "of another account", key=OTHER, Name=TRAIL)
    for n in range(3):
        d.ok("cloudtrail", "CreateTrail", "up to five", Name=f"more-{n}", S3BucketName=BUCKET)
    d.refused("MaximumNumberOfTrailsExceededException", "cloudtrail", "CreateTrail", Name="sixth", S3BucketName=BUCKET)


def deletion(d):
    d.refused("TrailNotFoundException", "cloudtrail", "DeleteTrail", Name="unknown")
    d.refused("InvalidHomeRegionException", "cloudtrail", "DeleteTrail", region="eu-west-1", Name=ARN + TRAIL)
    d.ok("cloudtrail", "DeleteTrail", Name=TRAIL)
    d.refused("TrailNotFoundException", "cloudtrail", "GetTrail", "deleted", Name=TRAIL)
    d.ok("cloudtrail", "DescribeTrails", "what is left")
