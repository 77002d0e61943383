"""What the generated types are made of, and their JSON.

A type is a dataclass over `Model`; its members are spelled `like_this` in Python and
`likeThis` in JSON. `decode` follows the type hints, so it never guesses from a value.
"""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from typing import (
    Any,
    Callable,
    Dict,
    Iterator,
    List,
    Literal,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

__all__ = ["Model", "decode", "encode"]

Built = TypeVar("Built")
Decoder = Callable[[Any], Any]


class ModelType(type):
    """Lets members be given by their JSON names too, as the public SDK does."""

    def __call__(cls: Type[Built], *args: Any, **members: Any) -> Built:
        members = {_python_name(name): value for name, value in members.items()}
        return super().__call__(*args, **members)  # type: ignore[misc, no-any-return]


class Model(metaclass=ModelType):
    """A value of the contract. Iterating gives its members: `dict(item)`."""

    def __iter__(self) -> Iterator[Tuple[str, Any]]:
        for field in fields(self):  # type: ignore[arg-type]
            yield field.name, getattr(self, field.name)


def encode(value: Any, attachments: List[bytes]) -> Any:
    """Turns a value of the types, or a container of them, into what `json` can write.

    Members that are `None` are left out. Bytes go to the attachments, and what is
    written refers to them.
    """
    if isinstance(value, Model):
        return {
            _json_name(name): encode(member, attachments)
            for name, member in value
            if member is not None
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return _encode_time(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        attachments.append(bytes(value))
        return {"attachment": len(attachments) - 1}
    if isinstance(value, (list, tuple)):
        return [encode(entry, attachments) for entry in value]
    if isinstance(value, dict):
        return {key: encode(entry, attachments) for key, entry in value.items()}
    return value


def decode(hint: Any, value: Any, attachments: Sequence[bytes] = ()) -> Any:
    """Turns what `json` has read into the type that `hint` names."""
    if hint is bytes:
        return attachments[value["attachment"]]
    return _decoder(hint)(value)


@cache
def _decoder(hint: Any) -> Decoder:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union:
        return _union_decoder([case for case in arguments if case is not type(None)])
    if origin is list:
        entry = _decoder(arguments[0])
        return lambda value: [entry(each) for each in value]
    if origin is dict:
        entry = _decoder(arguments[1])
        return lambda value: {key: entry(each) for key, each in value.items()}
    if origin is Literal:
        return type(arguments[0])
    kind = origin or hint
    if not isinstance(kind, type):
        raise TypeError(f"{hint!r} is not a type of the contract")
    if issubclass(kind, Model):
        return _model_decoder(kind, arguments)
    if issubclass(kind, Enum):
        return kind
    if issubclass(kind, datetime):
        return _decode_time
    return lambda value: value


def _model_decoder(model: type, arguments: Tuple[Any, ...]) -> Decoder:
    variables = dict(zip(getattr(model, "__parameters__", ()), arguments))
    members: List[Tuple[str, str, Decoder]] = []
    for name, hint in get_type_hints(model).items():
        parameters = getattr(hint, "__parameters__", ())
        if parameters:
            hint = hint[tuple(variables.get(each, Any) for each in parameters)]
        members.append((name, _json_name(name), _decoder(hint)))

    def decode_model(value: Dict[str, Any]) -> Any:
        # Past `ModelType`: the names are Python's already.
        return type.__call__(
            model,
            **{
                name: decoder(value[key])
                for name, key, decoder in members
                if key in value
            },
        )

    return decode_model


def _union_decoder(cases: List[Any]) -> Decoder:
    """Decodes an optional value, or the case of a union that its `type` names."""
    if len(cases) == 1:
        only = _decoder(cases[0])
        return lambda value: None if value is None else only(value)
    decoders = {case.type.value: _decoder(case) for case in cases}
    return lambda value: None if value is None else decoders[value["type"]](value)


def _json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _python_name(name: str) -> str:
    if name.islower():
        return name
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def _decode_time(text: str) -> datetime:
    """Reads RFC 3339 in UTC. The result has its time zone: most functions would take a
    time without one for local.
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _encode_time(time: datetime) -> str:
    if time.tzinfo is not None:
        time = time.astimezone(timezone.utc).replace(tzinfo=None)
    return time.isoformat() + "Z"
