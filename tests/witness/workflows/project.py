"""The files of docs/ci as they stand in a repository that uses them."""

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parents[3] / "docs" / "ci"
WORKFLOWS = [".github/workflows/auditscope-plan.yml", ".github/workflows/auditscope-apply.yml",
             ".github/workflows/auditscope-drift.yml"]
ACTION = ".github/actions/auditscope/action.yml"
GITLAB = ".gitlab-ci.yml"
SCRIPTS = "ci/auditscope"


def lay_out(place: Path) -> Path:
    """Copies the files to where docs/ci.md says they go; returns the repository."""
    shutil.copytree(SOURCE / "auditscope", place / SCRIPTS)
    shutil.copytree(SOURCE / "github", place / ".github")
    shutil.copy(SOURCE / "gitlab" / "gitlab-ci.yml", place / GITLAB)
    # actionlint finds local actions from the root of a repository.
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    return place


def damage(place: Path, file: str, old: str, new: str) -> None:
    """Replaces the first `old` in a file by `new`."""
    text = (place / file).read_text()
    assert old in text, f"{file} has no {old!r} any more: the damage has to be another"
    (place / file).write_text(text.replace(old, new, 1))
