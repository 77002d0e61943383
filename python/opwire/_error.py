"""The base class of all failures that opwire reports."""

from __future__ import annotations

from typing import ClassVar, Optional

__all__ = ["OpwireError"]


class OpwireError(Exception):
    """A failure. Each kind has a subclass in `opwire.errors`.

    No member contains a secret.
    """

    code: ClassVar[str] = "Unknown"
    """The name of the kind, the same in every language."""

    message: str
    """The description of the failure."""
    retryable: bool
    """Whether the same call may succeed when it is retried."""
    field: Optional[str]
    """The parameter or member at fault, if there is one."""
    status: Optional[int]
    """The HTTP status that caused the failure."""
    retry_after: Optional[float]
    """How long the server asks to wait, in seconds."""

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
