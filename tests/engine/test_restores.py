"""Restore: what comes back is what the page has promised, or nothing; one call, once, watched to its end."""

from datetime import timedelta

import pytest

from sandbox import demo
from tests.crash.test_crash_points import die_at
from tests.desk import Desk
from tests.restores.desktops import (
    HOUR_S,
    machine,
    press,
    read_snapshots,
    restores,
    same_time,
    versions,
    written,
)
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.domain.snapshots import NO_PAIR, NOT_READ, snapshot_said


@pytest.fixture(autouse=True)
def one_time(desk: Desk) -> None:
    same_time(desk)


@pytest.mark.parametrize("hours_later", [0.0, 5.0, 10.5])
def test_a_restore_brings_back_exactly_what_was_promised(desk: Desk, hours_later: float) -> None:
    workspace_id = written(desk)
    desk.clock.pause(hours_later * HOUR_S)
    promised_at = desk.row(workspace_id).system_snapshot_at
    assert promised_at is not None and versions(desk, workspace_id) == (2, 2)

    press(desk, workspace_id, shown_at=promised_at)
    press(desk, workspace_id)
    desk.live_until(workspace_id, State.AVAILABLE)

    row, done = desk.row(workspace_id), desk.events(workspace_id)[-1]
    assert (versions(desk, workspace_id), restores(desk)) == ((1, 1), 1)
    assert (row.promised_snapshot_at, row.returned_snapshot_at) == (promised_at, promised_at)
    assert desk.story(workspace_id)[-3:] == ["restore_requested", "restore_sent", "restore_done"]
    assert done.message == f"Restored to {snapshot_said(promised_at)}."
    assert done.details["promised_snapshot_at"] == promised_at.isoformat()
    assert done.details["took_s"] >= HOUR_S


def test_while_it_lasts_the_desktop_is_under_maintenance_and_takes_no_other_action(desk: Desk) -> None:
    workspace_id = written(desk)

    press(desk, workspace_id)
    desk.live(40 * 60)

    row = desk.row(workspace_id)
    assert (row.state, row.cloud_word, row.pending_action) == (State.MAINTENANCE, "RESTORING", "restore")
    assert row.allowed_actions == ["terminate"]


def test_a_newer_snapshot_than_promised_is_not_brought_back_before_somebody_has_seen_it(desk: Desk) -> None:
    workspace_id = written(desk)
    promised_at = desk.row(workspace_id).system_snapshot_at
    assert promised_at is not None
    until_next = promised_at + timedelta(hours=12, minutes=1) - desk.clock.now()
    desk.clock.pause(until_next.total_seconds())

    press(desk, workspace_id, shown_at=promised_at)
    desk.work()

    row = desk.row(workspace_id)
    assert (restores(desk), versions(desk, workspace_id)) == (0, (2, 2))
    assert (row.error_code, row.requested_action) == ("snapshot_changed", None)
    assert row.system_snapshot_at == promised_at + timedelta(hours=12), "the page shows it at once"
    with pytest.raises(Conflict, match="no longer the one") as refused:
        press(desk, workspace_id, shown_at=promised_at)
    assert refused.value.code == "snapshot_changed"
    press(desk, workspace_id, shown_at=row.system_snapshot_at)
    desk.live_until(workspace_id, State.AVAILABLE)
    assert (restores(desk), versions(desk, workspace_id)) == (1, (2, 2))


