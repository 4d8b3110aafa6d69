"""Estimated costs of the days that are over, kept by day and desktop. It asks no cloud.

A month is rounded by its sums, so a day's amount depends on the days before it: the month so far is
calculated again, and what differs is replaced. A price that was read later thereby reaches its days.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain

from webapp.domain.costs.estimates import by_day
from webapp.domain.costs.prices import PriceBook
from webapp.domain.costs.spans import day_of, last_day_of, month_of, next_month, starts_at
from webapp.engine import estimate_rows
from webapp.engine.estimate_rows import Changes, Estimated
from webapp.engine.run import Run
from webapp.models.usage_span import spans_by_machine
from webapp.providers.registry import get_provider

BITE = 200
"""So many desktops are calculated between two chances for more urgent work."""
FIRST_DAYS = 62
"""So far back the first estimate goes, as the first reading of a bill."""


def estimate_days(run: Run) -> Iterator[None]:
    """Each month in one transaction."""
    yesterday = day_of(run.engine.clock.now()) - timedelta(days=1)
    for month in _months(estimate_rows.estimated_through(run), yesterday):
        last_day = min(last_day_of(month), yesterday)
        changes, after_id = Changes(), 0
        book = PriceBook(estimate_rows.list_prices(run))
        while ids := estimate_rows.list_desktops(run, month, after_id=after_id, limit=BITE):
            changes.add(*_compared(run, ids, book, month, last_day))
            after_id = ids[-1]
            yield
        run.engine.crashpoint("costs_estimated")
        estimate_rows.write_estimate(run, changes, month=month, through=last_day)
        run.engine.crashpoint("estimate_written")


def _months(through: date | None, yesterday: date) -> Iterator[date]:
    """Those with a day that is over and not yet estimated."""
    first = yesterday - timedelta(days=FIRST_DAYS) if through is None else through + timedelta(days=1)
    month = month_of(first)
    while first <= yesterday and month <= yesterday:
        yield month
        month = next_month(month)


def _compared(
    run: Run, ids: Sequence[int], book: PriceBook, month: date, last_day: date
) -> tuple[dict[Estimated, int], dict[Estimated, int]]:
    """What these desktops' month is by these list prices, and what is stored."""
    provider, region = get_provider(run.credential.cloud_provider), estimate_rows.region_of(run)
    until = starts_at(last_day + timedelta(days=1))
    wanted: dict[Estimated, int] = {}
    for workspace_id, rows in estimate_rows.spans_of(run, ids, since=starts_at(month), until=until).items():
        machines = spans_by_machine(rows, region, until=until)
        charges = chain.from_iterable(provider.billing.charges(spans, book) for spans in machines)
        for day in by_day(charge for charge in charges if month <= charge.day <= last_day):
            for amount in day.amounts:
                wanted[Estimated(workspace_id, day.day, amount.currency)] = amount.amount_minor
            if not day.is_complete:
                wanted[Estimated(workspace_id, day.day, None)] = 0
    return wanted, estimate_rows.stored(run, ids, month, last_day)
