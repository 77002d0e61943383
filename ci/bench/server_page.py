"""Writes what the load on the server measured as tables.

usage: server_page.py FIGURES [PAGE]; FIGURES has one JSON object a line. Without a page the tables go to standard output.
"""

import datetime
import json
import os
import pathlib
import sys
from typing import Any

HEAD = """\
# Benchmarks of the server

Written by `ci/bench/server --update` on {date}, {cores} cores, {processor}; load of the machine before:
{load}. The server, the clients that load it and PostgreSQL share these processors, so rates at many clients are those
of all three together. "Server" and "PostgreSQL" are the processor time that one operation costs that process; they
depend least on what else runs. Commits wait for the disk in both. Absolute figures are true of that machine only.

A sign-in is its four requests, list the overviews of a vault of 100 items, get one item, write a new version of one
item, each client in a vault of its own.
"""
COLUMNS = [
    ("per second", "per_second", "{:,.0f}"),
    ("p50, ms", "p50_ms", "{:.2f}"),
    ("p99, ms", "p99_ms", "{:.2f}"),
    ("server, ms", "server_ms_per_request", "{:.3f}"),
    ("PostgreSQL, ms", "postgres_ms_per_request", "{:.3f}"),
]


def table(figures: list[dict[str, Any]], database: str) -> str:
    columns = COLUMNS if database == "PostgreSQL" else COLUMNS[:-1]
    lines = [
        "| | clients | " + " | ".join(name for name, _, _ in columns) + " |",
        "|---|---:|" + "---:|" * len(columns),
    ]
    for figure in figures:
        if figure["database"] == database:
            cells = " | ".join(form.format(figure[key]) for _, key, form in columns)
            lines.append(f"| {figure['operation']} | {figure['clients']} | {cells} |")
    return "\n".join(lines)


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def main() -> None:
    figures = [json.loads(line) for line in pathlib.Path(sys.argv[1]).read_text().splitlines()]
    page = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else None
    head = HEAD.format(
        date=datetime.date.today(),
        cores=os.cpu_count(),
        processor=processor(),
        load=os.environ.get("LOAD_BEFORE", "unknown"),
    )
    parts = [head]
    for database in ("SQLite", "PostgreSQL"):
        parts.append(f"## {database}\n\n{table(figures, database)}\n")
    if page is None:
        print("\n".join(parts))
        return
    # What bounds it is written by hand, below the tables.
    old = page.read_text() if page.exists() else ""
    mark = "## What bounds it"
    if mark in old:
        parts.append(old[old.index(mark) :])
    page.write_text("\n".join(parts))


main()
