"""Makes the same values of the types of both packages, and compares what comes of them: models.py OFFICIAL OPWIRE."""

import copy
import importlib
import json
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

FIELD = {"id": "i", "title": "t", "field_type": "Text", "value": "v"}
ITEM = {"category": "Login", "vault_id": "v", "title": "t"}
WEBSITE = {"url": "u", "label": "l", "autofillBehavior": "Never"}
STATE = {"active": True, "archived": False}
VAULT = {
    "id": "i",
    "title": "t",
    "description": "",
    "vault_type": "personal",
    "active_item_count": 1,
    "content_version": 2,
    "attributeVersion": 3,
    "created_at": "2024-01-02T03:04:05Z",
    "updatedAt": "2024-01-02T03:04:05.123456Z",
}
WHOLE_ITEM = {
    **ITEM,
    "id": "i",
    "version": 3,
    "notes": "n",
    "fields": [FIELD],
    "sections": [{"id": "s", "title": "S"}],
    "tags": ["a"],
    "websites": [WEBSITE],
    "files": [],
    "created_at": "2024-01-02T03:04:05Z",
    "updated_at": "2024-01-02T03:04:05Z",
}
MEMORABLE = {"separatorType": "digits", "capitalize": True, "wordListType": "fullWords", "wordCount": 4}
ADDRESS = dict.fromkeys(("street", "city", "country", "zip", "state"), "x")

Case = Callable[[Any], Any]

# What differs, and why.
DIFFERENCES = {
    "ItemField unknown member": "a member that there is not is refused by name, never dropped",
    "ItemField both spellings": "two values for one member are a mistake",
    "DocumentCreateParams content bytearray": "any bytes are taken as bytes",
    "DocumentCreateParams content memoryview": "any bytes are taken as bytes",
    "DocumentCreateParams content tuple": "any bytes are taken as bytes",
    "VaultOverview created_at 2024-01-02T03:04:05.123456789Z": "all of RFC 3339 is read",
    "VaultOverview created_at 2024-01-02T03:04:05+02:00": "all of RFC 3339 is read",
    "Website autofillBehavior None": "none is the default, as it is in `items.put`",
    "Item tags None": "a list that is null is empty, as it is in `items.put`",
    "places": "arguments may have no names, as in 0.1",
    "ItemFieldDetailsSshKey without content": "what may be None may be left out",
}


def members() -> Iterator[tuple[str, Case]]:
    """Values of members, one by one."""
    texts = ("x", b"abc", b"\xff", bytearray(b"abc"), 5, 1.5, True, None, [], {}, type("Text", (str,), {})("x"))
    kinds = ("Text", "text", "Nope", b"Text", 5, None)
    counts = (1, -1, 2**40, "1", " 1 ", "1.0", "1.5", "x", "", 1.0, 1.5, float("inf"), True, b"1", None, [])
    switches = (
        True,
        1,
        0,
        2,
        1.0,
        0.5,
        "true",
        "TRUE",
        "yes",
        "no",
        "t",
        "n",
        "on",
        "off",
        "1",
        "x",
        "",
        b"true",
        None,
    )
    times = ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05.12Z", "2024-01-02", "x", "2024-13-02T03:04:05Z", 1704164645)
    more_times = ("2024-01-02T03:04:05.123456789Z", "2024-01-02T03:04:05+02:00", "1704164645", None, True)
    contents = (b"ab\xff", "ab", [1, 2], [256], [-1], ["a"], [], (1, 2), None, 5, bytearray(b"x"), memoryview(b"x"))
    lists = (["a"], ("a",), {"a"}, frozenset("a"), deque("ab"), {"a": 1}.keys(), "ab", b"ab", {"a": 1}, [1], [b"a"])
    more_lists = (None, [None], 5, [["a"]])
    details = (
        *({"type": kind, "content": {"code": "1"}} for kind in ("Otp", "Nope")),
        *(
            {"type": "SshKey", "content": {name: "a", "fingerprint": "b", "keyType": "c"}}
            for name in ("publicKey", "x")
        ),
        *({"type": "SshKey", "content": None}, {"content": {"code": "1"}}, {"type": "Address", "content": ADDRESS}),
        *({"type": "Otp", "content": {"errorMessage": "no"}}, {"type": "Otp"}, 5, "Otp", None, []),
    )
    websites = ([WEBSITE], [{**WEBSITE, "autofillBehavior": "Nowhere"}], [5], WEBSITE, None)
    yield from each("ItemField", FIELD, "value", texts)
    yield from each("ItemField", FIELD, "section_id", texts)
    yield from each("ItemField", FIELD, "field_type", kinds)
    yield from each("ItemField", FIELD, "details", details)
    yield from each("VaultOverview", VAULT, "active_item_count", counts)
    yield from each("VaultOverview", VAULT, "created_at", (*times, *more_times))
    yield from each("ItemListFilterByStateInner", STATE, "active", switches)
    yield from each("DocumentCreateParams", {"name": "n"}, "content", contents)
    yield from each("ItemCreateParams", ITEM, "tags", (*lists, *more_lists))
    yield from each("ItemCreateParams", ITEM, "websites", websites)
    yield from each("ItemCreateParams", ITEM, "document", ({"name": "n", "content": [1]}, {"name": "n"}, b"x"))
    yield from each("Item", WHOLE_ITEM, "tags", (["a"], None, "a"))
    yield from each("PasswordRecipeMemorable", {}, "parameters", (MEMORABLE, {}, 4, None))
    yield from each("PasswordRecipeMemorable", {"parameters": MEMORABLE}, "type", ("Memorable", "Pin", None))
    yield from each("Website", WEBSITE, "autofillBehavior", ("Never", "Nowhere", None))
    yield from each("GroupAccess", {"groupId": "g"}, "permissions", (32, "32", None))


