"""What mypy and pyright make of the package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import List, Set

import pytest

import opwire.types

SAMPLE = Path(__file__).with_name("typed.py")

MYPY = ["mypy", "--strict", "--config-file=", str(SAMPLE)]
PYRIGHT = ["basedpyright", "--level", "error", str(SAMPLE)]


@pytest.mark.parametrize("checker", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_a_checker_refuses_what_is_wrong_and_nothing_else(checker: List[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", *checker],
        cwd=SAMPLE.parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    refused = {int(line) for line in re.findall(r"typed\.py:(\d+).*error", ran.stdout)}
    assert refused == wrong_lines(), ran.stdout


def wrong_lines() -> Set[int]:
    lines = SAMPLE.read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if "# refused" in line}


def test_the_module_of_types_holds_types_and_permissions_only() -> None:
    public = {name for name in vars(opwire.types) if not name.startswith("_")}
    assert public == set(opwire.types.__all__)
    private = [value for name, value in vars(opwire.types).items() if name[:1] == "_"]
    assert not [value for value in private if isinstance(value, type)]
