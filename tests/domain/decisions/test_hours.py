"""What an edge of the hours makes of a row, and what a look at its machine then leads to."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.domain.decisions.rows import HEALTHY
from webapp.domain.connections import ConnectionState, Known
from webapp.domain.decisions.change import NO_CHANGE
from webapp.domain.decisions.hours import (
    Step,
    Warned,
    planned,
    step_of,
    stop_over,
    turned,
    warned,
)
from webapp.domain.estimate import estimate_of
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.hours.reading import hours_json
from webapp.domain.hours.turns import LEAST_START, MOST_START, SLOT, SLOTS, USUAL_START, slot_of, start_ahead
from webapp.domain.hours.week import WORKDAYS, Hours, Shift
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.domain.resizes import ResizeKind

OFFICE = Hours("UTC", tuple(Shift(day, 9 * 60, 17 * 60) for day in WORKDAYS))
AHEAD, SLOT_2 = timedelta(minutes=10), timedelta(minutes=1)
IDLE = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int = 0, *, day: int = 30) -> datetime:
    """On Monday, 30 November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def plan(
    now: datetime, *, before: bool = True, work_on_until: datetime | None = None
) -> tuple[object, object]:
    change = planned(
        OFFICE, turned_before=before, work_on_until=work_on_until, ahead=AHEAD, slot=SLOT_2, now=now
    )
    return change.hours_duty, change.hours_turn_at


def test_before_the_shift_it_is_to_start_and_ends_a_little_after_it() -> None:
    assert plan(at(8, 49)) == (HoursDuty.START, at(17, 1))


def test_after_the_shift_it_is_to_stop_and_the_next_turn_is_before_the_next_shift() -> None:
    assert plan(at(17, 1)) == (HoursDuty.STOP, at(8, 49) + timedelta(days=1))


def test_new_hours_give_who_is_there_the_time_of_an_idle_desktop() -> None:
    assert plan(at(20), before=False)[0] is HoursDuty.IDLE


def test_who_works_on_is_left_alone_until_then() -> None:
    assert plan(at(17, 1), work_on_until=at(19)) == (None, at(19))
    assert plan(at(19), work_on_until=at(19))[0] is HoursDuty.STOP


def test_to_work_on_into_the_next_shift_ends_with_its_beginning() -> None:
    assert plan(at(7, 30), work_on_until=at(9, 30))[1] == at(8, 49)


def test_a_start_that_was_planned_earlier_than_it_would_be_now_is_a_start_all_the_same() -> None:
    """Its starts have become faster since the turn was written."""
    assert plan(at(8, 31)) == (HoursDuty.START, at(17, 1))


def test_hours_without_any_edge_are_looked_at_again_one_day() -> None:
    always = Hours("UTC", tuple(Shift(day, 0, 1440) for day in (*WORKDAYS, *map(type(WORKDAYS[0]), (5, 6)))))

    change = planned(always, turned_before=True, work_on_until=None, ahead=AHEAD, slot=SLOT_2, now=at(9))

    assert change.hours_duty is HoursDuty.START
    assert isinstance(change.hours_turn_at, datetime) and change.hours_turn_at > at(9)


@pytest.mark.parametrize(
    ("most_s", "ahead"),
    [(None, USUAL_START), (20.0, LEAST_START), (300.0, 7 * MINUTE), (90_000.0, MOST_START)],
)
def test_a_start_comes_as_early_as_starts_take(most_s: float | None, ahead: timedelta) -> None:
    assert start_ahead(most_s) == ahead


def test_of_a_thousand_slow_starts_all_but_five_are_on_time_also_in_the_first_week() -> None:
    """Two to five minutes, as on Azure; a start waits up to 25 s in turn, and is seen up to 30 s late."""
    rng, desktops, days, late = random.Random(1), 400, 5, 0
    for number in range(desktops):
        slot, took = SLOT * (number % SLOTS), list[float]()
        for _ in range(days):
            known = estimate_of(took)
            begun_before = start_ahead(known.most_s if known else None) + slot
            lasts_s = rng.uniform(120, 300)
            late += rng.uniform(2, 25) + lasts_s > begun_before.total_seconds()
            took.append(lasts_s + rng.uniform(0, 30))

    assert late <= 0.005 * desktops * days


def test_desktops_of_one_shift_are_spread_over_all_slots() -> None:
    slots = {slot_of(f"{number:032x}") for number in range(1000)}

    assert slots == {number * SLOT for number in range(SLOTS)}


def known(state: ConnectionState, *, quiet_since: datetime | None = None) -> Known:
    return Known(state, True, at(9), True, quiet_since=quiet_since)


