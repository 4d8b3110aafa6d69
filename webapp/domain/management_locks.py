"""Locks that people set in a cloud account against deletion, as the last test of the account saw them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ManagementLock:
    """It keeps a desktop from being deleted; nobody but the cloud's administrators can take it away."""

    name: str
    level: str
    """In the cloud's words, such as `CanNotDelete`."""
    machine: str = ""
    """The one that it is on, itself or a part of it; empty: it is on all of the account's."""


def find_lock(locks: Iterable[Mapping[str, Any]], machine: str | None) -> ManagementLock | None:
    """One that keeps this machine from being deleted; `locks`: as they are stored with the account."""
    for one in locks:
        on = str(one.get("machine") or "")
        if not on or (machine is not None and on == machine.lower()):
            return ManagementLock(str(one.get("name") or ""), str(one.get("level") or ""), on)
    return None
