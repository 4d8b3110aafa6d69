"""What a company's desktops cost in a month: two figures side by side, never added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from webapp.domain import catalogue
from webapp.domain.codes.shape import Entry
from webapp.domain.costs.bills import Source
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.money import Money
from webapp.domain.costs.spans import last_day_of
from webapp.models import CloudCredential, CostSum, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import company_costs as queries
from webapp.queries.company_costs import AccountReading, Place
from webapp.services.context import ServiceContext
from webapp.services.month_totals import Figures, MonthTotals, month_totals

GROUPINGS = (Dimension.JOB, Dimension.PERSON, Dimension.BUNDLE, Dimension.CLOUD, Dimension.CREDENTIAL)
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class DesktopCost:
    workspace: Workspace
    figures: Figures


@dataclass(frozen=True, slots=True)
class Account:
    """How far an account's bill is known."""

    credential: CloudCredential
    through: date | None
    is_provisional: bool
    read_at: datetime | None
    refused: Entry | None
    """Why it is not read now."""


@dataclass(frozen=True, slots=True)
class MonthCosts:
    month: date
    totals: MonthTotals
    accounts: list[Account]

    @property
    def has_bill(self) -> bool:
        return bool(self.totals.billed)


def month_costs(context: ServiceContext, month: date, *, company_id: int) -> MonthCosts:
    last_day = last_day_of(month)
    readings = queries.list_readings(context.session, company_id=company_id, first=month, last=last_day)
    totals = month_totals(context, month, company_id=company_id)
    return MonthCosts(month, totals, _accounts(readings))


def groups_of(
    context: ServiceContext,
    month: date,
    dimension: Dimension,
    currency: str,
    by: Source,
    *,
    company_id: int,
    after: Place | None = None,
    limit: int = PAGE_SIZE,
) -> tuple[list[Group], Place | None]:
    """A page of groups, and where the next one begins."""
    rows = queries.list_groups(
        context.session,
        company_id=company_id,
        month=month,
        dimension=dimension,
        currency=currency,
        by=by,
        after=after,
        limit=limit + 1,
    )
    shown = rows[:limit]
    names = queries.names_of(context.session, dimension, [row.key for row in shown], company_id=company_id)
    groups = [Group(row.key, _name(dimension, row.key, names), Figures.of(row)) for row in shown]
    return groups, _next(rows, shown, by)


def desktops_of(
    context: ServiceContext,
    month: date,
    dimension: Dimension,
    key: str,
    currency: str,
    by: Source,
    *,
    company_id: int,
    after: Place | None = None,
) -> tuple[list[DesktopCost], Place | None]:
    """The desktops behind a group's figures, a page of them."""
    rows = queries.list_desktops(
        context.session,
        company_id=company_id,
        month=month,
        dimension=dimension,
        key=key,
        currency=currency,
        by=by,
        after=after,
        limit=PAGE_SIZE + 1,
    )
    shown = [DesktopCost(workspace, Figures.of(row)) for row, workspace in rows[:PAGE_SIZE]]
    sums = [row for row, _ in rows]
    return shown, _next(sums, sums[:PAGE_SIZE], by)


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A desktop of which a part has no known price."""

    workspace: Workspace
    known: Money | None
    """Of the month, without that part; None: nothing."""
    is_billed: bool


def unpriced_of(
    context: ServiceContext, month: date, *, company_id: int, after_id: int
) -> tuple[list[Unpriced], int | None]:
    """A page of them, and the id after which the next one begins."""
    rows = queries.list_unpriced(
        context.session, company_id=company_id, month=month, after_id=after_id, limit=PAGE_SIZE + 1
    )
    shown = [Unpriced(workspace, row.amount, row.is_billed) for row, workspace in rows[:PAGE_SIZE]]
    return shown, shown[-1].workspace.id if len(rows) > PAGE_SIZE else None


def group_name(context: ServiceContext, dimension: Dimension, key: str, *, company_id: int) -> str:
    names = queries.names_of(context.session, dimension, [key], company_id=company_id)
    return _name(dimension, key, names)


def _name(dimension: Dimension, key: str, names: dict[str, str]) -> str:
    return get_provider(key).label if dimension is Dimension.CLOUD else names.get(key, key)


def _next(rows: Sequence[CostSum], shown: Sequence[CostSum], by: Source) -> Place | None:
    if len(rows) == len(shown):
        return None
    last = shown[-1]
    return Place(last.billed_minor if by is Source.BILLED else last.estimated_minor, last.key)


def _accounts(readings: Sequence[AccountReading]) -> list[Account]:
    """One for each bill: of credentials that share it, the one that reads it."""
    return [
        Account(
            one.credential,
            one.through,
            one.is_provisional,
            one.read_at,
            None if one.code is None else catalogue.entry(one.code),
        )
        for one in readings
        if _reads_its_bill(one.credential, readings)
    ]


def _reads_its_bill(credential: CloudCredential, readings: Sequence[AccountReading]) -> bool:
    billing = get_provider(credential.cloud_provider).billing
    sharing = [
        (one.credential.id, one.credential.public_fields)
        for one in readings
        if (one.credential.cloud_provider, one.credential.account_id)
        == (credential.cloud_provider, credential.account_id)
    ]
    return billing.reader_of(sharing, credential.public_fields) == credential.id
