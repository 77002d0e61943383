"""What a client tells the account server about itself."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Any, Dict, Optional, Union

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
    """Sign-in through the desktop app, by an account's name. Not available yet."""

    def __init__(self, account_name: str) -> None:
        self.account_name = account_name


def new_default_config(
    auth: Union[str, DesktopAuth, None],
    integration_name: str,
    integration_version: str,
) -> Dict[str, Any]:
    """The client configuration for a service account token and a program's name."""
    if isinstance(auth, DesktopAuth):
        raise InvalidConfigurationException(
            "sign-in through the desktop app is not available in this version of "
            "opwire; pass a service account token as `auth`",
            field="auth",
        )
    return {
        # A missing environment variable is None; the core says what to do about it.
        "serviceAccountToken": auth or "",
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


@dataclass(frozen=True)
class CacheOptions:
    """What `secrets.resolve`, `secrets.resolve_all` and `items.get` remember of what
    they read. A write of the same client makes it forget what it concerns. Items are
    kept sealed, as the server sends them.
    """

    ttl: float = DEFAULT_CACHE_TTL_MS / 1000
    """How long an item is as good as a new one, in seconds."""
    stale: float = 0
    """How long an older one is still given, in seconds, while one call refreshes it or
    the server fails.
    """
    negative_ttl: float = DEFAULT_CACHE_NEGATIVE_TTL_MS / 1000
    """How long it is remembered that something is missing, in seconds."""
    max_entries: int = DEFAULT_CACHE_MAX_ENTRIES
    """How many items and references are kept."""


def cache_config(cache: Union[bool, CacheOptions, None]) -> Optional[Dict[str, int]]:
    """A cache as the core wants it."""
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
    """A timeout as the core wants it."""
    if seconds is None:
        return None
    if not seconds > 0:
        raise InvalidConfigurationException(
            "request_timeout must be more than 0 seconds", field="request_timeout"
        )
    return max(1, round(seconds * 1000))
