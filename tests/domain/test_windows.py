"""A window as it is typed: in any zone, on both edges of summer time, on a leap day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.cases import each_case
from webapp.domain.errors import Invalid
from webapp.domain.windows import TypedWindow, Window, instant_of, typed_of

BERLIN = "Europe/Berlin"


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]  # year, month, day …


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("Pacific/Pago_Pago", _at(2026, 3, 2, 11), _at(2026, 3, 3, 11)),
        ("UTC", _at(2026, 3, 2), _at(2026, 3, 3)),
        ("Asia/Kathmandu", _at(2026, 3, 1, 18, 15), _at(2026, 3, 2, 18, 15)),
        ("Pacific/Kiritimati", _at(2026, 3, 1, 10), _at(2026, 3, 2, 10)),
    ],
)
def test_a_day_is_the_whole_day_of_its_zone(zone: str, first: datetime, last: datetime) -> None:
    day = date(2026, 3, 2)

    assert TypedWindow(zone, first_day=day, last_day=day).window() == Window(first, last, zone)


def test_the_last_day_has_23_hours_in_spring_and_25_in_autumn() -> None:
    def hours(day: date) -> float:
        window = TypedWindow(BERLIN, first_day=day, last_day=day).window()
        assert window.starts_at and window.ends_at
        return (window.ends_at - window.starts_at) / timedelta(hours=1)

    assert (hours(date(2026, 3, 29)), hours(date(2026, 10, 25)), hours(date(2026, 10, 26))) == (23, 25, 24)


def test_of_an_hour_that_is_shown_twice_the_first_is_meant_and_a_skipped_one_counts_from_before() -> None:
    assert instant_of(datetime(2026, 10, 25, 2, 30), BERLIN) == _at(2026, 10, 25, 0, 30)
    assert instant_of(datetime(2026, 3, 29, 2, 30), BERLIN) == _at(2026, 3, 29, 1, 30)


def test_a_leap_day_is_a_day() -> None:
    window = TypedWindow("UTC", last_day=date(2028, 2, 29)).window()

    assert window == Window(None, _at(2028, 3, 1), "UTC")


@each_case("zone", ["Pacific/Pago_Pago", BERLIN, "Pacific/Kiritimati", "America/New_York"])
@each_case(
    "typed",
    [
        {},
        {"first_day": date(2026, 3, 29)},
        {"last_day": date(2026, 10, 25)},
        {"first_day": date(2026, 1, 5), "first_time": time(8, 30), "last_day": date(2028, 2, 29)},
        {"last_day": date(2026, 7, 1), "last_time": time(17)},
    ],
)
def test_a_form_shows_again_what_was_typed(zone: str, typed: dict[str, date]) -> None:
    given = TypedWindow(zone, **typed)  # type: ignore[arg-type]  # by name

    assert typed_of(given.window()) == given


@each_case(
    ("typed", "field"),
    [
        (TypedWindow("UTC", first_day=date(2026, 5, 2), last_day=date(2026, 5, 1)), "last_day"),
        (TypedWindow("UTC", date(2026, 5, 2), time(9), date(2026, 5, 2), time(9)), "last_day"),
        (TypedWindow("UTC", first_time=time(9)), "first_day"),
        (TypedWindow("UTC", last_time=time(9)), "last_day"),
        (TypedWindow("UTC", last_day=date(202, 5, 1)), "last_day"),
        (TypedWindow("UTC", first_day=date(9999, 12, 31)), "first_day"),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(typed: TypedWindow, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        typed.window()

    assert (refused.value.code, refused.value.field) == ("window_invalid", field)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../UTC", "/etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        TypedWindow(zone).window()

    assert (refused.value.code, refused.value.field) == ("time_zone_unknown", "zone")
