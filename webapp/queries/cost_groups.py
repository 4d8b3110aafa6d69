"""A company's costs of any days, by group. It reads the days' rows: for programs, not for pages."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, String, Subquery, cast, func, select, tuple_
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.costs.bills import Source
from webapp.domain.costs.groups import Dimension
from webapp.models import Application, CostDay, Workspace

AnySession = Session | scoped_session[Session]
_KEYS: dict[Dimension, ColumnElement[Any]] = {
    Dimension.JOB: cast(Application.job_posting_id, String(160)),
    Dimension.PERSON: cast(Application.seeker_id, String(160)),
    Dimension.BUNDLE: cast(Workspace.bundle_name, String(160)),
    Dimension.CLOUD: cast(Workspace.cloud_provider, String(160)),
    Dimension.CREDENTIAL: cast(Workspace.credential_id, String(160)),
}


class GroupCost(NamedTuple):
    is_remainder: int
    """1: `key` names a remainder of the bill."""
    key: str
    currency: str
    estimated: int | None
    billed: int | None


@dataclass(frozen=True, slots=True)
class Days:
    first: date
    last: date


def list_costs(
    session: AnySession,
    dimension: Dimension,
    days: Days,
    *,
    company_id: int,
    after: tuple[int, str, str] | None,
    limit: int,
) -> list[GroupCost]:
    """In the order of their keys; the remainders last."""
    groups = _groups(dimension, days, company_id)
    place = (groups.c.is_remainder, groups.c.key, groups.c.currency)
    query = select(groups).order_by(*place).limit(limit)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return [GroupCost(*row) for row in session.execute(query)]


def count_costs(session: AnySession, dimension: Dimension, days: Days, *, company_id: int) -> int:
    return session.scalar(select(func.count()).select_from(_groups(dimension, days, company_id))) or 0


def _groups(dimension: Dimension, days: Days, company_id: int) -> Subquery:
    is_day = dimension is Dimension.DAY
    key = cast(CostDay.day, String(160)) if is_day else _KEYS[dimension]
    is_remainder = cast(CostDay.workspace_id.is_(None), Integer)
    columns: list[ColumnElement[Any]] = [
        (func.min(is_remainder) * 0 if is_day else is_remainder).label("is_remainder"),
        (key if is_day else func.coalesce(key, CostDay.remainder)).label("key"),
        CostDay.currency.label("currency"),
        _sum_of(Source.ESTIMATED).label("estimated"),
        _sum_of(Source.BILLED).label("billed"),
    ]
    grouped = [key, CostDay.currency] if is_day else [is_remainder, key, CostDay.remainder, CostDay.currency]
    return (
        select(*columns)
        .outerjoin(Workspace, Workspace.id == CostDay.workspace_id)
        .outerjoin(Application, Application.id == Workspace.application_id)
        .where(CostDay.company_id == company_id, CostDay.day.between(days.first, days.last))
        .group_by(*grouped)
        .subquery()
    )


def _sum_of(source: Source) -> ColumnElement[Any]:
    """NULL if there is no such figure."""
    return cast(func.sum(CostDay.amount_minor).filter(CostDay.source == source), BigInteger)
