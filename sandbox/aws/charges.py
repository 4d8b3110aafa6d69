"""What a desktop costs: from its spans and the list prices, exactly.

The rules, as far as Amazon has published them: the monthly fee of the running mode is due on the first of
each month at 00:00 UTC, and for the rest of the first month when the desktop is first usable. AUTO_STOP
also costs a fee for each hour begun while it runs. A switch to ALWAYS_ON costs its fee for the rest of the
month at once and ends the hours; a switch to AUTO_STOP takes effect on the first of the next month.
Assumed: parts of a month are counted by milliseconds, hours from the beginning of each run, and nothing
is refunded when a desktop ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sandbox.aws.meter import Span
from sandbox.aws.prices import MODES, PriceKey, Prices, system_of
from sandbox.calendar_days import DAY_MS, HOUR_MS, month_of, show_day

SHOWN_DIGITS = Decimal("1E-10")
"""Each amount has at most so many digits, like those of the cloud, so that sums of them are exact."""
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Charge:
    """`count` equal fees, the first at `at_ms`, the others one hour after the other, all on one day."""

    span: Span
    key: PriceKey
    at_ms: int
    count: int
    amount: Decimal
    """US dollars, each."""
    quantity: Decimal
    """Months or hours, each."""


def charges_of(spans: list[Span], prices: Prices, *, since_ms: int, until_ms: int) -> Iterator[Charge]:
    """Everything of one desktop that is due from the beginning of a day until a moment."""
    lived = [one for one in _since_usable(spans) if one.began_at <= until_ms]
    modes = list(_billed_modes(lived, until_ms))
    for span, at_ms, mode, share in _monthly(modes):
        if at_ms >= since_ms:
            yield from _priced(prices, span, at_ms, mode, "month", count=1, share=share)
    for span, begin, end in _metered_runs(modes):
        if end > since_ms:
            skipped = max(0, -((begin - since_ms) // HOUR_MS))
            yield from _hours(prices, span, begin + skipped * HOUR_MS, end)


def _since_usable(spans: list[Span]) -> list[Span]:
    for place, span in enumerate(spans):
        if span.power in ("running", "stopped"):
            return spans[place:]
    return []


@dataclass(frozen=True, slots=True)
class _Billed:
    """A part of a span within one month, with the running mode that is billed."""

    span: Span
    begin: int
    end: int
    mode: str
    is_due: bool
    """A monthly fee is due at its beginning."""


def _billed_modes(spans: list[Span], until_ms: int) -> Iterator[_Billed]:
    """A switch to AUTO_STOP waits for the next month."""
    mode, last_month = "", -1
    for span in spans:
        begin = span.began_at
        stop = until_ms + 1 if span.ended_at is None else min(span.ended_at, until_ms + 1)
        while begin < stop:
            month, following = month_of(begin // DAY_MS)
            end = min(stop, following * DAY_MS)
            is_due = month != last_month or (span.running_mode == "ALWAYS_ON" and mode != "ALWAYS_ON")
            mode, last_month = span.running_mode if is_due else mode, month
            yield _Billed(span, begin, end, mode, is_due)
            begin = end


def _monthly(modes: list[_Billed]) -> Iterator[tuple[Span, int, str, Decimal]]:
    for one in modes:
        if one.is_due:
            month, following = month_of(one.begin // DAY_MS)
            rest, whole = following * DAY_MS - one.begin, (following - month) * DAY_MS
            yield one.span, one.begin, one.mode, Decimal(rest) / Decimal(whole)


def _metered_runs(modes: list[_Billed]) -> Iterator[tuple[Span, int, int]]:
    """The times in which it ran by the hour; a run is not interrupted by the end of a month."""
    run: tuple[Span, int, int] | None = None
    for one in modes:
        is_metered = one.mode == "AUTO_STOP" and one.span.power == "running"
        if run is not None and is_metered and run[2] == one.begin and run[0].compute == one.span.compute:
            run = (run[0], run[1], one.end)
            continue
        if run is not None:
            yield run
        run = (one.span, one.begin, one.end) if is_metered else None
    if run is not None:
        yield run


def _hours(prices: Prices, span: Span, begin: int, end: int) -> Iterator[Charge]:
    """Every hour begun in [begin, end), a charge a day."""
    at_ms = begin
    while at_ms < end:
        stop = min(end, (at_ms // DAY_MS + 1) * DAY_MS)
        count = -((at_ms - stop) // HOUR_MS)
        yield from _priced(prices, span, at_ms, "AUTO_STOP", "hour", count=count, share=ONE)
        at_ms += count * HOUR_MS


def _priced(
    prices: Prices, span: Span, at_ms: int, mode: str, part: str, *, count: int, share: Decimal
) -> Iterator[Charge]:
    """Nothing, if the list has no price for it."""
    if mode not in MODES:
        return
    key = PriceKey(span.region, span.compute, system_of(span.os_name), mode, part)
    price = prices.find(key, day=show_day(at_ms // DAY_MS))
    if price is not None:
        yield Charge(
            span=span,
            key=key,
            at_ms=at_ms,
            count=count,
            amount=(price * share).quantize(SHOWN_DIGITS),
            quantity=share.quantize(SHOWN_DIGITS),
        )
