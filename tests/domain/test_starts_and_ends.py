"""Weeks and days of starts and ends in the reader's zone, and what is wrong with a contract."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.cases import each_case
from webapp.domain.starts_and_ends import Contract, Turn, Week, Wrong, day_of, today, wrong_with

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FINE = Contract(
    starts_at=NOW + 3 * DAY,
    ends_at=NOW + 30 * DAY,
    has_desktop=True,
    is_ready=True,
    has_failed=False,
    is_never_connected=False,
    is_suspended=False,
    is_time_asked=False,
)


def test_a_week_runs_from_monday_to_sunday_over_the_end_of_a_year() -> None:
    week = Week.of(date(2027, 1, 2))

    assert (week.monday, week.sunday) == (date(2026, 12, 28), date(2027, 1, 3))
    assert week.later(1).monday == date(2027, 1, 4)


@pytest.mark.parametrize("zone", ["Pacific/Niue", "UTC", "Europe/Berlin", "Pacific/Kiritimati"])
def test_a_week_begins_at_midnight_of_its_zone_also_when_the_clocks_change(zone: str) -> None:
    spring = Week.of(date(2027, 3, 28))

    begins, ends = spring.begins_at(zone), spring.later(1).begins_at(zone)

    assert day_of(begins, Turn.STARTS, zone) == spring.monday
    assert day_of(ends, Turn.ENDS, zone) == spring.sunday
    assert ends - begins == (7 * DAY - HOUR if zone == "Europe/Berlin" else 7 * DAY)


def test_the_same_moment_is_another_day_elsewhere() -> None:
    late = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)

    assert day_of(late, Turn.STARTS, "UTC") == today(late, "UTC") == date(2026, 12, 1)
    assert day_of(late, Turn.STARTS, "Europe/Berlin") == today(late, "Europe/Berlin") == date(2026, 12, 2)


def test_an_end_at_midnight_is_the_end_of_the_day_before_and_a_start_is_not() -> None:
    midnight = datetime(2026, 12, 1, tzinfo=UTC)

    assert day_of(midnight, Turn.ENDS, "UTC") == date(2026, 11, 30)
    assert day_of(midnight, Turn.STARTS, "UTC") == date(2026, 12, 1)


SOON = replace(FINE, starts_at=NOW + DAY)
LONG_AGO = replace(FINE, starts_at=NOW - 2 * DAY)


@each_case(
    ("contract", "wrong"),
    [
        (FINE, None),
        (replace(FINE, has_desktop=False, is_ready=False), Wrong.NO_DESKTOP),
        (replace(FINE, has_desktop=False), None),
        (replace(FINE, is_ready=False), None),
        (replace(FINE, is_ready=False, has_failed=True), Wrong.FAILED),
        (replace(SOON, is_ready=False), Wrong.NOT_READY),
        (replace(SOON, is_ready=False, starts_at=NOW + DAY + timedelta(seconds=1)), None),
        (replace(LONG_AGO, is_ready=False), Wrong.NOT_READY),
        (replace(LONG_AGO, is_never_connected=True), Wrong.NEVER_CONNECTED),
        (replace(LONG_AGO, is_never_connected=True, starts_at=NOW - 2 * DAY + timedelta(seconds=1)), None),
        (replace(LONG_AGO, is_never_connected=True, ends_at=NOW), None),
        (replace(LONG_AGO, is_never_connected=True, is_suspended=True), None),
    ],
)
def test_a_start_is_wrong_when_its_desktop_is_not_ready_in_time_or_nobody_came(
    contract: Contract, wrong: Wrong | None
) -> None:
    assert wrong_with(contract, Turn.STARTS, NOW) is wrong


@pytest.mark.parametrize(
    ("contract", "wrong"),
    [
        (FINE, None),
        (replace(FINE, is_time_asked=True), Wrong.TIME_ASKED),
        (replace(FINE, ends_at=NOW + 7 * DAY), Wrong.NOT_EXTENDED),
        (replace(FINE, ends_at=NOW + 7 * DAY, has_desktop=False), None),
        (replace(FINE, ends_at=NOW, is_time_asked=True), None),
    ],
)
def test_an_end_is_looked_at_when_it_is_near_or_more_time_is_asked_for(
    contract: Contract, wrong: Wrong | None
) -> None:
    assert wrong_with(contract, Turn.ENDS, NOW) is wrong
