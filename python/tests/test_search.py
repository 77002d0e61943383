"""Items of all vaults searched, on a real server."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta, timezone
from typing import List

import pytest

from opwire import Client, ItemBuilder, SyncClient
from opwire.errors import InvalidConfigurationException, NotFoundException
from opwire.types import ItemCategory, ItemSearchParams

from .conftest import MISSING, Server


def test_items_are_searched(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        builder = ItemBuilder(ItemCategory.LOGIN, server.vault_id, "Searched")
        builder.username("ada@python.example").tag("python/tests")
        params = builder.website("https://app.python.example").build()
        item = client.items.create(params)

        def titles(params: ItemSearchParams) -> List[str]:
            return [each.title for each in client.items.search(params)]

        recent = datetime.now(timezone.utc) - timedelta(hours=1)
        fitting = ItemSearchParams(
            username="ADA@python",
            tags=["python"],
            website="python.example",
            updated_since=recent,
        )
        assert titles(fitting) == ["Searched"]
        assert titles(ItemSearchParams(username="nobody")) == []
        with pytest.raises(InvalidConfigurationException):
            client.items.search(ItemSearchParams(vault_ids=["x"]))
        client.items.delete(server.vault_id, item.id)


def test_items_of_all_vaults_arrive_one_by_one(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        found = next(client.search_items(ItemSearchParams(title="example")))
        assert found.title == "Example"
        missing = ItemSearchParams(vault_ids=[MISSING])
        with pytest.raises(NotFoundException):
            list(client.search_items(missing))

    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            everything = client.search_items()
            titles = [item.title async for item in everything]
            assert "Example" in titles
            with pytest.raises(NotFoundException):
                async for _ in client.search_items(missing):
                    pass
            async with contextlib.aclosing(client.search_items()) as stopped:
                async for _ in stopped:
                    break

    asyncio.run(main())
