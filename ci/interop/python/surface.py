"""Prints the public names of a package as {path: definition}: surface.py PACKAGE."""

import ast
import importlib
import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

package = importlib.import_module(sys.argv[1])
MODULES = ("client", "defaults", "errors", "items", "secrets", "types", "vaults", "environments", "groups")

Surface = dict[str, str]


def main() -> None:
    surface: Surface = {}
    for name in sorted(set(package.__all__)):
        define(surface, name, getattr(package, name))
    for name in MODULES:
        try:
            module = importlib.import_module(f"{package.__name__}.{name}")
        except ModuleNotFoundError:
            continue
        surface[f"{name} (module)"] = "module"
        for each in public_names(module):
            value = getattr(module, each)
            if not each.startswith("_") and not isinstance(value, TypeVar):
                surface[f"{name} (module).{each}"] = signature(value) if inspect.isfunction(value) else "name"
    print(json.dumps(surface, indent=1))


def public_names(module: Any) -> Iterator[str]:
    """What a module defines, and what else it says that it offers; not what it only uses."""
    yield from getattr(module, "__all__", ())
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.Delete):
            continue
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        yield from (each.id for each in targets if isinstance(each, ast.Name))
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement.name


def define(surface: Surface, path: str, value: Any) -> None:
    if not inspect.isclass(value):
        surface[path] = f"type {show(value)}" if get_origin(value) else f"const {value!r}"
    elif issubclass(value, Enum):
        surface[path] = f"enum, a {value.__mro__[1].__name__}"
        for name, member in value.__members__.items():
            surface[f"{path}.{name}"] = repr(member.value)
    elif hasattr(value, "model_fields") or is_dataclass(value):
        define_model(surface, path, value)
    else:
        define_class(surface, path, value)


def define_model(surface: Surface, path: str, model: Any) -> None:
    surface[path] = "model" if hasattr(model, "model_fields") else "dataclass"
    hints = get_type_hints(model)
    for name, default in defaults(model).items():
        surface[f"{path}.{name}"] = show(hints[name]) + default + other_name(model, name)


def other_name(model: Any, name: str) -> str:
    """The name in JSON, where the member may be given by that as well."""
    alias = re.sub("_([a-z])", lambda match: match[1].upper(), name)
    takes_it = alias != name and hasattr(model, "model_fields") and model.model_fields[name].alias == alias
    return f", or {alias}" if takes_it else ""


def defaults(model: Any) -> dict[str, str]:
    if hasattr(model, "model_fields"):
        given = model.model_fields.items()
        return {name: "" if field.is_required() else f" = {field.default!r}" for name, field in given}
    return {each.name: "" if each.default is MISSING else f" = {each.default!r}" for each in fields(model)}


def define_class(surface: Surface, path: str, value: Any) -> None:
    surface[path] = "class, an Exception" if issubclass(value, Exception) else "class"
    for name, hint in get_type_hints(value).items():
        if not name.startswith("_"):
            surface[f"{path}.{name}"] = show(hint)
    for ancestor in reversed([each for each in value.__mro__ if each.__module__.startswith(package.__name__)]):
        for name, member in vars(ancestor).items():
            if name == "__init__" or not name.startswith("_"):
                define_member(surface, f"{path}.{name}", member)


def define_member(surface: Surface, path: str, member: Any) -> None:
    if isinstance(member, (classmethod, staticmethod)):
        surface[path] = f"{type(member).__name__} {signature(member.__func__)}"
    elif inspect.isfunction(member):
        surface[path] = signature(member)
    elif isinstance(member, property):
        surface[path] = show(get_type_hints(member.fget)["return"])


def signature(function: Any) -> str:
    hints = get_type_hints(function)
    parameters = inspect.signature(function).parameters.values()
    shown = [show_parameter(each, hints) for each in parameters if each.name not in ("self", "cls")]
    returns = "return" in hints and function.__name__ != "__init__"
    result = f" -> {show(hints['return'])}" if returns else ""
    return f"{'async ' if inspect.iscoroutinefunction(function) else ''}({', '.join(shown)}){result}"


def show_parameter(parameter: inspect.Parameter, hints: dict[str, Any]) -> str:
    star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**", parameter.KEYWORD_ONLY: "keyword "}
    hint = f": {show(hints[parameter.name])}" if parameter.name in hints else ""
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
    return f"{star.get(parameter.kind, '')}{parameter.name}{hint}{default}"


def show(hint: Any) -> str:
    generic = getattr(hint, "__pydantic_generic_metadata__", None)
    if generic and generic["origin"]:
        return f"{generic['origin'].__name__}[{', '.join(map(show, generic['args']))}]"
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        return show(arguments[0])
    if origin in (Union, getattr(types, "UnionType", Union)):
        return " | ".join(sorted(map(show, arguments)))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is not None:
        return f"{origin.__name__}[{', '.join(map(show, arguments))}]"
    if hint is type(None):
        return "None"
    if isinstance(hint, TypeVar):
        # A class method of a class that may be inherited from.
        return hint.__bound__.__forward_arg__ if hint.__bound__ else hint.__name__.lstrip("_")
    return getattr(hint, "__name__", None) or repr(hint)


main()
