"""Bytes as lists of numbers, which is how they pass through the public desktop app."""

from __future__ import annotations

import re
from typing import Any, Match, Sequence

from .errors import InvalidResponseException

__all__ = ["from_numbers", "with_numbers"]

# What `encode` puts in place of bytes. No text in JSON has an unescaped quotation mark
# after a brace.
_REFERENCE = re.compile(r'\{"attachment": ?(\d+)\}')


def with_numbers(text: str, attachments: Sequence[bytes]) -> str:
    """Returns the JSON with the attachments that it refers to written out as lists of
    numbers.
    """
    if not attachments:
        return text

    def written_out(reference: Match[str]) -> str:
        index = int(reference[1])
        if index >= len(attachments):
            return reference[0]
        return f"[{','.join(map(str, attachments[index]))}]"

    return _REFERENCE.sub(written_out, text)


def from_numbers(value: Any) -> bytes:
    """Returns the bytes of a list of numbers."""
    if isinstance(value, list):
        try:
            return bytes(value)
        except (TypeError, ValueError):
            pass
    raise InvalidResponseException(
        "the response has something else where bytes are expected"
    )
