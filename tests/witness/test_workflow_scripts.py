"""The scripts of docs/ci: what each exit code of the tool leads to, with stand-ins for the tool, for gh and for GitLab."""

import json
import os
import shlex
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from workflows.project import SOURCE

HERE = os.path.join(os.path.dirname(__file__), "workflows")


class Place:
    """A folder with the stand-ins on the PATH."""

    def __init__(self, folder):
        self.folder = folder
        self.output = folder / "github-output"
        (folder / "bin").mkdir()
        for name in ("auditscope", "gh"):
            program = folder / "bin" / name
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(HERE)}/{name}.py "$@"\n')
            program.chmod(0o755)
        self.tool({})
        self.github(comments=[], issues=[], labels=[])

    def tool(self, codes, needs=()):
        """Says how the tool is to end, and which approvals its saved plan asks for."""
        (self.folder / "codes").write_text(json.dumps(codes))
        (self.folder / "needs").write_text(json.dumps(list(needs)))
        (self.folder / "calls").write_text("")

    def calls(self):
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    def github(self, **state):
        (self.folder / "github").write_text(json.dumps(state))

    def on_github(self):
        return json.loads((self.folder / "github").read_text())

    def run(self, script, *arguments, on_github=True, **environment):
        self.output.write_text("")
        forge = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(self.output)} if on_github else {}
        got = subprocess.run(
            [str(SOURCE / "auditscope" / script), *map(str, arguments)], cwd=self.folder, text=True, capture_output=True,
            check=False, env={"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "FAKE_PLACE": str(self.folder),
                              "HOME": str(self.folder), **forge, **environment})
        return got

    def read(self, name):
        file = self.folder / name
        return file.read_text() if file.exists() else None

    def told(self):
        """The verdict that later jobs are given: the last one counts."""
        outputs = [line.split("=", 1) for line in self.output.read_text().splitlines()]
        return dict(outputs).get("verdict")


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


# Codes of the tool, what the script ends with, the verdict, whether there is a plan to apply.
PLANS = [
    ({"plan": 0}, 0, "ok", True),
    ({"plan": 1}, 1, "error", False),
    ({"plan": 2}, 0, "differences", True),
    ({"plan": 3}, 3, "findings", False),
    ({"plan": 4}, 0, "needs_person", True),
    ({"plan": 5}, 5, "incomplete", False),
    ({"plan": 6}, 6, "locked", False),
    ({"plan": 7}, 7, "stale", False),
    ({"plan": 130}, 130, "interrupted", False),
    ({"plan": 101}, 101, "error", False),
    ({"validate": 1, "plan": 2}, 1, "error", False),
    ({"validate": 3, "plan": 2}, 3, "findings", False),
]


@pytest.mark.parametrize(("codes", "ends", "verdict", "saved"), PLANS, ids=[json.dumps(p[0]) for p in PLANS])
def test_what_a_plan_leads_to(place, codes, ends, verdict, saved):
    place.tool(codes)
    got = place.run("plan.sh", "audit.toml", "out")
    assert got.returncode == ends, got.stdout + got.stderr
    assert place.told() == verdict == place.read("out/verdict").strip()
    # Where the script fails the pipeline ends; there must not be a plan that somebody applies all the same.
    assert (place.read("out/plan.json") is not None) == saved
    assert place.read("out/plan.md").strip(), "there is always something to show"
    if codes.get("validate"):
        assert [call[0] for call in place.calls()] == ["validate"], "nothing is planned for a bad blueprint"


def test_a_plan_of_an_earlier_run_is_not_taken_for_this_one(place):
    place.run("plan.sh", "audit.toml", "out")
    place.tool({"plan": 1})
    place.run("plan.sh", "audit.toml", "out")
    assert place.read("out/plan.json") is None


def test_a_plan_outside_of_github_needs_no_github(place):
    place.tool({"plan": 4})
    got = place.run("plan.sh", "audit.toml", "out", on_github=False)
    assert got.returncode == 0 and "::" not in got.stdout + got.stderr, got
    assert place.read("out/verdict") == "needs_person\n"


