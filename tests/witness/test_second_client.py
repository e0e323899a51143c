"""A second client's eyes: boto3 reads what the tool has made, and each property of the hardening lists is looked at.

The checks are in `hardening/`. That each of them can fail is tested, too: with the sandbox's own tamperings from end to
end, and by changing single values of what was read.
"""

import copy
import itertools
import random
import shutil

import pytest

from applied import SCENARIOS, applied, looked_at, run
from hardening import CHECKS
from policy_eval import listed


@pytest.fixture(scope="module", params=["minimal", "organization"])
def scenario(request, binary, tmp_path_factory):
    """An applied scenario: its name, its state file, and what boto3 reads."""
    state = applied(binary, tmp_path_factory, request.param)
    with looked_at(binary, state, request.param) as account:
        yield request.param, state, account


def test_the_scenarios_differ_in_what_is_asked_for():
    assert SCENARIOS["organization"][1]["organization"] and "readers" not in SCENARIOS["minimal"][1]


@pytest.mark.parametrize("name", CHECKS)
def test_property(scenario, name):
    CHECKS[name](scenario[2])


def failed(name, account):
    """True if a check fails; one that cannot even look has failed."""
    try:
        CHECKS[name](account)
    except Exception:
        return True
    return False


def failing(account):
    """The checks that fail."""
    return {name for name in CHECKS if failed(name, account)}


def red(account, first=()):
    """True if some check fails; those of `first` are the likely ones."""
    order = sorted(CHECKS, key=lambda name: name.split(":")[0] not in first)
    return any(failed(name, account) for name in order)


# `sandbox tamper` and what must turn red.
TAMPERINGS = {
    "stop-logging": "cloudtrail: it_logs",
    "narrow-selectors": "cloudtrail: every_bedrock_data_event_is_recorded",
    "write-only-management": "cloudtrail: every_management_event_is_recorded",
    "disable-validation": "cloudtrail: files_can_be_validated",
    "single-region-trail": "cloudtrail: it_covers_every_region",
    "detach-log-group": "cloudtrail: events_go_to_the_log_group",
    "remove-trail-key": "cloudtrail: files_are_encrypted_with_the_scopes_key",
    "shorten-log-retention": "cloudtrail: the_log_group_is_kept_and_encrypted",
    "allow-plain-http": "s3: plain_http_is_denied",
    "shorten-bucket-lifecycle": "s3: records_expire_after_their_retention",
    "weaken-object-lock": "s3: log_files_are_locked",
    "bucket-own-key": "s3: records_are_encrypted_with_the_scopes_key",
    "stop-access-logs": "s3: reading_the_log_bucket_is_logged",
    "suspend-prompt-versioning": "s3: versions_are_kept",
    "open-public-access": "s3: public_access_is_blocked",
    "edit-key-policy": "kms: cloudtrail_encrypts_its_files",
    "disable-key": "kms: keys_can_be_used",
    "disable-rotation": "kms: keys_rotate",
    "widen-role": "iam_sns: roles_do_nothing_else",
    "open-role-trust": "iam_sns: cloudtrails_role_trusts_cloudtrail_alone",
    "delete-topic": "iam_sns: a_topic_is_where_alarms_are",
    "mute-topic-policy": "iam_sns: alarms_may_publish",
    "bedrock-logging-off": "bedrock: every_region_with_models_logs_invocations",
    "bedrock-drop-text": "bedrock: text_is_recorded",
}


@pytest.mark.parametrize(("tampering", "want"), TAMPERINGS.items())
def test_a_tampering_turns_its_property_red(binary, tmp_path_factory, tmp_path, tampering, want):
    place = tmp_path / "state.json"
    shutil.copy(applied(binary, tmp_path_factory, "minimal"), place)
    done = run(binary, tmp_path, "sandbox", "tamper", tampering, "--file", str(place))
    assert done.returncode == 0, done.stdout + done.stderr
    with looked_at(binary, place, "minimal") as account:
        assert want in failing(account)


def places(value, path=()):
    """Every place in plain data, inner ones first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield from places(inner, (*path, key))
        yield (*path, key)


def changed(value):
    """Another value of the same type; `None` stands for taking the thing away."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 4000
    if isinstance(value, str):
        return value + "x"
    return None


