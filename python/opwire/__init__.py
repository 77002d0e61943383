"""opwire: sign in, read and write secrets, from Python.

`Client` is for programs that use `asyncio`, `SyncClient` for others.
"""

from __future__ import annotations

from . import errors, types
from ._core import __version__
from .client import Client, SyncClient
from .defaults import (
    DEFAULT_INTEGRATION_NAME,
    DEFAULT_INTEGRATION_VERSION,
    DesktopAuth,
)
from .errors import *  # noqa: F403
from .items import Items, SyncItems
from .secrets import Secrets, SyncSecrets
from .transport import HttpRequest, HttpResponse
from .types import *  # noqa: F403
from .vaults import SyncVaults, Vaults

__all__ = [
    "Client",
    "DEFAULT_INTEGRATION_NAME",
    "DEFAULT_INTEGRATION_VERSION",
    "DesktopAuth",
    "HttpRequest",
    "HttpResponse",
    "Items",
    "Secrets",
    "SyncClient",
    "SyncItems",
    "SyncSecrets",
    "SyncVaults",
    "Vaults",
    "__version__",
]
__all__ += errors.__all__
__all__ += types.__all__
