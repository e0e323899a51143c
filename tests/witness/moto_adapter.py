"""A proxy in front of moto, so that the tool can be tried against an AWS that nobody here wrote.

moto speaks the wire formats of boto3, and lacks some of what the tool calls. Both are closed here and nowhere else: the
tool makes no allowance for moto. Two things are translation:

- CloudWatch: the SDK for Rust sends rpc-v2-cbor. botocore itself is the translator, through a client that talks to moto.
- The account: moto takes it from a header.

Everything else is in `gaps.GAPS`, each with its reason. An operation that moto lacks and that is not in that list is
refused with `NotInMoto` and kept in `Adapter.missing`, where the test looks.
"""

import datetime
import http.client
import re
import threading
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import botocore.config
import botocore.exceptions
import cbor2

ACCOUNT = "111122223333"
SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
# Sub-resources that make an S3 call another one than CreateBucket, HeadBucket or DeleteBucket.
S3_QUERIES = {
    "accelerate": "BucketAccelerateConfiguration",
    "acl": "BucketAcl",
    "cors": "BucketCors",
    "encryption": "BucketEncryption",
    "lifecycle": "BucketLifecycleConfiguration",
    "logging": "BucketLogging",
    "notification": "BucketNotificationConfiguration",
    "object-lock": "ObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "PublicAccessBlock",
    "replication": "BucketReplication",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "versions": "ObjectVersions",
    "website": "BucketWebsite",
}
# How the names of operations begin that write nothing.
READS = ("Get", "List", "Describe", "Head")
VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "HEAD": "Head", "POST": "Post"}
# Headers that belong to one connection, or that change with the body.
NOT_FORWARDED = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "date", "server"}


@dataclass
class Request:
    """One call as it came in: who is asked, for what, and the bytes."""

    method: str
    path: str
    headers: dict
    body: bytes
    region: str = "us-east-1"
    service: str = ""
    operation: str = ""

    @property
    def name(self):
        return f"{self.service}:{self.operation}"

    @property
    def bucket(self):
        return urllib.parse.urlsplit(self.path).path.strip("/").split("/")[0]


@dataclass
class Reply:
    """What goes back."""

    status: int
    headers: dict = field(default_factory=dict)
    body: bytes = b""


def recognise(request):
    """Fills in service, Region and operation, from the signature and from where each protocol keeps the operation."""
    scope = SCOPE.search(request.headers.get("authorization", ""))
    if scope:
        request.region, request.service = scope.groups()
    target = request.headers.get("x-amz-target", "")
    url = urllib.parse.urlsplit(request.path)
    rpc = re.search(r"/service/[^/]+/operation/(\w+)$", url.path)
    query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
    if rpc:
        request.operation = rpc.group(1)
    elif target:
        request.operation = target.rsplit(".", 1)[-1]
    elif request.service == "s3" and url.path.startswith("/v20180820/"):
        # S3 Control, which signs as S3 does.
        request.operation = {"GET": "ListAccessPoints"}.get(request.method, "AccessPoint")
    elif request.service == "s3":
        verb = VERBS.get(request.method, request.method)
        known = [S3_QUERIES[key] for key in query if key in S3_QUERIES]
        bare = {"PUT": "CreateBucket"}.get(request.method, f"{verb}Bucket")
        key = url.path.strip("/").partition("/")[2]
        if key:
            bare = f"{verb}Object"
        elif "list-type" in query:
            bare = "ListObjectsV2"
        request.operation = f"{verb}{known[0]}" if known else bare
    elif request.service == "bedrock":
        request.operation = f"{VERBS.get(request.method)}ModelInvocationLoggingConfiguration"
    else:
        action = urllib.parse.parse_qs(request.body.decode("utf-8", "replace")).get("Action")
        request.operation = action[0] if action else request.method


def is_cbor(request):
    """True for rpc-v2-cbor."""
    return request.headers.get("smithy-protocol") == "rpc-v2-cbor"


