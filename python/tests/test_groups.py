"""Groups, and what they can open, on a real server."""

from __future__ import annotations

from typing import Dict

import pytest

from opwire import SyncClient
from opwire.errors import (
    InvalidConfigurationException,
    NotFoundException,
    PermissionDeniedException,
)
from opwire.types import (
    READ_ITEMS,
    REVEAL_ITEM_PASSWORD,
    UPDATE_ITEM_HISTORY,
    UPDATE_ITEMS,
    GroupAccess,
    GroupCreateParams,
    GroupGetParams,
    GroupType,
    GroupVaultAccess,
    VaultCreateParams,
)

from .conftest import MISSING, Server

READ = READ_ITEMS | REVEAL_ITEM_PASSWORD


def test_a_group_gets_access_and_loses_it(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        vault = client.vaults.create(VaultCreateParams(title="Shared"))
        groups = client.groups.list()
        group = next(
            each for each in groups if each.group_type is GroupType.TEAMMEMBERS
        )

        def permissions() -> Dict[str, int]:
            params = GroupGetParams(vault_permissions=True)
            access = client.groups.get(group.id, params).vault_access or []
            return {each.vault_uuid: each.permissions for each in access}

        client.vaults.grant_group_permissions(vault.id, [GroupAccess(group.id, READ)])
        assert permissions()[vault.id] == READ
        change = GroupVaultAccess(vault.id, group.id, READ | UPDATE_ITEMS)
        client.vaults.update_group_permissions([change])
        assert permissions()[vault.id] == READ | UPDATE_ITEMS
        client.vaults.revoke_group_permissions(vault.id, group.id)
        assert vault.id not in permissions()
        client.vaults.delete(vault.id)


def test_what_is_missing_is_named(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        access = GroupAccess(MISSING, READ_ITEMS | UPDATE_ITEM_HISTORY)
        with pytest.raises(InvalidConfigurationException) as raised:
            client.vaults.grant_group_permissions(server.vault_id, [access])
        assert raised.value.field == "group_permissions_list[0].permissions"
        needed = "UPDATE_ITEM_HISTORY also needs REVEAL_ITEM_PASSWORD"
        assert needed in str(raised.value)
        with pytest.raises(NotFoundException):
            client.groups.get(MISSING, GroupGetParams())


def test_only_persons_make_groups(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        if server.is_person:
            made = client.groups.create(GroupCreateParams(title="New"))
            client.groups.delete(made.id)
            return
        with pytest.raises(PermissionDeniedException):
            client.groups.create(GroupCreateParams(title="New"))
        group = client.groups.list()[0]
        with pytest.raises(PermissionDeniedException):
            client.groups.delete(group.id)
