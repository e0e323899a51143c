"""The calls of the contract test, one module for each service; `run` makes them all.

The same calls go to both targets, so nothing here may depend on what an answer holds beyond ids to call on with.
Refusals come before the change that they are about: what moto takes though it should not is then overwritten.
"""

import itertools
import json

# Numbers for names that are used once, so that what moto takes though it should not is in nobody's way.
COUNT = itertools.count(1)
ACCOUNT = "111122223333"
OTHER = "444455556666"
REGION = "us-east-1"


def tags(count: int, key: str = "Key", value: str = "Value") -> list:
    """Returns so many tags."""
    return [{key: f"key-{n}", value: f"value {n}"} for n in range(count)]


def policy(*statements: dict) -> str:
    """Returns a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service: str) -> str:
    """Returns the trust policy of a role for a service."""
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
