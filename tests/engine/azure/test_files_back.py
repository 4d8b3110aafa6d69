"""The files of a desktop that is gone come back to a new one of the same person, from its last snapshot."""

import pytest

from tests.desk import Desk
from tests.engine.azure.restores import disks, machine, replacing, written
from tests.engine.azure.returns import COPY, ROUND_S, asked, ended, play, returned, returns
from tests.engine.azure.snapshots import DAY_S, in_cloud, make_due, next_day, rows_of
from tests.killing import die_at
from tests.windows import settle
from webapp.domain.disk_snapshots import SnapshotState
from webapp.domain.errors import Conflict
from webapp.domain.file_returns import ReturnState
from webapp.domain.lifecycle import Action, State
from webapp.engine.reconcile import reconcile


def gone(desk: Desk) -> int:
    """A desktop that is gone; the version of its last snapshot is 1."""
    workspace_id = written(desk)
    desk.clock.pause(DAY_S)
    next_day(desk, 0)
    assert max(in_cloud(desk).values()) == 1
    return ended(desk, workspace_id)


def new(desk: Desk) -> int:
    """The one to which the files of such a desktop are to come; it is available."""
    workspace_id = asked(desk, gone(desk))
    desk.live_until(workspace_id, State.AVAILABLE)
    return workspace_id


def switch(desk: Desk, workspace_id: int, action: Action, state: State) -> None:
    desk.press(workspace_id, action)
    desk.live_until(workspace_id, state)


def test_a_new_desktop_gets_the_files_of_the_last_snapshot_and_the_disk_goes(desk: Desk) -> None:
    former = gone(desk)
    former_machine = machine(desk, former)

    workspace_id = asked(desk, former)
    desk.live_until(workspace_id, State.AVAILABLE)
    play(desk)

    name = machine(desk, workspace_id)
    assert name != former_machine
    assert returned(desk, workspace_id) == [1]
    assert list(disks(desk)) == [f"{name}-os"]
    [one] = returns(desk)
    assert (one.state, one.error_code) == (ReturnState.DONE, None)
    assert one.copied_at is not None and one.copied_at < (one.ended_at or one.copied_at)
    assert desk.story(workspace_id).count("files_back") == 1
    assert len(desk.calls(COPY)) == 1


def test_the_snapshot_stays_while_its_files_are_still_to_come_although_its_time_is_over(desk: Desk) -> None:
    workspace_id = new(desk)
    switch(desk, workspace_id, Action.STOP, State.STOPPED)

    next_day(desk, 15)
    assert 1 in in_cloud(desk).values()
    switch(desk, workspace_id, Action.START, State.AVAILABLE)
    play(desk)

    assert returned(desk, workspace_id) == [1]
    assert 1 not in in_cloud(desk).values()


def test_a_desktop_that_does_not_run_for_a_month_gets_no_files_and_the_snapshot_goes(desk: Desk) -> None:
    workspace_id = new(desk)
    switch(desk, workspace_id, Action.STOP, State.STOPPED)

    next_day(desk, 29)
    assert [one.state for one in returns(desk)] == [ReturnState.WAITING]
    next_day(desk, 2)

    [one] = returns(desk)
    assert (one.state, one.error_code, one.disk) == (ReturnState.DONE, "files_not_copied", None)
    assert 1 not in in_cloud(desk).values()


def test_an_order_that_failed_and_is_tried_again_gets_the_files_all_the_same(desk: Desk) -> None:
    former = gone(desk)
    desk.sandbox.add_fault("error", operation="deployments.createOrUpdate", code="InvalidTemplate")
    workspace_id = asked(desk, former)
    desk.live_until(workspace_id, State.ERROR)
    play(desk, 2)
    desk.press(workspace_id, Action.RETRY)
    desk.live_until(workspace_id, State.AVAILABLE)

    play(desk)

    assert returned(desk, workspace_id) == [1]


def test_a_desktop_without_room_says_so_and_can_be_tried_again(desk: Desk) -> None:
    workspace_id = new(desk)
    desk.sandbox.fill(machine(desk, workspace_id))

    play(desk)

    [one] = returns(desk)
    assert (one.state, one.error_code, one.copied_at) == (ReturnState.DONE, "files_no_space", None)
    assert list(disks(desk)) == [f"{machine(desk, workspace_id)}-os"]
    assert desk.story(workspace_id).count("files_not_back") == 1
    assert [one.state for one in rows_of(desk, SnapshotState.READY)]


def test_the_disk_of_a_copy_that_failed_goes_within_half_an_hour(desk: Desk) -> None:
    workspace_id = new(desk)
    desk.sandbox.fill(machine(desk, workspace_id))
    while returns(desk)[0].error_code is None:
        play(desk, 1)
    assert len(disks(desk)) == 2

    settle(desk, minutes=30)

    assert list(disks(desk)) == [f"{machine(desk, workspace_id)}-os"]


