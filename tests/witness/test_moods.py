"""What makes a served sandbox awkward: small pages, faults, published rates."""

import json
import subprocess

import pytest
from conftest import served_sandbox
from contract.calls import population
from contract.drive import Driver, client_of

# By service a call that needs nothing, and the codes for: too fast, broken, denied, expired, no such Region.
FAULTS = {
    "bedrock": ("GetModelInvocationLoggingConfiguration", "ThrottlingException", "InternalServerException",
                "AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException"),
    "cloudtrail": ("DescribeTrails", "ThrottlingException", "InternalFailure", "AccessDeniedException",
                   "ExpiredTokenException", "UnrecognizedClientException"),
    "cloudwatch": ("DescribeAlarms", "Throttling", "InternalFailure", "AccessDenied", "ExpiredToken",
                   "InvalidClientTokenId"),
    "iam": ("ListRoles", "Throttling", "ServiceFailure", "AccessDenied", "ExpiredToken", "InvalidClientTokenId"),
    "kms": ("ListKeys", "ThrottlingException", "KMSInternalException", "AccessDeniedException",
            "ExpiredTokenException", "UnrecognizedClientException"),
    "logs": ("DescribeLogGroups", "ThrottlingException", "InternalFailure", "AccessDeniedException",
             "ExpiredTokenException", "UnrecognizedClientException"),
    "organizations": ("DescribeOrganization", "TooManyRequestsException", "InternalFailure", "AccessDeniedException",
                      "ExpiredTokenException", "UnrecognizedClientException"),
    "s3": ("ListBuckets", "SlowDown", "InternalError", "AccessDenied", "ExpiredToken", "InvalidToken"),
    "sns": ("ListTopics", "Throttling", "InternalError", "AuthorizationError", "ExpiredToken", "InvalidClientTokenId"),
    "sts": ("GetCallerIdentity", "Throttling", "InternalFailure", "AccessDenied", "ExpiredToken",
            "RegionDisabledException"),
    "tag": ("GetResources", "ThrottledException", "InternalFailure", "AccessDeniedException", "ExpiredTokenException",
            "UnrecognizedClientException"),
}
KINDS = ["throttle", "server_error", "deny", "expired", "region_disabled"]


@pytest.fixture(scope="module")
def faulty(binary):
    """A sandbox where each service's calls go wrong in turn."""
    rules = [{"service": service, "nth": n, "fault": fault}
             for service in FAULTS for n, fault in enumerate([*KINDS, "reset_before"], 1)]
    with served_sandbox(binary, "--sandbox-faults", json.dumps(rules)) as url:
        yield Driver("sandbox", url)


@pytest.mark.parametrize("service", FAULTS)
def test_faults_come_as_the_service_gives_them(faulty, service):
    operation, *wanted = FAULTS[service]
    faulty.off_model.clear()
    got = [faulty.call(service, operation, kind).code for kind in KINDS]
    assert got == wanted
    assert sorted(faulty.off_model) == []
    assert faulty.call(service, operation, "reset").code == "ConnectionClosedError"
    assert faulty.call(service, operation, "well again").code in (None, "AWSOrganizationsNotInUseException")


def test_published_rates_throttle(binary):
    with served_sandbox(binary, "--rate-limits") as url:
        driver = Driver("sandbox", url)
        codes = {driver.call("cloudtrail", "GetTrail", Name="unknown").code for _ in range(40)}
    assert "ThrottlingException" in codes


@pytest.fixture(scope="module")
def paged(binary, tmp_path_factory):
    """The same account served twice: as it is, and in pages of one; with the key whose tags are listed."""
    state = tmp_path_factory.mktemp("paged") / "state.json"
    subprocess.run([binary, "sandbox", "reset", "--lived-in", "--file", str(state)], check=True, capture_output=True)
    with served_sandbox(binary, "--no-delays", state=state) as whole_url:
        whole = Driver("sandbox", whole_url, state)
        key = population.run(whole)
        assert whole.failures == []
        with served_sandbox(binary, "--no-delays", "--page-size", "1", state=state) as small_url:
            yield whole, Driver("sandbox", small_url, state), key


@pytest.mark.parametrize(("service", "operation", "member", "input"), population.PAGED,
                         ids=[f"{service}:{operation}" for service, operation, *_ in population.PAGED])
def test_pages_of_one_add_up_to_the_whole(paged, service, operation, member, input):
    whole, small, key = paged
    input = {name: key if value == "KEY" else value for name, value in input.items()}
    small.failures.clear()
    entries = small.pages(service, operation, member, None, 2, **input)
    assert small.failures == []
    wanted = whole.ok(service, operation, "whole", **input)[member]
    assert sorted(map(str, entries)) == sorted(map(str, wanted))
    assert small.off_model == set()


def test_every_paged_read_is_read_in_pages(binary):
    """Whatever has a token in its model is on the list of paged reads, or on that of those never cut, with the reason."""
    shown = subprocess.run([binary, "sandbox", "operations", "--format", "json"], check=True, capture_output=True)
    driver = Driver("sandbox", "http://127.0.0.1:1")
    tokens = {"NextToken", "nextToken", "Marker", "NextMarker", "NextKeyMarker", "ContinuationToken", "PaginationToken"}
    there = set()
    for row in json.loads(shown.stdout):
        client = client_of(row["service"], row["operation"])
        model = driver.client(client).meta.service_model.operation_model(row["operation"])
        if model.output_shape is not None and tokens & set(model.output_shape.members):
            there.add(f"{row['service']}:{row['operation']}")
    known = {f"{service}:{operation}" for service, operation, *_ in population.PAGED} | population.NEVER_CUT.keys()
    assert there == known
