"""Measures the agent: calls by it beside the same calls by a token, its question in a terminal, and its memory.

usage: agent.py OPWIRE FOLDER, with the variables of ci/dev-agent. Prints lines of text.
"""

from __future__ import annotations

import asyncio
import os
import pty
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from opwire import Client, DesktopAuth

ROUNDS = 1_000
AT_ONCE = 50


async def calls() -> None:
    # One server, one vault, one kind of client; only the way differs.
    by_token = await client(os.environ["OP_SERVICE_ACCOUNT_TOKEN"])
    by_agent = await client(DesktopAuth("Acme"))
    vault = os.environ["OP_VAULT_ID"]
    await compare("items.list", lambda client: client.items.list(vault), by_token, by_agent)
    await compare("vaults.list", lambda client: client.vaults.list(), by_token, by_agent)
    await overlap(lambda: by_agent.vaults.list())


async def client(auth: str | DesktopAuth) -> Client:
    return await Client.authenticate(auth=auth, integration_name="Benchmark", integration_version="v1.0.0")


async def compare(name: str, call: Callable[[Client], Awaitable[object]], by_token: Client, by_agent: Client) -> None:
    """Takes turns, so that both meet the same noise."""
    times: dict[str, list[float]] = {"token": [], "agent": []}
    for _ in range(ROUNDS):
        for way, client in (("token", by_token), ("agent", by_agent)):
            start = time.perf_counter()
            await call(client)
            times[way].append((time.perf_counter() - start) * 1e6)
    token, agent = (statistics.median(all_times) for all_times in times.values())
    print(f"{name}, p50: by a token {token:.0f} us, by the agent {agent:.0f} us: {agent - token:+.0f} us")


async def overlap(call: Callable[[], Awaitable[object]]) -> None:
    start = time.perf_counter()
    for _ in range(AT_ONCE):
        await call()
    in_turn = time.perf_counter() - start
    start = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(AT_ONCE)))
    at_once = time.perf_counter() - start
    print(f"{AT_ONCE} calls by the agent: in turn {in_turn * 1e3:.0f} ms, at once {at_once * 1e3:.0f} ms")


def question(opwire: str, folder: Path) -> None:
    """The time from a sign-in to its question in a terminal, with an agent that nobody answers by itself."""
    socket = folder / "asks" / "agent.sock"
    environment = {**os.environ, "OPWIRE_AGENT_SOCKET": str(socket)}
    agent = subprocess.Popen([opwire, "agent", "--prompt", "terminal"], env=environment, stderr=subprocess.DEVNULL)
    while not socket.exists():
        time.sleep(0.01)
    time.sleep(0.2)
    print(f"memory of the agent at rest: {resident(agent.pid)} kB")
    subprocess.run([opwire, "agent", "unlock"], env=environment, check=True, stdout=subprocess.DEVNULL)
    print(f"memory of the agent with an account unlocked: {resident(agent.pid)} kB")
    environment.pop("OPWIRE_PASSWORD")
    person, terminal = pty.openpty()
    approve = subprocess.Popen(
        [opwire, "agent", "approve"], env=environment, stdin=terminal, stdout=terminal, stderr=terminal
    )
    asks = "import asyncio, time, opwire\nprint(time.monotonic(), flush=True)\n"
    asks += "asyncio.run(opwire.Client.authenticate(auth=opwire.DesktopAuth('Acme'), integration_name='Benchmark', "
    asks += "integration_version='v1.0.0'))"
    times = []
    for _ in range(3):
        program = subprocess.Popen(
            [sys.executable, "-c", asks], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert program.stdout
        begun = float(program.stdout.readline())
        shown = b""
        while b"wants to use" not in shown:
            shown += os.read(person, 4096)
        times.append((time.monotonic() - begun) * 1e3)
        program.kill()
        program.wait()
        while b"Number, or Enter to deny" not in shown:
            shown += os.read(person, 4096)
        os.write(person, b"\n")
        time.sleep(0.3)
    approve.kill()
    agent.kill()
    print(f"question in a terminal after {', '.join(f'{each:.0f}' for each in times)} ms")


def resident(pid: int) -> int:
    """The resident memory of a process, in kB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    asyncio.run(calls())
    question(sys.argv[1], Path(sys.argv[2]))
