"""What files of a former desktop wait for, and why they did not come: the reason that a person reads."""

import pytest

from tests.desk import Desk
from tests.engine.azure.restores import machine
from tests.engine.azure.returns import play, returned, returns
from tests.engine.azure.snapshots import DAY_S
from tests.engine.azure.test_files_back import new, switch
from webapp.domain.file_returns import ReturnState
from webapp.domain.lifecycle import Action, State


def deny(desk: Desk, right: str) -> None:
    desk.sandbox.deny([f"Microsoft.Compute/{right}"])


@pytest.mark.parametrize("right", ["disks/read", "virtualMachines/write"])
def test_a_right_that_is_missing_is_named_and_the_files_come_once_it_is_there(desk: Desk, right: str) -> None:
    workspace_id = new(desk)
    deny(desk, right)
    play(desk, 4)

    [one] = returns(desk)
    assert (one.state, one.error_code) == (ReturnState.UNDERWAY, "access_denied")
    desk.sandbox.allow()
    play(desk)

    [one] = returns(desk)
    assert (one.state, one.error_code, one.error_at) == (ReturnState.DONE, None, None)
    assert returned(desk, workspace_id) == [1]


def test_the_right_that_is_missing_now_is_named(desk: Desk) -> None:
    new(desk)
    deny(desk, "disks/write")
    play(desk, 3)
    desk.sandbox.allow()
    deny(desk, "snapshots/read")

    play(desk, 3)

    assert "snapshots/read" in (returns(desk)[0].error_detail or "")


def test_a_right_that_stays_missing_is_the_reason_although_the_desktop_was_off_last(desk: Desk) -> None:
    workspace_id = new(desk)
    deny(desk, "disks/write")
    play(desk, 3)
    switch(desk, workspace_id, Action.STOP, State.STOPPED)
    play(desk, 3)
    assert returns(desk)[0].error_code == "access_denied", "nobody has tried again"
    desk.clock.pause(8 * DAY_S)

    play(desk)

    [one] = returns(desk)
    assert (one.state, one.error_code) == (ReturnState.DONE, "access_denied")


def test_why_no_files_came_is_not_replaced_by_why_the_disk_stays(desk: Desk) -> None:
    workspace_id = new(desk)
    desk.sandbox.fill(machine(desk, workspace_id))
    while returns(desk)[0].error_code is None:
        play(desk, 1)
    deny(desk, "disks/delete")
    play(desk)
    desk.sandbox.allow()

    play(desk)

    [one] = returns(desk)
    assert (one.state, one.error_code) == (ReturnState.DONE, "files_no_space")


def test_of_files_that_came_no_error_stays_once_the_disk_is_gone(desk: Desk) -> None:
    new(desk)
    while returns(desk)[0].copied_at is None:
        play(desk, 1)
    deny(desk, "disks/delete")
    play(desk)
    assert returns(desk)[0].error_code == "access_denied"
    desk.sandbox.allow()

    play(desk)

    [one] = returns(desk)
    assert (one.state, one.error_code) == (ReturnState.DONE, None)
