"""Delivery roles and alarm topics: whom a role trusts, what it may do, who may publish, who is told."""

import json

from hardening.registry import ACCOUNT, NOBODY, STRANGER, TLS, allows, denies, expected_tags, item, only_with, principals, service
from policy_eval import decide, listed

ASSUME = "sts:AssumeRole"
STREAM_ACTIONS = {"logs:CreateLogStream", "logs:PutLogEvents"}


def trail_role(account):
    return account.roles[f"{account.scope}-trail-logs"]


def bedrock_roles(account):
    return {region: account.roles[f"{account.scope}-bedrock-logs-{region}"] for region in account.bedrock_regions}


def inline(found):
    """The one inline policy of a role."""
    assert len(found["inline"]) == 1
    return next(iter(found["inline"].values()))


def may(found, action, resource):
    return decide(inline(found), None, action, resource) == "allow"


def stream(account, region, group, name):
    return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/auditscope/{account.scope}/{group}:log-stream:{name}"


@item
def the_roles_are_there(account):
    """One delivery role for the trail, one for Bedrock in each Region, and no other of this scope."""
    wanted = {f"{account.scope}-trail-logs"}
    wanted |= {f"{account.scope}-bedrock-logs-{region}" for region in account.bedrock_regions}
    assert set(account.roles) == wanted
    for name, found in account.roles.items():
        assert len(name) <= 64 and found["arn"] == f"arn:aws:iam::{ACCOUNT}:role/{name}"


@item
def cloudtrails_role_trusts_cloudtrail_alone(account):
    """cloudtrail.amazonaws.com, sts:AssumeRole, and no conditions: those are reported to stop the delivery."""
    trust = trail_role(account)["trust"]
    assert principals(trust) == {service("cloudtrail.amazonaws.com")}
    assert allows(trust, service("cloudtrail.amazonaws.com"), ASSUME, "*")
    for statement in listed(trust["Statement"]):
        assert listed(statement["Action"]) == [ASSUME] and not statement.get("Condition")


@item
def bedrocks_role_trusts_this_accounts_bedrock(account):
    """bedrock.amazonaws.com with aws:SourceAccount and aws:SourceArn of this account and Region (confused deputy)."""
    for region, found in bedrock_roles(account).items():
        bedrock = service("bedrock.amazonaws.com")
        assert principals(found["trust"]) == {bedrock}
        context = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": f"arn:aws:bedrock:{region}:{ACCOUNT}:x"}
        only_with(found["trust"], bedrock, ASSUME, "*", context)
        elsewhere = context | {"aws:SourceArn": f"arn:aws:bedrock:ap-south-1:{ACCOUNT}:x"}
        assert not allows(found["trust"], bedrock, ASSUME, "*", context=elsewhere)
        assert all(listed(statement["Action"]) == [ASSUME] for statement in listed(found["trust"]["Statement"]))


@item
def cloudtrails_role_writes_its_streams(account):
    """CreateLogStream and PutLogEvents on ACCOUNT_CloudTrail_REGION and its numbered streams of the trail's group."""
    found = trail_role(account)
    for name in (f"{ACCOUNT}_CloudTrail_{account.home}", f"{ACCOUNT}_CloudTrail_{account.home}_2"):
        for action in STREAM_ACTIONS:
            assert may(found, action, stream(account, account.home, "trail", name))


@item
def cloudtrails_role_writes_an_organizations_streams(account):
    """With an organisation trail the streams o-ID_ACCOUNT_CloudTrail_REGION as well, and without one not."""
    name = stream(account, account.home, "trail", f"o-exampleorgid_{STRANGER}_CloudTrail_{account.home}")
    for action in STREAM_ACTIONS:
        assert may(trail_role(account), action, name) is bool(account.facts.get("organization"))


@item
def bedrocks_role_writes_its_one_stream(account):
    """CreateLogStream and PutLogEvents on aws/bedrock/modelinvocations of the group, an exact name."""
    for region, found in bedrock_roles(account).items():
        for action in STREAM_ACTIONS:
            assert may(found, action, stream(account, region, "bedrock", "aws/bedrock/modelinvocations"))
            assert not may(found, action, stream(account, region, "bedrock", "aws/bedrock/modelinvocations2"))


@item
def roles_do_nothing_else(account):
    """Two actions, on streams of one group of this account: no other stream, group, Region or action."""
    for name, found in account.roles.items():
        for statement in listed(inline(found)["Statement"]):
            assert statement["Effect"] == "Allow" and set(listed(statement["Action"])) == STREAM_ACTIONS, name
            for resource in listed(statement["Resource"]):
                assert resource.startswith("arn:aws:logs:") and f":{ACCOUNT}:log-group:/auditscope/{account.scope}/" in resource
                assert ":log-stream:" in resource and ":*:" not in resource and resource.split(":log-stream:")[1] != "*"
        region = name.split("-bedrock-logs-")[-1] if "-bedrock-logs-" in name else account.home
        for group in ("trail", "bedrock", "other"):
            assert not may(found, "logs:PutLogEvents", stream(account, region, group, "other")), name
        for action in ("logs:DeleteLogStream", "logs:GetLogEvents", "logs:DeleteLogGroup", "iam:PassRole"):
            assert not may(found, action, stream(account, region, "trail", f"{ACCOUNT}_CloudTrail_{region}"))


