"""A batch is one call for each desktop at Azure: what befalls one of them, and what follows for the rest."""

from tests.desk import Desk
from webapp.domain.lifecycle import Action, State


def ready(desk: Desk, count: int) -> list[int]:
    """So many desktops in use."""
    workspace_ids = [desk.order() for _ in range(count)]
    for workspace_id in workspace_ids:
        desk.live_until(workspace_id, State.AVAILABLE)
    return workspace_ids


def test_a_restart_that_was_not_sent_after_a_silence_is_sent_later_and_not_called_done(desk: Desk) -> None:
    workspace_ids = ready(desk, 3)
    desk.sandbox.add_fault("drop_after", operation="virtualMachines.restart")
    for workspace_id in workspace_ids:
        desk.press(workspace_id, Action.RESTART)

    desk.sweep()
    assert len(desk.calls("virtualMachines.restart")) == 1
    desk.live(900, step_s=30)

    restarted = [line["ids"][-1] for line in desk.calls("virtualMachines.restart")]
    assert len(restarted) == len(set(restarted)) == 3
    for workspace_id in workspace_ids:
        assert desk.story(workspace_id)[-1] == "restart_done"
