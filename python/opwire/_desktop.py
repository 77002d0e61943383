"""What makes the calls of a client that a person approves."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional, Union

from . import _core
from ._app import AppClient
from ._app_library import (
    PathOrText,
    find_library,
    load_library,
    named_library,
    places,
)
from ._invoker import exception_of, raising

__all__ = ["open_desktop"]


def open_desktop(
    config: Dict[str, Any], library: Optional[PathOrText]
) -> Union[_core.Client, AppClient]:
    """Returns the person's agent or, if none listens, the public desktop app.

    `library` is the path of the app's library, which is used then in any case.
    """
    named = named_library(library)
    if named is not None:
        return AppClient(load_library(named), config)
    absence = _core.agent_absence()
    if absence is None:
        return raising(lambda: _core.Client.by_agent(json.dumps(config)))
    found = find_library()
    if found is not None:
        return AppClient(load_library(found), config)
    failure = json.loads(absence)
    looked = " or ".join(map(str, places()))
    failure["message"] += (
        f"; nor is the 1Password app installed, whose library would be {looked}"
    )
    raise exception_of(json.dumps(failure))
