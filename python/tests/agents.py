"""Agents that tests stop, or whose questions they answer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Dict, List, Optional

from .conftest import command


class Agent:
    """An agent with the accounts of a server that `ci/dev-agent` runs, beside that
    server's own. It is unlocked, and its person allows every program.
    """

    def __init__(self, variables: Dict[str, str]) -> None:
        # A folder of a test may be too long for a socket.
        self._folder = tempfile.mkdtemp(prefix="opwire-agent-")
        self.socket = Path(self._folder) / "run/agent.sock"
        os.environ["OPWIRE_AGENT_SOCKET"] = str(self.socket)
        self._env = {
            **os.environ,
            **variables,
            "OPWIRE_AGENT_SOCKET": str(self.socket),
            "XDG_STATE_HOME": self._folder,
        }
        self._approver: Optional[subprocess.Popen[bytes]] = None
        self.start()
        self.run("unlock")
        self.approve()

    def start(self) -> None:
        self._process = self._spawn("--prompt", "terminal")
        deadline = time.monotonic() + 60
        while not self.socket.exists():
            assert time.monotonic() < deadline, "the agent did not start"
            time.sleep(0.01)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.socket.unlink(missing_ok=True)

    def approve(self) -> None:
        """From now on, allows every program."""
        self._approver = self._spawn("approve", "--all")

    def leave(self) -> None:
        """From now on, nobody answers."""
        if self._approver is not None:
            self._approver.kill()
            self._approver.wait()
            self._approver = None

    def deny_next(self) -> None:
        """Denies the next program."""
        self._approver = self._spawn("approve")
        assert self._approver.stdin is not None
        self._approver.stdin.write(b"\n")
        self._approver.stdin.close()

    def pause(self) -> None:
        """Stops the agent, so that calls last until it goes on."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def run(self, *words: str) -> List[str]:
        """Runs `opwire agent`, and returns the lines that it prints."""
        done = subprocess.run(
            [str(command()), "agent", *words],
            env=self._env,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.splitlines()

    def close(self) -> None:
        self.leave()
        self.kill()
        shutil.rmtree(self._folder)

    def _spawn(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(command()), "agent", *words],
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
