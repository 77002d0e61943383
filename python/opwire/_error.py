"""The base of all failures that opwire reports."""

from __future__ import annotations

from typing import ClassVar, Optional

__all__ = ["OpwireError"]


class OpwireError(Exception):
    """A failure. Its subclasses in `opwire.errors` tell the kinds apart.

    No member ever holds a secret.
    """

    code: ClassVar[str] = "Unknown"
    """The name of the kind, the same in every language."""

    message: str
    """What went wrong, for a person."""
    retryable: bool
    """Whether the same call may succeed when it is made again, unchanged."""
    field: Optional[str]
    """The parameter or member at fault, where one is."""
    status: Optional[int]
    """The HTTP status that the failure came from."""
    retry_after: Optional[float]
    """The seconds that the server asks to wait."""

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = False,
        field: Optional[str] = None,
        status: Optional[int] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retryable = retryable
        self.field = field
        self.status = status
        self.retry_after = retry_after

    @property
    def name(self) -> str:
        """The same as `code`."""
        return self.code
