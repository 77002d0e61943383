"""Searches several vaults, and yields items as they arrive."""

from __future__ import annotations

import asyncio
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, AsyncGenerator, Generator, List, Set

from .errors import NotFoundException, PermissionDeniedException
from .types import ItemOverview, ItemSearchParams

if TYPE_CHECKING:
    from .client import Client, SyncClient

__all__ = ["search", "search_sync"]

MAX_AT_ONCE = 8
"""How many vaults are searched concurrently."""

OUT_OF_REACH = (NotFoundException, PermissionDeniedException)


async def search(
    client: Client, params: ItemSearchParams
) -> AsyncGenerator[ItemOverview, None]:
    """Yields the items of each vault as they arrive. Closing cancels its requests."""
    vault_ids = params.vault_ids
    if vault_ids is None:
        vault_ids = [vault.id for vault in await client.vaults.list()]
    turns = asyncio.Semaphore(MAX_AT_ONCE)

    async def one(vault_id: str) -> List[ItemOverview]:
        async with turns:
            try:
                return await client.items.search(_within(params, vault_id))
            except OUT_OF_REACH:
                if params.vault_ids is not None:
                    raise
                return []

    tasks = [
        asyncio.ensure_future(one(vault_id)) for vault_id in dict.fromkeys(vault_ids)
    ]
    try:
        for done in asyncio.as_completed(tasks):
            for item in await done:
                yield item
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def search_sync(
    client: SyncClient, params: ItemSearchParams
) -> Generator[ItemOverview, None, None]:
    """The same with threads. Requests in flight continue when it is closed."""
    vault_ids = params.vault_ids
    if vault_ids is None:
        vault_ids = [vault.id for vault in client.vaults.list()]

    def one(vault_id: str) -> List[ItemOverview]:
        try:
            return client.items.search(_within(params, vault_id))
        except OUT_OF_REACH:
            if params.vault_ids is not None:
                raise
            return []

    pool = ThreadPoolExecutor(MAX_AT_ONCE, thread_name_prefix="opwire-search")
    try:
        pending: Set[Future[List[ItemOverview]]] = {
            pool.submit(one, vault_id) for vault_id in dict.fromkeys(vault_ids)
        }
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield from future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _within(params: ItemSearchParams, vault_id: str) -> ItemSearchParams:
    return replace(params, vault_ids=[vault_id])
