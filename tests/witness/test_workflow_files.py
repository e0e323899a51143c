"""The pipeline files of docs/ci, by linters that others wrote; each linter also has to refuse what is wrong."""

import json
import os
import re
import subprocess

import pytest
import yaml
from conftest import HERE, VENV_BIN
from policy_eval import decide
from workflows.project import ACTION, GITLAB, SCRIPTS, SOURCE, WORKFLOWS, damage, lay_out

PLAN, APPLY, DRIFT = WORKFLOWS


@pytest.fixture
def project(tmp_path):
    return lay_out(tmp_path)


def ran(project, program, *arguments, **more):
    """Runs a linter in the project; its own PATH has the other linters, too."""
    path = f"{VENV_BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run([str(VENV_BIN / program), *arguments], cwd=project, text=True, capture_output=True,
                          env={**os.environ, "PATH": path}, check=False, **more)


def actionlint(project):
    return ran(project, "actionlint", "-no-color")


def zizmor(project):
    return ran(project, "zizmor", "--offline", "--no-progress", "--color=never", "--persona=pedantic", "--config",
               str(HERE / "workflows" / "zizmor.yml"), ".")


def schema_of(name, *files):
    return lambda project: ran(project, "check-jsonschema", "--builtin-schema", f"vendor.{name}", *files)


def gitlab(project):
    # The schema asks nothing of hidden jobs, so the jobs are checked with what they take from those.
    content = whole(project)
    (project / "whole.yml").write_text(yaml.safe_dump(content))
    return ran(project, "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", GITLAB, "whole.yml")


def whole(project):
    """Returns the pipeline of GitLab with `extends` carried out: keys are merged at every depth, lists are replaced."""
    content = yaml.safe_load((project / GITLAB).read_text())

    def merged(under, over):
        both = isinstance(under, dict) and isinstance(over, dict)
        return under | {key: merged(under.get(key), value) for key, value in over.items()} if both else over

    def full(name):
        job = dict(content[name])
        base = job.pop("extends", None)
        return merged(full(base), job) if base else job

    return {name: full(name) if isinstance(value, dict) else value for name, value in content.items() if name[0] != "."}


def shellcheck(project):
    # The jobs of GitLab are shell, too: each with what runs before it.
    files = sorted(str(file.relative_to(project)) for file in (project / SCRIPTS).glob("*.sh"))
    for name, job in whole(project).items():
        if "script" in job:
            file = project / f"{name}.gitlab.sh"
            lines = [*job.get("before_script", []), *job["script"]]
            file.write_text("\n".join(["#!/usr/bin/env bash", "set -eo pipefail", *lines]) + "\n")
            files.append(file.name)
    assert len(files) > 8, files
    return ran(project, "shellcheck", "--external-sources", "--source-path=SCRIPTDIR", *files)


LINTERS = {
    "actionlint": actionlint,
    "zizmor": zizmor,
    "schema of workflows": schema_of("github-workflows", *WORKFLOWS),
    "schema of actions": schema_of("github-actions", ACTION),
    "schema of GitLab": gitlab,
    "shellcheck": shellcheck,
}


@pytest.mark.parametrize("linter", LINTERS)
def test_a_linter_finds_nothing(project, linter):
    got = LINTERS[linter](project)
    assert got.returncode == 0, got.stdout + got.stderr


# Linter, file, what is replaced by what, and a word of the complaint.
DAMAGES = [
    ("actionlint", APPLY, "needs.plan.outputs.verdict == 'differences'", "needs.plan.outputs.verdit == 'differences'", "verdit"),
    ("actionlint", DRIFT, "needs: drift", "needs: drfit", "drfit"),
    ("actionlint", PLAN, 'plan.sh "$BLUEPRINT"', "plan.sh $BLUEPRINT", "SC2086"),
    ("actionlint", PLAN, "          revision: ${{ vars.AUDITSCOPE_REVISION }}\n", "", "revision"),
    ("zizmor", PLAN, "        with:\n          persist-credentials: false\n", "", "artipacked"),
    ("zizmor", PLAN, "@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6", "unpinned-uses"),
    ("zizmor", PLAN, 'plan.sh "$BLUEPRINT"', "plan.sh ${{ github.event.pull_request.title }}", "template-injection"),
    ("zizmor", PLAN, "pull_request:", "pull_request_target:", "dangerous-triggers"),
    ("zizmor", DRIFT, "permissions: {}", "permissions: write-all", "excessive-permissions"),
    ("schema of workflows", PLAN, "    runs-on: ubuntu-24.04\n", "", "runs-on"),
    ("schema of actions", ACTION, "using: composite", "using: composit", "composit"),
    ("schema of GitLab", GITLAB, "when: manual", "when: by-hand", "by-hand"),
    ("schema of GitLab", GITLAB, "aud: https://gitlab.com", "audience: https://gitlab.com", "aud"),
    ("shellcheck", f"{SCRIPTS}/plan.sh", '"$place/plan.md" ||', "$place/plan.md ||", "SC2086"),
    ("shellcheck", GITLAB, 'plan.sh "$BLUEPRINT"', "plan.sh $BLUEPRINT", "SC2086"),
]


