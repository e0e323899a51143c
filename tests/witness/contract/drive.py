"""Drives a target through calls and remembers what it answered."""

import copy
import fcntl
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.parsers import ResponseParserError

from . import models

ACCOUNT = "111122223333"
REGION = "us-east-1"
# Service as in IAM action prefixes, and botocore's name for it where that is another.
CLIENTS = {"tag": "resourcegroupstaggingapi"}
# Operations of S3's that botocore has under another client, as they are signed and allowed as S3's.
CONTROL = {"CreateAccessPoint", "DeleteAccessPoint", "ListAccessPoints"}


@dataclass
class Step:
    """One call and what came of it."""

    service: str
    operation: str
    case: str
    # None if the call succeeded.
    code: str | None = None
    status: int = 0
    output: dict = field(default_factory=dict)
    # Whether it had to be refused.
    negative: bool = False
    # Which of the calls of this name and case it is.
    number: int = 0

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    def __str__(self) -> str:
        return f"{self.name} ({self.case})" if self.case else self.name


class Driver:
    """Calls of one target. What the sandbox must not do is collected in `failures`, so that one run shows it all.

    `protocols` overrides the protocol that botocore would choose for a service. Without `refusals` the calls that
    must be refused are left out: a target that takes them is then no longer in the same state as one that does not.
    """

    def __init__(self, target: str, url: str, state: Path | None = None, protocols: dict | None = None,
                 refusals: bool = True):
        self.target, self.url, self.state, self.refusals = target, url, state, refusals
        self.strict = target == "sandbox"
        self.steps: list[Step] = []
        self.failures: list[str] = []
        # What the model says against answers: operation and problem.
        self.off_model: set[tuple[str, str]] = set()
        # Service and code of every refusal that went over the wire.
        self.codes: set[tuple[str, str]] = set()
        self.paged: set[str] = set()
        self._raw: list = []
        self._clients: dict = {}
        self._sessions: dict = {}
        self._protocols = protocols or {}

    def client(self, service: str, region: str = REGION, key: str = ACCOUNT):
        """Returns a client that validates nothing itself, tries once, and shows what comes over the wire."""
        place = (service, region, key)
        if place not in self._clients:
            name = CLIENTS.get(service, service)
            client = self._session(key).client(
                name,
                region_name=region,
                endpoint_url=self.url,
                config=Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"}),
            )
            client.meta.events.register("before-parse.*.*", self._see)
            client.meta.events.register("before-sign.s3-control", one_host)
            self._clients[place] = client
        return self._clients[place]

    def _session(self, key: str):
        if key not in self._sessions:
            session = botocore.session.Session()
            loader = session.get_component("data_loader")
            load = loader.load_service_model

            def load_service_model(name, kind, api_version=None):
                model = load(name, kind, api_version)
                if kind == "service-2" and name in self._protocols:
                    model = copy.deepcopy(model)
                    model["metadata"].update(protocol=self._protocols[name], protocols=[self._protocols[name]])
                return model

            loader.load_service_model = load_service_model
            access, _, token = key.partition("/")
            self._sessions[key] = boto3.Session(access, "witness", token or None, botocore_session=session)
        return self._sessions[key]

    def _see(self, operation_model, response_dict, **_):
        # Copied, for handlers of botocore's own rewrite some bodies before they are parsed.
        seen = {name: response_dict[name] for name in ("status_code", "headers", "body")}
        self._raw.append((operation_model, seen))

    def call(self, service: str, operation: str, case: str = "", region: str = REGION, key: str = ACCOUNT, **input) -> Step:
        """Makes a call and remembers it; refusals are remembered, not raised."""
        step = Step(service, operation, case)
        client = self.client(client_of(service, operation), region, key)
        self._raw.clear()
        try:
            step.output = getattr(client, boto_name(client, operation))(**input)
            step.status = step.output.pop("ResponseMetadata")["HTTPStatusCode"]
            if operation == "GetObject":
                step.output["Body"] = step.output["Body"].read().decode(errors="replace")
        except ClientError as error:
            step.code = error.response["Error"]["Code"]
            step.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        except (HTTPClientError, ResponseParserError) as error:
            step.code = type(error).__name__
            step.status = self._raw[-1][1]["status_code"] if self._raw else 0
        self._remember(step)
        if self.strict:
            self._judge(step)
        return step

    def _remember(self, step: Step) -> None:
        like = (step.service, step.operation, step.case)
        step.number = sum(1 for other in self.steps if (other.service, other.operation, other.case) == like)
        self.steps.append(step)

    def _judge(self, step: Step) -> None:
        for operation, answer in self._raw:
            name = f"{step.service}:{operation.name}"
            if answer["status_code"] < 300:
                found = models.problems(operation, answer)
            else:
                # botocore follows a redirect by itself; what it followed is a refusal all the same.
                code = step.code if step.code is not None else "PermanentRedirect"
                self.codes.add((step.service, code))
                found = models.error_problems(operation, answer, code)
            self.off_model.update((name, problem) for problem in found)

    def ok(self, service: str, operation: str, case: str = "", **input) -> dict:
        """Makes a call that must succeed; returns its output, empty if it did not."""
        step = self.call(service, operation, case, **input)
        if self.strict and step.code is not None:
            self.failures.append(f"{step}: refused with {step.status} {step.code}")
        return step.output if step.code is None else {}

    def refused(self, code: str, service: str, operation: str, case: str = "", **input) -> None:
        """Makes a call that must be refused with a code."""
        if not self.refusals:
            return
        step = self.call(service, operation, case or code, **input)
        step.negative = True
        if self.strict and step.code != code:
            self.failures.append(f"{step}: {step.status} {step.code or 'accepted'}, not {code}")

    def expect(self, what: str, got, want) -> None:
        """Holds something the calls have shown against what it must be."""
        if self.strict and got != want:
            self.failures.append(f"{what}: {got!r}, not {want!r}")

    def edit(self, change) -> None:
        """Changes the sandbox's state behind the API; `change` is given the document. Nothing on other targets."""
        if self.state is None:
            return
        with open(f"{self.state}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            document = json.loads(self.state.read_text()) if self.state.exists() else {}
            change(document)
            fresh = self.state.with_suffix(".new")
            fresh.write_text(json.dumps(document))
            fresh.replace(self.state)

    def wait(self, seconds: float) -> None:
        """Moves the sandbox's clock."""

        def later(document):
            document["clock_ahead_millis"] = document.get("clock_ahead_millis", 0) + int(seconds * 1000)

        self.edit(later)

    def pages(self, service: str, operation: str, member: str, size: int | None, least: int, **input) -> list:
        """Reads a list page by page through boto3's paginator; `size` is asked for where AWS takes one.

        There must be at least `least` entries, none twice, over more than one page.
        """
        client = self.client(client_of(service, operation))
        method = boto_name(client, operation)
        self._raw.clear()
        step = Step(service, operation, "paged")
        pages: list[list] = []
        try:
            paging = {"PageSize": size} if size else {}
            for page in client.get_paginator(method).paginate(**input, PaginationConfig=paging):
                pages.append(page.get(member, []))
        except ClientError as error:
            step.code = error.response["Error"]["Code"]
            step.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        entries = [entry for page in pages for entry in page]
        if step.code is None:
            step.status, step.output = 200, {member: entries}
        self._remember(step)
        if not self.strict:
            return entries
        self._judge(step)
        self.paged.add(f"{service}:{operation}")
        if step.code is not None:
            self.failures.append(f"{step}: refused with {step.status} {step.code}")
        if len(pages) < 2:
            self.failures.append(f"{step}: {len(pages)} page for {len(entries)} entries")
        if size and max(map(len, pages), default=0) > size:
            self.failures.append(f"{step}: {max(map(len, pages))} entries in a page of {size}")
        if len({str(entry) for entry in entries}) != len(entries):
            self.failures.append(f"{step}: an entry is there twice")
        if len(entries) < least:
            self.failures.append(f"{step}: {len(entries)} entries, not {least}")
        return entries


def client_of(service: str, operation: str) -> str:
    """Returns the client that has an operation."""
    return "s3control" if service == "s3" and operation in CONTROL else service


def one_host(request, **_) -> None:
    """Takes the account out of the host, where botocore puts it and no name leads."""
    request.url = request.url.replace(f"//{ACCOUNT}.", "//", 1)


def boto_name(client, operation: str) -> str:
    """Returns boto3's method for an operation."""
    return next(method for method, name in client.meta.method_to_api_mapping.items() if name == operation)


def aws(url: str, *arguments: str, region: str = REGION, path: Path) -> subprocess.CompletedProcess:
    """Runs the AWS CLI of the environment against a target."""
    command = [str(path), "--endpoint-url", url, "--region", region, "--output", "json", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
