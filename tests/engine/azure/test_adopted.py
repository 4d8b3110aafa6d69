"""A machine that nobody ordered and a person adopted: what Berth may do with it, and what it may not."""

from collections import Counter

import pytest

from tests.desk import Desk
from tests.engine.azure.test_flow import kinds
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.services import adoption

PERSON = "sam@example.com"


def found(desk: Desk, **how: str) -> str:
    """A machine that was made in the portal, found by an inventory."""
    desk.sandbox.make_machine("byhand", username=PERSON, nic="byhand417", disk="byhand_OsDisk_1", **how)
    desk.live(desk.settings.inventory_interval_s * 2, step_s=300)
    return "byhand"


def adopt(desk: Desk, machine: str) -> int:
    row = adoption.adopt(
        desk.context,
        desk.orphan(machine).id,
        application_id=desk.add_application().id,
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
    )
    desk.sweep()
    return row.id


@pytest.mark.parametrize("way", ["detach", "leftovers"])
def test_an_adopted_desktop_is_not_called_terminated_before_its_card_and_disk_are_gone(
    desk: Desk, way: str
) -> None:
    workspace_id = adopt(desk, found(desk, delete_option="Detach" if way == "detach" else "Delete"))
    desk.live_until(workspace_id, State.AVAILABLE)
    if way == "leftovers":
        desk.sandbox.add_fault("leftovers", operation="virtualMachines.delete")

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert kinds(desk) == Counter()


def test_a_machine_of_another_resource_group_cannot_be_adopted(desk: Desk) -> None:
    machine = found(desk, resource_group="rg-other", pool_group=desk.stage.fields["resource_group"])

    with pytest.raises(Conflict, match="out of Berth's reach"):
        adopt(desk, machine)

    assert desk.orphan(machine).cloud_word == "InAnotherResourceGroup"
    desk.live(1800)
    assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1, "host": 1}
