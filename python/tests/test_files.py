"""Files and documents on a real server, and what is no bytes."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from opwire import Client, SyncClient
from opwire.errors import InvalidInvocationException, NotFoundException
from opwire.types import (
    DocumentCreateParams,
    FileCreateParams,
    ItemCategory,
    ItemCreateParams,
    ItemSection,
)

from .conftest import Server

ALL = bytes(range(256))


def document(server: Server, content: Any) -> ItemCreateParams:
    return ItemCreateParams(
        category=ItemCategory.DOCUMENT,
        vault_id=server.vault_id,
        title="Document",
        document=DocumentCreateParams(name="all.bin", content=content),
    )


def test_every_byte_of_documents_and_attached_files_is_kept(server: Server) -> None:
    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            params = document(server, ALL)
            params.sections = [ItemSection(id="s", title="")]
            params.files = [
                FileCreateParams(
                    name="b.bin", content=ALL[::-1], section_id="s", field_id="b"
                )
            ]
            item = await client.items.create(params)
            assert item.document is not None
            assert (item.document.name, item.document.size) == ("all.bin", 256)
            files = client.items.files
            content = await files.read(server.vault_id, item.id, item.document)
            assert type(content) is bytes
            assert content == ALL
            attached = item.files[0].attributes
            content = await files.read(server.vault_id, item.id, attached)
            assert content == ALL[::-1]

    asyncio.run(main())


def test_files_are_attached_replaced_and_deleted(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        item = client.items.create(document(server, b""))
        files, vault_id = client.items.files, server.vault_id
        assert item.document is not None
        assert files.read(vault_id, item.id, item.document) == b""
        big = os.urandom(5 << 20)
        item = files.replace_document(
            item, DocumentCreateParams(name="big", content=big)
        )
        assert item.document is not None
        assert files.read(vault_id, item.id, item.document) == big
        text = FileCreateParams(
            name="text", content="grüße".encode(), section_id="s", field_id="f"
        )
        item = files.attach(item, text)
        reference = f"op://{vault_id}/{item.id}/text"
        assert client.secrets.resolve(reference) == "grüße"
        item = files.delete(item, "s", "f")
        assert item.files == []
        client.items.delete(vault_id, item.id)
        assert item.document is not None
        with pytest.raises(NotFoundException):
            files.read(vault_id, item.id, item.document)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytearray(ALL), ALL),
        (memoryview(ALL)[10:20], ALL[10:20]),
        (memoryview(ALL)[::2], ALL[::2]),
        ([1, 2, 255], b"\x01\x02\xff"),
    ],
)
def test_bytes_come_in_any_form(server: Server, content: Any, expected: bytes) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        item = client.items.create(document(server, content))
        assert item.document is not None
        read = client.items.files.read(server.vault_id, item.id, item.document)
        assert read == expected


@pytest.mark.parametrize("content", ["text", 5, {"0": 1}, None, [256], [-1]])
def test_what_is_no_bytes_is_named(server: Server, content: Any) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        with pytest.raises(InvalidInvocationException) as failure:
            client.items.create(document(server, content))
        assert failure.value.field == "content"
