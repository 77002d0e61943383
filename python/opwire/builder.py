"""Builds items, and chooses the ids of fields and sections."""

from __future__ import annotations

from typing import Optional, TypeVar, Union

from ._fields import FieldMethods
from .items import Items
from .types import (
    AddressFieldDetails,
    AutofillBehavior,
    FieldDraft,
    ItemCategory,
    ItemCreateParams,
    ItemDraft,
    ItemFieldType,
    Website,
)

__all__ = ["ItemBuilder"]

Self = TypeVar("Self", bound="ItemBuilder")


class ItemBuilder(FieldMethods):
    """Builds the parameters of `items.create`. Added by opwire.

    ```python
    params = (
        ItemBuilder(ItemCategory.LOGIN, vault_id, "Example")
        .username("ada")
        .password("...")
        .website("https://example.com")
        .section("API")
        .concealed("token", "...")
        .build()
    )
    item = await client.items.create(params)
    ```
    """

    def __init__(self, category: ItemCategory, vault_id: str, title: str) -> None:
        self._draft = ItemDraft(
            category=category,
            vault_id=vault_id,
            title=title,
            fields=[],
            tags=[],
            websites=[],
        )
        self._section: Optional[str] = None

    def username(self: Self, value: str) -> Self:
        """Set the user name. In a Login, it is the one that is filled in."""
        return self._built_in(ItemFieldType.TEXT, "username", value)

    def password(self: Self, value: str) -> Self:
        """Set the password. In a Login or Password, it is the one that is filled in."""
        return self._built_in(ItemFieldType.CONCEALED, "password", value)

    def notes(self: Self, text: str) -> Self:
        """Set the notes."""
        self._draft.notes = text
        return self

    def tag(self: Self, *tags: str) -> Self:
        """Add tags."""
        self._draft.tags.extend(tags)
        return self

    def website(
        self: Self,
        url: str,
        label: str = "website",
        autofill_behavior: AutofillBehavior = AutofillBehavior.ANYWHEREONWEBSITE,
    ) -> Self:
        """Add a website to a Login or Password."""
        website = Website(url=url, label=label, autofill_behavior=autofill_behavior)
        self._draft.websites.append(website)
        return self

    def section(self: Self, title: str) -> Self:
        """Put the fields that are added next into the section with this title."""
        self._section = title
        return self

    def build(self) -> ItemCreateParams:
        """Return the parameters, with ids for all fields and sections.

        Raises `InvalidConfigurationException`, whose message lists every mistake.
        """
        draft = self._draft
        built = Items.build(draft)
        return ItemCreateParams(
            category=draft.category,
            vault_id=draft.vault_id,
            title=draft.title,
            fields=built.fields,
            sections=built.sections,
            notes=draft.notes,
            tags=list(draft.tags),
            websites=list(draft.websites),
        )

    def _field(
        self: Self,
        field_type: ItemFieldType,
        title: str,
        value: Union[str, AddressFieldDetails],
    ) -> Self:
        field = FieldDraft(
            field_type=field_type,
            title=title,
            value=value if isinstance(value, str) else "",
            section=self._section,
            address=None if isinstance(value, str) else value,
            id="private_key" if field_type is ItemFieldType.SSHKEY else None,
        )
        self._draft.fields.append(field)
        return self

    def _built_in(self: Self, field_type: ItemFieldType, name: str, value: str) -> Self:
        field = FieldDraft(field_type=field_type, title=name, value=value, id=name)
        self._draft.fields.append(field)
        return self
