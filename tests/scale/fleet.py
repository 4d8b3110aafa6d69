"""A fleet over many accounts and companies, a few of its desktops under way, and an hour of its life.

Companies have ten accounts each. Every account has a secret, a number and duties of its own.
"""

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Insert, Text, cast, delete, insert, literal, select, update
from sqlalchemy import Engine as Database
from sqlalchemy.orm import sessionmaker

from jobs import DUE, JOBS
from tests.desk import make_settings
from tests.scale.company import BIG, first_of, open_company
from tests.scale.filling import Pattern, fill
from tests.scale.fleet_cloud import FleetCloud
from tests.scale.settled import NEVER, NOW, SAID
from webapp.domain.actor import Actor
from webapp.domain.clock import Clock
from webapp.domain.costs.spans import day_of
from webapp.domain.duties import READ_BUNDLES, TAKE_INVENTORY, TEST_CREDENTIAL
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.domain.observation import Observation
from webapp.engine.context import Engine
from webapp.engine.limiter import LocalLimiter
from webapp.engine.run import installation_uid
from webapp.engine.sweep import Sweeper
from webapp.engine.tallies import add_up
from webapp.models import (
    Base,
    CloudCredential,
    Company,
    Duty,
    Inquiry,
    Orphan,
    Schedule,
    WebhookEndpoint,
    Workspace,
)
from webapp.queueing import JobName
from webapp.services.context import ServiceContext
from webapp.services.workspace_actions import press
from webapp.vault.box import Opener, Sealer

OF_A_COMPANY = 10
FIRST_ACCOUNT, FIRST_COMPANY = 10_001, 10_001
FIRST_PLACE = 10
"""Behind those that `open_company` fills."""
STARTED_AGAIN_S = 900.0
POLL_S = 30
"""The product's own."""
PERSON = Actor("pia@ours.example")


class MovableClock(Clock, Protocol):
    def pause(self, seconds: float) -> None: ...


class Waiting:
    """Who was notified, in the order of the queue: what people pressed first, and each once."""

    def __init__(self) -> None:
        self._first: dict[tuple[JobName, int], None] = {}
        self._then: dict[tuple[JobName, int], None] = {}

    def notify(self, name: JobName, subject_id: int) -> None:
        self._then.pop((name, subject_id), None)
        self._first.setdefault((name, subject_id))

    def notify_due(self, found: Sequence[tuple[JobName, int]]) -> None:
        for one in found:
            if one not in self._first:
                self._then.setdefault(one)

    def is_other_pressed(self, name: JobName, subject_id: int) -> bool:
        return any(one != (name, subject_id) for one in self._first)

    def take(self) -> tuple[JobName, int] | None:
        for waiting in (self._first, self._then):
            if waiting:
                one = next(iter(waiting))
                del waiting[one]
                return one
        return None


@dataclass(frozen=True, slots=True, order=True)
class Press:
    at_s: float
    workspace_id: int
    company_id: int
    action: Action


@dataclass
class Fleet:
    database: Database
    engine: Engine
    cloud: FleetCloud
    waiting: Waiting
    clock: MovableClock
    presses: deque[Press]
    accounts: int
    desktops: int
    measured: Callable[[str, Callable[[], object]], object] = field(default=lambda _kind, do: do())
    """Calls its second argument; a measurement may watch it."""

    def live(self, minutes: float, *, sweep_every_s: float) -> None:
        """Sweep, press what people press, and do what is due, until the time is over."""
        sweeper = Sweeper(sessions=self.engine.sessions, clock=self.clock, notifier=self.waiting, due=DUE)
        end_s = self.clock.monotonic_s() + minutes * 60
        while (began_s := self.clock.monotonic_s()) < end_s:
            self._press()
            self.measured("sweep", sweeper.sweep)
            self.measured(
                "tallies", lambda: add_up(self.engine.sessions, today=day_of(self.engine.clock.now()))
            )
            while (one := self.waiting.take()) is not None:
                name, subject_id = one
                self.measured(name.value, lambda: JOBS[name].work(self.engine, subject_id))  # noqa: B023
            self.clock.pause(max(0.0, began_s + sweep_every_s - self.clock.monotonic_s()))

    def _press(self) -> None:
        while self.presses and self.presses[0].at_s <= self.clock.monotonic_s():
            one = self.presses.popleft()
            settings = self.engine.settings
            sealer = Sealer(settings.credential_public_key)
            with self.engine.sessions() as session:
                context = ServiceContext(session, self.clock, self.waiting, settings, sealer)
                press(context, one.workspace_id, one.action, company_id=one.company_id, actor=PERSON)


