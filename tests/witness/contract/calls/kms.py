"""KMS: keys, aliases, rotation, policies, tags."""

from . import ACCOUNT, OTHER, policy, tags

NOWHERE = "00000000-0000-4000-8000-000000000000"


def run(d):
    key = keys(d)
    key_policy(d, key)
    aliases(d, key)
    rotation(d, key)
    grants(d, key)
    tagging(d, key)
    states(d, key)


def keys(d):
    d.refused("ValidationException", "kms", "CreateKey", "no such usage", KeyUsage="SIGN_VERIFY")
    d.refused("TagException", "kms", "CreateKey", Tags=[{"TagKey": "aws:x", "TagValue": "y"}])
    d.refused("MalformedPolicyDocumentException", "kms", "CreateKey", Policy="nonsense")
    made = d.ok("kms", "CreateKey", KeyUsage="ENCRYPT_DECRYPT", MultiRegion=False, Description="Audit & <logs>", Tags=tags(2, "TagKey", "TagValue"))
    key = made.get("KeyMetadata", {}).get("KeyId", NOWHERE)
    arn = made.get("KeyMetadata", {}).get("Arn", NOWHERE)
    d.ok("kms", "CreateKey", "of several Regions", MultiRegion=True)
    d.ok("kms", "CreateKey", "asymmetric", KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    d.ok("kms", "CreateKey", "of codes", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    d.ok("kms", "DescribeKey", KeyId=key)
    d.ok("kms", "DescribeKey", "by ARN", KeyId=arn)
    d.refused("NotFoundException", "kms", "DescribeKey", KeyId=NOWHERE)
    d.refused("NotFoundException", "kms", "DescribeKey", "no such alias", KeyId="alias/none")
    d.refused("NotFoundException", "kms", "DescribeKey", "another Region's", KeyId=arn.replace("us-east-1", "eu-west-1"))
    d.refused("AccessDeniedException", "kms", "DescribeKey", "another account's", key=OTHER, KeyId=arn)
    d.ok("kms", "ListKeys")
    d.refused("ValidationException", "kms", "ListKeys", "a page of none", Limit=0)
    d.refused("InvalidMarkerException", "kms", "ListKeys", Marker="nonsense")
    d.pages("kms", "ListKeys", "Keys", 1, 3)
    d.ok("kms", "UpdateKeyDescription", KeyId=key, Description="Another")
    d.refused("ValidationException", "kms", "UpdateKeyDescription", "too long", KeyId=key, Description="x" * 8193)
    d.refused("NotFoundException", "kms", "UpdateKeyDescription", KeyId=NOWHERE, Description="x")
    return key


def key_policy(d, key):
    root = {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*",
            "Resource": "*"}
    put = lambda code, case, text: d.refused(code, "kms", "PutKeyPolicy", case, KeyId=key, PolicyName="default",
                                             Policy=text)
    d.ok("kms", "GetKeyPolicy", "the default", KeyId=key, PolicyName="default")
    d.refused("NotFoundException", "kms", "GetKeyPolicy", "another name", KeyId=key, PolicyName="other")
    put("MalformedPolicyDocumentException", "no JSON", "nonsense")
    put("MalformedPolicyDocumentException", "locks everybody out", policy({**root, "Action": "kms:DescribeKey"}))
    put("MalformedPolicyDocumentException", "no such principal",
        policy(root, {**root, "Sid": "x", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody"}}))
    put("LimitExceededException", "over 32 KB", policy({**root, "Sid": "a" * 33_000}))
    trail = {"Sid": "Trail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
             "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}
    d.ok("kms", "PutKeyPolicy", KeyId=key, PolicyName="default", Policy=policy(root, trail))
    d.ok("kms", "GetKeyPolicy", KeyId=key, PolicyName="default")
    d.refused("NotFoundException", "kms", "GetKeyPolicy", KeyId=NOWHERE, PolicyName="default")


def aliases(d, key):
    other = d.ok("kms", "CreateKey", "for an alias").get("KeyMetadata", {}).get("KeyId", NOWHERE)
    create = lambda code, case, name, target=key: d.refused(
        code, "kms", "CreateAlias", case, AliasName=name, TargetKeyId=target)
    create("ValidationException", "not an alias", "audit")
    create("NotAuthorizedException", "AWS's own", "alias/aws/audit")
    create("NotFoundException", "no such key", "alias/lost", NOWHERE)
    create("ValidationException", "an alias for an alias", "alias/twice", "alias/witness")
    for name in ("alias/witness", "alias/witness/two", "alias/witness/three"):
        d.ok("kms", "CreateAlias", AliasName=name, TargetKeyId=key)
    create("AlreadyExistsException", "", "alias/witness")
    d.ok("kms", "DescribeKey", "by alias", KeyId="alias/witness")
    d.ok("kms", "ListAliases", "of a key", KeyId=key)
    d.ok("kms", "ListAliases", "all")
    d.refused("NotFoundException", "kms", "ListAliases", "of no key", KeyId=NOWHERE)
    d.pages("kms", "ListAliases", "Aliases", 1, 3, KeyId=key)
    d.ok("kms", "UpdateAlias", AliasName="alias/witness/three", TargetKeyId=other)
    d.refused("NotFoundException", "kms", "UpdateAlias", AliasName="alias/none", TargetKeyId=other)
    d.ok("kms", "DeleteAlias", AliasName="alias/witness/three")
    d.refused("NotFoundException", "kms", "DeleteAlias", AliasName="alias/none")


def rotation(d, key):
    asymmetric = d.ok("kms", "CreateKey", "for signing", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    asymmetric = asymmetric.get("KeyMetadata", {}).get("KeyId", NOWHERE)
    d.ok("kms", "GetKeyRotationStatus", "never set", KeyId=key)
    d.refused("ValidationException", "kms", "EnableKeyRotation", "too often", KeyId=key, RotationPeriodInDays=89)
    d.refused("UnsupportedOperationException", "kms", "EnableKeyRotation", KeyId=asymmetric)
    d.ok("kms", "EnableKeyRotation", KeyId=key, RotationPeriodInDays=180)
    d.ok("kms", "GetKeyRotationStatus", KeyId=key)
    d.ok("kms", "DisableKeyRotation", KeyId=key)
    d.ok("kms", "GetKeyRotationStatus", "off", KeyId=key)
    d.refused("NotFoundException", "kms", "GetKeyRotationStatus", KeyId=NOWHERE)
    d.refused("NotFoundException", "kms", "DisableKeyRotation", KeyId=NOWHERE)


def grants(d, key):
    root = f"arn:aws:iam::{ACCOUNT}:root"
    create = lambda code, case, **more: d.refused(
        code, "kms", "CreateGrant", case, **{"KeyId": key, "GranteePrincipal": root, "Operations": ["Decrypt"], **more})
    create("InvalidArnException", "no ARN", GranteePrincipal="nobody")
    create("ValidationException", "nothing to do", Operations=["Nothing"])
    create("NotFoundException", "no such key", KeyId=NOWHERE)
    made = [d.ok("kms", "CreateGrant", KeyId=key, GranteePrincipal=root, Operations=["Decrypt"],
                 Constraints={"EncryptionContextSubset": {"number": "any"}}) for _ in range(2)]
    grants = [grant.get("GrantId", "none") for grant in made]
    d.ok("kms", "ListGrants", KeyId=key)
    d.ok("kms", "ListGrants", "by id", KeyId=key, GrantId=grants[0])
    d.pages("kms", "ListGrants", "Grants", 1, 2, KeyId=key)
    d.refused("NotFoundException", "kms", "ListGrants", KeyId=NOWHERE)
    d.ok("kms", "RevokeGrant", KeyId=key, GrantId=grants[0])
    d.refused("InvalidGrantIdException", "kms", "RevokeGrant", KeyId=key, GrantId=grants[0])
    d.ok("kms", "RetireGrant", KeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key}", GrantId=grants[1])
    d.ok("kms", "ListGrants", "none left", KeyId=key)


def tagging(d, key):
    d.refused("TagException", "kms", "TagResource", "twice the same key", KeyId=key, Tags=[
        {"TagKey": "k", "TagValue": "1"}, {"TagKey": "k", "TagValue": "2"}])
    d.refused("LimitExceededException", "kms", "TagResource", "too many", KeyId=key, Tags=tags(51, "TagKey", "TagValue"))
    d.refused("NotFoundException", "kms", "TagResource", KeyId=NOWHERE, Tags=tags(1, "TagKey", "TagValue"))
    d.ok("kms", "TagResource", KeyId=key, Tags=tags(4, "TagKey", "TagValue"))
    d.ok("kms", "UntagResource", KeyId=key, TagKeys=["key-3", "unknown"])
    d.ok("kms", "ListResourceTags", KeyId=key)
    d.pages("kms", "ListResourceTags", "Tags", 1, 3, KeyId=key)
    d.refused("NotFoundException", "kms", "ListResourceTags", KeyId=NOWHERE)


def states(d, key):
    d.ok("kms", "DisableKey", KeyId=key)
    d.ok("kms", "DescribeKey", "disabled", KeyId=key)
    d.refused("DisabledException", "kms", "EnableKeyRotation", KeyId=key)
    d.ok("kms", "EnableKey", KeyId=key)
    d.refused("KMSInvalidStateException", "kms", "CancelKeyDeletion", "not pending", KeyId=key)
    d.refused("ValidationException", "kms", "ScheduleKeyDeletion", "too soon", KeyId=key, PendingWindowInDays=6)
    d.ok("kms", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    d.ok("kms", "DescribeKey", "pending deletion", KeyId=key)
    d.refused("KMSInvalidStateException", "kms", "EnableKey", "pending deletion", KeyId=key)
    d.ok("kms", "CancelKeyDeletion", KeyId=key)
    d.ok("kms", "DescribeKey", "taken back", KeyId=key)
    d.refused("NotFoundException", "kms", "ScheduleKeyDeletion", KeyId=NOWHERE)