CONNECTED = known(ConnectionState.CONNECTED)
UNKNOWN = known(ConnectionState.UNKNOWN, quiet_since=at(9))
GONE = known(ConnectionState.DISCONNECTED, quiet_since=at(9))
JUST_GONE = known(ConnectionState.DISCONNECTED, quiet_since=at(17, 55))
UP, OFF = CloudState.AVAILABLE, CloudState.STOPPED


@pytest.mark.parametrize(
    ("duty", "seen", "connection", "step"),
    [
        (HoursDuty.START, OFF, None, Step.START),
        (HoursDuty.START, UP, None, Step.DONE),
        (HoursDuty.START, CloudState.STOPPING, None, Step.NOTHING),
        (HoursDuty.STOP, UP, GONE, Step.STOP),
        (HoursDuty.STOP, UP, JUST_GONE, Step.STOP),
        (HoursDuty.STOP, UP, CONNECTED, Step.STAYS),
        (HoursDuty.STOP, UP, UNKNOWN, Step.NOTHING),
        (HoursDuty.STOP, UP, None, Step.NOTHING),
        (HoursDuty.STOP, OFF, None, Step.DONE),
        (HoursDuty.IDLE, UP, GONE, Step.STOP),
        (HoursDuty.IDLE, UP, JUST_GONE, Step.STAYS),
        (HoursDuty.IDLE, UP, CONNECTED, Step.STAYS),
        (HoursDuty.IDLE, UP, UNKNOWN, Step.NOTHING),
        (None, UP, GONE, Step.NOTHING),
        (None, OFF, None, Step.NOTHING),
    ],
)
def test_a_look_leads_to_what_the_newest_edge_has_left_to_do(
    duty: HoursDuty | None, seen: CloudState, connection: Known | None, step: Step
) -> None:
    state = replace(HEALTHY, phase=Phase.READY, hours_json={}, hours_duty=duty)

    assert step_of(state, seen, connection, idle=IDLE, slot=SLOT_2, up_since=at(9), now=at(18)) is step


@pytest.mark.parametrize(
    ("duty", "seen"), [(HoursDuty.START, OFF), (HoursDuty.STOP, UP), (HoursDuty.IDLE, UP)]
)
def test_what_the_cloud_is_changing_is_left_alone_until_that_is_done(
    duty: HoursDuty, seen: CloudState
) -> None:
    """By whomever: by the console, too."""
    state = replace(HEALTHY, phase=Phase.READY, hours_json={}, hours_duty=duty)

    step = step_of(state, seen, GONE, is_busy=True, idle=IDLE, slot=SLOT_2, up_since=at(9), now=at(18))

    assert step is Step.NOTHING


@pytest.mark.parametrize("duty", [HoursDuty.STOP, HoursDuty.IDLE])
def test_what_has_just_come_up_is_given_time(duty: HoursDuty) -> None:
    state = replace(HEALTHY, phase=Phase.READY, hours_json={}, hours_duty=duty)

    assert step_of(state, UP, GONE, idle=IDLE, slot=SLOT_2, up_since=at(17, 50), now=at(18)) is Step.STAYS


@pytest.mark.parametrize(
    "change",
    [
        {"suspended_at": at(9)},
        {"starts_at": at(20)},
        {"ends_at": at(17)},
        {"access_cut_at": at(9)},
        {"desired": Desired.ABSENT},
        {"phase": Phase.LOST},
        {"requested_action": Action.RESTART},
        {"running_mode": "ALWAYS_ON"},
        {"resize_kind": ResizeKind.USER_VOLUME, "resize_to": "100"},
        {"resize_kind": ResizeKind.RUNNING_MODE, "resize_to": "ALWAYS_ON", "resize_sent_at": at(9)},
        {"move": {"bundle_id": "wsb-new"}},
    ],
)
@pytest.mark.parametrize(("duty", "seen"), [(HoursDuty.START, OFF), (HoursDuty.STOP, UP)])
def test_contract_suspension_end_and_whoever_presses_come_first(
    change: dict[str, object], duty: HoursDuty, seen: CloudState
) -> None:
    values = {"phase": Phase.READY, "hours_json": {}, "hours_duty": duty} | change
    state = replace(HEALTHY, **values)

    assert step_of(state, seen, GONE, idle=IDLE, slot=SLOT_2, up_since=at(9), now=at(18)) is Step.NOTHING


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize(
    ("now", "is_followed"),
    [
        (at(12), False),
        (at(17, 20), True),
        (at(23), True),
        (at(8, 50), False),
        (at(8, 20), True),
    ],
)
def test_a_persons_own_stop_is_followed_by_the_hours_unless_it_runs_now_or_soon(
    now: datetime, is_followed: bool, is_done: bool
) -> None:
    row = replace(HEALTHY, requested_action=Action.STOP, hours_json=hours_json(OFFICE))

    change = stop_over(row, is_done=is_done, now=now).columns()

    assert change == ({"hours_duty": HoursDuty.IDLE} if is_followed else {})