def make_fleet(
    database: Database, url: str, clock: MovableClock, *, accounts: int, desktops: int, restless: int
) -> Fleet:
    """In an empty, migrated database. Of the restless a third is ordered, the others are stopped, some of
    them started again, spread over the first half hour."""
    open_company(url, size=1).close()
    rng, settings, waiting, cloud = (
        random.Random(7),
        make_settings(url, poll_interval_s=POLL_S),
        Waiting(),
        FleetCloud(clock),
    )
    engine = Engine(
        sessions=sessionmaker(database, expire_on_commit=False),
        clock=clock,
        limiter=LocalLimiter(clock),
        notifier=waiting,
        settings=settings,
        opener=Opener(settings.credential_private_keys),
        webhook_opener=Opener(settings.webhook_private_keys),
        drivers={FleetCloud.key: cloud},
        rng=rng,
    )
    with database.begin() as connection:
        _silence_the_first_company(connection)
        sealer = Sealer(settings.credential_public_key)
        for number in range(0, accounts, OF_A_COMPANY):
            ids = range(FIRST_ACCOUNT + number, FIRST_ACCOUNT + min(number + OF_A_COMPANY, accounts))
            _add_company(connection, ids, sealer, size=desktops * len(ids) // accounts)
        _settle(connection)
        _plan(connection, settings.observe_interval_s, settings.inventory_interval_s, rng)
        presses = _make_restless(connection, restless, rng)
    _furnish(database, engine, cloud)
    return Fleet(database, engine, cloud, waiting, clock, deque(presses), accounts, desktops)


def _silence_the_first_company(connection: Connection) -> None:
    """It is only the pattern of the others; nobody receives webhooks."""
    connection.execute(update(CloudCredential).values(is_deleted=True))
    connection.execute(update(Schedule).values(due_at=None))
    connection.execute(delete(Orphan))
    connection.execute(delete(Inquiry))
    connection.execute(update(WebhookEndpoint).values(is_active=False))


def _add_company(connection: Connection, account_ids: range, sealer: Sealer, *, size: int) -> None:
    place = (account_ids.start - FIRST_ACCOUNT) // OF_A_COMPANY
    company_id = FIRST_COMPANY + place
    connection.execute(insert(Company).values(id=company_id, name=f"Company {place}", created_at=NOW))
    for account_id in account_ids:
        _add_account(connection, account_id, company_id, sealer)
    connection.execute(
        _copy_of_first(connection, WebhookEndpoint, id=FIRST_COMPANY + place, company_id=company_id)
    )
    one = first_of(BIG)
    fill(
        connection,
        Pattern(one, one, one, one, one, one),
        company_id=company_id,
        credential_id=f"{account_ids.start} + i % {len(account_ids)}",
        endpoint_id=FIRST_COMPANY + place,
        size=size,
        place=FIRST_PLACE + place,
        is_analysed=place % OF_A_COMPANY == 0,
    )


def _add_account(connection: Connection, account_id: int, company_id: int, sealer: Sealer) -> None:
    values: dict[str, Any] = {"id": account_id, "company_id": company_id, "name": f"Account {account_id}"}
    values |= {"account_id": str(10**11 + account_id), "is_deleted": False, "verified_version": 1}
    values |= {"uid": f"{account_id:032d}", "secret_version": 1, "sealed_secret": ""}
    connection.execute(_copy_of_first(connection, CloudCredential, **values))
    table = CloudCredential.__table__
    row = connection.execute(select(table).where(table.c.id == account_id)).mappings().one()
    names = ("uid", "company_id", "cloud_provider", "auth_kind", "account_id", "public_fields")
    binding = CloudCredential(**{name: row[name] for name in names}).secret_binding
    sealed = sealer.seal("any", bound_to=binding)
    connection.execute(update(table).where(table.c.id == account_id).values(sealed_secret=sealed))


def _copy_of_first(connection: Connection, kind: type[Base], **values: Any) -> Insert:
    table = kind.__table__
    row = connection.execute(select(table).order_by(table.c.id).limit(1)).mappings().one()
    return insert(table).values(dict(row) | {"uid": f"{values['id']:032d}"} | values)  # type: ignore[arg-type]


OF_FLEET = Workspace.credential_id >= FIRST_ACCOUNT


def _settle(connection: Connection) -> None:
    """Every desktop is in use, and the cloud says so."""
    settled = {"phase": Phase.READY, "desired": Desired.PRESENT, "cloud_state": CloudState.AVAILABLE}
    fine = {"error_code": None, "error_at": None, "terminated_at": None}
    made = {"cloud_workspace_id": Workspace.uid, "issued_at": NOW, "available_at": NOW}
    made |= {"invited_at": NOW, "updated_at": NOW}
    account_id = cast(literal(10**11) + Workspace.credential_id, Text)
    connection.execute(
        update(Workspace).where(OF_FLEET).values(settled | SAID | fine | made | {"account_id": account_id})
    )


def _plan(connection: Connection, rest_s: int, inventory_s: int, rng: random.Random) -> None:
    """Looks and inventories are spread over their intervals; in each account all looks come together, as
    they do after an inventory."""
    ids = connection.scalars(select(CloudCredential.id).where(CloudCredential.id >= FIRST_ACCOUNT)).all()
    duties = []
    for account_id in ids:
        due_at = NOW + timedelta(seconds=rng.uniform(0, rest_s))
        seen = {"due_at": due_at, "observed_at": due_at - timedelta(seconds=rest_s)}
        connection.execute(update(Schedule).where(Schedule.credential_id == account_id).values(seen))
        inventory_at = NOW + timedelta(seconds=rng.uniform(0, inventory_s))
        bundles_at = NOW + timedelta(hours=rng.uniform(0, 20))
        for kind, at in (
            (TAKE_INVENTORY, inventory_at),
            (READ_BUNDLES, bundles_at),
            (TEST_CREDENTIAL, NEVER),
        ):
            last = at - timedelta(seconds=inventory_s) if kind == TAKE_INVENTORY else None
            duties.append(
                {"credential_id": account_id, "kind": kind, "due_at": at, "last_good_at": last, "failures": 0}
            )
    connection.execute(insert(Duty), duties)


def _make_restless(connection: Connection, count: int, rng: random.Random) -> list[Press]:
    """So many desktops at random: ordered, or stopped, and some of these started again."""
    found = connection.execute(select(Workspace.id, Workspace.company_id).where(OF_FLEET)).all()
    presses: list[Press] = []
    for number, (workspace_id, company_id) in enumerate(rng.sample(list(found), count)):
        at_s = rng.uniform(60, 1800)
        if number % 3 == 0:
            new = {"phase": Phase.REQUESTED, "cloud_state": None, "cloud_workspace_id": None}
            new |= dict.fromkeys((*SAID, "issued_at", "available_at", "invited_at"))
            of_row = Workspace.id == workspace_id
            connection.execute(update(Workspace).where(of_row).values(new))
            due_at = NOW + timedelta(seconds=at_s)
            connection.execute(
                update(Schedule).where(Schedule.workspace_id == workspace_id).values(due_at=due_at)
            )
            continue
        presses.append(Press(at_s, workspace_id, company_id, Action.STOP))
        if number % 3 == 1:
            presses.append(Press(at_s + STARTED_AGAIN_S, workspace_id, company_id, Action.START))
    return sorted(presses)


def _furnish(database: Database, engine: Engine, cloud: FleetCloud) -> None:
    """Put into the cloud what the records say is there."""
    installation = installation_uid(engine)
    columns = (Workspace.account_id, Workspace.cloud_workspace_id, Workspace.username, Workspace.uid)
    with database.connect() as connection:
        rows = connection.execute(select(*columns).where(OF_FLEET, Workspace.cloud_workspace_id.is_not(None)))
        for account_id, machine_id, username, uid in rows:
            machine = Observation(
                machine_id,
                username,
                CloudState.AVAILABLE,
                SAID["cloud_word"],
                computer_name=SAID["computer_name"],
                ip_address=SAID["ip_address"],
            )
            cloud.put(account_id, machine, f"{installation}/{uid}/1")
