"""What a company's desktops cost in a month: two figures side by side, never added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from webapp.domain import catalogue
from webapp.domain.codes.shape import Entry
from webapp.domain.costs.bills import Remainder, Source
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.money import Money, by_currency
from webapp.domain.costs.spans import day_of, month_of, next_month
from webapp.models import CloudCredential, CostSum, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import company_costs as queries
from webapp.queries.company_costs import AccountReading, Place
from webapp.services.context import ServiceContext

GROUPINGS = (Dimension.JOB, Dimension.PERSON, Dimension.BUNDLE, Dimension.CLOUD, Dimension.CREDENTIAL)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Figures:
    """None: there is no such figure. That is not the same as 0."""

    estimated: Money | None
    billed: Money | None

    @classmethod
    def of(cls, row: CostSum) -> "Figures":
        return cls(
            Money(row.currency, row.estimated_minor) if row.is_estimated else None,
            Money(row.currency, row.billed_minor) if row.is_billed else None,
        )


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
class Totals:
    """A month, or the first days of one; one amount for each currency."""

    estimated: tuple[Money, ...]
    billed: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class MonthCosts:
    month: date
    totals: Totals
    """The bill's has its remainders."""
    before: Totals
    """Of the month before, through the same day if the month goes on."""
    remainders: list[tuple[Remainder, Money]]
    days: list[tuple[date, Figures]]
    currencies: tuple[str, ...]
    unpriced_desktops: int
    accounts: list[Account]

    @property
    def has_bill(self) -> bool:
        return bool(self.totals.billed)


def month_costs(context: ServiceContext, month: date, *, company_id: int) -> MonthCosts:
    today = day_of(context.clock.now())
    last_month = month_of(month - timedelta(days=1))
    found = queries.list_small(context.session, company_id=company_id, months=(month, last_month))
    rows = [row for _, row in found if row is not None]
    own = [row for row in rows if row.month == month]
    days = [(date.fromisoformat(row.key), Figures.of(row)) for row in own if row.dimension is Dimension.DAY]
    last_day = next_month(month) - timedelta(days=1)
    compared = _through_the_same_day(month, today, last_month)
    readings = queries.list_readings(context.session, company_id=company_id, first=month, last=last_day)
    return MonthCosts(
        month=month,
        totals=_totals(own),
        before=_totals([row for row in rows if row.month == last_month and row.key <= compared]),
        remainders=[
            (Remainder(row.key), Money(row.currency, row.billed_minor))
            for row in own
            if row.dimension is Dimension.REMAINDER
        ],
        days=days,
        currencies=tuple(sorted({row.currency for row in own})),
        unpriced_desktops=max((one.unpriced_desktops for one, _ in found if one.month == month), default=0),
        accounts=_accounts(readings),
    )


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


def _totals(rows: Sequence[CostSum]) -> Totals:
    figures = [Figures.of(row) for row in rows if row.dimension is Dimension.DAY]
    return Totals(
        by_currency(one.estimated for one in figures if one.estimated is not None),
        by_currency(one.billed for one in figures if one.billed is not None),
    )


def _through_the_same_day(month: date, today: date, last_month: date) -> str:
    """The last key to compare with: of a month that goes on, the day before today in the month before."""
    if month_of(today) != month:
        return (month - timedelta(days=1)).isoformat()
    return min(last_month + timedelta(days=today.day - 2), month - timedelta(days=1)).isoformat()


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
