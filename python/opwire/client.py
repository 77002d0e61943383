"""Clients: `Client` for programs that use `asyncio`, `SyncClient` for others."""

from __future__ import annotations

import json
import os
from types import TracebackType
from typing import (
    Any,
    AsyncGenerator,
    Dict,
    Generator,
    Optional,
    Type,
    TypeVar,
    Union,
)

from . import _core
from ._apis import ClientApis, SyncClientApis
from ._invoker import Invoker, SyncInvoker, raising
from ._search import search, search_sync
from .defaults import (
    CacheOptions,
    DesktopAuth,
    cache_config,
    milliseconds,
    new_default_config,
)
from .transport import Transport, dispatcher
from .types import ItemOverview, ItemSearchParams

__all__ = ["CacheOptions", "Client", "DesktopAuth", "SyncClient", "new_default_config"]

AsyncSelf = TypeVar("AsyncSelf", bound="Client")
SyncSelf = TypeVar("SyncSelf", bound="SyncClient")

CaCerts = Union[bytes, str, "os.PathLike[str]"]


class Client(ClientApis):
    """A signed-in client. One is enough for a program: its methods may run at the same
    time, in any number of tasks and event loops.

    It forgets its keys when it is closed, left as a context manager, or collected.
    """

    def __init__(self, invoker: Invoker) -> None:
        super().__init__(invoker)
        self._invoker = invoker

    @classmethod
    async def authenticate(
        cls: Type[AsyncSelf],
        auth: Union[str, DesktopAuth, None],
        integration_name: str,
        integration_version: str,
        *,
        http_transport: Optional[Transport] = None,
        proxy: Optional[str] = None,
        ca_certs: Optional[CaCerts] = None,
        request_timeout: Optional[float] = None,
        max_retries: Optional[int] = None,
        cache: Union[bool, CacheOptions, None] = None,
    ) -> AsyncSelf:
        """Sign in.

        - `auth`: a service account token.
        - `integration_name`, `integration_version`: what the program is called in the
          account's audit.
        - `http_transport`: sends the requests instead of the built-in HTTP client; see
          `opwire.transport.Transport`.
        - `proxy`: the URL of a proxy. Without it, `HTTPS_PROXY`, `HTTP_PROXY` and
          `NO_PROXY` decide.
        - `ca_certs`: certificates in PEM to trust besides the system's, or their path.
        - `request_timeout`: the longest time for one request, in seconds.
        - `max_retries`: how often a safe request is repeated after a passing failure.
        - `cache`: remember items and references for a while: `True` as `CacheOptions`
          says, or otherwise. Nothing is remembered by default.

        Raises a subclass of `OpwireError` when a value is malformed or sign-in fails.
        """
        config = new_default_config(auth, integration_name, integration_version)
        config["requestTimeoutMs"] = milliseconds(request_timeout)
        config["maxRetries"] = max_retries
        config["cache"] = cache_config(cache)
        dispatch = _dispatch(http_transport, allow_async=True)
        core = _open(config, dispatch, proxy, ca_certs)
        invoker = Invoker(core)
        await invoker.connect()
        return cls(invoker)

    def search_items(
        self, params: Optional[ItemSearchParams] = None
    ) -> AsyncGenerator[ItemOverview, None]:
        """Search like `items.search`, and give the items of each vault as they arrive:
        the vaults are asked side by side, a few at a time. Closing the
        generator, as `contextlib.aclosing` does, ends the requests under way.
        """
        return search(self, params or ItemSearchParams())

    def close(self) -> None:
        """Forget the keys once the calls under way have ended. New calls fail."""
        self._invoker.close()

    async def aclose(self) -> None:
        """The same as `close`, for `contextlib.aclosing`."""
        self.close()

    async def __aenter__(self: AsyncSelf) -> AsyncSelf:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


class SyncClient(SyncClientApis):
    """A signed-in client whose methods wait for their results. One is enough for a
    program: any number of threads may use it at the same time.

    It forgets its keys when it is closed, left as a context manager, or collected.
    """

    def __init__(self, invoker: SyncInvoker) -> None:
        super().__init__(invoker)
        self._invoker = invoker

    @classmethod
    def authenticate(
        cls: Type[SyncSelf],
        auth: Union[str, DesktopAuth, None],
        integration_name: str,
        integration_version: str,
        *,
        http_transport: Optional[Transport] = None,
        proxy: Optional[str] = None,
        ca_certs: Optional[CaCerts] = None,
        request_timeout: Optional[float] = None,
        max_retries: Optional[int] = None,
        cache: Union[bool, CacheOptions, None] = None,
    ) -> SyncSelf:
        """Sign in. The parameters are those of `Client.authenticate`, save that an
        `http_transport` must not be `async`.
        """
        config = new_default_config(auth, integration_name, integration_version)
        config["requestTimeoutMs"] = milliseconds(request_timeout)
        config["maxRetries"] = max_retries
        config["cache"] = cache_config(cache)
        dispatch = _dispatch(http_transport, allow_async=False)
        core = _open(config, dispatch, proxy, ca_certs)
        invoker = SyncInvoker(core)
        invoker.connect()
        return cls(invoker)

    def search_items(
        self, params: Optional[ItemSearchParams] = None
    ) -> Generator[ItemOverview, None, None]:
        """Search like `items.search`, and give the items of each vault as they arrive:
        the vaults are asked side by side, a few at a time. Leaving the
        loop asks no further vault.
        """
        return search_sync(self, params or ItemSearchParams())

    def close(self) -> None:
        """Forget the keys once the calls under way have ended. New calls fail."""
        self._invoker.close()

    def __enter__(self: SyncSelf) -> SyncSelf:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


def _open(
    config: Dict[str, Any],
    dispatch: Optional[_core.Dispatch],
    proxy: Optional[str],
    ca_certs: Optional[CaCerts],
) -> _core.Client:
    pem = None if ca_certs is None else _pem(ca_certs)
    return raising(
        lambda: _core.Client(
            json.dumps(config), proxy=proxy, ca_pem=pem, transport=dispatch
        )
    )


def _dispatch(
    transport: Optional[Transport], *, allow_async: bool
) -> Optional[_core.Dispatch]:
    if transport is None:
        return None
    return dispatcher(transport, allow_async=allow_async)


def _pem(ca_certs: CaCerts) -> bytes:
    if isinstance(ca_certs, bytes):
        return ca_certs
    with open(ca_certs, "rb") as file:
        return file.read()
