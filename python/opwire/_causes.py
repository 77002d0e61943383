"""The network failures that made calls fail, as Python exceptions."""

from __future__ import annotations

import itertools
import socket
import ssl
from collections import OrderedDict
from typing import Any, Dict, Optional, Type

__all__ = ["cause_of", "keep"]

_MAX_KEPT = 64
"""The number of errors that are kept: more than calls that fail at the same time."""

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
    """Keeps an error of the program's own transport for a while; returns its id."""
    number = next(_numbers)
    _kept[number] = error
    while len(_kept) > _MAX_KEPT:
        _kept.popitem(last=False)
    return number


def cause_of(failure: Dict[str, Any]) -> Optional[BaseException]:
    """Returns the cause of a failure: the transport's own error, or a new one."""
    cause = failure.get("cause")
    if cause is None:
        return None
    own = _kept.get(cause.get("id", 0))
    return own or _KINDS.get(cause["kind"], ConnectionError)(cause["message"])
