"""Items as other programs store them: references give what the public SDK gives."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any, Dict, List, Optional

import pytest

from opwire import SyncClient
from opwire.types import (
    Item,
    ItemCategory,
    ItemCreateParams,
    ItemField,
    ItemFieldDetailsSshKey,
    ItemFieldType,
)

from .conftest import VECTORS, Server, command

STEAM = re.compile("[2-9BCDFGHJKMNPQRTVWXY]{5}")


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def put(server: Server, items: List[Dict[str, Any]]) -> List[str]:
    """Puts items as they stand in the vectors, and gives their ids."""
    done = subprocess.run(
        [str(command().with_name("opwire-items")), "put", server.vault_id],
        env=server.environment,
        input=json.dumps(items),
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    ids: List[str] = json.loads(done.stdout)
    return ids


def resolve(client: SyncClient, references: List[str]) -> List[Optional[str]]:
    """The secrets of references; None for those that are refused."""
    answers = client.secrets.resolve_all(references).individual_responses
    contents = [answers[reference].content for reference in references]
    return [content.secret if content else None for content in contents]


def test_references_into_stored_items(server: Server) -> None:
    cases = vectors("stored-items.json")["cases"]
    ids = put(server, cases)
    with SyncClient.authenticate(**server.credentials) as client:
        for item_id, case in zip(ids, cases):
            why, path = case["why"], f"op://{server.vault_id}/{item_id}"
            found = resolve(client, [f"{path}/{key}" for key in case["references"]])
            assert found == list(case["references"].values()), why
            if "websites" in case:
                websites = client.items.get(server.vault_id, item_id).websites
                assert [website.url for website in websites] == case["websites"], why


def test_one_time_passwords_as_they_are_pasted(server: Server) -> None:
    given = vectors("one-time-passwords.json")
    cases, steam, refused = given["cases"], given["steam"]["contents"], given["refused"]
    plain = "otpauth://totp/x?secret={}&digits={digits}&period={period}"
    plain += "&algorithm={algorithm}"
    pasted = [case["content"] for case in cases] + steam
    wanted = [plain.format(given["secret"], **case) for case in cases]
    wanted += [f"steam://{given['secret']}"] * len(steam)
    contents = pasted + wanted + [case["content"] for case in refused]
    fields = [
        {"n": f"TOTP_{at}", "t": f"f{at}", "k": "concealed", "v": content}
        for at, content in enumerate(contents)
    ]
    details = {"sections": [{"name": "s", "title": "S", "fields": fields}]}
    stored = {"templateUuid": "001", "overview": {"title": "x"}, "details": details}
    path = f"op://{server.vault_id}/{put(server, [stored])[0]}/TOTP_"
    references = [f"{path}{at}?attribute=totp" for at in range(len(contents))]
    with SyncClient.authenticate(**server.credentials) as client:
        # The codes may change within a call.
        for _ in range(3):
            codes = resolve(client, references)
            got, expected = codes[: len(pasted)], codes[len(pasted) : -len(refused)]
            if got == expected:
                break
        assert got == expected
        lengths = [len(code or "") for code in got[: len(cases)]]
        assert lengths == [case["digits"] for case in cases]
        assert all(STEAM.fullmatch(code or "") for code in got[len(cases) :])
        answers = client.secrets.resolve_all(references).individual_responses
        for case, reference in zip(refused, references[-len(refused) :]):
            error: Any = answers[reference].error
            assert error.message == case["error"], case


def test_private_keys_as_programs_store_them(server: Server) -> None:
    given = vectors("ssh-keys.json")
    with SyncClient.authenticate(**server.credentials) as client:

        def create(text: str) -> Item:
            field = ItemField(
                id="private_key",
                title="private key",
                field_type=ItemFieldType.SSHKEY,
                value=text,
            )
            params = ItemCreateParams(
                category=ItemCategory.SSHKEY,
                vault_id=server.vault_id,
                title="key",
                fields=[field],
            )
            return client.items.create(params)

        for case in given["cases"]:
            item = create(case["text"])
            details = item.fields[0].details
            assert isinstance(details, ItemFieldDetailsSshKey), case["why"]
            assert details.content, case["why"]
            assert details.content.public_key == given["publicKey"], case["why"]
            path = f"op://{server.vault_id}/{item.id}/private key"
            key = client.secrets.resolve(f"{path}?ssh-format=openssh")
            assert key.startswith("-----BEGIN OPENSSH"), case["why"]
        for case in given["refused"]:
            with pytest.raises(Exception, match="error parsing private key: ") as error:
                create(case["text"])
            assert case["says"] in str(error.value), case["why"]
