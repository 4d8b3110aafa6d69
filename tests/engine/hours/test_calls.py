"""What hours cost of an account's rate: one look, one question and one call for each 25 desktops and edge."""

from collections import Counter
from math import ceil

import pytest

from tests.desk import Desk
from tests.engine.hours.story import (
    SPREAD,
    by_hours,
    connect,
    give_hours,
    is_off,
    look_at_connections,
    machine,
    office_hours,
    sleep_until,
)
from webapp.clouds.aws_workspaces.connections import MOST_AT_ONCE
from webapp.clouds.registry import DRIVERS
from webapp.domain.hours.turns import SLOT, SLOTS, slot_of

DESKTOPS, FLEET = 8, 1_000
ASKED, SHARE = "DescribeWorkspacesConnectionStatus", 0.25
CALLS_A_BATCH = 3
"""A look, the question who is connected, and a start or stop."""


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


@pytest.fixture
def ids(desk: Desk) -> list[int]:
    """Desktops with the same hours."""
    first = desk.available()
    others = [desk.order() for _ in range(DESKTOPS - 1)]
    desk.sweep()
    desk.clock.pause(desk.stage.shortest_launch_s)
    desk.live(600)
    for one in (first, *others):
        give_hours(desk, one, office_hours())
    sleep_until(desk, 0, "17:10")
    return [first, *others]


def test_the_end_of_a_shift_costs_a_question_and_a_stop_for_each_group(desk: Desk, ids: list[int]) -> None:
    sleep_until(desk, 0, "17:28")
    groups = {slot_of(desk.row(one).uid) for one in ids}
    asked = len(desk.calls(ASKED))

    minutes = ceil(SPREAD.total_seconds() / 60) + 6
    desk.live(minutes * 60)

    rounds = ceil(minutes / 5) + 1
    assert all(is_off(desk.row(one)) for one in ids)
    assert len(desk.calls("StopWorkspaces")) <= len(groups)
    assert len(desk.calls(ASKED)) - asked <= len(groups) + rounds


def test_those_whom_one_look_finds_away_are_stopped_in_their_groups(desk: Desk, ids: list[int]) -> None:
    for one in ids:
        connect(desk, one)
    sleep_until(desk, 0, "17:29")
    for one in ids:
        desk.stage.disconnect(machine(desk, one))
    look_at_connections(desk)

    desk.live(15 * 60, step_s=15)

    sizes = Counter(slot_of(desk.row(one).uid) for one in ids)
    stops = [event for one in ids for event in desk.events(one) if event.event == "stop_requested"]
    assert len(stops) == DESKTOPS
    assert max(Counter(event.at for event in stops).values()) <= max(sizes.values()) + 1


def test_an_evening_in_which_all_work_on_costs_nothing_beside_the_usual_looks(
    desk: Desk, ids: list[int]
) -> None:
    for one in ids:
        connect(desk, one)
    desk.live(25 * 60)
    asked = len(desk.calls(ASKED))

    desk.live(3600)

    assert len(desk.calls(ASKED)) - asked <= 3600 / 300 + 1
    assert all(by_hours(desk, one) == [] for one in ids)


def test_a_thousand_desktops_with_one_shift_leave_three_quarters_of_the_rate_to_others() -> None:
    batches = ceil(FLEET / SLOTS / MOST_AT_ONCE)

    a_second = batches * CALLS_A_BATCH / SLOT.total_seconds()

    assert a_second <= SHARE * DRIVERS["aws"].rate.per_s
