"""The types of the package and their JSON."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import List

import pytest

from opwire._wire import decode, encode
from opwire.types import (
    GeneratePasswordResponse,
    Item,
    ItemCategory,
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
