"""Items that the apps wrote, served by a real server, read as the public SDK does."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from typing import Any

from opwire import SyncClient
from opwire._wire import decode
from opwire.types import Item, ItemFieldType, ItemOverview

from .conftest import VECTORS, Server, command


def test_recorded_items_read_as_in_the_public_sdk(server: Server) -> None:
    program = str(command().with_name("opwire-items"))
    arguments = ["recorded", server.vault_id]
    subprocess.run([program, *arguments], env=server.environment, check=True)
    text = (VECTORS / "recorded" / "vault-a.expected.json").read_text()
    expected: Any = json.loads(text)
    with SyncClient.authenticate(**server.credentials) as client:
        listed = {item.id: item for item in client.items.list(server.vault_id)}
        for each in expected["overviews"]:
            overview = decode(ItemOverview, {**each, "vaultId": server.vault_id})
            assert listed[overview.id] == overview
        for item_id, each in expected["items"].items():
            item = decode(Item, {**each["content"], "vaultId": server.vault_id})
            got = client.items.get(server.vault_id, item_id)
            item.version = got.version
            assert without_codes(got) == without_codes(item)


def without_codes(item: Item) -> Item:
    """The clock decides the codes."""
    fields = [
        dataclasses.replace(field, details=None)
        if field.field_type == ItemFieldType.TOTP
        else field
        for field in item.fields
    ]
    return dataclasses.replace(item, fields=fields)