@item
def roles_have_no_managed_policies(account):
    """Nothing beside the inline policy gives a delivery role permissions (ListAttachedRolePolicies)."""
    for name, found in account.roles.items():
        assert found["attached"] == [], name


@item
def role_documents_fit(account):
    """Trust at most 2048 characters, inline at most 10,240, sessions of an hour."""
    for found in account.roles.values():
        assert len(json.dumps(found["trust"], separators=(",", ":"))) <= 2048
        assert len(json.dumps(inline(found), separators=(",", ":"))) <= 10240
        assert found["trust"]["Version"] == inline(found)["Version"] == "2012-10-17"
        assert found["session"] == 3600


@item
def roles_are_tagged(account):
    """Ownership tags on each role (GetRole returns them; GetResources does not)."""
    for found in account.roles.values():
        expected_tags(account, found["tags"])


@item
def a_topic_is_where_alarms_are(account):
    """A standard topic in each Region that has alarms: an alarm's topic must be in its Region."""
    regions = {alarm["region"] for alarm in account.alarms.values()}
    assert regions and set(account.topics) == regions
    for region, topic in account.topics.items():
        assert topic["arn"] == f"arn:aws:sns:{region}:{ACCOUNT}:{account.scope}-alarms"
        assert topic["fifo"] == "false", "FIFO topics are no targets of plain alarms"


@item
def every_alarm_tells_its_topic(account):
    """Each metric alarm has its actions enabled and the topic of its own Region as one of them."""
    for name, alarm in account.alarms.items():
        assert alarm["enabled"] is True, name
        assert account.topics[alarm["region"]]["arn"] in alarm["actions"], name


@item
def topics_use_a_customer_managed_key(account):
    """The scope's key of the Region, by ARN: CloudWatch cannot publish through alias/aws/sns."""
    for region, topic in account.topics.items():
        assert topic["key"] == account.keys[f"{account.scope}@{region}"]["metadata"]["Arn"]


@item
def alarms_may_publish(account):
    """cloudwatch.amazonaws.com may Publish for alarms of this account and Region only."""
    for region, topic in account.topics.items():
        cloudwatch = service("cloudwatch.amazonaws.com")
        context = {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:x", "aws:SourceAccount": ACCOUNT}
        only_with(topic["policy"], cloudwatch, "sns:Publish", topic["arn"], context)
        elsewhere = context | {"aws:SourceArn": f"arn:aws:cloudwatch:ap-south-1:{ACCOUNT}:alarm:x"}
        assert not allows(topic["policy"], cloudwatch, "sns:Publish", topic["arn"], context=elsewhere)


@item
def a_fixed_condition_guards_the_topic(account):
    """StringEquals aws:SourceAccount with a fixed value: Security Hub SNS.4 does not count conditions with wildcards."""
    for topic in account.topics.values():
        for statement in topic["policy"]["Statement"]:
            if statement["Effect"] == "Allow":
                fixed = {key.lower(): value for key, value in statement["Condition"].get("StringEquals", {}).items()}
                assert listed(fixed["aws:sourceaccount"]) == [ACCOUNT]


@item
def messages_go_over_tls(account):
    """Deny of sns:Publish to everybody where aws:SecureTransport is false."""
    for topic in account.topics.values():
        for who in (NOBODY, service("cloudwatch.amazonaws.com"), ("AWS", f"arn:aws:iam::{ACCOUNT}:root")):
            assert denies(topic["policy"], who, "sns:Publish", topic["arn"], {"aws:SecureTransport": "false"})
            assert not denies(topic["policy"], who, "sns:Publish", topic["arn"], TLS)


@item
def nobody_else_publishes_or_subscribes(account):
    """CloudWatch is the only principal: the default statement with `*` is replaced, and admits nobody else."""
    for topic in account.topics.values():
        assert principals(topic["policy"]) == {service("cloudwatch.amazonaws.com")}
        assert "__default_statement_ID" not in {statement.get("Sid") for statement in topic["policy"]["Statement"]}
        for action in ("sns:Subscribe", "sns:Publish", "sns:SetTopicAttributes"):
            assert not allows(topic["policy"], NOBODY, action, topic["arn"])


@item
def the_people_named_are_subscribed_once(account):
    """One e-mail subscription for each address of the blueprint, and no other endpoint."""
    for topic in account.topics.values():
        assert sorted(topic["subscriptions"]) == sorted(f"email:{email}" for email in account.facts.get("emails", []))


@item
def topics_are_tagged(account):
    """Ownership tags on each topic."""
    for topic in account.topics.values():
        expected_tags(account, topic["tags"])
