"""Keys: their settings, and which service may use which of them for what."""

import json

from hardening.registry import (
    ACCOUNT, NOBODY, ROOT, STRANGER, allows, expected_tags, item, only_with, principals, service,
)
from policy_eval import listed

CLOUDTRAIL = service("cloudtrail.amazonaws.com")
ENCRYPT = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey")


def main(account, region=None):
    return account.keys[f"{account.scope}@{region or account.home}"]


def prompt_keys(account):
    return [account.keys[f"{account.scope}-prompts@{region}"] for region in account.bedrock_regions]


def trail_context(account):
    return {"aws:SourceArn": account.trail_arn, "kms:EncryptionContext:aws:cloudtrail:arn": account.trail_arn}


@item
def the_keys_are_there(account):
    """A key for the records and topics in each Region used, another for prompts in each Bedrock Region, by alias."""
    wanted = {f"{account.scope}@{account.home}"} | {f"{account.scope}@{region}" for region in account.topics}
    wanted |= {f"{account.scope}-prompts@{region}" for region in account.bedrock_regions}
    assert set(account.keys) == wanted
    ids = [key["metadata"]["KeyId"] for key in account.keys.values()]
    assert len(set(ids)) == len(ids), "prompts have a key of their own"


@item
def keys_can_be_used(account):
    """State Enabled, no deletion scheduled: a log bucket's key that is pending deletion is data loss ahead."""
    for name, key in account.keys.items():
        assert key["metadata"]["KeyState"] == "Enabled" and key["metadata"]["Enabled"] is True, name
        assert "DeletionDate" not in key["metadata"]


@item
def keys_are_symmetric_and_ours(account):
    """SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT, AWS_KMS origin, customer managed; CloudTrail and Logs take no other kind."""
    for key in account.keys.values():
        metadata = key["metadata"]
        assert metadata["KeySpec"] == "SYMMETRIC_DEFAULT" and metadata["KeyUsage"] == "ENCRYPT_DECRYPT"
        assert metadata["Origin"] == "AWS_KMS" and metadata["KeyManager"] == "CUSTOMER"


@item
def keys_stay_in_their_region(account):
    """No multi-Region keys, whose replicas drift on their own; each key lies where it is used."""
    for name, key in account.keys.items():
        assert key["metadata"]["MultiRegion"] is False
        assert key["metadata"]["Arn"].split(":")[3] == key["region"] == name.split("@")[1]


@item
def keys_rotate(account):
    """EnableKeyRotation with a period of 90 to 2560 days, 365 by default."""
    for key in account.keys.values():
        assert key["rotation"] == {"KeyRotationEnabled": True, "RotationPeriodInDays": 365}


@item
def keys_are_described_and_tagged(account):
    """A key has no name: description and tags tell what it is, so that a lost answer makes no second key."""
    for key in account.keys.values():
        assert account.scope in key["metadata"]["Description"]
        expected_tags(account, key["tags"])


@item
def the_account_keeps_each_key(account):
    """kms:* for the account's root, without conditions: IAM policies work and nobody is locked out."""
    for key in account.keys.values():
        for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:Decrypt"):
            assert allows(key["policy"], ROOT, action, "*")
        assert any(listed(s["Action"]) == ["kms:*"] and "Condition" not in s for s in key["policy"]["Statement"])


@item
def administrators_do_not_decrypt(account):
    """The blueprint's administrators manage each key and cannot use it, also not through a grant."""
    for key in account.keys.values():
        for name in account.facts.get("administrators", []):
            for action in ("kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:ScheduleKeyDeletion", "kms:TagResource"):
                assert allows(key["policy"], ("AWS", name), action, "*"), action
            for action in ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:ReEncryptFrom"):
                assert not allows(key["policy"], ("AWS", name), action, "*"), action


@item
def cloudtrail_encrypts_its_files(account):
    """kms:GenerateDataKey* for the trail's ARN, with an encryption context of this account's trails."""
    policy = main(account)["policy"]
    only_with(policy, CLOUDTRAIL, "kms:GenerateDataKey", "*", trail_context(account))
    only_with(policy, CLOUDTRAIL, "kms:GenerateDataKeyWithoutPlaintext", "*", trail_context(account))


@item
def cloudtrail_sees_the_key(account):
    """kms:DescribeKey for the trail's ARN: CloudTrail checks the key when the trail is made."""
    only_with(main(account)["policy"], CLOUDTRAIL, "kms:DescribeKey", "*", {"aws:SourceArn": account.trail_arn})


@item
def cloudtrail_decrypts_for_the_bucket_key(account):
    """kms:Decrypt for the trail's ARN, as the log bucket uses an S3 Bucket Key."""
    only_with(main(account)["policy"], CLOUDTRAIL, "kms:Decrypt", "*", {"aws:SourceArn": account.trail_arn})


