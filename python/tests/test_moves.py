"""Items moved to another vault, on a real server."""

from __future__ import annotations

import pytest

from opwire import ItemBuilder, SyncClient
from opwire.errors import BadInputException, ItemNotActiveException, NotFoundException
from opwire.types import (
    DocumentCreateParams,
    ItemCategory,
    ItemCreateParams,
    ItemMoveOptions,
    MovedOriginal,
    VaultCreateParams,
)

from .conftest import MISSING, Server


def test_an_item_is_not_moved_to_where_it_is(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        params = ItemBuilder(ItemCategory.LOGIN, server.vault_id, "Staying").build()
        item = client.items.create(params)
        with pytest.raises(BadInputException):
            client.items.move(server.vault_id, item.id, server.vault_id)
        with pytest.raises(NotFoundException):
            client.items.move(server.vault_id, item.id, MISSING)
        assert client.items.get(server.vault_id, item.id) == item
        client.items.delete(server.vault_id, item.id)


def test_an_item_moves_with_its_files(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        target = client.vaults.create(VaultCreateParams(title="Target"))
        content = bytes(range(256))
        params = ItemCreateParams(
            category=ItemCategory.DOCUMENT,
            vault_id=server.vault_id,
            title="Moving",
            document=DocumentCreateParams(name="all.bin", content=content),
        )
        item = client.items.create(params)
        moved = client.items.move(server.vault_id, item.id, target.id)
        assert (moved.original, moved.problem) == (MovedOriginal.ARCHIVED, None)
        assert (moved.item.vault_id, moved.item.title) == (target.id, "Moving")
        document = moved.item.document
        assert document is not None
        read = client.items.files.read(target.id, moved.item.id, document)
        assert read == content
        with pytest.raises(ItemNotActiveException):
            client.items.get(server.vault_id, item.id)
        options = ItemMoveOptions(delete_original=True)
        back = client.items.move(target.id, moved.item.id, server.vault_id, options)
        assert back.original is MovedOriginal.DELETED
        with pytest.raises(NotFoundException):
            client.items.get(target.id, moved.item.id)
        client.vaults.delete(target.id)
