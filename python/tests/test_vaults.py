"""Vaults, and the access that people have to them, on a real server."""

from __future__ import annotations

import asyncio

import pytest

from opwire import Client, SyncClient
from opwire.errors import (
    InvalidConfigurationException,
    NotFoundException,
    PermissionDeniedException,
)
from opwire.types import (
    READ_ITEMS,
    UserAccess,
    VaultAccessorType,
    VaultCreateParams,
    VaultGetParams,
    VaultType,
    VaultUpdateParams,
)

from .conftest import MISSING, Server


def test_a_vault_is_made_read_changed_and_deleted(server: Server) -> None:
    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            params = VaultCreateParams(title="New", description="£ 日本")
            made = await client.vaults.create(params)
            assert made.vault_type is VaultType.USERCREATED
            got = await client.vaults.get(made.id, VaultGetParams(accessors=True))
            assert (got.title, got.description) == ("New", "£ 日本")
            kinds = {access.accessor_type for access in got.access or []}
            assert VaultAccessorType.USER in kinds
            renamed = VaultUpdateParams(title="Renamed")
            updated = await client.vaults.update(made.id, renamed)
            assert (updated.title, updated.description) == ("Renamed", "£ 日本")
            await client.vaults.delete(made.id)
            with pytest.raises(NotFoundException):
                await client.vaults.get(made.id, VaultGetParams())

    asyncio.run(main())


def test_only_persons_give_people_access(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        vault_id = server.vault_id
        # The user does not exist.
        refused = (
            InvalidConfigurationException
            if server.is_person
            else PermissionDeniedException
        )
        with pytest.raises(refused):
            client.vaults.grant_user_permissions(
                vault_id, [UserAccess(MISSING, READ_ITEMS)]
            )
        with pytest.raises(InvalidConfigurationException) as raised:
            client.vaults.grant_user_permissions(vault_id, [UserAccess(MISSING, 0)])
        assert raised.value.field == "user_permissions_list[0].permissions"
        own = client.vaults.create(VaultCreateParams(title="Own"))
        with pytest.raises(NotFoundException):
            client.vaults.revoke_user_permissions(own.id, MISSING)
        if server.is_person:
            # Administrators manage the vault too.
            client.vaults.leave(own.id)
        else:
            with pytest.raises(PermissionDeniedException):
                client.vaults.leave(own.id)
        client.vaults.delete(own.id)
