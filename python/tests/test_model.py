"""The types of the package and their JSON."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import traceback
from datetime import datetime, timedelta, timezone
from typing import Any, List

import pytest

from opwire import ValidationError
from opwire._wire import decode, encode
from opwire.types import (
    DocumentCreateParams,
    GeneratePasswordResponse,
    Item,
    ItemCategory,
    ItemCreateParams,
    ItemField,
    ItemFieldDetailsOtp,
    ItemFieldDetailsSshKey,
    ItemFieldType,
    ItemListFilterByState,
    ItemListFilterByStateInner,
    ItemOverview,
    OtpFieldDetails,
    PasswordRecipePin,
    PasswordRecipePinInner,
    ResolveAllResponse,
    ResolvedReference,
    ResolveReferenceErrorFieldNotFound,
    ResolveReferenceErrorParsing,
    ResolveReferenceErrorTypes,
)

ITEM = {
    "id": "i",
    "title": "An item",
    "category": "ApiCredentials",
    "vaultId": "v",
    "fields": [
        {
            "id": "code",
            "title": "code",
            "sectionId": None,
            "fieldType": "Totp",
            "value": "otpauth://x",
            "details": {"type": "Otp", "content": {"code": "123456"}},
        },
        {
            "id": "key",
            "title": "key",
            "sectionId": "s",
            "fieldType": "SshKey",
            "value": "",
            "details": {"type": "SshKey", "content": None},
        },
    ],
    "sections": [],
    "notes": "",
    "tags": ["1"],
    "websites": [
        {"url": "https://a", "label": "a", "autofillBehavior": "Never"},
    ],
    "version": 3,
    "files": [],
    "document": None,
    "createdAt": "2024-10-11T20:44:37.123Z",
    "updatedAt": "2024-10-11T20:44:37Z",
}


def test_an_item_reads_as_typed_members() -> None:
    item = decode(Item, ITEM)
    assert item.category is ItemCategory.APICREDENTIALS
    assert item.created_at == datetime(2024, 10, 11, 20, 44, 37, 123000, timezone.utc)
    assert item.fields[0].details == ItemFieldDetailsOtp(OtpFieldDetails(code="123456"))
    assert item.fields[1].details == ItemFieldDetailsSshKey(content=None)
    assert item.document is None
    assert dict(item)["vault_id"] == "v"


def test_an_item_survives_json() -> None:
    item = decode(Item, ITEM)
    assert decode(Item, json.loads(json.dumps(encode(item, [])))) == item


def test_lists_are_decoded_by_their_hint() -> None:
    assert decode(List[ItemOverview], []) == []
    assert decode(List[int], [1, 2, 3]) == [1, 2, 3]


def test_unions_carry_their_type() -> None:
    recipe = PasswordRecipePin(parameters=PasswordRecipePinInner(length=6))
    assert encode(recipe, []) == {"type": "Pin", "parameters": {"length": 6}}
    state = ItemListFilterByStateInner(active=True, archived=False)
    assert encode([ItemListFilterByState(content=state)], []) == [
        {"type": "ByState", "content": {"active": True, "archived": False}}
    ]


def test_each_response_is_content_or_error() -> None:
    response = decode(
        ResolveAllResponse,
        {
            "individualResponses": {
                "op://a": {
                    "content": {"secret": "x", "itemId": "i", "vaultId": "v"},
                    "error": None,
                },
                "op://b": {"content": None, "error": {"type": "fieldNotFound"}},
                "op://c": {"error": {"type": "parsing", "message": "why"}},
            }
        },
    ).individual_responses
    assert response["op://a"].content == ResolvedReference("x", "i", "v")
    assert response["op://b"].error == ResolveReferenceErrorFieldNotFound()
    assert response["op://c"].error == ResolveReferenceErrorParsing("why")
    assert response["op://c"].error.type is ResolveReferenceErrorTypes.PARSING


def test_times_are_written_in_utc() -> None:
    summer = timezone(timedelta(hours=2))
    written = encode(datetime(2024, 7, 1, 12, tzinfo=summer), [])
    assert written == "2024-07-01T10:00:00.000000Z"
    written = encode(datetime(2024, 7, 1, 12), [])
    assert written == "2024-07-01T12:00:00.000000Z"


def test_a_missing_member_is_named() -> None:
    with pytest.raises(TypeError, match="title"):
        decode(Item, {key: ITEM[key] for key in ITEM if key != "title"})


def test_secret_values_are_not_shown() -> None:
    field = ItemField(
        id="password",
        title="password",
        field_type=ItemFieldType.CONCEALED,
        value="hunter2",
    )
    assert "hunter2" not in repr(field)
    assert "hunter2" not in repr(GeneratePasswordResponse(password="hunter2"))
    assert "hunter2" not in repr(ResolvedReference("hunter2", "i", "v"))


def test_members_may_be_given_by_their_json_names() -> None:
    by_name = ItemField(
        id="i", title="t", field_type=ItemFieldType.TEXT, value="v", section_id="s"
    )
    members = {"id": "i", "title": "t", "value": "v", "sectionId": "s"}
    assert ItemField(**members, fieldType=ItemFieldType.TEXT) == by_name  # type: ignore[call-overload]


def text_field() -> ItemField:
    return ItemField(id="i", title="t", field_type=ItemFieldType.TEXT, value="v")


def test_values_are_converted() -> None:
    members: Any = {
        "category": "Login",
        "vaultId": b"v",
        "title": "t",
        "fields": ({"id": "i", "title": "t", "fieldType": "Text", "value": b"v"},),
        "document": {"name": "n", "content": [1, 255]},
    }
    params = ItemCreateParams(**members)
    assert params.category is ItemCategory.LOGIN
    assert params.vault_id == "v"
    assert params.fields == [text_field()]
    assert params.document == DocumentCreateParams(name="n", content=b"\x01\xff")


def test_all_mistakes_are_told_and_no_value() -> None:
    members: Any = {
        "category": "Logn",
        "titel": "t",
        "vault_id": 5,
        "fields": [{"id": "i", "title": "t", "fieldType": "Text", "value": 7654}],
        "notes": b"hunter2\xff",
    }
    with pytest.raises(ValidationError) as caught:
        ItemCreateParams(**members)
    lines = caught.value.message.splitlines()
    assert [line.split()[0] for line in lines] == [
        "ItemCreateParams.category",
        "ItemCreateParams.vault_id",
        "ItemCreateParams.title",
        "ItemCreateParams.fields[0].value",
        "ItemCreateParams.notes",
        "ItemCreateParams.titel",
    ]
    assert lines[1].endswith("must be text, not int: convert it, as str() does")
    assert lines[2].endswith("is missing: pass title")
    assert lines[5].endswith("is not a member: did you mean title?")
    assert caught.value.field == "category"
    assert isinstance(caught.value, (ValueError, TypeError))
    shown = "".join(traceback.format_exception(None, caught.value, None))
    assert caught.value.__context__ is None
    for secret in ("hunter2", "7654", "Logn"):
        assert secret not in shown
    assert str(pickle.loads(pickle.dumps(caught.value))) == caught.value.message


def test_what_cannot_be_read_is_not_shown() -> None:
    with pytest.raises(ValidationError, match="line 1, column") as caught:
        ItemField.model_validate_json('{"value": hunter2}')
    assert caught.value.__context__ is None
    with pytest.raises(ValidationError, match="not a member: did you mean value"):
        text_field().valeu = "hunter2"  # type: ignore[attr-defined]


def test_values_are_copied_and_compared() -> None:
    item = decode(Item, ITEM)
    for same in (
        copy.copy(item),
        copy.deepcopy(item),
        pickle.loads(pickle.dumps(item)),
        dataclasses.replace(item),
        item.model_copy(),
        Item.model_validate(item.model_dump()),
        Item.model_validate_json(item.model_dump_json(by_alias=True)),
    ):
        assert same == item
        assert same is not item
    assert item.model_copy().fields is item.fields
    assert item.model_copy(deep=True).fields is not item.fields
    assert item.model_copy(update={"vaultId": "w"}).vault_id == "w"
    assert dataclasses.asdict(text_field()) == dict(text_field())
    with pytest.raises(TypeError, match="unhashable"):
        hash(item)


def test_secrets_are_hidden_but_dumped() -> None:
    field = text_field()
    assert "value=<hidden>" in repr(field)
    assert field.model_dump(include={"value"}) == {"value": "v"}
    assert json.loads(field.model_dump_json(exclude_none=True)) == {
        "id": "i",
        "title": "t",
        "field_type": "Text",
        "value": "v",
    }
    assert field.model_fields_set == {"id", "title", "field_type", "value"}
    assert field.model_dump(exclude={"value"}, exclude_unset=True, mode="json") == {
        "id": "i",
        "title": "t",
        "field_type": "Text",
    }
