"""The sandbox against other people's clients and models, and against moto.

boto3 drives `sandbox start` through every operation, every refusal and every paged read; AWS's models, as botocore
ships them, are held against each raw answer; the same calls go to moto. What differs is in `differences.toml`, with who
is right and why, or it fails; and so does what is listed and no longer differs.
"""

import importlib
import json
import subprocess
import urllib.request
from dataclasses import dataclass, field

import pytest
from conftest import served_moto, served_sandbox
from contract import codes, compare
from contract.drive import Driver
from contract.listed import Listed

SERVICES = ["bedrock", "cloudtrail", "cloudwatch", "iam", "kms", "logs", "organizations", "s3", "sns", "sts", "tag"]
# The protocols that a service takes beside the one botocore prefers.
FURTHER = [("cloudwatch", "smithy-rpc-v2-cbor"), ("cloudwatch", "query"), ("tag", "smithy-rpc-v2-cbor")]
# moto 5.2.5 does not speak CBOR.
FOR_MOTO = {"cloudwatch": "query", "resourcegroupstaggingapi": "json"}


@dataclass
class Record:
    """Every call to both targets, and what came of it."""

    sandbox: dict = field(default_factory=dict)
    further: dict = field(default_factory=dict)
    # By service, where moto differs: operation, case, what.
    moto: dict = field(default_factory=dict)

    def drivers(self):
        return [*self.sandbox.values(), *self.further.values()]


def calls_of(service: str):
    return importlib.import_module(f"contract.calls.{service}")


def drive_sandbox(binary, place, service: str, protocols=None) -> Driver:
    """Runs a service's calls on a sandbox of its own."""
    state = place / "state.json"
    if service == "organizations":
        subprocess.run([binary, "sandbox", "reset", "--lived-in", "--file", str(state)], check=True, capture_output=True)
    with served_sandbox(binary, "--no-delays", state=state) as url:
        driver = Driver("sandbox", url, state, protocols)
        calls_of(service).run(driver)
    return driver


def drive_moto(url: str, service: str) -> dict:
    """Runs a service's calls on moto; returns the steps by what they are.

    Twice: what must succeed is compared after nothing but what must succeed, for moto takes much that it should not.
    """
    steps = {}
    for refusals in (False, True):
        urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST"), timeout=60).read()
        driver = Driver("moto", url, None, FOR_MOTO, refusals)
        calls_of(service).run(driver)
        steps |= {place(step): step for step in driver.steps if step.negative or not refusals}
    return steps


def place(step) -> tuple:
    return step.service, step.operation, step.case, step.number


@pytest.fixture(scope="session")
def record(binary, tmp_path_factory) -> Record:
    """All calls, made once."""
    made = Record()
    for service in SERVICES:
        made.sandbox[service] = drive_sandbox(binary, tmp_path_factory.mktemp(service), service)
    for service, protocol in FURTHER:
        name = {"tag": "resourcegroupstaggingapi"}.get(service, service)
        made.further[service, protocol] = drive_sandbox(
            binary, tmp_path_factory.mktemp(f"{service}-{protocol}"), service, {name: protocol})
    with served_moto() as url:
        for service, driver in made.sandbox.items():
            theirs = drive_moto(url, service)
            made.moto[service] = list(dict.fromkeys(
                (step.name, step.case, what)
                for step in driver.steps
                for what in compare.differences(step, theirs[place(step)])))
    return made


@pytest.fixture(scope="session")
def listed(record) -> Listed:
    """The list, held against everything that was recorded."""
    held = Listed()
    for service in SERVICES:
        for operation, case, what in record.moto[service]:
            held.explains("moto", operation, case, what)
    for driver in record.drivers():
        for operation, what in driver.off_model:
            held.explains("model", operation, "", what)
    return held


@pytest.mark.parametrize("service", SERVICES)
def test_the_calls_go_as_they_must(record, service):
    assert record.sandbox[service].failures == []


@pytest.mark.parametrize(("service", "protocol"), FURTHER)
def test_the_calls_go_as_they_must_in_other_protocols(record, service, protocol):
    driver = record.further[service, protocol]
    assert driver.failures == []
    # The same steps, with the same outcome, as in the protocol that botocore prefers.
    assert [(str(s), s.code) for s in driver.steps] == [(str(s), s.code) for s in record.sandbox[service].steps]


@pytest.mark.parametrize("service", SERVICES)
def test_answers_are_in_aws_models(record, listed, service):
    drivers = [record.sandbox[service], *(driver for (of, _), driver in record.further.items() if of == service)]
    off = {problem for driver in drivers for problem in driver.off_model}
    assert [f"{operation}: {what}" for operation, what in sorted(off)
            if not listed.explains("model", operation, "", what)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_moto_differs_only_where_the_list_says_why(record, listed, service):
    unexplained = [f"{operation} [{case}]: {what}" for operation, case, what in record.moto[service]
                   if not listed.explains("moto", operation, case, what)]
    assert unexplained == []


def test_the_list_is_whole_and_current(listed):
    assert listed.malformed() == []
    assert listed.stale() == []


def test_every_operation_is_driven(binary, record):
    shown = subprocess.run([binary, "sandbox", "operations", "--format", "json"], check=True, capture_output=True)
    there = {f"{row['service']}:{row['operation']}" for row in json.loads(shown.stdout)}
    # Counted where it succeeded; a refusal alone shows little.
    driven = {step.name for driver in record.drivers() for step in driver.steps if step.code is None}
    assert there - driven == set(), "add calls to tests/witness/contract/calls"
    assert len(there) > 100


def test_every_refusal_is_provoked(record, alone):
    made = codes.in_sources()
    given = {pair for driver in [*record.drivers(), *alone.values()] for pair in driver.codes}
    # Answers to HEAD have no body, nor has "not modified": the status is all that S3 tells.
    silent = {("s3", "NotFound"): ("s3", "404"), ("s3", "Forbidden"): ("s3", "403"),
              ("s3", "NotModified"): ("s3", "304")}
    unseen = sorted(pair for pair in made if silent.get(pair, pair) not in given)
    assert unseen == [], "provoke them in tests/witness/contract/calls"
    # Codes that the scan does not find would be codes that nobody knows to provoke.
    unknown = sorted(pair for pair in given - made if pair not in silent.values() and pair != ("sts", "ExpiredToken"))
    assert unknown == []


@pytest.fixture(scope="session")
def alone(binary, tmp_path_factory) -> dict:
    """Calls that only a sandbox can be asked: with delays, on a clock that is moved; and in an organisation that changes."""
    drivers = {}
    for name, mood in (("delays", []), ("organization_trails", ["--no-delays"])):
        state = tmp_path_factory.mktemp(name) / "state.json"
        with served_sandbox(binary, *mood, state=state) as url:
            drivers[name] = Driver("sandbox", url, state)
            calls_of(name).run(drivers[name])
    return drivers


@pytest.mark.parametrize("name", ["delays", "organization_trails"])
def test_what_moto_has_not_goes_as_it_must(alone, listed, name):
    assert alone[name].failures == []
    off = sorted(alone[name].off_model)
    assert [problem for problem in off if not listed.explains("model", problem[0], "", problem[1])] == []