def test_without_the_right_to_run_a_command_the_disk_goes_again(desk: Desk) -> None:
    desk.sandbox.deny(["Microsoft.Compute/virtualMachines/runCommands/write"])
    workspace_id = new(desk)

    play(desk)

    [one] = returns(desk)
    assert (one.state, one.error_code) == (ReturnState.DONE, "copy_right_missing")
    assert list(disks(desk)) == [f"{machine(desk, workspace_id)}-os"]


def test_a_desktop_that_is_off_gets_no_second_disk_until_it_runs(desk: Desk) -> None:
    """Windows may start from either of two disks that came of one image."""
    workspace_id = new(desk)
    switch(desk, workspace_id, Action.STOP, State.STOPPED)

    play(desk)
    assert len(disks(desk)) == 1
    switch(desk, workspace_id, Action.START, State.AVAILABLE)
    play(desk)

    assert returned(desk, workspace_id) == [1]


def test_the_disk_leaves_a_desktop_that_is_switched_off_and_comes_again_when_it_runs(desk: Desk) -> None:
    workspace_id = new(desk)
    play(desk, 2)
    name = machine(desk, workspace_id)
    assert [holder for _, holder in disks(desk).values()] == [name, name]

    desk.sandbox.shut_down_in_guest(name)
    desk.live_until(workspace_id, State.STOPPED)
    play(desk, 4)
    assert sorted(holder for _, holder in disks(desk).values()) == ["", name]
    switch(desk, workspace_id, Action.START, State.AVAILABLE)
    play(desk)

    assert returned(desk, workspace_id) == [1]
    assert list(disks(desk)) == [f"{name}-os"]


def test_the_disk_leaves_it_all_the_same_when_the_worker_dies_before_the_call(desk: Desk) -> None:
    workspace_id = new(desk)
    play(desk, 2)
    desk.sandbox.shut_down_in_guest(machine(desk, workspace_id))
    desk.live_until(workspace_id, State.STOPPED)
    desk.clock.pause(ROUND_S)
    make_due(desk)
    die_at(desk, "files_moving", lambda engine: reconcile(engine, desk.credential_id))

    settle(desk, minutes=60)

    assert "" in [holder for _, holder in disks(desk).values()]


def test_nothing_takes_a_desktop_back_while_the_disk_may_be_there(desk: Desk) -> None:
    workspace_id = new(desk)
    switch(desk, workspace_id, Action.STOP, State.STOPPED)
    next_day(desk)
    assert desk.row(workspace_id).refusal(Action.RESTORE) is None
    switch(desk, workspace_id, Action.START, State.AVAILABLE)
    play(desk, 2)

    with pytest.raises(Conflict, match="being copied"):
        desk.press(workspace_id, Action.RESTORE)

    play(desk)
    assert desk.row(workspace_id).requested_action is None
    assert returned(desk, workspace_id) == [1]


def test_no_files_come_of_what_somebody_else_has_made_under_the_snapshots_name(desk: Desk) -> None:
    former = gone(desk)
    workspace_id = asked(desk, former)
    [name] = [one.snapshot for one in returns(desk)]
    desk.sandbox.drop_snapshot(name)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.sandbox.make_snapshot(name, of=machine(desk, workspace_id), tags={})

    play(desk)

    assert returned(desk, workspace_id) == []
    assert [(one.state, one.error_code) for one in returns(desk)] == [(ReturnState.DONE, "snapshot_deleted")]
    assert list(disks(desk)) == [f"{machine(desk, workspace_id)}-os"]


def test_no_files_come_of_what_takes_the_snapshots_place_right_before_the_disk_is_made(desk: Desk) -> None:
    workspace_id = new(desk)
    [name] = [one.snapshot for one in returns(desk)]
    worker = desk.make_engine(crashpoint=replacing(desk, name, at="files_moving"))
    for _ in range(3):
        make_due(desk)
        reconcile(worker, desk.credential_id)

    play(desk)

    assert returned(desk, workspace_id) == []
    assert [(one.state, one.error_code) for one in returns(desk)] == [(ReturnState.DONE, "snapshot_deleted")]
    assert list(disks(desk)) == [f"{machine(desk, workspace_id)}-os"]


def test_a_new_desktop_that_ends_before_leaves_no_disk(desk: Desk) -> None:
    workspace_id = new(desk)
    play(desk, 2)

    ended(desk, workspace_id)
    settle(desk, minutes=60)

    assert disks(desk) == {}
    assert [one.state for one in returns(desk)] == [ReturnState.DONE]
