"""What was read about costs, written under the lease: whole days at once, so twice is once."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.costs.bills import Bill, OfPool, Owner, Remainder, SharedDay, Source, share_out
from webapp.domain.costs.prices import Price
from webapp.domain.costs.spans import month_of, next_month, starts_at
from webapp.domain.decisions.change import detail_of
from webapp.domain.errors import Failure
from webapp.domain.pools import PoolState
from webapp.engine.budgets import watch_budgets
from webapp.engine.cost_sums import sum_months
from webapp.engine.rows import hold_lease
from webapp.engine.run import Run
from webapp.models import (
    BilledTotal,
    BillReading,
    CloudCredential,
    CostDay,
    DiskSnapshot,
    ListPrice,
    PoolDesktop,
    Workspace,
)
from webapp.providers.registry import get_provider

_OF_BILLS: tuple[tuple[type[CostDay | BilledTotal], tuple[ColumnElement[bool], ...]], ...] = (
    (CostDay, (CostDay.source == Source.BILLED,)),
    (BilledTotal, ()),
)


def reading_of(run: Run) -> BillReading | None:
    with run.engine.sessions.begin() as session:
        found = session.get(BillReading, run.credential.id)
        session.expunge_all()
    return found


def first_day_read(run: Run, *, on: date) -> date | None:
    """The first of the days whose bill was read `on` this day."""
    is_own, is_of_day = BilledTotal.credential_id == run.credential.id, BilledTotal.read_at >= starts_at(on)
    with run.engine.sessions.begin() as session:
        return session.scalar(select(func.min(BilledTotal.day)).where(is_own, is_of_day))


def month_to_settle(run: Run, *, since: date, until: date, today: date) -> date | None:
    """The first day from which a bill is read once more because the cloud has closed its month since.

    A day of it that is read every day says so; where none is any more, the month is long enough over. None:
    every day before `until` is as the cloud has closed it, or its month is not closed yet.
    """
    is_own = (BilledTotal.credential_id == run.credential.id, BilledTotal.day >= since)
    with run.engine.sessions.begin() as session:
        days = session.execute(select(BilledTotal.day, BilledTotal.is_provisional).where(*is_own)).all()
    closed = {month_of(one.day) for one in days if not one.is_provisional}
    closed |= {month_of(one.day) for one in days if next_month(one.day) <= until}
    still_open = [one.day for one in days if one.is_provisional and one.day < until]
    over = closed - {month_of(today)}
    return min((day for day in still_open if month_of(day) in over), default=None)


def write_refusal(run: Run, failure: Failure, *, asked_at: datetime) -> None:
    """The bill may not be read. What was read before stays."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        reading = _reading(session, run)
        reading.asked_at, reading.code, reading.detail = asked_at, failure.code, detail_of(failure)


