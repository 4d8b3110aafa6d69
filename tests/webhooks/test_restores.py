"""A restore that is done is sent once, with the moment to which the desktop was taken back."""

import json

from tests.desk import Desk
from tests.restores.desktops import HOUR_S, press, same_time, written
from tests.webhooks.receiver import Receiver
from webapp.domain.snapshots import snapshot_said
from webapp.engine.reconcile import reconcile


def test_a_restored_desktop_is_sent_beside_its_states(desk: Desk, add_endpoint, receiver: Receiver) -> None:
    same_time(desk)
    workspace_id = written(desk)
    post = add_endpoint("restore.done", "workspace.available", "workspace.state_changed")

    press(desk, workspace_id)
    for pause_s in (0.0, 300.0, HOUR_S):
        desk.clock.pause(pause_s)
        reconcile(desk.engine, desk.credential_id)
    post.work()

    returned_at = desk.row(workspace_id).returned_snapshot_at
    assert returned_at is not None
    assert sorted(row.kind for row in post.rows()) == [
        "restore.done",
        "workspace.available",
        "workspace.state_changed",
        "workspace.state_changed",
    ]
    bodies = [json.loads(one.body) for one in receiver.got]
    [restored] = [one for one in bodies if one["type"] == "restore.done"]
    assert restored["data"]["workspace_id"] == workspace_id
    assert restored["data"]["message"] == f"Restored to {snapshot_said(returned_at)}."
