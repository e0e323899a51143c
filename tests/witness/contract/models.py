"""Holds a raw HTTP answer against AWS's model of the operation.

botocore reads what it expects and drops the rest in silence, so an answer that it parses may still be wrong. Here the
body itself is walked: members that the model does not have, required members that are missing, values of another type,
enum values that AWS does not have, lengths and patterns out of bounds, times in another format than the protocol's.
"""

import json
import re
import xml.etree.ElementTree as ET

import cbor2

INTEGERS = {"integer", "long"}
NUMBERS = {"float", "double"}
ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
HTTP_DATE = re.compile(r"^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$")
# Root elements of S3's answers (S3 API reference); botocore takes any, the SDK for Rust does not.
ROOTS = {
    "CreateAccessPoint": "CreateAccessPointResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "ListAccessPoints": "ListAccessPointsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjectsV2": "ListBucketResult",
}
# Errors that any operation of a service may give, which models do not list, with their status.
COMMON = {
    # Amazon S3 API reference, "Error responses"; answers to HEAD have no body, so the code is the status.
    "s3": {
        "304": 304, "403": 403, "404": 404, "AccessControlListNotSupported": 400, "AccessDenied": 403, "BadDigest": 400,
        "BucketNotEmpty": 409, "ConditionalRequestConflict": 409,
        "CrossLocationLoggingProhibited": 403, "ExpiredToken": 400, "IllegalLocationConstraintException": 400,
        "IllegalVersioningConfigurationException": 400, "InternalError": 500,
        "InvalidArgument": 400, "InvalidBucketAclWithObjectOwnership": 400, "InvalidBucketName": 400,
        "InvalidBucketState": 409, "InvalidDigest": 400, "InvalidLocationConstraint": 400, "InvalidRequest": 400, "InvalidTag": 400,
        "InvalidTargetBucketForLogging": 400, "InvalidToken": 400,
        "KMS.DisabledException": 400, "KMS.KMSInvalidStateException": 400, "KMS.NotFoundException": 400,
        "KeyTooLongError": 400, "MalformedPolicy": 400, "MalformedXML": 400,
        "MethodNotAllowed": 405, "NoSuchBucket": 404, "NoSuchBucketPolicy": 404, "NoSuchKey": 404, "NoSuchLifecycleConfiguration": 404,
        "NoSuchPublicAccessBlockConfiguration": 404, "NoSuchTagSet": 404, "NoSuchVersion": 404, "NoSuchWebsiteConfiguration": 404,
        "NotImplemented": 501,
        "ObjectLockConfigurationNotFoundError": 404, "OperationAborted": 409, "OwnershipControlsNotFoundError": 404,
        "PermanentRedirect": 301, "PolicyTooLarge": 400, "PreconditionFailed": 412, "ReplicationConfigurationNotFoundError": 404, "SlowDown": 503,
    },
    # The same page has those of access points.
    "s3control": {"AccessPointAlreadyOwnedByYou": 409, "InvalidRequest": 400, "NoSuchAccessPoint": 404},
    # "Common errors" of each API reference.
    "bedrock": {"ExpiredTokenException": 403, "UnrecognizedClientException": 403},
    "cloudtrail": {"AccessDeniedException": 400, "ExpiredTokenException": 400, "InternalFailure": 500,
                   "ThrottlingException": 400, "UnrecognizedClientException": 400},
    "cloudwatch": {"AccessDenied": 403, "ExpiredToken": 403, "InternalFailure": 500, "InvalidClientTokenId": 403,
                   "InvalidParameterCombination": 400, "InvalidParameterValue": 400, "Throttling": 400,
                   "ValidationError": 400},
    "iam": {"AccessDenied": 403, "ExpiredToken": 403, "InvalidClientTokenId": 403, "Throttling": 400,
            "ValidationError": 400},
    "kms": {"AccessDeniedException": 400, "ExpiredTokenException": 400, "ThrottlingException": 400,
            "UnrecognizedClientException": 400, "ValidationException": 400},
    "logs": {"AccessDeniedException": 400, "ExpiredTokenException": 400, "InternalFailure": 500,
             "ThrottlingException": 400, "UnrecognizedClientException": 400},
    "organizations": {"ExpiredTokenException": 400, "InternalFailure": 500, "UnrecognizedClientException": 400},
    "resourcegroupstaggingapi": {"AccessDeniedException": 400, "ExpiredTokenException": 400, "InternalFailure": 500,
                                 "UnrecognizedClientException": 400},
    "sns": {"ExpiredToken": 403, "InvalidClientTokenId": 403, "Throttling": 400},
    "sts": {"AccessDenied": 403, "ExpiredToken": 403, "InternalFailure": 500, "InvalidClientTokenId": 403,
            "RegionDisabledException": 403, "Throttling": 400, "ValidationError": 400},
}


