"""Runs the programs of ci/bench and prints their medians. usage: run.py PROCESSES REFERENCES JSON-FILE NAME=COMMAND..."""

import json
import os
import shlex
import statistics
import subprocess
import sys
import time

COLUMNS = {"ready": "client ready", "first": "first secret", "warm": "by ids, warm", "fifty": "50 at once"}


def measure(command: str, references: str) -> dict:
    environment = {**os.environ, "BENCH_REFERENCES": references, "BENCH_START_MS": repr(time.time() * 1000)}
    out = subprocess.run(shlex.split(command), env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout
    return json.loads(out)


def main() -> None:
    processes, references, json_file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    commands = dict(argument.split("=", 1) for argument in sys.argv[4:])
    samples = {name: [] for name in commands}
    # Turn by turn, so that what else the machine does falls on all of them.
    for _ in range(processes):
        for name, command in commands.items():
            samples[name].append(measure(command, references))

    table = {
        name: {column: round(statistics.median(sample[column] for sample in runs), 2) for column in COLUMNS}
        for name, runs in samples.items()
    }
    print("".join([f"{'ms':<10}", *(f"{title:>15}" for title in COLUMNS.values())]))
    for name, row in table.items():
        print("".join([f"{name:<10}", *(f"{row[column]:>15.2f}" for column in COLUMNS)]))
    if json_file:
        with open(json_file, "w", encoding="utf-8") as file:
            json.dump({"unit": "ms", "processes": processes, "results": table}, file, indent=2)


main()
