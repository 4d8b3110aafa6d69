"""The end of a desktop, or of access to it, whose move was asked for, or sent."""

import pytest

from tests.desk import Desk
from tests.engine.test_moves import MINUTE, ask, sent, settle
from tests.windows import HOUR, have_window, set_grace, undo
from webapp.domain.lifecycle import Action, Phase, State


def test_an_end_with_a_grace_drops_a_move_that_was_not_sent(desk: Desk) -> None:
    workspace_id = desk.available()
    set_grace(desk)
    ask(desk, workspace_id)
    desk.press(workspace_id, Action.TERMINATE)
    undo(desk, workspace_id)
    desk.live(120)

    row = desk.row(workspace_id)
    assert row.move is None and row.phase is Phase.READY and sent(desk) == 0


def test_an_end_waits_for_no_move_that_was_sent_and_leaves_none(desk: Desk) -> None:
    workspace_id = desk.available()
    ask(desk, workspace_id)
    desk.sandbox.add_fault("drop_before", operation="MigrateWorkspace", times=1)
    desk.work()
    desk.press(workspace_id, Action.TERMINATE)
    assert desk.row(workspace_id).move is not None
    desk.live(HOUR.total_seconds() / 2)

    row = desk.row(workspace_id)
    assert (row.state, row.move, row.move_sent_at) == (State.TERMINATED, None, None)


def state_of(desk: Desk, machine_id: str) -> str:
    return next(str(one["state"]) for one in desk.machines() if one["workspace_id"] == machine_id)


@pytest.mark.parametrize("is_seen_ending", [False, True])
def test_access_to_the_old_machine_is_cut_while_a_failed_move_is_waited_for(
    desk: Desk, is_seen_ending: bool
) -> None:
    workspace_id = desk.available()
    old_id = desk.row(workspace_id).cloud_workspace_id or ""
    desk.sandbox.add_fault("launch_error", operation="MigrateWorkspace", times=1)
    ask(desk, workspace_id)
    desk.live(60)
    if is_seen_ending:
        settle(desk, 25)  # a new machine may be listed late
        desk.sandbox.terminate_workspace(desk.row(workspace_id).cloud_workspace_id or "")
        settle(desk, 1)
    settle(desk, 8 if is_seen_ending else 35)
    assert state_of(desk, old_id) == "AVAILABLE"
    have_window(desk, desk.row(workspace_id).application_id, ends=MINUTE)
    settle(desk, 2)
    settle(desk, 3)

    row = desk.row(workspace_id)
    assert state_of(desk, old_id) == "STOPPED"
    assert row.moved_from is not None and row.access_cut_at is not None
    settle(desk, 80)
    row = desk.row(workspace_id)
    assert (row.phase, row.moved_from) == (Phase.READY, None)
    assert row.suspended_at is not None and row.access_ended_at is not None
    assert state_of(desk, old_id) == "STOPPED"


def test_an_old_machine_that_can_be_used_during_its_move_keeps_nobody_in(desk: Desk) -> None:
    workspace_id = desk.available()
    old_id = desk.row(workspace_id).cloud_workspace_id or ""
    ask(desk, workspace_id)
    desk.live(60)
    desk.sandbox.set_workspace(old_id, state="AVAILABLE")  # what a listing shows meanwhile is not documented
    have_window(desk, desk.row(workspace_id).application_id, ends=MINUTE)
    settle(desk, 2)
    settle(desk, 3)

    assert state_of(desk, old_id) == "STOPPED"
    assert "kept_out" in desk.story(workspace_id)
