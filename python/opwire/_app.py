"""Clients whose calls the public desktop app makes. Its library is the transport."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
import weakref
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional

from . import _core
from ._app_library import AppLibrary
from ._app_messages import Kind, decode_answer, encode_request, failure, has_expired
from ._numbers import with_numbers
from .errors import InvalidConfigurationException

__all__ = ["AppClient", "AppTask"]

_DEFAULT_TIMEOUT = 120.0
"""How many seconds a call waits for the app, which may ask the person, unless
`request_timeout` says otherwise."""

_SIGNAL_INTERVAL = 0.05
"""How often a waiting thread checks for Ctrl-C, in seconds."""

Work = Callable[["Future[str]"], str]


class AppClient:
    """Does what `_core.Client` does.

    The library blocks, and cannot cancel what it does. So each call has a thread of its
    own, which nobody waits for any more after the deadline, or when the caller is
    cancelled. It is a daemon, so that it does not keep the program alive.
    """

    def __init__(self, library: AppLibrary, config: Dict[str, Any]) -> None:
        self._app = _App(library, config)
        # When the program ends, its session does too.
        weakref.finalize(self, self._app.close).atexit = False

    def connect(
        self, event_loop: asyncio.AbstractEventLoop, on_done: _core.OnDone
    ) -> AppTask:
        return AppTask(self._app, self._app.sign_in, event_loop, on_done)

    def invoke(
        self,
        name: str,
        parameters: str,
        attachments: List[bytes],
        event_loop: asyncio.AbstractEventLoop,
        on_done: _core.OnDone,
    ) -> AppTask:
        call = self._app.call(name, parameters, attachments)
        return AppTask(self._app, call, event_loop, on_done)

    def connect_blocking(self) -> _core.Result:
        return self._app.wait(self._app.sign_in)

    def invoke_blocking(
        self, name: str, parameters: str, attachments: List[bytes]
    ) -> _core.Result:
        return self._app.wait(self._app.call(name, parameters, attachments))

    def close(self) -> None:
        self._app.close()


class AppTask:
    """A call in progress, for a caller that uses `asyncio`."""

    def __init__(
        self,
        app: _App,
        work: Work,
        event_loop: asyncio.AbstractEventLoop,
        on_done: _core.OnDone,
    ) -> None:
        app.enter()
        self._app = app
        self._outcome = _in_thread(work)
        late = app.late().args[0]
        self._timer = event_loop.call_later(app.timeout, on_done, None, late)

        def report(outcome: Future[str]) -> None:
            if outcome.cancelled():
                return
            error = outcome.exception()
            if error is None:
                on_done((outcome.result(), []), None)
            else:
                on_done(None, error.args[0])

        self._outcome.add_done_callback(report)

    def cancel(self) -> None:
        """Gives the call up, unless it has ended. Called once, by the event loop."""
        self._timer.cancel()
        self._outcome.cancel()
        self._app.leave()


@dataclass
class _SignIn:
    """A sign-in, in progress or done, which the calls that need it share."""

    id: Future[str]
    until: float
    """When nobody waits for it any more."""

    def is_usable(self) -> bool:
        if self.id.done():
            return self.id.exception() is None
        # One that hangs is left behind: the app may have been started again since.
        return time.monotonic() < self.until


class _Session:
    """What a process has of a client. A forked child signs in for itself."""

    def __init__(self) -> None:
        self.process = os.getpid()
        # Not held during a wait. Reentrant, because the garbage collector may close a
        # client at any point.
        self.lock = threading.RLock()
        self.sign_in: Optional[_SignIn] = None
        self.callers = 0


class _App:
    """A client of the app, to which the threads of its calls refer."""

    def __init__(self, library: AppLibrary, config: Dict[str, Any]) -> None:
        config = _refused(config)
        timeout = config.pop("requestTimeoutMs", None)
        self.timeout = _DEFAULT_TIMEOUT if timeout is None else timeout / 1000
        self._library = library
        self._account = config.pop("accountName")
        self._config = json.dumps(config)
        self._closed = False
        self._of_process = _Session()

    def late(self) -> _core.CoreError:
        return failure(
            "Timeout",
            "request timeout: the 1Password app did not answer within "
            f"{self.timeout:g} seconds",
            retryable=True,
        )

    def enter(self) -> None:
        """Counts a caller in."""
        if self._closed:
            raise failure("ClientClosed", "the client is closed")
        session = self._session()
        with session.lock:
            session.callers += 1

    def leave(self) -> None:
        session = self._session()
        with session.lock:
            session.callers -= 1
        self._release_unused()

    def close(self) -> None:
        """Ends the session once nobody waits for a call. New calls fail."""
        self._closed = True
        self._release_unused()

    def wait(self, work: Work) -> _core.Result:
        """Waits for the outcome until the deadline. Ctrl-C gives the call up."""
        self.enter()
        outcome = _in_thread(work)
        deadline = time.monotonic() + self.timeout
        try:
            while not outcome.done():
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise self.late()
                wait([outcome], min(remaining, _SIGNAL_INTERVAL))
            return outcome.result(), []
        finally:
            outcome.cancel()
            self.leave()

    def sign_in(self, _: Future[str]) -> str:
        """Signs in, unless that is done or in progress."""
        self._id_of(self._current())
        return ""

    def call(self, name: str, parameters: str, attachments: List[bytes]) -> Work:
        """Returns a call. If what the person approved has ended, it signs in again,
        once.
        """
        method = (
            f'{{"name":{json.dumps(name)},'
            f'"parameters":{with_numbers(parameters, attachments)}}}'
        )

        def invoke(outcome: Future[str]) -> str:
            used = self._current()
            try:
                return self._invoke_as(used, method)
            except _core.CoreError as error:
                # If nobody waits any more, the app must not ask the person.
                if not has_expired(error) or outcome.cancelled():
                    raise
            return self._invoke_as(self._current(ended=used), method)

        return invoke

    def _invoke_as(self, sign_in: _SignIn, method: str) -> str:
        client = f'"clientId":{self._id_of(sign_in)}'
        return self._send(
            "invoke", f'{{"invocation":{{{client},"parameters":{method}}}}}'
        )

    def _id_of(self, sign_in: _SignIn) -> str:
        remaining = max(0.0, sign_in.until - time.monotonic())
        wait([sign_in.id], remaining)
        if not sign_in.id.done():
            raise self.late()
        return sign_in.id.result()

    def _current(self, ended: Optional[_SignIn] = None) -> _SignIn:
        session = self._session()
        with session.lock:
            current = session.sign_in
            if current is None or current is ended or not current.is_usable():
                until = time.monotonic() + self.timeout
                current = _SignIn(_in_thread(self._begin), until)
                session.sign_in = current
            return current

    def _begin(self, _: Future[str]) -> str:
        client = self._send("init_client", self._config)
        # It goes into JSON as it is.
        if client.isascii() and client.isdigit():
            return client
        why = "the 1Password app answered a sign-in without an id"
        raise failure("InvalidResponse", why)

    def _session(self) -> _Session:
        if self._of_process.process != os.getpid():
            self._of_process = _Session()
        return self._of_process

    def _release_unused(self) -> None:
        session = self._session()
        with session.lock:
            if not self._closed or session.callers > 0:
                return
            sign_in, session.sign_in = session.sign_in, None
        if sign_in is not None:
            # If it fails, the session ends with the program.
            _in_thread(lambda _: self._send("release_client", self._id_of(sign_in)))

    def _send(self, kind: Kind, payload: str) -> str:
        request = encode_request(kind, self._account, payload)
        return decode_answer(self._library.send(request))


def _in_thread(work: Work) -> Future[str]:
    """Runs the work in a thread of its own. Cancelling the future gives the work up."""
    outcome: Future[str] = Future()

    def run() -> None:
        # It may be cancelled at any time.
        with suppress(InvalidStateError):
            try:
                outcome.set_result(work(outcome))
            except InvalidStateError:
                raise
            except _core.CoreError as error:
                outcome.set_exception(error)
            except BaseException as error:
                # Its text may quote a secret.
                why = f"an internal error occurred: {type(error).__name__}"
                outcome.set_exception(failure("Internal", why))

    try:
        threading.Thread(target=run, name="opwire-app", daemon=True).start()
    except RuntimeError as error:
        outcome.set_exception(
            failure("Internal", f"an internal error occurred: {error}")
        )
    return outcome


_NOT_OF_THE_APP = {"maxRetries": "max_retries", "cache": "cache"}


def _refused(config: Dict[str, Any]) -> Dict[str, Any]:
    """Returns the configuration for the app. Refuses what the app cannot do, so that
    nothing that a program asks for is ignored.
    """
    rest = {name: value for name, value in config.items() if value is not None}
    scope = "vaults" if "vaults" in rest else "read_only"
    if rest.pop("vaults", None) is not None or rest.pop("readOnly", False):
        raise InvalidConfigurationException(
            "the 1Password app cannot limit a program to some vaults, or to reading: "
            "leave vaults and read_only out, or start the agent, which can: "
            "`opwire agent`",
            field=scope,
        )
    for name, option in _NOT_OF_THE_APP.items():
        if name in rest:
            raise InvalidConfigurationException(
                f"the 1Password app has no {option}: leave it out", field=option
            )
    rest["requestLibraryName"] = "op_sdk_ipc_client"
    rest["requestLibraryVersion"] = _core.__version__
    return rest
