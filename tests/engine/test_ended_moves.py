"""The end of a desktop whose move was asked for, or sent."""

from tests.desk import Desk
from tests.engine.test_moves import ask, sent
from tests.windows import HOUR, set_grace, undo
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
