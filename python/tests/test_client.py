"""The client against a real server."""

from __future__ import annotations

import asyncio
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from opwire import Client, SyncClient
from opwire.errors import (
    ClientClosedException,
    NetworkException,
    NotFoundException,
    OpwireError,
    ResolvingSecretReferenceException,
)
from opwire.types import (
    ItemCategory,
    ItemCreateParams,
    ItemField,
    ItemFieldType,
    ItemState,
    ResolveReferenceErrorVaultNotFound,
    VaultOverview,
)

from .conftest import MISSING, PROGRAM, REFERENCE, SECRET, Server, token_for


def test_the_first_program(server: Server) -> None:
    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            vaults = await client.vaults.list()
            assert "Development" in [vault.title for vault in vaults]
            overview = await client.vaults.get_overview(server.vault_id)
            assert isinstance(overview, VaultOverview)
            assert await client.secrets.resolve(REFERENCE) == SECRET

    asyncio.run(main())


def test_the_first_program_without_asyncio(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        assert "Development" in [vault.title for vault in client.vaults.list()]
        overview = client.vaults.get_overview(server.vault_id)
        assert overview.title == "Development"
        assert client.secrets.resolve(REFERENCE) == SECRET


def test_items_are_written_listed_and_read(server: Server) -> None:
    async def main() -> None:
        client = await Client.authenticate(**server.credentials)
        created = await client.items.create(
            ItemCreateParams(
                title="Pound £ and 鍵",
                category=ItemCategory.LOGIN,
                vault_id=server.vault_id,
                fields=[
                    ItemField(
                        id="password",
                        title="password",
                        field_type=ItemFieldType.CONCEALED,
                        value="Grüße £5 🔑",
                    )
                ],
                tags=["python"],
            )
        )
        assert created.title == "Pound £ and 鍵"
        item = await client.items.get(server.vault_id, created.id)
        assert item.category is ItemCategory.LOGIN
        assert item.fields[0].value == "Grüße £5 🔑"
        assert item.tags == ["python"]
        overviews = await client.items.list(server.vault_id)
        [overview] = [each for each in overviews if each.id == created.id]
        assert overview.state is ItemState.ACTIVE
        assert overview.created_at == item.created_at

    asyncio.run(main())


def test_several_references_have_each_their_result(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        references = [REFERENCE, "op://Nowhere/Example/password"]
        responses = client.secrets.resolve_all(references).individual_responses
        found, missing = (responses[reference] for reference in references)
        assert found.content is not None
        assert found.content.secret == SECRET
        assert missing.error == ResolveReferenceErrorVaultNotFound()


def test_failures_are_typed_and_leave_the_client_usable(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        with pytest.raises(ResolvingSecretReferenceException):
            client.secrets.resolve("op://Development/Example/nothing")
        with pytest.raises(OpwireError) as caught:
            client.items.get(server.vault_id, MISSING)
        assert isinstance(caught.value, NotFoundException)
        assert client.secrets.resolve(REFERENCE) == SECRET


def test_an_unreachable_server_is_a_network_failure() -> None:
    with pytest.raises(NetworkException) as caught:
        SyncClient.authenticate(
            auth=token_for("http://127.0.0.1:9"), **PROGRAM, max_retries=0
        )
    assert caught.value.retryable


def test_a_closed_client_says_so(server: Server) -> None:
    async def main() -> None:
        client = await Client.authenticate(**server.credentials)
        await client.aclose()
        client.close()
        with pytest.raises(ClientClosedException, match="closed"):
            await client.vaults.list()

    asyncio.run(main())
    sync = SyncClient.authenticate(**server.credentials)
    with sync:
        pass
    with pytest.raises(ClientClosedException, match="closed"):
        sync.vaults.list()


def test_an_api_outlives_the_facade_that_it_came_from(server: Server) -> None:
    client = SyncClient.authenticate(**server.credentials)
    secrets, gone = client.secrets, weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None
    assert secrets.resolve(REFERENCE) == SECRET


def test_a_hundred_tasks_share_one_client(server: Server) -> None:
    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            calls = (client.secrets.resolve(REFERENCE) for _ in range(50))
            lists = (client.items.list(server.vault_id) for _ in range(50))
            results = await asyncio.gather(*calls, *lists)
            assert results[:50] == [SECRET] * 50
            assert all(len(items) >= 3 for items in results[50:])

    asyncio.run(main())


def test_a_hundred_threads_share_one_client(server: Server) -> None:
    threads = 100
    together = Barrier(threads)
    with SyncClient.authenticate(**server.credentials) as client:

        def call(_: int) -> str:
            together.wait()
            return client.secrets.resolve(REFERENCE)

        with ThreadPoolExecutor(threads) as pool:
            assert list(pool.map(call, range(threads))) == [SECRET] * threads


def test_one_client_serves_one_event_loop_after_another(server: Server) -> None:
    client = asyncio.run(Client.authenticate(**server.credentials))
    for _ in range(3):
        assert asyncio.run(client.secrets.resolve(REFERENCE)) == SECRET


def test_one_client_serves_event_loops_side_by_side(server: Server) -> None:
    client = asyncio.run(Client.authenticate(**server.credentials))

    def run(_: int) -> str:
        return asyncio.run(client.secrets.resolve(REFERENCE))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(8))) == [SECRET] * 8


def test_calls_leave_nothing_behind(server: Server) -> None:
    async def main() -> None:
        client = await Client.authenticate(**server.credentials)
        await client.secrets.resolve(REFERENCE)
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(200):
            await client.secrets.resolve(REFERENCE)
        gc.collect()
        assert len(gc.get_objects()) - before < 100

    asyncio.run(main())
