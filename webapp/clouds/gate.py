"""What every request of a driver must pass."""

from contextlib import AbstractContextManager
from typing import Protocol


class Gate(Protocol):
    """What every request must pass."""

    def __call__(self, operation: str) -> None:
        """Called with the operation's name before each request."""
        ...

    def know_account(self, account_id: str) -> None:
        """The driver has learned the key's account: from now on this account's rate limit applies."""
        ...

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Hold this name exclusively within this installation. Raises CloudError, transient,
        if it is not released soon.

        The lease separates two workers on one credential; this separates two credentials that share a thing.
        """
        ...
