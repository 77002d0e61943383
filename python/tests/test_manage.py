"""Vaults, groups and Environments on a real server."""

from __future__ import annotations

import asyncio
import os
from typing import Dict

import pytest

from opwire import Client, SyncClient, load_environment, load_environment_sync
from opwire.errors import (
    BadInputException,
    InvalidConfigurationException,
    NotFoundException,
    PermissionDeniedException,
)
from opwire.types import (
    READ_ITEMS,
    REVEAL_ITEM_PASSWORD,
    UPDATE_ITEMS,
    EnvironmentCreateParams,
    EnvironmentVariable,
    GroupAccess,
    GroupCreateParams,
    GroupGetParams,
    GroupType,
    GroupVaultAccess,
    UserAccess,
    VaultAccessorType,
    VaultCreateParams,
    VaultGetParams,
    VaultType,
    VaultUpdateParams,
)

from .conftest import Server

MISSING = "a" * 26
READ = READ_ITEMS | REVEAL_ITEM_PASSWORD


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


def test_only_persons_give_people_access(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        vault_id = server.vault_id
        with pytest.raises(PermissionDeniedException):
            client.vaults.grant_user_permissions(vault_id, [UserAccess(MISSING, READ)])
        with pytest.raises(InvalidConfigurationException) as raised:
            client.vaults.grant_user_permissions(vault_id, [UserAccess(MISSING, 0)])
        assert raised.value.field == "user_permissions_list[0].permissions"
        own = client.vaults.create(VaultCreateParams(title="Own"))
        with pytest.raises(NotFoundException):
            client.vaults.revoke_user_permissions(own.id, MISSING)
        client.vaults.delete(own.id)


def test_what_is_missing_is_named(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        access = GroupAccess(MISSING, READ_ITEMS | UPDATE_ITEMS)
        with pytest.raises(InvalidConfigurationException) as raised:
            client.vaults.grant_group_permissions(server.vault_id, [access])
        assert raised.value.field == "group_permissions_list[0].permissions"
        assert "UPDATE_ITEMS also needs REVEAL_ITEM_PASSWORD" in str(raised.value)
        with pytest.raises(NotFoundException):
            client.groups.get(MISSING, GroupGetParams())


def test_environments_are_read_and_written(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        variables = client.environments.get_variables(server.environment_id).variables
        assert variables == [
            EnvironmentVariable("DEMO_MODE", "development", False),
            EnvironmentVariable("DEMO_API_KEY", "k3y-of-the-demo", True),
        ]
        assert "k3y" not in repr(variables)
        made = client.environments.create(EnvironmentCreateParams(title="Mine"))
        variable = EnvironmentVariable("A", "1", True)
        client.environments.set_variables(made.id, [variable])
        assert client.environments.get_variables(made.id).variables == [variable]
        client.environments.unset_variables(made.id, ["A", "B"])
        assert client.environments.get_variables(made.id).variables == []
        client.environments.delete(made.id)
        with pytest.raises(BadInputException):
            client.environments.get_variables(server.vault_id)


def test_an_environment_goes_into_the_process(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = {"DEMO_MODE": "already there"}
    with SyncClient.authenticate(**server.credentials) as client:
        id = server.environment_id
        assert load_environment_sync(client, id, target=target) == ["DEMO_API_KEY"]
        assert target["DEMO_MODE"] == "already there"
        load_environment_sync(client, id, target=target, override=True)
        assert target["DEMO_MODE"] == "development"

    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            await load_environment(client, server.environment_id)
            with pytest.raises(NotFoundException):
                await load_environment(client, MISSING)

    monkeypatch.delenv("DEMO_MODE", raising=False)
    monkeypatch.setenv("DEMO_API_KEY", "already there")
    asyncio.run(main())
    assert os.environ.pop("DEMO_MODE") == "development"
    assert os.environ["DEMO_API_KEY"] == "already there"


def test_service_accounts_make_no_groups(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        with pytest.raises(PermissionDeniedException):
            client.groups.create(GroupCreateParams(title="New"))
        group = client.groups.list()[0]
        with pytest.raises(PermissionDeniedException):
            client.groups.delete(group.id)
