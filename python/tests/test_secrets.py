"""References explained, and `.env` texts resolved, on a real server."""

from __future__ import annotations

import asyncio

import pytest

from opwire import Client, Secrets, SyncClient
from opwire.errors import InvalidConfigurationException, ParsingSecretReferenceException
from opwire.types import ReferencePart, ResolveReferenceErrorItemNotFound

from .conftest import REFERENCE, SECRET, Server


def test_a_reference_is_explained_without_its_secret(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        explained = client.secrets.explain(REFERENCE)
        assert explained.problem is None
        assert [step.part for step in explained.steps] == [
            ReferencePart.VAULT,
            ReferencePart.ITEM,
            ReferencePart.FIELD,
        ]
        assert explained.id_reference is not None
        assert explained.id_reference.startswith(f"op://{server.vault_id}/")
        assert client.secrets.resolve(explained.id_reference) == SECRET
        assert SECRET not in repr(explained)

        missing = client.secrets.explain("op://Development/Exampel/password")
        assert missing.problem == "no item matched the secret reference query"
        assert missing.steps[1].near[0].title == "Example"
        with pytest.raises(ParsingSecretReferenceException):
            client.secrets.explain("nothing")


def test_an_env_text_is_resolved_and_masked(server: Server) -> None:
    async def main() -> None:
        async with await Client.authenticate(**server.credentials) as client:
            answer = await client.secrets.resolve_env(
                f"PASSWORD={REFERENCE}\nURL=pg://u:${{PASSWORD}}@${{HOST}}\n"
                "GONE=op://Development/No such item/x",
                {"HOST": "db"},
            )
            assert answer.variables == {
                "PASSWORD": SECRET,
                "URL": f"pg://u:{SECRET}@db",
            }
            assert isinstance(answer.errors["GONE"], ResolveReferenceErrorItemNotFound)
            assert SECRET not in repr(answer)
            masked = Secrets.mask(answer.variables["URL"], answer.secrets)
            assert masked == "pg://u:<concealed by opwire>@db"
            with pytest.raises(InvalidConfigurationException, match="line 2") as error:
                await client.secrets.resolve_env("A=1\nhunter2")
            assert error.value.field == "env"
            assert "hunter2" not in str(error.value)
            named = await client.secrets.resolve_variables({"a b": REFERENCE})
            assert named.variables == {"a b": SECRET}

    asyncio.run(main())
