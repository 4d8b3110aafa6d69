"""Desktops of Amazon with snapshots, for tests of restores: the cloud's dates are as ours."""

from typing import Any

from tests.desk import Desk
from webapp.domain.duties import READ_SNAPSHOTS
from webapp.domain.lifecycle import Action
from webapp.engine.reconcile import reconcile
from webapp.services import workspace_actions

HOUR_S = 3600.0


def same_time(desk: Desk) -> None:
    """The first snapshot comes 45 minutes after a desktop's birth."""
    desk.sandbox.set_now(desk.clock.now().timestamp())
    desk.sandbox.set_settings(first_snapshot_s=45 * 60.0)


def machine(desk: Desk, workspace_id: int) -> str:
    return desk.row(workspace_id).cloud_workspace_id or ""


def read_snapshots(desk: Desk) -> None:
    """The duty comes when it is due."""
    due_in_s = (desk.duty(READ_SNAPSHOTS).due_at - desk.clock.now()).total_seconds()
    desk.clock.pause(max(due_in_s, 0.0))
    reconcile(desk.engine, desk.credential_id)


def written(desk: Desk) -> int:
    """A desktop with version 1 of both disks in a snapshot that Berth knows, and version 2 since."""
    workspace_id = desk.available()
    desk.sandbox.write_disks(machine(desk, workspace_id))
    desk.clock.pause(HOUR_S)
    read_snapshots(desk)
    assert desk.row(workspace_id).system_snapshot_at is not None, "the cloud has one by now"
    desk.sandbox.write_disks(machine(desk, workspace_id))
    return workspace_id


def versions(desk: Desk, workspace_id: int) -> tuple[int, int]:
    """Of the system and of the files."""
    found = desk.sandbox.disks(machine(desk, workspace_id))
    return found["root_version"], found["user_version"]


def restores(desk: Desk) -> int:
    """What the cloud really began; the credential's test asks for one that cannot be."""
    return sum(int(call["accepted"]) for call in desk.calls("RestoreWorkspace"))


def press(desk: Desk, workspace_id: int, action: Action = Action.RESTORE, **more: Any) -> None:
    workspace_actions.press(
        desk.context,
        workspace_id,
        action,
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
        **more,
    )
