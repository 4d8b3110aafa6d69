"""The contract of a cloud driver. With `domain/observation.py`, all that the engine knows of any cloud.

A driver is one authenticated view of one account, region and directory, made for one run. It keeps no state
between calls and never uses the database. Every request is preceded by `gate(operation)`, which keeps the
account's rate limit and may raise to stop the run. What fails as a whole raises `CloudError`; items are data.

What every cloud can do is the core, `CloudDriver`. What only some can do is a capability: a small protocol
of its own, and a property of the driver that gives it, or None. The engine asks that property, never which
cloud it is; no driver takes an order for what it cannot do. A new capability is a protocol, a property and
a row of this table. The columns on the right count requests against the account's rate.

| Operation | Core, or capability | Repeat it? | Of Amazon's rate | Of Azure's rate |
| --- | --- | --- | --- | --- |
| `prove_account` | core | yes | 0 | 1 |
| `create` | core | no: look into the slot first | 1 | 2, and 6 an order; 4 for a new token |
| `look` | core | yes | 1 | up to 3 a machine (4 if it failed), or 2 and 1 a new machine |
| `do_follow_ups` | core | yes | 0 | 1 or 2 each, 2 more with own tags |
| `look_in_slot` | core | yes | 1 | as `list_directory` |
| `list_directory` | core | yes | 1 a page | 4 lists, 1 a page each |
| `claim_of` | core | yes | 1 | 3 or 4 |
| `claims` | core | yes | 0 | 2 lists, 1 a page each |
| `act`: start, stop | core | yes | 1 | 1 a machine |
| `act`: restart | core | no: it happens again | 1 | 1 a machine |
| `act`: terminate | core | yes, until absence is proven | 1 | 6 to 10 a machine and step |
| `list_bundles` | core | yes | 8 or more | 2 or more |
| `directory` | core | yes | 1 | 4 |
| `test` | core | yes: it makes nothing | 13 or more | 15 or more |
| `rebuild` | `rebuilds` | no: files go back again | 1 | has none |
| `restore` | `restores` | no: system and files go back again | 1 | has none |
| `move` | `moves` | no: look into the slot first | 1 | has none |
| `sign_out` | `signs_out` | yes, until nobody is counted | has none | 2, and 1 a session |
| `see_sessions` | `signs_out` | yes | has none | 2 |
| `send_message` | `messages` | no: it is shown again | has none | 2, and 1 a session |
| `hibernate` | `hibernates` | yes: it looks first | has none | 2 a machine |
| `read_bill` | `bills` | yes, but each call is paid for | 0 | 0 |
| `read_prices` | `prices` | yes | 0 | 0 |
| `find_user` | `people` | yes | 0 | 0 |
| `create_user` | `people` | yes: its mark makes it one user | 0 | 0 |
| `admit_user` | `people` | yes | 0 | up to 5, once a run |
| `disable_user` | `people` | yes | 0 | 0 |
| `enable_user` | `people` | yes | 0 | 0 |
| `set_password` | `passwords` | yes | 0 | has none |
| `suspend` | `suspends` | yes | 1 if it always runs, and the directory's | 3, and 1 a session |
| `leaves_running` | `suspends` | yes | 0 | 0 |
| `resume` | `suspends` | yes | 1, and the directory's | 2 or 3 |
| `read_connections` | `connections` | yes | 1 for 25 machines | 1 a page, 1 more if a host is not ours |
| `read_loads` | `loads` | yes, but each call is paid for | 0 | 1 a machine |
| `machine_id_of` | `spares` | yes | has none | 0 |
| `make_spares` | `spares` | no: look for the machine first | has none | as `create` |
| `resize` | `resizes` | no: look first | 1 | 3 |
| `read_snapshots` | `snapshots` | yes | 1 a machine | has none |
| `list_disk_snapshots` | `disk_snapshots` | yes | has none | 1 a page |
| `find_disk_snapshot` | `disk_snapshots` | yes | has none | 1 |
| `other_backup_of` | `disk_snapshots` | yes | has none | 1 |
| `take_disk_snapshot` | `disk_snapshots` | yes: its name makes it one | has none | 3 |
| `end_disk_snapshot` | `disk_snapshots` | yes, until it is not found | has none | 2 |
| `read_machine_disk`, `find_disk` | `disk_restores` | yes | has none | 1 |
| `make_disk` | `disk_restores` | yes: its name makes it one | has none | 5 |
| `mark_disk`, `attach_disk` | `disk_restores` | yes | has none | 3 |
| `use_disk`, `detach_disk` | `disk_restores` | yes | has none | 2 |
| `copy_files` | `disk_restores` | yes, but read it first | has none | 1 |
| `read_copy` | `disk_restores` | yes | has none | 1 |
| `end_disk` | `disk_restores` | yes, until it is not found | has none | 2 |
| `list_system_images`, `find_system_image`, `claim_of_image` | `system_images` | yes | 1 a page | has none |
| `create_system_image` | `system_images` | yes: its name makes it one | 1 | has none |
| `end_system_image` | `system_images` | yes, until it is not found | 3 | has none |
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

from webapp.clouds.batches import Acted, Created, Order
from webapp.clouds.billing import Bills, ReadsPrices
from webapp.clouds.bundles import Bundle
from webapp.clouds.capabilities import Hibernates, Moves, Rebuilds, Restores, SendsMessages, SignsOut
from webapp.clouds.connections import ReadsConnections
from webapp.clouds.disk_restores import RestoresDisks
from webapp.clouds.disk_snapshots import KeepsDiskSnapshots
from webapp.clouds.gate import Gate
from webapp.clouds.loads import ReadsLoads
from webapp.clouds.passwords import SetsPasswords
from webapp.clouds.people import ManagesPeople
from webapp.clouds.reports import DirectoryFacts, TestReport
from webapp.clouds.resizing import Resizes
from webapp.clouds.snapshots import ReadsSnapshots
from webapp.clouds.spares import MakesSpares
from webapp.clouds.suspension import SuspendsAccess
from webapp.clouds.system_images import CreatesSystemImages
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import Action
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.own_identity import OwnIdentity
from webapp.domain.rates import Rate
from webapp.vault.box import Secret


@dataclass(frozen=True, slots=True)
class Access:
    """What is needed to call one account."""

    public_fields: dict[str, str]
    secret: Secret
    account_id: str | None = None
    """The account that the key must belong to; None until the first successful test."""
    endpoint: Endpoint | None = None
    """The sandbox's URL, from the process environment only; None for the real cloud."""
    directory: Mapping[str, Any] = field(default_factory=dict)
    """`DirectoryFacts` of the last good test, by name; empty before."""
    installation: str = ""
    """This installation's uid, with which its marks begin. Without it, nobody in a directory is ours."""
    auth_kind: str = ""
    """One of the ways of the provider's `CloudFields`; empty: the first one."""
    identity: OwnIdentity = OwnIdentity()
    """What the installation itself is in this cloud."""