NEEDS = ["weaken:log_group.trail@111122223333/us-east-1", "coverage:trail.main@111122223333/us-east-1"]
APPLIES = [(0, "matches"), (1, "failed"), (4, "approval"), (5, "read back"), (6, "lock"), (7, "moved"), (130, "Interrupted"),
           (101, "failed")]


@pytest.mark.parametrize(("code", "word"), APPLIES)
def test_what_an_apply_leads_to(place, code, word):
    place.tool({"apply": code}, NEEDS)
    got = place.run("apply.sh", "out", "plain")
    assert got.returncode == code
    level = "notice" if code == 0 else "error"
    assert f"::{level}::" in got.stdout and word in got.stdout, got.stdout
    (call,) = place.calls()
    assert call == ["apply", "out/plan.json", "--auto-approve", "--lock-timeout", "10m"], "nothing is allowed"


@pytest.mark.parametrize("needs", [NEEDS, NEEDS[:1], []], ids=["two", "one", "none"])
def test_an_approval_covers_what_the_saved_plan_asks_for(place, needs):
    place.tool({}, needs)
    (place.folder / "out").mkdir()
    got = place.run("apply.sh", "out", "approved")
    assert got.returncode == 0, got.stdout + got.stderr
    shown, applied = place.calls()
    assert shown[:2] == ["show", "out/plan.json"]
    allowed = [applied[at + 1] for at, word in enumerate(applied) if word == "--allow"]
    assert allowed == sorted(needs), "each once"


@pytest.mark.parametrize(("codes", "arguments"), [
    ({"show": 1}, ["out", "approved"]), ({}, ["out", "yes"]), ({}, []), ({}, ["out", "plain", "more"]),
], ids=["an unreadable plan", "another word", "nothing", "too much"])
def test_nothing_is_applied_when_something_is_wrong_before(place, codes, arguments):
    place.tool(codes, NEEDS)
    (place.folder / "out").mkdir()
    assert place.run("apply.sh", *arguments).returncode not in (0, 2)
    assert "apply" not in [call[0] for call in place.calls()]


DRIFTS = [
    ({"drift": 0}, [], 0, "ok"),
    ({"drift": 1}, [], 1, "error"),
    ({"drift": 2}, [], 2, "differences"),
    ({"drift": 5}, [], 5, "incomplete"),
    ({"drift": 101}, [], 1, "error"),
    ({"drift": 130}, [], 130, "interrupted"),
    ({"drift markdown": 2, "drift junit": 0}, ["markdown", "junit"], 2, "differences"),
    ({"drift markdown": 2, "drift junit": 5}, ["markdown", "junit"], 5, "incomplete"),
    ({"drift markdown": 1, "drift junit": 0}, ["markdown", "junit"], 1, "error"),
    ({"drift markdown": 0, "drift junit": 101}, ["markdown", "junit"], 1, "error"),
]


@pytest.mark.parametrize(("codes", "forms", "ends", "verdict"), DRIFTS, ids=[json.dumps(d[0]) for d in DRIFTS])
def test_what_drift_leads_to(place, codes, forms, ends, verdict):
    place.tool(codes)
    got = place.run("drift.sh", "audit.toml", "out", *forms)
    assert got.returncode == ends, got.stdout + got.stderr
    assert place.told() == verdict == place.read("out/verdict").strip()
    assert place.read("out/drift.md") is not None
    assert (place.read("out/drift.xml") is not None) == ("junit" in forms)


# On the pull request.

REVIEW = {"GH_TOKEN": "t", "GITHUB_REPOSITORY": "example/audit-record", "PULL_REQUEST": "7", "COMMIT": "c0ffee",
          "RUN_URL": "https://github.example/run/1"}
BOT, SOMEBODY = {"login": "github-actions[bot]"}, {"login": "somebody"}


