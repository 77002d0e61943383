"""Measures vaults of many items: natively, and the list in each package; each beside what no client can cost less.

usage: scale.py SETTINGS-FILE JSON-FILE ITEMS=VAULT-ID..., with the settings of measure.py. It fails where the cost of a vault
grows faster than its items do.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import measure
from measure import Json

SECONDS = "3"
# What an item may cost in the largest vault, to what it costs in one of a tenth: caches get smaller, and machines noisy.
LINEAR = 1.6


def main(settings_file: str, json_file: str, *vaults: str) -> None:
    settings = json.loads(Path(settings_file).read_text(encoding="utf-8"))
    native = measure_native(settings, vaults)
    sizes = [vault.partition("=")[0] for vault in vaults]
    vault_ids = dict(vault.split("=") for vault in vaults)
    report = {
        "native": native,
        "list": {
            name: {size: listed(settings, package, size, vault_ids[size]) for size in sizes}
            for name, package in settings["packages"].items()
        },
    }
    print(page(settings, report, sizes))
    if json_file:
        Path(json_file).write_text(json.dumps(report, indent=2), encoding="utf-8")
    check(native, sizes)


def measure_native(settings: Json, vaults: tuple[str, ...]) -> Any:
    command = [settings["scale"], settings["folder"], *vaults]
    environment = {**os.environ, "OP_SERVICE_ACCOUNT_TOKEN": settings["many"]["token"]}
    return json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout)


def listed(settings: Json, package: Json, size: str, vault_id: str) -> Json:
    """The list by a package, and what its language's own HTTP and cryptography take for the same bytes."""
    environment = {
        "OP_SERVICE_ACCOUNT_TOKEN": settings["many"]["token"],
        "BENCH_VAULT": vault_id,
        "BENCH_LIST": str(Path(settings["folder"], f"list-{size}.json")),
        "BENCH_SECONDS": SECONDS,
    }
    bare = measure.run(package, {**environment, "BENCH_SCENARIO": "bare_list"})
    if package.get("through_proxy"):
        environment["OP_SERVICE_ACCOUNT_TOKEN"] = settings["many"]["proxied_token"]
        environment["HTTP_PROXY"] = settings["many"]["url"]
    done = measure.run(package, {**environment, "BENCH_SCENARIO": "list"})
    if not bare["items"] == done["items"] == int(size):
        raise SystemExit(f"bench: {package['command']} listed {done['items']} and {bare['items']} items of {size}")
    return {"list": measure.middle(done["times"]), "bare": measure.middle(bare["times"]), "peak_mb": done["peak_mb"]}


def page(settings: Json, report: Json, sizes: list[str]) -> str:
    native = report["native"]
    head = ["| | " + " | ".join(f"{int(size):,} items" for size in sizes) + " |", "|---|" + "---:|" * len(sizes)]

    def row(title: str, figure: Callable[[str], float]) -> str:
        return f"| {title} | " + " | ".join(f"{figure(size):.3g}" for size in sizes) + " |"

    def package_rows(title: str, listed: Json) -> list[str]:
        return [
            row(f"{title}, ms", lambda size: listed[size]["list"]),
            row("… the bare list, ms", lambda size: listed[size]["bare"]),
            row("… ratio", lambda size: listed[size]["list"] / listed[size]["bare"]),
            row("… peak memory, MB", lambda size: listed[size]["peak_mb"]),
        ]

    lines = [
        "",
        "## Vaults of many items",
        "",
        "Native, without a language around it. The bare list is fetched and decrypted, with nothing else done.",
        "",
        *head,
        row("items.list, ms", lambda size: native[size]["list"]),
        row("the bare list, ms", lambda size: native[size]["bare_list"]),
        row("ratio", lambda size: native[size]["list"] / native[size]["bare_list"]),
        row("items.createAll, ms", lambda size: native[size]["create_all"]),
        row("… requests for each 1,000 at most", lambda size: native[size]["create_all_requests"]),
        row("items.getAll, ms", lambda size: native[size]["get_all"]),
        row("… requests", lambda size: native[size]["get_all_requests"]),
        row("items.create in the full vault, ms", lambda size: native[size]["create"]),
        "",
        "items.list by package, beside the bare list by the language's own HTTP and cryptography.",
        "",
        *head,
    ]
    for name, title in settings["titles"].items():
        lines += package_rows(title, report["list"][name])
    return "\n".join([*lines, ""])


def check(native: Json, sizes: list[str]) -> None:
    """Fails where an item costs more the more there are."""
    *_, small, large = sizes
    for name in ("list", "get_all", "create_all"):
        each = [native[size][name] / int(size) for size in (small, large)]
        if each[1] > each[0] * LINEAR:
            raise SystemExit(f"bench: {name} costs {each[1]:.4f} ms an item of {large}, {each[0]:.4f} of {small}")
    if native[large]["create_all_requests"] > 10:
        raise SystemExit("bench: createAll of 1,000 items takes more than 10 requests")


if __name__ == "__main__":
    main(*sys.argv[1:])
