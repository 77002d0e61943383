"""The library of the public desktop app: where it is, and how it is called."""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from pathlib import Path
from typing import Dict, List, Optional, Union

from ._app_messages import transport_failure
from .errors import InvalidConfigurationException

__all__ = [
    "AppLibrary",
    "PathOrText",
    "find_library",
    "load_library",
    "named_library",
    "places",
]

PathOrText = Union[str, "os.PathLike[str]"]

_VARIABLE = "OPWIRE_DESKTOP_LIBRARY"
"""The variable that names the library."""

_loaded: Dict[Path, AppLibrary] = {}


def places() -> List[Path]:
    """Returns where the app has its library on this system."""
    if sys.platform == "linux":
        folders = ("/usr/bin/1password", "/opt/1Password", "/snap/bin/1password")
        return [Path(folder, "libop_sdk_ipc_client.so") for folder in folders]
    if sys.platform == "darwin":
        app = "Applications/1Password.app/Contents/Frameworks"
        roots = (Path("/"), Path.home())
        return [root / app / "libop_sdk_ipc_client.dylib" for root in roots]
    if sys.platform == "win32":
        own = Path.home() / "AppData/Local/1Password"
        installed = (
            Path(root, "1Password/app/8")
            for root in ("C:/Program Files", "C:/Program Files (x86)")
        )
        folders_there = (own, *installed, own / "app/8")
        return [folder / "op_sdk_ipc_client.dll" for folder in folders_there]
    return []


def named_library(option: Optional[PathOrText]) -> Optional[PathOrText]:
    """Returns the path that the program or the environment names."""
    return option if option is not None else os.environ.get(_VARIABLE) or None


def find_library() -> Optional[Path]:
    """Returns the path of the library of an app that is installed."""
    return next((place for place in places() if place.exists()), None)


def load_library(path: PathOrText) -> AppLibrary:
    """Loads the library, unless other users can change it."""
    file = _checked(Path(path))
    library = _loaded.get(file)
    if library is None:
        try:
            library = AppLibrary(file)
        except OSError as error:
            raise _unusable(f"{file} cannot be loaded: {error}") from error
        except AttributeError as error:
            raise _unusable(
                f"{file} is not that of the 1Password app: {error}"
            ) from error
        _loaded[file] = library
    return library


class AppLibrary:
    """The library, loaded."""

    def __init__(self, file: Path) -> None:
        library = ctypes.CDLL(str(file))
        size, pointer = ctypes.c_size_t, ctypes.c_void_p
        self._send = library.op_sdk_ipc_send_message
        self._send.restype = ctypes.c_int32
        self._send.argtypes = [
            ctypes.c_char_p,
            size,
            ctypes.POINTER(pointer),
            ctypes.POINTER(size),
            ctypes.POINTER(size),
        ]
        self._free = library.op_sdk_ipc_free_response
        self._free.restype = None
        self._free.argtypes = [pointer, size, size]

    def send(self, message: bytes) -> bytes:
        """Sends a message and waits for the answer, for ever if there is none. Other
        threads of Python run meanwhile.
        """
        answer = ctypes.c_void_p()
        length, capacity = ctypes.c_size_t(), ctypes.c_size_t()
        code = self._send(
            message,
            len(message),
            ctypes.byref(answer),
            ctypes.byref(length),
            ctypes.byref(capacity),
        )
        if code != 0:
            raise transport_failure(code)
        if not answer.value:
            return b""
        try:
            return ctypes.string_at(answer.value, length.value)
        finally:
            # It may have secrets.
            ctypes.memset(answer.value, 0, length.value)
            self._free(answer, length, capacity)


def _checked(path: Path) -> Path:
    """Returns the path without links. Refuses a file that other users can change or
    replace.
    """
    try:
        file = path.resolve(strict=True)
        if sys.platform == "win32":
            # It has no modes. Access lists protect the folders of programs, and those
            # of a person.
            return file
        found = [(each, each.stat()) for each in (file, file.parent)]
    except (OSError, RuntimeError) as error:
        raise _unusable(f"{path} cannot be read: {error}") from error
    for each, status in found:
        if status.st_uid not in (0, os.geteuid()):
            raise _unusable(
                f"{each} belongs to another user, who could run code in this program"
            )
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise _unusable(
                f"other users can change {each}: prevent it with `chmod go-w`"
            )
    return file


def _unusable(why: str) -> InvalidConfigurationException:
    message = f"the library of the desktop app: {why}"
    return InvalidConfigurationException(message, field="library")
