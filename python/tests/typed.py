"""For type checkers, run by `test_typing.py`: a line that is wrong says `refused`."""

from __future__ import annotations

from typing import List

import opwire
from opwire import *  # noqa: F403
from opwire.types import (
    FileCreateParams,
    GroupVaultAccess,
    Item,
    ItemCategory,
    ItemCreateParams,
    ItemField,
    ItemFieldType,
    PasswordRecipeMemorableInner,
    SeparatorType,
    Website,
    WordListType,
)

TEXT = ItemFieldType.TEXT

# Either spelling of what has to be given, and of what may be.
fields: List[ItemField] = [
    ItemField(id="a", title="b", field_type=TEXT, value="c", section_id="d"),
    ItemField(id="a", title="b", fieldType=TEXT, value="c", sectionId="d"),
    ItemField(id="a", title="b", fieldType=TEXT, value=b"c", section_id="d"),
    ItemField(id="a", title="b", field_type=TEXT, value="c", sectionId="d"),
    ItemField("a", "b", TEXT, "c", "d"),
]
params = ItemCreateParams(
    category=ItemCategory.LOGIN, vaultId="v", title="t", fields=fields
)
file = FileCreateParams(name="a", content=b"", sectionId="b", field_id="c")
access = GroupVaultAccess(vault_id="a", groupId="b", permissions=READ_ITEMS)  # noqa: F405
recipe = PasswordRecipeMemorableInner(
    separatorType=SeparatorType.DIGITS,
    word_list_type=WordListType.SYLLABLES,
    wordCount=3,
    capitalize=True,
)

# What `from opwire import *` brings.
builder: ItemBuilder = ItemBuilder(ItemCategory.LOGIN, "v", "t")  # noqa: F405
seconds: int = DEFAULT_MAX_RETRIES  # noqa: F405
failure: OpwireError = NotFoundException("not there")  # noqa: F405
category: opwire.types.ItemCategory = ItemCategory.LOGIN


def copied(item: Item) -> Item:
    text: str = item.fields[0].value
    again = Item.model_validate_json(item.model_dump_json(by_alias=True))
    return again.model_copy(update={"title": text}, deep=True)


ItemField(id="a", title="b", value="c")  # refused
ItemField(id="a", title="b", fieldtype=TEXT, value="c")  # refused
ItemField(id=1, title="b", fieldType=TEXT, value="c")  # refused
Website(url="a", label="b", autofillBehavior="Never")  # refused
fields[0].valeu = "c"  # refused
unknown = NOT_THERE  # refused # noqa: F405