@pytest.mark.parametrize(("linter", "file", "old", "new", "word"), DAMAGES, ids=[f"{d[0]}: {d[4]}" for d in DAMAGES])
def test_a_linter_refuses_what_is_wrong(project, linter, file, old, new, word):
    damage(project, file, old, new)
    got = LINTERS[linter](project)
    assert got.returncode != 0 and word in got.stdout + got.stderr, got.stdout + got.stderr


def test_the_files_and_their_copies_are_the_same_everywhere():
    # What is pinned is pinned once: one commit and one version for each action, in whatever file.
    pins = {}
    for file in sorted((SOURCE / "github").rglob("*.yml")):
        for action, rest in re.findall(r"uses: ([^@\s]+)(.*)", file.read_text()):
            if action.startswith("./"):
                continue
            pin = re.fullmatch(r"@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", rest)
            assert pin, f"{file.name}: {action}{rest}"
            pins.setdefault(action, set()).add(pin.groups())
    assert pins and all(len(found) == 1 for found in pins.values()), pins


def test_no_job_both_reaches_aws_and_writes_to_github():
    for name in WORKFLOWS:
        workflow = yaml.safe_load((SOURCE / "github" / name.removeprefix(".github/")).read_text())
        assert workflow["permissions"] == {}, name
        for job, content in workflow["jobs"].items():
            writes = {what for what, how in content["permissions"].items() if how == "write"}
            assert len(writes) <= 1, f"{name}: {job} may write {writes}"
            roles = [s["with"]["role-to-assume"] for s in content["steps"] if "role-to-assume" in s.get("with", {})]
            assert bool(roles) == ("id-token" in writes), f"{name}: {job}"
            applies = roles == ["${{ vars.AUDITSCOPE_APPLY_ROLE }}"]
            assert applies == (job == "apply"), f"{name}: {job}"


REPO, PROJECT = "repo:example/audit-record", "project_path:example/audit-record"
# File, subject, audience, and whether the role may be assumed.
TRUST = [
    ("github-plan", f"{REPO}:pull_request", "sts.amazonaws.com", True),
    ("github-plan", f"{REPO}:ref:refs/heads/main", "sts.amazonaws.com", True),
    ("github-plan", f"{REPO}:ref:refs/heads/other", "sts.amazonaws.com", False),
    ("github-plan", "repo:example/other:pull_request", "sts.amazonaws.com", False),
    ("github-plan", "repo:example/audit-record-2:pull_request", "sts.amazonaws.com", False),
    ("github-plan", f"{REPO}:pull_request", "https://github.com/example", False),
    ("github-plan", None, "sts.amazonaws.com", False),
    ("github-apply", f"{REPO}:environment:auditscope-apply", "sts.amazonaws.com", True),
    ("github-apply", f"{REPO}:environment:auditscope-apply-weakening", "sts.amazonaws.com", True),
    ("github-apply", f"{REPO}:environment:auditscope-review", "sts.amazonaws.com", False),
    ("github-apply", f"{REPO}:ref:refs/heads/main", "sts.amazonaws.com", False),
    ("github-apply", f"{REPO}:pull_request", "sts.amazonaws.com", False),
    ("gitlab-plan", f"{PROJECT}:ref_type:branch:ref:topic/1", "https://gitlab.com", True),
    ("gitlab-plan", f"{PROJECT}:ref_type:tag:ref:v1", "https://gitlab.com", False),
    ("gitlab-plan", "project_path:example/other:ref_type:branch:ref:main", "https://gitlab.com", False),
    ("gitlab-apply", f"{PROJECT}:ref_type:branch:ref:main", "https://gitlab.com", True),
    ("gitlab-apply", f"{PROJECT}:ref_type:branch:ref:maintenance", "https://gitlab.com", False),
    ("gitlab-apply", f"{PROJECT}:ref_type:branch:ref:main", "https://example.com", False),
]


@pytest.mark.parametrize(("role", "subject", "audience", "allowed"), TRUST)
def test_a_role_trusts_its_own_jobs_only(role, subject, audience, allowed):
    policy = json.loads((SOURCE / "roles" / f"{role}.json").read_text())
    host = "token.actions.githubusercontent.com" if role.startswith("github") else "gitlab.com"
    provider = f"arn:aws:iam::111122223333:oidc-provider/{host}"
    context = {f"{host}:aud": audience} | ({f"{host}:sub": subject} if subject else {})
    got = decide(policy, ("Federated", provider), "sts:AssumeRoleWithWebIdentity", "*", context)
    assert got == ("allow" if allowed else "nothing")


def test_the_environments_of_the_workflow_are_those_that_the_role_trusts():
    workflow = (SOURCE / "github/workflows/auditscope-apply.yml").read_text()
    (line,) = re.findall(r"environment: (.*)", workflow)
    used = {name for name in re.findall(r"'([^']+)'", line) if name.startswith("auditscope-")}
    trusted = re.findall(r":environment:([a-z-]+)", (SOURCE / "roles/github-apply.json").read_text())
    assert used == set(trusted) == {"auditscope-apply", "auditscope-apply-weakening"}
