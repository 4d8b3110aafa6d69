"""Giving a machine a disk made of one of our snapshots: a capability of drivers, `CloudDriver.disk_restores`.

A cloud that restores by itself, with one call, has `restores` instead.
"""

from typing import Protocol

from webapp.domain.disk_restores import Disk, MachineDisk
from webapp.domain.errors import Failure
from webapp.domain.file_returns import Copy


class RestoresDisks(Protocol):
    """Disks are made of snapshots, and a machine that is off takes another one as its system disk."""

    def read_machine_disk(self, cloud_workspace_id: str) -> MachineDisk | None:
        """None: there is no such machine. Raises CloudError."""
        ...

    def find_disk(self, name: str) -> Disk | None:
        """Read by itself: None is the proof that there is none. Raises CloudError."""
        ...

    def make_disk(self, name: str, *, cloud_workspace_id: str, snapshot: str, claim: str) -> Failure | None:
        """Of the same kind as the one that the machine has; None when the cloud accepts it, or has it under
        our claim.

        What has the name without this claim is not touched (`disk_name_taken`). Raises CloudError; with
        trouble UNKNOWN it may be made.
        """
        ...

    def mark_disk(self, name: str, *, cloud_workspace_id: str, claim: str) -> Failure | None:
        """Give the machine's disk our claim, beside the tags that it has. Raises CloudError."""
        ...

    def use_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        """Instead of the one that the machine has, which stays. Only while it is off. Raises CloudError."""
        ...

    def attach_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        """To a machine that runs, beside its own; it goes with the machine. Raises CloudError."""
        ...

    def detach_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        """None: it is accepted, or not attached, or there is no such machine. Raises CloudError."""
        ...

    def copy_files(self, cloud_workspace_id: str, name: str) -> Failure | None:
        """Begin to copy the files of people from the attached disk to `file_returns.FOLDER`, under this name.

        Only while the machine runs. Raises CloudError.
        """
        ...

    def read_copy(self, cloud_workspace_id: str, name: str) -> Copy | None:
        """None: it was never begun. Raises CloudError."""
        ...

    def end_disk(self, name: str, *, claim: str) -> Failure | None:
        """Delete it, if it has this claim and no machine has it; None: it is accepted, or there is none.

        Raises CloudError.
        """
        ...
