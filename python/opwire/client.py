"""The clients: `Client` for programs that use `asyncio`, `SyncClient` for others."""

from __future__ import annotations

import json
import os
from types import TracebackType
from typing import (
    Any,
    AsyncGenerator,
    Dict,
    Generator,
    Mapping,
    Optional,
    Type,
    TypeVar,
    Union,
)

from . import _core
from ._apis import ClientApis, SyncClientApis
from ._app import AppClient
from ._desktop import open_desktop
from ._invoker import Invoker, SyncInvoker, raising
from ._search import search, search_sync
from .defaults import (
    CacheOptions,
    DesktopAuth,
    cache_config,
    milliseconds,
    new_default_config,
)
from .errors import InvalidConfigurationException
from .transport import Transport, dispatcher
from .types import ItemOverview, ItemSearchParams

__all__ = ["CacheOptions", "Client", "DesktopAuth", "SyncClient", "new_default_config"]

AsyncSelf = TypeVar("AsyncSelf", bound="Client")
SyncSelf = TypeVar("SyncSelf", bound="SyncClient")

CaCerts = Union[bytes, str, "os.PathLike[str]"]


class Client(ClientApis):
    """A signed-in client. One is enough for a program: its methods may run concurrently
    in any number of tasks and event loops.

    The client deletes its keys when it is closed, when its `async with` block ends, or
    when it is garbage-collected.
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

        - `auth`: a service account token, or a `DesktopAuth`.
        - `integration_name`, `integration_version`: the name and version of the
          program, which the account's activity log shows.
        - `http_transport`: sends the requests instead of the built-in HTTP client; see
          `opwire.transport.Transport`.
        - `proxy`: the URL of a proxy. Without it, `HTTPS_PROXY`, `HTTP_PROXY` and
          `NO_PROXY` decide.
        - `ca_certs`: PEM certificates to trust besides the system's, or their path.
        - `request_timeout`: the timeout of one request, in seconds.
        - `max_retries`: how often a read is retried after a transient failure.
        - `cache`: cache items and references: `True` with the defaults of
          `CacheOptions`, or with the options given. Nothing is cached by default.

        Raises a subclass of `OpwireError` if a value is malformed or sign-in fails.
        """
        config = new_default_config(auth, integration_name, integration_version)
        config["requestTimeoutMs"] = milliseconds(request_timeout)
        config["maxRetries"] = max_retries
        config["cache"] = cache_config(cache)
        dispatch = _dispatch(http_transport, allow_async=True)
        core = _open(auth, config, dispatch, proxy, ca_certs)
        invoker = Invoker(core)
        await invoker.connect()
        return cls(invoker)

    def search_items(
        self, params: Optional[ItemSearchParams] = None
    ) -> AsyncGenerator[ItemOverview, None]:
        """Search like `items.search`, and yield the items of each vault as they arrive.
        Several vaults are searched concurrently. Closing the generator, as
        `contextlib.aclosing` does, cancels the requests that are in flight. Added by
        opwire.
        """
        return search(self, params or ItemSearchParams())

    def close(self) -> None:
        """Delete the keys once the calls in flight have ended. New calls fail."""
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
    program: any number of threads may use it concurrently.

    The client deletes its keys when it is closed, when its `with` block ends, or when
    it is garbage-collected.
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
        """Sign in. The parameters are those of `Client.authenticate`, except that
        `http_transport` must not be `async`.
        """
        config = new_default_config(auth, integration_name, integration_version)
        config["requestTimeoutMs"] = milliseconds(request_timeout)
        config["maxRetries"] = max_retries
        config["cache"] = cache_config(cache)
        dispatch = _dispatch(http_transport, allow_async=False)
        core = _open(auth, config, dispatch, proxy, ca_certs)
        invoker = SyncInvoker(core)
        invoker.connect()
        return cls(invoker)

    def search_items(
        self, params: Optional[ItemSearchParams] = None
    ) -> Generator[ItemOverview, None, None]:
        """Search like `items.search`, and yield the items of each vault as they arrive.
        Several vaults are searched concurrently. When the loop is left, no further
        search starts. Added by opwire.
        """
        return search_sync(self, params or ItemSearchParams())

    def close(self) -> None:
        """Delete the keys once the calls in flight have ended. New calls fail."""
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
    auth: Union[str, DesktopAuth, None],
    config: Dict[str, Any],
    dispatch: Optional[_core.Dispatch],
    proxy: Optional[str],
    ca_certs: Optional[CaCerts],
) -> Union[_core.Client, AppClient]:
    if isinstance(auth, DesktopAuth):
        network = {"http_transport": dispatch, "proxy": proxy, "ca_certs": ca_certs}
        _refuse(network)
        return open_desktop(config, auth.library)
    pem = None if ca_certs is None else _pem(ca_certs)
    return raising(
        lambda: _core.Client(
            json.dumps(config), proxy=proxy, ca_pem=pem, transport=dispatch
        )
    )


def _refuse(network: Mapping[str, object]) -> None:
    for name, value in network.items():
        if value is not None:
            raise InvalidConfigurationException(
                f"the agent or app sends the requests, so that {name} has no effect",
                field=name,
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
