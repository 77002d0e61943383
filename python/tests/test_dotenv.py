"""Exported variables, read by sh, by opwire, and by the readers of Node and Python."""

from __future__ import annotations

import io
import json
import os
import random
import re
import subprocess
from pathlib import Path
from typing import Dict, List, Tuple

import pytest
from dotenv import dotenv_values

from opwire import (
    EnvironmentCreateParams,
    EnvironmentVariable,
    InvalidConfigurationException,
    SyncClient,
    load_environment_sync,
)

from .conftest import ROOT, Server, command

# Everything that one of the readers treats in a way of its own.
PIECES = (
    ["a", "Z", "0", " ", "  ", "\t", "\n", "\n\n", "'", '"', "`", "\\", "\\n", "\\\\"]
    + ["$", "$A", "${A}", "$(id)", "#", " #", "=", ":", ";", "!", "~", "{{", "}}", "%"]
    + ["é", "🔑", "\u2028", "\x0b", "\x7f", "export B=1", "op://v/i/f", "\r"]
)
NODE = """
const file = require("node:fs").readFileSync(process.argv[1]);
process.stdout.write(JSON.stringify(require(process.argv[2]).parse(file)));
"""


def values() -> Dict[str, str]:
    chance = random.Random(7)
    texts = ["", *PIECES]
    texts += [
        "".join(chance.choices(PIECES, k=chance.randint(2, 6))) for _ in range(90)
    ]
    return {f"V{number}": text for number, text in enumerate(texts)}


def by_shell(file: Path) -> Dict[str, str]:
    script = f"set -a; . '{file}'; exec env -0"
    return pairs(["sh", "-c", script], {"PATH": os.environ["PATH"]})


def by_run(server: Server, file: Path) -> Dict[str, str]:
    words = [str(command()), "run", "--env-file", str(file), "--", "env", "-0"]
    return pairs(words, server.environment)


def pairs(words: List[str], environment: Dict[str, str]) -> Dict[str, str]:
    printed = subprocess.run(words, env=environment, capture_output=True, check=True)
    lines = [line for line in printed.stdout.decode().split("\0") if line]
    return dict(line.split("=", 1) for line in lines)


def by_node(file: Path) -> Dict[str, str]:
    module = ROOT / "packages/sdk/node_modules/dotenv"
    words = ["node", "-e", NODE, str(file), str(module)]
    printed = subprocess.run(words, capture_output=True, check=True)
    read: Dict[str, str] = json.loads(printed.stdout)
    return read


def by_python(file: Path) -> Dict[str, str]:
    read = dotenv_values(stream=io.StringIO(file.read_text()))
    return {name: value for name, value in read.items() if value is not None}


def export(server: Server, environment_id: str) -> subprocess.CompletedProcess[bytes]:
    words = [str(command()), "env", "export", environment_id]
    return subprocess.run(words, env=server.environment, capture_output=True)


def exported(
    client: SyncClient, server: Server, environment_id: str, all: Dict[str, str]
) -> Tuple[bytes, List[str]]:
    """What is exported once all that is refused is out, and what that is."""
    refused: List[str] = []
    while True:
        result = export(server, environment_id)
        if result.returncode == 0:
            return result.stdout, refused
        told = re.search(r"the value of (V\d+) ", result.stderr.decode())
        assert told is not None, result.stderr
        value = all[told[1]]
        assert len(value) < 3 or value not in result.stderr.decode()
        refused.append(told[1])
        client.environments.unset_variables(environment_id, [told[1]])


def test_what_is_exported_is_read_alike(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "exported.env"
    all = values()
    with SyncClient.authenticate(**server.credentials) as client:
        create = client.environments.create
        id = create(EnvironmentCreateParams(title="Exported")).id
        variables = [
            EnvironmentVariable(name=name, value=value, masked=True)
            for name, value in all.items()
        ]
        client.environments.set_variables(id, variables)
        text, refused = exported(client, server, id, all)
        file.write_bytes(text)
        kept = {name: value for name, value in all.items() if name not in refused}
        assert len(kept) > 40
        assert len(refused) > 20
        copy = create(EnvironmentCreateParams(title="Imported")).id
        words = [str(command()), "env", "import", copy, str(file)]
        subprocess.run(words, env=server.environment, check=True, capture_output=True)
        read = client.environments.get_variables(copy).variables
        imported = {variable.name: variable.value for variable in read}
    readers = [by_shell(file), by_run(server, file), by_node(file), by_python(file)]
    for reader in [*readers, imported]:
        assert {name: reader.get(name) for name in kept} == kept


def test_a_name_that_a_shell_would_run_is_refused(server: Server) -> None:
    with SyncClient.authenticate(**server.credentials) as client:
        id = client.environments.create(EnvironmentCreateParams(title="Hostile")).id
        variable = EnvironmentVariable(name="X", value="1", masked=False)
        client.environments.set_variables(id, [variable])
        # As another program may have written it.
        item = client.items.get(id, id)
        item.fields[0].title = "X; touch f #"
        client.items.put(item)
        target: Dict[str, str] = {}
        with pytest.raises(InvalidConfigurationException, match="X; touch f #"):
            load_environment_sync(client, id, target=target)
        assert target == {}
        result = export(server, id)
        assert result.returncode == 1
        assert b"X; touch f #" in result.stderr
        assert result.stdout == b""