CoreAction = Literal[Action.START, Action.STOP, Action.RESTART, Action.TERMINATE]
"""What every cloud can do to a machine."""


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
    lists_as_it_looks: bool
    """A complete listing says of each machine what a look at it says, whatever our record of it."""

    @property
    def rebuilds(self) -> Rebuilds | None:
        """None: this cloud has no rebuild, and `DesktopRules.refused_actions` says so to people."""

    @property
    def restores(self) -> Restores | None:
        """None: not by one call. Without `disk_restores` either, `DesktopRules.refused_actions` says so."""

    @property
    def moves(self) -> Moves | None:
        """None: a machine cannot become one of another bundle here."""

    @property
    def signs_out(self) -> SignsOut | None:
        """None: this cloud needs nothing before a stop."""

    @property
    def messages(self) -> SendsMessages | None:
        """None: nothing can be shown on a desktop from outside."""

    @property
    def hibernates(self) -> Hibernates | None:
        """None: it keeps nothing of a desktop that is off, or this account does not want it."""

    @property
    def suspends(self) -> SuspendsAccess | None:
        """None: the engine stops the machine, and stops it again when somebody has started it."""

    @property
    def bills(self) -> Bills | None:
        """None: what it bills cannot be read."""

    @property
    def prices(self) -> ReadsPrices | None:
        """None: it publishes no prices."""

    @property
    def people(self) -> ManagesPeople | None:
        """None: who makes the users of this directory, its facts say (`DirectoryFacts`)."""

    @property
    def connections(self) -> ReadsConnections | None:
        """None: it does not say who is connected."""

    @property
    def loads(self) -> ReadsLoads | None:
        """None: it does not measure its desktops."""

    @property
    def spares(self) -> MakesSpares | None:
        """None: it makes no machine for nobody in particular, so an account has no warm pool."""

    @property
    def resizes(self) -> Resizes | None:
        """None: a desktop stays as it was ordered."""

    @property
    def snapshots(self) -> ReadsSnapshots | None:
        """None: it makes none by itself."""

    @property
    def disk_snapshots(self) -> KeepsDiskSnapshots | None:
        """None: nobody can have it copy a desktop's disk."""

    @property
    def disk_restores(self) -> RestoresDisks | None:
        """None: no disk is made of such a copy, or the cloud does it all by itself (`restores`)."""

    @property
    def system_images(self) -> CreatesSystemImages | None:
        """None: nobody can have it create an image of a desktop's system."""

    @property
    def passwords(self) -> SetsPasswords | None:
        """None: somebody else sets the passwords of its users."""

    def prove_account(self) -> str:
        """The id of the account that the key belongs to, if the account lets nobody else in by this way.

        Raises CloudError.
        """
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

    def act(self, action: CoreAction, cloud_workspace_ids: Sequence[str]) -> Acted:
        """Start, stop, restart or terminate at most `batch_size` machines.

        Asking for what is already so is either accepted or refused harmlessly. Raises CloudError; with
        trouble UNKNOWN each of them may have accepted it.
        """
        ...

    def list_bundles(self, *, today: date) -> list[Bundle]:
        """The cloud's bundles and the account's own, all pages, in a stable order.

        `today` by the caller's clock: a cloud may have announced from which day on it refuses a bundle.
        """
        ...

    def directory(self) -> DirectoryFacts:
        """Raises CloudError with code `directory_not_found` if it is not registered."""
        ...

    def test(self) -> TestReport:
        """Test what Berth needs and report each result; never raises CloudError, creates nothing."""
        ...


class DriverFactory(Protocol):
    """How the registry creates a driver."""

    key: str
    """Of the cloud's provider."""
    rate: Rate
    """What the cloud allows one account and region."""

    def counts(self, operation: str) -> bool:
        """Does this operation (as given to the gate) count against `rate`?"""
        ...

    def warm(self, *, has_tests: bool) -> None:
        """Load what the SDK loads lazily; `has_tests`: also what only the credential test needs."""
        ...

    def __call__(self, access: Access, gate: Gate) -> CloudDriver: ...
