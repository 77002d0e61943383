"""What is cached, on a real server."""

from __future__ import annotations

import dataclasses

import pytest

from opwire import CacheOptions, ItemBuilder, SyncClient
from opwire.errors import InvalidConfigurationException, NotFoundException
from opwire.types import ItemCategory

from .conftest import REFERENCE, SECRET, Server
from .counting import Counting


def test_what_is_cached_costs_no_request(server: Server) -> None:
    transport = Counting()
    with SyncClient.authenticate(
        **server.credentials, http_transport=transport, cache=CacheOptions(stale=60)
    ) as client:
        assert client.secrets.resolve(REFERENCE) == SECRET
        before = transport.count
        assert [client.secrets.resolve(REFERENCE) for _ in range(3)] == [SECRET] * 3
        assert transport.count == before
        params = ItemBuilder(ItemCategory.LOGIN, server.vault_id, "Cached").build()
        item = client.items.create(params)
        got = client.items.get(server.vault_id, item.id)
        assert client.items.get(server.vault_id, item.id) == got
        put = client.items.put(dataclasses.replace(got, title="Cached anew"))
        assert client.items.get(server.vault_id, item.id) == put
        client.items.delete(server.vault_id, item.id)
        with pytest.raises(NotFoundException):
            client.items.get(server.vault_id, item.id)
    with pytest.raises(InvalidConfigurationException) as error:
        SyncClient.authenticate(**server.credentials, cache=CacheOptions(ttl=-1))
    assert error.value.field == "cache.ttl"
