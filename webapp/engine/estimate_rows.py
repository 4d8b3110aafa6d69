"""Estimated days: what is read to calculate them, and writing what changed under the lease."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select
from sqlalchemy.orm import Session

from webapp.domain.costs.bills import Source
from webapp.domain.costs.prices import Price
from webapp.domain.costs.spans import starts_at
from webapp.engine.budgets import watch_budgets
from webapp.engine.cost_rows import region_of
from webapp.engine.cost_sums import sum_months
from webapp.engine.rows import hold_lease
from webapp.engine.run import Run
from webapp.models import CostDay, CostEstimate, ListPrice, UnpricedDay, UsageSpan, Workspace

AT_ONCE = 150
"""So many rows a statement deletes: SQLite limits how deep a condition is."""


class Estimated(NamedTuple):
    """One figure of a desktop's day."""

    workspace_id: int
    day: date
    currency: str | None
    """None: a part of the day has no known price."""


@dataclass(slots=True)
class Changes:
    """From what is stored to what is right."""

    gone: list[Estimated] = field(default_factory=list)
    new: list[tuple[Estimated, int]] = field(default_factory=list)

    def add(self, wanted: Mapping[Estimated, int], stored: Mapping[Estimated, int]) -> None:
        self.gone += [one for one, amount in stored.items() if wanted.get(one) != amount]
        self.new += [(one, amount) for one, amount in wanted.items() if stored.get(one) != amount]


def estimated_through(run: Run) -> date | None:
    with run.engine.sessions.begin() as session:
        found = session.get(CostEstimate, run.credential.id)
        return None if found is None else found.through


def list_desktops(run: Run, month: date, *, after_id: int, limit: int) -> list[int]:
    """Ids of the credential's desktops that may have existed in the month or later, in order."""
    with run.engine.sessions.begin() as session:
        return list(
            session.scalars(
                select(Workspace.id)
                .where(
                    Workspace.company_id == run.credential.company_id,
                    Workspace.credential_id == run.credential.id,
                    Workspace.id > after_id,
                    or_(Workspace.terminated_at.is_(None), Workspace.terminated_at >= starts_at(month)),
                )
                .order_by(Workspace.id)
                .limit(limit)
            )
        )


def spans_of(run: Run, ids: Sequence[int], *, since: datetime, until: datetime) -> dict[int, list[UsageSpan]]:
    """By desktop, in order: what had not ended at `since` and had begun before `until`."""
    found: dict[int, list[UsageSpan]] = {}
    with run.engine.sessions.begin() as session:
        rows = session.scalars(
            select(UsageSpan)
            .where(
                UsageSpan.company_id == run.credential.company_id,
                UsageSpan.workspace_id.in_(ids),
                or_(UsageSpan.ended_at.is_(None), UsageSpan.ended_at > since),
                UsageSpan.began_at < until,
            )
            .order_by(UsageSpan.began_at, UsageSpan.id)
        ).all()
        session.expunge_all()
    for row in rows:
        found.setdefault(row.workspace_id, []).append(row)
    return found


def list_prices(run: Run) -> list[Price]:
    with run.engine.sessions.begin() as session:
        rows = session.scalars(
            select(ListPrice).where(
                ListPrice.cloud_provider == run.credential.cloud_provider, ListPrice.region == region_of(run)
            )
        )
        return [row.price for row in rows]


def stored(run: Run, ids: Sequence[int], first: date, last: date) -> dict[Estimated, int]:
    with run.engine.sessions.begin() as session:
        days = session.execute(
            select(CostDay.workspace_id, CostDay.day, CostDay.currency, CostDay.amount_minor).where(
                CostDay.company_id == run.credential.company_id,
                CostDay.workspace_id.in_(ids),
                CostDay.source == Source.ESTIMATED,
                CostDay.day.between(first, last),
            )
        ).all()
        unpriced = session.execute(
            select(UnpricedDay.workspace_id, UnpricedDay.day).where(
                UnpricedDay.company_id == run.credential.company_id,
                UnpricedDay.workspace_id.in_(ids),
                UnpricedDay.day.between(first, last),
            )
        ).all()
    found = {Estimated(row[0] or 0, row.day, row.currency): row.amount_minor for row in days}
    return found | {Estimated(row.workspace_id, row.day, None): 0 for row in unpriced}


def write_estimate(run: Run, changes: Changes, *, month: date, through: date) -> None:
    """All of it in one transaction, or nothing."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        _forget(session, run, changes.gone)
        _add(session, run, changes.new)
        session.merge(CostEstimate(credential_id=run.credential.id, through=through))
        session.flush()
        sum_months(session, run.credential.company_id, [month])
        watch_budgets(session, run.credential.company_id, now=run.engine.clock.now())


def _forget(session: Session, run: Run, gone: Sequence[Estimated]) -> None:
    own = CostDay.company_id == run.credential.company_id
    for first in range(0, len(gone), AT_ONCE):
        some = gone[first : first + AT_ONCE]
        amounts = [_is_at(one) for one in some if one.currency is not None]
        unpriced = [
            and_(UnpricedDay.workspace_id == one.workspace_id, UnpricedDay.day == one.day)
            for one in some
            if one.currency is None
        ]
        if amounts:
            session.execute(delete(CostDay).where(own, CostDay.source == Source.ESTIMATED, or_(*amounts)))
        if unpriced:
            session.execute(delete(UnpricedDay).where(or_(*unpriced)))


def _is_at(one: Estimated) -> ColumnElement[bool]:
    return and_(
        CostDay.workspace_id == one.workspace_id, CostDay.day == one.day, CostDay.currency == one.currency
    )


def _add(session: Session, run: Run, new: Sequence[tuple[Estimated, int]]) -> None:
    account = {"company_id": run.credential.company_id, "credential_id": run.credential.id}
    amounts = [
        account
        | {
            "day": one.day,
            "currency": one.currency,
            "source": Source.ESTIMATED,
            "workspace_id": one.workspace_id,
            "remainder": None,
            "amount_minor": amount,
        }
        for one, amount in new
        if one.currency is not None
    ]
    unpriced = [
        account | {"day": one.day, "workspace_id": one.workspace_id} for one, _ in new if one.currency is None
    ]
    if amounts:
        session.execute(insert(CostDay), amounts)
    if unpriced:
        session.execute(insert(UnpricedDay), unpriced)
