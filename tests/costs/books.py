"""One installation's records of the campaign: what Berth sees is written here, and its duties do the rest.

Two of them see the same. The workers of one are killed, those of the other are not.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import bindparam, event, func, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.costs.accounts import Account
from tests.costs.life import Step
from tests.desk import RecordingNotifier, webhook_key_pair
from webapp.clouds.registry import DRIVERS
from webapp.config import Settings
from webapp.domain.costs.bills import Source
from webapp.domain.duties import ESTIMATE_COSTS, READ_BILL, READ_PRICES
from webapp.domain.lifecycle import CloudState, Desired, Phase
from webapp.engine.context import Engine
from webapp.engine.duties.catalog import DUTIES
from webapp.engine.limiter import LocalLimiter
from webapp.engine.reconcile import reconcile
from webapp.engine.usage_log import usage_of, write_usage
from webapp.models import (
    Base,
    BilledTotal,
    CostDay,
    CostEstimate,
    CostMonth,
    CostSum,
    DesktopMonth,
    Duty,
    ListPrice,
    UnpricedDay,
    UsageSpan,
    Workspace,
)
from webapp.vault.box import Opener

OF_COSTS = tuple(one for one in DUTIES if one.name in (READ_PRICES, READ_BILL, ESTIMATE_COSTS))
POINTS = ("bill_read", "bill_written", "costs_estimated", "estimate_written")
LEASE_S = 61.0
"""After so long the account of a killed worker is free."""
MOST_KILLS, KILLED_SHARE = 2, 0.35
"""Of an account's duties of one day, and how often."""
LAST_STATEMENT = 120
"""A worker that is killed at a statement is killed at one of so many."""
COMPARED: tuple[tuple[type[Base], frozenset[str]], ...] = (
    (CostDay, frozenset({"id"})),
    (BilledTotal, frozenset({"id", "read_at"})),
    (CostSum, frozenset({"id"})),
    (CostMonth, frozenset()),
    (DesktopMonth, frozenset()),
    (UnpricedDay, frozenset()),
    (CostEstimate, frozenset()),
    (ListPrice, frozenset({"id", "read_at"})),
)
"""Tables, and their columns that are not about money."""


class Killed(BaseException):
    """The worker is gone."""