def test_a_rebuild_takes_newer_files_than_promised_and_says_so(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.clock.pause(12 * HOUR_S - 30 * 60)

    press(desk, workspace_id, Action.REBUILD)
    desk.live_until(workspace_id, State.AVAILABLE)

    row = desk.row(workspace_id)
    assert versions(desk, workspace_id) == (0, 2)
    assert row.promised_snapshot_at is not None and row.returned_snapshot_at is not None
    assert row.returned_snapshot_at == row.promised_snapshot_at + timedelta(hours=12)
    assert "newer_snapshot" in desk.story(workspace_id)
    said = f"Rebuilt, with the files of {snapshot_said(row.returned_snapshot_at)}."
    assert desk.events(workspace_id)[-1].message == said


@pytest.mark.parametrize("word", ["STOPPED", "UNHEALTHY", "ERROR"])
def test_what_is_off_or_broken_can_be_restored(desk: Desk, word: str) -> None:
    workspace_id = written(desk)
    desk.sandbox.set_workspace(machine(desk, workspace_id), state=word)
    desk.live_until(workspace_id, State(word))

    press(desk, workspace_id)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert (restores(desk), versions(desk, workspace_id)) == (1, (1, 1))
    assert desk.row(workspace_id).error_code is None


def test_a_restore_whose_answer_was_lost_is_not_sent_again(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault("drop_after", operation="RestoreWorkspace", times=1)

    press(desk, workspace_id)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert (restores(desk), versions(desk, workspace_id)) == (1, (1, 1))
    assert desk.row(workspace_id).error_code is None
    assert desk.story(workspace_id)[-1] == "restore_done"


def test_a_restore_that_nobody_saw_is_not_called_done(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault("drop_before", operation="RestoreWorkspace", times=1)

    press(desk, workspace_id)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert restores(desk) == 0
    assert desk.row(workspace_id).error_code == "restore_unseen"
    assert "restore" in desk.row(workspace_id).allowed_actions


@pytest.mark.crash
@pytest.mark.parametrize(("point", "sent"), [("snapshots_asked", 1), ("power", 0), ("powered", 1)])
def test_a_worker_killed_at_a_restore_never_restores_twice(desk: Desk, point: str, sent: int) -> None:
    workspace_id = written(desk)
    promised_at = desk.row(workspace_id).system_snapshot_at
    press(desk, workspace_id)

    die_at(desk, point)
    desk.live_until(workspace_id, State.AVAILABLE)

    row = desk.row(workspace_id)
    assert (restores(desk), row.error_code) == (sent, None if sent else "restore_unseen")
    assert versions(desk, workspace_id) == ((1, 1) if sent else (2, 2))
    assert row.returned_snapshot_at == promised_at


def test_without_a_snapshot_of_both_disks_no_restore_is_taken(desk: Desk) -> None:
    desk.sandbox.set_settings(first_snapshot_s=10 * HOUR_S)
    workspace_id = desk.available()
    with pytest.raises(Conflict) as unknown:
        press(desk, workspace_id)
    desk.clock.pause(HOUR_S)
    read_snapshots(desk)

    with pytest.raises(Conflict) as none:
        press(desk, workspace_id)

    assert (unknown.value.message, none.value.message) == (NOT_READ, NO_PAIR)
    assert "restore" not in desk.row(workspace_id).allowed_actions


def test_a_key_without_the_right_to_restore_still_orders(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:RestoreWorkspace"])

    press(desk, workspace_id)
    desk.work()

    assert (desk.row(workspace_id).state, restores(desk)) == (State.AVAILABLE, 0)
    assert desk.row(workspace_id).error_code == "access_denied"
    desk.available()


def test_a_promise_that_cannot_be_checked_is_not_acted_on_and_a_rebuild_goes_on(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:DescribeWorkspaceSnapshots"])

    press(desk, workspace_id)
    desk.work()
    refused = desk.row(workspace_id).error_code
    press(desk, workspace_id, Action.REBUILD)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert (refused, restores(desk)) == ("access_denied", 0)
    assert desk.story(workspace_id)[-1] == "rebuild_done"


def test_a_cloud_that_is_silent_at_the_last_question_is_asked_again_and_nothing_is_sent_before(
    desk: Desk,
) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault("http_503", operation="DescribeWorkspaceSnapshots", times=3)

    press(desk, workspace_id)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert (restores(desk), versions(desk, workspace_id)) == (1, (1, 1))


def test_a_restore_that_breaks_the_desktop_says_so_at_once(desk: Desk) -> None:
    workspace_id = written(desk)
    press(desk, workspace_id)
    desk.live(300)

    desk.sandbox.set_workspace(machine(desk, workspace_id), state="ERROR", error_message="It did not start.")
    desk.live_until(workspace_id, State.ERROR)

    assert desk.row(workspace_id).error_code == "cloud_error_state"
    assert desk.story(workspace_id)[-1] == "restore_failed"


def test_the_cloud_may_refuse_in_spite_of_it(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault(
        "error",
        operation="RestoreWorkspace",
        code="OperationNotSupportedException",
        message="This WorkSpace cannot be restored.",
        times=1,
    )

    press(desk, workspace_id)
    desk.work()

    row = desk.row(workspace_id)
    assert (row.error_code, row.requested_action) == ("restore_refused", None)
    assert "cannot be restored" in (row.error_detail or "")
