"""Hours as people type them, as programs send them, and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.errors import Invalid
from webapp.domain.hours.reading import (
    TypedHours,
    hours_from,
    hours_in_words,
    hours_json,
    typed_of,
)
from webapp.domain.hours.week import DAY_MIN, Hours, Shift, Weekday

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("typed", "shifts"),
    [
        ("9:00–17:30", [(540, 1050)]),
        ("9-17", [(540, 1020)]),
        ("09.00 - 17.00", [(540, 1020)]),
        ("9 to 17", [(540, 1020)]),
        ("9 bis 17 Uhr", [(540, 1020)]),
        ("9am-5pm", [(540, 1020)]),
        ("12am - 12 pm", [(0, 720)]),
        ("0900-1730", [(540, 1050)]),
        ("9–12, 13–17", [(540, 720), (780, 1020)]),
        ("9-12 and 13-17", [(540, 720), (780, 1020)]),
        ("22:00–6:00", [(1320, DAY_MIN + 360)]),
        ("18-24", [(1080, DAY_MIN)]),
        ("24h", [(0, DAY_MIN)]),
        ("off", []),
        ("–", []),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, shifts: list[tuple[int, int]]) -> None:
    read = TypedHours(BERLIN, days={Weekday.MONDAY: "8-9", Weekday.SUNDAY: typed}).read()

    assert read.hours is not None
    sunday = [one for one in read.hours.shifts if one.weekday is Weekday.SUNDAY]
    assert [(one.begins_min, one.ends_min) for one in sunday] == shifts


@pytest.mark.parametrize(
    "typed",
    ["9", "9-", "25-3", "9:60-12", "9-9", "24-3", "13pm-2pm", "nine to five", "9-12 13-17", "9-17" * 30],
)
def test_what_is_no_time_is_a_problem_of_its_day(typed: str) -> None:
    read = TypedHours(BERLIN, days={Weekday.FRIDAY: typed}).read()

    assert read.hours is None
    assert [(one.field, one.code) for one in read.problems] == [("friday", "hours_invalid")]


def test_every_problem_is_named_at_once() -> None:
    typed = TypedHours("Mars/Base", "late", {Weekday.SUNDAY: "9-12, 11-14"}, holidays="DE-XX", idle_minutes=1)

    read = typed.read()

    assert {one.field for one in read.problems} == {"zone", "workdays", "sunday", "holidays", "idle_minutes"}


def test_an_empty_workday_is_like_all_of_them_and_an_empty_weekend_is_off() -> None:
    read = TypedHours(BERLIN, "9-17", {Weekday.WEDNESDAY: "off", Weekday.FRIDAY: "9-13"}).read()

    assert read.hours is not None
    assert hours_in_words(read.hours) == "Mon–Tue 9:00–17:00, Thu 9:00–17:00, Fri 9:00–13:00 Europe/Berlin"


def test_no_shift_at_all_is_no_hours_and_no_problem() -> None:
    read = TypedHours(BERLIN).read()

    assert read.hours is None
    assert not read.problems


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zone": "Nowhere"}, "hours.zone"),
        ({"shifts": []}, "hours.shifts"),
        ({"shifts": [{"day": "monday", "from": "9", "to": "26:00"}]}, "hours.shifts"),
        ({"holidays": "XX"}, "hours.holidays"),
        ({"idle_minutes": 0}, "hours.idle_minutes"),
    ],
)
def test_a_program_learns_which_member_is_wrong(change: dict[str, object], field: str) -> None:
    good = {"zone": BERLIN, "shifts": [{"day": "monday", "from": "09:00", "to": "17:00"}]}

    with pytest.raises(Invalid) as refused:
        hours_from({**good, **change})

    assert refused.value.field == field


@given(
    st.lists(
        st.builds(
            lambda day, begin, length: Shift(Weekday(day), begin, begin + length),
            st.integers(0, 6),
            st.integers(0, DAY_MIN - 1),
            st.integers(1, DAY_MIN - 1),
        ),
        min_size=1,
        max_size=7,
        unique_by=lambda one: one.weekday,
    )
)
def test_what_is_stored_and_what_a_form_shows_are_read_as_the_same_hours(shifts: list[Shift]) -> None:
    hours = Hours(BERLIN, tuple(sorted(shifts)), "DE-BY", 30)

    assert hours_from(hours_json(hours)) == hours
    assert typed_of(hours, zone="UTC").read().hours == hours