def test_a_pull_request_gets_one_comment(place):
    others = [
        {"id": 1, "of": 7, "user": SOMEBODY, "body": "<!-- auditscope: plan -->\nnot the tool's"},
        {"id": 2, "of": 7, "user": BOT, "body": "another workflow's"},
        {"id": 3, "of": 8, "user": BOT, "body": "<!-- auditscope: plan -->\nof another pull request"},
    ]
    place.github(comments=others, issues=[], labels=[])
    (place.folder / "plan.md").write_text("@first `plan`\n")
    for text in ("first", "second", "third"):
        (place.folder / "plan.md").write_text(f"{text} plan\n")
        got = place.run("github-comment.sh", "plan.md", **REVIEW)
        assert got.returncode == 0, got.stderr
    *before, ours = place.on_github()["comments"]
    assert before == others
    assert ours["of"] == 7 and "third plan" in ours["body"] and "first" not in ours["body"]
    assert "c0ffee" in ours["body"] and REVIEW["RUN_URL"] in ours["body"]


@pytest.mark.parametrize("missing", sorted(REVIEW))
def test_a_comment_without_what_it_needs_is_an_error(place, missing):
    (place.folder / "plan.md").write_text("plan\n")
    got = place.run("github-comment.sh", "plan.md", **{k: v for k, v in REVIEW.items() if k != missing})
    assert got.returncode != 0 and missing in got.stderr
    assert place.on_github()["comments"] == []


# The issue.

NIGHT = {"GH_TOKEN": "t", "GITHUB_REPOSITORY": "example/audit-record", "RUN_URL": "https://github.example/run/2"}


def tonight(place, verdict, text="", **environment):
    (place.folder / "drift").mkdir(exist_ok=True)
    (place.folder / "drift" / "verdict").write_text(f"{verdict}\n")
    (place.folder / "drift" / "drift.md").write_text(text)
    return place.run("github-issue.sh", "drift", **{**NIGHT, **environment})


def test_one_issue_lives_through_the_nights(place):
    # Verdict, report; issues that are open afterwards, comments on the first, a word of its body.
    nights = [
        ("ok", "none", 0, 0, None),
        ("differences", "retention", 1, 0, "retention"),
        ("differences", "retention", 1, 0, "retention"),
        ("error", "", 1, 0, "retention"),
        ("differences", "logging", 1, 1, "logging"),
        ("incomplete", "logging, perhaps", 1, 2, "could not be read"),
        ("ok", "none", 0, 3, "could not be read"),
        ("ok", "none", 0, 3, "could not be read"),
        ("differences", "again", 1, 3, "could not be read"),
    ]
    for at, (verdict, text, still_open, comments, word) in enumerate(nights):
        got = tonight(place, verdict, text)
        assert (got.returncode == 0) == (verdict != "error"), got.stdout + got.stderr
        now = place.on_github()
        assert sum(issue["state"] == "open" for issue in now["issues"]) == still_open, f"night {at}"
        assert len(now["comments"]) == comments, f"night {at}"
        assert word is None or word in now["issues"][0]["body"], f"night {at}"
    first, second = place.on_github()["issues"]
    assert first["state_reason"] == "completed" and second["title"] == first["title"] and "again" in second["body"]
    assert second["labels"] == ["auditscope-drift"]


def test_the_issue_of_a_person_and_a_pull_request_are_left_alone(place):
    others = [
        {"number": 1, "state": "open", "user": SOMEBODY, "labels": ["auditscope-drift"], "body": "mine", "title": "t"},
        {"number": 2, "state": "open", "user": BOT, "labels": ["auditscope-drift"], "body": "", "title": "t", "pull_request": {}},
        {"number": 3, "state": "open", "user": BOT, "labels": ["other"], "body": "", "title": "t"},
    ]
    place.github(comments=[], issues=others, labels=["auditscope-drift"])
    for verdict in ("ok", "differences", "ok"):
        assert tonight(place, verdict, "report").returncode == 0
    now = place.on_github()["issues"]
    assert now[:3] == others and len(now) == 4 and now[3]["state"] == "closed"


