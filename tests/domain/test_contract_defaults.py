"""The window that a job gives to whoever is approved now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.cases import each_case
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.hours.week import Hours, Shift, Weekday
from webapp.domain.windows import Window

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
"""In Berlin the 25th has begun."""
BERLIN = "Europe/Berlin"
JUNE = datetime(2027, 6, 30, 22, tzinfo=UTC)
"""The end of the 30th in Berlin."""
DAY = timedelta(days=1)
HOURS = Hours(BERLIN, (Shift(Weekday.MONDAY, 9 * 60, 17 * 60),))


def midnight_in_berlin(year: int, month: int, day: int, *, offset_hours: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=offset_hours)


def test_nothing_gives_no_window() -> None:
    assert ContractDefaults().window(NOW) is None
    assert ContractDefaults(zone=BERLIN).window(NOW) is None


@each_case(
    ("defaults", "starts_at", "ends_at"),
    [
        (ContractDefaults(BERLIN, ends_at=JUNE), None, JUNE),
        (ContractDefaults(BERLIN, days=1), None, midnight_in_berlin(2026, 11, 26)),
        (ContractDefaults("UTC", days=1), None, datetime(2026, 11, 25, tzinfo=UTC)),
        (ContractDefaults(BERLIN, days=180), None, midnight_in_berlin(2027, 5, 24, offset_hours=2)),
        (ContractDefaults(BERLIN, ends_at=JUNE, days=30), None, midnight_in_berlin(2026, 12, 25)),
        (ContractDefaults(BERLIN, ends_at=JUNE, days=900), None, JUNE),
        (
            ContractDefaults(BERLIN, starts_at=midnight_in_berlin(2027, 1, 1), days=31),
            midnight_in_berlin(2027, 1, 1),
            midnight_in_berlin(2027, 2, 1),
        ),
        (ContractDefaults(BERLIN, starts_at=NOW - DAY, days=2), None, midnight_in_berlin(2026, 11, 27)),
        (ContractDefaults(BERLIN, starts_at=NOW + DAY), NOW + DAY, None),
        (ContractDefaults(BERLIN, starts_at=NOW - DAY), None, None),
    ],
)
def test_days_count_from_the_start_or_the_approval_and_the_sooner_end_counts(
    defaults: ContractDefaults, starts_at: datetime | None, ends_at: datetime | None
) -> None:
    assert defaults.window(NOW) == Window(starts_at, ends_at, defaults.zone)


def test_an_end_that_has_passed_is_over() -> None:
    assert ContractDefaults(BERLIN, ends_at=NOW).is_over(NOW)
    assert not ContractDefaults(BERLIN, ends_at=NOW + DAY).is_over(NOW)
    assert not ContractDefaults(BERLIN, starts_at=NOW - DAY, days=1).is_over(NOW)


def test_hours_are_meant_in_the_persons_zone_only_where_that_is_wanted_and_there_is_one() -> None:
    fixed, own = ContractDefaults(hours=HOURS), ContractDefaults(hours=HOURS, in_own_zone=True)

    assert [one.hours_of("Asia/Tokyo") for one in (fixed, own)] == [HOURS, replace(HOURS, zone="Asia/Tokyo")]
    assert [one.hours_of(None) for one in (fixed, own, ContractDefaults(in_own_zone=True))] == [
        HOURS,
        HOURS,
        None,
    ]


def test_window_and_hours_of_others_count_each_where_there_is_none() -> None:
    others = ContractDefaults(BERLIN, days=30, hours=HOURS, in_own_zone=True)
    early = replace(HOURS, shifts=(Shift(Weekday.MONDAY, 6 * 60, 12 * 60),))

    assert ContractDefaults("UTC").or_else(others) == others
    assert ContractDefaults("UTC", days=7).or_else(others) == replace(others, zone="UTC", days=7)
    assert ContractDefaults(hours=early).or_else(others) == replace(others, hours=early, in_own_zone=False)
    assert others.or_else(ContractDefaults("UTC", days=7, hours=early)) == others
