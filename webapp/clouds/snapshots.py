"""What a cloud keeps of a desktop by itself: a capability of drivers, `CloudDriver.snapshots`."""

from typing import Protocol

from webapp.domain.snapshots import Snapshots


class ReadsSnapshots(Protocol):
    """The cloud makes snapshots of desktops by its own schedule, and says when it made the newest."""

    most_a_round: int
    """Machines of one round of the duty: what is left is read in the next."""

    def read_snapshots(self, cloud_workspace_id: str) -> Snapshots:
        """Raises CloudError, `access_denied` if the key may not see them."""
        ...
