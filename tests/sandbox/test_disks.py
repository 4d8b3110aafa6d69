"""What is on a desktop's disks: versions that grow with writes, and what copies them back."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.control import Sandbox
from tests.sandbox.test_power import Desk, StateOf

HOUR_S = 3600.0


def _versions(control: Sandbox, workspace_id: str) -> tuple[int, int]:
    found = control.disks(workspace_id)
    return found["root_version"], found["user_version"]


def _times(workspaces: Any, workspace_id: str) -> tuple[float | None, float | None]:
    """Of the files, and of both disks."""
    found = workspaces.describe_workspace_snapshots(WorkspaceId=workspace_id)
    lists = (found["RebuildSnapshots"], found["RestoreSnapshots"])
    files, both = [[one["SnapshotTime"].timestamp() for one in each] for each in lists]
    return (files[0] if files else None), (both[0] if both else None)


def test_a_restore_brings_back_what_the_newest_pair_has(
    desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    workspace_id = desk()
    control.write_disks(workspace_id)
    control.advance(12 * HOUR_S)
    made_at = _times(workspaces, workspace_id)[1]
    control.write_disks(workspace_id)
    control.write_disks(workspace_id, root=False)
    before = _versions(control, workspace_id)

    workspaces.restore_workspace(WorkspaceId=workspace_id)
    states = [state_of(workspace_id)]
    control.advance(HOUR_S - 1)
    states.append(state_of(workspace_id))
    control.advance(1)
    states.append(state_of(workspace_id))

    assert (before, _versions(control, workspace_id)) == ((2, 3), (1, 1))
    assert states == ["RESTORING", "RESTORING", "AVAILABLE"]
    assert _times(workspaces, workspace_id)[1] == made_at, "the snapshot stays"


def test_a_rebuild_brings_the_files_back_and_a_new_system(
    desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    control.write_disks(workspace_id)
    control.advance(12 * HOUR_S)
    control.write_disks(workspace_id)

    workspaces.rebuild_workspaces(RebuildWorkspaceRequests=[{"WorkspaceId": workspace_id}])

    assert _versions(control, workspace_id) == (0, 1)


def test_while_it_is_unhealthy_only_files_are_kept(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    control.advance(HOUR_S)
    healthy = _times(workspaces, workspace_id)
    control.set_workspace(workspace_id, state="UNHEALTHY")
    control.write_disks(workspace_id)

    control.advance(12 * HOUR_S)
    unhealthy = _times(workspaces, workspace_id)
    control.set_workspace(workspace_id, state="AVAILABLE")
    cured = _times(workspaces, workspace_id)
    control.advance(12 * HOUR_S)
    later = _times(workspaces, workspace_id)

    assert healthy[0] == healthy[1]
    assert (unhealthy[0], unhealthy[1]) == ((healthy[0] or 0) + 12 * HOUR_S, healthy[1])
    assert cured == unhealthy
    assert later[0] == later[1] == (unhealthy[0] or 0) + 12 * HOUR_S


def test_what_is_written_after_a_snapshot_is_not_in_it(desk: Desk, control: Sandbox) -> None:
    workspace_id = desk()
    control.advance(13 * HOUR_S)

    control.write_disks(workspace_id)

    assert control.disks(workspace_id)["pair_root_version"] == 0
    control.advance(12 * HOUR_S)
    assert control.disks(workspace_id)["pair_root_version"] == 1


@pytest.mark.parametrize("state", ["REBOOTING", "STARTING", "REBUILDING", "RESTORING"])
def test_a_restore_is_refused_in_other_states(
    desk: Desk, workspaces: Any, control: Sandbox, state: str
) -> None:
    workspace_id = desk()
    control.set_workspace(workspace_id, state=state)

    with pytest.raises(ClientError, match="OperationNotSupportedException"):
        workspaces.restore_workspace(WorkspaceId=workspace_id)


def test_a_restore_without_a_snapshot_is_refused(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    control.set_settings(first_snapshot_s=7200)
    workspace_id = desk()

    with pytest.raises(ClientError, match="no snapshot"):
        workspaces.restore_workspace(WorkspaceId=workspace_id)
