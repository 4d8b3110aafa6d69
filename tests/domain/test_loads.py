"""The busiest hour: of what was measured, and of nothing else."""

from datetime import UTC, datetime, timedelta

from webapp.domain.loads import Load, load_of

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_each_figure_has_its_own_busiest_hour() -> None:
    cpu = {NOON: 12.0, NOON + HOUR: 48.5, NOON + DAY: 3.0}
    memory = {NOON: 61.0, NOON + HOUR: 30.0, NOON + DAY: 20.0}

    assert load_of(cpu, memory) == Load(2, 48.5, 61.0)


def test_a_day_counts_when_both_were_measured() -> None:
    days = {NOON + DAY * number: 10.0 for number in range(5)}

    assert load_of(days, {NOON: 20.0}) == Load(1, 10.0, 20.0)


def test_what_is_not_known_is_not_0() -> None:
    assert load_of({}, {}) is None
    assert load_of({NOON: 10.0}, {}) is None
    assert load_of({}, {NOON: 10.0}) is None


def test_a_figure_that_is_no_share_says_nothing() -> None:
    odd = {NOON: float("nan"), NOON + HOUR: -1.0, NOON + DAY: 250.0}

    assert load_of(odd, {NOON: 10.0}) is None
    assert load_of(odd | {NOON: 5.0}, {NOON: 10.0}) == Load(1, 5.0, 10.0)
