"""A company's costs of a month, as they are added up: no query grows with the number of its desktops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload, scoped_session

from webapp.domain.costs.bills import Source
from webapp.domain.costs.groups import Dimension
from webapp.models import (
    Application,
    BilledTotal,
    BillReading,
    CloudCredential,
    CostMonth,
    CostSum,
    DesktopMonth,
    JobPosting,
    User,
    Workspace,
)
from webapp.models.cost_sum import IS_UNPRICED

AnySession = Session | scoped_session[Session]
SMALL = (Dimension.DAY, Dimension.REMAINDER)
"""Few rows a month, however large the company is."""
OF_FEW = (Dimension.JOB, Dimension.PERSON)
"""Groups of few desktops, however large the company is."""
_WITH_PERSON = (
    joinedload(Workspace.application).joinedload(Application.seeker),
    joinedload(Workspace.application).joinedload(Application.job_posting),
)


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of a page."""

    amount_minor: int
    key: str


_SMALL = (
    select(CostMonth, CostSum)
    .outerjoin(
        CostSum,
        and_(
            CostSum.company_id == CostMonth.company_id,
            CostSum.month == CostMonth.month,
            CostSum.dimension.in_(SMALL),
        ),
    )
    .where(
        CostMonth.company_id == bindparam("company"), CostMonth.month.in_(bindparam("months", expanding=True))
    )
    .order_by(CostSum.dimension, CostSum.key, CostSum.currency)
)


def list_small(
    session: AnySession, *, company_id: int, months: Iterable[date]
) -> list[tuple[CostMonth, CostSum | None]]:
    """These months with their days and remainders, in order; a month without any once."""
    rows = session.execute(_SMALL, {"company": company_id, "months": list(months)})
    return [(row[0], row[1]) for row in rows]


def list_groups(
    session: AnySession,
    *,
    company_id: int,
    month: date,
    dimension: Dimension,
    currency: str,
    by: Source,
    after: Place | None,
    limit: int,
) -> Sequence[CostSum]:
    """The most expensive first, by one of the two figures."""
    query = select(CostSum).where(
        *_groups(company_id, month, dimension, currency), _after(_amount(by), after)
    )
    return session.scalars(query.order_by(*_order(_amount(by))).limit(limit)).all()


def list_desktops(
    session: AnySession,
    *,
    company_id: int,
    month: date,
    dimension: Dimension,
    key: str,
    currency: str,
    by: Source,
    after: Place | None,
    limit: int,
) -> Sequence[tuple[CostSum, Workspace]]:
    """The desktops behind a group's figure, with person and job.

    First the sums of the page, then their desktops: PostgreSQL finds the best order of eight tables at most.
    """
    amount = _amount(by)
    if dimension in OF_FEW:
        amount = amount + 0  # no column: found by their desktops and sorted, not looked for among all
    sums = session.scalars(
        select(CostSum)
        .join(Workspace, Workspace.id == CostSum.workspace_id)
        .where(
            *_groups(company_id, month, Dimension.DESKTOP, currency),
            Workspace.company_id == company_id,
            _is_in(company_id, dimension, key),
            _after(amount, after),
        )
        .order_by(*_order(amount))
        .limit(limit)
    ).all()
    ids = [one.workspace_id for one in sums]
    # No column of the company: SQLite would take its index, and not these few ids.
    shown = (Workspace.id.in_(ids), Workspace.company_id + 0 == company_id)
    rows = session.scalars(select(Workspace).options(*_WITH_PERSON).where(*shown))
    desktops = {one.id: one for one in rows}
    return [(one, desktops[one.workspace_id]) for one in sums if one.workspace_id is not None]


