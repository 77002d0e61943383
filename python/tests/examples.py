"""The examples in the documentation of methods: `cargo xtask codegen` puts the bodies
there, and type checkers read this file.
"""

from __future__ import annotations

import os
from typing import List

from opwire import Client, EnvironmentVariable
from opwire.types import (
    ItemCategory,
    ItemCreateParams,
    ItemField,
    ItemFieldType,
    ItemListFilterByState,
    ItemListFilterByStateInner,
    ItemShareDuration,
    ItemShareListParams,
    ItemShareParams,
    ItemShareState,
)


def connect(password: str) -> None:
    raise NotImplementedError


async def secrets_resolve(client: Client) -> None:
    password = await client.secrets.resolve("op://Development/Database/password")
    connect(password)


async def secrets_resolve_all(client: Client, references: List[str]) -> None:
    answer = await client.secrets.resolve_all(references)
    for reference, response in answer.individual_responses.items():
        if response.error:
            print(reference, response.error.type)
        elif response.content:
            connect(response.content.secret)


async def items_get(client: Client, vault_id: str, item_id: str) -> None:
    item = await client.items.get(vault_id, item_id)
    for field in item.fields:
        print(field.id, field.title)


async def items_create(client: Client, vault_id: str) -> None:
    text, concealed = ItemFieldType.TEXT, ItemFieldType.CONCEALED
    params = ItemCreateParams(
        category=ItemCategory.LOGIN,
        vault_id=vault_id,
        title="Database",
        fields=[
            ItemField("username", "username", text, "ada"),
            ItemField("password", "password", concealed, "..."),
        ],
    )
    item = await client.items.create(params)
    print(item.id)


async def items_put(client: Client, vault_id: str, item_id: str) -> None:
    item = await client.items.get(vault_id, item_id)
    item.title = "Database (old)"
    updated = await client.items.put(item)
    print(updated.version)


async def items_list(client: Client, vault_id: str) -> None:
    for item in await client.items.list(vault_id):
        print(item.id, item.title)

    by_state = ItemListFilterByStateInner(active=False, archived=True)
    filter = ItemListFilterByState(by_state)
    archived = await client.items.list(vault_id, filter)
    print(len(archived), "archived")


async def items_files_read(client: Client, vault_id: str, item_id: str) -> None:
    item = await client.items.get(vault_id, item_id)
    for file in [file.attributes for file in item.files]:
        content = await client.items.files.read(vault_id, item_id, file)
        print(file.name, len(content))


async def vaults_list(client: Client) -> None:
    for vault in await client.vaults.list():
        print(vault.id, vault.title)


async def environments_get_variables(client: Client, environment_id: str) -> None:
    answer = await client.environments.get_variables(environment_id)
    for variable in answer.variables:
        os.environ[variable.name] = variable.value


async def environments_set_variables(client: Client, environment_id: str) -> None:
    variables = [
        EnvironmentVariable("DATABASE_HOST", "db.example.com", masked=False),
        EnvironmentVariable("DATABASE_PASSWORD", "...", masked=True),
    ]
    await client.environments.set_variables(environment_id, variables)


async def items_shares_create(client: Client, vault_id: str, item_id: str) -> None:
    shares = client.items.shares
    item = await client.items.get(vault_id, item_id)
    policy = await shares.get_account_policy(vault_id, item_id)
    recipients = await shares.validate_recipients(policy, ["ada@example.com"])
    params = ItemShareParams(
        recipients=recipients,
        expire_after=ItemShareDuration.ONEDAY,
        one_time_only=True,
    )
    link = await shares.create(item, policy, params)
    print(link)


async def items_shares_list(client: Client, vault_id: str, item_id: str) -> None:
    params = ItemShareListParams(vault_id=vault_id, item_id=item_id)
    for share in await client.items.shares.list(params):
        print(share.id, share.state, share.views)
        if share.state == ItemShareState.ACTIVE:
            await client.items.shares.revoke(share.id)


async def items_shares_get(client: Client, share_id: str) -> None:
    share = await client.items.shares.get(share_id)
    for view in share.views_log or []:
        print(view.email, view.viewed_at)
