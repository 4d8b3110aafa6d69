"""The contract of a cloud driver. The engine knows this module and nothing else about any cloud.

A driver is one authenticated view of one account, region and directory, created for one run and then
discarded. It keeps no state between calls and never uses the database. Every request to the cloud is
preceded by `gate(operation)`, which keeps the account's rate limit and may raise to stop the run.
Failures of a whole call raise `CloudError`; failures of single items are data.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from webapp.clouds.reports import DirectoryFacts, TestReport
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.rates import Rate
from webapp.vault.box import Secret


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


@dataclass(frozen=True, slots=True)
class Access:
    """What is needed to call one account."""

    public_fields: dict[str, str]
    secret: Secret
    account_id: str | None = None
    """The account that the key must belong to; None until the first successful test."""
    endpoint: Endpoint | None = None
    """The sandbox's URL, from the process environment only; None for the real cloud."""


@dataclass(frozen=True, slots=True)
class Order:
    """One machine to create."""

    claim: str
    """Our claim, written to the machine in the same call: installation / row / generation."""
    username: str
    bundle_id: str
    running_mode: str
    labels: dict[str, str] = field(default_factory=dict)
    """Further tags for people who look at the cloud's console."""


@dataclass(frozen=True, slots=True)
class MachineRef:
    """A machine to read, and what our records say about it, because an observation depends on that."""

    cloud_workspace_id: str
    username: str = ""
    """Its intended user; empty if none."""
    was_usable: bool = False
    """It was usable at least once."""
    state: CloudState | None = None
    """Its last observed state; None if it was never observed."""
    state_s: float = 0.0
    """Seconds since it was first observed in this state."""


class FollowUp(StrEnum):
    """A second call that a machine needs. Each may be repeated."""

    ASSIGN = "assign"
    """It is ready, but not assigned to its person yet."""
    SWITCH_ON = "switch_on"
    """It was switched off before it was ready."""
    SWITCH_OFF = "switch_off"
    """It was shut down from inside Windows and is still billed."""
    TIDY = "tidy"
    """It is in use, and its deployment record is no longer needed."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One machine as the cloud reports it."""

    cloud_workspace_id: str
    username: str
    state: CloudState
    word: str
    """The state as the cloud spells it."""
    failure: Failure | None = None
    """Why the machine is in ERROR or UNHEALTHY, if the cloud reports it."""
    computer_name: str | None = None
    ip_address: str | None = None
    bundle_id: str | None = None
    compute_type: str | None = None
    """The size, as the cloud spells it; with running mode and system it determines the price."""
    running_mode: str | None = None
    operating_system: str | None = None
    """As the cloud spells it, such as `UBUNTU_22_04` or `WINDOWS_11`; None if it does not report it."""
    follow_ups: tuple[FollowUp, ...] = ()
    """The follow-ups that it needs now, in this order."""
    was_in_use: bool = False
    """Someone may have files on it: whatever is wrong, it is not a failed launch."""
    silent_s: float | None = None
    """Seconds since its last heartbeat, by the cloud's clock; None if the cloud does not report it."""


@dataclass(frozen=True, slots=True)
class Created:
    """The result of a batch of orders. An order in none of the parts has an unknown outcome."""

    accepted: dict[str, Observation]
    """By claim."""
    refused: dict[str, Failure]
    """By claim; definite: this call made nothing for them."""
    unsent: set[str] = field(default_factory=set)
    """Claims of orders that were not sent, because an earlier one hit an error that affects all."""
    retry_after_s: float | None = None
    """How long the cloud asks to wait before sending the rest."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The result of an action on a batch, by id, like `Created`. A machine in no part accepts it."""

    refused: dict[str, Failure]
    """With trouble UNKNOWN, it may still have accepted it."""
    unsent: set[str] = field(default_factory=set)
    retry_after_s: float | None = None


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


class CloudDriver(Protocol):
    """One account, one region, one directory."""

    batch_size: int
    """Maximum machines per write."""
    look_size: int
    """Maximum machines per read."""
    looks_at_all: bool
    """One read costs the same for any number of machines, so it includes what is due later."""
    page_size: int
    """Machines per call of a complete listing."""

    def prove_account(self) -> str:
        """The id of the account that the key belongs to. Costs no rate limit. Raises CloudError."""
        ...

    def create(self, orders: Sequence[Order]) -> Created:
        """Send at most `batch_size` orders with different user names.

        Each is sent exactly once: the SDK does not repeat it. Raises CloudError; with trouble UNKNOWN the
        machines may still exist.
        """
        ...

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        """The current state of at most `look_size` machines, by id.

        Machines that the cloud does not return are left out; this does not prove that they do not exist.
        """
        ...

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        """Do what an observation said that the machine needs; None if all is done. Raises CloudError."""
        ...

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        """Every machine of this user in the directory, and the remains of the known one; all pages."""
        ...

    def list_directory(self) -> Iterable[Observation]:
        """Every machine in the directory, and all remains of machines: complete, all pages, or CloudError."""
        ...

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        """The claim on a machine, read again; None if it has none."""
        ...

    def claims(self) -> dict[str, str]:
        """The claims in the account and region, by the machine's id.

        Complete, or CloudError. May lag by some minutes, so a missing claim is no proof. Machines of other
        directories and installations, and terminated ones, may be included. Must not use up the rate limit.
        """
        ...

    def act(self, action: Action, cloud_workspace_ids: Sequence[str]) -> Acted:
        """Start, stop, restart or terminate at most `batch_size` machines, or rebuild exactly one.

        May be repeated: a request for the current state is accepted or harmlessly refused. Raises
        CloudError; with trouble UNKNOWN any of them may have accepted it.
        """
        ...

    def list_bundles(self) -> list[Bundle]:
        """The cloud's bundles and the account's own, all pages, in a stable order."""
        ...

    def directory(self) -> DirectoryFacts:
        """Raises CloudError with code `directory_not_found` if it is not registered."""
        ...

    def test(self) -> TestReport:
        """Test what Berth needs and report each result; never raises CloudError, creates nothing."""
        ...


class DriverFactory(Protocol):
    """How the registry creates a driver."""

    rate: Rate
    """What the cloud allows one account and region."""

    def counts(self, operation: str) -> bool:
        """Does this operation (as given to the gate) count against `rate`?"""
        ...

    def __call__(self, access: Access, gate: Gate) -> CloudDriver: ...
