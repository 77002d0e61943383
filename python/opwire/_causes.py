"""The failures of the network that failures of calls come from, as Python's errors."""

from __future__ import annotations

import itertools
import socket
import ssl
from collections import OrderedDict
from typing import Any, Dict, Optional, Type

__all__ = ["cause_of", "keep"]

_MAX_KEPT = 64
"""More than calls fail at once."""

_kept: OrderedDict[int, BaseException] = OrderedDict()
_numbers = itertools.count(1)

_KINDS: Dict[str, Type[OSError]] = {
    "dns": socket.gaierror,
    "refused": ConnectionRefusedError,
    "interrupted": ConnectionResetError,
    "timeout": TimeoutError,
    "tls": ssl.SSLError,
}


def keep(error: BaseException) -> int:
    """Keeps the error of a transport of the program's own for a while, by a number."""
    number = next(_numbers)
    _kept[number] = error
    while len(_kept) > _MAX_KEPT:
        _kept.popitem(last=False)
    return number


def cause_of(failure: Dict[str, Any]) -> Optional[BaseException]:
    """The cause of a failure: the transport's own error, or one of its kind."""
    cause = failure.get("cause")
    if cause is None:
        return None
    own = _kept.get(cause.get("id", 0))
    return own or _KINDS.get(cause["kind"], ConnectionError)(cause["message"])
