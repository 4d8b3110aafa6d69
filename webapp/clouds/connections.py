"""Who is connected to the desktops: a capability of drivers, `CloudDriver.connections`."""

from collections.abc import Sequence
from typing import Protocol

from webapp.domain.connections import Seen


class ReadsConnections(Protocol):
    """The cloud says which desktops somebody is connected to."""

    most: int
    """Machines of one `read_connections`."""
    remembers: bool
    """It knows of connections from before anybody asked."""

    def read_connections(self, cloud_workspace_ids: Sequence[str]) -> dict[str, Seen]:
        """By machine. The cloud says nothing of a machine that is left out: it may be too new.

        Raises CloudError, `access_denied` if the key may not see it.
        """
        ...