def write_bill(
    run: Run, bill: Bill, *, last_day: date, read_at: datetime, by_machine_refused_at: datetime | None
) -> None:
    """Replace the days that were read: all in one transaction, or none."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        _take_over(session, run)
        names = _names(session, run, since=bill.first_day)
        shared = [share_out(day, names) for day in bill.days]
        known_better = set() if bill.is_by_machine else _known_better(session, run, shared, read_at=read_at)
        _forget_days(session, run, bill.first_day, last_day, but=known_better)
        for day in shared:
            if day.day not in known_better:
                _write_day(session, run, day, is_by_machine=bill.is_by_machine, read_at=read_at)
        sum_months(
            session,
            run.credential.company_id,
            {month_of(bill.first_day), *(month_of(day.day) for day in bill.days), month_of(last_day)},
        )
        watch_budgets(session, run.credential.company_id, now=read_at)
        reading = _reading(session, run)
        reading.asked_at = reading.read_at = read_at
        reading.code = reading.detail = None
        reading.by_machine_refused_at = by_machine_refused_at


def _reading(session: Session, run: Run) -> BillReading:
    found = session.get(BillReading, run.credential.id)
    if found is None:
        found = BillReading(credential_id=run.credential.id)
        session.add(found)
    return found


def _take_over(session: Session, run: Run) -> None:
    """The bill is the account's: what another credential has read of it is this one's now, and not twice.

    So it is with a credential that has replaced another one.
    """
    own, billing = run.credential, get_provider(run.credential.cloud_provider).billing
    accounts = session.execute(
        select(CloudCredential.id, CloudCredential.public_fields).where(
            CloudCredential.company_id == own.company_id,
            CloudCredential.cloud_provider == own.cloud_provider,
            CloudCredential.account_id == own.account_id,
            CloudCredential.id != own.id,
        )
    )
    others = [row.id for row in accounts if billing.is_one_bill(row.public_fields, own.public_fields)]
    if not others:
        return
    known_days = list(session.scalars(select(BilledTotal.day).where(BilledTotal.credential_id == own.id)))
    for table, more in _OF_BILLS:
        theirs = (table.credential_id.in_(others), *more)
        for statement in (
            delete(table).where(*theirs, table.day.in_(known_days)),
            update(table).where(*theirs).values(credential_id=own.id),
        ):
            session.execute(statement.execution_options(synchronize_session=False))


def _names(session: Session, run: Run, *, since: date) -> Mapping[str, int | OfPool]:
    """Whose the machines of this account are, by all that a bill may call them. Of a desktop that a pool has
    given away, all that is still read is its workspace's.
    """
    return _names_of_pools(session, run, since=since) | _names_of_workspaces(session, run, since=since)


def _names_of_pools(session: Session, run: Run, *, since: date) -> dict[str, int | OfPool]:
    rows = session.execute(
        select(PoolDesktop.pool_id, PoolDesktop.uid, PoolDesktop.cloud_workspace_id).where(
            PoolDesktop.company_id == run.credential.company_id,
            PoolDesktop.account_id == run.credential.account_id,
            PoolDesktop.state != PoolState.CLAIMED,
            or_(PoolDesktop.ended_at.is_(None), PoolDesktop.ended_at >= starts_at(since)),
        )
    )
    names: dict[str, int | OfPool] = {}
    for row in rows:
        pool = OfPool(row.pool_id)
        names |= {row.cloud_workspace_id.lower(): pool, f"{run.installation_uid}/{row.uid}/1": pool}
    return names


def _names_of_workspaces(session: Session, run: Run, *, since: date) -> dict[str, int | OfPool]:
    rows = session.execute(
        select(Workspace.id, Workspace.uid, Workspace.generation, Workspace.cloud_workspace_id).where(
            Workspace.company_id == run.credential.company_id,
            Workspace.account_id == run.credential.account_id,
            Workspace.cloud_provider == run.credential.cloud_provider,
            or_(
                Workspace.terminated_at.is_(None),
                Workspace.terminated_at >= starts_at(since),
                _has_snapshot(since),
            ),
        )
    )
    names: dict[str, int | OfPool] = {}
    for row in rows:
        if row.cloud_workspace_id:
            names[row.cloud_workspace_id.lower()] = row.id
        for generation in range(1, row.generation + 1):
            names[f"{run.installation_uid}/{row.uid}/{generation}"] = row.id
    return names


def _has_snapshot(since: date) -> ColumnElement[bool]:
    """One that has outlived its desktop, and costs."""
    is_its = DiskSnapshot.workspace_id == Workspace.id
    is_left = or_(DiskSnapshot.ended_at.is_(None), DiskSnapshot.ended_at >= starts_at(since))
    return select(DiskSnapshot.id).where(is_its, is_left).exists()


def _known_better(session: Session, run: Run, days: Iterable[SharedDay], *, read_at: datetime) -> set[date]:
    """Days that were read by machine and whose totals have not changed: our mark counts late, or never."""
    read = {(day.day, day.currency): day for day in days}
    found = session.scalars(
        select(BilledTotal).where(
            BilledTotal.credential_id == run.credential.id,
            BilledTotal.is_by_machine,
            BilledTotal.day.in_({day for day, _ in read}),
        )
    )
    known = {(total.day, total.currency): total for total in found}
    both = known.keys() & read.keys()
    same = {one for one in both if known[one].amount_minor == read[one].total_minor}
    changed = {day for day, _ in (known.keys() | read.keys()) - same}
    for one in same:
        known[one].is_provisional, known[one].read_at = read[one].is_provisional, read_at
    return {day for day, _ in same} - changed


def _forget_days(session: Session, run: Run, first_day: date, last_day: date, *, but: set[date]) -> None:
    for table, more in _OF_BILLS:
        session.execute(
            delete(table)
            .where(
                table.credential_id == run.credential.id,
                table.day.between(first_day, last_day),
                table.day.not_in(but),
                *more,
            )
            .execution_options(synchronize_session=False)
        )


def _write_day(session: Session, run: Run, day: SharedDay, *, is_by_machine: bool, read_at: datetime) -> None:
    account = {
        "company_id": run.credential.company_id,
        "credential_id": run.credential.id,
        "day": day.day,
        "currency": day.currency,
    }
    session.execute(
        insert(BilledTotal).values(
            **account,
            amount_minor=day.total_minor,
            is_provisional=day.is_provisional,
            is_by_machine=is_by_machine,
            read_at=read_at,
        )
    )
    rows = [
        account
        | {
            "source": Source.BILLED,
            **_subject(share.of),
            "amount_minor": share.amount_minor,
        }
        for share in day.shares
    ]
    if rows:
        session.execute(insert(CostDay), rows)


def _subject(of: Owner) -> dict[str, Any]:
    """What waits in a pool is a remainder too: no workspace explains it."""
    match of:
        case OfPool():
            return {"workspace_id": None, "remainder": Remainder.OTHER_MACHINES, "pool_id": of.pool_id}
        case Remainder():
            return {"workspace_id": None, "remainder": of, "pool_id": None}
        case _:
            return {"workspace_id": of, "remainder": None, "pool_id": None}


def has_prices_since(run: Run, moment: datetime) -> bool:
    with run.engine.sessions.begin() as session:
        newest = session.scalar(
            select(func.max(ListPrice.read_at)).where(
                ListPrice.cloud_provider == run.credential.cloud_provider, ListPrice.region == region_of(run)
            )
        )
    return newest is not None and newest >= moment


def region_of(run: Run) -> str:
    billing = get_provider(run.credential.cloud_provider).billing
    return run.credential.public_fields[billing.region_field]


def write_prices(run: Run, prices: Sequence[Price], *, read_at: datetime) -> None:
    """A price from a new day is a new row; what held before stays."""
    provider = run.credential.cloud_provider
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        known = {
            (row.sku, row.part, row.currency, row.valid_from): row
            for row in session.scalars(
                select(ListPrice).where(
                    ListPrice.cloud_provider == provider, ListPrice.region == region_of(run)
                )
            )
        }
        for price in prices:
            row = known.get((price.sku, price.part, price.currency, price.valid_from))
            if row is None:
                row = ListPrice(cloud_provider=provider, **dataclasses.asdict(price))
                session.add(row)
            row.amount, row.read_at = str(price.amount), read_at
