"""Starts are spread backwards over what an account can make, and what cannot be in time is known."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.domain.estimate import estimate_of
from webapp.domain.in_time import MARGIN, CreatePace, Start, lead_of, spread, too_late

PACE = CreatePace(per_call=25, per_minute=25)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)


def at_once(number: int, at: datetime = MONDAY, lead: timedelta = HOUR, first: int = 0) -> list[Start]:
    return [Start(first + key, at, lead) for key in range(number)]


def test_one_start_is_begun_its_lead_and_the_margin_before() -> None:
    assert spread(at_once(1), PACE) == {0: MONDAY - HOUR - MARGIN}


def test_500_starts_at_one_instant_are_spread_over_twenty_full_calls_that_all_end_before_it() -> None:
    planned = spread(at_once(500), PACE)

    calls = sorted(set(planned.values()))
    assert len(planned) == 500 and len(calls) == 20
    assert all(list(planned.values()).count(call) == 25 for call in calls)
    assert calls[-1] == MONDAY - HOUR - MARGIN
    assert {later - earlier for earlier, later in zip(calls, calls[1:], strict=False)} == {MINUTE}


def test_starts_weeks_apart_do_not_pull_each_other_forward() -> None:
    planned = spread([*at_once(3), *at_once(3, MONDAY + 14 * DAY, first=3)], PACE)

    assert set(planned.values()) == {MONDAY - HOUR - MARGIN, MONDAY + 14 * DAY - HOUR - MARGIN}


def test_a_later_group_gives_way_to_an_earlier_one_that_it_would_meet() -> None:
    planned = spread([*at_once(25, MONDAY + 5 * MINUTE), *at_once(250, MONDAY + 6 * MINUTE, first=25)], PACE)

    calls = sorted(set(planned.values()))
    assert len(calls) == 11
    assert all(later - earlier >= MINUTE for earlier, later in zip(calls, calls[1:], strict=False))
    assert all(planned[key] <= MONDAY + 5 * MINUTE - HOUR - MARGIN for key in range(25))


def test_who_takes_longer_is_begun_earlier() -> None:
    planned = spread([Start(1, MONDAY, HOUR), Start(2, MONDAY, 5 * HOUR)], PACE)

    assert planned[1] - planned[2] == 4 * HOUR


def test_nothing_is_moved_by_a_change_of_clocks_on_the_way() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for local in (datetime(2026, 3, 30, 9, tzinfo=berlin), datetime(2026, 10, 26, 9, tzinfo=berlin)):
        at = local.astimezone(UTC)

        planned = spread(at_once(50, at), PACE)

        assert max(planned.values()) == at - HOUR - MARGIN
        assert min(planned.values()) == at - HOUR - MARGIN - MINUTE


def test_the_lead_is_what_19_of_20_took_and_at_least_an_hour() -> None:
    slow = estimate_of([5400.0] * 3)

    assert lead_of(slow, 25 * MINUTE, longest=2 * HOUR) == 90 * MINUTE
    assert lead_of(estimate_of([60.0] * 3), 25 * MINUTE, longest=2 * HOUR) == HOUR
    assert lead_of(None, 2 * HOUR, longest=3 * HOUR) == 2 * HOUR


def test_no_lead_is_longer_than_the_time_after_which_an_order_has_failed() -> None:
    delayed = estimate_of([1200.0, 1200.0, 30 * DAY.total_seconds()])

    assert lead_of(delayed, 25 * MINUTE, longest=90 * MINUTE) == 90 * MINUTE
    assert lead_of(delayed, 25 * MINUTE, longest=30 * MINUTE) == HOUR


def test_who_is_not_ready_even_if_all_are_begun_now_is_too_late() -> None:
    enough, scarce = MONDAY - HOUR - 19 * MINUTE, MONDAY - HOUR - 9 * MINUTE

    assert too_late(at_once(500), PACE, enough) == []
    assert len(too_late(at_once(500), PACE, scarce)) == 250
    assert len(too_late(at_once(1), PACE, MONDAY - 59 * MINUTE)) == 1


def test_the_most_urgent_are_begun_first() -> None:
    late = too_late([*at_once(25, MONDAY + HOUR), *at_once(25, first=25)], PACE, MONDAY - HOUR)

    assert late == []