def test_a_stop_without_hours_or_while_somebody_works_on_changes_nothing_in_them() -> None:
    row = replace(HEALTHY, requested_action=Action.STOP)
    starts = replace(row, hours_json=hours_json(OFFICE), hours_duty=HoursDuty.START)
    works_on = replace(row, hours_json=hours_json(OFFICE), work_on_until=at(20, 1))

    assert stop_over(row, is_done=False, now=at(20)) == NO_CHANGE
    assert stop_over(starts, is_done=False, now=at(20)) == NO_CHANGE
    assert stop_over(works_on, is_done=False, now=at(20)) == NO_CHANGE


@pytest.mark.parametrize("sent_at", [None, at(16, 59)])
def test_an_edge_that_meets_a_persons_own_stop_leaves_it_theirs(sent_at: datetime | None) -> None:
    row = replace(
        HEALTHY,
        phase=Phase.READY,
        requested_action=Action.STOP,
        action_sent_at=sent_at,
        hours_turn_at=at(17),
    )

    decision = turned(row, OFFICE, ahead=AHEAD, slot=SLOT_2, now=at(17, 1))

    assert decision.change.columns().items() >= {"hours_duty": None}.items()
    assert "requested_action" not in decision.change.columns()


def warning_of(
    now: datetime, *, hours: Hours = OFFICE, warns: bool = True, work_on_until: datetime | None = None
) -> object:
    change = planned(
        hours,
        turned_before=True,
        work_on_until=work_on_until,
        ahead=AHEAD,
        slot=SLOT_2,
        warns=warns,
        now=now,
    )
    return change.hours_warn_at


LUNCH = replace(OFFICE, shifts=(Shift(WORKDAYS[0], 540, 720), Shift(WORKDAYS[0], 750, 1020)))
SIESTA = replace(OFFICE, shifts=(Shift(WORKDAYS[0], 540, 720), Shift(WORKDAYS[0], 840, 1020)))


def test_a_stop_is_said_before_each_that_comes_for_sure() -> None:
    assert warning_of(at(8, 49)) == at(16, 44)
    assert warning_of(at(8, 49), warns=False) is None
    assert warning_of(at(8, 49), hours=SIESTA) == at(11, 44)
    assert warning_of(at(8, 49), hours=LUNCH) is None, "it is not stopped at noon"
    assert warning_of(at(12, 1), hours=LUNCH) == at(16, 44)
    assert warning_of(at(17, 1)) is None
    assert warning_of(at(17, 1), work_on_until=at(19)) == at(18, 44)
    assert warning_of(at(16, 50)) is None, "it is too late, or was said before"


WARNED_ROW = replace(HEALTHY, hours_json={}, hours_warn_at=at(16, 44), hours_turn_at=at(17, 1))


def test_it_is_said_once_to_who_may_be_at_work() -> None:
    def said(**other: Any) -> Warned | None:
        usual = {"row": WARNED_ROW, "hours": OFFICE, "seen": CloudState.AVAILABLE, "known": CONNECTED}
        return warned(**(usual | {"slot": SLOT_2, "now": at(16, 45)} | other))

    def stop_at(**other: Any) -> datetime | None:
        found = said(**other)
        assert found is not None and found.change.hours_warn_at is None
        return found.stop_at

    assert said(now=at(16, 43)) is None
    assert stop_at() == at(17)
    assert stop_at(known=None) == at(17) and stop_at(known=UNKNOWN) == at(17)
    assert stop_at(known=GONE) is None
    assert stop_at(seen=CloudState.STOPPED) is None
    assert stop_at(now=at(17)) is None
    for change in (
        {"requested_action": Action.STOP},
        {"desired": Desired.ABSENT},
        {"suspended_at": at(9)},
        {"running_mode": "ALWAYS_ON"},
        {"resize_kind": ResizeKind.SIZE, "resize_to": "L"},
    ):
        assert stop_at(row=replace(WARNED_ROW, **change)) is None, change


def test_who_works_on_is_warned_later() -> None:
    row = replace(WARNED_ROW, work_on_until=at(18))

    found = warned(row, OFFICE, CloudState.AVAILABLE, CONNECTED, slot=SLOT_2, now=at(16, 45))

    assert found is not None and found.stop_at is None
    assert (found.change.hours_warn_at, found.change.due_at) == (at(17, 44), at(16, 45))