@pytest.mark.parametrize("verdict", ["error", "interrupted", "locked", "", "needs_person"])
def test_a_check_that_failed_says_nothing_about_the_issue(place, verdict):
    tonight(place, "differences", "report")
    before = place.on_github()
    assert tonight(place, verdict, "").returncode == 1
    assert place.on_github() == before


def test_an_issue_without_a_verdict_is_an_error(place):
    assert place.run("github-issue.sh", "nowhere", **NIGHT).returncode != 0
    assert place.on_github()["issues"] == []


# The note on GitLab.


@pytest.fixture
def gitlab():
    """A GitLab that has notes on one merge request; yields its state and address."""
    state = {"notes": [], "tokens": set()}

    class Handler(BaseHTTPRequestHandler):
        def answer(self, status, content):
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def asked(self):
            token = self.headers.get("PRIVATE-TOKEN")
            state["tokens"].add(token)
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("Content-Length") or 0)
            form = urllib.parse.parse_qs(self.rfile.read(length).decode())
            notes = "/projects/5/merge_requests/7/notes"
            method = self.command
            if token != "secret":
                self.answer(401, {"message": "401 Unauthorized"})
            elif (method, path) == ("GET", "/user"):
                self.answer(200, {"id": 42})
            elif (method, path) == ("GET", notes):
                wanted = dict(urllib.parse.parse_qsl(query))
                size, page = int(wanted["per_page"]), int(wanted["page"])
                self.answer(200, state["notes"][size * (page - 1):size * page])
            elif (method, path) == ("POST", notes):
                state["notes"].append({"id": 1000 + len(state["notes"]), "author": {"id": 42}, "body": form["body"][0]})
                self.answer(201, state["notes"][-1])
            elif method == "PUT" and path.startswith(f"{notes}/"):
                (found,) = [note for note in state["notes"] if note["id"] == int(path.rsplit("/", 1)[1])]
                found["body"] = form["body"][0]
                self.answer(200, found)
            else:
                self.answer(404, {"message": "404 Not found"})

        do_GET = do_POST = do_PUT = asked

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def merge_request(url):
    return {"CI_API_V4_URL": url, "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "7", "CI_COMMIT_SHA": "c0ffee",
            "CI_JOB_URL": "https://gitlab.example/job/1", "AUDITSCOPE_GITLAB_TOKEN": "secret", "on_github": False}


@pytest.mark.parametrize("before", [0, 3, 100, 130])
def test_a_merge_request_gets_one_note(place, gitlab, before):
    state, url = gitlab
    marker = "<!-- auditscope: plan -->\n"
    state["notes"] = [{"id": at, "author": {"id": 41}, "body": f"{marker}{at}"} for at in range(before)]
    others = list(state["notes"])
    for text in ("first", "second & third = ü"):
        (place.folder / "plan.md").write_text(f"{text} plan\n")
        got = place.run("gitlab-note.sh", "plan.md", **merge_request(url))
        assert got.returncode == 0, got.stderr
        assert "secret" not in got.stdout + got.stderr
    *kept, ours = state["notes"]
    assert kept == others
    assert "second & third = ü plan" in ours["body"] and "first" not in ours["body"] and "c0ffee" in ours["body"]


def test_no_token_is_no_note_and_a_wrong_one_is_an_error(place, gitlab):
    state, url = gitlab
    (place.folder / "plan.md").write_text("plan\n")
    got = place.run("gitlab-note.sh", "plan.md", **{**merge_request(url), "AUDITSCOPE_GITLAB_TOKEN": ""})
    assert got.returncode == 0 and state["tokens"] == set()
    got = place.run("gitlab-note.sh", "plan.md", **{**merge_request(url), "AUDITSCOPE_GITLAB_TOKEN": "wrong"})
    assert got.returncode != 0 and state["notes"] == []
