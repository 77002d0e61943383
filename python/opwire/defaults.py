"""The configuration of a client, and its defaults."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import Any, Dict, Iterable, Optional, Union

from ._constants import (
    DEFAULT_CACHE_MAX_ENTRIES,
    DEFAULT_CACHE_NEGATIVE_TTL_MS,
    DEFAULT_CACHE_TTL_MS,
    SDK_VERSION,
)
from ._core import REQUEST_LIBRARY_VERSION
from .errors import InvalidConfigurationException

__all__ = [
    "CacheOptions",
    "DEFAULT_INTEGRATION_NAME",
    "DEFAULT_INTEGRATION_VERSION",
    "DEFAULT_OS_VERSION",
    "DEFAULT_REQUEST_LIBRARY",
    "DEFAULT_REQUEST_LIBRARY_VERSION",
    "DesktopAuth",
    "SDK_LANGUAGE",
    "SDK_VERSION",
    "new_default_config",
]

SDK_LANGUAGE = "Python"
DEFAULT_INTEGRATION_NAME = "Unknown"
DEFAULT_INTEGRATION_VERSION = "Unknown"
DEFAULT_REQUEST_LIBRARY = "reqwest"
DEFAULT_REQUEST_LIBRARY_VERSION = REQUEST_LIBRARY_VERSION
DEFAULT_OS_VERSION = "0.0.0"


class DesktopAuth:
    """Asks the person at this machine for the use of their account, by their
    `opwire agent` or, if none runs, by the 1Password app. The program gets no key and
    no token.

    - `account_name`: the account's name, its address or the e-mail address, as
      `opwire account list` or the app shows them.
    - `vaults`: the titles or ids of the only vaults that the program may use; all by
      default. The agent enforces it; the app cannot, so that it is refused. Added by
      opwire.
    - `read_only`: whether the program may only read, as above. Added by opwire.
    - `library`: the path of the app's library, which is used instead of the agent.
      `OPWIRE_DESKTOP_LIBRARY` names one for all clients that have no path of their own.
      Added by opwire.
    """

    def __init__(
        self,
        account_name: str,
        *,
        vaults: Optional[Iterable[str]] = None,
        read_only: bool = False,
        library: Union[str, os.PathLike[str], None] = None,
    ) -> None:
        if isinstance(vaults, str):
            raise InvalidConfigurationException(
                "vaults must be a list of titles or ids", field="vaults"
            )
        self.account_name = account_name
        self.vaults = None if vaults is None else list(vaults)
        self.read_only = read_only
        self.library = library


def new_default_config(
    auth: Union[str, DesktopAuth, None],
    integration_name: str,
    integration_version: str,
) -> Dict[str, Any]:
    """Returns the client configuration for a service account token or an account."""
    return {
        **_credentials(auth),
        "programmingLanguage": SDK_LANGUAGE,
        "sdkVersion": SDK_VERSION,
        "integrationName": integration_name,
        "integrationVersion": integration_version,
        "requestLibraryName": DEFAULT_REQUEST_LIBRARY,
        "requestLibraryVersion": DEFAULT_REQUEST_LIBRARY_VERSION,
        "os": platform.system().lower(),
        "osVersion": DEFAULT_OS_VERSION,
        "architecture": platform.machine(),
    }


def _credentials(auth: Union[str, DesktopAuth, None]) -> Dict[str, Any]:
    if not isinstance(auth, DesktopAuth):
        # A missing environment variable is None. The core's message explains it.
        return {"serviceAccountToken": auth or ""}
    return {
        "accountName": auth.account_name,
        "vaults": auth.vaults,
        "readOnly": auth.read_only,
    }


@dataclass(frozen=True)
class CacheOptions:
    """The options of the cache that `secrets.resolve`, `secrets.resolve_all` and
    `items.get` use. A write by the same client removes what it changes. Items are
    cached encrypted, as the server sends them. Added by opwire.
    """

    ttl: float = DEFAULT_CACHE_TTL_MS / 1000
    """How long an item counts as fresh, in seconds."""
    stale: float = 0
    """How long an older item is still returned, in seconds, while one call refreshes it
    or the server fails.
    """
    negative_ttl: float = DEFAULT_CACHE_NEGATIVE_TTL_MS / 1000
    """How long the cache remembers that something does not exist, in seconds."""
    max_entries: int = DEFAULT_CACHE_MAX_ENTRIES
    """How many items and references are cached at most."""


def cache_config(cache: Union[bool, CacheOptions, None]) -> Optional[Dict[str, int]]:
    """Returns the options of the cache in the core's form."""
    if cache is None or cache is False:
        return None
    options = CacheOptions() if cache is True else cache
    for name in ("ttl", "stale", "negative_ttl"):
        if not getattr(options, name) >= 0:
            raise InvalidConfigurationException(
                f"cache.{name} must be 0 seconds or more", field=f"cache.{name}"
            )
    return {
        "ttlMs": round(options.ttl * 1000),
        "staleMs": round(options.stale * 1000),
        "negativeTtlMs": round(options.negative_ttl * 1000),
        "maxEntries": options.max_entries,
    }


def milliseconds(seconds: Optional[float]) -> Optional[int]:
    """Returns a timeout in the core's form."""
    if seconds is None:
        return None
    if not seconds > 0:
        raise InvalidConfigurationException(
            "request_timeout must be more than 0 seconds", field="request_timeout"
        )
    return max(1, round(seconds * 1000))
