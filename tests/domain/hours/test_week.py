"""Weekly hours in every zone: the clock on the wall is what counts, on both edges of summer time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.domain.hours.public_holidays import list_places, name_of_holiday
from webapp.domain.hours.week import DAY_MIN, WORKDAYS, Hours, Shift, Weekday

BERLIN = "Europe/Berlin"
ZONES = [
    "Pacific/Pago_Pago",
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Africa/Casablanca",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Cairo",
    "Asia/Tehran",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
]
"""From −11 to +14, with halves, quarters, half an hour of summer time and none."""
MINUTE = timedelta(minutes=1)


def test_office_hours_are_on_from_their_first_minute_to_before_their_last() -> None:
    hours = _daily(9 * 60, 17 * 60 + 30)

    assert not hours.is_on(_berlin(2026, 11, 30, 8, 59))
    assert hours.is_on(_berlin(2026, 11, 30, 9, 0))
    assert hours.is_on(_berlin(2026, 11, 30, 17, 29))
    assert not hours.is_on(_berlin(2026, 11, 30, 17, 30))
    assert not hours.is_on(_berlin(2026, 11, 29, 12, 0)), "a Sunday"


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = Hours(BERLIN, (Shift(Weekday.FRIDAY, 22 * 60, 30 * 60),))

    assert night.is_on(_berlin(2026, 12, 5, 5, 59)), "the morning of Saturday"
    assert not night.is_on(_berlin(2026, 12, 4, 5, 59)), "the morning of Friday"


def test_in_spring_the_night_shift_is_an_hour_shorter_and_ends_by_the_clock() -> None:
    night = Hours(BERLIN, (Shift(Weekday.SATURDAY, 22 * 60, 30 * 60),))

    (shift,) = night.on_times(_berlin(2027, 3, 27, 12, 0), _berlin(2027, 3, 28, 12, 0))

    assert shift.ends_at - shift.begins_at == timedelta(hours=7)
    assert shift.ends_at == _berlin(2027, 3, 28, 6, 0)


def test_in_autumn_the_night_shift_is_an_hour_longer_and_ends_by_the_clock() -> None:
    night = Hours(BERLIN, (Shift(Weekday.SATURDAY, 22 * 60, 30 * 60),))

    (shift,) = night.on_times(_berlin(2027, 10, 30, 12, 0), _berlin(2027, 10, 31, 12, 0))

    assert shift.ends_at - shift.begins_at == timedelta(hours=9)


@pytest.mark.parametrize(
    ("begins_min", "ends_min", "length_min"),
    [(150, 165, 0), (150, 195, 15), (60, 150, 60), (120, 180, 0), (90, 210, 60)],
    ids=["inside", "into the skip's end", "into the skip", "all of the skip", "around it"],
)
def test_of_a_skipped_hour_only_what_exists_of_a_shift_counts(
    begins_min: int, ends_min: int, length_min: int
) -> None:
    """On 28 March 2027 the clocks of Berlin go from 2:00 to 3:00."""
    hours = Hours(BERLIN, (Shift(Weekday.SUNDAY, begins_min, ends_min),))

    found = hours.on_times(_berlin(2027, 3, 28, 0, 0), _berlin(2027, 3, 28, 12, 0))

    assert sum(((one.ends_at - one.begins_at) for one in found), timedelta(0)) == length_min * MINUTE


def test_of_a_doubled_hour_a_shift_begins_with_the_first_and_ends_with_the_second() -> None:
    """On 31 October 2027 the clocks of Berlin show 2:00 to 3:00 twice."""
    hours = Hours(BERLIN, (Shift(Weekday.SUNDAY, 150, 165),))

    (shift,) = hours.on_times(_berlin(2027, 10, 31, 0, 0), _berlin(2027, 10, 31, 12, 0))

    assert shift.begins_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert shift.ends_at == datetime(2027, 10, 31, 1, 45, tzinfo=UTC)


def test_a_holiday_has_no_shift_and_the_night_before_goes_on_into_it() -> None:
    """Christmas 2026 is a Friday."""
    nights = Hours(BERLIN, tuple(Shift(day, 22 * 60, 30 * 60) for day in WORKDAYS), holidays="DE")

    assert nights.is_on(_berlin(2026, 12, 25, 3, 0)), "the shift of the evening before"
    assert not nights.is_on(_berlin(2026, 12, 25, 23, 0))
    assert nights.next_start(_berlin(2026, 12, 25, 3, 0)) == _berlin(2026, 12, 28, 22, 0)


def test_holidays_are_those_of_the_part_of_the_country() -> None:
    all_saints = date(2027, 11, 1)

    assert name_of_holiday("DE-BY", all_saints) is not None
    assert name_of_holiday("DE-BE", all_saints) is None
    assert name_of_holiday("DE", all_saints) is None
    assert name_of_holiday(None, all_saints) is None


@pytest.mark.parametrize("place", list_places()[::60])
def test_every_place_that_is_offered_has_a_calendar(place: str) -> None:
    assert any(name_of_holiday(place, date(2027, 1, 1) + timedelta(days=day)) for day in range(365))


def test_shifts_that_meet_have_no_edge_between_them() -> None:
    hours = Hours(BERLIN, (Shift(Weekday.MONDAY, 540, 720), Shift(Weekday.MONDAY, 720, 1020)))

    assert len(hours.edges(_berlin(2026, 11, 30, 0, 0), _berlin(2026, 12, 1, 0, 0))) == 2


def test_an_earlier_start_joins_shifts_with_a_short_break() -> None:
    hours = Hours(BERLIN, (Shift(Weekday.MONDAY, 540, 720), Shift(Weekday.MONDAY, 725, 1020)))
    day = (_berlin(2026, 11, 30, 0, 0), _berlin(2026, 12, 1, 0, 0))

    edges = hours.edges(*day, ahead=timedelta(minutes=10))

    assert [edge.at for edge in edges] == [_berlin(2026, 11, 30, 8, 50), _berlin(2026, 11, 30, 17, 0)]


def test_hours_around_the_clock_have_no_edge_at_all() -> None:
    always = Hours(BERLIN, tuple(Shift(day, 0, DAY_MIN) for day in Weekday))

    assert always.is_on(_berlin(2027, 10, 31, 2, 30))
    assert always.next_edge(_berlin(2026, 11, 30, 9, 0)) is None
    assert always.next_start(_berlin(2026, 11, 30, 9, 0)) is None


def test_a_week_of_one_shift_is_found_beyond_its_holidays() -> None:
    """Friday is Christmas 2026 and New Year 2027."""
    fridays = Hours(BERLIN, (Shift(Weekday.FRIDAY, 540, 1020),), holidays="DE")

    assert fridays.next_start(_berlin(2026, 12, 20, 0, 0)) == _berlin(2027, 1, 8, 9, 0)


_shifts = st.builds(
    lambda day, begin, length: Shift(Weekday(day), begin, begin + length),
    st.integers(0, 6),
    st.integers(0, DAY_MIN - 1),
    st.integers(1, DAY_MIN),
)
_weeks = st.builds(
    lambda zone, shifts: Hours(zone, tuple(sorted(shifts))),
    st.sampled_from(ZONES),
    st.lists(_shifts, min_size=1, max_size=6),
)
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))


@given(_weeks, _moments)
@settings(max_examples=100, deadline=None)
def test_whenever_the_clock_shows_a_time_of_a_shift_the_desktop_is_on(hours: Hours, at: datetime) -> None:
    """On the night in which the clocks go back also between the first and the second time."""
    local = at.astimezone(ZoneInfo(hours.zone))

    is_shown = any(_covers(one, local) for one in hours.shifts)

    if is_shown:
        assert hours.is_on(at)
    elif not _is_night_of_change(local):
        assert not hours.is_on(at)


@given(_weeks, _moments)
@settings(max_examples=50, deadline=None)
def test_edges_are_where_on_turns_into_off_and_nowhere_else(hours: Hours, at: datetime) -> None:
    until = at + timedelta(days=9)

    edges = hours.edges(at, until)

    states = [hours.is_on(at), *(edge.is_on for edge in edges)]
    assert all(before is not after for before, after in zip(states, states[1:], strict=False))
    for edge in edges:
        assert hours.is_on(edge.at) is edge.is_on
        assert hours.is_on(edge.at - timedelta(seconds=1)) is not edge.is_on
    assert hours.next_edge(at) == (edges[0] if edges else hours.next_edge(until))


@given(_weeks, _moments, st.integers(0, 60))
@settings(max_examples=50, deadline=None)
def test_ahead_it_is_on_earlier_and_never_off_earlier(hours: Hours, at: datetime, minutes: int) -> None:
    ahead = timedelta(minutes=minutes)

    assert hours.is_on(at, ahead=ahead) == (
        hours.is_on(at) or any(edge.is_on for edge in hours.edges(at, at + ahead))
    )


def _covers(shift: Shift, local: datetime) -> bool:
    week_min = 7 * DAY_MIN
    now_min = local.weekday() * DAY_MIN + local.hour * 60 + local.minute
    return (now_min - (shift.weekday * DAY_MIN + shift.begins_min)) % week_min < (
        shift.ends_min - shift.begins_min
    )


def _is_night_of_change(local: datetime) -> bool:
    """Did or will the clocks change within a day of it?"""
    day = timedelta(days=1)
    offsets = {(local.astimezone(UTC) + by * day).astimezone(local.tzinfo).utcoffset() for by in (-1, 0, 1)}
    return len(offsets) > 1


def _daily(begins_min: int, ends_min: int) -> Hours:
    return Hours(BERLIN, tuple(Shift(day, begins_min, ends_min) for day in WORKDAYS))


def _berlin(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime.combine(date(year, month, day), time(hour, minute), ZoneInfo(BERLIN)).astimezone(UTC)