def each(kind: str, members: dict[str, Any], name: str, values: tuple[Any, ...]) -> Iterator[tuple[str, Case]]:
    for value in values:
        shown = value if isinstance(value, str) and value else f"{type(value).__name__} {value!r}"
        shown = "None" if value is None else shown
        shown = type(value).__name__ if isinstance(value, (bytearray, memoryview, tuple)) else shown
        yield f"{kind} {name} {shown}", lambda sdk, value=value: getattr(sdk, kind)(**{**members, name: value})


def whole() -> Iterator[tuple[str, Case]]:
    """What else programs do with values."""
    yield "ItemField unknown member", lambda sdk: sdk.ItemField(**FIELD, valeu=1)
    yield "ItemField both spellings", lambda sdk: sdk.ItemField(**FIELD, fieldType="Totp")
    yield "ItemField nothing", lambda sdk: sdk.ItemField()
    yield "ItemFieldDetailsSshKey without content", lambda sdk: sdk.ItemFieldDetailsSshKey()
    yield "places", lambda sdk: sdk.GroupAccess("g", 32)
    yield "another type", lambda sdk: sdk.ItemCreateParams(**ITEM, fields=[sdk.Website(**WEBSITE)])
    yield "types in lists", lambda sdk: sdk.ItemCreateParams(**ITEM, fields=[sdk.ItemField(**FIELD), FIELD])
    yield "a response", lambda sdk: sdk.Response(content=1)
    yield "a response of types", lambda sdk: sdk.Response[str, str](error="x")
    references = {"op://a": {"content": {"secret": "s", "itemId": "i", "vaultId": "v"}, "error": None}}
    references["op://b"] = {"content": None, "error": {"type": "parsing", "message": "m"}}
    yield "responses", lambda sdk: sdk.ResolveAllResponse(individual_responses=references)
    yield "a mapping", lambda sdk: sdk.ItemField.model_validate(MappingProxyType(FIELD))
    yield "validated from another", lambda sdk: sdk.ItemField.model_validate([1])
    yield "validated from a text", lambda sdk: sdk.ItemField.model_validate_json(json.dumps(FIELD))
    yield "validated from bytes", lambda sdk: sdk.ItemField.model_validate_json(json.dumps(FIELD).encode())
    yield "validated from no JSON", lambda sdk: sdk.ItemField.model_validate_json("{")
    yield "validated itself", lambda sdk: (field := sdk.ItemField(**FIELD)) is sdk.ItemField.model_validate(field)
    yield "by attributes", lambda sdk: sdk.ItemField.model_validate(type("Other", (), FIELD)(), from_attributes=True)
    yield "set", lambda sdk: changed(sdk, "value", "w")
    yield "set to anything", lambda sdk: changed(sdk, "value", 5).value
    yield "set by another name", lambda sdk: changed(sdk, "fieldType", "Text")
    yield "set an unknown member", lambda sdk: changed(sdk, "valeu", "w")
    yield "hash", lambda sdk: hash(sdk.ItemField(**FIELD))
    yield "iterated", lambda sdk: sorted(dict(sdk.ItemField(**FIELD)))
    yield "vars", lambda sdk: sorted(vars(sdk.ItemField(**FIELD)))
    yield (
        "equal",
        lambda sdk: sdk.ItemField(**FIELD) == sdk.ItemField(**{**FIELD, "field_type": sdk.ItemFieldType.TEXT}),
    )
    yield "not equal", lambda sdk: sdk.ItemField(**FIELD) == sdk.ItemField(**{**FIELD, "value": "w"})
    yield "not equal to a dict", lambda sdk: sdk.ItemField(**FIELD) == FIELD
    for name, copies in {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": pickled}.items():
        yield name, lambda sdk, copies=copies: copies(sdk.Item(**WHOLE_ITEM)) == sdk.Item(**WHOLE_ITEM)
    yield "deep or not", lambda sdk: [shared(sdk, deep=deep) for deep in (False, True)]
    yield "copied", lambda sdk: sdk.ItemField(**FIELD).model_copy(update={"value": "w"})
    yield "given", lambda sdk: sorted(sdk.ItemCreateParams(**ITEM, tags=None).model_fields_set)
    yield "given by alias", lambda sdk: sorted(sdk.Website(**WEBSITE).model_fields_set)
    yield "all given", lambda sdk: sorted(sdk.VaultOverview(**VAULT).model_fields_set)
    yield "given since", lambda sdk: sorted(changed(sdk, "section_id", None).model_fields_set)
    yield (
        "given to a copy",
        lambda sdk: sorted(sdk.ItemField(**FIELD).model_copy(update={"section_id": "s"}).model_fields_set),
    )
    yield "members", lambda sdk: list(sdk.Item.model_fields)
    yield "required", lambda sdk: [name for name, each in sdk.ItemField.model_fields.items() if each.is_required()]
    yield "defaults", lambda sdk: sdk.ItemField.model_fields["section_id"].default


def changed(sdk: Any, name: str, value: Any) -> Any:
    field = sdk.ItemField(**FIELD)
    setattr(field, name, value)
    return field


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def shared(sdk: Any, deep: bool) -> bool:
    item = sdk.Item(**WHOLE_ITEM)
    return item.model_copy(deep=deep).fields is item.fields


def dumps() -> Iterator[tuple[str, Case]]:
    """Values as dicts and as JSON."""
    options: list[dict[str, Any]] = [{}, {"by_alias": True}, {"exclude_none": True}, {"exclude_unset": True}]
    options += [{"exclude_defaults": True}, {"include": {"title", "fields"}}, {"exclude": {"fields", "createdAt"}}]
    options += [{"exclude": {"fields": {"__all__": {"value"}}}}, {"include": {"fields": {0: {"value", "id"}}}}]
    options += [{"exclude": {"fields": {0: True}, "tags": ...}}, {"include": {"fields": {"__all__": {"id": True}}}}]
    options += [
        {"include": set()},
        {"exclude": set()},
        {"include": {"fields": True}, "exclude": {"fields": {0: {"id"}}}},
    ]
    document = {"name": "n", "content": b"\x00\xff"}
    made: dict[str, Case] = {
        "Item": lambda sdk: sdk.Item(**WHOLE_ITEM),
        "ItemCreateParams": lambda sdk: sdk.ItemCreateParams(**ITEM, fields=[FIELD], document=document),
        "Vault": lambda sdk: sdk.VaultOverview(**VAULT),
        "Recipe": lambda sdk: sdk.PasswordRecipeMemorable(parameters=MEMORABLE),
    }
    for name, make in made.items():
        for how in options:
            yield f"dump {name} {how}", lambda sdk, make=make, how=how: dumped(make(sdk).model_dump(**how))
            yield f"json {name} {how}", lambda sdk, make=make, how=how: json.loads(make(sdk).model_dump_json(**how))
        yield f"dump {name} as json", lambda sdk, make=make: repr(sorted_all(make(sdk).model_dump(mode="json")))
        yield f"text {name}", lambda sdk, make=make: make(sdk).model_dump_json()
        yield f"indented {name}", lambda sdk, make=make: make(sdk).model_dump_json(indent=2, by_alias=True)
        yield (
            f"there and back {name}",
            lambda sdk, make=make: (
                type(make(sdk)).model_validate_json(make(sdk).model_dump_json(by_alias=True)) == make(sdk)
            ),
        )
        yield (
            f"dump and back {name}",
            lambda sdk, make=make: type(make(sdk)).model_validate(make(sdk).model_dump()) == make(sdk),
        )


def dumped(value: Any) -> Any:
    """With the classes of enums."""
    if isinstance(value, dict):
        return {name: dumped(each) for name, each in value.items()}
    if isinstance(value, list):
        return [dumped(each) for each in value]
    return f"{type(value).__name__} {value!r}"


def sorted_all(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True))


def outcome(case: Case, sdk: Any) -> tuple[str, Any]:
    try:
        value = case(sdk)
    except (ValueError, TypeError):
        return "refused", None
    return "value", value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def main(official: str, opwire: str) -> None:
    packages = importlib.import_module(f"{official}.types"), importlib.import_module(f"{opwire}.types")
    cases = {name: case for source in (members, whole, dumps) for name, case in source()}
    different = {}
    for name, case in cases.items():
        outcomes = [outcome(case, sdk) for sdk in packages]
        if outcomes[0] != outcomes[1]:
            different[name] = outcomes
    for name in different.keys() - DIFFERENCES.keys():
        print(f"{name}\n  official: {different[name][0]}\n  opwire:   {different[name][1]}")
    needless = DIFFERENCES.keys() - different.keys()
    if needless or different.keys() - DIFFERENCES.keys():
        sys.exit(f"interop: types differ without a reason, or these do not: {sorted(needless)}")
    print(
        f"types: {len(cases) - len(different)} of {len(cases)} cases are the same, {len(different)} differ for a reason"
    )


main(*sys.argv[1:3])
