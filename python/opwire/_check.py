"""Checks values against type hints, and converts values whose meaning is clear.

No message contains a value, because it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import (
    Any,
    Callable,
    Dict,
    List,
    Literal,
    Optional,
    Tuple,
    Type,
    Union,
    get_args,
    get_origin,
)

from .errors import InvalidInvocationException

__all__ = ["Check", "Refused", "ValidationError", "checker", "time_of"]

Check = Callable[[Any], Any]
Problems = List[Tuple[str, str]]


class ValidationError(InvalidInvocationException, ValueError, TypeError):
    """A value is invalid, or cannot be sent. The message lists every mistake, but does
    not contain values.
    """

    def __init__(self, model: str, problems: Problems) -> None:
        lines = [f"{model}{path} {text}" for path, text in problems]
        super().__init__("\n".join(lines), field=problems[0][0].lstrip(".") or None)
        self._arguments = (model, problems)

    def __reduce__(self) -> Any:
        return type(self), self._arguments


class Refused(Exception):
    """A value does not have its type. Each problem has its place in the value."""

    def __init__(self, problems: Problems) -> None:
        super().__init__()
        self.problems = problems


def checker(hint: Any, model: type, made: Callable[..., Any]) -> Check:
    """Returns the check of a type hint. `model` is the base class of the types, and
    `made` makes a value of such a type.
    """

    def of(hint: Any) -> Check:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Union:
            cases = [case for case in arguments if case is not type(None)]
            check = of(cases[0]) if len(cases) == 1 else _union(cases, of)
            return lambda value: None if value is None else check(value)
        if origin is list:
            return _list(arguments[0], of(arguments[0]))
        if origin is dict:
            return _dict(of(arguments[1]))
        if origin is Literal:
            return _literal(arguments[0])
        kind = origin or hint
        if not isinstance(kind, type):
            return lambda value: value
        if issubclass(kind, model):
            return _model(kind, lambda given: made(kind, arguments, given))
        if issubclass(kind, Enum):
            return _enum(kind)
        return _SIMPLE.get(kind, lambda value: value)

    return of(hint)


def _refused(wanted: str, value: Any, remedy: str) -> Refused:
    given = "None" if value is None else type(value).__name__
    return Refused([("", f"must be {wanted}, not {given}: {remedy}")])


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (bytes, bytearray)):
        text = _decoded(value)
        if text is None:
            raise Refused([("", "must be text, and these bytes are not UTF-8")])
        return text
    remedy = "pass '' for none" if value is None else "convert it, as str() does"
    raise _refused("text", value, remedy)


def _decoded(value: Union[bytes, bytearray]) -> Optional[str]:
    # The error contains the bytes, so it must not become the context of ours.
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    whole = None
    if isinstance(value, int):
        whole = int(value)
    elif isinstance(value, float):
        whole = int(value) if value.is_integer() else None
    elif isinstance(value, (str, bytes)):
        text = value if isinstance(value, str) else value.decode("ascii", "replace")
        digits = re.fullmatch(r"\s*([+-]?[0-9]+)(\.0*)?\s*", text)
        whole = int(digits[1]) if digits else None
    elif hasattr(type(value), "__index__"):
        whole = value.__index__()
    if whole is None:
        raise _refused("a whole number", value, "pass an int")
    return whole


_BOOLS: Dict[Any, bool] = {
    **dict.fromkeys((1, "1", "true", "t", "yes", "y", "on"), True),
    **dict.fromkeys((0, "0", "false", "f", "no", "n", "off"), False),
}


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    key = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    key = key.lower() if isinstance(key, str) else key
    if not isinstance(key, (int, float, str)) or key not in _BOOLS:
        raise _refused("a bool", value, "pass True or False")
    return _BOOLS[key]


def _bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (list, tuple)):
        octets = all(isinstance(each, int) and 0 <= each < 256 for each in value)
        if octets:
            return bytes(value)
        problem = "must be bytes, and this list has values other than numbers to 255"
        raise Refused([("", problem)])
    text = isinstance(value, str)
    remedy = "encode the text, as .encode() does" if text else "pass bytes"
    raise _refused("bytes", value, remedy)


_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)"
)


def _time(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    time = time_of(value) if isinstance(value, str) else None
    if time is None:
        form = "pass a datetime, or text such as 2024-01-31T12:00:00Z"
        raise _refused("a time", value, form)
    return time


def time_of(text: str) -> Optional[datetime]:
    """Returns the time of an RFC 3339 text in UTC, or None if the text is malformed. It
    has a time zone because most functions treat a time without one as local.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    date, time, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{time}")
        microseconds = int((fraction or "").ljust(6, "0")[:6])
        offset = timedelta()
        if zone not in "Zz":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
            offset = -offset if zone[0] == "-" else offset
        moment = moment.replace(microsecond=microseconds) - offset
    except (OverflowError, ValueError):
        return None
    return moment.replace(tzinfo=timezone.utc)


