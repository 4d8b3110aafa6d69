"""A size of desktop that a cloud offers: part of the contract."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bundle:
    """A template for a workspace: hardware, disks and system."""

    bundle_id: str
    name: str
    description: str
    owner: str
    """`amazon` or `own`."""
    compute_type: str
    vcpus: int | None
    memory_gib: int | None
    root_storage_gib: int
    user_storage_gib: int
    operating_system: str
    """For people, such as “Ubuntu 22.04” or “Windows 11”; “not recognised” if the cloud is silent."""
    workspace_type: str | None
    """`ubuntu`, `windows`, or None when it is neither or not recognised."""
    unavailable_reason: str | None = None
    """Why it is unavailable, as a sentence; None if it is available."""
    retirement: str | None = None
    """Why the cloud ends it, also for desktops that have it, as a sentence; None: it does not."""
    possible_types: tuple[str, ...] = ()
    """What a person may say it is: nothing says it, and nothing else is against ordering it."""
