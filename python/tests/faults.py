"""A proxy that injects faults between the clients and the account server."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Dict, List

import pytest

from .conftest import PROGRAM, Credentials, Server, command

Rule = Dict[str, Any]


class FaultProxy:
    """A running `opwire-faults`; its rules are described in crates/op-testkit."""

    def __init__(self, server: Server, folder: Path) -> None:
        binary = command().with_name("opwire-faults")
        if not binary.exists():
            pytest.fail(f"{binary} is missing: run ci/setup")
        server_env, env = folder / "server", folder / "env"
        server_env.write_text(f"OP_SERVICE_ACCOUNT_TOKEN={server.token}\n")
        self._process = subprocess.Popen(
            [binary, "--server-env", server_env, "--env-file", env]
        )
        deadline = time.monotonic() + 30
        while not env.exists():
            assert self._process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        values = dict(line.split("=", 1) for line in env.read_text().splitlines())
        self._control = values["OPWIRE_FAULTS"]
        self.token = values["OP_SERVICE_ACCOUNT_TOKEN"]

    @property
    def credentials(self) -> Credentials:
        return {"auth": self.token, **PROGRAM}

    def inject(self, *rules: Rule) -> None:
        """From now on, these rules stand, and no others."""
        self._call("PUT", "faults", rules)

    def repair(self) -> None:
        self.inject()

    def take_requests(self) -> List[str]:
        """The requests since the last time, as `METHOD /path?query`."""
        requests: List[str] = json.loads(self._call("DELETE", "requests"))
        return requests

    def stalled(self) -> int:
        """How many clients stall."""
        stalled: int = json.loads(self._call("GET", "connections"))["stalled"]
        return stalled

    def connections(self) -> int:
        """How many connections are open."""
        connections: int = json.loads(self._call("GET", "connections"))["open"]
        return connections

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _call(self, method: str, path: str, content: object = None) -> bytes:
        request = urllib.request.Request(
            f"{self._control}/{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            body: bytes = response.read()
            return body
