"""Desktops that nobody can use, or uses, and that are still paid: how many, and what they cost this month.

The first hundred are looked at, so that the start page stays light in a large company; its list has all.
"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Select, and_, cast, func, literal, select, union_all
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.lifecycle import State
from webapp.models import DesktopMonth, Workspace
from webapp.queries.connections import ConnectedAt, ConnectedFilter
from webapp.queries.table_costs import CostFilter, failed_and_paid, stopped_for_long

AnySession = Session | scoped_session[Session]

UNUSED = ConnectedFilter.NOT_FOR_14_DAYS
"""Desktops that are available, and that nobody has been connected to for so long."""
MOST_WASTED = 100
"""Of a kind; more are "100+"."""


class Wasted(NamedTuple):
    kind: str
    """A `CostFilter`, or `UNUSED`."""
    currency: str | None
    """None: those whose cost is not known."""
    desktops: int
    """At most MOST_WASTED + 1 of a kind."""
    amount_minor: int | None


def list_wasted(session: AnySession, *, company_id: int, month: date, now: datetime) -> list[Wasted]:
    """One row for each kind and currency."""
    found = union_all(_stopped(company_id, now), _unused(company_id, now), _failed(company_id)).subquery()
    rows = session.execute(
        select(
            found.c.kind,
            DesktopMonth.currency,
            func.count(),
            cast(func.sum(DesktopMonth.amount_minor), BigInteger),
        )
        .select_from(found)
        .outerjoin(
            DesktopMonth,
            and_(
                DesktopMonth.workspace_id == found.c.id,
                DesktopMonth.month == month,
                DesktopMonth.company_id == company_id,
            ),
        )
        .group_by(found.c.kind, DesktopMonth.currency)
    )
    return [Wasted(*row) for row in rows]


def _stopped(company_id: int, now: datetime) -> Select[str, int]:
    some = stopped_for_long(company_id, now).limit(MOST_WASTED + 1).subquery()
    return (
        select(literal(CostFilter.STOPPED.value).label("kind"), Workspace.id.label("id"))
        .join(some, some.c.workspace_id == Workspace.id)
        .where(Workspace.company_id == company_id, Workspace.listed_state == State.STOPPED.value)
    )


def _unused(company_id: int, now: datetime) -> Select[str, int]:
    some = ConnectedAt(UNUSED, now).ids(company_id).limit(MOST_WASTED + 1).subquery()
    return (
        select(literal(UNUSED.value).label("kind"), Workspace.id.label("id"))
        .join(some, some.c.workspace_id == Workspace.id)
        .where(Workspace.company_id == company_id, Workspace.listed_state == State.AVAILABLE.value)
    )


def _failed(company_id: int) -> Select[str, int]:
    paid = failed_and_paid(company_id, most=MOST_WASTED + 1).limit(MOST_WASTED + 1).subquery()
    return select(literal(CostFilter.FAILED.value).label("kind"), paid.c.workspace_id.label("id"))
