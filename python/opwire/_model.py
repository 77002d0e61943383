"""The base class of the generated types.

A type is a subclass of `Model` with annotated members, which are spelled `like_this` in
Python and `likeThis` in JSON. Its values are checked and converted when they are made,
as pydantic does. `Model` has pydantic's methods, for programs that call them.
docs/decisions/0065 says why pydantic is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from enum import Enum
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Set,
    Tuple,
    Type,
    TypeVar,
    Union,
    get_type_hints,
)

from ._check import Check, Refused, ValidationError, checker

if TYPE_CHECKING:
    from dataclasses import Field
    from typing import ClassVar

    Function = TypeVar("Function")

    # mypy considers a class not hashable if its instances are not.
    def cache(function: Function) -> Function: ...
else:
    from functools import cache

__all__ = ["Member", "Model", "cache", "members_of", "time_text"]

Self = TypeVar("Self", bound="Model")

# The members or positions of a list that are included or excluded. A mapping gives the
# selection within each value. `__all__` means every position.
Selection = Union[Set[str], Set[int], Mapping[str, Any], Mapping[int, Any], None]


class Member(NamedTuple):
    """One member of a type."""

    name: str
    alias: str
    """The name in JSON."""
    annotation: Any
    required: bool
    default: Any
    check: Check

    def is_required(self) -> bool:
        """Returns whether the member is required."""
        return self.required


class _OfClass:
    """A property of classes and their instances."""

    def __init__(self, value_of: Callable[[Type[Model]], Any]) -> None:
        self._value_of = value_of

    def __get__(self, instance: Optional[Model], owner: Type[Model]) -> Any:
        return self._value_of(owner)


class Model:
    """A value of the contract. Iterating yields its members: `dict(item)`."""

    __slots__ = ("_given",)

    if TYPE_CHECKING:
        _given: Set[str]
        _secret: ClassVar[FrozenSet[str]]
        model_fields: ClassVar[Dict[str, Member]]
        __dataclass_fields__: ClassVar[Dict[str, Field[Any]]]
    else:
        _secret = frozenset()
        model_fields = _OfClass(
            lambda model: {member.name: member for member in members_of(model)}
        )
        # Makes `dataclasses.replace` and similar functions work.
        __dataclass_fields__ = _OfClass(lambda model: _dataclass_fields(model))
        __match_args__ = _OfClass(lambda model: _positions(model))

    def __init_subclass__(cls, secret: Tuple[str, ...] = ()) -> None:
        super().__init_subclass__()
        if secret:
            cls._secret = cls._secret.union(secret)

    def __init__(self, *values: Any, **members: Any) -> None:
        given = _with_positions(type(self), values, members) if values else members
        problems = self._take(given, members_of(type(self)))
        if problems:
            raise ValidationError(type(self).__name__, problems)

    def _take(
        self, given: Mapping[str, Any], members: Tuple[Member, ...]
    ) -> List[Tuple[str, str]]:
        """Sets the members that are given, and returns the problems with them."""
        values, problems = _converted(type(self), members, given)
        self.__dict__.update(values)
        if len(given) < len(members):
            spellings = _spellings(type(self))
            names = {spellings[name] for name in given if name in spellings}
            object.__setattr__(self, "_given", names)
        return problems

    @classmethod
    def model_validate(
        cls: Type[Self], obj: Any, *, from_attributes: bool = False
    ) -> Self:
        """Makes a value from a dict with the names of Python or JSON. With
        `from_attributes`, another object's attributes are accepted too.
        """
        if isinstance(obj, cls):
            return obj
        if from_attributes and not isinstance(obj, Mapping):
            names = [member.name for member in members_of(cls)]
            obj = {name: getattr(obj, name) for name in names if hasattr(obj, name)}
        if isinstance(obj, Mapping):
            made = cls.__new__(cls)
            problems = made._take(obj, members_of(cls))
        else:
            text = f"is made from a dict of its members, not {type(obj).__name__}"
            problems = [("", text)]
        if problems:
            raise ValidationError(cls.__name__, problems)
        return made

    @classmethod
    def model_validate_json(cls: Type[Self], json_data: Union[str, bytes]) -> Self:
        """Makes a value from JSON with the names of Python or JSON."""
        value, problem = _from_json(json_data)
        if problem:
            text = f"cannot be read from this text, which is not JSON: {problem}"
            raise ValidationError(cls.__name__, [("", text)])
        return cls.model_validate(value)

    @classmethod
    def model_construct(
        cls: Type[Self], _fields_set: Optional[Set[str]] = None, **values: Any
    ) -> Self:
        """Makes a value without checks."""
        model = cls.__new__(cls)
        defaults = {each.name: each.default for each in members_of(cls)}
        required = {each.name for each in members_of(cls) if each.required}
        model.__dict__.update(
            (name, values.get(name, default))
            for name, default in defaults.items()
            if name in values or name not in required
        )
        model._given = set(values) if _fields_set is None else _fields_set
        return model

    @property
    def model_fields_set(self) -> Set[str]:
        """The members that were given when the value was made, or set since."""
        return set(getattr(self, "_given", self.__dict__))

    def model_copy(
        self: Self, *, update: Optional[Mapping[str, Any]] = None, deep: bool = False
    ) -> Self:
        """Returns a copy with the members of `update` replaced. They are not checked
        before they are sent.
        """
        import copy

        copied = copy.deepcopy(self) if deep else copy.copy(self)
        for name, value in (update or {}).items():
            setattr(copied, _spellings(type(self)).get(name, name), value)
        return copied

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Selection = None,
        exclude: Selection = None,
        by_alias: bool = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> Dict[str, Any]:
        """Returns the members as a dict, and nested values as dicts too. Times become
        texts, and bytes lists of numbers. With the mode `json`, enums become their
        values. The result contains secrets.
        """
        how = _Dump(
            mode == "json", by_alias, exclude_unset, exclude_defaults, exclude_none
        )
        dumped: Dict[str, Any] = how.of(self, include, exclude)
        return dumped

    def model_dump_json(
        self,
        *,
        indent: Optional[int] = None,
        include: Selection = None,
        exclude: Selection = None,
        by_alias: bool = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> str:
        """Returns JSON that `model_validate_json` reads. It contains secrets."""
        members = self.model_dump(
            mode="json",
            include=include,
            exclude=exclude,
            by_alias=by_alias,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )
        separators = (",", ":") if indent is None else None
        return json.dumps(
            members, indent=indent, separators=separators, ensure_ascii=False
        )

    def __iter__(self) -> Iterator[Tuple[str, Any]]:
        yield from self.__dict__.items()

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(self._members())})"

    # As pydantic's models are printed.
    def __str__(self) -> str:
        return " ".join(self._members())

    def _members(self) -> List[str]:
        return [
            f"{name}={self._shown(name, value)}"
            for name, value in self.__dict__.items()
        ]

    def _shown(self, name: str, value: Any) -> str:
        hidden = name in self._secret and value is not None
        return "<hidden>" if hidden else repr(value)

    # With it, type checkers would allow any attribute.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            if name == "_given":
                object.__setattr__(self, name, value)
            elif name in _names(type(self)):
                self.__dict__[name] = value
                if hasattr(self, "_given"):
                    self._given.add(name)
            elif not name.startswith("__"):  # `typing` sets attributes of its own.
                raise ValidationError(type(self).__name__, [_unknown(type(self), name)])

    def __replace__(self: Self, **changes: Any) -> Self:
        return type(self)(**{**self.__dict__, **changes})

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Lets pydantic models of programs have a value of this type as a member."""
        from pydantic_core import (  # type: ignore[import-not-found, unused-ignore]
            core_schema,
        )

        return core_schema.no_info_plain_validator_function(
            cls.model_validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda model, info: model.model_dump(mode=info.mode), info_arg=True
            ),
        )


