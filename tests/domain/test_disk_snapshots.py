"""When a snapshot of a disk is due, of which kind it is, and which ones are over."""

from datetime import UTC, datetime, timedelta

from webapp.domain.disk_snapshots import (
    DAY,
    FIRST_AFTER,
    WEEK,
    Desktop,
    Held,
    SnapshotKind,
    SnapshotPolicy,
    goes_at,
    is_due,
    kind_of,
    name_of,
    over,
    over_after_end,
)

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = SnapshotPolicy()


def desktop(*, stopped_since: datetime | None = None, cut_at: datetime | None = None) -> Desktop:
    return Desktop(MONDAY, stopped_since, cut_at)


def held(days: int, *, since: datetime = MONDAY) -> list[Held]:
    """One a day."""
    begun: list[datetime] = []
    found: list[Held] = []
    for number in range(days):
        at = since + number * DAY
        found.append(Held(number, at, kind_of(at, earlier=begun)))
        begun.append(at)
    return found


def test_the_first_is_due_an_hour_after_the_desktop_became_available() -> None:
    due = [
        is_due(desktop(), newest=None, tried_at=None, now=MONDAY + after)
        for after in (FIRST_AFTER - timedelta(minutes=1), FIRST_AFTER)
    ]

    assert due == [False, True]


def test_one_a_day_is_due_and_never_two_of_one_day() -> None:
    first = MONDAY.replace(hour=0, minute=10)

    assert not is_due(desktop(), newest=first, tried_at=first, now=first + 23 * HOUR + timedelta(minutes=30))
    assert not is_due(desktop(), newest=first, tried_at=first, now=first + 22 * HOUR)
    assert is_due(desktop(), newest=first, tried_at=first, now=first + 23 * HOUR + timedelta(minutes=50))


def test_one_that_failed_is_tried_again_the_next_day() -> None:
    tried = MONDAY + DAY

    assert not is_due(desktop(), newest=MONDAY, tried_at=tried, now=tried + 6 * HOUR)
    assert is_due(desktop(), newest=MONDAY, tried_at=tried, now=tried + DAY)


def test_a_desktop_that_has_not_run_since_its_newest_is_due_once_a_week() -> None:
    off = desktop(stopped_since=MONDAY - HOUR)

    assert not is_due(off, newest=MONDAY, tried_at=MONDAY, now=MONDAY + 2 * DAY)
    assert is_due(off, newest=MONDAY, tried_at=MONDAY, now=MONDAY + WEEK)
    was_on = desktop(stopped_since=MONDAY + HOUR)
    assert is_due(was_on, newest=MONDAY, tried_at=MONDAY, now=MONDAY + 2 * DAY)


def test_when_access_has_ended_one_more_is_due_at_once_and_then_none() -> None:
    cut = desktop(cut_at=MONDAY + 3 * HOUR)
    now = MONDAY + 4 * HOUR

    assert is_due(cut, newest=MONDAY, tried_at=MONDAY, now=now)
    assert not is_due(cut, newest=MONDAY, tried_at=now, now=now + HOUR)
    assert not is_due(cut, newest=now, tried_at=now, now=now + 30 * DAY)


def test_the_first_of_a_week_is_the_weekly_one() -> None:
    kinds = [one.kind for one in held(9)]

    assert [number for number, kind in enumerate(kinds) if kind is SnapshotKind.WEEKLY] == [0, 7]


def test_seven_days_and_four_weeks_are_kept() -> None:
    found = held(60)

    gone = over(found, POLICY, now=MONDAY + 60 * DAY)

    kept = [one.id for one in found if one.id not in gone]
    assert kept == [35, 42, 49, *range(53, 60)]
    assert [one.id for one in found if one.kind is SnapshotKind.WEEKLY][-4:] == [35, 42, 49, 56]


def test_the_last_good_ones_stay_however_long_none_could_be_taken() -> None:
    found = held(7)

    assert over(found, POLICY, now=MONDAY + 400 * DAY) == set()


def test_where_none_are_taken_any_more_those_that_are_there_go_by_their_age() -> None:
    found, off = held(7), SnapshotPolicy(is_on=False)

    assert over(found, off, now=MONDAY + 8 * DAY) == {1}
    assert over(found, off, now=MONDAY + 60 * DAY) == set(range(7))


def test_only_the_last_outlives_its_desktop_and_for_so_many_days() -> None:
    found, ended = held(7), MONDAY + 7 * DAY

    assert over_after_end(found, POLICY, ended_at=ended, now=ended) == set(range(6))
    assert over_after_end(found, POLICY, ended_at=ended, now=ended + 14 * DAY) == set(range(7))
    none = SnapshotPolicy(days_after_end=0)
    assert over_after_end(found, none, ended_at=ended, now=ended) == set(range(7))
    assert over_after_end([], POLICY, ended_at=ended, now=ended) == set()


def test_when_one_goes_follows_from_its_kind() -> None:
    weekly, daily = held(2)

    assert goes_at(weekly, POLICY) == weekly.at + 4 * WEEK
    assert goes_at(daily, POLICY) == daily.at + WEEK


def test_a_name_is_of_a_machine_and_a_day() -> None:
    later = MONDAY + 5 * HOUR

    assert name_of("wabc1", MONDAY, SnapshotKind.DAILY) == name_of("wabc1", later, SnapshotKind.WEEKLY)
    assert name_of("wabc1", later, SnapshotKind.LAST) == "wabc1-s20261102z"
