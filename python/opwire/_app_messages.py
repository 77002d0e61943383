"""The messages of the public desktop app's library."""

from __future__ import annotations

import base64
import json
import sys
from typing import Literal, Optional

from ._core import CoreError
from ._numbers import from_numbers

__all__ = [
    "RETRYABLE",
    "Kind",
    "decode_answer",
    "encode_request",
    "failure",
    "has_expired",
    "transport_failure",
]

Kind = Literal["init_client", "invoke", "release_client"]

_EXPIRED = "DesktopSessionExpired"

RETRYABLE = (
    _EXPIRED,
    "AgentUnavailable",
    "RateLimitExceeded",
    "ServerError",
    "Timeout",
    "Network",
)
"""The kinds of failures after which the same call may succeed. The app does not say
it."""


def encode_request(kind: Kind, account: str, payload: str) -> bytes:
    """Returns a request, whose payload is the text that the core would get."""
    encoded = base64.b64encode(payload.encode()).decode()
    request = {"kind": kind, "account_name": account, "payload": encoded}
    return json.dumps(request, separators=(",", ":")).encode()


def decode_answer(answer: bytes) -> str:
    """Returns the text of the answer. Raises the failure that it may be."""
    try:
        members = json.loads(answer)
        success, payload = members["success"], members["payload"]
        if isinstance(payload, str):
            text = base64.b64decode(payload, validate=True).decode()
        else:
            text = from_numbers(payload).decode()
    except Exception as error:
        why = f"the answer of the 1Password app cannot be read: {type(error).__name__}"
        raise failure("InvalidResponse", why) from None
    if success is True:
        return text
    raise _reported(text)


def failure(name: str, message: str, *, retryable: bool = False) -> CoreError:
    """Returns a failure in the core's form."""
    return CoreError(
        json.dumps({"name": name, "message": message, "retryable": retryable})
    )


def has_expired(error: CoreError) -> bool:
    """Returns whether what the person approved has ended."""
    return bool(json.loads(error.args[0])["name"] == _EXPIRED)


def _reported(text: str) -> CoreError:
    """Returns the failure of a text: JSON with a name and a message, or any text."""
    try:
        named = json.loads(text)
        name, _ = str(named["name"]), str(named["message"])
    except (ValueError, TypeError, KeyError):
        return failure("Unknown", text)
    return CoreError(json.dumps({"retryable": name in RETRYABLE, **named}))


_CLOSED = "it does not listen"
_DROPPED = "it dropped the connection"

_CODES = (
    {-3: _CLOSED, -7: _DROPPED}
    if sys.platform == "darwin"
    else {-2: _CLOSED, -5: _DROPPED}
)


def transport_failure(code: int) -> CoreError:
    """Returns the failure for a return code of the library."""
    known: Optional[str] = _CODES.get(code)
    if known is None:
        return failure(
            "Internal",
            "an internal error occurred. Please contact 1Password support and mention "
            f"the return code: {code}",
        )
    return failure(
        "AgentUnavailable",
        f"the 1Password app cannot be reached: {known}: start it, unlock it, and "
        'switch on "Integrate with other apps" in its settings for developers',
        retryable=True,
    )
