"""A real account server for the tests, and the vectors."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, TypedDict, Union

import pytest

from opwire import DesktopAuth

# A shell's background job is started with SIGINT ignored, and Python leaves it so.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "packages" / "contract" / "vectors"


class Program(TypedDict):
    integration_name: str
    integration_version: str


class Credentials(Program):
    auth: Union[str, DesktopAuth]


REFERENCE = "op://Development/Example/password"
SECRET = "correct-horse-battery"
# An id that nothing has.
MISSING = "a" * 26

PROGRAM: Program = {"integration_name": "opwire tests", "integration_version": "v1.0.0"}


@dataclass(frozen=True)
class Server:
    """A running account server, its service account, and perhaps a person's agent."""

    token: str
    vault_id: str
    environment_id: str
    variables: Dict[str, str]

    @property
    def is_person(self) -> bool:
        """Whether the credentials are a person's."""
        return "OPWIRE_ACCOUNT" in self.variables

    @property
    def credentials(self) -> Credentials:
        if self.is_person:
            return {"auth": DesktopAuth(self.variables["OPWIRE_ACCOUNT"]), **PROGRAM}
        return {"auth": self.token, **PROGRAM}

    @property
    def environment(self) -> Dict[str, str]:
        return {**os.environ, "OP_SERVICE_ACCOUNT_TOKEN": self.token}


def command() -> Path:
    """The path of the opwire command."""
    binary = Path(os.environ.get("OPWIRE_BIN", ROOT / "target/release/opwire"))
    if not binary.exists():
        pytest.fail(f"{binary} is missing: run ci/setup, or set OPWIRE_BIN")
    return binary


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of most tests. With OPWIRE_TEST_AUTH=agent, a person's agent makes the
    calls of its credentials.
    """
    env_file = tmp_path_factory.mktemp("server") / "env"
    if os.environ.get("OPWIRE_TEST_AUTH") != "agent":
        words = ["server", "dev", "--port", "0", "--env-file", str(env_file)]
        yield from _serving([str(command()), *words], env_file)
        return
    for started in serving_with_agent(env_file):
        os.environ["OPWIRE_AGENT_SOCKET"] = started.variables["OPWIRE_AGENT_SOCKET"]
        yield started


def serving_with_agent(env_file: Path) -> Iterator[Server]:
    """A server whose person has an agent, which allows every program."""
    yield from _serving([str(ROOT / "ci/dev-agent"), str(env_file)], env_file)


def _serving(words: List[str], env_file: Path) -> Iterator[Server]:
    process = subprocess.Popen(
        words,
        env={**os.environ, "OPWIRE_BIN": str(command())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _started(process, env_file)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _started(process: subprocess.Popen[str], env_file: Path) -> Server:
    deadline = time.monotonic() + 60
    while not env_file.exists():
        if process.poll() is not None:
            pytest.fail(f"the account server ended: {process.communicate()[1]}")
        if time.monotonic() > deadline:
            pytest.fail("the account server was not ready after a minute")
        time.sleep(0.05)
    lines = env_file.read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines)
    return Server(
        values["OP_SERVICE_ACCOUNT_TOKEN"],
        values["OP_VAULT_ID"],
        values["OP_ENVIRONMENT_ID"],
        values,
    )


class SilentServer:
    """Accepts connections and answers nothing."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.arrived = threading.Event()
        self.hung_up = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        connection.recv(65536)
        self.arrived.set()
        while connection.recv(65536):
            pass
        self.hung_up.set()


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    silent = SilentServer()
    yield silent
    silent.listener.close()


def vectors(name: str) -> List[Any]:
    cases: List[Any] = json.loads((VECTORS / name).read_text())
    return cases


def token(payload: Dict[str, Any]) -> str:
    """The service account token with this content."""
    text = json.dumps(payload, separators=(",", ":"))
    return "ops_" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def token_for(address: str) -> str:
    """A well-formed token of an account at this address."""
    payload = vectors("tokens.json")[0]["input"]["payload"]
    return token({**payload, "signInAddress": address})
