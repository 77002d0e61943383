"""The public desktop app, as far as its library shows it: ci/desktop/library/app.c
plays it.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import List, Tuple

from .conftest import ROOT

SOURCES = ROOT / "ci/desktop/library"

AT_ITS_PLACE = SOURCES / "at-its-place"
"""A command that runs another one, for which the app is installed."""


@dataclass(frozen=True)
class App:
    """The library, and the log of its requests."""

    library: str
    log: Path

    def requests(self, account: str) -> List[Tuple[str, str]]:
        """The kinds and payloads of the requests of an account so far."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        parts = (line.split("\t") for line in lines)
        return [(kind, payload) for kind, of, payload in parts if of == account]

    def kinds(self, account: str) -> List[str]:
        return [kind for kind, _ in self.requests(account)]


def build_app(folder: Path) -> App:
    folder.chmod(0o700)
    library = folder / "libop_sdk_ipc_client.so"
    flags = ["-shared", "-fPIC", "-O1", "-pthread"]
    command = ["gcc", *flags, "-o", str(library), str(SOURCES / "app.c")]
    subprocess.run(command, check=True)
    library.chmod(0o755)
    return App(str(library), folder / "log")
