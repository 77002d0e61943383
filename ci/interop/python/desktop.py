"""A program with the public SDK that a person's agent approves: desktop.py [denied | nobody].

Says what it has checked. `denied` if the person denies it, `nobody` if no agent runs.
"""

import asyncio
import os
import subprocess
import sys

import onepassword as sdk

MIB = 1 << 20


async def sign_in(account: str) -> sdk.Client:
    auth = sdk.DesktopAuth(account_name=account)
    return await sdk.Client.authenticate(auth=auth, integration_name="Interop", integration_version="v1.0.0")


async def refusal(account: str) -> str:
    try:
        await sign_in(account)
    except Exception as error:  # noqa: BLE001
        return str(error)
    sys.exit(f"{account} is approved")


async def vaults(client: sdk.Client) -> list[str]:
    return sorted(each.id for each in await client.vaults.list())


def checked(what: str, ok: bool) -> None:
    if not ok:
        sys.exit(f"Python: not so: {what}")
    print("Python:", what)


def agent(*arguments: str) -> None:
    subprocess.run([os.environ["OPWIRE_BIN"], "agent", *arguments], check=True, stdout=subprocess.DEVNULL)


async def main(expected: str) -> None:
    if expected == "denied":
        checked("a denied program is told so", "the person denied it" in await refusal("Acme"))
        return
    if expected == "nobody":
        checked("without an agent, it is told how to start one", "with `opwire agent`" in await refusal("Acme"))
        return
    acme, other = await sign_in("Acme"), await sign_in("Other")
    of_acme, of_other = await vaults(acme), await vaults(other)
    checked(
        "each client has its own account", os.environ["OP_VAULT_ID"] in of_acme and not set(of_acme) & set(of_other)
    )
    checked("an account that is not saved is named", "no account named Zoë" in await refusal("Zoë"))
    await files(acme)
    agent("revoke", "--all")
    # A program gets three prompts a minute. The password says that they are welcome again.
    agent("unlock")
    checked("after the approvals have ended, calls sign in again", await vaults(acme) == of_acme)
    checked("and stay with their account", await vaults(other) == of_other)


async def files(client: sdk.Client) -> None:
    content = os.urandom(MIB) * 3
    item = await with_file(client, content)
    file = item.files[0].attributes
    checked("a file of 3 MiB comes back", await client.items.files.read(item.vault_id, item.id, file) == content)
    large = await with_file(client, content * 2)
    try:
        await client.items.files.read(large.vault_id, large.id, large.files[0].attributes)
        error = "nothing"
    except Exception as raised:  # noqa: BLE001
        error = str(raised)
    checked("one of 6 MiB is refused with the limit", "a file of about 4 MiB" in error)
    for each in (item, large):
        await client.items.delete(each.vault_id, each.id)


async def with_file(client: sdk.Client, content: bytes) -> sdk.Item:
    file = sdk.FileCreateParams(name="large", content=content, section_id="", field_id="large")
    params = sdk.ItemCreateParams(
        title="With a file",
        category=sdk.ItemCategory.LOGIN,
        vault_id=os.environ["OP_VAULT_ID"],
        sections=[sdk.ItemSection(id="", title="")],
        files=[file],
    )
    return await client.items.create(params)


def in_a_child() -> None:
    client = asyncio.run(sign_in("Acme"))
    before = asyncio.run(vaults(client))
    if os.fork() == 0:
        # What was approved is the parent's, so that this asks again.
        os._exit(0 if asyncio.run(vaults(client)) == before else 1)
    _, status = os.wait()
    checked("a child of the process signs in by itself", status == 0)


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
if len(sys.argv) == 1:
    in_a_child()
