"""Stands in for the public SDK's package: `import opwire.dropin`, before anything that
imports `onepassword`, and that is opwire, in dependencies too.

`python -m opwire.dropin PROGRAM [ARGUMENT...]` runs a program so, and
`python -m opwire.dropin -m MODULE` a module, without a change of either.
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


def _stand_in() -> None:
    present = sys.modules.get(_PACKAGE)
    if isinstance(present, _Package):
        return
    if present is not None:
        raise ImportError(
            f"{_PACKAGE} is imported already, from {present.__file__}: import "
            "opwire.dropin before all that imports it"
        )
    package = _Package(_PACKAGE, opwire.__doc__)
    # With no path, none of opwire's own modules is imported twice, by another name.
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
    """The package that stands in."""


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
    # Under its own name, so that the program may import it again.
    importlib.import_module("opwire.dropin")
    _run(sys.argv[1:])
else:
    _stand_in()
