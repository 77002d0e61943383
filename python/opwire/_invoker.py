"""Passes calls to the core, for the generated classes."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple, TypeVar, Union, cast

from . import _core
from ._app import AppClient, AppTask
from ._causes import cause_of
from ._error import OpwireError
from ._wire import decode, encode
from .errors import ERROR_CLASSES

__all__ = ["Invoker", "SyncInvoker", "exception_of", "invoke_offline", "raising"]

T = TypeVar("T")

Reply = Tuple[str, List[bytes]]
OnDone = Callable[[Optional[Reply], Optional[str]], None]
Core = Union[_core.Client, AppClient]
Start = Callable[[asyncio.AbstractEventLoop, OnDone], Union[_core.Task, AppTask]]


class Invoker:
    """The calls of a `Client`. They may come from any number of event loops."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def connect(self) -> None:
        await _await_call(self._core.connect)

    async def invoke(
        self,
        name: str,
        parameters: Dict[str, Any],
        result: object = None,
    ) -> T:
        """Runs a method. `result` is the type of what it returns, as a type hint."""
        start = partial(self._core.invoke, name, *_to_json(parameters))
        return _from_json(result, await _await_call(start))

    def close(self) -> None:
        self._core.close()


class SyncInvoker:
    """The calls of a `SyncClient`. They may come from any number of threads."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def connect(self) -> None:
        raising(self._core.connect_blocking)

    def invoke(
        self,
        name: str,
        parameters: Dict[str, Any],
        result: object = None,
    ) -> T:  # type: ignore[type-var]
        """Runs a method. `result` is the type of what it returns, as a type hint."""
        call = partial(self._core.invoke_blocking, name, *_to_json(parameters))
        return _from_json(result, raising(call))

    def close(self) -> None:
        self._core.close()


def invoke_offline(
    name: str,
    parameters: Dict[str, Any],
    result: object = None,
) -> T:  # type: ignore[type-var]
    """Runs a method that needs neither client nor network."""
    text, _ = _to_json(parameters)
    return _from_json(result, (raising(partial(_core.invoke_offline, name, text)), []))


async def _await_call(start: Start) -> Reply:
    """Waits for a call of the core, and cancels the call if the wait is cancelled.

    docs/decisions/0017 says why there is a bridge of our own.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Reply] = loop.create_future()

    def settle(result: Optional[Reply], error: Optional[str]) -> None:
        if outcome.done():
            return
        if error is None:
            outcome.set_result(result or ("", []))
        else:
            outcome.set_exception(exception_of(error))

    def on_done(result: Optional[Reply], error: Optional[str]) -> None:
        # A closed loop refuses the call, and nobody waits for the result.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, error)

    task = raising(partial(start, loop, on_done))
    try:
        return await outcome
    finally:
        task.cancel()


R = TypeVar("R")


def raising(call: Callable[[], R]) -> R:
    """Makes the call, and raises the core's failures as the public exceptions."""
    try:
        return call()
    except _core.CoreError as error:
        failure = exception_of(error.args[0])
    raise failure


def exception_of(text: str) -> OpwireError:
    """Returns the public exception for a failure of the core, which is JSON."""
    failure = json.loads(text)
    wait = failure.get("retryAfterMs")
    error = ERROR_CLASSES.get(failure["name"], OpwireError)(
        failure["message"],
        retryable=failure.get("retryable", False),
        field=failure.get("field"),
        status=failure.get("status"),
        retry_after=None if wait is None else wait / 1000,
    )
    error.__cause__ = cause_of(failure)
    return error


def _to_json(parameters: Dict[str, Any]) -> Tuple[str, List[bytes]]:
    """Returns the parameters as JSON, and the bytes that the JSON refers to."""
    attachments: List[bytes] = []
    return json.dumps(encode(parameters, attachments)), attachments


def _from_json(result: object, reply: Reply) -> T:  # type: ignore[type-var]
    text, attachments = reply
    if result is None:
        return cast(T, None)
    return cast(T, decode(result, json.loads(text), attachments))
