"""The errors of a call. The wire layer renders them for each protocol."""

from __future__ import annotations


class AwsError(Exception):
    """The whole call fails, with the cloud's code and message."""

    def __init__(self, code: str, message: str, *, status: int = 400, **more: str) -> None:
        """`more`: further members of the error in the service's model, such as Reason."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.more = more


class ItemError(Exception):
    """One item of a batch fails; the call itself still returns 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
