"""A program's own HTTP transport, which is passed to a client as `http_transport`."""

from __future__ import annotations

import asyncio
import inspect
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import (
    Any,
    Awaitable,
    Callable,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Set,
    Tuple,
    Union,
)

from . import _core
from ._causes import keep

__all__ = ["HttpRequest", "HttpResponse", "Transport"]


@dataclass(frozen=True)
class HttpRequest:
    """A request to the account server. Do not log its headers and body."""

    method: str
    """The method, in capitals."""
    url: str
    """The absolute URL."""
    headers: Tuple[Tuple[str, str], ...] = field(repr=False)
    """Names in lower case, and values."""
    body: bytes = field(repr=False)
    """The body; empty for none."""
    timeout: float
    """The timeout of the request and its response, in seconds."""


@dataclass(frozen=True)
class HttpResponse:
    """The response to an `HttpRequest`, with any status. Do not follow redirects."""

    status: int
    """The status code."""
    headers: Union[Mapping[str, str], Sequence[Tuple[str, str]]] = field(repr=False)
    """Names and values."""
    body: bytes = field(repr=False)
    """The body, without any content encoding."""


SyncSend = Callable[[HttpRequest], HttpResponse]
AsyncSend = Callable[[HttpRequest], Awaitable[HttpResponse]]

Transport = Any
"""A function from `HttpRequest` to `HttpResponse`, `async` or not, or a client with the
`request` method of `httpx.Client`, `httpx.AsyncClient` or `requests.Session`. One that
is not `async` runs in threads."""


def dispatcher(transport: Transport, *, allow_async: bool) -> _core.Dispatch:
    """Returns the function that the core calls for each request. It does not wait."""
    send = _sender(transport)
    if not _is_async(send):
        return _thread_dispatcher(send)
    if not allow_async:
        raise TypeError("an async http_transport works with Client, not SyncClient")
    return _loop_dispatcher(send)


def _is_async(function: Callable[..., Any]) -> bool:
    method = type(function).__call__
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(method)


def _sender(transport: Transport) -> Callable[[HttpRequest], Any]:
    method = getattr(transport, "request", None)
    if method is None:
        if not callable(transport):
            raise TypeError("http_transport must be callable or have a request method")
        return transport  # type: ignore[no-any-return]
    return _client_sender(method)


def _client_sender(method: Callable[..., Any]) -> Callable[[HttpRequest], Any]:
    """Returns a function that calls the `request` method of httpx or requests."""
    is_httpx = "content" in inspect.signature(method).parameters

    def keywords(request: HttpRequest) -> Dict[str, Any]:
        return {
            "headers": dict(request.headers),
            "timeout": request.timeout,
            "content" if is_httpx else "data": request.body or None,
            "follow_redirects" if is_httpx else "allow_redirects": False,
        }

    if _is_async(method):

        async def send_async(request: HttpRequest) -> HttpResponse:
            response = method(request.method, request.url, **keywords(request))
            return _client_response(await response)

        return send_async

    def send(request: HttpRequest) -> HttpResponse:
        response = method(request.method, request.url, **keywords(request))
        return _client_response(response)

    return send


def _client_response(response: Any) -> HttpResponse:
    return HttpResponse(response.status_code, response.headers, response.content)


def _thread_dispatcher(send: SyncSend) -> _core.Dispatch:
    def dispatch(
        method: str,
        url: str,
        headers: List[Tuple[str, str]],
        body: bytes,
        timeout: float,
        loop: Optional[asyncio.AbstractEventLoop],
        reply: _core.Reply,
    ) -> Callable[[], object]:
        request = HttpRequest(method, url, tuple(headers), body, timeout)

        def run() -> None:
            try:
                _respond(reply, send(request))
            except BaseException as error:
                _fail(reply, error)

        # A daemon thread does not keep the program alive if the transport hangs.
        threading.Thread(target=run, name="opwire-transport", daemon=True).start()
        return _nothing

    return dispatch


def _loop_dispatcher(send: AsyncSend) -> _core.Dispatch:
    def dispatch(
        method: str,
        url: str,
        headers: List[Tuple[str, str]],
        body: bytes,
        timeout: float,
        loop: Optional[asyncio.AbstractEventLoop],
        reply: _core.Reply,
    ) -> Callable[[], object]:
        if loop is None:
            raise RuntimeError("an async http_transport needs an event loop")
        request = HttpRequest(method, url, tuple(headers), body, timeout)
        tasks: List[asyncio.Task[None]] = []

        async def run() -> None:
            try:
                _respond(reply, await send(request))
            except asyncio.CancelledError as error:
                _fail(reply, error)
                raise
            except Exception as error:
                _fail(reply, error)

        def start() -> None:
            tasks.append(loop.create_task(run()))

        def cancel() -> None:
            for task in tasks:
                task.cancel()

        def cancel_soon() -> None:
            # A closed loop refuses the call, and its tasks have ended.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(cancel)

        loop.call_soon_threadsafe(start)
        return cancel_soon

    return dispatch


def _nothing() -> None:
    """Does nothing, because a thread cannot be cancelled. Its response is dropped."""


def _respond(reply: _core.Reply, response: Any) -> None:
    if not isinstance(response, HttpResponse):
        if inspect.iscoroutine(response):
            response.close()
        kind = type(response).__name__
        raise TypeError(f"http_transport returned {kind}, not opwire's HttpResponse")
    headers = response.headers
    pairs = headers.items() if hasattr(headers, "items") else headers
    reply.response(response.status, list(pairs), response.body)


def _fail(reply: _core.Reply, error: BaseException) -> None:
    reply.failure(_kind(error), f"{type(error).__name__}: {error}", keep(error))


_KINDS = (
    ("tls", ssl.SSLError),
    ("dns", socket.gaierror),
    ("refused", ConnectionRefusedError),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yields the error and its causes, also causes that are arguments of exceptions."""
    waiting: List[object] = [error]
    seen: Set[int] = set()
    while waiting:
        next_one = waiting.pop()
        if not isinstance(next_one, BaseException) or id(next_one) in seen:
            continue
        seen.add(id(next_one))
        yield next_one
        waiting += [next_one.__cause__, next_one.__context__, *next_one.args]
        waiting.append(getattr(next_one, "reason", None))


def _kind(error: BaseException) -> str:
    """Returns the core's name for a failure of Python, httpx or requests."""
    names = {base.__name__ for base in type(error).__mro__}
    causes = list(_causes(error))
    for kind, sort in _KINDS:
        if any(isinstance(cause, sort) for cause in causes):
            return kind
    if "ProxyError" in names:
        return "proxy"
    if names & {"ConnectError", "ConnectTimeout"}:
        return "connect"
    if names & {"TimeoutError", "TimeoutException", "Timeout"}:
        return "timeout"
    if names & {"OSError", "TransportError", "CancelledError"}:
        return "interrupted"
    return "other"
