"""The scripts of docs/ci with the tool itself: a plan, its review, its apply and a night, each a process of its own, on a
served sandbox."""

import json
import os
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

import boto3
import pytest
from conftest import served_sandbox
from workflows.project import lay_out

BLUEPRINT = """format = 1

[scope]
name        = "genai-audit"
account     = "111122223333"
home_region = "us-east-1"
retention_days = {days}

[notifications]
emails = ["secops@example.com"]

[detections]
packs = ["audit-tampering"]
"""


class Pipeline:
    """A repository with the files, and an account that its jobs reach."""

    def __init__(self, place: Path, binary: str, url: str):
        self.place, self.url = lay_out(place), url
        (place / "bin").mkdir()
        (place / "bin" / "auditscope").symlink_to(binary)
        self.blueprint(400)

    def blueprint(self, days: int):
        (self.place / "audit.toml").write_text(BLUEPRINT.format(days=days))

    def job(self, script: str, *arguments: str):
        """Runs one job; returns its exit code, its verdict and what it said."""
        output = self.place / "output"
        output.write_text("")
        got = subprocess.run(
            [str(self.place / "ci/auditscope" / script), *arguments], cwd=self.place, text=True, capture_output=True,
            check=False, env={
                **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
                "PATH": f"{self.place}/bin:{os.environ['PATH']}", "HOME": str(self.place), "CI": "true",
                "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.place / "summary.md"),
                "AUDITSCOPE_ENDPOINT_URL": self.url})
        verdicts = [line.removeprefix("verdict=") for line in output.read_text().splitlines() if line.startswith("verdict=")]
        return got.returncode, verdicts[-1] if verdicts else None, got.stdout + got.stderr

    def retention(self, days: int):
        """Does what a colleague at the console does."""
        logs = boto3.client("logs", endpoint_url=self.url)
        logs.put_retention_policy(logGroupName="/auditscope/genai-audit/trail", retentionInDays=days)


@pytest.fixture
def pipeline(tmp_path, binary):
    with served_sandbox(binary, "--no-delays") as url:
        yield Pipeline(tmp_path, binary, url)


def test_from_the_plan_to_the_night(pipeline):
    code, verdict, said = pipeline.job("plan.sh", "audit.toml", "plan")
    assert (code, verdict) == (0, "differences"), said
    assert "log_group.trail" in (pipeline.place / "plan/plan.md").read_text()
    assert json.loads((pipeline.place / "plan/findings.sarif").read_text())["version"] == "2.1.0"
    code, _, said = pipeline.job("apply.sh", "plan", "plain")
    assert code == 0, said
    code, verdict, said = pipeline.job("plan.sh", "audit.toml", "plan")
    assert (code, verdict) == (0, "ok"), said

    code, verdict, said = pipeline.job("drift.sh", "audit.toml", "night", "markdown", "junit")
    assert (code, verdict) == (0, "ok"), said
    pipeline.retention(1)
    code, verdict, said = pipeline.job("drift.sh", "audit.toml", "night", "markdown", "junit")
    assert (code, verdict) == (2, "differences"), said
    assert "retention_days" in (pipeline.place / "night/drift.md").read_text()
    report = xml.parse(pipeline.place / "night/drift.xml").getroot()
    assert [case.get("name") for case in report.iter("testcase") if case.find("failure") is not None]
    assert "retention_days" in (pipeline.place / "summary.md").read_text()


def test_a_loss_needs_the_approval_and_a_moved_account_another_plan(pipeline):
    pipeline.job("plan.sh", "audit.toml", "plan")
    assert pipeline.job("apply.sh", "plan", "plain")[0] == 0
    pipeline.blueprint(90)
    code, verdict, said = pipeline.job("plan.sh", "audit.toml", "plan")
    assert (code, verdict) == (0, "needs_person"), said

    assert pipeline.job("apply.sh", "plan", "plain")[0] == 4
    pipeline.retention(180)
    code, _, said = pipeline.job("apply.sh", "plan", "approved")
    assert code == 7 and "retention_days" in said, said

    code, verdict, said = pipeline.job("plan.sh", "audit.toml", "plan")
    assert (code, verdict) == (0, "needs_person"), said
    code, _, said = pipeline.job("apply.sh", "plan", "approved")
    assert code == 0, said
    assert pipeline.job("drift.sh", "audit.toml", "night")[:2] == (0, "ok")


def test_a_bad_blueprint_ends_before_the_account(pipeline):
    (pipeline.place / "audit.toml").write_text("format = 1\n[scope]\nname = 3\n")
    code, verdict, said = pipeline.job("plan.sh", "audit.toml", "plan")
    assert (code, verdict) == (1, "error"), said
    assert not (pipeline.place / "plan/plan.json").exists()
