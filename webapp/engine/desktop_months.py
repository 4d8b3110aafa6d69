"""What lists show of each desktop's month, written beside its sums (`engine/cost_sums.py`)."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    case,
    cast,
    delete,
    false,
    func,
    insert,
    literal,
    null,
    select,
    true,
)
from sqlalchemy.orm import Session

from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import last_day_of
from webapp.models import CostSum, DesktopMonth, UnpricedDay

_COLUMNS = ("workspace_id", "month", "company_id", "currency", "amount_minor", "is_billed", "is_unpriced")


def write_desktop_months(session: Session, company_id: int, month: date) -> None:
    """In the transaction of the sums, and wholly from them."""
    session.execute(
        delete(DesktopMonth)
        .where(DesktopMonth.company_id == company_id, DesktopMonth.month == month)
        .execution_options(synchronize_session=False)
    )
    for rows in (_with_a_figure(company_id, month), _without(company_id, month)):
        session.execute(insert(DesktopMonth).from_select(_COLUMNS, rows, include_defaults=False))


def _with_a_figure(company_id: int, month: date) -> Select[*tuple[Any, ...]]:
    """A bill before an estimate; of several currencies the first: a list has room for one figure."""
    place = func.row_number().over(
        partition_by=CostSum.workspace_id, order_by=(CostSum.is_billed.desc(), CostSum.currency)
    )
    ranked = (
        select(
            CostSum.workspace_id,
            CostSum.currency,
            case((CostSum.is_billed, CostSum.billed_minor), else_=CostSum.estimated_minor).label("amount"),
            CostSum.is_billed,
            place.label("place"),
        )
        .where(
            CostSum.company_id == company_id,
            CostSum.month == month,
            CostSum.dimension == Dimension.DESKTOP,
        )
        .subquery()
    )
    is_unpriced = _unpriced_in(month).where(UnpricedDay.workspace_id == ranked.c.workspace_id).exists()
    columns: list[Any] = [
        ranked.c.workspace_id,
        literal(month),
        literal(company_id),
        ranked.c.currency,
        ranked.c.amount,
        ranked.c.is_billed,
        is_unpriced,
    ]
    return select(*columns).where(ranked.c.place == 1)


def _without(company_id: int, month: date) -> Select[*tuple[Any, ...]]:
    """What ran, and has no known price at all."""
    is_written = (
        select(DesktopMonth.month)
        .where(DesktopMonth.workspace_id == UnpricedDay.workspace_id, DesktopMonth.month == month)
        .exists()
    )
    columns: list[Any] = [
        UnpricedDay.workspace_id,
        literal(month),
        literal(company_id),
        cast(null(), String(3)),
        cast(null(), BigInteger),
        false(),
        true(),
    ]
    unpriced = _unpriced_in(month).with_only_columns(*columns).distinct()
    return unpriced.where(UnpricedDay.company_id == company_id, ~is_written)


def _unpriced_in(month: date) -> Select[Any]:
    is_in: ColumnElement[bool] = UnpricedDay.day.between(month, last_day_of(month))
    return select(UnpricedDay.day).where(is_in)
