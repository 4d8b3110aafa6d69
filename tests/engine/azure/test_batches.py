"""A batch is one call for each desktop at Azure: what befalls one of them, and what follows for the rest."""

import pytest

from tests.desk import Desk
from webapp.clouds.azure_avd.names import vm_name
from webapp.domain.lifecycle import Action, State


def ready(desk: Desk, count: int) -> list[int]:
    """So many desktops in use."""
    workspace_ids = [desk.order() for _ in range(count)]
    for workspace_id in workspace_ids:
        desk.live_until(workspace_id, State.AVAILABLE)
    desk.live(900)  # so that the records of their making are removed
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


def test_a_wait_that_the_cloud_asks_for_amid_a_batch_of_orders_is_kept(desk: Desk) -> None:
    workspace_ids = [desk.order() for _ in range(5)]
    third = desk.row(workspace_ids[2])
    desk.sandbox.add_fault(
        "throttle",
        operation="deployments.createOrUpdate",
        retry_after_s=600,
        resource_name=vm_name(f"{desk.installation()}/{third.uid}/1"),
    )

    desk.sweep()
    assert len(desk.calls("deployments.createOrUpdate")) == 3
    desk.live(590, step_s=15)

    assert len(desk.calls("deployments.createOrUpdate")) == 3
    assert desk.story(workspace_ids[4])[-1] == "retry_scheduled"
    for workspace_id in workspace_ids:
        desk.live_until(workspace_id, State.AVAILABLE)


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        (Action.STOP, "virtualMachines.deallocate"),
        (Action.TERMINATE, "virtualMachines.delete"),
    ],
)
def test_a_wait_that_the_cloud_asks_for_amid_a_batch_of_actions_is_kept(
    desk: Desk, action: Action, operation: str
) -> None:
    workspace_ids = ready(desk, 4)
    desk.sandbox.add_fault(
        "throttle",
        operation=operation,
        retry_after_s=600,
        resource_name=desk.row(workspace_ids[1]).cloud_workspace_id,
    )
    for workspace_id in workspace_ids:
        desk.press(workspace_id, action)

    desk.sweep()
    assert len(desk.calls(operation)) == 2
    desk.live(590, step_s=15)

    assert len(desk.calls(operation)) == 2
    desk.live(300, step_s=15)
    assert len(desk.calls(operation)) == 5
