"""Clients whose calls a person's agent makes, against the real agent."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Iterator, List

import pytest

from opwire import Client, DesktopAuth, SyncClient, VaultCreateParams
from opwire.errors import (
    AgentUnavailableException,
    AuthorizationDeniedException,
    InvalidConfigurationException,
    PermissionDeniedException,
)

from .agents import Agent
from .conftest import PROGRAM, REFERENCE, SECRET, Server, serving_with_agent


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from serving_with_agent(tmp_path_factory.mktemp("agent") / "env")


@pytest.fixture
def agent(person: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    monkeypatch.setenv("OPWIRE_AGENT_SOCKET", "")
    started = Agent(person.variables)
    yield started
    started.close()


def connect(account: str = "Acme", **scope: Any) -> SyncClient:
    return SyncClient.authenticate(auth=DesktopAuth(account, **scope), **PROGRAM)


async def connect_async() -> Client:
    return await Client.authenticate(auth=DesktopAuth("Acme"), **PROGRAM)


def titles(client: SyncClient) -> List[str]:
    return [vault.title for vault in client.vaults.list()]


def test_two_accounts_in_one_process(agent: Agent) -> None:
    acme, other = connect(), connect("Other")
    assert "Development" in titles(acme)
    assert "Development" not in titles(other)
    assert "Development" in titles(acme)


def test_calls_at_once_share_an_approval(agent: Agent) -> None:
    async def main() -> None:
        client = await connect_async()
        for end in (["lock", "--keep-keys"], ["revoke", "--all"]):
            agent.run(*end)
            lists = await asyncio.gather(*(client.vaults.list() for _ in range(20)))
            assert all(lists)
            assert len(agent.run("sessions")) == 1

    asyncio.run(main())


def test_threads_share_an_approval(agent: Agent) -> None:
    client = connect()
    agent.run("revoke", "--all")
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: titles(client), range(20)))
    assert len(agent.run("sessions")) == 1


def test_a_scope_is_enforced(agent: Agent, person: Server) -> None:
    client = connect(vaults=[person.vault_id], read_only=True)
    assert titles(client) == ["Development"]
    assert client.secrets.resolve(REFERENCE) == SECRET
    with pytest.raises(PermissionDeniedException):
        client.vaults.create(VaultCreateParams(title="Mine"))
    for vaults in ([], ["Nowhere"]):
        with pytest.raises(InvalidConfigurationException) as caught:
            connect(vaults=vaults)
        assert caught.value.field == "vaults"


def test_a_denial_is_named(agent: Agent) -> None:
    agent.leave()
    agent.deny_next()
    with pytest.raises(AuthorizationDeniedException):
        connect()


def test_a_prompt_ends_with_its_caller(agent: Agent) -> None:
    agent.leave()

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(connect_async(), 0.5)

    asyncio.run(main())
    agent.approve()
    connect(read_only=True)
    assert len(agent.run("sessions")) == 1


def test_ctrl_c_ends_a_prompt(agent: Agent) -> None:
    agent.leave()
    interrupt = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        connect()
    agent.approve()
    connect(read_only=True)
    assert len(agent.run("sessions")) == 1


def test_a_call_is_cancelled(agent: Agent) -> None:
    async def main() -> None:
        client = await connect_async()
        agent.pause()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.vaults.list(), 0.2)
        agent.go_on()
        assert await client.vaults.list()

    asyncio.run(main())


def test_the_agent_ends_in_mid_call(agent: Agent) -> None:
    client = connect()
    agent.pause()
    with ThreadPoolExecutor(1) as thread:
        call = thread.submit(client.vaults.list)
        time.sleep(0.1)
        agent.leave()
        agent.kill()
        with pytest.raises(AgentUnavailableException) as caught:
            call.result()
    assert caught.value.retryable
    with pytest.raises(AgentUnavailableException, match="start one with"):
        client.vaults.list()
    agent.start()
    agent.approve()
    assert titles(client)


def test_a_forked_child_asks_for_itself(agent: Agent) -> None:
    client = connect()
    assert titles(client)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if titles(client) else 1
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert titles(client)
    assert len(agent.run("sessions")) == 2


RESOLVER = """
import sys
from opwire import DesktopAuth, SyncClient

client = SyncClient.authenticate(
    auth=DesktopAuth("Acme"), integration_name="Resolver", integration_version="v1.0.0"
)
secret = client.secrets.resolve(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
"""


def test_the_program_has_what_it_read_and_no_keys(agent: Agent, person: Server) -> None:
    accounts = Path(person.variables["OPWIRE_CONFIG_DIR"], "accounts.json")
    (acme,) = (
        account
        for account in json.loads(accounts.read_text())["accounts"]
        if account["name"] == "Acme"
    )
    secret_key = acme["secret_key"]
    program = subprocess.Popen(
        [sys.executable, "-c", RESOLVER, REFERENCE],
        env={name: os.environ[name] for name in ("PATH", "OPWIRE_AGENT_SOCKET")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert program.stdout
    assert program.stdout.readline() == b"ready\n"
    memory = memory_of(program.pid)
    program.communicate(b"\n")
    assert SECRET.encode() in memory
    password = person.variables["OPWIRE_PASSWORD"]
    for key in (password, secret_key, secret_key.replace("-", "")):
        assert key.encode() not in memory


def memory_of(pid: int) -> bytes:
    """What a process can write to, where its secrets would be."""
    parts = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            found = re.match("([0-9a-f]+)-([0-9a-f]+) rw", line)
            if not found or line.rstrip().endswith("[vvar]"):
                continue
            start, end = (int(address, 16) for address in found.groups())
            memory.seek(start)
            parts.append(memory.read(end - start))
    return b"".join(parts)
