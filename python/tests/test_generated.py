"""Any item that the types allow comes back from the server as it was made.

`OPWIRE_GENERATED` says how many are tried, `OPWIRE_SEED` which.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import subprocess
from typing import Any, Dict, List, Tuple

from opwire import SyncClient
from opwire._wire import decode, encode
from opwire.types import FileAttributes, Item, ItemCreateParams

from .conftest import Server, command

Json = Dict[str, Any]


def cases(vault_id: str) -> List[Json]:
    arguments = [
        os.environ.get("OPWIRE_SEED", "3"),
        os.environ.get("OPWIRE_GENERATED", "66"),
        vault_id,
    ]
    generator = command().with_name("opwire-items")
    text = subprocess.run(
        [generator, *arguments], stdout=subprocess.PIPE, check=True
    ).stdout
    generated: List[Json] = json.loads(text)
    return generated


def files(item: Json) -> List[Json]:
    """The files of an item or of what is to be created, a Document's own first."""
    of_fields = [file.get("attributes", file) for file in item["files"]]
    document = item.get("document")
    return [document, *of_fields] if document else of_fields


def create_params(params: Json) -> Tuple[ItemCreateParams, List[bytes]]:
    """The parameters, and the content of their files."""
    params = copy.deepcopy(params)
    for file in files(params):
        file["content"] = base64.b64decode(file["content"])
    contents = [file["content"] for file in files(params)]
    return decode(ItemCreateParams, params), contents


def shown(item: Json) -> Json:
    """What is compared: all but what follows from the rest."""
    fields = []
    for field in item["fields"]:
        names = ("id", "title", "sectionId", "fieldType", "value")
        address = field["fieldType"] == "Address" and field.get("details")
        content = address.get("content") if address else None
        fields.append([*(field.get(name) for name in names), content])
    names_and_sizes = [[file["name"], file["size"]] for file in files(item)]
    places = [[file["sectionId"], file["fieldId"]] for file in item["files"]]
    others = ("category", "title", "notes", "tags", "websites", "sections")
    return {
        "fields": fields,
        "files": [names_and_sizes, places],
        **{name: item[name] for name in others},
    }


def edit(item: Json, change: Json) -> Json:
    edited = copy.deepcopy(item)
    edited["title"] = change["title"]
    if change["field"] is not None:
        edited["fields"][change["field"]]["value"] = change["value"]
    return edited


def test_any_item_comes_back_as_it_was_made(server: Server) -> None:
    generated = cases(server.vault_id)
    creations = [create_params(each["params"]) for each in generated]
    params = [params for params, _ in creations]
    with SyncClient.authenticate(**server.credentials) as client:
        responses = client.items.create_all(server.vault_id, params)
        ids = [each.content.id for each in responses.individual_responses]  # type: ignore[union-attr]

        def read() -> List[Json]:
            responses = client.items.get_all(server.vault_id, ids)
            return [encode(each.content, []) for each in responses.individual_responses]

        created = [encode(each.content, []) for each in responses.individual_responses]
        got, expected = read(), [shown(each["expected"]) for each in generated]
        assert [shown(item) for item in created] == expected
        assert [shown(item) for item in got] == expected

        edited = [shown(edit(each["expected"], each["edit"])) for each in generated]
        for item, each, wanted in zip(got, generated, edited):
            put = client.items.put(decode(Item, edit(item, each["edit"])))
            assert shown(encode(put, [])) == wanted
        again = read()
        assert [shown(item) for item in again] == edited
        for item, (_, contents) in zip(again, creations):
            attributes = [decode(FileAttributes, file) for file in files(item)]
            read_back = [
                client.items.files.read(server.vault_id, item["id"], file)
                for file in attributes
            ]
            assert read_back == contents
