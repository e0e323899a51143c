"""The check against AWS's models finds what it is there to find: each good answer is spoilt in one place."""

import json

import botocore.session
import cbor2
import pytest
from contract import models

SESSION = botocore.session.Session()


def operation(service: str, name: str, protocol: str = ""):
    model = SESSION.get_service_model(service)
    if protocol == "cbor":
        model.metadata.update(protocol="smithy-rpc-v2-cbor", protocols=["smithy-rpc-v2-cbor"])
    return model.operation_model(name)


def answer(body: bytes, status: int = 200, **headers) -> dict:
    return {"status_code": status, "headers": headers, "body": body}


def alias(**more) -> bytes:
    return json.dumps({"Aliases": [{"AliasName": "alias/a", "CreationDate": 1.5, **more}], "Truncated": False}).encode()


def alarm(**more) -> bytes:
    return cbor2.dumps({"MetricAlarms": [{"AlarmName": "a", "Threshold": 1.0, **more}]})


def role(path="<Path>/</Path>", more="", root="GetRoleResponse") -> bytes:
    return (f'<{root} xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role>{path}<RoleName>r</RoleName>'
            "<RoleId>AROAAAAAAAAAAAAAAAAAA</RoleId><Arn>arn:aws:iam::111122223333:role/r</Arn>"
            f"<CreateDate>2026-01-01T00:00:00Z</CreateDate>{more}</Role></GetRoleResult>"
            f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{root}>").encode()


def versioning(inner="<Status>Enabled</Status>", root="VersioningConfiguration") -> bytes:
    return f'<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</{root}>'.encode()


CASES = [
    ("json", "kms", "ListAliases", alias(), ""),
    ("json: unknown member", "kms", "ListAliases", alias(Colour="red"), ".Aliases[].Colour is not in the model"),
    ("json: time as text", "kms", "ListAliases", alias(CreationDate="2026"), ".CreationDate is a time as str"),
    ("json: flag as text", "kms", "ListAliases", b'{"Truncated": "no"}', ".Truncated is str"),
    ("json: too short", "kms", "ListAliases", alias(AliasName=""), ".AliasName has length 0"),
    ("json: pattern", "kms", "ListAliases", alias(AliasName="a b"), "does not take"),
    ("json: enum", "kms", "DescribeKey", b'{"KeyMetadata": {"KeyId": "k", "KeyState": "Odd"}}', "'Odd', none of"),
    ("json: required", "kms", "DescribeKey", b'{"KeyMetadata": {}}', ".KeyMetadata.KeyId is required"),
    ("cbor", "cloudwatch", "DescribeAlarms", alarm(), ""),
    ("cbor: double as text", "cloudwatch", "DescribeAlarms", alarm(Threshold="1"), ".Threshold is str"),
    ("cbor: time as number", "cloudwatch", "DescribeAlarms", alarm(StateUpdatedTimestamp=1.5), "is a time as number"),
    ("query", "iam", "GetRole", role(), ""),
    ("query: required", "iam", "GetRole", role(path=""), ".Role.Path is required"),
    ("query: unknown", "iam", "GetRole", role(more="<Colour>red</Colour>"), ".Role.Colour is not in the model"),
    ("query: root", "iam", "GetRole", role(root="GetRole"), "the root is GetRole"),
    ("query: time", "iam", "GetRole", role(more="<RoleLastUsed><LastUsedDate>1</LastUsedDate></RoleLastUsed>"),
     "not a time in ISO 8601"),
    ("query: list", "iam", "GetRole", role(more="<Tags><Tag/></Tags>"), ".Role.Tags holds Tag, not member"),
    ("rest-xml", "s3", "GetBucketVersioning", versioning(), ""),
    ("rest-xml: root", "s3", "GetBucketVersioning", versioning(root="Versioning"), "the root is Versioning"),
    ("rest-xml: unknown", "s3", "GetBucketVersioning", versioning("<State/>"), ".State is not in the model"),
    ("rest-xml: enum", "s3", "GetBucketVersioning", versioning("<Status>On</Status>"), "'On', none of"),
    ("rest-xml: twice", "s3", "GetBucketVersioning", versioning("<Status>Enabled</Status>" * 2), "there twice"),
]


@pytest.mark.parametrize(("case", "service", "name", "body", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_a_spoilt_answer_is_found_out(case, service, name, body, wanted):
    found = models.problems(operation(service, name, case.split(":")[0]), answer(body))
    assert found == [] if not wanted else any(wanted in problem for problem in found), found


def test_a_header_that_is_not_in_the_model_is_found_out():
    spoilt = answer(versioning(), **{"x-amz-mood": "fine"})
    assert models.problems(operation("s3", "GetBucketVersioning"), spoilt) == ["the header x-amz-mood is not in the model"]


REFUSALS = [
    ("as it is", "iam", "GetRole", 404, "NoSuchEntity", b"", ""),
    ("another status", "iam", "GetRole", 400, "NoSuchEntity", b"", "comes with status 400, in the model 404"),
    ("another code", "iam", "GetRole", 404, "Lost", b"", "code Lost is not in the model"),
    ("common", "s3", "GetBucketPolicy", 404, "NoSuchBucketPolicy", b"", ""),
    ("cbor: the code for the shape", "cloudwatch", "GetDashboard", 404, "ResourceNotFound",
     cbor2.dumps({"__type": "ResourceNotFound"}), "__type is ResourceNotFound, in the model DashboardNotFoundError"),
]


@pytest.mark.parametrize(("case", "service", "name", "status", "code", "body", "wanted"), REFUSALS,
                         ids=[case[0] for case in REFUSALS])
def test_a_spoilt_refusal_is_found_out(case, service, name, status, code, body, wanted):
    found = models.error_problems(operation(service, name, case.split(":")[0]), answer(body, status), code)
    assert found == [] if not wanted else any(wanted in problem for problem in found), found
