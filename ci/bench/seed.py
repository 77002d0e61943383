"""Fills the vaults of ci/bench, and saves what its programs read: references, and one signed request.

usage: seed.py FOLDER VAULT-ID..., with OP_SERVICE_ACCOUNT_TOKEN of an account that may write there.
"""

import json
import sys
import urllib.request
from pathlib import Path

from opwire import HttpRequest, HttpResponse, SyncClient, types

IN_FIRST_VAULT, IN_OTHERS = 500, 20


class Recorder:
    """A transport that remembers the last request."""

    def __init__(self) -> None:
        self.last: HttpRequest

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.last = request
        sent = urllib.request.Request(request.url, request.body or None, dict(request.headers), method=request.method)
        with urllib.request.urlopen(sent, timeout=request.timeout) as response:
            return HttpResponse(response.status, response.getheaders(), response.read())


def save(folder: Path, name: str, lines: list[str]) -> None:
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def create(client: SyncClient, vault_id: str, number: int) -> types.Item:
    secret = types.ItemField(
        id="password", title="password", field_type=types.ItemFieldType.CONCEALED, value=f"secret {number}"
    )
    return client.items.create(
        types.ItemCreateParams(
            category=types.ItemCategory.PASSWORD, vault_id=vault_id, title=f"Bench {number}", fields=[secret]
        )
    )


def main() -> None:
    import os

    folder, vaults = Path(sys.argv[1]), sys.argv[2:]
    recorder = Recorder()
    client = SyncClient.authenticate(os.environ["OP_SERVICE_ACCOUNT_TOKEN"], "Bench", "v1.0.0", http_transport=recorder)
    titles = {vault.id: vault.title for vault in client.vaults.list()}
    items = {
        vault: [create(client, vault, n) for n in range(IN_FIRST_VAULT if vault == vaults[0] else IN_OTHERS)]
        for vault in vaults
    }
    by_id = [f"op://{item.vault_id}/{item.id}/password" for item in items[vaults[0]]]
    by_title = [f"op://{titles[item.vault_id]}/{item.title}/password" for item in items[vaults[0]]]
    save(folder, "ids-50", by_id[:50])
    save(folder, "ids-500", by_id)
    save(folder, "titles-50", by_title[:50])
    save(folder, "five-vaults", [f"op://{titles[v]}/{item.title}/password" for v in vaults for item in items[v][:20]])

    client.secrets.resolve(by_id[0])
    request = {"url": recorder.last.url, "headers": dict(recorder.last.headers)}
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")


main()
