"""Prints the settings of measure.py: the packages, the servers, and where the figures go.

usage: settings.py FOLDER QUICK JSON-FILE PAGE
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

# The public Go SDK speaks to hosts of its own list only, and reaches this one as a proxy.
LISTED_HOST = "http://bench.b5local.com"

OFFICIAL_JS = "ci/interop/js/node_modules/@1password"
OFFICIAL_PYTHON = ".tools/interop"


def main() -> None:
    folder, quick, json_file, page_file = Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
    json.dump(
        {
            "folder": str(folder),
            "quick": quick == "true",
            "json": json_file,
            "page": page_file,
            "floor": "target/release/opwire-floor",
            "scale": "target/release/opwire-scale",
            "near": server(folder / "near"),
            "many": server(folder / "many"),
            "distant": server(folder / "distant"),
            "languages": {"go": "Go", "js": "JavaScript", "python": "Python"},
            "official": {"go": "go-official", "js": "js-official", "python": "python-official"},
            "packages": packages(folder),
            "titles": {
                "go": "Go",
                "go-official": "Go, public SDK",
                "js-wasm": "JavaScript, wasm",
                "js-addon": "JavaScript, addon",
                "js-official": "JavaScript, public SDK",
                "python": "Python",
                "python-official": "Python, public SDK",
            },
        },
        sys.stdout,
    )


def packages(folder: Path) -> dict[str, Any]:
    node = "node ci/bench/bench.mjs"
    ours_js = {"BENCH_PACKAGE": str(Path("packages/sdk").resolve())}
    python = "ci/bench/bench.py"
    return {
        "go": {"title": "opwire", "command": str(folder / "go"), "installed": [str(folder / "go")]},
        "go-official": {
            "title": "public SDK",
            "command": str(folder / "go-official"),
            "installed": [str(folder / "go-official")],
            "through_proxy": True,
        },
        "js-wasm": {
            "title": "opwire, wasm",
            "command": node,
            "env": {**ours_js, "OPWIRE_ENGINE": "wasm"},
            "installed": ["packages/sdk/dist"],
        },
        "js-addon": {
            "title": "opwire, addon",
            "command": node,
            "env": {**ours_js, "OPWIRE_ENGINE": "native"},
            "installed": ["packages/sdk/dist", *map(str, Path("node").glob("*.node"))],
        },
        "js-official": {
            "title": "public SDK",
            "command": node,
            "env": {"BENCH_PACKAGE": str(Path(OFFICIAL_JS, "sdk").resolve())},
            "installed": [OFFICIAL_JS],
        },
        "python": {
            "title": "opwire",
            "command": f".venv/bin/python {python}",
            "env": {"BENCH_PACKAGE": "opwire"},
            "installed": [str(path) for path in Path(".venv").glob("lib/python3*/site-packages/opwire")],
        },
        "python-official": {
            "title": "public SDK",
            "command": f"{OFFICIAL_PYTHON}/bin/python {python}",
            "env": {"BENCH_PACKAGE": "onepassword"},
            "installed": [str(path) for path in Path(OFFICIAL_PYTHON).glob("lib/python3*/site-packages/onepassword")],
        },
    }


def server(env_file: Path) -> dict[str, Any]:
    lines = dict(line.split("=", 1) for line in env_file.read_text(encoding="utf-8").splitlines())
    token = lines["OP_SERVICE_ACCOUNT_TOKEN"]
    content = json.loads(base64.urlsafe_b64decode(token.removeprefix("ops_") + "=="))
    url = content["signInAddress"]
    content["signInAddress"] = LISTED_HOST
    proxied = "ops_" + base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    return {"url": url, "token": token, "proxied_token": proxied, "control": lines.get("OPWIRE_FAULTS", "")}


main()