@cache
def members_of(
    model: Type[Model], arguments: Tuple[Any, ...] = ()
) -> Tuple[Member, ...]:
    """Returns the members of a type, in order. A generic type has `arguments`."""
    variables = dict(zip(getattr(model, "__parameters__", ()), arguments))
    members = []
    for name, hint in get_type_hints(model).items():
        parameters = getattr(hint, "__parameters__", ())
        if parameters:
            hint = hint[tuple(variables.get(each, Any) for each in parameters)]
        required = not hasattr(model, name)
        default = None if required else getattr(model, name)
        member = Member(
            name, json_name(name), hint, required, default, checker(hint, Model, _made)
        )
        members.append(member)
    return tuple(members)


def json_name(name: str) -> str:
    """Returns `sectionId` for `section_id`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _made(
    model: Type[Model], arguments: Tuple[Any, ...], given: Mapping[str, Any]
) -> Model:
    """Makes a value from its members, or raises `Refused`."""
    made = model.__new__(model)
    problems = made._take(given, members_of(model, arguments))
    if problems:
        raise Refused(problems)
    return made


def _converted(
    model: Type[Model], members: Tuple[Member, ...], given: Mapping[str, Any]
) -> Tuple[Dict[str, Any], List[Tuple[str, str]]]:
    """Returns the values of all members, and the problems with those that are given."""
    values: Dict[str, Any] = {}
    problems: List[Tuple[str, str]] = []
    found = 0
    for name, alias, _, required, default, check in members:
        if name in given:
            value = given[name]
            found += 1
            if alias != name and alias in given:
                found += 1
                problems.append((f".{name}", f"is given twice, also as {alias}"))
        elif alias in given:
            value = given[alias]
            found += 1
        elif required:
            spellings = name if alias == name else f"{name} or {alias}"
            problems.append((f".{name}", f"is missing: pass {spellings}"))
            continue
        else:
            values[name] = default
            continue
        try:
            values[name] = check(value)
        except Refused as refused:
            problems += [(f".{name}{path}", text) for path, text in refused.problems]
    if found < len(given):
        known = _spellings(model)
        problems += [_unknown(model, name) for name in given if name not in known]
    return values, problems


def _unknown(model: Type[Model], name: object) -> Tuple[str, str]:
    import difflib

    names = [member.name for member in members_of(model)]
    near = difflib.get_close_matches(str(name), names, 1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(names)}"
    return f".{name}", f"is not a member: {hint}"


@cache
def _spellings(model: Type[Model]) -> Dict[str, str]:
    """Returns the Python name of each member, by its Python and JSON names."""
    members = members_of(model)
    aliases = {member.alias: member.name for member in members}
    return {**aliases, **{member.name: member.name for member in members}}


@cache
def _names(model: Type[Model]) -> FrozenSet[str]:
    return frozenset(_spellings(model).values())


@cache
def _positions(model: Type[Model]) -> Tuple[str, ...]:
    """Returns the members in the order of positional arguments: required ones first."""
    members = sorted(members_of(model), key=lambda member: not member.required)
    return tuple(member.name for member in members)


def _with_positions(
    model: Type[Model], values: Tuple[Any, ...], members: Dict[str, Any]
) -> Dict[str, Any]:
    names = _positions(model)
    if len(values) > len(names):
        raise TypeError(f"{model.__name__} has {len(names)} members, not {len(values)}")
    for name in names[: len(values)]:
        if name in members or json_name(name) in members:
            text = "is given twice, also by position"
            raise ValidationError(model.__name__, [(f".{name}", text)])
    return {**dict(zip(names, values)), **members}


@cache
def _dataclass_fields(model: Type[Model]) -> Dict[str, Field[Any]]:
    from dataclasses import field, fields, make_dataclass

    members = []
    for name in _positions(model):
        member = model.model_fields[name]
        shown = name not in model._secret
        default = {} if member.required else {"default": member.default}
        members.append((name, member.annotation, field(repr=shown, **default)))
    made = make_dataclass(model.__name__, members)
    return {each.name: each for each in fields(made)}


def _from_json(text: Union[str, bytes]) -> Tuple[Any, str]:
    """Returns the value, or a description of the problem. The exceptions of `json`
    contain the text, so they must not become the context of ours.
    """
    try:
        return json.loads(text), ""
    except json.JSONDecodeError as error:
        return None, f"{error.msg} at line {error.lineno}, column {error.colno}"
    except UnicodeDecodeError:
        return None, "it is not UTF-8"


class _Dump(NamedTuple):
    """The options of `model_dump`."""

    as_json: bool
    by_alias: bool
    exclude_unset: bool
    exclude_defaults: bool
    exclude_none: bool

    def of(self, value: Any, include: Selection, exclude: Selection) -> Any:
        if isinstance(value, Model):
            members = _selected(self._members(value), include, exclude)
            return {
                member.alias if self.by_alias else member.name: self.of(*rest)
                for member, *rest in members
            }
        if isinstance(value, dict):
            entries = _selected(value.items(), include, exclude)
            return {key: self.of(*rest) for key, *rest in entries}
        if isinstance(value, (list, tuple)):
            entries = _selected(enumerate(value), include, exclude)
            return [self.of(*rest) for _, *rest in entries]
        if isinstance(value, Enum):
            return value.value if self.as_json else value
        if isinstance(value, datetime):
            return time_text(value)
        if isinstance(value, (bytes, bytearray)):
            return list(value)
        return value

    def _members(self, model: Model) -> Iterator[Tuple[Member, Any]]:
        given = model.model_fields_set if self.exclude_unset else model.__dict__
        for member in members_of(type(model)):
            if member.name not in given or member.name not in model.__dict__:
                continue
            value = model.__dict__[member.name]
            default = not member.required and value == member.default
            empty = self.exclude_none and value is None
            if not (empty or (self.exclude_defaults and default)):
                yield member, value


def _selected(
    entries: Iterable[Tuple[Any, Any]], include: Selection, exclude: Selection
) -> Iterator[Tuple[Any, Any, Selection, Selection]]:
    """Yields the selected entries, each with the selection within its value."""
    for key, value in entries:
        name = key.name if isinstance(key, Member) else key
        included, excluded = _choice(include, name), _choice(exclude, name)
        if (include is None or included is not None) and excluded is not True:
            below = [None if each is True else each for each in (included, excluded)]
            yield key, value, below[0], below[1]


def _choice(selection: Any, key: Any) -> Any:
    """Returns None if a key is not selected, True if it is, or the selection within."""
    if selection is None:
        return None
    if isinstance(selection, Mapping):
        choice = selection.get(key, selection.get("__all__"))
        return True if choice is ... else choice or None
    return True if key in selection or "__all__" in selection else None


def time_text(time: datetime) -> str:
    """Returns RFC 3339 in UTC. A time without a zone is taken to be in UTC."""
    if time.tzinfo is not None:
        time = time.astimezone(timezone.utc).replace(tzinfo=None)
    return time.isoformat(timespec="microseconds") + "Z"
