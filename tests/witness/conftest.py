"""What the witness tests share: the binary, a served sandbox, a moto server."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ACCOUNT = "111122223333"
HERE = Path(__file__).parent
VENV_BIN = Path(sys.executable).parent

# Nothing of the caller's machine may leak in: no profile, no metadata service, no retries that hide an answer.
os.environ.update(
    AWS_ACCESS_KEY_ID=ACCOUNT,
    AWS_SECRET_ACCESS_KEY="witness",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE="/dev/null",
    AWS_SHARED_CREDENTIALS_FILE="/dev/null",
    AWS_PAGER="",
)


@pytest.fixture(scope="session")
def binary() -> str:
    """Path of the auditscope binary under test."""
    path = os.environ.get("AUDITSCOPE_BIN", "")
    assert path and Path(path).is_file(), "AUDITSCOPE_BIN names no file; start the tests with tests/witness/run"
    return path


@contextmanager
def served_sandbox(binary: str, *arguments: str, state: Path | None = None):
    """Serves a sandbox of its own on a free port; yields its URL.

    `state` is the state file, for tests that let the tool read it too; without it the state is temporary.
    """
    with tempfile.TemporaryDirectory(prefix="auditscope-witness-") as place:
        file = state or Path(place) / "state.json"
        server = subprocess.Popen(
            [binary, "sandbox", "start", "--listen", "127.0.0.1:0", "--file", str(file), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=place,
            text=True,
        )
        try:
            url = server.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), f"the sandbox did not start: {url!r}"
            yield url
        finally:
            server.kill()
            server.wait()


def free_port() -> int:
    """Returns a port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served_moto():
    """Serves moto, just as it comes, on a free port; yields its URL. The account is the tests' own."""
    port = free_port()
    environment = {**os.environ, "MOTO_ACCOUNT_ID": ACCOUNT, "MOTO_PORT": str(port)}
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            [str(VENV_BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_up(url, server)
            yield url
        except RuntimeError:
            log.seek(0)
            print(log.read(), file=sys.stderr)
            raise
        finally:
            server.kill()
            server.wait()


def wait_until_up(url: str, server: subprocess.Popen, seconds: float = 60) -> None:
    """Returns once something answers at `url`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"moto ended with {server.returncode}")
        try:
            urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5).read()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"moto did not answer within {seconds} s")


@pytest.fixture
def sandbox_url(binary):
    """URL of a fresh sandbox, ended with the test."""
    with served_sandbox(binary) as url:
        yield url


@pytest.fixture
def moto_url():
    """URL of a fresh moto server, ended with the test."""
    with served_moto() as url:
        yield url
