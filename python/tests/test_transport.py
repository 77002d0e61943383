"""HTTP by the program's own means."""

from __future__ import annotations

import asyncio
import ssl
import threading
import urllib.error
import urllib.request
from typing import List, Set

import httpx
import pytest

from opwire import MAX_RESPONSE_BYTES, Client, HttpRequest, HttpResponse, SyncClient
from opwire.errors import (
    InvalidResponseException,
    NetworkException,
    TimeoutException,
)

from .conftest import PROGRAM, REFERENCE, SECRET, Server, token_for


class Recorder:
    """A transport by the standard library, which is not async."""

    def __init__(self) -> None:
        self.urls: List[str] = []
        self.threads: Set[int] = set()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.urls.append(request.url)
        self.threads.add(threading.get_ident())
        assert "body=" not in repr(request)
        call = urllib.request.Request(
            request.url,
            data=request.body or None,
            headers=dict(request.headers),
            method=request.method,
        )
        try:
            with urllib.request.urlopen(call, timeout=request.timeout) as response:
                return HttpResponse(
                    response.status, response.headers.items(), response.read()
                )
        except urllib.error.HTTPError as error:
            return HttpResponse(error.code, error.headers.items(), error.read())


def test_a_function_sends_the_requests(server: Server) -> None:
    transport = Recorder()
    with SyncClient.authenticate(
        **server.credentials, http_transport=transport
    ) as client:
        assert client.secrets.resolve(REFERENCE) == SECRET
    assert len(transport.urls) > 3


def test_a_function_does_not_block_the_loop(server: Server) -> None:
    transport = Recorder()

    async def main() -> None:
        async with await Client.authenticate(
            **server.credentials, http_transport=transport
        ) as client:
            assert await client.secrets.resolve(REFERENCE) == SECRET

    asyncio.run(main())
    assert transport.urls
    assert threading.get_ident() not in transport.threads


def test_an_async_function_runs_on_the_loop_of_its_caller(server: Server) -> None:
    loops: Set[asyncio.AbstractEventLoop] = set()
    blocking = Recorder()

    async def transport(request: HttpRequest) -> HttpResponse:
        loops.add(asyncio.get_running_loop())
        return await asyncio.to_thread(blocking, request)

    async def main() -> None:
        async with await Client.authenticate(
            **server.credentials, http_transport=transport
        ) as client:
            calls = [client.secrets.resolve(REFERENCE) for _ in range(20)]
            assert await asyncio.gather(*calls) == [SECRET] * 20
        assert loops == {asyncio.get_running_loop()}

    asyncio.run(main())


def test_httpx_clients_send_the_requests(server: Server) -> None:
    seen: List[str] = []

    async def main() -> None:
        async def saw(request: httpx.Request) -> None:
            seen.append(str(request.url))

        hooks = {"request": [saw]}
        async with httpx.AsyncClient(event_hooks=hooks) as transport:
            client = await Client.authenticate(
                **server.credentials, http_transport=transport
            )
            assert await client.secrets.resolve(REFERENCE) == SECRET

    asyncio.run(main())
    assert seen
    seen.clear()
    hooks = {"request": [lambda request: seen.append(str(request.url))]}
    with httpx.Client(event_hooks=hooks) as transport:
        client = SyncClient.authenticate(**server.credentials, http_transport=transport)
        assert client.secrets.resolve(REFERENCE) == SECRET
    assert seen


class Failing:
    """A transport that raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self, request: HttpRequest) -> HttpResponse:
        raise self.error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError("refused"), NetworkException),
        (ConnectionResetError("reset"), NetworkException),
        (httpx.ConnectError("no route"), NetworkException),
        (ssl.SSLError("certificate"), NetworkException),
        (httpx.ReadTimeout("slow"), TimeoutException),
        (TimeoutError("slow"), TimeoutException),
    ],
)
def test_what_a_transport_raises_becomes_a_typed_failure(
    error: BaseException, expected: type
) -> None:
    with pytest.raises(expected):
        SyncClient.authenticate(
            auth=token_for("http://127.0.0.1:9"),
            **PROGRAM,
            http_transport=Failing(error),
            max_retries=0,
        )


def test_a_faulty_transport_is_described() -> None:
    def forgets(request: HttpRequest) -> None:
        return None

    with pytest.raises(NetworkException, match="NoneType"):
        SyncClient.authenticate(
            auth=token_for("http://127.0.0.1:9"),
            **PROGRAM,
            http_transport=forgets,
            max_retries=0,
        )


def test_an_answer_that_is_too_large_is_refused() -> None:
    def endless(request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, {}, bytes(MAX_RESPONSE_BYTES + 1))

    with pytest.raises(InvalidResponseException, match="longer than 67108864 bytes"):
        SyncClient.authenticate(
            auth=token_for("http://127.0.0.1:9"), **PROGRAM, http_transport=endless
        )


def test_a_sync_client_refuses_an_async_transport() -> None:
    async def transport(request: HttpRequest) -> HttpResponse:
        raise AssertionError

    with pytest.raises(TypeError, match="async"):
        SyncClient.authenticate("ops_x", **PROGRAM, http_transport=transport)
