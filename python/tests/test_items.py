"""Changing, archiving and deleting items on a real server, one by one and together."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from opwire import Client, ItemBuilder, Items, SyncClient, ValidationError
from opwire.errors import (
    InvalidConfigurationException,
    ItemNotActiveException,
    ItemOutdatedException,
    NotFoundException,
)
from opwire.types import (
    AddressFieldDetails,
    AutofillBehavior,
    ChangeKind,
    Item,
    ItemCategory,
    ItemCreateParams,
    ItemFieldType,
    ItemsGetAllErrorItemNotFound,
    ItemUpdateFailureReasonItemNotFound,
    ItemUpdateFailureReasonItemValidationError,
    Website,
)

from .conftest import MISSING, Server


def note(server: Server, title: str, *tags: str) -> ItemCreateParams:
    return ItemCreateParams(
        category=ItemCategory.SECURENOTE,
        vault_id=server.vault_id,
        title=title,
        tags=list(tags),
    )


def login(server: Server, title: str) -> ItemBuilder:
    builder = ItemBuilder(ItemCategory.LOGIN, server.vault_id, title)
    return builder.username("ada@python.example").password("hunter2")


def test_an_edited_item_is_put_back_and_an_outdated_one_refused(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        item = client.items.create(note(server, "Before"))
        edited = dataclasses.replace(item, title="After", notes="£ 鍵")
        put = client.items.put(edited)
        assert put.version == item.version + 1
        assert client.items.get(server.vault_id, item.id) == put
        assert (put.title, put.notes) == ("After", "£ 鍵")
        with pytest.raises(ItemOutdatedException):
            client.items.put(edited)


def test_none_is_an_empty_list(server: Server) -> None:
    lists = ("fields", "sections", "tags", "websites", "files")
    with SyncClient.authenticate(**server.credentials) as client:
        params = note(server, "Nothing")
        for name in (*lists, "notes", "document"):
            setattr(params, name, None)
        created = client.items.create(params)
        assert [getattr(created, name) for name in lists] == [[], [], [], [], []]
        tagged = client.items.create(note(server, "Tagged", "a"))
        for name in lists:
            setattr(tagged, name, None)
        client.items.put(tagged)
        put = client.items.get(server.vault_id, tagged.id)
        assert [getattr(put, name) for name in lists] == [[], [], [], [], []]
        assert client.vaults.list(None)


def test_no_behavior_is_the_default(server: Server) -> None:
    nothing: Any = None
    website = Website(url="https://a", label="a", autofill_behavior=nothing)
    params = ItemCreateParams(
        category=ItemCategory.LOGIN,
        vault_id=server.vault_id,
        title="Filled in",
        websites=[website],
    )
    with SyncClient.authenticate(**server.credentials) as client:
        [created] = client.items.create(params).websites
        assert created.autofill_behavior is AutofillBehavior.ANYWHEREONWEBSITE


def test_what_was_set_is_converted_or_named_when_it_is_sent(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        item: Any = client.items.create(note(server, "Set"))
        item.fields.append(
            {"id": "f", "title": "f", "fieldType": "Concealed", "value": b"v"}
        )
        item.notes = b"bytes"
        put = client.items.put(item)
        assert (put.fields[0].value, put.notes) == ("v", "bytes")
        item.notes = 7
        with pytest.raises(ValidationError, match="Item.notes must be text"):
            client.items.put(item)
        client.items.delete(server.vault_id, item.id)


def test_items_are_archived_and_deleted(server: Server) -> None:
    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            item = await client.items.create(note(server, "Going"))
            await client.items.archive(server.vault_id, item.id)
            with pytest.raises(ItemNotActiveException):
                await client.items.get(server.vault_id, item.id)
            await client.items.delete(server.vault_id, item.id)
            with pytest.raises(NotFoundException):
                await client.items.delete(server.vault_id, item.id)

    asyncio.run(main())


def test_each_item_of_a_batch_has_its_own_outcome(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        params = [note(server, "One"), note(server, "Bad", ""), note(server, "Two")]
        created = client.items.create_all(server.vault_id, params).individual_responses
        one, two = created[0].content, created[2].content
        assert isinstance(one, Item)
        assert isinstance(two, Item)
        assert (one.title, two.title) == ("One", "Two")
        assert isinstance(created[1].error, ItemUpdateFailureReasonItemValidationError)
        assert "empty tags" in created[1].error.message

        ids = [two.id, MISSING, one.id]
        got = client.items.get_all(server.vault_id, ids).individual_responses
        assert (got[0].content, got[2].content) == (two, one)
        assert isinstance(got[1].error, ItemsGetAllErrorItemNotFound)

        deleted = client.items.delete_all(server.vault_id, ids).individual_responses
        assert deleted[one.id].error is None
        assert isinstance(deleted[MISSING].error, ItemUpdateFailureReasonItemNotFound)


def test_an_item_is_built(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        address = AddressFieldDetails(
            street="1 Main St", city="X", country="us", zip="1", state="CA"
        )
        params = (
            login(server, "Built")
            .section("API")
            .concealed("token", "t0ken")
            .address("home", address)
            .month_year("expires", "01/2030")
            .build()
        )
        item = client.items.create(params)
        assert client.secrets.resolve(f"op://{server.vault_id}/{item.id}/API/token")
        assert [field.field_type for field in item.fields][2:] == [
            ItemFieldType.CONCEALED,
            ItemFieldType.ADDRESS,
            ItemFieldType.MONTHYEAR,
        ]
        with pytest.raises(InvalidConfigurationException) as error:
            login(server, " ").date("born", "yesterday").totp("code", "!").build()
        for part in ("no title", "invalid date format", "field 'code'"):
            assert part in str(error.value)
        client.items.delete(server.vault_id, item.id)


def test_states_of_an_item_are_compared(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        item = client.items.create(login(server, "Before").notes("hush").build())
        after = dataclasses.replace(item, title="Renamed", notes="hushed")
        changes = Items.diff(item, after)
        assert [(each.path, each.change) for each in changes] == [
            ("title", ChangeKind.CHANGED),
            ("notes", ChangeKind.CHANGED),
        ]
        assert (changes[0].after, changes[1].after) == ("Renamed", None)
        assert Items.diff(item, after, True)[1].before == "hush"
        other = dataclasses.replace(item, id=MISSING)
        with pytest.raises(InvalidConfigurationException):
            Items.diff(item, other)
        client.items.delete(server.vault_id, item.id)