def problems(operation, answer: dict) -> list[str]:
    """Returns what is wrong with a successful answer; `answer` is botocore's dict of status, headers and raw body."""
    shape, protocol = operation.output_shape, operation.service_model.resolved_protocol
    found: list[str] = []
    body = answer["body"]
    if shape is None:
        # XML protocols wrap even nothing; the others send an empty document or none.
        if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor") and body not in (b"", b"{}", b"\xa0"):
            found.append(f"a body where the model has none: {body[:80]!r}")
        return found
    if protocol == "json" or protocol == "rest-json":
        walk(shape, json.loads(body or b"{}"), "", found, "number")
    elif protocol == "smithy-rpc-v2-cbor":
        walk(shape, cbor2.loads(body), "", found, "tag")
    elif protocol == "query":
        query(operation, shape, body, found)
    elif protocol == "rest-xml":
        rest_xml(operation, shape, answer, found)
    else:
        found.append(f"unknown protocol {protocol}")
    return found


def error_problems(operation, answer: dict, code: str) -> list[str]:
    """Returns what is wrong with a refusal: a code the operation does not have, or another status than its own."""
    status, service = answer["status_code"], operation.service_model.service_name
    shapes = {}
    for shape in operation.error_shapes:
        error = shape.metadata.get("error", {})
        shapes[error.get("code", shape.name)] = (shape.name, error.get("httpStatusCode"))
    if code in shapes:
        name, wanted = shapes[code]
    elif code in COMMON.get(service, {}):
        name, wanted = shape_of(operation.service_model, code), COMMON[service][code]
    else:
        return [f"code {code} is not in the model"]
    found = []
    # awsJson leaves the status to the service; SDKs go by the code.
    if wanted and operation.service_model.resolved_protocol != "json" and wanted != status:
        found.append(f"code {code} comes with status {status}, in the model {wanted}")
    if operation.service_model.resolved_protocol in ("smithy-rpc-v2-cbor", "json"):
        document = (cbor2 if "cbor" in operation.service_model.resolved_protocol else json).loads(answer["body"])
        kind = document["__type"].rsplit("#", 1)[-1]
        if kind != name:
            found.append(f"__type is {kind}, in the model {name}")
    return found


def shape_of(service, code: str) -> str:
    """Returns the name of the shape that has a code in a service, the code itself if none has."""
    for name in service.shape_names:
        if service.shape_for(name).metadata.get("error", {}).get("code") == code:
            return name
    return code


