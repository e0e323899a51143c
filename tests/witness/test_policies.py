"""Every policy that the tool writes, under parliament, a linter that others rely on.

parliament knows each action, its resource types and condition keys. A finding is either fixed or explained in
`policy_findings.toml`; an explanation that no finding needs any more fails as well.
"""

import json
import tomllib
from pathlib import Path

import parliament
import pytest

from applied import SCENARIOS, applied, looked_at
from policy_eval import listed

EXPLAINED = tomllib.loads((Path(__file__).parent / "policy_findings.toml").read_text())["finding"]
# Kinds of policies that a scenario has.
KINDS = {"bucket", "key", "topic", "trust", "inline"}


def policies(account):
    """Kind, name and document of every policy."""
    for name, bucket in account.buckets.items():
        yield "bucket", f"{bucket['role']}@{bucket['region']}", bucket["policy"]
    for name, key in account.keys.items():
        yield "key", name, key["policy"]
    for region, topic in account.topics.items():
        yield "topic", region, topic["policy"]
    for name, role in account.roles.items():
        yield "trust", name, role["trust"]
        for policy, document in role["inline"].items():
            yield "inline", f"{name}/{policy}", document


def single(value):
    """Lists of one as single values, which mean the same: parliament breaks on a Bool condition in a list."""
    if isinstance(value, dict):
        return {key: single(inner) for key, inner in value.items()}
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def findings(kind, document):
    """What parliament says of each statement by itself: kind of policy, Sid, issue, and what is meant."""
    found = set()
    for statement in listed(document["Statement"]):
        if kind == "trust":
            # A trust policy has no resource: it is the role. Without one parliament looks no further.
            assert "Resource" not in statement
            statement = {**statement, "Resource": "arn:aws:iam::111122223333:role/itself"}
        alone = json.dumps({"Version": document["Version"], "Statement": [single(statement)]})
        # Resources and principals of every kind of policy are looked at; community auditors add what people learned.
        for finding in parliament.analyze_policy_string(alone, include_community_auditors=True).findings:
            found.add((kind, statement["Sid"], finding.issue, str(finding.detail)))
    # What only shows in the whole document, such as two statements of one name.
    statements = [single(statement) for statement in listed(document["Statement"])]
    whole = parliament.analyze_policy_string(json.dumps(document | {"Statement": statements})).findings
    found |= {(kind, "", finding.issue, str(finding.detail)) for finding in whole if finding.issue == "DUPLICATE_SID"}
    return found


def explained(found):
    """The numbers of the explanations that a finding has."""
    kind, sid, issue, detail = found
    return [
        number for number, one in enumerate(EXPLAINED)
        if one["policy"] == kind and one["issue"] == issue
        and sid in one["statements"] and one["detail"] in detail
    ]


@pytest.fixture(scope="module")
def seen(binary, tmp_path_factory):
    """The findings of every scenario, each with the policies that have it."""
    seen, kinds = {}, {}
    for name in SCENARIOS:
        state = applied(binary, tmp_path_factory, name)
        with looked_at(binary, state, name) as account:
            for kind, where, document in policies(account):
                kinds.setdefault(name, set()).add(kind)
                for found in findings(kind, document):
                    seen.setdefault(found, set()).add(f"{name}: {where}")
    assert all(kinds[name] == KINDS for name in SCENARIOS), kinds
    return seen


def test_every_finding_is_explained(seen):
    open_findings = {found: sorted(where) for found, where in seen.items() if not explained(found)}
    assert not open_findings, "\n".join(f"{found}\n    {where}" for found, where in sorted(open_findings.items()))


def test_every_explanation_is_needed(seen):
    """Also each statement that an explanation names."""
    needed = {(number, found[1]) for found in seen for number in explained(found)}
    given = {(number, sid) for number, one in enumerate(EXPLAINED) for sid in one["statements"]}
    assert given - needed == set(), "stale explanations"
    assert all(len(one["why"]) > 40 for one in EXPLAINED)


@pytest.mark.parametrize(("what", "change"), [
    ("UNKNOWN_ACTION", {"Action": ["kms:GenerateDateKey"]}),
    ("UNKNOWN_PREFIX", {"Action": ["keys:Decrypt"]}),
    ("UNKNOWN_OPERATOR", {"Condition": {"StringSimilar": {"aws:SourceAccount": "111122223333"}}}),
    ("UNKNOWN_CONDITION_FOR_ACTION", {"Condition": {"StringEquals": {"s3:x-amz-acl": "private"}}}),
    ("INVALID_ARN", {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3"]}),
])
def test_the_linter_sees_mistakes(what, change):
    """A linter that finds nothing in anything would be no witness."""
    statement = {"Sid": "Broken", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                 "Action": ["kms:Decrypt"], "Resource": ["*"]}
    found = findings("key", {"Version": "2012-10-17", "Statement": [statement | change]})
    assert what in {issue for _, _, issue, _ in found}, found
