"""What goes beyond the public SDK, on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from datetime import datetime, timedelta, timezone
from typing import List

import pytest

from opwire import CacheOptions, Client, ItemBuilder, Items, Secrets, SyncClient
from opwire.errors import (
    BadInputException,
    InvalidConfigurationException,
    ItemNotActiveException,
    NotFoundException,
    ParsingSecretReferenceException,
)
from opwire.transport import HttpRequest, HttpResponse
from opwire.types import (
    AddressFieldDetails,
    ChangeKind,
    DocumentCreateParams,
    Item,
    ItemCategory,
    ItemCreateParams,
    ItemFieldType,
    ItemMoveOptions,
    ItemSearchParams,
    MovedOriginal,
    ReferencePart,
    ResolveReferenceErrorItemNotFound,
    VaultCreateParams,
)

from .conftest import Server

EXAMPLE = "op://Development/Example/password"
SECRET = "correct-horse-battery"


def login(server: Server, title: str) -> ItemBuilder:
    builder = ItemBuilder(ItemCategory.LOGIN, server.vault_id, title)
    return builder.username("ada@python.example").password("hunter2")


class Counting:
    """A transport that counts requests, and may speak of limits."""

    def __init__(self) -> None:
        import urllib.error
        import urllib.request

        self.count = 0
        self.headers: List[tuple[str, str]] = []
        self.urllib = urllib

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.count += 1
        outgoing = self.urllib.request.Request(
            request.url,
            data=request.body or None,
            headers=dict(request.headers),
            method=request.method,
        )
        try:
            with self.urllib.request.urlopen(outgoing, timeout=30) as answer:
                headers = [*answer.getheaders(), *self.headers]
                return HttpResponse(answer.status, headers, answer.read())
        except self.urllib.error.HTTPError as error:
            return HttpResponse(error.code, error.headers.items(), error.read())


def test_a_reference_is_explained_without_its_secret(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        explained = client.secrets.explain(EXAMPLE)
        assert explained.problem is None
        assert [step.part for step in explained.steps] == [
            ReferencePart.VAULT,
            ReferencePart.ITEM,
            ReferencePart.FIELD,
        ]
        assert explained.id_reference is not None
        assert explained.id_reference.startswith(f"op://{server.vault_id}/")
        assert client.secrets.resolve(explained.id_reference) == SECRET
        assert SECRET not in repr(explained)

        missing = client.secrets.explain("op://Development/Exampel/password")
        assert missing.problem == "no item matched the secret reference query"
        assert missing.steps[1].near[0].title == "Example"
        with pytest.raises(ParsingSecretReferenceException):
            client.secrets.explain("nothing")


def test_an_env_text_is_resolved_and_masked(server: Server) -> None:
    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            answer = await client.secrets.resolve_env(
                f"PASSWORD={EXAMPLE}\nURL=pg://u:${{PASSWORD}}@${{HOST}}\n"
                "GONE=op://Development/Nothing/x",
                {"HOST": "db"},
            )
            assert answer.variables == {
                "PASSWORD": SECRET,
                "URL": f"pg://u:{SECRET}@db",
            }
            assert isinstance(answer.errors["GONE"], ResolveReferenceErrorItemNotFound)
            assert SECRET not in repr(answer)
            masked = Secrets.mask(answer.variables["URL"], answer.secrets)
            assert masked == "pg://u:<concealed by opwire>@db"
            with pytest.raises(InvalidConfigurationException, match="line 2") as error:
                await client.secrets.resolve_env("A=1\nhunter2")
            assert error.value.field == "env"
            assert "hunter2" not in str(error.value)
            named = await client.secrets.resolve_variables({"a b": EXAMPLE})
            assert named.variables == {"a b": SECRET}

    asyncio.run(main())


def test_items_are_built_searched_and_compared(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        address = AddressFieldDetails(
            street="1 Main St", city="X", country="us", zip="1", state="CA"
        )
        params = (
            login(server, "Built by Python")
            .notes("hush")
            .tag("python/tests")
            .website("https://app.python.example")
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

        def titles(params: ItemSearchParams) -> List[str]:
            return [each.title for each in client.items.search(params)]

        recent = datetime.now(timezone.utc) - timedelta(hours=1)
        fitting = ItemSearchParams(
            username="ADA@python",
            tags=["python"],
            website="python.example",
            updated_since=recent,
        )
        assert titles(fitting) == ["Built by Python"]
        assert titles(ItemSearchParams(username="nobody")) == []
        with pytest.raises(InvalidConfigurationException):
            client.items.search(ItemSearchParams(vault_ids=["x"]))

        after = dataclasses.replace(item, title="Renamed", notes="hushed")
        changes = Items.diff(item, after)
        assert [(each.path, each.change) for each in changes] == [
            ("title", ChangeKind.CHANGED),
            ("notes", ChangeKind.CHANGED),
        ]
        assert (changes[0].after, changes[1].after) == ("Renamed", None)
        assert Items.diff(item, after, True)[1].before == "hush"
        other = dataclasses.replace(item, id="a" * 26)
        with pytest.raises(InvalidConfigurationException):
            Items.diff(item, other)
        client.items.delete(server.vault_id, item.id)


def test_items_of_all_vaults_arrive_one_by_one(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        found = next(client.search_items(ItemSearchParams(title="example")))
        assert found.title == "Example"
        missing = ItemSearchParams(vault_ids=["a" * 26])
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


def test_what_is_cached_costs_no_request(server: Server) -> None:
    transport = Counting()
    with SyncClient.authenticate(
        **server.credentials, http_transport=transport, cache=CacheOptions(stale=60)
    ) as client:
        assert client.secrets.resolve(EXAMPLE) == SECRET
        before = transport.count
        assert [client.secrets.resolve(EXAMPLE) for _ in range(3)] == [SECRET] * 3
        assert transport.count == before
        item = client.items.create(login(server, "Cached").build())
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


def test_limits_are_told_as_the_server_says_them(server: Server) -> None:
    transport = Counting()
    with SyncClient.authenticate(
        **server.credentials, http_transport=transport
    ) as client:
        client.vaults.list()
        assert client.account.rate_limit().reads is None
        transport.headers = [
            ("RateLimit-Policy", '"reads";q=100;w=3600'),
            ("RateLimit", '"reads";r=7;t=1800'),
        ]
        client.vaults.list()
        before = transport.count
        reads = client.account.rate_limit().reads
        assert transport.count == before
        assert reads is not None
        assert (reads.limit, reads.remaining) == (100, 7)
        assert reads.resets_at > datetime.now(timezone.utc) + timedelta(minutes=25)


def test_an_item_is_not_moved_to_where_it_is(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        item: Item = client.items.create(login(server, "Staying").build())
        with pytest.raises(BadInputException):
            client.items.move(server.vault_id, item.id, server.vault_id)
        with pytest.raises(NotFoundException):
            client.items.move(server.vault_id, item.id, "a" * 26)
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