class MovedClock:
    """Stands where the campaign puts it."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, UTC)

    def monotonic_s(self) -> float:
        return self.at_s

    def pause(self, seconds: float) -> None:
        self.at_s += seconds


@dataclass(slots=True)
class Death:
    """When the worker at work is killed: at a named point, or at one of its statements, in a transaction."""

    at: str | int | None = None
    is_dead: bool = False
    statements: int = 0

    def point(self, name: str) -> None:
        if name == self.at:
            self._die()

    def statement(self, *_: Any) -> None:
        self.statements += 1
        if self.is_dead:
            raise Killed  # nothing of a dead worker reaches the database
        if self.statements == self.at:
            self._die()

    def _die(self) -> None:
        self.is_dead = True
        raise Killed


@dataclass
class Books:
    database: Database
    settings: Settings
    rng: random.Random | None
    """Draws the kills; None: nobody is killed."""
    clock: MovedClock = field(default_factory=MovedClock)
    kills: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sessions: sessionmaker[Session] = sessionmaker(self.database, expire_on_commit=False)
        self._death = Death()
        event.listen(self.database, "before_cursor_execute", self._count)

    def _count(self, *_: Any) -> None:
        self._death.statement()

    def see(self, seen: Iterable[tuple[Step, Workspace, dict[str, Any]]]) -> None:
        """Write down what Berth has seen, as an observation does, one after the other."""
        with self.sessions.begin() as session:
            for step, row, changes in seen:
                before = usage_of(row)
                for name, value in changes.items():
                    setattr(row, name, value)
                if changes.keys() != {"cloud_state"}:
                    session.execute(
                        update(Workspace).where(Workspace.id == row.id).values(**changes),
                        execution_options={"synchronize_session": False},
                    )
                write_usage(session, row, before, datetime.fromtimestamp(step.seen_at, UTC))

    def see_the_same(self, other: "Books", rows: Sequence[Workspace]) -> None:
        """What the other has just seen of these desktops: copied, because it is the same and quicker."""
        spans, workspaces = UsageSpan.__table__, Workspace.__table__
        with self.sessions.begin() as session:
            newest = session.scalar(select(func.max(spans.c.id))) or 0
            were_open = session.scalars(select(spans.c.id).where(spans.c.ended_at.is_(None))).all()
        with other.sessions.begin() as session:
            made = [dict(row) for row in session.execute(select(spans).where(spans.c.id > newest)).mappings()]
            wanted = select(spans.c.id, spans.c.ended_at).where(spans.c.ended_at.is_not(None))
            ended = {row.id: row.ended_at for row in session.execute(wanted.where(spans.c.id.in_(were_open)))}
        columns = ("phase", "desired", "cloud_state", "cloud_workspace_id", "generation", "terminated_at")
        columns = (*columns, "issued_at", "available_at")
        changed = [{"of_id": row.id} | {name: getattr(row, name) for name in columns} for row in rows]
        with self.sessions.begin() as session:
            if ended:
                ends = update(spans).where(spans.c.id == bindparam("of_id"))
                values = [{"of_id": id_, "ended_at": at} for id_, at in ended.items()]
                session.connection().execute(ends.values(ended_at=bindparam("ended_at")), values)
            if made:
                session.connection().execute(insert(spans), made)
            if changed:
                same = update(workspaces).where(workspaces.c.id == bindparam("of_id"))
                session.connection().execute(
                    same.values({name: bindparam(name) for name in columns}), changed
                )

    def do_duties(self, accounts: Sequence[Account], at: float) -> None:
        """Prices, bill and estimate of each account, by workers that may be killed on the way."""
        self.clock.at_s, names = at, [one.name for one in OF_COSTS]
        with self.sessions.begin() as session:
            session.execute(update(Duty).where(Duty.kind.in_(names)).values(due_at=self.clock.now()))
        for account in accounts:
            for death in self._deaths():
                if self._is_killed(account, death):
                    name = str(death.at) if death.at in POINTS else "a statement"
                    self.kills[name] = self.kills.get(name, 0) + 1
                    self.clock.pause(LEASE_S)
            assert not self._is_killed(account, Death())

    def _deaths(self) -> Iterator[Death]:
        if self.rng is None:
            return
        for _ in range(MOST_KILLS):
            if self.rng.random() < KILLED_SHARE:
                points: list[str | int] = [*POINTS, self.rng.randint(1, LAST_STATEMENT)]
                yield Death(self.rng.choice(points))

    def _is_killed(self, account: Account, death: Death) -> bool:
        self._death = death
        try:
            reconcile(self._engine(death), account.credential_id, duties=OF_COSTS)
        except Killed:
            return True
        finally:
            self._death = Death()
        return False

    def _engine(self, death: Death) -> Engine:
        return Engine(
            sessions=self.sessions,
            clock=self.clock,
            limiter=LocalLimiter(self.clock),
            notifier=RecordingNotifier(),
            settings=self.settings,
            opener=Opener(self.settings.credential_private_keys),
            webhook_opener=Opener((webhook_key_pair()[1],)),
            drivers=DRIVERS,
            rng=random.Random(7),
            crashpoint=death.point,
        )

    def rows(self, table: type[Base], without: frozenset[str], *, since: date | None) -> set[tuple[Any, ...]]:
        columns = [one for one in table.__table__.columns if one.name not in without]
        wanted = select(*columns)
        time = table.__table__.columns.get("day", table.__table__.columns.get("month"))
        if since is not None and time is not None:
            wanted = wanted.where(time >= since)
        with self.sessions.begin() as session:
            return {tuple(row) for row in session.execute(wanted)}

    def totals(self) -> dict[tuple[int, date, str], int]:
        """By account, day and currency."""
        with self.sessions.begin() as session:
            rows = session.scalars(select(BilledTotal)).all()
            return {(one.credential_id, one.day, one.currency): one.amount_minor for one in rows}

    def shares(self) -> dict[tuple[int, date, str], int]:
        """The same, added up from workspaces and remainders."""
        day = (CostDay.credential_id, CostDay.day, CostDay.currency)
        added = select(*day, func.sum(CostDay.amount_minor)).where(CostDay.source == Source.BILLED)
        with self.sessions.begin() as session:
            return {(row[0], row[1], row[2]): int(row[3]) for row in session.execute(added.group_by(*day))}

    def by_desktop(self, source: Source) -> dict[tuple[int, date], tuple[str, int]]:
        """Currency and cents of each day of each desktop."""
        columns = (CostDay.workspace_id, CostDay.day, CostDay.currency, CostDay.amount_minor)
        wanted = select(*columns).where(CostDay.source == source, CostDay.workspace_id.is_not(None))
        with self.sessions.begin() as session:
            return {(row[0] or 0, row[1]): (row[2], row[3]) for row in session.execute(wanted)}

    def remainders(self) -> dict[tuple[int, str], int]:
        """By account and name."""
        key = (CostDay.credential_id, CostDay.remainder)
        wanted = select(*key, func.sum(CostDay.amount_minor)).where(CostDay.remainder.is_not(None))
        with self.sessions.begin() as session:
            return {(row[0], str(row[1])): int(row[2]) for row in session.execute(wanted.group_by(*key))}

    def month_sums(self) -> dict[tuple[date, str, str], tuple[int, int]]:
        """By month, dimension and currency: estimated and billed, all groups together."""
        key = (CostSum.month, CostSum.dimension, CostSum.currency)
        both = (func.sum(CostSum.estimated_minor), func.sum(CostSum.billed_minor))
        with self.sessions.begin() as session:
            rows = session.execute(select(*key, *both).group_by(*key)).all()
        return {(row[0], str(row[1]), row[2]): (int(row[3]), int(row[4])) for row in rows}

    def unpriced(self) -> set[int]:
        """Desktops with a day whose price is not known."""
        with self.sessions.begin() as session:
            return set(session.scalars(select(UnpricedDay.workspace_id)))


def seen_columns(step: Step, row: Workspace, machine: str) -> dict[str, Any]:
    """What an observation of the step changes in the row."""
    at = datetime.fromtimestamp(step.seen_at, UTC)
    if step.state is None and step.is_last:
        return {"phase": Phase.GONE, "desired": Desired.ABSENT, "cloud_state": None, "terminated_at": at}
    if step.state is None:
        return {"phase": Phase.REQUESTED, "cloud_state": None, "cloud_workspace_id": None}
    changes: dict[str, Any] = {"cloud_state": step.state}
    if step.is_new:
        hardware = step.desktop.hardware
        return changes | {
            "phase": Phase.CREATING,
            "generation": step.generation,
            "cloud_workspace_id": machine,
            "issued_at": at,
            "running_mode": step.mode,
            "compute_type": hardware.compute,
            "volumes": hardware.volumes or None,
            "operating_system": hardware.system,
        }
    if step.mode != row.running_mode:
        changes["running_mode"] = step.mode
    if row.phase is Phase.CREATING and step.state is CloudState.AVAILABLE:
        changes |= {"phase": Phase.READY, "available_at": at}
    if step.state is CloudState.TERMINATING or (
        row.phase is Phase.CREATING and step.state is CloudState.ERROR
    ):
        changes["phase"] = Phase.TERMINATING
    return changes