def walk(shape, value, at: str, found: list[str], times: str) -> None:
    """Walks JSON or CBOR; `times` says how timestamps are written: as `number` or as CBOR `tag`."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            found.append(f"{at or 'the body'} is {type(value).__name__}, not a structure")
            return
        names = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        for name in value:
            if name not in names:
                found.append(f"{at}.{name} is not in the model")
        for wire, (name, member) in names.items():
            if wire in value:
                walk(member, value[wire], f"{at}.{name}", found, times)
        missing(shape, {names[name][0] for name in value if name in names}, at, found)
    elif kind == "list":
        if not isinstance(value, list):
            found.append(f"{at} is {type(value).__name__}, not a list")
            return
        bounds(shape, len(value), at, found)
        for item in value:
            walk(shape.member, item, f"{at}[]", found, times)
    elif kind == "map":
        if not isinstance(value, dict):
            found.append(f"{at} is {type(value).__name__}, not a map")
            return
        for key, item in value.items():
            walk(shape.key, key, f"{at}{{key}}", found, times)
            walk(shape.value, item, f"{at}{{}}", found, times)
    elif kind == "timestamp":
        written_as = "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__
        wanted = {"number": "number", "tag": "datetime"}[times]
        if written_as != wanted:
            found.append(f"{at} is a time as {written_as}, not as {wanted}")
    else:
        scalar(shape, value, at, found)


def scalar(shape, value, at: str, found: list[str]) -> None:
    """Checks a text, flag or number that has its own type on the wire."""
    kind = shape.type_name
    types = {"string": str, "character": str, "boolean": bool, "blob": (str, bytes)}
    if kind in INTEGERS:
        right = isinstance(value, int) and not isinstance(value, bool)
    elif kind in NUMBERS:
        right = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        right = isinstance(value, types.get(kind, object))
    if not right:
        found.append(f"{at} is {type(value).__name__} {value!r}, not {kind}")
    elif kind == "string":
        text(shape, value, at, found)


def text(shape, value: str, at: str, found: list[str]) -> None:
    """Checks a text's enum, length and pattern."""
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        found.append(f"{at} is {value!r}, none of the model's {', '.join(enum)}")
    bounds(shape, len(value), at, found)
    pattern = shape.metadata.get("pattern")
    if pattern:
        try:
            # Java's POSIX classes are the only thing in these patterns that Python does not read.
            held = re.fullmatch(pattern.replace("\\p{Cc}", "\\x00-\\x1f"), value, re.DOTALL)
        except re.error:
            return
        if held is None:
            found.append(f"{at} is {value!r}, which the model's {pattern} does not take")


def bounds(shape, length: int, at: str, found: list[str]) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and length < least or most is not None and length > most:
        found.append(f"{at} has length {length}, outside the model's {least} to {most}")


def missing(shape, there: set, at: str, found: list[str]) -> None:
    for name in shape.required_members:
        if name not in there:
            found.append(f"{at}.{name} is required and missing")


def leaf(shape, written: str, at: str, found: list[str]) -> None:
    """Checks a leaf that the wire carries as text: XML elements and headers."""
    kind = shape.type_name
    if kind == "timestamp":
        if not ISO.match(written):
            found.append(f"{at} is {written!r}, not a time in ISO 8601")
    elif kind == "boolean":
        if written not in ("true", "false"):
            found.append(f"{at} is {written!r}, not true or false")
    elif kind in INTEGERS:
        if not re.fullmatch(r"-?\d+", written):
            found.append(f"{at} is {written!r}, not a whole number")
    elif kind in NUMBERS:
        try:
            float(written)
        except ValueError:
            found.append(f"{at} is {written!r}, not a number")
    elif kind in ("string", "character"):
        text(shape, written, at, found)


