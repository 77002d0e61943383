"""Giving up on calls, in tasks and by deadlines."""

from __future__ import annotations

import asyncio
import time
from typing import List

import pytest

from opwire import Client, HttpRequest, HttpResponse, SyncClient
from opwire.errors import TimeoutException

from .conftest import PROGRAM, Server, SilentServer, token_for


async def tick(times: List[float]) -> None:
    while True:
        times.append(time.monotonic())
        await asyncio.sleep(0.01)


def test_a_cancelled_task_ends_its_request_and_never_blocks_the_loop(
    silent: SilentServer,
) -> None:
    async def main() -> None:
        times: List[float] = []
        ticker = asyncio.create_task(tick(times))
        call = Client.authenticate(auth=token_for(silent.url), **PROGRAM)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.5)
        assert silent.arrived.is_set()
        ticker.cancel()
        assert len(times) > 10
        assert max(b - a for a, b in zip(times, times[1:])) < 0.25

    asyncio.run(main())
    assert silent.hung_up.wait(5)


def test_a_cancelled_task_cancels_the_transport() -> None:
    async def main() -> None:
        cancelled = asyncio.Event()

        async def stall(request: HttpRequest) -> HttpResponse:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancelled.set()
                raise
            raise AssertionError

        call = Client.authenticate(
            auth=token_for("http://127.0.0.1:9"), **PROGRAM, http_transport=stall
        )
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.2)
        await asyncio.wait_for(cancelled.wait(), 5)

    asyncio.run(main())


def test_a_cancelled_call_leaves_the_client_usable(server: Server) -> None:
    async def main() -> None:
        client = await Client.authenticate(**server.credentials)
        for _ in range(20):
            call = asyncio.create_task(client.items.list(server.vault_id))
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        assert len(await client.items.list(server.vault_id)) >= 3

    asyncio.run(main())


def test_the_request_timeout_ends_a_call(silent: SilentServer) -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutException):
        SyncClient.authenticate(
            auth=token_for(silent.url), **PROGRAM, request_timeout=0.2, max_retries=0
        )
    assert time.monotonic() - started < 5
