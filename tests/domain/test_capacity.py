"""What is coming, against what an account has left: the first day on which it does not fit, and why."""

from datetime import UTC, date, datetime, timedelta

from webapp.domain.capacity import (
    DAYS,
    Change,
    Kind,
    Limit,
    Room,
    Shortage,
    days_of,
    most_at_once,
    shortages_of,
)
from webapp.domain.in_time import CreatePace
from webapp.domain.quota import QuotaLeft, QuotaUnit

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PACE = CreatePace(per_call=25, per_minute=25)


def room(
    quota: int | None = 10, addresses: int | None = 100, cap: int | None = None, unit: QuotaUnit | None = None
) -> Room:
    left = None if quota is None else QuotaLeft(quota, unit or QuotaUnit.DESKTOPS)
    return Room(left, addresses, cap, PACE)


def starts(days: int, desktops: int, kind: Kind = Kind.START, cores: int | None = None) -> Change:
    return Change(kind, NOW + days * DAY, desktops, cores, HOUR)


def test_what_fits_is_not_mentioned() -> None:
    assert shortages_of([starts(1, 10)], room(), NOW) == []


def test_the_first_start_that_does_not_fit_is_named_with_how_many_are_missing_at_the_worst() -> None:
    changes = [starts(1, 6), starts(3, 6), starts(9, 6)]

    assert shortages_of(changes, room(), NOW) == [Shortage(Limit.QUOTA, NOW + 3 * DAY, 8)]


def test_each_limit_is_judged_and_the_earliest_shortage_comes_first() -> None:
    found = shortages_of([starts(2, 6), starts(4, 6)], room(quota=10, addresses=5, cap=100), NOW)

    assert [(one.limit, one.at, one.missing) for one in found] == [
        (Limit.ADDRESSES, NOW + 2 * DAY, 7),
        (Limit.QUOTA, NOW + 4 * DAY, 2),
    ]


def test_desktops_that_end_make_room_for_later_starts_but_not_for_those_of_the_same_instant() -> None:
    before = [starts(1, 5, Kind.END), starts(2, 15)]
    same = [starts(2, 5, Kind.END), starts(2, 15)]

    assert shortages_of(before, room(), NOW) == []
    assert [one.missing for one in shortages_of(same, room(), NOW)] == [5]


def test_where_cores_are_counted_a_desktop_takes_those_of_its_bundle() -> None:
    found = shortages_of([starts(1, 3, cores=4)], room(unit=QuotaUnit.CORES), NOW)

    assert found == [Shortage(Limit.QUOTA, NOW + DAY, 2)]
    assert shortages_of([starts(1, 30)], room(unit=QuotaUnit.CORES), NOW) == []  # its cores are not known


def test_an_order_counts_against_a_cap_already() -> None:
    orders = starts(1, 5, Kind.ORDER)

    assert shortages_of([orders], room(cap=2), NOW) == []
    assert [one.limit for one in shortages_of([orders, starts(2, 3)], room(cap=2), NOW)] == [Limit.CAP]


def test_what_is_not_known_is_not_judged() -> None:
    assert shortages_of([starts(1, 500)], room(quota=None, addresses=None), NOW) == []


def test_what_cannot_be_made_in_the_time_left_is_named() -> None:
    soon = Change(Kind.START, NOW + HOUR, 60, None, HOUR)

    found = shortages_of([soon], room(quota=100, addresses=100), NOW)

    assert found == [Shortage(Limit.RATE, NOW + HOUR, 35)]


def test_orders_take_their_turn_but_only_people_without_one_are_named_as_late() -> None:
    ordered = Change(Kind.ORDER, NOW + HOUR, 60, None, HOUR, taken_at=NOW)
    later = Change(Kind.START, NOW + HOUR + 2 * MINUTE, 30, None, HOUR)

    assert shortages_of([ordered], room(quota=100), NOW) == []
    assert shortages_of([later], room(quota=100), NOW) == []
    assert shortages_of([ordered, later], room(quota=100), NOW) == [Shortage(Limit.RATE, later.at, 15)]


def test_each_day_of_the_reader_says_what_comes_and_what_is_left_at_its_lowest() -> None:
    late = Change(Kind.START, datetime(2026, 12, 2, 23, 30, tzinfo=UTC), 4)
    changes = [late, starts(2, 8), starts(2, 3, Kind.END), starts(1, 1, Kind.ORDER)]

    days = days_of(changes, room(), NOW, "Europe/Berlin")

    assert len(days) == DAYS and days[0].day == date(2026, 12, 1)
    assert [(one.starts, one.orders, one.ends) for one in days[:4]] == [
        (0, 0, 0),
        (0, 1, 0),
        (12, 0, 3),
        (0, 0, 0),
    ]
    assert [one.quota_left for one in days[:4]] == [10, 9, -3, 0]
    assert [one.limits for one in days[:4]] == [(), (), (Limit.QUOTA,), ()]


def test_a_desktop_takes_its_place_when_it_is_made_and_not_when_its_contract_begins() -> None:
    end = Change(Kind.END, NOW + 5 * DAY - HOUR, 1)
    start = Change(Kind.ORDER, NOW + 5 * DAY, 10, None, HOUR, taken_at=NOW + 4 * DAY - HOUR)
    full = room(quota=9)

    assert shortages_of([end, start], full, NOW) == [Shortage(Limit.QUOTA, NOW + 5 * DAY, 1)]
    days = days_of([end, start], full, NOW, "UTC")
    assert [(one.orders, one.ends, one.quota_left, one.limits) for one in days[3:6]] == [
        (0, 0, 9, ()),
        (0, 0, -1, (Limit.QUOTA,)),
        (10, 1, 0, ()),
    ]
    assert [one.is_busy for one in days[2:7]] == [False, False, True, True, False]


def test_an_order_whose_start_has_passed_is_of_today() -> None:
    days = days_of([starts(-3, 2, Kind.ORDER)], room(), NOW, "UTC")

    assert (days[0].orders, days[0].quota_left) == (2, 8)


def test_the_most_at_once_counts_back_from_what_is_there_now() -> None:
    began = [NOW - 5 * DAY, NOW - 4 * DAY, NOW - DAY]
    ended = [NOW - 3 * DAY, NOW - 2 * DAY]

    assert most_at_once(7, began, ended) == 8
    assert most_at_once(0, [], []) == 0