_SIMPLE: Dict[type, Check] = {
    str: _text,
    int: _integer,
    bool: _bool,
    bytes: _bytes,
    datetime: _time,
}


_MAY_BE_NONE = frozenset({"AutofillBehavior"})
"""The enums for which the core treats null as the default."""


def _enum(kind: Type[Enum]) -> Check:
    may_be_none = kind.__name__ in _MAY_BE_NONE
    members = {member.value: member for member in kind}

    def check(value: Any) -> Any:
        if type(value) is kind or (value is None and may_be_none):
            return value
        if isinstance(value, bytes):
            value = _decoded(value)
        plain = isinstance(value, str) and not isinstance(value, Enum)
        if plain and value in members:
            return members[value]
        values = ", ".join(map(repr, members))
        what = "this text, which is none of them" if plain else type(value).__name__
        text = f"must be one of {kind.__name__}, not {what}: {values}"
        raise Refused([("", text)])

    return check


def _literal(member: Enum) -> Check:
    def check(value: Any) -> Any:
        if value == member:
            return member
        raise Refused([("", f"must be {member.value!r} here: leave it out")])

    return check


def _model(kind: type, made: Callable[[Mapping[str, Any]], Any]) -> Check:
    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if isinstance(value, Mapping):
            return made(value)
        remedy = "pass one, or a dict of its members"
        raise _refused(f"of type {kind.__name__}", value, remedy)

    return check


def _union(cases: List[Any], of: Callable[[Any], Check]) -> Check:
    """Accepts a value of one of the classes, or a dict with the members of one. If the
    dict has no `type`, the first class that accepts it is used.
    """
    kinds = tuple(case for case in cases)
    by_type = {case.type.value: of(case) for case in cases}

    def check(value: Any) -> Any:
        if isinstance(value, kinds):
            return value
        if isinstance(value, Mapping):
            if "type" in value:
                name = getattr(value["type"], "value", value["type"])
                if isinstance(name, str) and name in by_type:
                    return by_type[name](value)
            else:
                for case in by_type.values():
                    try:
                        return case(value)
                    except Refused:
                        continue
            types = " or ".join(map(repr, by_type))
            raise Refused(
                [("", f"must have the type {types}, and the members of that type")]
            )
        names = " or ".join(case.__name__ for case in cases)
        raise _refused(f"of type {names}", value, "pass one, or a dict with its type")

    return check


def _list(hint: Any, check: Check) -> Check:
    def check_list(value: Any) -> List[Any]:
        if value is None:
            return []  # A list may be null in JSON.
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            of = getattr(hint, "__name__", str(hint))
            raise _refused(f"a list of {of}", value, "pass a list")
        checked: List[Any] = []
        problems: Problems = []
        for position, entry in enumerate(value):
            try:
                checked.append(check(entry))
            except Refused as refused:
                problems += [(f"[{position}]{p}", text) for p, text in refused.problems]
        if problems:
            raise Refused(problems)
        return checked

    return check_list


def _dict(check: Check) -> Check:
    def check_dict(value: Any) -> Dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _refused("a dict", value, "pass a dict")
        checked: Dict[str, Any] = {}
        problems: Problems = []
        for key, entry in value.items():
            try:
                checked[_text(key)] = check(entry)
            except Refused as refused:
                problems += [(f"[{key!r}]{p}", text) for p, text in refused.problems]
        if problems:
            raise Refused(problems)
        return checked

    return check_dict
