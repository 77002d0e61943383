"""The first program: sign in, list vaults, load a secret."""

import asyncio
import os
import sys

from opwire import Client

REFERENCE = "op://Development/Example/password"


async def main() -> None:
    client = await Client.authenticate(
        auth=os.environ.get("OP_SERVICE_ACCOUNT_TOKEN", ""),
        integration_name="First program",
        integration_version="v1.0.0",
    )
    for vault in await client.vaults.list():
        print(f"vault  {vault.title}")
    secret = await client.secrets.resolve(REFERENCE)
    print(f"secret {REFERENCE} = {'*' * len(secret)}")


try:
    asyncio.run(main())
except Exception as error:
    sys.exit(f"first program: {error}")
