"""Makes the calls of a file by the named package, and writes what each gave: run.py PACKAGE CALLS RESULTS."""

import asyncio
import copy
import functools
import importlib
import inspect
import json
import os
import re
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timezone
from enum import Enum
from typing import Any

sdk = importlib.import_module(sys.argv[1])


async def main(calls_file: str, results_file: str) -> None:
    with open(calls_file, encoding="utf-8") as file:
        plan = json.load(file)
    by_agent = os.environ.get("OPWIRE_TEST_AUTH") == "agent"
    auth = sdk.DesktopAuth("Acme") if by_agent else plan["token"]
    client = await sdk.Client.authenticate(auth, "Interop", "v1.0.0")
    results: dict[str, dict[str, Any]] = {}
    returned: dict[str, Any] = {}
    for call in plan["calls"]:
        name = call["name"]
        if call.get("fresh"):
            client = await sdk.Client.authenticate(auth, "Interop", "v1.0.0")
        take_requests(plan["control"])
        if "faults" in call:
            ask(plan["control"] + "/faults", "PUT", call["faults"])
        began = int(time.time())
        try:
            returned[name] = await run(client, call["method"], from_result(call["arguments"], returned))
            results[name] = {"value": describe(returned[name])}
        except Exception as error:
            results[name] = {"error": str(error)}
        results[name]["seconds"] = [began, int(time.time())]
        if "faults" in call:
            ask(plan["control"] + "/faults", "PUT", [])
        results[name]["requests"] = take_requests(plan["control"])
    with open(results_file, "w", encoding="utf-8") as file:
        json.dump(results, file)


def take_requests(control: Any) -> Any:
    """The requests since the last time, as the proxy saw them."""
    return [] if control is None else json.loads(ask(control + "/requests", "DELETE"))


def ask(url: str, method: str, body: Any = None) -> bytes:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        content: bytes = response.read()
        return content


def from_result(value: Any, returned: dict[str, Any]) -> Any:
    """An argument as it is, or a part of what an earlier call returned, and what to change in it."""
    if isinstance(value, list):
        return [from_result(each, returned) for each in value]
    if not isinstance(value, dict):
        return value
    if "$result" not in value:
        return {name: from_result(each, returned) for name, each in value.items()}
    part = returned[value["$result"]]
    for step in value["path"]:
        part = part[step] if isinstance(step, int) else getattr(part, snake_case(step))
    if "set" not in value:
        return part
    part = copy.deepcopy(part)
    for name, member in value["set"].items():
        if name == "field":
            part.fields[member[0]].value = member[1]
        else:
            # Of a policy for sharing: `files.allowed` is a member of `files`.
            *outer, last = map(snake_case, name.split("."))
            setattr(functools.reduce(getattr, outer, part), last, enumeration(name, member))
    return part


def enumeration(name: str, member: Any) -> Any:
    """What is an enumeration in Python, from its JSON."""
    types = {"allowedTypes": "AllowedType", "allowedRecipientTypes": "AllowedRecipientType"}
    return [getattr(sdk, types[name])(each) for each in member] if name in types else member


