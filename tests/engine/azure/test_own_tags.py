"""A company's own tags are on every part of a desktop on Azure, whatever its disk inherits."""

import pytest

from tests.desk import Desk
from tests.engine.azure.test_flow import kinds
from webapp.domain.lifecycle import State

TAGS = "team=data; Cost-Center=4711"
READ = {"team": "data", "Cost-Center": "4711"}
PARTS = {"vm", "nic", "disk"}


def tags(desk: Desk) -> dict[str, dict[str, str]]:
    return {one["kind"]: one["tags"] for one in desk.sandbox.parts() if one["kind"] in PARTS}


def own_order(desk: Desk) -> int:
    desk.credential_id = desk.add_credential("With tags", own_tags=TAGS)
    return desk.order()


@pytest.mark.parametrize("disk_inherits", [0, 1])
def test_every_part_has_them_once_the_desktop_can_be_used(desk: Desk, disk_inherits: int) -> None:
    desk.sandbox.set_settings(disk_tags=disk_inherits)
    workspace_id = own_order(desk)

    desk.live_until(workspace_id, State.AVAILABLE)
    desk.live(60)

    assert {kind for kind, has in tags(desk).items() if READ.items() <= has.items()} == PARTS
    assert len(desk.calls("disks.update")) == 1 - disk_inherits


def test_a_disk_keeps_the_tags_that_others_gave_it(desk: Desk) -> None:
    workspace_id = own_order(desk)
    desk.sweep()
    desk.live(120, step_s=15)
    name = desk.row(workspace_id).cloud_workspace_id or ""
    desk.sandbox.set_tags(name, {"Backup": "daily", "TEAM": "other"}, parts=("disk",))

    desk.live_until(workspace_id, State.AVAILABLE)
    desk.live(60)

    assert tags(desk)["disk"] == {"Backup": "daily", **READ}


def test_without_own_tags_no_disk_is_changed(desk: Desk) -> None:
    desk.available()

    assert desk.calls("disks.update") == []
    assert len(desk.calls("disks.get")) == 1  # whether the name is free


def test_passing_trouble_with_a_tag_is_tried_again(desk: Desk) -> None:
    desk.sandbox.add_fault("http_503", operation="disks.update", times=1)
    workspace_id = own_order(desk)

    desk.live_until(workspace_id, State.AVAILABLE)
    desk.live(60)

    assert READ.items() <= tags(desk)["disk"].items()


def test_a_tag_that_is_refused_for_good_does_not_withhold_the_desktop(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "error", operation="disks.update", code="RequestDisallowedByPolicy", message="No.", times=-1
    )
    workspace_id = own_order(desk)

    desk.live_until(workspace_id, State.AVAILABLE)

    assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1, "host": 1}
