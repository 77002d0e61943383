"""Replaces the public SDK's package. If `opwire.dropin` is imported before anything
that imports `onepassword`, then `onepassword` is opwire, also in dependencies.

`python -m opwire.dropin PROGRAM [ARGUMENT...]` runs a program that way without changing
it, and `python -m opwire.dropin -m MODULE` a module.
"""

from __future__ import annotations

import importlib
import runpy
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import List

import opwire

__all__: List[str] = []

_PACKAGE = "onepassword"
_MODULES = (
    "client",
    "defaults",
    "environments",
    "errors",
    "groups",
    "items",
    "items_files",
    "items_shares",
    "secrets",
    "types",
    "vaults",
)


def _replace_package() -> None:
    present = sys.modules.get(_PACKAGE)
    if isinstance(present, _Package):
        return
    if present is not None:
        raise ImportError(
            f"{_PACKAGE} is already imported, from {present.__file__}: import "
            "opwire.dropin before anything that imports it"
        )
    package = _Package(_PACKAGE, opwire.__doc__)
    # Without a path, opwire's own modules cannot be imported again by another name.
    package.__path__ = []
    package.__spec__ = ModuleSpec(_PACKAGE, None, is_package=True)
    package.__file__ = opwire.__file__
    vars(package)["__all__"] = opwire.__all__
    for name in opwire.__all__:
        setattr(package, name, getattr(opwire, name))
    sys.modules[_PACKAGE] = package
    for name in _MODULES:
        module = importlib.import_module(f"opwire.{name}")
        setattr(package, name, module)
        sys.modules[f"{_PACKAGE}.{name}"] = module


class _Package(ModuleType):
    """The package that replaces the public one."""


def _run(arguments: List[str]) -> None:
    if arguments[:1] == ["-m"] and arguments[1:]:
        sys.argv = arguments[1:]
        sys.path.insert(0, "")
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments and not arguments[0].startswith("-"):
        sys.argv = arguments
        sys.path.insert(0, str(Path(arguments[0]).parent))
        runpy.run_path(arguments[0], run_name="__main__")
    else:
        sys.exit("usage: python -m opwire.dropin PROGRAM|-m MODULE [ARGUMENT...]")


if __name__ == "__main__":
    # It is imported by its name because the program may import it too.
    importlib.import_module("opwire.dropin")
    _run(sys.argv[1:])
else:
    _replace_package()