def snake_case(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


async def run(client: Any, method: str, values: list[Any]) -> Any:
    if method == "authenticate":
        await sdk.Client.authenticate(*values)
        return None
    if method == "secrets.validateSecretReference":
        return sdk.Secrets.validate_secret_reference(*values)
    if method == "secrets.generatePassword":
        return len(sdk.Secrets.generate_password(recipe(values[0])).password)
    if method == "vaults.list":
        values = [sdk.VaultListParams(decrypt_details=each["decryptDetails"]) for each in values]
    if method in PARAMETERS:
        values = [*values[:-1], PARAMETERS[method](values[-1])]
    if method == "items.list":
        values = [values[0], *map(list_filter, values[1:])]
    if method == "items.create":
        values = [new_item(values[0])]
    if method == "items.createAll":
        values = [values[0], list(map(new_item, values[1]))]
    if method == "files":
        return await contents(client, await client.items.get(*values))
    if method == "unmatched methods":
        return sorted(set(methods(client)) ^ set(map(snake_case, values[0])))
    if method == "items.files.read":
        values = [*values[:2], sdk.FileAttributes(**values[2])]
    target = client
    for name in method.split("."):
        target = getattr(target, snake_case(name))
    return await target(*values)


async def contents(client: Any, item: Any) -> Any:
    """Names and bytes of an item's files."""
    files = [item.document] if item.document else []
    files += [file.attributes for file in item.files]
    read = client.items.files.read
    return [
        {"name": file.name, "size": file.size, "bytes": list(await read(item.vault_id, item.id, file))}
        for file in files
    ]


def methods(api: Any, path: str = "") -> Iterator[str]:
    """The methods of a client or of a part of it, with their paths."""
    for name, member in inspect.getmembers(api):
        if name.startswith("_") or name in ("authenticate", "inner_client"):
            continue
        if inspect.isroutine(member):
            yield path + name
        elif type(member).__module__.startswith(sdk.__name__):
            yield from methods(member, f"{path}{name}.")


def snake(members: dict[str, Any]) -> dict[str, Any]:
    return {snake_case(name): value for name, value in members.items()}


# How the last argument of a method is made from its JSON.
PARAMETERS: dict[str, Any] = {
    "vaults.create": lambda value: sdk.VaultCreateParams(**snake(value)),
    "vaults.get": lambda value: sdk.VaultGetParams(**snake(value)),
    "vaults.update": lambda value: sdk.VaultUpdateParams(**snake(value)),
    "items.shares.create": lambda value: share_params(value),
    "items.files.attach": lambda value: file(value),
    "items.files.replaceDocument": lambda value: document(value),
    "groups.get": lambda value: sdk.GroupGetParams(**snake(value)),
    "vaults.grantGroupPermissions": lambda values: [sdk.GroupAccess(**snake(each)) for each in values],
    "vaults.updateGroupPermissions": lambda values: [sdk.GroupVaultAccess(**snake(each)) for each in values],
}


def recipe(value: Any) -> Any:
    parameters = value["parameters"]
    if value["type"] == "Pin":
        return sdk.PasswordRecipePin(parameters=sdk.PasswordRecipePinInner(length=parameters["length"]))
    if value["type"] == "Random":
        return sdk.PasswordRecipeRandom(
            parameters=sdk.PasswordRecipeRandomInner(
                include_digits=parameters["includeDigits"],
                include_symbols=parameters["includeSymbols"],
                length=parameters["length"],
            )
        )
    return sdk.PasswordRecipeMemorable(
        parameters=sdk.PasswordRecipeMemorableInner(
            separator_type=sdk.SeparatorType(parameters["separatorType"]),
            capitalize=parameters["capitalize"],
            word_list_type=sdk.WordListType(parameters["wordListType"]),
            word_count=parameters["wordCount"],
        )
    )


def new_item(value: Any) -> Any:
    return sdk.ItemCreateParams(
        category=sdk.ItemCategory(value["category"]),
        vault_id=value["vaultId"],
        title=value["title"],
        notes=value.get("notes"),
        tags=value.get("tags"),
        sections=[sdk.ItemSection(**each) for each in value.get("sections", [])],
        websites=[
            sdk.Website(
                url=each["url"],
                label=each["label"],
                autofill_behavior=sdk.AutofillBehavior(each["autofillBehavior"]),
            )
            for each in value.get("websites", [])
        ],
        fields=[
            sdk.ItemField(
                id=each["id"],
                title=each["title"],
                section_id=each.get("sectionId"),
                field_type=sdk.ItemFieldType(each["fieldType"]),
                value=each["value"],
                details=address(each),
            )
            for each in value["fields"]
        ],
        files=list(map(file, value.get("files", []))),
        document=document(value.get("document")),
    )


def share_params(value: Any) -> Any:
    expiry = value.get("expireAfter")
    return sdk.ItemShareParams(
        recipients=value.get("recipients"),
        expire_after=expiry and sdk.ItemShareDuration(expiry),
        one_time_only=value["oneTimeOnly"],
    )


def file(value: Any) -> Any:
    return sdk.FileCreateParams(**snake({**value, "content": bytes(value["content"])}))


def document(value: Any) -> Any:
    return value and sdk.DocumentCreateParams(name=value["name"], content=bytes(value["content"]))


def address(field: Any) -> Any:
    if "details" not in field:
        return None
    return sdk.ItemFieldDetailsAddress(content=sdk.AddressFieldDetails(**field["details"]["content"]))


def list_filter(value: Any) -> Any:
    return sdk.ItemListFilterByState(content=sdk.ItemListFilterByStateInner(**value["content"]))


def describe(value: Any) -> Any:
    """A value with what JSON would lose: times, enumerations, and classes. Times without a zone are in UTC."""
    if isinstance(value, Enum):
        return {"$class": type(value).__name__, "$value": value.value}
    if isinstance(value, datetime):
        utc = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
        return {"$time": utc.isoformat()}
    if isinstance(value, (list, tuple)):
        return [describe(each) for each in value]
    if isinstance(value, dict):
        return {key: describe(each) for key, each in value.items()}
    if value is None or isinstance(value, (str, int)):
        return value
    return {"$class": type(value).__name__.partition("[")[0], **{name: describe(each) for name, each in value}}


asyncio.run(main(*sys.argv[2:4]))
