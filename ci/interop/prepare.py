"""Seeds the account with the items of seeds.json, and writes the calls that each client makes.

prepare.py seed FILE        creates the items by `opwire item create`; writes what the official client is to write
prepare.py calls SEED WRITTEN FILE [SIGN_IN_ADDRESS]
                            writes the calls, when that is done; to the given address, where there is one
prepare.py address          prints the account server's address
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
OPWIRE = str(ROOT / "target/release/opwire")
SEEDS = json.loads(Path(__file__).with_name("seeds.json").read_text(encoding="utf-8"))
SSH_KEYS = json.loads((ROOT / "crates/op-core/tests/data/ssh-keys.json").read_text(encoding="utf-8"))
VAULT, VAULT_ID = "Development", os.environ["OP_VAULT_ID"]
ENVIRONMENT_ID = os.environ["OP_ENVIRONMENT_ID"]
TOKEN = os.environ["OP_SERVICE_ACCOUNT_TOKEN"]
# The clients sign in by a person's agent rather than with the token.
BY_AGENT = os.environ.get("OPWIRE_TEST_AUTH") == "agent"
# Of the proxy that counts requests, and makes them fail. It has the clients' requests, not those of an agent.
CONTROL = None if BY_AGENT else os.environ["OPWIRE_FAULTS"]
# The same items once more, but written by the official client.
BY_OFFICIAL = " by the official client"

Json = dict[str, Any]


def seed(file: str) -> None:
    ids: dict[str, str] = {}
    created = []
    for template in SEEDS["items"]:
        item = {key: value for key, value in template.items() if key != "archived"}
        item["fields"] = [with_value(field, ids) for field in template.get("fields", [])]
        ids[item["title"]] = create(item)
        created.append({"id": ids[item["title"]], "archived": template.get("archived", False), "item": item})
    writes: list[Json] = []
    for each in created:
        twin = {**each["item"], "vaultId": VAULT_ID, "title": each["item"]["title"] + BY_OFFICIAL}
        writes.append(call(f"create {len(writes)}", "items.create", twin))
    for each in created:
        if each["archived"]:
            writes.append(call(f"archive {len(writes)}", "items.archive", VAULT_ID, each["id"]))
    write(file, {"token": TOKEN, "control": CONTROL, "created": created, "calls": writes})


def with_value(field: Json, ids: dict[str, str]) -> Json:
    """A value may stand for the id of an item before, or for a key: `@title`, `@key name`."""
    mark, _, name = field["value"].partition(" ")
    if mark == "@key":
        return {**field, "value": next(key["text"] for key in SSH_KEYS if key["name"] == name)}
    if field["value"].startswith("@"):
        return {**field, "value": ids[field["value"][1:]]}
    return field


def create(item: Json) -> str:
    command = [OPWIRE, "item", "create", "--vault", VAULT, "--template", "-"]
    done = subprocess.run(command, input=json.dumps(item), text=True, stdout=subprocess.PIPE, check=True)
    return str(done.stdout).strip()


def calls(seed_file: str, written_file: str, file: str, address: str | None = None) -> None:
    seeded = json.loads(Path(seed_file).read_text(encoding="utf-8"))["created"]
    written = json.loads(Path(written_file).read_text(encoding="utf-8"))
    ids = [written[f"create {number}"]["value"]["id"] for number in range(len(seeded))]
    names = [f"{number} {each['item']['title']}" for number, each in enumerate(seeded)]
    references = list(dict.fromkeys([*SEEDS["references"], *references_by_name(seeded), *references_by_id(seeded)]))
    archived = list(references_by_id([each for each in seeded if each["archived"]]))
    changes = list(change_calls([each["item"] for each in seeded if not {"files", "document"} & each["item"].keys()]))
    all_calls = [
        *vault_calls(),
        *management_calls(),
        *list_calls(),
        *(call(f"get {name}", "items.get", VAULT_ID, each["id"]) for name, each in zip(names, seeded)),
        *(call(f"get {name}{BY_OFFICIAL}", "items.get", VAULT_ID, each) for name, each in zip(names, ids)),
        *(call(f"files of {name}", "files", VAULT_ID, each) for name, each in with_files(seeded, names, ids)),
        *file_calls(seeded),
        *(call(f"get in {vault}: {item}", "items.get", vault, item) for vault, item in wrong_ids(seeded[0]["id"])),
        *(create_call(number, each) for number, each in enumerate(SEEDS["refused"])),
        *(call(f"resolve {each}", "secrets.resolve", each) for each in references),
        call("resolve all", "secrets.resolveAll", [each for each in references if each not in archived]),
        call("resolve all, archived ones too", "secrets.resolveAll", archived),
        call("resolve none", "secrets.resolveAll", []),
        *(call(f"validate {each}", "secrets.validateSecretReference", each) for each in references),
        *(call(f"password {number}", "secrets.generatePassword", each) for number, each in enumerate(SEEDS["recipes"])),
        *sharing_calls(seeded, names),
        *([] if BY_AGENT else calls_of_clients(seeded, address)),
        *changes,
    ]
    methods = {each["method"] for each in all_calls if "." in each["method"]}
    all_calls.append(call("methods that are not called", "unmatched methods", sorted(methods)))
    pairs = [[f"get {name}", f"get {name}{BY_OFFICIAL}"] for name, each in zip(names, seeded) if not each["archived"]]
    plan = {"calls": all_calls, "changes": [each["name"] for each in changes], "written": pairs, "groups": groups()}
    write(file, {"token": changed(TOKEN, {}, address), "control": CONTROL, **plan})


def with_files(seeded: list[Json], names: list[str], ids: list[str]) -> Iterator[tuple[str, str]]:
    """The items of both writers that hold files, and are in use."""
    for each, name, by_official in zip(seeded, names, ids):
        if "document" in each["item"] or "files" in each["item"]:
            yield name, each["id"]
            yield name + BY_OFFICIAL, by_official


def file_calls(seeded: list[Json]) -> Iterator[Json]:
    login = next(each for each in seeded if each["item"]["title"] == "Login with files")
    yield call(
        "file that is not there", "items.files.read", VAULT_ID, login["id"], {"name": "", "id": "a" * 26, "size": 0}
    )


def call(name: str, method: str, *arguments: Any) -> Json:
    return {"name": name, "method": method, "arguments": arguments}


def calls_of_clients(seeded: list[Json], address: str | None) -> Iterator[Json]:
    """What a client does that reaches the server itself."""
    yield from (sign_in_call(number, each, address) for number, each in enumerate(SEEDS["sign-ins"]))
    yield from failing_calls(next(each["id"] for each in seeded if each["item"]["title"] == "Login with files"))


# What goes wrong at a step of a call.
STATUSES = (400, 403, 404, 409, 429, 500, 503)
FAULTS: list[Json] = [
    *({"fault": "status", "status": status} for status in STATUSES),
    {"fault": "reset_before_headers"},
    {"fault": "tampered"},
]


def failing_calls(item: str) -> Iterator[Json]:
    """Calls, each with what goes wrong at each of its steps. References are looked up by a new client, for ours remembers
    titles."""
    items = f"/api/v1/vault/{VAULT_ID}/item"
    listing, vaults, batch = (
        f"GET {items}s/overviews",
        "GET /api/v1/vaults",
        f"POST /api/v3/vault/{VAULT_ID}/items/batch",
    )
    get, file, write = f"GET {items}/{item}", f"GET /api/v2/file/{VAULT_ID}/{item}/", f"PATCH /api/v3/vault/{VAULT_ID}/"
    by_id, by_title, in_file = f"{VAULT_ID}/{item}/password", f"{VAULT}/Login with files/password", "a/same.txt"
    note = {"category": "SecureNote", "vaultId": VAULT_ID, "title": "Never written"}
    for steps, method, arguments in (
        ([vaults, listing, get], "secrets.resolve", [f"op://{by_title}"]),
        ([get], "secrets.resolve", [f"op://{by_id}"]),
        ([file], "secrets.resolve", [f"op://{VAULT}/{item}/{in_file}"]),
        ([vaults, listing, batch], "secrets.resolveAll", [[f"op://{by_title}", f"op://{VAULT}/Note/notesPlain"]]),
        ([file], "secrets.resolveAll", [[f"op://{VAULT}/{item}/{in_file}"]]),
        ([get], "items.get", [VAULT_ID, item]),
        ([batch], "items.getAll", [VAULT_ID, [item, "a" * 26]]),
        ([listing], "items.list", [VAULT_ID]),
        ([vaults], "vaults.list", []),
        ([write], "items.create", [note]),
    ):
        for step, fault in itertools.product(steps, FAULTS):
            what = fault.get("status", fault["fault"])
            name = f"failing: {what} at {step}: {method} {arguments[0] if arguments else ''}"
            # What reached the server before its answer was tampered with is written.
            if not (step == write and what == "tampered"):
                fresh = method.startswith("secrets.")
                yield {**call(name, method, *arguments), "faults": [{"match": step, **fault}], "fresh": fresh}


# The calls whose results later ones refer to.
OWN_VAULT, EVERYTHING = "create a vault", "create all"


def change_calls(items: list[Json]) -> Iterator[Json]:
    """Changes of items that each client makes in a vault of its own, which goes with them."""
    yield call(OWN_VAULT, "vaults.create", {"title": "Changes", "description": "of items"})
    vault = {"$result": OWN_VAULT, "path": ["id"]}
    yield call(EVERYTHING, "items.createAll", vault, [{**item, "vaultId": vault} for item in items])
    everything = [response(EVERYTHING, number, "id") for number in range(len(items))]
    yield call("get all that were created", "items.getAll", vault, everything)
    for number, item in enumerate(items):
        title = item["title"] + " renamed"
        yield call(f"put {number}", "items.put", {**response(EVERYTHING, number), "set": {"title": title}})
        yield call(f"get {number} after put", "items.get", vault, everything[number])
    yield from changes_of_one(vault, everything[0])
    yield from changes_of_some(vault)
    yield from changes_of_files(vault)
    yield from changes_of_access(vault)
    yield call("delete the vault", "vaults.delete", vault)


def changes_of_one(vault: Json, other: Json) -> Iterator[Json]:
    one = {"category": "Login", "vaultId": vault, "title": "one", "notes": "before", "tags": ["a"]}
    yield call("create one", "items.create", {**one, "fields": LOGIN_FIELDS})
    first, put = {"$result": "create one", "path": []}, {"$result": "put one", "path": []}
    change = {"title": "two", "notes": "after", "tags": ["b", "c"], "field": [1, "new"]}
    yield call("put one", "items.put", {**first, "set": change})
    yield call("put one, outdated", "items.put", {**first, "set": {"title": "three"}})
    yield call("put one, malformed", "items.put", {**put, "set": {"tags": ["", "a", "a"]}})
    ids = [vault, {**first, "path": ["id"]}]
    yield call("get one", "items.get", *ids)
    nothing = dict.fromkeys(["tags", "fields", "sections", "websites", "files"])
    yield call("put one, null lists", "items.put", {**put, "set": nothing})
    yield call("get one, null lists", "items.get", *ids)
    yield call("archive one", "items.archive", *ids)
    yield call("get one, archived", "items.get", *ids)
    yield call("put one, archived", "items.put", {**put, "set": {"title": "four"}})
    yield call("archive one again", "items.archive", *ids)
    yield call("get all, archived", "items.getAll", vault, [other, ids[1]])
    yield call("delete all, archived", "items.deleteAll", vault, [ids[1]])
    yield call("delete one", "items.delete", *ids)
    yield call("delete one again", "items.delete", *ids)
    yield call("archive one, deleted", "items.archive", *ids)


def changes_of_some(vault: Json) -> Iterator[Json]:
    one = {"category": "Login", "vaultId": vault, "fields": LOGIN_FIELDS}
    bad = {**one, "title": "bad", "tags": ["", "a", "a"]}
    yield call("create some", "items.createAll", vault, [{**one, "title": "x"}, bad, {**one, "title": "y"}])
    x, y, missing = response("create some", 0, "id"), response("create some", 2, "id"), "a" * 26
    yield call("create none", "items.createAll", vault, [])
    yield call("create in two vaults", "items.createAll", vault, [{**one, "title": "z", "vaultId": missing}])
    yield call("get some", "items.getAll", vault, [y, missing, x])
    yield call("get none", "items.getAll", vault, [])
    yield call("get twice", "items.getAll", vault, [x, x])
    yield call("get all of no vault", "items.getAll", missing, [x])
    yield call("delete some", "items.deleteAll", vault, [y, missing, x])
    yield call("delete some again", "items.deleteAll", vault, [y, x])
    yield call("delete none", "items.deleteAll", vault, [])
    yield call("get deleted ones", "items.getAll", vault, [y, x])


def changes_of_files(vault: Json) -> Iterator[Json]:
    """A Document whose files are edited, step by step."""
    document = {"category": "Document", "vaultId": vault, "title": "Edited", "fields": []}
    yield call("files", "items.create", {**document, "document": {"name": "a", "content": [1]}})
    file = {"name": "b", "content": [2, 3], "sectionId": "s", "fieldId": "f"}
    latest = "files"
    for name, succeeds, method, *arguments in (
        ("attached", True, "attach", file),
        ("attached again", False, "attach", file),
        ("attached without a name", False, "attach", {**file, "name": "", "fieldId": "g"}),
        ("deleted in no field", False, "delete", "s", "g"),
        ("deleted in no section", False, "delete", "t", "f"),
        ("replaced", True, "replaceDocument", {"name": "c", "content": [4]}),
        ("deleted", True, "delete", "s", "f"),
    ):
        item = {"$result": latest, "path": []}
        yield call(f"files, {name}", f"items.files.{method}", item, *arguments)
        if succeeds:
            latest = f"files, {name}"
            yield call(f"{latest}: contents", "files", vault, {**item, "path": ["id"]})
    yield call("files, put", "items.put", {"$result": latest, "path": [], "set": {"title": "Put"}})


def changes_of_access(vault: Json) -> Iterator[Json]:
    """What a group gets in the vault, from nothing to nothing."""
    group = next(each for each, title in groups().items() if title == "Team Members")
    read, write, update_only = 48, 48 | 64 | 128, 64

    def change(permissions: int, in_vault: Any = vault, of_group: str = group) -> list[Json]:
        return [{"vaultId": in_vault, "groupId": of_group, "permissions": permissions}]

    yield call("access, changed before granted", "vaults.updateGroupPermissions", change(read))
    yield call("access, revoked before granted", "vaults.revokeGroupPermissions", vault, group)
    for name, permissions in {"granted": read, "granted again": write, "granted badly": update_only}.items():
        access = [{"groupId": group, "permissions": permissions}]
        yield call(f"access, {name}", "vaults.grantGroupPermissions", vault, access)
        yield call(f"access, {name}: group", "groups.get", group, {"vaultPermissions": True})
        yield call(f"access, {name}: vault", "vaults.get", vault, {"accessors": True})
    missing = "a" * 26
    changes = {
        "changed": change(write),
        "changed badly": change(update_only),
        "changed nowhere": change(read, in_vault=missing),
        "changed for nobody": change(read, of_group=missing),
        "changed twice": [*change(read), *change(write)],
    }
    for name, asked in changes.items():
        yield call(f"access, {name}", "vaults.updateGroupPermissions", asked)
        yield call(f"access, {name}: vault", "vaults.get", vault, {"accessors": True})
    for name in ("revoked", "revoked again"):
        yield call(f"access, {name}", "vaults.revokeGroupPermissions", vault, group)
        yield call(f"access, {name}: vault", "vaults.get", vault, {"accessors": True})


def sharing_calls(seeded: list[Json], names: list[str]) -> Iterator[Json]:
    """Every item is shared in the simplest way, and one of them in every way."""
    yield call("policy for sharing", "items.shares.getAccountPolicy", VAULT_ID, seeded[0]["id"])
    for vault, item in wrong_ids(seeded[0]["id"]):
        yield call(f"policy for sharing in {vault}: {item}", "items.shares.getAccountPolicy", vault, item)
    policy: Json = {"$result": "policy for sharing", "path": []}

    def share(name: str, item: Json, policy: Json = policy, **params: Any) -> Json:
        return call(f"share {name}", "items.shares.create", item, policy, {"oneTimeOnly": False, **params})

    def stored(name: str) -> Json:
        return {"$result": f"get {name}", "path": []}

    in_use = [name for name, each in zip(names, seeded) if not each["archived"]]
    yield from (share(name, stored(name)) for name in in_use)
    for recipients in GOOD_RECIPIENTS:
        name = f"recipients {recipients}"
        yield call(name, "items.shares.validateRecipients", policy, recipients)
        yield share(f"with {name}", stored(in_use[0]), recipients={"$result": name, "path": []})
    for recipient in BAD_RECIPIENTS:
        yield call(f"recipient {recipient}", "items.shares.validateRecipients", policy, [recipient])
    for kind, recipient in (("Email", "example.com"), ("Domain", "a@example.com")):
        only = {**policy, "set": {"allowedRecipientTypes": [kind]}}
        yield call(f"recipient {recipient}, {kind} only", "items.shares.validateRecipients", only, [recipient])
    one = stored(in_use[0])
    for expiry in ("OneHour", "OneDay", "SevenDays", "FourteenDays", "ThirtyDays"):
        yield share(f"for {expiry}", one, expireAfter=expiry)
    yield share("once", one, oneTimeOnly=True)
    with_files = stored(next(name for name in in_use if name.endswith("Login with files")))
    by_mail = {"$result": f"recipients {GOOD_RECIPIENTS[0]}", "path": []}
    yield share("of no kind", one, {**policy, "set": {"allowedTypes": []}})
    yield share("with nobody in particular, forbidden", one, {**policy, "set": {"allowedTypes": ["Authenticated"]}})
    yield share("with recipients, forbidden", one, {**policy, "set": {"allowedTypes": ["Public"]}}, recipients=by_mail)
    yield share("with files, forbidden", with_files, {**policy, "set": {"files.allowed": False}})
    yield share("with files, too large", with_files, {**policy, "set": {"files.maxSize": 1}})
    for change in ({"version": 99}, {"id": "a" * 26}, {"vaultId": "a" * 26}, {"id": "x"}, {"vaultId": "x"}):
        yield share(f"with {change}", {**one, "set": change})


GOOD_RECIPIENTS = [
    ["a@b.com"],
    ["example.com"],
    ["@example.com"],
    [" A@B.com "],
    ["a.b+c@mail.example.com"],
    ["a@b.com", "example.org"],
    [],
]
BAD_RECIPIENTS = (
    *(
        "",
        " ",
        "a",
        "@",
        "a@",
        "a@b",
        ".com",
        "b.",
        "*.b.com",
        "http://b.com",
        "b.c.d.e",
        "b.c.d",
        "b.c",
        "sub.example.com",
    ),
    *("a b@c.com", "a@b@c.com", "a@b..com", "a@-b.com", "-b.com", "b_c.com", "a@b.c", "a@b.123", "b.123", "ä@b.com"),
    *(
        "a@bücher.de",
        "bücher.de",
        "a@[127.0.0.1]",
        "127.0.0.1",
        '"a b"@c.com',
        "a@b.com.",
        "<a@b.com>",
        "a@b.com,c@d.com",
    ),
)


def groups() -> Json:
    """The titles of the account's groups by their ids."""
    done = subprocess.run([OPWIRE, "group", "list"], text=True, stdout=subprocess.PIPE, check=True)
    return dict(line.split("\t") for line in str(done.stdout).splitlines())


