"""Programs that import the public SDK's package run on opwire."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import List

import opwire

from .conftest import Server

PROGRAM = """
import asyncio
import importlib.util
import os
import sys

import onepassword
import onepassword.client
from onepassword import *
from onepassword.client import Client
from onepassword.errors import RateLimitExceededException
from onepassword.items import Items
from onepassword.secrets import Secrets
from onepassword.types import ItemCategory, ItemCreateParams, ItemField
from onepassword.vaults import Vaults


async def main():
    client = await Client.authenticate(
        auth=os.environ["OP_SERVICE_ACCOUNT_TOKEN"],
        integration_name="Another program",
        integration_version="v1.0.0",
    )
    [vault, *_] = await client.vaults.list()
    field = ItemField(id="a", title="a", fieldType="Concealed", value=b"swordfish")
    created = await client.items.create(
        ItemCreateParams(
            category=ItemCategory.LOGIN,
            vaultId=vault.id,
            title="By another's program",
            fields=[field.model_dump()],
        )
    )
    print(await client.secrets.resolve(f"op://{vault.id}/{created.id}/a"))
    await client.items.delete(vault.id, created.id)


assert importlib.util.find_spec("onepassword")
assert importlib.util.find_spec("onepassword.desktop_core") is None
assert onepassword.client.Client is onepassword.Client is Client
assert isinstance(PasswordRecipePin(parameters={"length": 4}), PasswordRecipePin)
asyncio.run(main())
print(*sys.argv[1:])
"""


def run(server: Server, *arguments: str) -> List[str]:
    root = Path(opwire.__file__).parents[1]
    ran = subprocess.run(
        [sys.executable, *arguments],
        env={**server.environment, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return ran.stdout.splitlines()


def test_a_program_runs_unchanged(server: Server, tmp_path: Path) -> None:
    program = tmp_path / "another.py"
    program.write_text(PROGRAM)
    module = ["-m", "opwire.dropin", str(program), "an", "argument"]
    assert run(server, *module) == ["swordfish", "an argument"]


def test_a_dependency_imports_opwire(server: Server, tmp_path: Path) -> None:
    (tmp_path / "dependency.py").write_text(PROGRAM)
    program = tmp_path / "program.py"
    program.write_text("import opwire.dropin\nimport dependency\n")
    assert run(server, str(program)) == ["swordfish", ""]


def test_it_says_when_it_comes_too_late(tmp_path: Path) -> None:
    (tmp_path / "onepassword.py").write_text("")
    late = (
        "import sys; sys.path.insert(0, sys.argv[1]); import onepassword, opwire.dropin"
    )
    ran = subprocess.run(
        [sys.executable, "-c", late, str(tmp_path)],
        cwd=Path(opwire.__file__).parents[1],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "import opwire.dropin before anything that imports it" in ran.stderr
