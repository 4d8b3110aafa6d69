"""What follows from a look at connections: pure rules, with their edges."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from webapp.domain.connections import (
    ConnectionState,
    Known,
    Look,
    Seen,
    days_of_use,
    is_first_connection,
    learned,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIVE, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
CONNECTED, DISCONNECTED, UNKNOWN = ConnectionState
LOOK = Look(NOW, NOW - FIVE, can_connect=True, available_at=NOW - 3 * DAY, cloud_remembers=True)
NEVER = Known(DISCONNECTED, True, NOW - HOUR, True, quiet_since=NOW - 3 * DAY)
HERE = Known(CONNECTED, True, NOW - HOUR, True, NOW - HOUR, NOW - HOUR, (NOW - HOUR).date())


def after(before: Known | None, seen: Seen | None, **changes: object) -> Known:
    found = learned(before, seen, replace(LOOK, **changes))  # type: ignore[arg-type]  # by name
    assert found is not None
    return found


def test_nothing_is_known_of_a_desktop_of_which_the_cloud_has_said_nothing() -> None:
    assert learned(None, None, LOOK) is None


def test_the_first_word_of_a_desktop_that_nobody_used_makes_it_quiet_since_it_was_there() -> None:
    found = after(None, Seen(DISCONNECTED))

    assert (found.first_connected_at, found.quiet_since) == (None, LOOK.available_at)


@pytest.mark.parametrize(
    ("before", "seen"),
    [(NEVER, Seen(DISCONNECTED)), (HERE, Seen(CONNECTED, NOW)), (HERE, Seen(CONNECTED))],
)
def test_what_is_as_before_is_not_new(before: Known, seen: Seen) -> None:
    assert after(before, seen) is before


def test_whoever_is_there_and_gone_was_last_seen_by_the_look_before() -> None:
    found = after(HERE, Seen(DISCONNECTED, NOW - HOUR))

    assert (found.state, found.last_connected_at, found.quiet_since) == (
        DISCONNECTED,
        LOOK.before_at,
        LOOK.before_at,
    )


def test_a_cloud_that_knows_a_later_end_than_our_look_is_believed() -> None:
    assert after(HERE, Seen(DISCONNECTED, NOW - FIVE / 2)).last_connected_at == NOW - FIVE / 2


def test_a_time_of_a_clock_that_is_ahead_is_now() -> None:
    assert after(NEVER, Seen(DISCONNECTED, NOW + DAY)).last_connected_at == NOW


def test_silence_about_somebody_who_was_there_ends_what_is_claimed() -> None:
    found = after(HERE, None)

    assert (found.state, found.last_connected_at) == (UNKNOWN, LOOK.before_at)


def test_where_the_past_is_not_known_nothing_is_said_of_it() -> None:
    found = after(None, Seen(DISCONNECTED), cloud_remembers=False)

    assert (found.is_past_known, found.quiet_since) == (False, NOW)
    come = after(found, Seen(CONNECTED, NOW), cloud_remembers=False)
    assert not is_first_connection(found, come, LOOK)


def test_a_session_that_is_left_open_for_long_does_not_make_its_desktop_idle_at_the_first_look() -> None:
    found = after(None, Seen(DISCONNECTED, NOW - 20 * DAY), cloud_remembers=False)

    assert found.quiet_since == NOW


def test_a_new_desktop_on_a_cloud_without_memory_has_no_past() -> None:
    found = after(None, Seen(DISCONNECTED), cloud_remembers=False, available_at=NOW - FIVE)

    assert found.is_past_known and found.quiet_since == NOW - FIVE


def test_the_first_connection_is_news_once() -> None:
    come = after(NEVER, Seen(CONNECTED, NOW))

    assert is_first_connection(NEVER, come, LOOK)
    assert not is_first_connection(come, after(come, Seen(DISCONNECTED)), LOOK)


@pytest.mark.parametrize(("before_at", "is_news"), [(None, False), (NOW - FIVE, True)])
def test_what_the_very_first_look_of_an_account_finds_is_no_news(
    before_at: datetime | None, is_news: bool
) -> None:
    look = replace(LOOK, before_at=before_at)
    found = learned(None, Seen(CONNECTED, NOW), look)

    assert found is not None
    assert is_first_connection(None, found, look) is is_news


def test_an_old_connection_to_an_adopted_desktop_is_no_news() -> None:
    found = after(None, Seen(DISCONNECTED, NOW - 9 * DAY))

    assert found.first_connected_at == NOW - 9 * DAY
    assert not is_first_connection(None, found, LOOK)


def test_each_day_of_use_is_written_once() -> None:
    over_midnight = after(None, Seen(CONNECTED, NOW - 20 * HOUR))

    assert days_of_use(None, over_midnight) == [(NOW - DAY).date(), NOW.date()]
    later = after(over_midnight, Seen(CONNECTED), at=NOW + DAY)
    assert days_of_use(over_midnight, later) == [(NOW + DAY).date()]
    assert days_of_use(later, later) == []


def test_a_desktop_that_stops_is_watched_no_more() -> None:
    found = after(NEVER, Seen(UNKNOWN), can_connect=False)

    assert (found.state, found.is_watched, found.quiet_since) == (UNKNOWN, False, NEVER.quiet_since)