LOGIN_FIELDS = [
    {"id": "username", "title": "username", "fieldType": "Text", "value": "wendy"},
    {"id": "password", "title": "password", "fieldType": "Concealed", "value": "old"},
]


def response(name: str, number: int, *members: str) -> Json:
    """A part of what the call of this name gives for the item of this number."""
    return {"$result": name, "path": ["individualResponses", number, "content", *members]}


def vault_calls() -> Iterator[Json]:
    yield call("vaults", "vaults.list")
    for decrypt in (True, False):
        yield call(f"vaults, decrypted: {decrypt}", "vaults.list", {"decryptDetails": decrypt})
    for vault in (VAULT_ID, "a" * 26, VAULT_ID.upper(), VAULT, ""):
        yield call(f"vault {vault}", "vaults.getOverview", vault)


def management_calls() -> Iterator[Json]:
    """What the service account may read, and what it may not change; nothing changes."""
    missing = "a" * 26
    ids = {"the vault": VAULT_ID, "the Environment": ENVIRONMENT_ID, "nothing": missing, "no id": "x"}
    for name, each in ids.items():
        yield call(f"variables of {name}", "environments.getVariables", each)
        for accessors in (True, False):
            yield call(f"get {name}, accessors: {accessors}", "vaults.get", each, {"accessors": accessors})
        yield call(f"revoke in {name}", "vaults.revokeGroupPermissions", each, missing)
        # A person may change what a service account may not.
        if each != VAULT_ID and not (BY_AGENT and each == ENVIRONMENT_ID):
            yield call(f"update {name}", "vaults.update", each, {"title": "New"})
            yield call(f"delete {name}", "vaults.delete", each)
    for group in (missing, "x"):
        for asked in (True, False):
            yield call(f"group {group}, vaults: {asked}", "groups.get", group, {"vaultPermissions": asked})
    for permissions in (0, 32):
        access = {"groupId": missing, "permissions": permissions}
        yield call(f"grant {permissions}", "vaults.grantGroupPermissions", VAULT_ID, [access])
        change = {"vaultId": VAULT_ID, **access}
        yield call(f"change to {permissions}", "vaults.updateGroupPermissions", [change])


