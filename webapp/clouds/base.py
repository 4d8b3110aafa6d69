"""The contract of a cloud driver. With `domain/observation.py`, all that the engine knows of any cloud.

A driver is one authenticated view of one account, region and directory, made for one run and thrown
away. It keeps no state between calls and never touches the database. Every request to the cloud is
preceded by `gate(operation)`, which keeps the account's rate limit and may raise to stop the run.
Failures of a whole call raise `CloudError`; failures of single items are data.

What every cloud can do is the core, `CloudDriver`. What only some can do is a capability: a small protocol
of its own, and a property of the driver that gives it, or None. The engine asks that property, never which
cloud it is; no driver takes an order for what it cannot do. A new capability is a protocol, a property and
a row of this table. The columns on the right count requests against the account's rate.

| Operation | Core, or capability | Repeat it? | Of Amazon's rate | Of Azure's rate |
| --- | --- | --- | --- | --- |
| `prove_account` | core | yes | 0 | 1 |
| `create` | core | no: look into the slot first | 1 | 2, and 1 an order; 4 for a new token |
| `look` | core | yes | 1 | up to 3 a machine, or 2 and 1 a new machine |
| `do_follow_ups` | core | yes | 0 | 1 or 2 each |
| `look_in_slot` | core | yes | 1 | as `list_directory` |
| `list_directory` | core | yes | 1 a page | 4 lists, 1 a page each |
| `claim_of` | core | yes | 1 | 3 or 4 |
| `claims` | core | yes | 0 | 2 lists, 1 a page each |
| `act`: start, stop | core | yes | 1 | 1 a machine |
| `act`: restart | core | no: it happens again | 1 | 1 a machine |
| `act`: terminate | core | yes, until absence is proven | 1 | 6 to 10 a machine and step |
| `list_bundles` | core | yes | 7 or more | 2 or more |
| `directory` | core | yes | 1 | 4 |
| `test` | core | yes: it makes nothing | 13 or more | 15 or more |
| `rebuild` | `rebuilds` | no: files go back again | 1 | has none |
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from webapp.clouds.reports import DirectoryFacts, TestReport
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import Action
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.rates import Rate
from webapp.vault.box import Secret


class Gate(Protocol):
    """What every request has to pass."""

    def __call__(self, operation: str) -> None:
        """Called with the operation's name before each request."""
        ...

    def know_account(self, account_id: str) -> None:
        """The driver has learned whose key it is: from now on this account's rate limit counts."""
        ...

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Nobody else of this installation is inside the same name meanwhile. Raises CloudError, transient,
        when it does not come free soon.

        The lease keeps two workers off one credential; this keeps two credentials off what both share.
        """
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """What it takes to talk to one account."""

    public_fields: dict[str, str]
    secret: Secret
    account_id: str | None = None
    """The account that the key must belong to; None while it has not been pinned."""
    endpoint: Endpoint | None = None
    """The sandbox, from the process environment only; None is the real cloud."""


@dataclass(frozen=True, slots=True)
class Order:
    """One machine to be made."""

    claim: str
    """Our mark, written on the machine in the same call: installation / row / generation."""
    username: str
    bundle_id: str
    running_mode: str
    labels: dict[str, str] = field(default_factory=dict)
    """Further tags for people who look at the cloud's console."""


@dataclass(frozen=True, slots=True)
class Created:
    """The answer to a batch of orders. An order in no part has an unknown outcome."""

    accepted: dict[str, Observation]
    """By claim."""
    refused: dict[str, Failure]
    """By claim; definite: this call made nothing for them."""
    unsent: set[str] = field(default_factory=set)
    """Claims of orders that were not sent, because an earlier one met trouble that concerns all."""
    retry_after_s: float | None = None
    """How long the cloud asks to wait with what it did not take."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The answer to an action on a batch, by id, as `Created`. A machine in no part does as it was told."""

    refused: dict[str, Failure]
    """With trouble UNKNOWN it may do so all the same."""
    unsent: set[str] = field(default_factory=set)
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A template that a workspace can be made from."""

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
    """For people, such as “Ubuntu 22.04” or “Windows 11”; “not recognised” when the cloud does not tell."""
    workspace_type: str | None
    """`ubuntu`, `windows`, or None when it is neither or not recognised."""
    unavailable_reason: str | None = None
    """Why it cannot be chosen, as a sentence; None when it can."""


CoreAction = Literal[Action.START, Action.STOP, Action.RESTART, Action.TERMINATE]
"""What every cloud can do to a machine."""


class Rebuilds(Protocol):
    """The cloud can make a machine again from its bundle, in place."""

    def rebuild(self, cloud_workspace_id: str) -> Failure | None:
        """Tell the cloud; None when it does as told. Raises CloudError; with trouble UNKNOWN it may do so."""
        ...


class CloudDriver(Protocol):
    """One account, one region, one directory."""

    batch_size: int
    """How many machines one write may concern."""
    look_size: int
    """How many machines one look may ask for."""
    looks_at_all: bool
    """One look reads everything, however few machines it asks for: then it takes along what is due later."""
    page_size: int
    """How many machines one call of a complete listing shows."""

    @property
    def rebuilds(self) -> Rebuilds | None:
        """None: this cloud has no rebuild, and `CloudFields.refused_actions` says so to people."""
        ...

    def prove_account(self) -> str:
        """The id of the account that the key belongs to. Raises CloudError."""
        ...

    def create(self, orders: Sequence[Order]) -> Created:
        """Send at most `batch_size` orders with different user names.

        Each is sent exactly once: the SDK does not repeat it. Raises CloudError; with trouble UNKNOWN the
        machines may exist all the same.
        """
        ...

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        """The present state of at most `look_size` machines, by id.

        Machines that the cloud does not show are left out: that is no proof that they do not exist.
        """
        ...

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        """What an observation said that the machine needs; None when all is done. Raises CloudError."""
        ...

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        """Every machine of this user in the directory, and what is left of the known one; all pages."""
        ...

    def list_directory(self) -> Iterable[Observation]:
        """Every machine in the directory, and what is left of one: complete, all pages, or CloudError."""
        ...

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        """The claim written on a machine, read afresh; None when it carries none."""
        ...

    def claims(self) -> dict[str, str]:
        """The claim of every machine of the account and region that carries one, by the machine's id.

        Complete, or CloudError. May be some minutes behind, so a missing claim is no proof. Machines of other
        directories, of other installations and ended ones may be among them. Must not use up the rate.
        """
        ...

    def act(self, action: CoreAction, cloud_workspace_ids: Sequence[str]) -> Acted:
        """Start, stop, restart or terminate at most `batch_size` machines.

        Asking for what is already so is either accepted or refused harmlessly. Raises CloudError; with
        trouble UNKNOWN each of them may have been told.
        """
        ...

    def list_bundles(self) -> list[Bundle]:
        """The cloud's bundles and the account's own, all pages, in a stable order."""
        ...

    def directory(self) -> DirectoryFacts:
        """Raises CloudError with code `directory_not_found` when it is not registered."""
        ...

    def test(self) -> TestReport:
        """Try everything that Berth needs, and say each result; never raises CloudError, makes nothing."""
        ...


class DriverFactory(Protocol):
    """How the registry makes a driver."""

    rate: Rate
    """What the cloud allows one account and region."""

    def counts(self, operation: str) -> bool:
        """Does this operation (as given to the gate) count against `rate`?"""
        ...

    def __call__(self, access: Access, gate: Gate) -> CloudDriver: ...
