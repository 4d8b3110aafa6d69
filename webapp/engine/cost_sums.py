"""A company's months added up from the days, in the transaction that changes the days."""

import typing
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, delete, func, insert, literal, null, select
from sqlalchemy.orm import Session, aliased

from webapp.database import take_turns
from webapp.domain.costs.bills import Source
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import last_day_of
from webapp.engine.desktop_months import write_desktop_months
from webapp.models import Application, CostDay, CostMonth, CostSum, UnpricedDay, Workspace
from webapp.models.cost_day import REMAINDER_KEY

_COLUMNS = (
    "company_id",
    "month",
    "dimension",
    "key",
    "currency",
    "workspace_id",
    "is_estimated",
    "estimated_minor",
    "is_billed",
    "billed_minor",
)
_GROUPS: dict[Dimension, ColumnElement[Any]] = {
    Dimension.JOB: cast(Application.job_posting_id, String(160)),
    Dimension.PERSON: cast(Application.seeker_id, String(160)),
    Dimension.BUNDLE: cast(Workspace.bundle_name, String(160)),
    Dimension.CLOUD: cast(Workspace.cloud_provider, String(160)),
    Dimension.CREDENTIAL: cast(Workspace.credential_id, String(160)),
}


def sum_months(session: Session, company_id: int, months: Iterable[date]) -> None:
    """Once more from the days, whichever account wrote them."""
    for month in sorted(set(months)):
        # Accounts of a company share its sums: the second waits, and then adds up what the first wrote too.
        take_turns(session, f"costs of {company_id}")
        session.execute(
            delete(CostSum)
            .where(CostSum.company_id == company_id, CostSum.month == month)
            .execution_options(synchronize_session=False)
        )
        for sums in _sums(company_id, month):
            session.execute(insert(CostSum).from_select(_COLUMNS, sums, include_defaults=False))
        write_desktop_months(session, company_id, month)
        _note_what_is_missing(session, company_id, month)


def _sums(company_id: int, month: date) -> Iterable[Select[Any]]:
    """The desktops first: their groups are added up from them."""
    days = (CostDay.company_id == company_id, CostDay.day.between(month, last_day_of(month)))
    of_desktops = CostDay.workspace_id.is_not(None)
    desktop_key = cast(CostDay.workspace_id, String(160))
    yield _of_days(month, Dimension.DESKTOP, desktop_key, CostDay.workspace_id).where(*days, of_desktops)
    day_key = cast(CostDay.day, String(160))
    yield _of_days(month, Dimension.DAY, day_key, None).where(*days)
    yield _of_days(month, Dimension.REMAINDER, REMAINDER_KEY, None).where(*days, ~of_desktops)
    for dimension, key in _GROUPS.items():
        yield _of_desktops(company_id, month, dimension, key)


def _of_days(month: date, dimension: Dimension, key: ColumnElement[Any], workspace_id: Any) -> Select[Any]:
    figures: list[ColumnElement[Any]] = []
    for source in (Source.ESTIMATED, Source.BILLED):
        is_of = CostDay.source == source
        figures.append(func.count(CostDay.id).filter(is_of) > 0)
        figures.append(func.coalesce(func.sum(CostDay.amount_minor).filter(is_of), 0))
    group = [CostDay.company_id, CostDay.currency, key]
    if workspace_id is not None:
        group.append(workspace_id)
    return select(
        CostDay.company_id,
        literal(month),
        literal(dimension.value),
        key,
        CostDay.currency,
        null() if workspace_id is None else workspace_id,
        *figures,
    ).group_by(*group)


def _of_desktops(company_id: int, month: date, dimension: Dimension, key: ColumnElement[Any]) -> Select[Any]:
    own = aliased(CostSum)
    columns: list[Any] = [
        own.company_id,
        own.month,
        literal(dimension.value),
        key,
        own.currency,
        null(),
        func.count(own.id).filter(own.is_estimated) > 0,
        func.sum(own.estimated_minor),
        func.count(own.id).filter(own.is_billed) > 0,
        func.sum(own.billed_minor),
    ]
    sums = (
        select(*columns)
        .join(Workspace, Workspace.id == own.workspace_id)
        .join(Application, Application.id == Workspace.application_id)
        .where(
            own.company_id == company_id,
            own.month == month,
            own.dimension == Dimension.DESKTOP,
            Workspace.company_id == company_id,
        )
        .group_by(own.company_id, own.month, own.currency, key)
    )
    return typing.cast("Select[Any]", sums)


def _note_what_is_missing(session: Session, company_id: int, month: date) -> None:
    count = session.scalar(
        select(func.count(UnpricedDay.workspace_id.distinct())).where(
            UnpricedDay.company_id == company_id, UnpricedDay.day.between(month, last_day_of(month))
        )
    )
    session.merge(CostMonth(company_id=company_id, month=month, unpriced_desktops=count or 0))
    session.flush()