class Adapter:
    """The proxy: `url` is where the tool goes, `moto` what stands behind it."""

    def __init__(self, moto, gaps=()):
        self.moto = moto
        self.gaps = {gap.operation: gap for gap in gaps}
        self.state = {}
        # Which gaps were met, and what moto lacks without being listed.
        self.used, self.missing = Counter(), Counter()
        self.lock = threading.Lock()
        adapter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = adapter.answer(Request(self.command, self.path, headers, self.rfile.read(length)))
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                # An answer to HEAD has no body, whatever moto says its length would be.
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def client(self, service, region="us-east-1"):
        """A boto3 client that goes through this adapter."""
        return client(service, region, self.url)

    def behind(self, service, region="us-east-1"):
        """A boto3 client that talks to moto itself, as the tool's account."""
        plain = client(service, region, self.moto)

        def as_our_account(request, **_):
            request.headers["x-moto-account-id"] = ACCOUNT

        plain.meta.events.register("before-send", as_our_account)
        return plain

    def answer(self, request):
        recognise(request)
        # One at a time: moto keeps its state without locks.
        with self.lock:
            gap = self.gaps.get(request.name)
            try:
                if gap:
                    self.used[request.name] += 1
                    return gap.answer(self, request)
                return self.forward(request)
            except Exception as error:  # A mistake here must end a test, not look like a network that failed.
                return self.lacks(request, repr(error).encode())

    def forward(self, request):
        """Sends a call to moto, in a wire format that moto speaks."""
        if is_cbor(request):
            return self.translate(request)
        reply = self.send(request)
        return self.lacks(request, reply.body) if reply.status >= 500 else reply

    def send(self, request):
        """Passes a call on as it came."""
        url = urllib.parse.urlsplit(self.moto)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        headers = {name: value for name, value in request.headers.items() if name not in NOT_FORWARDED}
        # moto finds the service in the host name, and buckets in the path once there is no name before `s3`.
        headers["host"] = f"{url.hostname}:{url.port}"
        headers["x-moto-account-id"] = ACCOUNT
        connection.request(request.method, request.path, body=request.body, headers=headers)
        answer = connection.getresponse()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in NOT_FORWARDED}
        reply = Reply(answer.status, kept, answer.read())
        connection.close()
        return reply

    def lacks(self, request, body=b""):
        """moto answers 500 to what it does not have, which every SDK takes for a moment's weakness and retries."""
        self.missing[f"{request.name}: {body[:200].decode('utf-8', 'replace')}"] += 1
        return Reply(400, {"content-type": "application/json"}, b'{"__type":"NotInMoto","message":"not in moto"}')

    def translate(self, request):
        """CBOR in, botocore's own protocol to moto, CBOR out."""
        params = cbor2.loads(request.body) if request.body else {}
        try:
            cloudwatch = self.behind("cloudwatch", request.region)
            method = botocore.xform_name(request.operation)
            return cbor_reply(200, getattr(cloudwatch, method)(**params))
        except botocore.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                return self.lacks(request, str(error).encode())
            return cbor_error(error.response["Error"]["Code"], error.response["Error"]["Message"])


class Recorder(Adapter):
    """A proxy that changes nothing and keeps the order of the calls: what is called, and for S3 the bucket.

    Writes that were refused are left out: a role or policy that has not spread yet is tried again.
    """

    def __init__(self, served):
        super().__init__(served)
        self.calls = []

    def forward(self, request):
        reply = self.send(request)
        if reply.status < 400 or request.operation.startswith(READS):
            self.calls.append((request.name, request.bucket if request.service == "s3" else ""))
        return reply


def client(service, region, url, account=ACCOUNT):
    """A boto3 client for an endpoint; the key id is what the sandbox takes for the account."""
    config = botocore.config.Config(
        retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, ignore_configured_endpoint_urls=True
    )
    return boto3.client(
        service, region_name=region, endpoint_url=url, config=config,
        aws_access_key_id=account, aws_secret_access_key="witness",
    )


def cbor_reply(status, output, headers=None):
    """An answer of rpc-v2-cbor. Times are tag 1 with a double (Smithy RPC v2 CBOR protocol)."""
    def plain(value):
        if isinstance(value, datetime.datetime):
            return cbor2.CBORTag(1, value.timestamp())
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return value

    known = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    return Reply(status, known | (headers or {}), cbor2.dumps(plain(output)))


def cbor_error(code, message, status=400):
    output = {"__type": code, "message": message}
    return cbor_reply(status, output, {"x-amzn-query-error": f"{code};Sender"})
