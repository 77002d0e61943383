"""What goes wrong between client and server, over real sockets: the failure has its
name, comes in time, holds no secret, and the next call works."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, Iterator, List, Type, Union

import pytest

from opwire import Client, OpwireError, SyncClient
from opwire.errors import InvalidResponseException, NetworkException
from opwire.types import (
    Item,
    ItemCategory,
    ItemCreateParams,
    ItemField,
    ItemFieldType,
)

from .conftest import PROGRAM, VECTORS, Server, token
from .faults import FaultProxy

AnyClient = Union[Client, SyncClient]
Call = Callable[[Any], Any]

TABLE = json.loads((VECTORS / "faults.json").read_text())
PASSWORD = "a-password-that-no-error-shows"
TIMEOUT = 0.5
SLACK = 3.0
"""What a busy machine may take on top."""


class Style:
    """One of the two clients, driven alike."""

    def __init__(self, kind: Type[AnyClient]) -> None:
        self.kind = kind
        self.loop = asyncio.new_event_loop()

    def finish(self, value: Any) -> Any:
        if inspect.isawaitable(value):
            return self.loop.run_until_complete(value)
        return value

    def at_once(self, client: Any, calls: List[Call]) -> List[Any]:
        """The results of calls that run at the same time."""
        if self.kind is Client:
            gathered = asyncio.gather(
                *(self._in_loop(call, client) for call in calls),
                return_exceptions=True,
            )
            return self.loop.run_until_complete(gathered)
        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(lambda call: outcome(call, client), calls))

    async def _in_loop(self, call: Call, client: Any) -> Any:
        return await call(client)


def outcome(call: Call, client: Any) -> Any:
    try:
        return call(client)
    except OpwireError as error:
        return error


@pytest.fixture(params=[Client, SyncClient], ids=["async", "sync"])
def style(request: pytest.FixtureRequest) -> Iterator[Style]:
    style = Style(request.param)
    # gather() asks for the current loop outside of coroutines.
    asyncio.set_event_loop(style.loop)
    yield style
    asyncio.set_event_loop(None)
    style.loop.close()


@pytest.fixture(scope="module")
def proxy(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultProxy]:
    proxy = FaultProxy(server, tmp_path_factory.mktemp("faults"))
    yield proxy
    proxy.stop()


def login(vault_id: str, title: str) -> ItemCreateParams:
    password = ItemField(
        id="password",
        title="password",
        field_type=ItemFieldType.CONCEALED,
        value=PASSWORD,
    )
    return ItemCreateParams(
        category=ItemCategory.LOGIN, vault_id=vault_id, title=title, fields=[password]
    )


@pytest.fixture(scope="module")
def items(server: Server) -> List[Item]:
    """Logins, the first two with titles of their own."""
    with SyncClient.authenticate(**server.credentials) as client:
        return [
            client.items.create(login(server.vault_id, f"Faulty {n}"))
            for n in range(20)
        ]


@pytest.fixture(scope="module")
def calls(server: Server, items: List[Item]) -> Dict[str, Call]:
    vault_id, item_id = server.vault_id, items[0].id
    by_ids = [f"op://{vault_id}/{item.id}/password" for item in items[:2]]
    by_title = "op://Development/Faulty 0/password"
    return {
        "VaultsList": lambda client: client.vaults.list(),
        "VaultsGetOverview": lambda client: client.vaults.get_overview(vault_id),
        "ItemsList": lambda client: client.items.list(vault_id),
        "ItemsGet": lambda client: client.items.get(vault_id, item_id),
        "ItemsCreate": lambda client: client.items.create(login(vault_id, "Created")),
        "SecretsResolve by ids": lambda client: client.secrets.resolve(by_ids[0]),
        "SecretsResolve by titles": lambda client: client.secrets.resolve(by_title),
        "SecretsResolveAll": lambda client: client.secrets.resolve_all(by_ids),
    }


def warm_client(
    style: Style, proxy: FaultProxy, calls: Dict[str, Call], **options: Any
) -> Any:
    """A client that has all that it needs to make each call by one request."""
    options = {"max_retries": 0, **options}
    authenticate: Callable[..., Any] = style.kind.authenticate
    client = style.finish(authenticate(**proxy.credentials, **options))
    all_work(style, client, calls)
    return client


def all_work(style: Style, client: Any, calls: Dict[str, Call]) -> None:
    for call in calls.values():
        style.finish(call(client))


def check(error: Any, expected: Dict[str, Any], proxy: FaultProxy, where: str) -> None:
    assert isinstance(error, OpwireError), f"{where}: {error!r}"
    found = {"name": error.code, "retryable": error.retryable}
    assert found == expected, f"{where}: {error}"
    text = f"{error} {error!r} {vars(error)}"
    assert PASSWORD not in text, where
    assert proxy.token[4:] not in text, where


def failure(style: Style, value: Callable[[], Any]) -> Any:
    with pytest.raises(OpwireError) as info:
        style.finish(value())
    return info.value


def test_every_fault_in_every_call(
    style: Style, proxy: FaultProxy, calls: Dict[str, Call]
) -> None:
    client = warm_client(style, proxy, calls)
    for fault in (fault for fault in TABLE["faults"] if not fault.get("waits")):
        for name, call in calls.items():
            where = f"{fault['rule']} in {name}"
            proxy.inject({**fault["rule"], "match": TABLE["calls"][name]})
            error = failure(style, lambda call=call: call(client))  # type: ignore[misc]
            proxy.repair()
            check(error, fault["call"], proxy, where)
            style.finish(call(client))


def test_every_fault_in_every_step_of_sign_in(style: Style, proxy: FaultProxy) -> None:
    authenticate: Callable[..., Any] = style.kind.authenticate
    for fault in (fault for fault in TABLE["faults"] if fault["signIn"]):
        timeout = TIMEOUT if fault.get("waits") else None
        for step in TABLE["signIn"]:
            proxy.inject({**fault["rule"], "match": step})
            began = time.monotonic()
            error = failure(
                style,
                lambda timeout=timeout: authenticate(  # type: ignore[misc]
                    **proxy.credentials, request_timeout=timeout
                ),
            )
            assert time.monotonic() - began < TIMEOUT + SLACK
            proxy.repair()
            check(error, fault["signIn"], proxy, f"{fault['rule']} in {step}")
        style.finish(authenticate(**proxy.credentials)).close()


def test_what_never_ends_is_ended_in_time(
    style: Style, proxy: FaultProxy, calls: Dict[str, Call]
) -> None:
    client = warm_client(style, proxy, calls, request_timeout=TIMEOUT)
    for fault in (fault for fault in TABLE["faults"] if fault.get("waits")):
        for match in ("GET", "P"):
            proxy.inject({**fault["rule"], "match": match})
            stuck = [
                call
                for name, call in calls.items()
                if TABLE["calls"][name].startswith(match)
            ]
            began = time.monotonic()
            for error in style.at_once(client, stuck):
                check(error, fault["call"], proxy, str(fault["rule"]))
            assert TIMEOUT <= time.monotonic() - began < TIMEOUT + SLACK
            proxy.repair()
            all_work(style, client, calls)


def test_an_answer_without_end_is_not_read_to_its_end(
    style: Style, proxy: FaultProxy, calls: Dict[str, Call]
) -> None:
    client = warm_client(style, proxy, calls)
    proxy.inject({"match": "GET", "fault": "endless"})
    error = failure(style, client.vaults.list)
    assert isinstance(error, InvalidResponseException)
    proxy.repair()
    style.finish(client.vaults.list())


@pytest.mark.parametrize("retries", [None, 0, 1])
def test_reads_are_repeated_as_told_and_writes_never(
    style: Style, proxy: FaultProxy, calls: Dict[str, Call], retries: Union[int, None]
) -> None:
    client = warm_client(style, proxy, calls, max_retries=retries)
    for name, expected in {
        "ItemsList": 3 if retries is None else 1 + retries,
        "ItemsCreate": 1,
    }.items():
        for fault in ("status", "reset_before_headers", "half_body"):
            match = TABLE["calls"][name]
            proxy.inject({"match": match, "fault": fault})
            proxy.take_requests()
            failure(style, lambda name=name: calls[name](client))  # type: ignore[misc]
            sent = [line for line in proxy.take_requests() if line.startswith(match)]
            assert len(sent) == expected, f"{fault} in {name}"
            proxy.repair()


def test_calls_whose_session_ended_share_one_sign_in(
    style: Style, proxy: FaultProxy, calls: Dict[str, Call], items: List[Item]
) -> None:
    client = warm_client(style, proxy, calls)
    proxy.take_requests()
    proxy.inject({"match": "GET", "fault": "end_session"})
    gets: List[Call] = [
        lambda client, item=item: client.items.get(item.vault_id, item.id)  # type: ignore[misc]
        for item in items
    ]
    found = style.at_once(client, gets)
    proxy.repair()
    assert [item.id for item in found] == [item.id for item in items]
    sign_ins = [line for line in proxy.take_requests() if "/auth/start" in line]
    assert len(sign_ins) == 1


def test_refused_credentials_are_not_tried_again_and_again(
    style: Style, proxy: FaultProxy, calls: Dict[str, Call], server: Server
) -> None:
    client = warm_client(style, proxy, calls)
    proxy.inject({"fault": "status", "status": 401})
    expected = {"name": "Auth", "retryable": False}
    check(failure(style, client.vaults.list), expected, proxy, "refused")
    proxy.take_requests()
    for _ in range(20):
        error = failure(style, lambda: client.items.list(server.vault_id))
        check(error, expected, proxy, "refused again")
    assert proxy.take_requests() == []
    proxy.repair()


def test_a_name_that_does_not_resolve_is_a_network_failure(
    style: Style, server: Server
) -> None:
    payload = json.loads(base64.urlsafe_b64decode(server.token[4:] + "=="))
    elsewhere = token({**payload, "signInAddress": "https://no-such-host.invalid"})
    authenticate: Callable[..., Any] = style.kind.authenticate
    error = failure(style, lambda: authenticate(auth=elsewhere, **PROGRAM))
    assert isinstance(error, NetworkException)
    assert error.retryable