def list_calls() -> Iterator[Json]:
    states = [(True, False), (False, True), (True, True), (False, False)]
    filters = [{"type": "ByState", "content": {"active": active, "archived": archived}} for active, archived in states]
    yield call("items", "items.list", VAULT_ID)
    for state, each in zip(states, filters):
        yield call(f"items, (active, archived): {state}", "items.list", VAULT_ID, each)
    yield call("items, active and archived", "items.list", VAULT_ID, filters[0], filters[1])
    yield call("items, active twice", "items.list", VAULT_ID, filters[0], filters[0])
    for vault in ("a" * 26, "x"):
        yield call(f"items of {vault}", "items.list", vault)


def wrong_ids(item: str) -> Iterator[list[str]]:
    yield from ([VAULT_ID, "a" * 26], [VAULT_ID, "x"], [VAULT_ID, ""], [VAULT_ID, item.upper()])
    yield from (["a" * 26, item], ["x", item], ["", ""])


def create_call(number: int, template: Json) -> Json:
    fields = [with_value(field, {}) for field in template.get("fields", [])]
    return call(
        f"create {number} {template['title']}", "items.create", {"vaultId": VAULT_ID, **template, "fields": fields}
    )


def references_by_name(seeded: list[Json]) -> Iterator[str]:
    for each in seeded:
        sections = {section["id"]: section["title"] for section in each["item"].get("sections", [])}
        for field in each["item"]["fields"]:
            section = sections.get(field.get("sectionId"))
            yield "/".join(filter(None, [f"op://{VAULT}/{each['item']['title']}", section, field["title"]]))


def references_by_id(seeded: list[Json]) -> Iterator[str]:
    for each in seeded:
        for field in each["item"]["fields"]:
            yield "/".join(filter(None, [f"op://{VAULT_ID}/{each['id']}", field.get("sectionId"), field["id"]]))


def sign_in_call(number: int, sign_in: Json, address: str | None) -> Json:
    token = sign_in["token"]
    if token == "@":
        token = changed(TOKEN, sign_in.get("change", {}), address)
    return call(f"sign in {number}", "authenticate", token, sign_in["name"], sign_in["version"])


def changed(token: str, change: Json, address: str | None) -> str:
    content = {**members(token), **change}
    if address:
        content["signInAddress"] = address
    return "ops_" + base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def members(token: str) -> Json:
    encoded = token[len("ops_") :]
    content: Json = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return content


def write(file: str, content: Json) -> None:
    Path(file).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "address":
        print(members(TOKEN)["signInAddress"])
    elif command == "seed":
        seed(*arguments)
    else:
        calls(*arguments)
