"""Many contracts that end at the same moment: few calls, and no desktop keeps another one open."""

import pytest

from tests.desk import Desk
from tests.windows import DAY, HOUR, have_window, pass_time, settle
from webapp.domain.lifecycle import State

BATCH = 25
"""Machines in one StopWorkspaces (docs/evidence/aws_workspaces.md#batches-of-25)."""


def that_end_together(desk: Desk, number: int) -> list[int]:
    ids = [desk.order() for _ in range(number)]
    desk.sweep()
    desk.clock.pause(desk.stage.shortest_launch_s)
    while any(desk.row(one).state is not State.AVAILABLE for one in ids):
        desk.live(60)
    for one in ids:
        have_window(desk, desk.row(one).application_id, ends=HOUR)
    return ids


def stopped(desk: Desk) -> list[list[str]]:
    """The machines of each call."""
    return [call["ids"] for call in desk.calls("StopWorkspaces")]


def test_a_hundred_that_end_at_the_same_moment_take_four_stop_calls(desk: Desk) -> None:
    ids = that_end_together(desk, 100)

    pass_time(desk, HOUR)

    assert [len(call) for call in stopped(desk)] == [BATCH] * 4
    assert all(desk.row(one).access_ended_at for one in ids)


def test_one_that_is_refused_keeps_no_other_one_open_and_is_stopped_later(desk: Desk) -> None:
    first, *others = that_end_together(desk, 4)
    name = desk.row(first).username
    desk.sandbox.add_fault(
        "item_error", operation="StopWorkspaces", times=2, code="InternalServerException", users=[name]
    )

    pass_time(desk, HOUR)

    assert all(desk.row(one).access_ended_at for one in others)
    assert [len(call) for call in stopped(desk)][:3] == [4, 1, 1]
    assert desk.story(first).count("access_not_ended") == 1
    assert "access_not_ended" not in desk.story(others[0])
    assert desk.row(first).access_ended_at


@pytest.mark.parametrize("kind", ["throttle", "drop_after", "http_500"])
def test_a_batch_that_fails_as_a_whole_is_sent_again(desk: Desk, kind: str) -> None:
    ids = that_end_together(desk, 4)
    desk.sandbox.add_fault(kind, operation="StopWorkspaces", times=1)

    pass_time(desk, HOUR)

    assert all(desk.row(one).state is State.STOPPED for one in ids)
    assert all(desk.row(one).access_ended_at for one in ids)


def test_a_batch_that_is_refused_because_of_one_of_them_is_halved(desk: Desk) -> None:
    ids = that_end_together(desk, 4)
    desk.sandbox.add_fault(
        "error", operation="StopWorkspaces", times=1, code="InvalidParameterValuesException"
    )

    pass_time(desk, HOUR)

    assert [len(call) for call in stopped(desk)] == [4, 2, 2]
    assert all(desk.row(one).access_ended_at for one in ids)


def test_an_extension_of_one_of_them_leaves_the_others_closed(desk: Desk) -> None:
    first, *others = that_end_together(desk, 4)
    pass_time(desk, HOUR)

    have_window(desk, desk.row(first).application_id, ends=DAY)
    settle(desk)

    assert all(desk.row(one).access_cut_at for one in others)
