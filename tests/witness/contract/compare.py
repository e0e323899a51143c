"""What two targets answer to the same calls, and where they differ."""

import datetime
import json
import re

from .drive import Step

# Ids that each target makes up.
MADE_UP = [
    (re.compile(r"\bmrk-[0-9a-f-]{32,36}\b"), "<key>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\bo-[a-z0-9]{10,32}\b"), "<organization>"),
    (re.compile(r"\b(?!111122223333\b)\d{12}\b"), "<account>"),
    (re.compile(r"\b(AROA|AIDA|ASIA|AKIA)[A-Z0-9]{10,}(?!\w)"), r"<\1>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "<time>"),
]
# Members whose value says nothing beyond being there: places in a list, secrets, counters, clocks.
OPAQUE = {
    "NextToken", "nextToken", "Marker", "NextMarker", "PaginationToken", "ContinuationToken", "SecretAccessKey",
    "SessionToken", "creationTime", "storedBytes", "UserId", "CreationDate", "TimeLoggingStarted", "TimeLoggingStopped",
    "NextKeyMarker", "NextVersionIdMarker", "DateEnabled",
}


def plain(value, member: str = ""):
    """Returns a value without what no two targets share: times, made-up ids, the order of lists."""
    if isinstance(value, datetime.datetime) or member in OPAQUE:
        return f"<{type(value).__name__ if member in OPAQUE else 'time'}>"
    if isinstance(value, dict):
        return {name: plain(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((plain(item, member) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    # Every target makes up ids of its own, but `null` is one of AWS's.
    if member in ("VersionId", "VersionIdMarker") and value not in ("", "null"):
        return "<version>"
    if isinstance(value, str):
        if value.startswith("{"):
            try:
                return json.dumps(document(json.loads(value)), sort_keys=True)
            except ValueError:
                pass
        for pattern, name in MADE_UP:
            value = pattern.sub(name, value)
        return value
    return value


def document(value):
    """Returns a policy or another JSON text in one spelling: lists of one as their item, lists sorted."""
    if isinstance(value, dict):
        return {name: document(inner) for name, inner in value.items()}
    if isinstance(value, list):
        items = sorted((document(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        return items[0] if len(items) == 1 else items
    return plain(value)


def differences(ours: Step, theirs: Step) -> list[str]:
    """Returns where moto's answer to a call is not the sandbox's."""
    if ours.code is None and theirs.code is None:
        found: list[str] = []
        if ours.status != theirs.status:
            found.append(f"status {ours.status}, moto {theirs.status}")
        values(plain(ours.output), plain(theirs.output), "", found)
        return list(dict.fromkeys(found))
    if ours.code is None:
        return [f"accepted, moto refuses with {theirs.status} {theirs.code}"]
    if theirs.code is None:
        return [f"{ours.code}, moto accepts"]
    if (ours.code, ours.status) != (theirs.code, theirs.status):
        return [f"{ours.status} {ours.code}, moto {theirs.status} {theirs.code}"]
    return []


def values(ours, theirs, at: str, found: list[str]) -> None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys()):
            if name not in theirs:
                # An empty list or text that one leaves out says the same.
                found.append(f"{at}.{name} is not in moto" if ours[name] not in ([], "") else f"{at}.{name} is empty, not in moto")
            elif name not in ours:
                found.append(f"{at}.{name} is only in moto" if theirs[name] not in ([], "") else f"{at}.{name} is empty in moto, not here")
            else:
                values(ours[name], theirs[name], f"{at}.{name}", found)
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            found.append(f"{at} has {len(ours)} entries, moto {len(theirs)}")
            return
        for one, other in zip(ours, theirs, strict=True):
            values(one, other, f"{at}[]", found)
    elif type(ours) is not type(theirs) and not (isinstance(ours, (int, float)) and isinstance(theirs, (int, float))):
        found.append(f"{at} is {type(ours).__name__}, moto {type(theirs).__name__}")
    elif ours != theirs:
        short = [json.dumps(value)[:120] for value in (ours, theirs)]
        found.append(f"{at} is {short[0]}, moto {short[1]}")
