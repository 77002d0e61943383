"""Sets the variables of an Environment in the environment of this process.

Added by opwire.
"""

from __future__ import annotations

import os
import re
from typing import List, MutableMapping, Optional

from ._constants import VARIABLE_NAME_PATTERN
from .client import Client, SyncClient
from .errors import InvalidConfigurationException
from .types import GetVariablesResponse

__all__ = ["load_environment", "load_environment_sync"]


async def load_environment(
    client: Client,
    environment_id: str,
    *,
    override: bool = False,
    target: Optional[MutableMapping[str, str]] = None,
) -> List[str]:
    """Set the variables of an Environment in `os.environ`, or in `target`.

    Variables that are already set are kept unless `override` is true. If several
    variables have the same name, the last one counts. If the Environment cannot be
    read, none is set. Returns the names of the variables that were set.
    """
    response = await client.environments.get_variables(environment_id)
    return _put(response, override, target)


def load_environment_sync(
    client: SyncClient,
    environment_id: str,
    *,
    override: bool = False,
    target: Optional[MutableMapping[str, str]] = None,
) -> List[str]:
    """The same as `load_environment`, for a `SyncClient`."""
    response = client.environments.get_variables(environment_id)
    return _put(response, override, target)


def _put(
    response: GetVariablesResponse,
    override: bool,
    target: Optional[MutableMapping[str, str]],
) -> List[str]:
    target = os.environ if target is None else target
    for variable in response.variables:
        if re.fullmatch(VARIABLE_NAME_PATTERN, variable.name) is None:
            text = (
                f"the Environment has a variable named {variable.name!r}, which is not"
                " a valid name: names have letters, digits and _, and do not start"
                " with a digit"
            )
            raise InvalidConfigurationException(text)
    values = {variable.name: variable.value for variable in response.variables}
    names = [name for name in values if override or name not in target]
    for name in names:
        target[name] = values[name]
    return names
