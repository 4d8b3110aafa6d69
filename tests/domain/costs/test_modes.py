"""Which running mode a month of use would have been cheaper in, by Amazon's rules."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.cases import each_case
from webapp.domain.costs.modes import CheaperMode, ModeRules, cheaper_mode, is_turn, last_whole_month
from webapp.domain.costs.money import Money
from webapp.domain.costs.prices import Part, Price, PriceBook
from webapp.domain.costs.spans import MachineKind, Power, Span
from webapp.providers.aws_workspaces.billing import ALWAYS_ON, AUTO_STOP, BILLING

NOVEMBER = date(2026, 11, 1)
FIRST, LAST = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
RULES = ModeRules(AUTO_STOP, ALWAYS_ON, BILLING.charges)
KIND = MachineKind(
    region="us-east-1",
    compute_type="STANDARD",
    volumes="80/50",
    running_mode=AUTO_STOP,
    operating_system="WINDOWS_11",
)
MONTHLY = MachineKind(
    region="us-east-1",
    compute_type="STANDARD",
    volumes="80/50",
    running_mode=ALWAYS_ON,
    operating_system="WINDOWS_11",
)
AMOUNTS = ((AUTO_STOP, Part.MONTH, "9.75"), (AUTO_STOP, Part.HOUR, "0.30"), (ALWAYS_ON, Part.MONTH, "35"))
HOUR = timedelta(hours=1)


def book(*, without: str = "", since: date = date(2026, 1, 1)) -> PriceBook:
    return PriceBook(
        Price("us-east-1", f"STANDARD/80/50/windows/{mode}", part, Decimal(amount), "USD", since)
        for mode, part, amount in AMOUNTS
        if mode != without
    )


def ran(hours: int, *, until: datetime = LAST, kind: MachineKind = KIND) -> list[Span]:
    """So many hours from the first of the month on, and stopped for the rest."""
    stops_at = FIRST + hours * HOUR
    running = [Span(kind, Power.RUNNING, FIRST, stops_at)] if hours else []
    return [*running, Span(kind, Power.STOPPED, stops_at, until)]


def compared(
    spans: list[Span], prices: PriceBook | None = None, *, used_hours: int = 1
) -> CheaperMode | None:
    return cheaper_mode(spans, RULES, prices or book(), month=NOVEMBER, used_hours=used_hours)


@each_case(
    ("hours", "saves_minor"),
    [(84, None), (85, 25), (160, 2275), (720, 19075), (0, None)],
)
def test_always_on_is_cheaper_above_the_hours_that_its_fee_is_worth(
    hours: int, saves_minor: int | None
) -> None:
    found = compared(ran(hours))

    assert (found and found.saves) == (None if saves_minor is None else Money("USD", saves_minor))
    assert found is None or (found.mode, found.hours) == (ALWAYS_ON, hours)


@each_case(("used_hours", "saves_minor"), [(1, 2495), (76, 245), (85, None), (2000, None)])
def test_by_the_hour_is_cheaper_for_the_most_hours_that_it_can_have_been_used(
    used_hours: int, saves_minor: int | None
) -> None:
    always = [Span(MONTHLY, Power.RUNNING, FIRST - 40 * HOUR, LAST + HOUR)]

    found = compared(always, used_hours=used_hours)

    assert (found and found.saves) == (None if saves_minor is None else Money("USD", saves_minor))
    assert found is None or (found.mode, found.hours) == (AUTO_STOP, used_hours)


def test_what_is_not_known_of_a_month_or_a_price_says_nothing() -> None:
    whole = ran(200)

    assert compared(whole) is not None
    assert compared(whole[:1]) is None, "the rest of the month"
    assert compared([Span(KIND, Power.RUNNING, FIRST + 2 * HOUR, LAST)]) is None, "its first hours"
    assert compared([whole[0], Span(MONTHLY, Power.STOPPED, whole[0].ended_at, LAST)]) is None, "two modes"
    assert compared([]) is None
    for without in (AUTO_STOP, ALWAYS_ON):
        assert compared(whole, book(without=without)) is None
    assert compared(whole, book(since=date(2026, 11, 2))) is None, "the price of the first day"


def test_of_a_month_that_goes_on_only_what_is_over_counts() -> None:
    until = FIRST + 100 * HOUR
    spans = ran(80, until=until)

    early = cheaper_mode(spans, RULES, book(), month=NOVEMBER, until=until, used_hours=1)
    later = cheaper_mode(ran(90, until=until), RULES, book(), month=NOVEMBER, until=until, used_hours=1)

    assert early is None
    assert later is not None and later.saves == Money("USD", 175)


def test_modes_are_switched_in_the_last_hours_of_a_month_but_not_so_late_that_the_next_could_begin() -> None:
    moments = [timedelta(hours=7), timedelta(hours=6), timedelta(hours=2), timedelta(hours=1), timedelta(0)]

    assert [is_turn(LAST - one) for one in moments] == [False, True, True, False, False]
    assert last_whole_month(LAST - HOUR) == date(2026, 10, 1)
    assert last_whole_month(LAST) == NOVEMBER
