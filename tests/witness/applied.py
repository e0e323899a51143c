"""Blueprints that the second client and the linter look at, each applied through a served sandbox."""

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from conftest import ACCOUNT, served_sandbox
from moto_adapter import Recorder, client
from second_client import Account

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
# One pack of detections: an apply over HTTP keeps to the published rates, three alarms a second.
FEW = '[detections]\npacks = ["audit-tampering"]\n'
BASELINE = f'extends = "genai-baseline.toml"\nformat = 1\n{FEW}'
MINIMAL = f'extends = "minimal.toml"\nformat = 1\n{FEW}'
READERS = f"""extends = "genai-baseline.toml"
format = 1
[scope]
home_region = "eu-central-1"
bedrock_regions = ["eu-central-1", "us-east-1"]
[encryption]
administrators = ["arn:aws:iam::{ACCOUNT}:role/platform-admin"]
readers = ["arn:aws:iam::{ACCOUNT}:role/auditor"]
[trail]
organization = true
insights = ["api-call-rate", "api-error-rate"]
[invocation_logging]
text = true
image = true
embedding = true
video = true
audio = true
readers = ["arn:aws:iam::{ACCOUNT}:role/ai-safety"]
{FEW}"""
ROLES = ["platform-admin", "auditor", "ai-safety"]

SCENARIOS = {
    "minimal": (MINIMAL, {"home": "us-east-1", "bedrock_regions": ["us-east-1"]}),
    "baseline": (BASELINE, {"home": "us-east-1", "bedrock_regions": ["us-east-1"], "emails": ["secops@example.com"]}),
    "organization": (READERS, {
        "home": "eu-central-1", "bedrock_regions": ["eu-central-1", "us-east-1"], "emails": ["secops@example.com"],
        "readers": [f"arn:aws:iam::{ACCOUNT}:role/auditor"], "organization": True,
        "prompt_readers": [f"arn:aws:iam::{ACCOUNT}:role/ai-safety"],
        "administrators": [f"arn:aws:iam::{ACCOUNT}:role/platform-admin"],
    }),
}
SCOPE = "genai-audit"


def run(binary, place, *arguments, url=None):
    """Runs the binary; returns the finished process."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(place), "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "witness", "AWS_EC2_METADATA_DISABLED": "true",
    }
    if url:
        environment["AWS_ENDPOINT_URL"] = url
    return subprocess.run(
        [binary, *arguments], cwd=place, env=environment, capture_output=True, text=True, timeout=170
    )


STATES = {}
# The calls of each scenario's apply, in their order.
CALLS = {}


def applied(binary, tmp_path_factory, name):
    """The state file of an applied scenario, which all tests share: copy it before changing it."""
    if name not in STATES:
        STATES[name] = apply(binary, tmp_path_factory.mktemp(name), name)
    return STATES[name]


def apply(binary, place, name):
    """Applies a scenario through a served sandbox; returns the state file."""
    text, facts = SCENARIOS[name]
    shutil.copytree(BLUEPRINTS, place, dirs_exist_ok=True)
    (place / "blueprint.toml").write_text(text)
    state = place / "state.json"
    # Lived-in: with an organisation, and with a trail and a bucket that are none of the tool's business.
    done = run(binary, place, "sandbox", "reset", "--lived-in", "--file", str(state))
    assert done.returncode == 0, done.stderr
    with served_sandbox(binary, state=state) as url:
        iam = client("iam", facts["home"], url)
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]}
        for role in ROLES:
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
        recorder = Recorder(url)
        try:
            done = run(binary, place, "apply", "blueprint.toml", "--auto-approve", "--json", url=recorder.url)
        finally:
            recorder.close()
        assert done.returncode == 0, done.stdout + done.stderr
        CALLS[name] = recorder.calls
    return state


@contextmanager
def looked_at(binary, state, name):
    """Reads an applied scenario with boto3."""
    with served_sandbox(binary, state=state) as url:
        yield Account(url, SCOPE, **SCENARIOS[name][1])
