"""Encodes values of the types as JSON for the core, and decodes its results.

Bytes are passed beside the JSON. `decode` follows the type hints and does not guess
from values. The core is trusted, so its results are not checked.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import (
    Any,
    Callable,
    Dict,
    List,
    Literal,
    Optional,
    Sequence,
    Tuple,
    Type,
    Union,
    get_args,
    get_origin,
)

from ._check import Refused, ValidationError
from ._model import Model, cache, members_of, time_text
from ._numbers import from_numbers

__all__ = ["decode", "encode"]

# None means that a value stays as it is.
Decoder = Optional[Callable[[Any], Any]]


def encode(value: Any, attachments: List[bytes]) -> Any:
    """Turns a value of the types, or a container of them, into what `json` can write.

    Members that are `None` are left out. Bytes are added to the attachments, and the
    result refers to them.
    """
    if isinstance(value, Model):
        return _encode_model(value, attachments)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        attachments.append(bytes(value))
        return {"attachment": len(attachments) - 1}
    if isinstance(value, (list, tuple)):
        return [encode(entry, attachments) for entry in value]
    if isinstance(value, dict):
        return {key: encode(entry, attachments) for key, entry in value.items()}
    return value


def _encode_model(model: Model, attachments: List[bytes]) -> Dict[str, Any]:
    values = model.__dict__
    encoded = {}
    for name, alias, _, _, _, check in members_of(type(model)):
        value = values.get(name)
        if value is None:
            continue
        # The member may have been set since the value was checked.
        try:
            value = check(value)
        except Refused as refused:
            problems = [(f".{name}{path}", text) for path, text in refused.problems]
        else:
            encoded[alias] = value if type(value) is str else encode(value, attachments)
            continue
        raise ValidationError(type(model).__name__, problems)
    return encoded


def decode(hint: Any, value: Any, attachments: Sequence[bytes] = ()) -> Any:
    """Turns what `json` has read into the type that `hint` names."""
    if hint is bytes:
        # The desktop app attaches nothing.
        return attachments[value["attachment"]] if attachments else from_numbers(value)
    decoder = _decoder(hint)
    return value if decoder is None else decoder(value)


@cache
def _decoder(hint: Any) -> Decoder:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union:
        return _union_decoder([case for case in arguments if case is not type(None)])
    if origin is list:
        return _list_decoder(_decoder(arguments[0]))
    if origin is dict:
        return _dict_decoder(_decoder(arguments[1]))
    if origin is Literal:
        return type(arguments[0])
    kind = origin or hint
    if not isinstance(kind, type):
        raise TypeError(f"{hint!r} is not a type of the contract")
    if issubclass(kind, Model):
        return _model_decoder(kind, arguments)
    if issubclass(kind, Enum):
        return {member.value: member for member in kind}.__getitem__
    if issubclass(kind, datetime):
        return _decode_time
    return None


def _model_decoder(model: Type[Model], arguments: Tuple[Any, ...]) -> Decoder:
    spec = members_of(model, arguments)
    decoders = [(each.name, each.alias, _decoder(each.annotation)) for each in spec]
    new = model.__new__

    def decode_model(value: Dict[str, Any]) -> Model:
        made = new(model)
        try:
            members = {
                name: value[alias] if decoder is None else decoder(value[alias])
                for name, alias, decoder in decoders
            }
        except KeyError:
            members = with_defaults(value)
        made.__dict__.update(members)
        return made

    def with_defaults(value: Dict[str, Any]) -> Dict[str, Any]:
        missing = [m.name for m in spec if m.required and m.alias not in value]
        if missing:
            raise TypeError(f"{model.__name__} came without {', '.join(missing)}")
        whole = {**{m.alias: m.default for m in spec}, **value}
        return {
            name: whole[alias] if decoder is None else decoder(whole[alias])
            for name, alias, decoder in decoders
        }

    return decode_model


def _list_decoder(entry: Decoder) -> Decoder:
    if entry is None:
        return None
    return lambda value: [entry(each) for each in value]


def _dict_decoder(entry: Decoder) -> Decoder:
    if entry is None:
        return None
    return lambda value: {key: entry(each) for key, each in value.items()}


def _union_decoder(cases: List[Any]) -> Decoder:
    """Decodes an optional value, or the case of a union that its `type` names."""
    if len(cases) == 1:
        only = _decoder(cases[0])
        if only is None:
            return None
        return lambda value: None if value is None else only(value)
    decoders = {case.type.value: _model_decoder(case, ()) for case in cases}

    def decode_union(value: Any) -> Any:
        if value is None:
            return None
        decoder = decoders[value["type"]]
        return value if decoder is None else decoder(value)

    return decode_union


def _decode_time(text: str) -> datetime:
    """Reads RFC 3339 in UTC. The result has a time zone because most functions treat a
    time without one as local.
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
