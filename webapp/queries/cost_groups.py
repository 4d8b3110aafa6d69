"""A company's costs of any days, by group: whole months as they are added up, and the days beside them."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session

from webapp.domain.costs.bills import Source
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import month_of, whole_months
from webapp.models import Application, CostDay, CostSum, Workspace
from webapp.models.cost_day import REMAINDER_KEY

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
    if dimension is Dimension.DAY:
        return _of_sums(dimension, _day_sums(days), company_id).subquery()
    months, beside = whole_months(days.first, days.last)
    parts: list[Select[*tuple[Any, ...]]] = []
    if months:
        parts.append(_of_sums(dimension, CostSum.month.in_(months), company_id))
    if beside:
        is_beside = or_(*(CostDay.day.between(first, last) for first, last in beside))
        parts.append(_of_days(_KEYS[dimension], is_beside, company_id))
    if len(parts) == 1:
        return parts[0].subquery()
    both = union_all(*parts).subquery()
    group = (both.c.is_remainder, both.c.key, both.c.currency)
    sums = (cast(func.sum(one), BigInteger).label(one.name) for one in (both.c.estimated, both.c.billed))
    return select(*group, *sums).group_by(*group).subquery()


def _day_sums(days: Days) -> ColumnElement[bool]:
    """Each day is added up for itself; written so, their order is that of time."""
    return and_(
        CostSum.month.between(month_of(days.first), days.last),
        CostSum.key.between(days.first.isoformat(), days.last.isoformat()),
    )


def _of_sums(
    dimension: Dimension, condition: ColumnElement[bool], company_id: int
) -> Select[*tuple[Any, ...]]:
    is_remainder = cast(CostSum.dimension == Dimension.REMAINDER, Integer)
    wanted = [dimension] if dimension is Dimension.DAY else [dimension, Dimension.REMAINDER]
    group = (is_remainder, CostSum.key, CostSum.currency)
    return (
        select(
            is_remainder.label("is_remainder"),
            CostSum.key.label("key"),
            CostSum.currency.label("currency"),
            _known(CostSum.is_estimated, CostSum.estimated_minor).label("estimated"),
            _known(CostSum.is_billed, CostSum.billed_minor).label("billed"),
        )
        .where(CostSum.company_id == company_id, CostSum.dimension.in_(wanted), condition)
        .group_by(*group)
    )


def _known(
    is_known: InstrumentedAttribute[bool], amount_minor: InstrumentedAttribute[int]
) -> ColumnElement[Any]:
    """NULL if there is no such figure."""
    return cast(func.sum(case((is_known, amount_minor))), BigInteger)


def _of_days(
    key: ColumnElement[Any], is_asked: ColumnElement[bool], company_id: int
) -> Select[*tuple[Any, ...]]:
    is_remainder = cast(CostDay.workspace_id.is_(None), Integer)
    return (
        select(
            is_remainder.label("is_remainder"),
            func.coalesce(key, REMAINDER_KEY).label("key"),
            CostDay.currency.label("currency"),
            _sum_of(Source.ESTIMATED).label("estimated"),
            _sum_of(Source.BILLED).label("billed"),
        )
        .outerjoin(Workspace, Workspace.id == CostDay.workspace_id)
        .outerjoin(Application, Application.id == Workspace.application_id)
        .where(CostDay.company_id == company_id, is_asked)
        .group_by(is_remainder, key, CostDay.remainder, CostDay.pool_id, CostDay.currency)
    )


def _sum_of(source: Source) -> ColumnElement[Any]:
    """NULL if there is no such figure."""
    return cast(func.sum(CostDay.amount_minor).filter(CostDay.source == source), BigInteger)