def with_change(account, path, make):
    """The account with one place changed or taken away."""
    other = copy.copy(account)
    # Only what lies on the path is copied.
    other.__dict__["data"] = data = dict(account.data)
    for key in path[:-1]:
        data[key] = copy.copy(data[key])
        data = data[key]
    new = make(data[path[-1]])
    if new is None:
        del data[path[-1]]
    else:
        data[path[-1]] = new
    return other


# Where each list's properties show.
SHOWN = {
    "s3": ["buckets"], "kms": ["keys"], "iam_sns": ["roles", "topics", "alarms"], "cloudtrail": ["trail", "groups"],
    "bedrock": ["bedrock", "groups"],
}


def test_every_property_can_fail(scenario):
    """Each check turns red under some change of a single value."""
    name, _, account = scenario
    assert failing(account) == set(), "it must start green"
    unproven = set(CHECKS) - SCENARIO_ONLY.get(name, set())
    broken = with_change(account, ("trail", "status"), lambda status: status | {"LatestDeliveryError": "x"})
    unproven -= {check for check in unproven if failed(check, broken)}
    for of, tops in SHOWN.items():
        paths = [(top, *path) for top in tops for path in places(account.data[top])]
        # In any order, the same each time: neighbours tend to turn the same checks red.
        random.Random(3).shuffle(paths)
        left = {check for check in unproven if check.startswith(f"{of}:")}
        for path, make in itertools.product(paths, (changed, lambda _: None)):
            other = with_change(account, path, make)
            left -= {check for check in left if failed(check, other)}
            if not left:
                break
        assert not left, f"nothing turns these red: {sorted(left)}"


# Checks that have nothing to look at in a scenario.
SCENARIO_ONLY = {
    "minimal": {"kms: administrators_do_not_decrypt", "kms: readers_decrypt_through_s3_and_logs"},
}


def policies(account):
    """Every policy with its place in the data."""
    for name in account.buckets:
        yield ("buckets", name, "policy")
    for name in account.keys:
        yield ("keys", name, "policy")
    for name in account.topics:
        yield ("topics", name, "policy")
    for name, role in account.roles.items():
        yield ("roles", name, "trust")
        for policy in role["inline"]:
            yield ("roles", name, "inline", policy)


def at(data, path):
    for key in path:
        data = data[key]
    return data


def test_every_part_of_every_policy_matters(scenario):
    """Taking away a statement, a condition, or a single action or resource, or admitting everybody, is noticed."""
    account = scenario[2]
    count, unseen = 0, []
    for path in policies(account):
        for number, statement in enumerate(listed(at(account.data, path)["Statement"])):
            here = (*path, "Statement", number)
            changes = [("the statement", here, lambda _: None), ("its effect", (*here, "Effect"), flip)]
            for operator, keys in statement.get("Condition", {}).items():
                for key in keys:
                    changes.append((f"condition {key}", (*here, "Condition", operator, key), lambda _: None))
            for member in ("Action", "Resource"):
                values = listed(statement.get(member, []))
                for value in values if len(values) > 1 else []:
                    changes.append((f"{member} {value}", (*here, member), without(value)))
            if statement["Effect"] == "Allow" and "Principal" in statement:
                changes.append(("its principal", (*here, "Principal"), lambda _: "*"))
            for what, place, make in changes:
                count += 1
                lists = {"buckets": ["s3"], "keys": ["kms"]}.get(path[0], ["iam_sns"])
                if (statement["Sid"], what) not in UNSEEN and not red(with_change(account, place, make), lists):
                    unseen.append(f"{path}: {statement['Sid']}: {what}")
    assert not unseen, f"nobody notices: {unseen}"
    assert count > 100


def flip(effect):
    return "Deny" if effect == "Allow" else "Allow"


def without(value):
    return lambda values: [one for one in values if one != value]


# Parts that do no more than spell out: (Sid, what).
UNSEEN = {
    ("Administrators", f"Action kms:{verb}")
    for verb in ("Describe*", "Get*", "List*", "Update*", "Disable*", "CreateAlias", "DeleteAlias", "RevokeGrant",
                 "UntagResource", "CancelKeyDeletion")
}
