"""A lock in the cloud account: found by the test of the account, said before the end, gone with the lock."""

from tests.desk import Desk
from tests.engine.test_duties import codes
from tests.windows import set_grace
from webapp.domain.lifecycle import Action, State


def test_a_lock_is_known_after_the_test_and_what_it_prevents_ends_once_it_is_gone(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = desk.available()
    desk.sandbox.lock("CanNotDelete")
    desk.clock.pause(3600)

    line = desk.test_credential()["locks"]
    early = codes(desk, workspace_id)
    desk.press(workspace_id, Action.TERMINATE)
    ending = codes(desk, workspace_id)
    desk.live(600)
    locked = codes(desk, workspace_id)

    assert line["ok"] is False and "CanNotDelete" in str(line["message"])
    assert "end_locked" not in early and "end_locked" in ending
    assert "resource_locked" in locked and desk.row(workspace_id).state is not State.TERMINATED
    desk.sandbox.lock(None)
    desk.live_until(workspace_id, State.TERMINATED)
    assert "end_locked" not in codes(desk, workspace_id)
