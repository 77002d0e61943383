"""What needs no server: references, passwords and malformed input, as recorded."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, Optional

import pytest

from opwire import Client, DesktopAuth, Secrets, SyncClient, ValidationError
from opwire.errors import (
    ERROR_CLASSES,
    InvalidConfigurationException,
    InvalidInvocationException,
    InvalidServiceAccountTokenException,
    OpwireError,
)
from opwire.types import (
    GeneratePasswordResponse,
    PasswordRecipe,
    PasswordRecipeMemorable,
    PasswordRecipePin,
    PasswordRecipePinInner,
    PasswordRecipeRandom,
)

from .conftest import PROGRAM, token, vectors


def assert_recorded(error: OpwireError, recorded: str) -> None:
    if not recorded.startswith("{"):
        # Ours says more, and the position depends on the order of members.
        assert isinstance(error, InvalidInvocationException)
        assert recorded.split(" at line")[0] in error.message
        return
    expected = json.loads(recorded)
    assert error.code == expected["name"]
    assert str(error) == error.message == expected["message"]
    assert type(error) is ERROR_CLASSES[expected["name"]]


def test_references_are_judged_as_recorded() -> None:
    for case in vectors("references.json"):
        # Python has no `undefined`; what stands for it is None.
        reference: Any = None if case["input"] == "<undefined>" else case["input"]
        if case["ok"]:
            Secrets.validate_secret_reference(reference)
        else:
            with pytest.raises(OpwireError) as caught:
                Secrets.validate_secret_reference(reference)
            assert_recorded(caught.value, case["error"])


def test_passwords_are_generated_or_refused_as_recorded() -> None:
    checked = 0
    for case in vectors("passwords.json"):
        recipe = recipe_of(case["input"])
        if recipe is None:
            continue
        checked += 1
        if case["ok"]:
            assert_like(Secrets.generate_password(recipe), recipe, case["value"])
        else:
            with pytest.raises(OpwireError) as caught:
                Secrets.generate_password(recipe)
            assert_recorded(caught.value, case["error"])
    assert checked > 50


def recipe_of(recorded: Any) -> Optional[PasswordRecipe]:
    """The recipe, unless it is one that the types do not let a program write."""
    for kind in (PasswordRecipePin, PasswordRecipeRandom, PasswordRecipeMemorable):
        try:
            recipe: PasswordRecipe = kind.model_validate(recorded)
        except ValidationError:
            continue
        if recipe.model_dump(mode="json", by_alias=True) == recorded:
            return recipe
    return None


def assert_like(
    response: GeneratePasswordResponse, recipe: PasswordRecipe, recorded: Any
) -> None:
    stats = recorded["stats"]
    if isinstance(recipe, (PasswordRecipePin, PasswordRecipeRandom)):
        assert stats["minLength"] <= len(response.password) <= stats["maxLength"]
    if not stats["digits"]:
        assert not any(character.isdigit() for character in response.password)


def test_a_wrong_parameter_is_named() -> None:
    with pytest.raises(InvalidInvocationException) as caught:
        PasswordRecipePinInner(length="six")  # type: ignore[arg-type]
    assert "length must be a whole number, not str" in caught.value.message
    assert caught.value.field == "length"
    with pytest.raises(InvalidInvocationException) as caught:
        Secrets.validate_secret_reference(7)  # type: ignore[arg-type]
    assert caught.value.field == "secret_reference"


def test_text_is_passed_whole() -> None:
    for text in ["op://väult/£/🔑", "op://a/b/\ud800", "op://a/\0/c"]:
        with pytest.raises(OpwireError):
            Secrets.validate_secret_reference(text)


def token_of(recorded: Dict[str, Any]) -> Optional[str]:
    """The recorded token; long ones were cut, and are made again from their content."""
    auth = recorded["auth"]
    if len(auth) < 40:
        return str(auth)
    if auth.startswith("ops_") and "payload" in recorded:
        return token(recorded["payload"])
    return None


def test_malformed_tokens_are_refused_as_recorded() -> None:
    checked = 0
    for case in vectors("tokens.json"):
        expected = case.get("error", "")
        if not expected.startswith(
            "invalid service account token"
        ) or "base64 decoding" in str(expected):
            continue
        auth = token_of(case["input"])
        if auth is None:
            continue
        with pytest.raises(InvalidServiceAccountTokenException) as caught:
            SyncClient.authenticate(auth=auth, **PROGRAM)
        assert caught.value.message.startswith(f"{expected}: "), case["label"]
        assert auth not in repr(caught.value)
        checked += 1
    assert checked > 30


@pytest.mark.parametrize("auth", ["", None])
def test_a_missing_token_is_named(auth: Optional[str]) -> None:
    with pytest.raises(OpwireError, match="service account token") as caught:
        asyncio.run(Client.authenticate(auth=auth, **PROGRAM))
    assert caught.value.field == "auth"
    assert not caught.value.retryable


def test_a_missing_name_is_named() -> None:
    with pytest.raises(
        InvalidConfigurationException,
        match="invalid user input: encountered the following errors: "
        "integration name was not specified",
    ):
        SyncClient.authenticate("ops_x", "", "v1")


def test_the_agent_takes_no_options_of_the_network() -> None:
    with pytest.raises(InvalidConfigurationException, match="the agent") as caught:
        SyncClient.authenticate(
            auth=DesktopAuth("me"), proxy="http://127.0.0.1:9", **PROGRAM
        )
    assert caught.value.field == "proxy"
    with pytest.raises(InvalidConfigurationException) as caught:
        DesktopAuth("me", vaults="Development")
    assert caught.value.field == "vaults"


def test_malformed_options_are_named() -> None:
    auth = vectors("tokens.json")[0]["input"]["payload"]
    cases: Dict[str, Dict[str, Any]] = {
        "proxy": {"proxy": "http://user:secret@["},
        "ca_certs": {"ca_certs": b"nothing"},
        "request_timeout": {"request_timeout": 0},
    }
    for field, options in cases.items():
        with pytest.raises(InvalidConfigurationException) as caught:
            SyncClient.authenticate(auth=token(auth), **PROGRAM, **options)
        assert caught.value.field == field
        assert "secret" not in str(caught.value)
    with pytest.raises(TypeError, match="http_transport"):
        SyncClient.authenticate(auth=token(auth), **PROGRAM, http_transport=object())
