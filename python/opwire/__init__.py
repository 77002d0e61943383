"""opwire: sign in, read and write secrets, from Python.

`Client` is for programs that use `asyncio`, `SyncClient` for others.
"""

from __future__ import annotations

from . import errors, types
from ._core import __version__
from .account import Account, SyncAccount
from .builder import ItemBuilder
from .client import Client, SyncClient
from .defaults import (
    DEFAULT_INTEGRATION_NAME,
    DEFAULT_INTEGRATION_VERSION,
    CacheOptions,
    DesktopAuth,
)
from .errors import *  # noqa: F403
from .items import Items, SyncItems
from .secrets import Secrets, SyncSecrets
from .transport import HttpRequest, HttpResponse
from .types import *  # noqa: F403
from .vaults import SyncVaults, Vaults

__all__ = [
    "Account",
    "CacheOptions",
    "Client",
    "DEFAULT_INTEGRATION_NAME",
    "DEFAULT_INTEGRATION_VERSION",
    "DesktopAuth",
    "HttpRequest",
    "HttpResponse",
    "ItemBuilder",
    "Items",
    "Secrets",
    "SyncAccount",
    "SyncClient",
    "SyncItems",
    "SyncSecrets",
    "SyncVaults",
    "Vaults",
    "__version__",
]
__all__ += errors.__all__
__all__ += types.__all__
