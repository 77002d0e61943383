"""Items shared by links, on a real server."""

from __future__ import annotations

import pytest

from opwire import ItemBuilder, SyncClient
from opwire.errors import (
    BadInputException,
    ItemOutdatedException,
    NotFoundException,
)
from opwire.types import (
    Item,
    ItemCategory,
    ItemShareDuration,
    ItemShareListParams,
    ItemShareParams,
    ItemShareState,
)

from .conftest import MISSING, Server


def made(client: SyncClient, server: Server) -> Item:
    params = ItemBuilder(ItemCategory.LOGIN, server.vault_id, "Shared").build()
    return client.items.create(params)


@pytest.mark.parametrize(
    "params",
    [
        ItemShareParams(one_time_only=False),
        ItemShareParams(one_time_only=True),
        ItemShareParams(
            one_time_only=False, max_views=3, expire_after=ItemShareDuration.ONEDAY
        ),
        ItemShareParams(one_time_only=False, password="correct horse"),
    ],
    ids=["as the policy says", "once", "three times", "with a password"],
)
def test_a_shared_item_is_listed_until_it_is_revoked(
    server: Server, params: ItemShareParams
) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        item, shares = made(client, server), client.items.shares
        policy = shares.get_account_policy(item.vault_id, item.id)
        link = shares.create(item, policy, params)
        (share,) = shares.list(ItemShareListParams(item_id=item.id))
        assert (share.link, share.state) == (link, ItemShareState.ACTIVE)
        assert share.has_password == (params.password is not None)
        assert link not in repr(share)
        shares.revoke(share.id)
        ended = shares.get(share.id)
        assert (ended.state, ended.link) == (ItemShareState.REVOKED, None)


def test_what_cannot_be_shared_says_why(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        item, shares = made(client, server), client.items.shares
        policy = shares.get_account_policy(item.vault_id, item.id)
        for recipient in ["", "a", "a@b", "http://b.com", "a b@c.com"]:
            with pytest.raises(BadInputException):
                shares.validate_recipients(policy, [recipient])
        for params in (
            ItemShareParams(one_time_only=False, max_views=0),
            ItemShareParams(one_time_only=False, password=""),
        ):
            with pytest.raises(BadInputException):
                shares.create(item, policy, params)
        item.version += 1
        with pytest.raises(ItemOutdatedException):
            shares.create(item, policy, ItemShareParams(one_time_only=False))
        with pytest.raises(NotFoundException):
            shares.get_account_policy(MISSING, item.id)
        with pytest.raises(NotFoundException):
            shares.get_account_policy(item.vault_id, MISSING)
