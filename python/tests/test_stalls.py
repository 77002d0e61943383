"""Giving up in the middle of a stall, over real sockets."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Awaitable, Callable, Dict, Iterator, List

import pytest

from opwire import Client

from .conftest import REFERENCE, Server
from .faults import FaultProxy, Rule

STALLS = ["stall_before_headers", "stall_in_body"]
AT_ONCE = 2.0
CALLS: Dict[str, Callable[[Client, str], Awaitable[Any]]] = {
    "list vaults": lambda client, _: client.vaults.list(),
    "get overview": lambda client, vault: client.vaults.get_overview(vault),
    "list items": lambda client, vault: client.items.list(vault),
    "resolve": lambda client, _: client.secrets.resolve(REFERENCE),
    "resolve all": lambda client, _: client.secrets.resolve_all([REFERENCE]),
}


@pytest.fixture
def proxy(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultProxy]:
    proxy = FaultProxy(server, tmp_path_factory.mktemp("faults"))
    yield proxy
    proxy.stop()


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("fault", STALLS)
def test_a_cancelled_call_ends_at_once_with_its_connection(
    proxy: FaultProxy, server: Server, name: str, fault: str
) -> None:
    call = CALLS[name]

    async def main() -> None:
        client = await Client.authenticate(**proxy.credentials)
        proxy.inject({"fault": fault})
        task = asyncio.ensure_future(call(client, server.vault_id))
        await until(lambda: proxy.stalled() > 0)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < AT_ONCE
        await until(lambda: proxy.stalled() == 0)
        proxy.repair()
        await call(client, server.vault_id)

    asyncio.run(main())


async def in_timeout_block(call: Awaitable[Any], seconds: float) -> None:
    async with asyncio.timeout(seconds):  # type: ignore[attr-defined,unused-ignore]
        await call


DEADLINES: List[Callable[[Awaitable[Any], float], Awaitable[Any]]] = [asyncio.wait_for]
if hasattr(asyncio, "timeout"):  # Python 3.11 and later
    DEADLINES.append(in_timeout_block)


@pytest.mark.parametrize("deadline", DEADLINES)
def test_a_deadline_ends_a_call_in_time(
    proxy: FaultProxy, deadline: Callable[[Awaitable[Any], float], Awaitable[Any]]
) -> None:
    async def main() -> None:
        client = await Client.authenticate(**proxy.credentials)
        proxy.inject({"fault": "stall_in_body"})
        began = time.monotonic()
        with pytest.raises(asyncio.TimeoutError):
            await deadline(client.vaults.list(), 0.1)
        assert time.monotonic() - began < 0.1 + AT_ONCE
        await until(lambda: proxy.stalled() == 0)
        proxy.repair()
        await client.vaults.list()

    asyncio.run(main())


async def give_up_first(
    proxy: FaultProxy, client: Client, vault_id: str, *rules: Rule
) -> None:
    """Gives up the first of three calls that wait for the same thing."""
    proxy.inject(*rules)
    first = asyncio.ensure_future(client.items.list(vault_id))
    await until(lambda: proxy.stalled() > 0)
    others = [asyncio.ensure_future(client.items.list(vault_id)) for _ in range(2)]
    await asyncio.sleep(0.3)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    proxy.repair()
    for items in await asyncio.gather(*others):
        assert items


@pytest.mark.parametrize("fault", STALLS)
def test_those_who_share_a_read_are_left_alone(
    proxy: FaultProxy, server: Server, fault: str
) -> None:
    async def main() -> None:
        client = await Client.authenticate(**proxy.credentials)
        await client.items.list(server.vault_id)
        rule = {"match": "GET", "fault": fault}
        await give_up_first(proxy, client, server.vault_id, rule)

    asyncio.run(main())


def test_those_who_share_a_sign_in_are_left_alone(
    proxy: FaultProxy, server: Server
) -> None:
    async def main() -> None:
        client = await Client.authenticate(**proxy.credentials)
        proxy.take_requests()
        await give_up_first(
            proxy,
            client,
            server.vault_id,
            {"match": "GET", "fault": "end_session"},
            {"match": "POST /api/v3/auth/start", "fault": "stall_before_headers"},
        )
        sign_ins = [line for line in proxy.take_requests() if "/auth/start" in line]
        assert len(sign_ins) == 1

    asyncio.run(main())


def test_a_cancelled_sign_in_ends_with_its_connection(proxy: FaultProxy) -> None:
    async def main() -> None:
        proxy.inject({"match": "POST /api/v2/auth", "fault": "stall_in_body"})
        task = asyncio.ensure_future(Client.authenticate(**proxy.credentials))
        await until(lambda: proxy.stalled() == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: proxy.connections() == 0)

    asyncio.run(main())