@item
def cloudtrail_uses_the_records_key_only(account):
    """Neither the prompt keys nor the topic keys of other Regions admit CloudTrail."""
    for name, key in account.keys.items():
        if name != f"{account.scope}@{account.home}":
            assert CLOUDTRAIL not in principals(key["policy"]), name


@item
def each_log_group_uses_its_key(account):
    """The Region's own logs service, for the one group of the encryption context and no other."""
    pairs = [(main(account), f"log-group:/auditscope/{account.scope}/trail")]
    pairs += [(key, f"log-group:/auditscope/{account.scope}/bedrock") for key in prompt_keys(account)]
    for key, group in pairs:
        logs = service(f"logs.{key['region']}.amazonaws.com")
        context = {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{key['region']}:{ACCOUNT}:{group}"}
        for action in ENCRYPT:
            only_with(key["policy"], logs, action, "*", context)
        other = {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{key['region']}:{ACCOUNT}:log-group:/other"}
        assert not allows(key["policy"], logs, "kms:Decrypt", "*", context=other)
        assert not allows(key["policy"], service("logs.amazonaws.com"), "kms:Decrypt", "*", context=context)


@item
def bedrock_encrypts_prompts(account):
    """kms:GenerateDataKey for this account's Bedrock in the Region, and nothing that reads."""
    for key in prompt_keys(account):
        bedrock = service("bedrock.amazonaws.com")
        context = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": f"arn:aws:bedrock:{key['region']}:{ACCOUNT}:x"}
        only_with(key["policy"], bedrock, "kms:GenerateDataKey", "*", context)
        assert not allows(key["policy"], bedrock, "kms:Decrypt", "*", context=context)
        elsewhere = context | {"aws:SourceArn": f"arn:aws:bedrock:ap-south-1:{ACCOUNT}:x"}
        assert not allows(key["policy"], bedrock, "kms:GenerateDataKey", "*", context=elsewhere)


@item
def bedrock_uses_prompt_keys_only(account):
    """The records' key does not admit Bedrock."""
    for region in account.topics:
        assert service("bedrock.amazonaws.com") not in principals(main(account, region)["policy"])


@item
def alarms_reach_an_encrypted_topic(account):
    """cloudwatch.amazonaws.com may GenerateDataKey* and Decrypt, without conditions, as in AWS's sample for SNS."""
    for region in account.topics:
        policy = main(account, region)["policy"]
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            assert allows(policy, service("cloudwatch.amazonaws.com"), action, "*"), region
        for action in ("kms:Encrypt", "kms:PutKeyPolicy", "kms:CreateGrant"):
            assert not allows(policy, service("cloudwatch.amazonaws.com"), action, "*")


@item
def readers_decrypt_through_s3_and_logs(account):
    """Readers may Decrypt where S3 or Logs of the Region asks for them, never with the key directly, and no more."""
    for keys, names in (([main(account)], "readers"), (prompt_keys(account), "prompt_readers")):
        for key in keys:
            for name in account.facts.get(names, []):
                for via in ("s3", "logs"):
                    context = {"kms:ViaService": f"{via}.{key['region']}.amazonaws.com"}
                    only_with(key["policy"], ("AWS", name), "kms:Decrypt", "*", context)
                    assert not allows(key["policy"], ("AWS", name), "kms:GenerateDataKey", "*", context=context)


@item
def nobody_else_is_admitted(account):
    """Beside the account: the blueprint's administrators and readers, and the services above. No stranger, no `*`."""
    for name, key in account.keys.items():
        prompts = name.startswith(f"{account.scope}-prompts@")
        home = key["region"] == account.home
        people = {ROOT} | {("AWS", who) for who in account.facts.get("administrators", [])}
        if prompts or home:
            people |= {("AWS", who) for who in account.facts.get("prompt_readers" if prompts else "readers", [])}
        assert {who for who in principals(key["policy"]) if who[0] == "AWS"} == people, name
        logs = f"logs.{key['region']}.amazonaws.com"
        services = {"bedrock.amazonaws.com", logs} if prompts else {"cloudtrail.amazonaws.com", logs} if home else set()
        if not prompts and key["region"] in account.topics:
            services |= {"cloudwatch.amazonaws.com"}
        assert {who for kind, who in principals(key["policy"]) if kind == "Service"} == services, name
        assert not allows(key["policy"], NOBODY, "kms:Decrypt", "*")
        assert STRANGER not in json.dumps(key["policy"])


@item
def key_policies_are_well_formed(account):
    """At most 32 KB; each statement has a principal, and `*` for its resource, which is this key."""
    for key in account.keys.values():
        assert len(json.dumps(key["policy"])) <= 32 * 1024
        assert key["policy"]["Version"] == "2012-10-17"
        for statement in key["policy"]["Statement"]:
            assert statement["Principal"] and listed(statement["Resource"]) == ["*"]
            assert not any("*" in name for name in listed(statement["Principal"].get("AWS", [])))
