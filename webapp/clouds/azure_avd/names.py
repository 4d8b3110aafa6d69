"""Names of the parts of a desktop. They are derived from the claim, and no name is ever used twice.

A host name that the tenant has seen before cannot join again (docs/evidence/azure_avd.md#reused-host-names),
so the generation is part of it. Windows takes at most 15 characters.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MOST_GENERATIONS = len(_DIGITS) ** 4
_OURS = re.compile(r"w[a-z2-7]{10}[0-9a-z]{1,4}")
_SUBNET = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/(?P<group>[^/]+)/providers/Microsoft\.Network"
    r"/virtualNetworks/(?P<network>[^/]+)/subnets/(?P<subnet>[^/]+)",
    re.I,
)
_FIRST_YEAR = 2000
NIC_SUFFIX, DISK_SUFFIX = "-nic", "-os"
_RESTORED = re.compile(r"(w[a-z2-7]{10}[0-9a-z]{1,4})-[rf]\d+")
"""As `name_of` of `domain.disk_restores` and `domain.file_returns` make it, of one of our machines."""
_SNAPSHOT = re.compile(r"(.+)-s\d{8}z?")
"""As `domain.disk_snapshots.name_of` makes it."""

CLAIM_TAG, POOL_TAG, USER_TAG = "berth-claim", "berth-pool", "berth-user"
MACHINE_TAG = "berth-machine"
"""For the network interface and disk of an adopted machine, whose names do not show their machine, and for
snapshots."""


def vm_name(claim: str) -> str:
    """The name of machine, host and deployment of a claim (installation / row / generation).

    Fifty bits of a hash of installation and row, then the generation. Raises ValueError for anything else.
    """
    owner, _, generation = claim.rpartition("/")
    if not owner or not generation.isdecimal() or not 0 < int(generation) < _MOST_GENERATIONS:
        raise ValueError("a claim is installation/row/generation")
    digest = hashlib.sha256(owner.encode()).digest()
    letters = base64.b32encode(digest).decode().lower()[:10]
    return f"w{letters}{_in_letters(int(generation))}"


def is_one_of_ours(name: str) -> bool:
    """Does it look like one of our names? Only a hint: the claim decides what may be terminated."""
    return _OURS.fullmatch(name) is not None


def is_claim_of(claim: str | None, name: str) -> bool:
    """Was this name derived from this claim?"""
    try:
        return claim is not None and vm_name(claim) == name
    except ValueError:
        return False


def machine_of(part: str) -> str | None:
    """The machine of a network interface or disk, by its name; None if it is not one of our names."""
    for suffix in (NIC_SUFFIX, DISK_SUFFIX):
        if part.endswith(suffix) and is_one_of_ours(part.removesuffix(suffix)):
            return part.removesuffix(suffix)
    restored = _RESTORED.fullmatch(part)
    return None if restored is None else restored[1]


def machine_of_snapshot(name: str) -> str | None:
    """The same for a snapshot, of whatever machine; None if Berth gives no such names."""
    found = _SNAPSHOT.fullmatch(name)
    return None if found is None else found[1]


def spelled(value: object) -> str:
    """An SDK value as Azure spells it: newer SDKs wrap known values in enums. None: empty."""
    return "" if value is None else str(getattr(value, "value", value))


def moment(value: object) -> datetime | None:
    """A date as Azure gives it. One without a zone is UTC; nothing, no date, and the year 1 of .NET: None."""
    if not isinstance(value, datetime) or value.year < _FIRST_YEAR:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def present(items: Iterable[Any] | None) -> list[Any]:
    """The items of a list as Azure may send it: missing, null, or with items that are null."""
    return [one for one in items or () if one is not None]


def tags_of(found: object) -> dict[str, str]:
    """The tags of an SDK object, by lower-case name: Azure keeps the case but ignores it."""
    tags: dict[str, str | None] = getattr(found, "tags", None) or {}
    return {name.lower(): value for name, value in tags.items() if value is not None}


def last_segment(arm_id: str | None) -> str:
    """The last name in an ARM id, or in a name like `pool/host`, in lower case."""
    return (arm_id or "").rpartition("/")[2].lower()


def subnet_place(subnet_id: str) -> re.Match[str] | None:
    """`group`, `network` and `subnet` of its ARM id; None if it is not a subnet id."""
    return _SUBNET.fullmatch(subnet_id)


def _in_letters(number: int) -> str:
    letters = ""
    while number:
        number, place = divmod(number, len(_DIGITS))
        letters = _DIGITS[place] + letters
    return letters
