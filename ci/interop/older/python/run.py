"""Signs in with an older version of the public SDK, and prints what it reads: run.py CALLS, of which it takes the token."""

import asyncio
import json
import os
import sys
from pathlib import Path

from onepassword.client import Client


async def titles(api, *arguments):
    # Lists were iterators once.
    if not hasattr(api, "list_all"):
        return [each.title for each in await api.list(*arguments)]
    return [each.title async for each in await api.list_all(*arguments)]


async def main(calls):
    token = json.loads(Path(calls).read_text(encoding="utf-8"))["token"]
    client = await Client.authenticate(auth=token, integration_name="Older", integration_version="v1")
    print(await client.secrets.resolve("op://Development/Example/password"))
    print(str("Development" in await titles(client.vaults)).lower())
    print(str("Example" in await titles(client.items, os.environ["OP_VAULT_ID"])).lower())


asyncio.run(main(sys.argv[1]))
