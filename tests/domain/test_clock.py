"""The host's clock may jump; what the engine compares with other hosts does not."""

from datetime import UTC, datetime, timedelta

from webapp.domain.clock import SystemClock

HOUR = timedelta(hours=1)


class Host:
    """A host whose clock can be set, beside a database whose clock is right."""

    def __init__(self) -> None:
        self.is_ahead = timedelta(0)
        self.measured = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.is_ahead

    def database_minus_host(self) -> timedelta:
        self.measured += 1
        return -self.is_ahead


def test_a_host_clock_that_jumps_an_hour_changes_nothing_for_the_engine() -> None:
    host = Host()
    clock = SystemClock(measure=host.database_minus_host, host=host.now)
    for ahead in (HOUR, -HOUR, timedelta(0)):
        before = clock.now()
        host.is_ahead = ahead
        after = clock.now()

        assert timedelta(0) <= after - before < HOUR / 2
        assert abs(after - datetime.now(UTC)) < HOUR / 2


def test_the_database_is_asked_only_after_a_jump() -> None:
    host = Host()
    clock = SystemClock(measure=host.database_minus_host, host=host.now)
    for _ in range(100):
        clock.now()
    at_rest = host.measured
    host.is_ahead = HOUR
    clock.now()
    clock.now()

    assert (at_rest, host.measured) == (1, 2)


def test_without_a_database_of_another_host_the_clock_is_the_host_s() -> None:
    host = Host()
    clock = SystemClock(host=host.now)
    host.is_ahead = HOUR

    assert clock.now() - datetime.now(UTC) > HOUR / 2
