"""Model invocation logging: one setting per Region, where it delivers to, and who guards that."""

from hardening.registry import ACCOUNT, expected_tags, item

KINDS = ("text", "image", "embedding", "video", "audio")


def configurations(account):
    """The setting of each Bedrock Region; there is one in each."""
    found = {region: account.bedrock[region] for region in account.bedrock_regions}
    assert all(found.values()), f"no invocation logging: {found}"
    return found


@item
def every_region_with_models_logs_invocations(account):
    """PutModelInvocationLoggingConfiguration in each Bedrock Region, and in no other."""
    configurations(account)
    assert {region for region, config in account.bedrock.items() if config} == set(account.bedrock_regions)


@item
def each_kind_of_body_is_said(account):
    """All five flags are sent, audio too: an absent one is the service's default, and older clients reset it."""
    wanted = dict.fromkeys(KINDS, True) if account.facts.get("organization") else {"text": True}
    for region, config in configurations(account).items():
        for kind in KINDS:
            flag = config[f"{kind}DataDeliveryEnabled"]
            assert isinstance(flag, bool)
            if kind in wanted:
                assert flag is wanted[kind], (region, kind)


@item
def text_is_recorded(account):
    """Without text there are no prompts and completions in the record."""
    assert all(config["textDataDeliveryEnabled"] is True for config in configurations(account).values())


@item
def both_destinations_are_set(account):
    """A log group for detections and a bucket for the bodies."""
    for config in configurations(account).values():
        assert config["cloudWatchConfig"] and config["s3Config"]


@item
def the_bucket_is_of_the_region(account):
    """Bucket of the same account and Region, by its name and not its ARN, without a prefix that the policy lacks."""
    for region, config in configurations(account).items():
        assert config["s3Config"] == {"bucketName": account.bucket_name("prompts", region)}
        assert account.buckets[config["s3Config"]["bucketName"]]["region"] == region


@item
def the_log_group_is_of_the_region(account):
    """Log group of the same Region, by its name and not its ARN; it exists."""
    for region, config in configurations(account).items():
        group = account.groups[f"bedrock@{region}"]
        assert config["cloudWatchConfig"]["logGroupName"] == group["name"]
        assert group["arn"] == f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group['name']}"


@item
def the_role_is_of_the_region(account):
    """The delivery role whose trust names this Region; it exists, in this account."""
    for region, config in configurations(account).items():
        role = account.roles[f"{account.scope}-bedrock-logs-{region}"]
        assert config["cloudWatchConfig"]["roleArn"] == role["arn"]


@item
def large_bodies_are_kept(account):
    """largeDataDeliveryS3Config: bodies over 100 KB go to the prompt bucket instead of being lost to the log group."""
    for region, config in configurations(account).items():
        assert config["cloudWatchConfig"]["largeDataDeliveryS3Config"] == {
            "bucketName": account.bucket_name("prompts", region)}


@item
def prompts_are_kept_shorter_than_the_record(account):
    """Prompts are personal data: 90 days in group and bucket, less than the trail's group."""
    for region in account.bedrock_regions:
        group = account.groups[f"bedrock@{region}"]
        assert group["retention_days"] == 90 < account.groups[f"trail@{account.home}"]["retention_days"]


@item
def prompts_have_their_own_key(account):
    """The group is encrypted with the prompt key of the Region, which is not the records' key."""
    records = account.keys[f"{account.scope}@{account.home}"]["metadata"]["Arn"]
    for region in account.bedrock_regions:
        group = account.groups[f"bedrock@{region}"]
        assert group["key"] == account.keys[f"{account.scope}-prompts@{region}"]["metadata"]["Arn"] != records


@item
def the_prompt_group_is_protected(account):
    """Deletion protection and ownership tags on the group that holds prompts."""
    for region in account.bedrock_regions:
        group = account.groups[f"bedrock@{region}"]
        assert group["protected"] is True
        expected_tags(account, group["tags"])


@item
def there_is_no_other_group(account):
    """One group for prompts in each Bedrock Region, one for the trail at home."""
    wanted = {f"bedrock@{region}" for region in account.bedrock_regions} | {f"trail@{account.home}"}
    assert set(account.groups) == wanted
