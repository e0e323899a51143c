"""Stands in for GitHub's `gh`, for the calls that the scripts make: `gh api` and `gh label create`.

FAKE_PLACE/github is its state: `comments` of pull requests, `issues`, `labels`. A page has two entries, so that whoever
looks at the first only misses most. Whatever it does not know it refuses.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = 2
BOT = {"login": "github-actions[bot]"}

file = Path(os.environ["FAKE_PLACE"]) / "github"
state = json.loads(file.read_text())
assert os.environ.get("GH_TOKEN"), "gh: no token"


def ended(code, text=""):
    file.write_text(json.dumps(state))
    if text:
        print(text, file=sys.stderr)
    sys.exit(code)


def filtered(answer, expression):
    if expression is None:
        print(json.dumps(answer))
        return
    subprocess.run(["jq", "--raw-output", expression], input=json.dumps(answer), text=True, check=True)


def label(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    for flag in ("--repo", "--color", "--description"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--force", action="store_true")
    wanted = parser.parse_args(arguments)
    if wanted.name in state["labels"] and not wanted.force:
        ended(1, "already exists")
    if wanted.name not in state["labels"]:
        state["labels"].append(wanted.name)
    ended(0)


def api(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--method", default="GET", choices=["GET", "POST", "PATCH"])
    for flag in ("--silent", "--paginate"):
        parser.add_argument(flag, action="store_true")
    for flag in ("--field", "--raw-field"):
        parser.add_argument(flag, action="append", default=[])
    parser.add_argument("--jq")
    wanted = parser.parse_args(arguments)
    fields = {}
    for raw, given in [(False, wanted.field), (True, wanted.raw_field)]:
        for name, value in (one.split("=", 1) for one in given):
            text = Path(value[1:]).read_text() if not raw and value.startswith("@") else value
            if name.endswith("[]"):
                fields.setdefault(name[:-2], []).append(text)
            else:
                fields[name] = text
    if len(fields.get("body", "")) > 65536:
        ended(1, "gh: body is too long (maximum is 65536 characters) (HTTP 422)")
    path, _, query = wanted.path.partition("?")
    asked = dict(part.split("=", 1) for part in query.split("&") if part)
    path = re.sub(r"^repos/example/audit-record/", "", path)
    answer = answered(wanted.method, path, asked, fields)
    if isinstance(answer, list):
        pages = [answer[at:at + PAGE] for at in range(0, len(answer), PAGE)] or [[]]
        for page in pages if wanted.paginate else pages[:1]:
            filtered(page, wanted.jq)
    elif not wanted.silent:
        filtered(answer, wanted.jq)
    ended(0)


def answered(method, path, asked, fields):
    issue = re.fullmatch(r"issues/(\d+)(/comments)?", path)
    comment = re.fullmatch(r"issues/comments/(\d+)", path)
    if comment and method == "PATCH":
        (found,) = [one for one in state["comments"] if one["id"] == int(comment[1])]
        found |= fields
        return found
    if path == "issues" and method == "GET":
        assert asked["sort"] == "created" and asked["direction"] == "asc", asked
        return [one for one in state["issues"] if one["state"] == asked["state"] and asked["labels"] in one["labels"]]
    if path == "issues" and method == "POST":
        assert set(fields["labels"]) <= set(state["labels"]), "gh: a label that does not exist (HTTP 422)"
        made = {"number": len(state["issues"]) + 1, "state": "open", "user": BOT, **fields}
        state["issues"].append(made)
        return made
    if issue and issue[2]:
        of = int(issue[1])
        if method == "GET":
            return [one for one in state["comments"] if one["of"] == of]
        made = {"id": 100 + len(state["comments"]), "of": of, "user": BOT, **fields}
        state["comments"].append(made)
        return made
    if issue:
        (found,) = [one for one in state["issues"] if one["number"] == int(issue[1])]
        if method == "PATCH":
            found |= fields
        return found
    return ended(1, f"gh: Not Found (HTTP 404): {method} {path}")


verb, *rest = sys.argv[1:]
if verb == "api":
    api(rest)
elif verb == "label" and rest[:1] == ["create"]:
    label(rest[1:])
ended(1, f"gh: this stand-in does not know {sys.argv[1:]}")
