"""opwire: sign in, read and write secrets, from Python.

`Client` is for programs that use `asyncio`, `SyncClient` for others.
"""

from __future__ import annotations

from . import _apis, errors, types
from ._apis import *  # noqa: F403
from ._core import __version__
from .builder import ItemBuilder
from .client import Client, SyncClient
from .defaults import (
    DEFAULT_INTEGRATION_NAME,
    DEFAULT_INTEGRATION_VERSION,
    CacheOptions,
    DesktopAuth,
)
from .errors import *  # noqa: F403
from .process import load_environment, load_environment_sync
from .transport import HttpRequest, HttpResponse
from .types import *  # noqa: F403

__all__ = [
    "CacheOptions",
    "Client",
    "DEFAULT_INTEGRATION_NAME",
    "DEFAULT_INTEGRATION_VERSION",
    "DesktopAuth",
    "HttpRequest",
    "HttpResponse",
    "ItemBuilder",
    "SyncClient",
    "__version__",
    "load_environment",
    "load_environment_sync",
]
__all__ += _apis.__all__
__all__ += errors.__all__
__all__ += types.__all__
