"""What a workspace costs this month. Estimates and bills are two truths: never added, always labelled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from webapp.domain import catalogue
from webapp.domain.codes.shape import Entry
from webapp.domain.costs.charges import Charge
from webapp.domain.costs.money import Money
from webapp.domain.costs.months import BilledMonth, Estimate, estimate_month
from webapp.domain.costs.prices import PriceBook
from webapp.domain.costs.spans import day_of, last_day_of, month_of, starts_at
from webapp.models import BillReading, UsageSpan, Workspace
from webapp.models.usage_span import spans_by_machine
from webapp.providers.registry import get_provider
from webapp.queries import costs as queries
from webapp.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class WorkspaceCosts:
    month: date
    """Its first day. Days are UTC, as both clouds bill."""
    estimate: Estimate
    known_since: datetime | None
    """Since when its use is logged; None: not yet."""
    billed: BilledMonth
    read_at: datetime | None
    """When the bill was last read; None: never."""
    refused: Entry | None
    """Why it is not read now; None: it is."""

    @property
    def estimated(self) -> tuple[Money, ...] | None:
        """So far; None: nothing is known."""
        return self.estimate.so_far or None

    @property
    def billed_so_far(self) -> tuple[Money, ...] | None:
        """Its share of the bill; None: the bill has no day of the month yet."""
        return None if self.billed.through is None else self.billed.amounts


def costs_of(context: ServiceContext, workspace: Workspace) -> WorkspaceCosts:
    """For a workspace that the caller has loaded inside its tenant, with its credential."""
    now = context.clock.now()
    month = month_of(day_of(now))
    rows = queries.list_spans(context.session, workspace, since=starts_at(month))
    first_seen_at = rows[0].began_at if rows else None
    charges = list(_charges(context, workspace, rows, now))
    reading, billed = _billed(context, workspace, month)
    return WorkspaceCosts(
        month=month,
        estimate=estimate_month(charges, now=now, first_seen_at=first_seen_at),
        known_since=first_seen_at,
        billed=billed,
        read_at=None if reading is None else reading.read_at,
        refused=None if reading is None or reading.code is None else catalogue.entry(reading.code),
    )


def _charges(
    context: ServiceContext, workspace: Workspace, rows: Sequence[UsageSpan], now: datetime
) -> Iterator[Charge]:
    billing = get_provider(workspace.cloud_provider).billing
    region = workspace.credential.public_fields[billing.region_field]
    prices = queries.list_prices(context.session, cloud_provider=workspace.cloud_provider, region=region)
    book = PriceBook(prices)
    for spans in spans_by_machine(rows, region, until=now):
        yield from billing.charges(spans, book)


def _billed(
    context: ServiceContext, workspace: Workspace, month: date
) -> tuple[BillReading | None, BilledMonth]:
    billing = get_provider(workspace.cloud_provider).billing
    sharing = [
        (one.id, one.public_fields) for one in queries.list_accounts_credentials(context.session, workspace)
    ]
    reader_id = billing.reader_of(sharing, workspace.credential.public_fields)
    if reader_id is None:
        return None, BilledMonth((), None, is_provisional=False)
    days = {"first": month, "last": last_day_of(month)}
    newest = queries.newest_total(
        context.session, company_id=workspace.company_id, credential_id=reader_id, **days
    )
    billed = BilledMonth(
        tuple(queries.sum_billed(context.session, workspace, **days)),
        None if newest is None else newest.day,
        is_provisional=newest is not None and newest.is_provisional,
    )
    return queries.get_reading(context.session, reader_id), billed