def list_unpriced(
    session: AnySession, *, company_id: int, month: date, after_id: int, limit: int
) -> Sequence[tuple[DesktopMonth, Workspace]]:
    """The desktops of which a part has no known price, the oldest first, with person and job."""
    rows = session.execute(
        select(DesktopMonth, Workspace)
        .join(Workspace, Workspace.id == DesktopMonth.workspace_id)
        .options(*_WITH_PERSON)
        .where(
            DesktopMonth.company_id == company_id,
            DesktopMonth.month == month,
            IS_UNPRICED,
            DesktopMonth.workspace_id > after_id,
            Workspace.company_id == company_id,
        )
        .order_by(DesktopMonth.workspace_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def names_of(
    session: AnySession, dimension: Dimension, keys: Sequence[str], *, company_id: int
) -> dict[str, str]:
    """What people call these groups, where the key is an id."""
    ids = [int(key) for key in keys if key.isdecimal()]
    if not ids:
        return {}
    if dimension is Dimension.JOB:
        query = select(JobPosting.id, JobPosting.title).where(
            JobPosting.company_id == company_id, JobPosting.id.in_(ids)
        )
    elif dimension is Dimension.PERSON:
        # Whoever is in a company's sums has applied there.
        query = select(User.id, User.name).where(User.id.in_(ids))
    elif dimension is Dimension.CREDENTIAL:
        query = select(CloudCredential.id, CloudCredential.name).where(
            CloudCredential.company_id == company_id, CloudCredential.id.in_(ids)
        )
    else:
        return {}
    return {str(one): name for one, name in session.execute(query)}


@dataclass(frozen=True, slots=True)
class AccountReading:
    """How far an account's bill is known."""

    credential: CloudCredential
    code: str | None
    """Why the newest reading was refused."""
    read_at: datetime | None
    through: date | None
    """The newest day of the month in the bill."""
    is_provisional: bool


def list_readings(session: AnySession, *, company_id: int, first: date, last: date) -> list[AccountReading]:
    """Of the company's credentials, also those that another one reads the bill for."""
    totals = (
        select(
            BilledTotal.credential_id,
            func.max(BilledTotal.day).label("through"),
            func.count(BilledTotal.id).filter(BilledTotal.is_provisional).label("provisional"),
        )
        .where(BilledTotal.company_id == company_id, BilledTotal.day.between(first, last))
        .group_by(BilledTotal.credential_id)
        .subquery()
    )
    rows = session.execute(
        select(CloudCredential, BillReading.code, BillReading.read_at, totals.c.through, totals.c.provisional)
        .outerjoin(BillReading, BillReading.credential_id == CloudCredential.id)
        .outerjoin(totals, totals.c.credential_id == CloudCredential.id)
        .where(CloudCredential.company_id == company_id, ~CloudCredential.is_deleted)
        .order_by(CloudCredential.name, CloudCredential.id)
    )
    return [AccountReading(row[0], row.code, row.read_at, row.through, bool(row.provisional)) for row in rows]


def _groups(
    company_id: int, month: date, dimension: Dimension, currency: str
) -> tuple[ColumnElement[bool], ...]:
    return (
        CostSum.company_id == company_id,
        CostSum.month == month,
        CostSum.dimension == dimension,
        CostSum.currency == currency,
    )


def _amount(by: Source) -> ColumnElement[int]:
    return (CostSum.billed_minor if by is Source.BILLED else CostSum.estimated_minor).expression


def _order(amount: ColumnElement[int]) -> tuple[ColumnElement[int], ColumnElement[str]]:
    return amount.desc(), CostSum.key.desc()


def _after(amount: ColumnElement[int], after: Place | None) -> ColumnElement[bool]:
    if after is None:
        return and_(True)
    return tuple_(amount, CostSum.key) < tuple_(after.amount_minor, after.key)


def _is_in(company_id: int, dimension: Dimension, key: str) -> ColumnElement[bool]:
    """Those of `OF_FEW` are found first, and not among all of the company."""
    if dimension is Dimension.BUNDLE:
        return Workspace.bundle_name == key
    if dimension is Dimension.CLOUD:
        return Workspace.cloud_provider == key
    wanted, of_group = int(key) if key.isdecimal() else 0, aliased(Workspace)
    if dimension is Dimension.CREDENTIAL:
        return Workspace.credential_id == wanted
    ids = select(of_group.id)
    if dimension is Dimension.JOB:
        ids = ids.where(of_group.company_id == company_id, of_group.job_posting_id == wanted)
    else:
        # Also in other companies, whose sums are not asked for: people are found by their own index.
        ids = ids.join(of_group.application).where(Application.seeker_id == wanted)
    return CostSum.workspace_id.in_(ids)
