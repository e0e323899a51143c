"""The account as boto3 sees it: everything that a hardening list speaks of, read once, as plain data."""

import json
from concurrent.futures import ThreadPoolExecutor

import botocore.exceptions

from moto_adapter import ACCOUNT, client


class Account:
    """What boto3 read of one scope. `data` is plain; the checks look at nothing else."""

    def __init__(self, url, scope, home, bedrock_regions, **facts):
        self.url, self.scope, self.home, self.bedrock_regions = url, scope, home, bedrock_regions
        self.facts = facts
        self.regions = sorted({home, *bedrock_regions})
        self.trail_arn = f"arn:aws:cloudtrail:{home}:{ACCOUNT}:trail/{scope}"
        readers = {
            "trail": self.read_trail, "buckets": self.read_buckets, "keys": self.read_keys, "roles": self.read_roles,
            "topics": self.read_topics, "groups": self.read_groups, "bedrock": self.read_bedrock,
            "alarms": self.read_alarms,
        }
        with ThreadPoolExecutor(4) as pool:
            jobs = {name: pool.submit(reader) for name, reader in readers.items()}
            self.data = {name: job.result() for name, job in jobs.items()}

    def __getattr__(self, name):
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(name) from None

    def client(self, service, region=None):
        return client(service, region or self.home, self.url)

    def bucket_name(self, role, region):
        return f"{self.scope}-{role}-{ACCOUNT}-{region}"

    def read_trail(self):
        cloudtrail = self.client("cloudtrail")
        trail = cloudtrail.get_trail(Name=self.scope)["Trail"]
        try:
            insights = cloudtrail.get_insight_selectors(TrailName=self.scope)["InsightSelectors"]
        except cloudtrail.exceptions.InsightNotEnabledException:
            insights = []
        status = cloudtrail.get_trail_status(Name=self.scope)
        return {
            "trail": trail,
            "status": {key: value for key, value in status.items() if key == "IsLogging" or key.endswith("Error")},
            "selectors": cloudtrail.get_event_selectors(TrailName=self.scope).get("AdvancedEventSelectors", []),
            "insights": insights,
            "tags": pairs(cloudtrail.list_tags(ResourceIdList=[trail["TrailARN"]])["ResourceTagList"][0]["TagsList"]),
        }

    def read_buckets(self):
        s3 = self.client("s3")
        names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"] if bucket["Name"].startswith(f"{self.scope}-")]
        return {name: self.read_bucket(name) for name in names}

    def read_bucket(self, name):
        region = name.split(f"-{ACCOUNT}-")[1]
        s3 = self.client("s3", region)
        versioning = s3.get_bucket_versioning(Bucket=name)
        lifecycle = found(s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration", Bucket=name) or {}
        block = found(s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", Bucket=name) or {}
        lock = found(s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError", Bucket=name) or {}
        return {
            "name": name,
            "role": name.removeprefix(f"{self.scope}-").split("-")[0],
            "region": s3.head_bucket(Bucket=name)["BucketRegion"],
            "policy": json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]),
            "public_access_block": block.get("PublicAccessBlockConfiguration", {}),
            "ownership": s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"],
            "versioning": {key: versioning[key] for key in ("Status", "MFADelete") if key in versioning},
            "encryption": s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"],
            "object_lock": lock.get("ObjectLockConfiguration"),
            "rules": lifecycle.get("Rules", []),
            "minimum_size": lifecycle.get("TransitionDefaultMinimumObjectSize"),
            "logging": s3.get_bucket_logging(Bucket=name).get("LoggingEnabled"),
            "tags": pairs(s3.get_bucket_tagging(Bucket=name)["TagSet"]),
        }

    def read_keys(self):
        keys = {}
        for region in self.regions:
            kms = self.client("kms", region)
            for alias in kms.list_aliases()["Aliases"]:
                if alias["AliasName"] not in (f"alias/{self.scope}", f"alias/{self.scope}-prompts"):
                    continue
                key = alias["TargetKeyId"]
                metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
                metadata.pop("CreationDate")
                rotation = kms.get_key_rotation_status(KeyId=key)
                keys[f"{alias['AliasName'].removeprefix('alias/')}@{region}"] = {
                    "metadata": metadata,
                    "region": region,
                    "policy": json.loads(kms.get_key_policy(KeyId=key)["Policy"]),
                    "rotation": {name: rotation.get(name) for name in ("KeyRotationEnabled", "RotationPeriodInDays")},
                    "tags": {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]},
                }
        return keys

    def read_roles(self):
        iam = self.client("iam")
        roles = {}
        for listed in iam.list_roles()["Roles"]:
            name = listed["RoleName"]
            if not name.startswith(f"{self.scope}-"):
                continue
            role = iam.get_role(RoleName=name)["Role"]
            roles[name] = {
                "trust": role["AssumeRolePolicyDocument"],
                "session": role["MaxSessionDuration"],
                "arn": role["Arn"],
                "inline": {
                    policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
                },
                "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
                "tags": pairs(role.get("Tags", [])),
            }
        return roles

    def read_topics(self):
        topics = {}
        for region in self.regions:
            sns = self.client("sns", region)
            for topic in sns.list_topics()["Topics"]:
                arn = topic["TopicArn"]
                if not arn.endswith(f":{self.scope}-alarms"):
                    continue
                attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
                subscriptions = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
                topics[region] = {
                    "arn": arn,
                    "key": attributes.get("KmsMasterKeyId"),
                    "fifo": attributes.get("FifoTopic", "false"),
                    "policy": json.loads(attributes["Policy"]),
                    "subscriptions": [f"{one['Protocol']}:{one['Endpoint']}" for one in subscriptions],
                    "tags": pairs(sns.list_tags_for_resource(ResourceArn=arn)["Tags"]),
                }
        return topics

    def read_groups(self):
        groups = {}
        for region in self.regions:
            logs = self.client("logs", region)
            for group in logs.describe_log_groups(logGroupNamePrefix=f"/auditscope/{self.scope}/")["logGroups"]:
                groups[f"{group['logGroupName'].split('/')[-1]}@{region}"] = {
                    "name": group["logGroupName"],
                    "region": region,
                    "arn": group["logGroupArn"],
                    "key": group.get("kmsKeyId"),
                    "retention_days": group.get("retentionInDays"),
                    "protected": group.get("deletionProtectionEnabled", False),
                    "tags": logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"],
                }
        return groups

    def read_bedrock(self):
        answers = {}
        for region in self.regions:
            answer = self.client("bedrock", region).get_model_invocation_logging_configuration()
            answers[region] = answer.get("loggingConfig")
        return answers

    def read_alarms(self):
        alarms = {}
        for region in self.regions:
            pages = self.client("cloudwatch", region).get_paginator("describe_alarms")
            for page in pages.paginate(AlarmNamePrefix=f"{self.scope}-", AlarmTypes=["MetricAlarm"]):
                for alarm in page["MetricAlarms"]:
                    alarms[f"{alarm['AlarmName']}@{region}"] = {
                        "actions": alarm["AlarmActions"], "enabled": alarm["ActionsEnabled"], "region": region,
                    }
        return alarms


def pairs(tags):
    """A list of Key and Value as a dict."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def found(call, missing, **arguments):
    """Returns an answer, or nothing where the code says that nothing is configured."""
    try:
        return call(**arguments)
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != missing:
            raise
        return None