def tag(element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def query(operation, shape, body: bytes, found: list[str]) -> None:
    root = ET.fromstring(body)
    if tag(root) != f"{operation.name}Response":
        found.append(f"the root is {tag(root)}, not {operation.name}Response")
    namespace = operation.service_model.metadata["xmlNamespace"]
    if not root.tag.startswith("{" + namespace + "}"):
        found.append(f"the namespace of {root.tag} is not {namespace}")
    wrapper = shape.serialization.get("resultWrapper")
    children = {tag(child): child for child in root}
    extra = set(children) - {wrapper, "ResponseMetadata"}
    if extra:
        found.append(f"the root holds {extra}")
    if "ResponseMetadata" not in children or children["ResponseMetadata"].find("{*}RequestId") is None:
        found.append("there is no RequestId in ResponseMetadata")
    if wrapper not in children:
        found.append(f"there is no {wrapper}")
        return
    element(shape, children[wrapper], "", found)


def rest_xml(operation, shape, answer: dict, found: list[str]) -> None:
    headers, body = answer["headers"], answer["body"]
    in_headers, in_body = {}, {}
    for name, member in shape.members.items():
        place = in_headers if member.serialization.get("location") in ("header", "headers", "statusCode") else in_body
        place[name] = member
    there = set()
    for name, member in in_headers.items():
        written = headers.get(member.serialization.get("name", ""))
        if written is not None:
            there.add(name)
            # Times in headers are HTTP's unless the model says otherwise.
            if member.type_name == "timestamp" and member.serialization.get("timestampFormat") != "iso8601":
                if not HTTP_DATE.match(written):
                    found.append(f".{name} is {written!r}, not a time of HTTP's")
            else:
                leaf(member, written, f".{name}", found)
    prefixes = tuple(member.serialization["name"].lower() for member in in_headers.values()
                     if member.serialization.get("location") == "headers")
    known = {member.serialization.get("name", "").lower() for member in in_headers.values()}
    for name in headers:
        amazon = name.lower().startswith("x-amz-") and name.lower() not in ("x-amz-request-id", "x-amz-id-2")
        # S3 tells the bucket's Region with every answer.
        if amazon and name.lower() not in known | {"x-amz-bucket-region"} and not name.lower().startswith(prefixes):
            found.append(f"the header {name} is not in the model")
    payload = shape.serialization.get("payload")
    if payload is None and not in_body or operation.http.get("method") == "HEAD":
        if body:
            found.append(f"a body where the model has none: {body[:80]!r}")
    elif payload is not None and shape.members[payload].type_name != "structure":
        there.add(payload)
    elif body:
        root = ET.fromstring(body)
        wanted = shape.members[payload].serialization.get("name", payload) if payload else ROOTS.get(operation.name)
        if payload:
            there.add(payload)
            if "name" not in shape.members[payload].serialization:
                wanted = payload
        if wanted is None:
            found.append(f"nobody has said what the root of {operation.name} is called")
        elif tag(root) != wanted:
            found.append(f"the root is {tag(root)}, not {wanted}")
        if payload:
            element(shape.members[payload], root, f".{payload}", found)
        else:
            there |= members(in_body, root, "", found)
    missing(shape, there, "", found)


def element(shape, node, at: str, found: list[str]) -> None:
    kind = shape.type_name
    if kind == "structure":
        there = members(shape.members, node, at, found)
        missing(shape, there, at, found)
    elif kind == "list":
        wanted = shape.member.serialization.get("name", "member")
        bounds(shape, len(node), at, found)
        for child in node:
            if tag(child) != wanted:
                found.append(f"{at} holds {tag(child)}, not {wanted}")
            element(shape.member, child, f"{at}[]", found)
    elif kind == "map":
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        for entry in node:
            parts = {tag(part): part for part in entry}
            if tag(entry) != "entry" or set(parts) != {key_name, value_name}:
                found.append(f"{at} holds {tag(entry)} of {sorted(parts)}")
                continue
            element(shape.key, parts[key_name], f"{at}{{key}}", found)
            element(shape.value, parts[value_name], f"{at}{{}}", found)
    elif len(node):
        found.append(f"{at} holds elements, and is a {kind}")
    else:
        leaf(shape, node.text or "", at, found)


def members(shapes: dict, node, at: str, found: list[str]) -> set:
    """Walks a structure's elements; returns the members that are there."""
    names, attributes = {}, {}
    for name, member in shapes.items():
        flat = member.type_name == "list" and member.serialization.get("flattened")
        default = member.member.serialization.get("name", name) if flat else name
        wire = member.serialization.get("name", default).rsplit(":", 1)[-1]
        (attributes if member.serialization.get("xmlAttribute") else names)[wire] = (name, member, flat)
    there = set()
    for child in node:
        if tag(child) not in names:
            found.append(f"{at}.{tag(child)} is not in the model")
            continue
        name, member, flat = names[tag(child)]
        if name in there and not flat:
            found.append(f"{at}.{name} is there twice")
        there.add(name)
        element(member.member if flat else member, child, f"{at}.{name}[]" if flat else f"{at}.{name}", found)
    for attribute in node.attrib:
        wire = attribute.rsplit("}", 1)[-1]
        if wire in attributes:
            there.add(attributes[wire][0])
    return there
