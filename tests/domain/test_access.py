"""May the person of a desktop use it now? Clock, window and suspension decide, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.domain.access import Access, access_of, next_turn

START, END = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
GRACE = timedelta(days=7)


@pytest.mark.parametrize(
    ("now", "access"),
    [
        (START - MOMENT, Access.NOT_YET),
        (START, Access.OPEN),
        (END - MOMENT, Access.OPEN),
        (END, Access.SUSPENDED),
        (END + timedelta(days=4000), Access.SUSPENDED),
    ],
)
def test_access_begins_with_the_first_instant_of_the_window_and_the_end_is_outside(
    now: datetime, access: Access
) -> None:
    assert access_of(now, starts_at=START, ends_at=END, suspended_at=None) is access


def test_without_a_window_access_is_open_until_somebody_suspends_it() -> None:
    assert access_of(START, starts_at=None, ends_at=None, suspended_at=None) is Access.OPEN
    assert access_of(START, starts_at=None, ends_at=None, suspended_at=START) is Access.SUSPENDED


def test_a_suspension_counts_inside_the_window_and_before_it() -> None:
    for now in (START - MOMENT, START, END - MOMENT):
        assert access_of(now, starts_at=START, ends_at=END, suspended_at=now) is Access.SUSPENDED


def test_the_next_turn_is_the_start_then_the_end_and_of_a_suspended_one_the_end_of_its_grace() -> None:
    def turn(now: datetime, suspended_at: datetime | None = None) -> datetime | None:
        destroy_at = suspended_at + GRACE if suspended_at else None
        return next_turn(now, starts_at=START, ends_at=END, suspended_at=suspended_at, destroy_at=destroy_at)

    assert turn(START - MOMENT) == START
    assert turn(START) == END
    assert turn(END + MOMENT) == END  # until the suspension is written
    assert turn(START, suspended_at=START) == START + GRACE
    assert next_turn(START, starts_at=START, ends_at=None, suspended_at=None, destroy_at=None) is None
