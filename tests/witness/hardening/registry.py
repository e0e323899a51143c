"""What the lists share: the register of checks, and who asks for what in a policy."""

from moto_adapter import ACCOUNT
from policy_eval import decide, listed

CHECKS = {}
STRANGER = "999988887777"
ROOT = ("AWS", f"arn:aws:iam::{ACCOUNT}:root")
ADMIN = ("AWS", f"arn:aws:iam::{ACCOUNT}:role/Admin")
NOBODY = ("AWS", f"arn:aws:iam::{STRANGER}:role/Mallory")
# What every request over TLS 1.2 carries.
TLS = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.2"}


def item(check):
    """Enters a check into the register, under `list: name`."""
    CHECKS[f"{check.__module__.split('.')[-1]}: {check.__name__}"] = check
    return check


def service(name):
    return ("Service", name)


def role(name):
    return ("AWS", f"arn:aws:iam::{ACCOUNT}:role/{name}")


def allows(policy, who, action, resource, **context):
    return decide(policy, who, action, resource, TLS | context.get("context", {})) == "allow"


def denies(policy, who, action, resource, context=None):
    return decide(policy, who, action, resource, context or {}) == "deny"


def only_with(policy, who, action, resource, context):
    """The request is allowed with this context, and no longer once any part of it is left out or is another's."""
    assert allows(policy, who, action, resource, context=context), f"{who[1]} may not {action} {resource}"
    for key, value in context.items():
        without = {other: kept for other, kept in context.items() if other != key}
        assert not allows(policy, who, action, resource, context=without), f"{action} does not depend on {key}"
        other = value.replace(ACCOUNT, STRANGER) if ACCOUNT in value else "something-else"
        assert not allows(policy, who, action, resource, context=context | {key: other}), \
            f"{action} is allowed with {key} = {other}"


def principals(policy, effect="Allow"):
    """Every principal that a policy admits, as `(kind, name)`."""
    names = set()
    for statement in listed(policy["Statement"]):
        if statement["Effect"] == effect:
            principal = statement["Principal"]
            principal = {"AWS": "*"} if principal == "*" else principal
            names |= {(kind, name) for kind, given in principal.items() for name in listed(given)}
    return names


def expected_tags(account, tags):
    """Ownership tags: whose scope, which format."""
    assert tags.get("auditscope:scope") == account.scope
    assert tags.get("auditscope:blueprint") == "1"
    assert "auditscope:released" not in tags
    assert len(tags) <= 50
