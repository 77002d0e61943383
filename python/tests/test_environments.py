"""Environments, and a process that takes their variables, on a real server."""

from __future__ import annotations

import asyncio
import os

import pytest

from opwire import Client, SyncClient, load_environment, load_environment_sync
from opwire.errors import BadInputException, NotFoundException
from opwire.types import EnvironmentCreateParams, EnvironmentVariable

from .conftest import MISSING, Server


def test_environments_are_read_and_written(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        variables = client.environments.get_variables(server.environment_id).variables
        assert variables == [
            EnvironmentVariable("DEMO_MODE", "development", False),
            EnvironmentVariable("DEMO_API_KEY", "k3y-of-the-demo", True),
        ]
        assert "k3y" not in repr(variables)
        made = client.environments.create(EnvironmentCreateParams(title="Mine"))
        variable = EnvironmentVariable("A", "1", True)
        client.environments.set_variables(made.id, [variable])
        assert client.environments.get_variables(made.id).variables == [variable]
        client.environments.unset_variables(made.id, ["A", "B"])
        assert client.environments.get_variables(made.id).variables == []
        client.environments.delete(made.id)
        with pytest.raises(BadInputException):
            client.environments.get_variables(server.vault_id)


def test_an_environment_goes_into_the_process(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = {"DEMO_MODE": "already there"}
    with SyncClient.authenticate(**server.credentials) as client:
        id = server.environment_id
        assert load_environment_sync(client, id, target=target) == ["DEMO_API_KEY"]
        assert target["DEMO_MODE"] == "already there"
        load_environment_sync(client, id, target=target, override=True)
        assert target["DEMO_MODE"] == "development"

    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            await load_environment(client, server.environment_id)
            with pytest.raises(NotFoundException):
                await load_environment(client, MISSING)

    monkeypatch.delenv("DEMO_MODE", raising=False)
    monkeypatch.setenv("DEMO_API_KEY", "already there")
    asyncio.run(main())
    assert os.environ.pop("DEMO_MODE") == "development"
    assert os.environ["DEMO_API_KEY"] == "already there"
