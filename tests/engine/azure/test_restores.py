"""Restore on Azure: a disk of the promised snapshot takes the place of the machine's own."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.azure.restores import (
    MAKE,
    OFF,
    ON,
    UPDATE,
    disks,
    machine,
    replacing,
    restore,
    restored,
    restores,
    written,
)
from tests.engine.azure.snapshots import DAY_S, next_day, play_rounds, rows_of, want
from tests.engine.azure.test_adopted import adopt, found
from tests.engine.azure.test_hibernation import EVENING_S, left_open
from tests.windows import set_grace, undo
from webapp.domain.disk_restores import RestoreState
from webapp.domain.disk_snapshots import SnapshotState
from webapp.domain.duties import KEEP_DISK_SNAPSHOTS
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.domain.snapshots import NOT_TAKEN, snapshot_said
from webapp.engine.reconcile import reconcile
from webapp.models import Duty, Orphan


@both_databases
def test_what_comes_back_is_what_was_promised_and_the_old_disk_goes_when_the_desktop_is_back(
    desk: Desk,
) -> None:
    workspace_id = written(desk)
    name, promised_at = machine(desk, workspace_id), desk.row(workspace_id).system_snapshot_at
    assert promised_at is not None and disks(desk) == {f"{name}-os": (1, name)}
    host_before = desk.row(workspace_id).computer_name

    desk.press(workspace_id, Action.RESTORE)
    desk.press(workspace_id, Action.RESTORE)
    desk.live_until(workspace_id, State.AVAILABLE)

    row, done = desk.row(workspace_id), desk.events(workspace_id)[-1]
    assert disks(desk) == {f"{name}-os": (1, ""), f"{name}-r1": (0, name)}
    assert (row.promised_snapshot_at, row.returned_snapshot_at) == (promised_at, promised_at)
    assert done.message == f"Restored to {snapshot_said(promised_at)}."
    assert (row.cloud_workspace_id, row.computer_name, row.error_code) == (name, host_before, None)
    assert desk.story(workspace_id)[-6:] == [
        "restore_requested",
        "restore_sent",
        "restore_switching_off",
        "restore_swapping",
        "restore_starting",
        "restore_done",
    ]
    play_rounds(desk, 3)
    assert disks(desk) == {f"{name}-r1": (0, name)}
    assert len(desk.calls("disks.delete")) == 1


def test_a_person_may_choose_an_older_snapshot(desk: Desk) -> None:
    workspace_id = written(desk)
    [first] = rows_of(desk)
    next_day(desk)
    desk.sandbox.work_on(machine(desk, workspace_id))
    assert first.taken_at is not None

    restore(desk, workspace_id, shown_at=first.taken_at)
    desk.live_until(workspace_id, State.AVAILABLE)

    name = machine(desk, workspace_id)
    assert disks(desk)[f"{name}-r1"] == (0, name)
    assert desk.row(workspace_id).returned_snapshot_at == first.taken_at


def test_one_that_is_not_kept_any_more_is_refused_at_the_press(desk: Desk) -> None:
    workspace_id = written(desk)

    with pytest.raises(Conflict) as refused:
        restore(desk, workspace_id, shown_at=desk.clock.now() - timedelta(days=3))

    assert refused.value.code == "snapshot_changed"
    assert desk.row(workspace_id).requested_action is None


def test_without_a_complete_snapshot_none_is_offered_with_the_reason(desk: Desk) -> None:
    workspace_id = desk.available()

    with pytest.raises(Conflict) as refused:
        desk.press(workspace_id, Action.RESTORE)

    assert refused.value.message == NOT_TAKEN
    assert "restore" not in desk.row(workspace_id).allowed_actions


def test_while_it_lasts_no_other_action_is_taken_and_nobody_else_is_touched(desk: Desk) -> None:
    workspace_id = written(desk)
    other = desk.available(username="sam@example.com")
    before = disks(desk)[f"{machine(desk, other)}-os"]

    desk.press(workspace_id, Action.RESTORE)
    desk.live(120)

    row = desk.row(workspace_id)
    assert (row.state, row.allowed_actions) == (State.MAINTENANCE, ["terminate"])
    desk.live_until(workspace_id, State.AVAILABLE)
    play_rounds(desk, 3)
    assert disks(desk)[f"{machine(desk, other)}-os"] == before == (0, machine(desk, other))
    assert desk.row(other).state is State.AVAILABLE


def test_one_restore_after_another_leaves_one_disk(desk: Desk) -> None:
    workspace_id = written(desk)
    for _ in range(2):
        desk.press(workspace_id, Action.RESTORE)
        desk.live_until(workspace_id, State.AVAILABLE)
        desk.sandbox.work_on(machine(desk, workspace_id))
    play_rounds(desk, 4)

    name = machine(desk, workspace_id)
    assert disks(desk) == {f"{name}-r2": (1, name)}
    assert {one.state for one in restores(desk)} == {RestoreState.DONE}


def test_what_is_off_is_restored_and_runs(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    desk.press(workspace_id, Action.RESTORE)
    desk.live_until(workspace_id, State.AVAILABLE)

    name = machine(desk, workspace_id)
    assert disks(desk)[f"{name}-r1"] == (0, name)


def test_a_hibernated_desktop_gives_up_what_it_keeps_before_it_gets_another_disk(desk: Desk) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    workspace_id = left_open(desk)
    play_rounds(desk)
    desk.live(EVENING_S)
    desk.sandbox.work_on(machine(desk, workspace_id))
    assert desk.row(workspace_id).is_hibernated and rows_of(desk)

    desk.press(workspace_id, Action.RESTORE)
    desk.live_until(workspace_id, State.AVAILABLE)

    name, row = machine(desk, workspace_id), desk.row(workspace_id)
    assert disks(desk)[f"{name}-r1"] == (0, name)
    assert (row.error_code, row.is_hibernated) == (None, False)


def test_a_snapshot_that_somebody_deletes_between_press_and_call_changes_nothing(desk: Desk) -> None:
    workspace_id = written(desk)
    [snapshot] = rows_of(desk)
    desk.press(workspace_id, Action.RESTORE)
    desk.sandbox.drop_snapshot(snapshot.name)

    desk.live(300)

    row, name = desk.row(workspace_id), machine(desk, workspace_id)
    assert (row.state, row.error_code) == (State.AVAILABLE, "snapshot_deleted")
    assert disks(desk) == {f"{name}-os": (1, name)}
    assert desk.calls("virtualMachines.deallocate") == []
    assert rows_of(desk)[0].state is SnapshotState.GONE
    assert row.system_snapshot_at is None and "restore" not in row.allowed_actions


def test_a_snapshot_that_somebody_replaces_before_the_disk_is_made_again_changes_nothing(desk: Desk) -> None:
    workspace_id = written(desk)
    [snapshot], name = rows_of(desk), machine(desk, workspace_id)
    desk.sandbox.add_fault("http_503", operation=MAKE, times=6)
    desk.press(workspace_id, Action.RESTORE)
    desk.live(30)
    assert [one.snapshot for one in restores(desk)] == [snapshot.name]
    desk.sandbox.drop_snapshot(snapshot.name)
    desk.sandbox.make_snapshot(snapshot.name, of=name, tags={})

    desk.live(900)

    row = desk.row(workspace_id)
    assert (row.state, row.error_code) == (State.AVAILABLE, "snapshot_changed")
    assert disks(desk) == {f"{name}-os": (1, name)}
    assert desk.calls(OFF) == []


def test_a_snapshot_that_somebody_replaces_right_before_the_disk_is_made_switches_nothing_off(
    desk: Desk,
) -> None:
    workspace_id = written(desk)
    [snapshot], name = rows_of(desk), machine(desk, workspace_id)
    desk.press(workspace_id, Action.RESTORE)

    reconcile(desk.make_engine(crashpoint=replacing(desk, snapshot.name, at="restoring")), desk.credential_id)
    assert disks(desk)[f"{name}-r1"] == (1, ""), "of what was made by hand"
    desk.live(900)
    play_rounds(desk, 3)

    row = desk.row(workspace_id)
    assert (row.state, row.error_code) == (State.AVAILABLE, "snapshot_changed")
    assert (disks(desk), desk.calls(OFF)) == ({f"{name}-os": (1, name)}, [])


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "http_503"])
@pytest.mark.parametrize("operation", [MAKE, UPDATE, OFF, ON])
def test_an_answer_that_is_lost_at_a_step_changes_nothing_about_the_end(
    desk: Desk, operation: str, kind: str
) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault(kind, operation=operation, times=1)

    restored(desk, workspace_id)

    name = machine(desk, workspace_id)
    assert disks(desk) == {f"{name}-r1": (0, name)}
    assert (desk.row(workspace_id).error_code, len(restores(desk))) == (None, 1)


def test_a_disk_that_the_cloud_does_not_make_leaves_the_desktop_as_it_is(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault("operation_error", operation=MAKE, code="InternalExecutionError", times=1)

    restored(desk, workspace_id)

    name = machine(desk, workspace_id)
    assert (desk.row(workspace_id).error_code, desk.calls(OFF)) == ("disk_not_made", [])
    assert disks(desk) == {f"{name}-os": (1, name)}


def test_a_swap_that_fails_starts_the_desktop_again_with_its_own_disk(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault("operation_error", operation=UPDATE, code="InternalExecutionError", times=1)

    restored(desk, workspace_id)

    name, row = machine(desk, workspace_id), desk.row(workspace_id)
    assert disks(desk) == {f"{name}-os": (1, name)}
    assert row.error_code is not None and "restore_failed" in desk.story(workspace_id)
    assert "start_done" in desk.story(workspace_id)[-2:]


def test_without_capacity_for_the_start_the_restore_is_reported_and_both_disks_stay_until_it_runs(
    desk: Desk,
) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault("operation_error", operation=ON, code="AllocationFailed", times=1)

    restored(desk, workspace_id, ends=State.STOPPED)

    name = machine(desk, workspace_id)
    assert disks(desk) == {f"{name}-os": (1, ""), f"{name}-r1": (0, name)}
    assert desk.row(workspace_id).error_code is not None
    assert "restore_failed" in desk.story(workspace_id)
    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)
    play_rounds(desk, 3)
    assert disks(desk) == {f"{name}-r1": (0, name)}


def test_a_start_that_is_refused_leaves_it_off_and_says_so_before_anybody_looks(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault("error", operation=ON, code="BadRequest", status=400, times=1)

    desk.press(workspace_id, Action.RESTORE)
    desk.live_until(workspace_id, State.STOPPED)

    [failed] = [one for one in desk.events(workspace_id) if one.event == "restore_failed"]
    assert failed.to_state == State.STOPPED


def test_a_disk_that_the_next_restore_took_out_stays_until_the_desktop_is_back(desk: Desk) -> None:
    workspace_id = written(desk)
    name = machine(desk, workspace_id)
    desk.sandbox.add_fault("error", operation=ON, code="BadRequest", status=400, times=2)
    with desk.sessions.begin() as session:
        a_day_later = desk.clock.now() + timedelta(days=1)
        session.execute(update(Duty).where(Duty.kind == KEEP_DISK_SNAPSHOTS).values(due_at=a_day_later))
    for _ in range(2):
        desk.press(workspace_id, Action.RESTORE)
        desk.live_until(workspace_id, State.STOPPED)
        assert "restore_failed" in desk.story(workspace_id)
    three = {f"{name}-os": (1, ""), f"{name}-r1": (0, ""), f"{name}-r2": (0, name)}
    assert disks(desk) == three

    play_rounds(desk, 3)
    assert disks(desk) == three

    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)
    play_rounds(desk, 3)
    assert disks(desk) == {f"{name}-r2": (0, name)}


def test_a_right_that_is_missing_is_named_and_nothing_is_changed(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.deny(["Microsoft.Compute/disks/write"])

    desk.press(workspace_id, Action.RESTORE)
    desk.live_until(workspace_id, State.AVAILABLE)

    name = machine(desk, workspace_id)
    assert desk.row(workspace_id).error_code == "access_denied"
    assert disks(desk) == {f"{name}-os": (1, name)} and desk.calls(OFF) == []


@pytest.mark.parametrize("seconds", [0, 60, 120, 180, 240])
def test_one_that_is_terminated_on_the_way_leaves_nothing(desk: Desk, seconds: int) -> None:
    set_grace(desk, 0)
    workspace_id = written(desk)
    want(desk, days_after_end=0)
    desk.press(workspace_id, Action.RESTORE)
    desk.live(seconds)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    play_rounds(desk, 4)

    assert disks(desk) == {}
    assert all(one.state is RestoreState.DONE for one in restores(desk))


def test_drift_sees_no_desktop_too_many_while_two_disks_stand(desk: Desk) -> None:
    workspace_id = written(desk)
    desk.sandbox.add_fault("operation_error", operation=ON, code="AllocationFailed", times=1)
    desk.press(workspace_id, Action.RESTORE)
    desk.live_until(workspace_id, State.STOPPED)
    assert len(disks(desk)) == 2

    desk.live(desk.settings.inventory_interval_s * 3, step_s=300)

    with desk.sessions() as session:
        assert session.scalars(select(Orphan)).all() == []
    assert len(disks(desk)) == 2


def test_an_adopted_desktop_is_restored_too_and_its_own_disk_goes(desk: Desk) -> None:
    workspace_id = adopt(desk, found(desk, delete_option="Detach"))
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.clock.pause(3600.0)
    play_rounds(desk)
    desk.sandbox.work_on("byhand")

    restored(desk, workspace_id)

    assert disks(desk) == {"byhand-r1": (0, "byhand")}
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED, limit_s=30 * DAY_S)
    assert disks(desk) == {}


def test_what_has_the_name_of_the_disk_without_our_claim_is_not_touched(desk: Desk) -> None:
    workspace_id = written(desk)
    name = machine(desk, workspace_id)
    desk.sandbox.make_disk(f"{name}-r1")

    restored(desk, workspace_id)

    assert desk.row(workspace_id).error_code == "disk_name_taken"
    assert disks(desk) == {f"{name}-os": (1, name), f"{name}-r1": (0, "")}
    assert [one.state for one in restores(desk)] == [RestoreState.DONE], "nothing of it is left to be deleted"
    desk.press(workspace_id, Action.RESTORE)
    desk.live_until(workspace_id, State.AVAILABLE)
    assert disks(desk)[f"{name}-r2"] == (0, name)


@pytest.mark.parametrize("seconds", [0, 60, 120, 180])
def test_a_termination_that_is_undone_on_the_way_leaves_one_desktop_with_one_disk(
    desk: Desk, seconds: int
) -> None:
    set_grace(desk, 7)
    workspace_id = written(desk)
    name = machine(desk, workspace_id)
    desk.press(workspace_id, Action.RESTORE)
    desk.live(seconds)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live(1800)
    assert desk.row(workspace_id).suspended_at is not None

    undo(desk, workspace_id)
    desk.live(600)
    if desk.row(workspace_id).state is State.STOPPED:
        desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)
    play_rounds(desk, 4)

    [(disk, (version, holder))] = disks(desk).items()
    assert holder == name and version == (0 if disk.endswith("-r1") else 1)
    assert {one.state for one in restores(desk)} <= {RestoreState.DONE}
