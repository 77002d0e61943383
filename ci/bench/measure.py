"""Runs the scenarios of ci/bench turn by turn, and gives their figures as JSON and as a page.

usage: measure.py SETTINGS-FILE, whose members settings.py gives.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]


class Case(NamedTuple):
    """A scenario with its references, at an added round-trip time, and the columns that come of it."""

    scenario: str
    references: str
    delay_ms: int
    columns: Json
    processes: int = 1


def middle(samples: list[float]) -> float:
    return statistics.median(samples)


def late(samples: list[float]) -> float:
    return sorted(samples)[int(len(samples) * 0.99)]


# Each column is a function of what the processes of the case reported: their results, their peak memory, their requests.
CASES = [
    Case(
        "start",
        "titles-50",
        0,
        {
            "ready": lambda runs: middle([run["ready"] for run in runs]),
            "first": lambda runs: middle([run["first"] for run in runs]),
            "memory": lambda runs: middle([run["peak_mb"] for run in runs]),
        },
        processes=10,
    ),
    Case(
        "start",
        "titles-50",
        20,
        {
            "ready_20": lambda runs: middle([run["ready"] for run in runs]),
            "first_20": lambda runs: middle([run["first"] for run in runs]),
            "first_requests": lambda runs: runs[0]["requests"],
        },
        processes=3,
    ),
    Case(
        "one_by_one", "ids-50", 0, {"id_p50": lambda r: middle(r[0]["times"]), "id_p99": lambda r: late(r[0]["times"])}
    ),
    Case(
        "one_by_one",
        "titles-50",
        0,
        {"title_p50": lambda r: middle(r[0]["times"]), "title_p99": lambda r: late(r[0]["times"])},
    ),
    Case("at_once", "ids-50", 0, {"fifty": lambda r: middle(r[0]["times"])}),
    Case("at_once", "ids-50", 20, {"fifty_20": lambda r: middle(r[0]["times"])}),
    Case(
        "at_once",
        "ids-500",
        0,
        {"five_hundred": lambda r: middle(r[0]["times"]), "memory_500": lambda r: r[0]["peak_mb"]},
    ),
    Case("at_once", "ids-500", 20, {"five_hundred_20": lambda r: middle(r[0]["times"])}),
    Case("all", "five-vaults", 0, {"all": lambda r: middle(r[0]["times"])}),
    Case(
        "all",
        "five-vaults",
        20,
        {"all_20": lambda r: middle(r[0]["times"]), "all_requests": lambda r: r[0]["requests"]},
    ),
    Case(
        "files",
        "ids-50",
        0,
        {
            "file_write": lambda r: middle(r[0]["writes"]),
            "file_read": lambda r: middle(r[0]["times"]),
            "memory_file": lambda r: r[0]["peak_mb"],
        },
    ),
]
QUICK = [0, 2, 4, 5]

TITLES = {
    "ready": "client ready after process start, ms",
    "ready_20": "… at 20 ms",
    "first": "first secret by title after process start, ms",
    "first_20": "… at 20 ms",
    "first_requests": "… requests",
    "id_p50": "one secret by ids, warm, p50, ms",
    "id_p99": "… p99",
    "title_p50": "one secret by titles, warm, p50, ms",
    "title_p99": "… p99",
    "fifty": "50 secrets at once, ms",
    "fifty_20": "… at 20 ms",
    "five_hundred": "500 secrets at once, ms",
    "five_hundred_20": "… at 20 ms",
    "all": "resolveAll of 100 references over 5 vaults, ms",
    "all_20": "… at 20 ms",
    "all_requests": "… requests of six calls and their sign-in",
    "file_write": "a Document of 8 MiB created, ms",
    "file_read": "… read, ms",
    "memory": "peak memory after the first secret, MB",
    "memory_500": "peak memory after 500 at once, MB",
    "memory_file": "peak memory after the Documents, MB",
    "installed": "installed size, MB",
    "bare": "the bare request by the language's own HTTP, p50, ms",
}


class Bench:
    """The programs of the packages, and the server that they meet."""

    def __init__(self, settings: Json) -> None:
        self.settings = settings
        self.folder = Path(settings["folder"])

    def case(self, case: Case, quick: bool) -> Json:
        """The figures of a case by package."""
        runs: dict[str, list[Json | None]] = {name: [] for name in self.settings["packages"]}
        # Turn by turn, so that what else the machine does falls on all of them.
        for _ in range(min(case.processes, 3) if quick else case.processes):
            for name, package in self.settings["packages"].items():
                runs[name].append(self.tried(name, package, case))
        return {
            name: {column: None if None in results else of(results) for column, of in case.columns.items()}
            for name, results in runs.items()
        }

    def tried(self, name: str, package: Json, case: Case) -> Json | None:
        """What a process reported. The public SDKs may fail: that of JavaScript does when 500 calls take too long."""
        try:
            return self.process(package, case)
        except SystemExit as error:
            if name not in self.settings["official"].values():
                raise
            print(error, file=sys.stderr)
            return None

    def process(self, package: Json, case: Case) -> Json:
        server = self.settings["distant"] if case.delay_ms else self.settings["near"]
        if case.delay_ms:
            control("PUT", server["control"] + "/delay", {"ms": case.delay_ms})
            control("DELETE", server["control"] + "/requests")
        environment = {"OP_SERVICE_ACCOUNT_TOKEN": server["token"]}
        if package.get("through_proxy"):
            environment = {"OP_SERVICE_ACCOUNT_TOKEN": server["proxied_token"], "HTTP_PROXY": server["url"]}
        environment |= {
            "BENCH_SCENARIO": case.scenario,
            "BENCH_REFERENCES": str(self.folder / case.references),
        }
        result = run(package, environment)
        if case.delay_ms:
            result["requests"] = len(control("DELETE", server["control"] + "/requests"))
        return result

    def bare(self) -> Json:
        """The bare request by language."""
        environment = {"BENCH_SCENARIO": "bare", "BENCH_REQUEST": str(self.folder / "request.json")}
        environment["BENCH_REFERENCES"] = str(self.folder / "ids-50")
        packages = self.settings["packages"].items()
        return {name: middle(run(package, environment)["times"]) for name, package in packages}

    def floor(self) -> Any:
        command = [self.settings["floor"], str(self.folder / "request.json")]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


def run(package: Json, environment: dict[str, str]) -> Json:
    """One process: what it printed, and its peak memory."""
    environment = {**os.environ, **package.get("env", {}), **environment}
    environment["BENCH_START_MS"] = repr(time.time() * 1000)
    command = shlex.split(package["command"])
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"bench: {package['command']} failed in {environment['BENCH_SCENARIO']}")
    return {**json.loads(out), "peak_mb": usage.ru_maxrss / 1024}


def control(method: str, url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read() or b"null")


def size_mb(paths: list[str]) -> float:
    """The size of files and folders, symbolic links left out."""
    files = [file for path in map(Path, paths) for file in ([path] if path.is_file() else path.rglob("*"))]
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink()) / 1e6


def page(report: Json) -> str:
    """The report in Markdown."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `ci/bench/run --update` on {report['date']}, {report['machine']}.",
        'All packages ran in turn against one account server on the same machine, "at 20 ms" through a proxy that adds',
        "20 ms to each exchange. Ratios are to the public SDK of that language, in the same run; above 1 is better. Absolute",
        "figures are true of that machine only.",
        "",
    ]
    for language, official in report["official"].items():
        ours = [name for name in report["results"] if name.split("-")[0] == language and name != official]
        names = [official, *ours]
        lines += [f"## {report['names'][language]}", ""]
        lines += ["| | " + " | ".join(report["titles"][name] for name in names) + " | " + "ratio | " * len(ours)]
        lines += ["|---|" + "---:|" * (len(names) + len(ours))]
        for column, title in TITLES.items():
            values = [report["results"][name].get(column) for name in names]
            if None in values[1:]:
                continue
            cells = ["fails" if value is None else f"{value:.4g}" for value in values]
            has_ratio = column != "bare" and values[0] is not None
            ratios = [f"{values[0] / value:.1f}" if has_ratio else "" for value in values[1:]]
            lines.append(f"| {title} | " + " | ".join([*cells, *ratios]) + " |")
        lines.append("")
    floor = report["floor"]
    lines += [
        "## The floor",
        "",
        "Native code without opwire's client around it.",
        "",
        "| | ms |",
        "|---|---:|",
        f"| the bare request for one item | {floor['bare']:.3g} |",
        f"| 50 of them at once | {floor['bare_50']:.3g} |",
        f"| 500 of them at once | {floor['bare_500']:.3g} |",
        f"| the cryptography of a sign-in | {floor['sign_in']:.3g} |",
        f"| of a vault's key | {floor['open_key']:.3g} |",
        f"| of an item | {floor['open_item']:.3g} |",
        "",
        Path(__file__).with_name("notes.md").read_text(encoding="utf-8"),
    ]
    return "\n".join(lines)


def machine() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return f"{len(models)} cores, {models[0]}, {platform.system()} {platform.machine()}"


def main() -> None:
    settings = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    bench, quick = Bench(settings), settings["quick"]
    results: dict[str, Json] = {name: {} for name in settings["packages"]}
    for case in [CASES[n] for n in QUICK] if quick else CASES:
        print(f"    {case.scenario} of {case.references} at {case.delay_ms} ms", flush=True)
        for name, figures in bench.case(case, quick).items():
            results[name] |= {column: round(value, 3) for column, value in figures.items() if value is not None}
    for name, value in bench.bare().items():
        results[name]["bare"] = round(value, 3)
    for name, package in settings["packages"].items():
        results[name]["installed"] = round(size_mb(package["installed"]), 2)
    report = {
        "unit": "ms, MB",
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "results": results,
        "floor": bench.floor(),
        "official": settings["official"],
        "names": settings["languages"],
        "titles": {name: package["title"] for name, package in settings["packages"].items()},
    }
    text = page(report)
    print("\n" + text)
    if settings["json"]:
        Path(settings["json"]).write_text(json.dumps(report, indent=2), encoding="utf-8")
    if settings["page"]:
        Path(settings["page"]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
