"""Every document the tool prints is what docs/output.schema.json says, held against it by somebody else's validator."""

import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/output.schema.json").read_text())
DENIED = json.dumps([{"service": "logs", "operation": "DescribeLogGroups", "fault": "deny"}])


def validator(name: str) -> Draft202012Validator:
    """Returns the validator of one definition of the schema."""
    return Draft202012Validator({**{k: v for k, v in SCHEMA.items() if k != "oneOf"}, "$ref": f"#/$defs/{name}"})


class Place:
    """A directory with a blueprint and a sandbox of its own."""

    def __init__(self, binary: str, path: Path):
        self.binary, self.path = binary, path
        self.run("init", "--from", "minimal", sandbox=False)
        self.file = "minimal.toml"

    def run(self, *arguments: str, sandbox: bool = True) -> subprocess.CompletedProcess:
        words = [self.binary, *arguments, *(["--sandbox=account.json"] if sandbox else [])]
        return subprocess.run(words, cwd=self.path, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)

    def holds(self, name: str, *arguments: str, code: int | None = None, sandbox: bool = True):
        """Runs a verb and returns its document, which must be what the schema says."""
        ended = self.run(*arguments, sandbox=sandbox)
        assert code is None or ended.returncode == code, ended.stderr
        document = json.loads(ended.stdout)
        wrong = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator(name).iter_errors(document)]
        assert not wrong, wrong[:10]
        assert document.get("exit_code", ended.returncode) == ended.returncode, arguments
        return document

    def events(self, *arguments: str) -> list[str]:
        """Runs a verb with `--format jsonl` and returns its events' names; each line must be what the schema says."""
        ended = self.run(*arguments, "--format", "jsonl")
        lines = [json.loads(line) for line in ended.stdout.splitlines()]
        for line in lines:
            wrong = [e.message for e in validator("event").iter_errors(line)]
            assert not wrong, (line["event"], wrong[:10])
        return [line["event"] for line in lines]


@pytest.fixture(scope="module")
def place(binary, tmp_path_factory):
    return Place(binary, tmp_path_factory.mktemp("output"))


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_a_life_in_json(place):
    # In order: each line sees what the lines before it left behind.
    f = place.file
    shown = place.holds("plan", "plan", f, "--json", code=0)
    redacted = place.holds("plan", "plan", f, "--json", "--redact", code=0)
    account = shown["scope"]["account"]
    assert account in json.dumps(shown) and account not in json.dumps(redacted)
    assert redacted["scope"]["account"] == "XXXXXXXXXX01"
    place.holds("validate", "validate", f, "--json", code=0, sandbox=False)
    place.holds("diff", "diff", f, "--json", code=2)
    place.holds("plan", "apply", f, "--json", code=4)
    place.run("plan", f, "-o", "plan.json")
    planned = place.holds("plan", "show", "plan.json", "--json", code=0, sandbox=False)
    assert planned["summary"]["add"] > 0
    done = place.holds("outcome", "apply", "plan.json", "--auto-approve", "--json", code=0)
    assert done["second_plan_is_empty"] is True
    place.holds("stale", "apply", "plan.json", "--auto-approve", "--json", code=7)
    place.holds("plan", "apply", f, "--auto-approve", "--json", code=0)
    place.run("sandbox", "tamper")
    place.holds("plan", "drift", f, "--json", code=2)
    place.holds("plan", "drift", f, "--json", "--sandbox-faults", DENIED, code=5)
    place.holds("diff", "diff", f, "--json", code=2)
    place.holds("history", "history", f, "--json", code=0)
    place.holds("plan", "destroy", f, "--json", code=4)
    place.holds("failure", "validate", "none.toml", "--json", code=1, sandbox=False)


def test_a_life_in_events(binary, tmp_path):
    place = Place(binary, tmp_path)
    f = place.file
    assert place.events("plan", f)[0] == "plan_started"
    events = place.events("apply", f, "--auto-approve")
    assert {"plan_started", "resource_planned", "step_started", "step_done", "summary"} <= set(events)
    assert events[-1] == "summary"
    assert place.events("drift", f)[-1] == "summary"
    assert place.events("history", f)[-1] == "summary"
    assert place.events("plan", "none.toml") == ["summary"]
    place.run("plan", f, "-o", "event.plan")
    place.run("sandbox", "tamper", "stop-logging")
    assert place.events("apply", "event.plan", "--auto-approve") == ["summary"]


def test_an_undocumented_member_would_be_seen(place):
    document = place.holds("plan", "plan", place.file, "--json")
    document["surprise"] = 1
    assert not validator("plan").is_valid(document)
    del document["surprise"], document["verdict"]
    assert not validator("plan").is_valid(document)
