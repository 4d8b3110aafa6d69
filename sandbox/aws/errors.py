"""What a call can be refused with; the wire layer gives each refusal the form of its protocol."""

from __future__ import annotations


class AwsError(Exception):
    """A refusal of the whole call, as the cloud words it."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class ItemError(Exception):
    """A refusal of one item of a batch: the call itself still answers 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
