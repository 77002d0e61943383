"""Makes the calls that the public SDK's documentation shows, one after the other, and prints what a program sees of them
that no two runs tell apart: example.py PACKAGE CALLS, of which it takes the token. With OPWIRE_TEST_AUTH=agent, a
person's agent approves it instead.
"""

import asyncio
import importlib
import json
import os
import sys
from typing import Any

sdk: Any = importlib.import_module(sys.argv[1])
VAULT = os.environ["OP_VAULT_ID"]

# The example of RFC 8410.
KEY = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
"""


async def main(token: str) -> None:
    auth = sdk.DesktopAuth("Acme") if os.environ.get("OPWIRE_TEST_AUTH") == "agent" else token
    client = await sdk.Client.authenticate(auth=auth, integration_name="Example", integration_version="v1.0.0")
    login = await make_login(client)
    await ssh_key(client)
    await document(client)
    await attached_file(client)
    await update(client, login)
    await share(client, login)
    await batches(client)
    passwords()
    await references(client, login)
    await environment(client)
    await vaults(client)
    await client.items.archive(VAULT, login.id)
    archived = sdk.ItemListFilterByState(content=sdk.ItemListFilterByStateInner(active=False, archived=True))
    print("archived:", login.id in [each.id for each in await client.items.list(VAULT, archived)])
    await client.items.delete(VAULT, login.id)


def new_login(title: str, **more: Any) -> Any:
    return sdk.ItemCreateParams(
        title=title,
        category=sdk.ItemCategory.LOGIN,
        vault_id=VAULT,
        fields=[
            sdk.ItemField(id="username", title="username", fieldType=sdk.ItemFieldType.TEXT, value="wendy"),
            sdk.ItemField(id="password", title="password", field_type=sdk.ItemFieldType.CONCEALED, value="a weak one"),
            sdk.ItemField(
                id="onetimepassword",
                title="one-time password",
                section_id="extra",
                field_type=sdk.ItemFieldType.TOTP,
                value="otpauth://totp/example?secret=jncrjgbdjnrncbjsr&issuer=Example",
            ),
        ],
        sections=[sdk.ItemSection(id="", title=""), sdk.ItemSection(id="extra", title="Extra")],
        tags=["one tag", "two tags"],
        websites=[sdk.Website(url="example.com", label="website", autofill_behavior=sdk.AutofillBehavior.NEVER)],
        **more,
    )


async def make_login(client: Any) -> Any:
    created = await client.items.create(new_login("Example login"))
    item = await client.items.get(created.vault_id, created.id)
    print("login:", sorted(dict(item)), item == created)
    for field in item.fields:
        print("login:", field.id, field.title, field.field_type, field.value)
        if field.field_type == "Totp":
            print("login:", len(field.details.content.code), field.details.content.error_message)
    dumped = item.model_dump(exclude={"id", "vault_id", "created_at", "updated_at", "fields"}, mode="json")
    print("login:", json.dumps(dumped, sort_keys=True))
    return item


async def ssh_key(client: Any) -> None:
    field = sdk.ItemField(
        id="private_key", title="private key", field_type=sdk.ItemFieldType.SSHKEY, value=KEY, sectionId=""
    )
    params = sdk.ItemCreateParams(
        title="Example key",
        category=sdk.ItemCategory.SSHKEY,
        vault_id=VAULT,
        fields=[field],
        sections=[sdk.ItemSection(id="", title="")],
    )
    item = await client.items.create(params)
    content = item.fields[0].details.content
    print("key:", content.public_key, content.fingerprint, content.key_type)
    await client.items.delete(VAULT, item.id)


async def document(client: Any) -> None:
    item = await client.items.create(
        sdk.ItemCreateParams(
            title="Example document",
            category=sdk.ItemCategory.DOCUMENT,
            vault_id=VAULT,
            sections=[sdk.ItemSection(id="", title="")],
            document=sdk.DocumentCreateParams(name="file.txt", content=b"one"),
        )
    )
    print("document:", item.document.name, item.document.size)
    other = sdk.DocumentCreateParams(name="other.txt", content=b"three")
    item = await client.items.files.replace_document(item, other)
    print("document:", await client.items.files.read(VAULT, item.id, item.document))
    await client.items.delete(VAULT, item.id)


async def attached_file(client: Any) -> None:
    def file(name: str) -> Any:
        return sdk.FileCreateParams(name=name, content=name.encode(), sectionId="extra", fieldId=f"field of {name}")

    item = await client.items.create(new_login("Example with a file", files=[file("a.txt")]))
    item = await client.items.files.attach(item, file("b.txt"))
    for each in item.files:
        content = await client.items.files.read(VAULT, item.id, each.attributes)
        print("files:", each.attributes.name, each.section_id, each.field_id, content)
    item = await client.items.files.delete(item, item.files[0].section_id, item.files[0].field_id)
    print("files:", len(item.files))
    await client.items.delete(VAULT, item.id)


async def update(client: Any, login: Any) -> None:
    item = await client.items.get(login.vault_id, login.id)
    item.fields[0].value = "another"
    website = sdk.Website(url="example.org", label="second", autofill_behavior=sdk.AutofillBehavior.NEVER)
    item.websites.append(website)
    updated = await client.items.put(item)
    print("update:", updated.fields[0].value, [each.url for each in updated.websites], updated.version)


async def share(client: Any, login: Any) -> None:
    item = await client.items.get(login.vault_id, login.id)
    policy = await client.items.shares.get_account_policy(item.vault_id, item.id)
    print("share:", policy.allowed_types, policy.allowed_recipient_types, policy.max_expiry, policy.default_expiry)
    print("share:", policy.max_views, policy.files.allowed, policy.files.max_size)
    recipients = await client.items.shares.validate_recipients(policy, ["agilebits.com", "helloworld@agilebits.com"])
    for each in recipients:
        print("share:", each.type, each.parameters)
    # By the names that the documentation has, and by those of Python.
    for params in (
        sdk.ItemShareParams(recipients=recipients, expireAfter=sdk.ItemShareDuration.ONEHOUR, oneTimeOnly=False),
        sdk.ItemShareParams(expire_after=policy.default_expiry, one_time_only=True),
    ):
        page, _, secret = (await client.items.shares.create(item, policy, params)).partition("#")
        print("share:", page, len(secret))


async def batches(client: Any) -> None:
    params = [new_login(f"Example of many {number}") for number in range(3)]
    created = (await client.items.create_all(VAULT, params)).individual_responses
    print("created:", [(each.content.title, each.error) for each in created])
    ids = [each.content.id for each in created]
    for each in (await client.items.get_all(VAULT, [*ids, "a" * 26])).individual_responses:
        print("got:", each.content and each.content.title, each.error and each.error.type)
    deleted = (await client.items.delete_all(VAULT, ids)).individual_responses
    print("deleted:", [deleted[id].error for id in ids])


def passwords() -> None:
    pin = sdk.PasswordRecipePin(parameters=sdk.PasswordRecipePinInner(length=8))
    random = sdk.PasswordRecipeRandomInner(length=10, includeDigits=False, includeSymbols=False)
    memorable = sdk.PasswordRecipeMemorableInner(
        separatorType=sdk.SeparatorType.UNDERSCORES,
        wordListType=sdk.WordListType.SYLLABLES,
        capitalize=False,
        wordCount=3,
    )
    print("password:", len(sdk.Secrets.generate_password(pin).password))
    print("password:", len(sdk.Secrets.generate_password(sdk.PasswordRecipeRandom(parameters=random)).password))
    words = sdk.Secrets.generate_password(sdk.PasswordRecipeMemorable(parameters=memorable)).password
    print("password:", len(words.split("_")))


async def references(client: Any, item: Any) -> None:
    def to(field: str) -> str:
        return f"op://{VAULT}/{item.id}/{field}"

    sdk.Secrets.validate_secret_reference(to("username"))
    try:
        sdk.Secrets.validate_secret_reference("op:/a/b")
    except Exception as error:  # noqa: BLE001
        print("reference:", error)
    print("reference:", await client.secrets.resolve(to("username")))
    print("reference:", len(await client.secrets.resolve(to("TOTP_onetimepassword?attribute=totp"))))
    responses = (await client.secrets.resolve_all([to("username"), to("nothing")])).individual_responses
    print("reference:", responses[to("username")].content.secret, responses[to("nothing")].error.type)


async def environment(client: Any) -> None:
    answer = await client.environments.get_variables(os.environ["OP_ENVIRONMENT_ID"])
    print("environment:", [(each.name, each.value, each.masked) for each in answer.variables])


async def vaults(client: Any) -> None:
    created = await client.vaults.create(sdk.VaultCreateParams(title="Example", description="made by an example"))
    overview = await client.vaults.get_overview(created.id)
    print("vault:", overview.title, overview.description, overview.vault_type, overview.active_item_count)
    await client.vaults.update(created.id, sdk.VaultUpdateParams(title="Example, renamed"))
    vault = await client.vaults.get(created.id, sdk.VaultGetParams(accessors=True))
    for access in vault.access:
        if access.accessor_type == sdk.VaultAccessorType.GROUP:
            group = await client.groups.get(access.accessor_uuid, sdk.GroupGetParams())
            print("vault:", vault.title, group.group_type, group.state, access.permissions)
    await client.vaults.delete(created.id)
    print("vault:", created.id in [each.id for each in await client.vaults.list()])


with open(sys.argv[2], encoding="utf-8") as file:
    asyncio.run(main(json.load(file)["token"]))
