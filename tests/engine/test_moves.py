"""A desktop is moved to another bundle: once, adopted under its new id, and never lost or a stranger."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.windows import HOUR, have_window
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, CloudState, Phase, State
from webapp.models import Workspace
from webapp.queries.workspaces import get_workspace
from webapp.services import moves

MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The worker is gone."""


def other_bundle(desk: Desk, workspace_id: int) -> str:
    return moves.targets(desk.context, loaded(desk, workspace_id))[0].bundle_id


def loaded(desk: Desk, workspace_id: int) -> Workspace:
    desk.session.expire_all()
    return get_workspace(desk.session, workspace_id, company_id=desk.provider.company_id or 0)


def ask(desk: Desk, workspace_id: int) -> str:
    bundle_id = other_bundle(desk, workspace_id)
    company_id = desk.provider.company_id or 0
    moves.ask_move(desk.context, workspace_id, bundle_id, company_id=company_id, actor=desk.actor)
    return bundle_id


def promise_snapshots(desk: Desk, workspace_id: int) -> None:
    """As if the cloud had just been asked for them."""
    now = desk.clock.now()
    names = ("files_snapshot_at", "system_snapshot_at", "snapshots_read_at")
    with desk.sessions.begin() as session:
        session.execute(
            update(Workspace).where(Workspace.id == workspace_id).values(dict.fromkeys(names, now))
        )


def sent(desk: Desk) -> int:
    """By orders of ours; the test of the account asks too, for no desktop."""
    return sum(1 for call in desk.calls("MigrateWorkspace") if call["accepted"])


def settle(desk: Desk, minutes: int) -> None:
    desk.clock.pause(minutes * 60)
    desk.sweep()
    desk.live(5 * 60)


def test_a_move_adopts_the_new_machine_and_the_old_one_is_no_stranger(desk: Desk) -> None:
    workspace_id = desk.available()
    before = desk.row(workspace_id)
    bundle_id = ask(desk, workspace_id)
    desk.live(60)

    moving = desk.row(workspace_id)
    assert moving.cloud_workspace_id != before.cloud_workspace_id == (moving.moved_from or {})["machine"]
    assert (moving.bundle_id, moving.move, moving.state) == (bundle_id, None, State.PENDING)
    settle(desk, 16)  # an inventory sees both
    assert desk.orphans() == []
    settle(desk, 40)

    after = desk.row(workspace_id)
    assert after.phase is Phase.READY and after.cloud_state is CloudState.AVAILABLE
    assert after.compute_type and after.error_code is None
    assert sent(desk) == 1 and desk.orphans() == []


@pytest.mark.parametrize("point", ["move_intent", "moved"])
def test_a_worker_that_dies_around_the_call_leads_to_one_move_at_most(desk: Desk, point: str) -> None:
    workspace_id = desk.available()
    before = desk.row(workspace_id)
    ask(desk, workspace_id)

    def die(name: str) -> None:
        if name == point:
            raise Killed

    with pytest.raises(Killed):
        desk.work(desk.make_engine(crashpoint=die))
    assert desk.row(workspace_id).move_sent_at is not None
    desk.clock.pause(61)  # its lease is over
    settle(desk, 5)

    row = desk.row(workspace_id)
    if point == "moved":
        assert sent(desk) == 1 and row.move is None
        assert (row.moved_from or {})["machine"] == before.cloud_workspace_id
    else:
        assert sent(desk) == 0 and row.move is not None
        settle(desk, 80)
        row = desk.row(workspace_id)
        assert sent(desk) == 0 and row.move is None and row.cloud_workspace_id == before.cloud_workspace_id
    assert desk.orphans() == []


def test_a_lost_answer_is_found_by_the_slot_and_nothing_is_sent_again(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("drop_after", operation="MigrateWorkspace", times=1)
    ask(desk, workspace_id)
    desk.live(60)
    settle(desk, 3)

    row = desk.row(workspace_id)
    assert row.moved_from is not None and row.move is None and sent(desk) == 1


def change_during_the_call(desk: Desk, workspace_id: int) -> None:
    """Work, while a page writes the row between the call and the record of its answer."""

    def write(name: str) -> None:
        if name in ("moved", "move_refused"):
            with desk.sessions.begin() as session:
                its = Workspace.id == workspace_id
                session.execute(update(Workspace).where(its).values(version=Workspace.version + 1))

    desk.work(desk.make_engine(crashpoint=write))


def test_an_answer_is_written_although_somebody_changed_the_row_during_the_call(desk: Desk) -> None:
    workspace_id = desk.available()
    before = desk.row(workspace_id)
    desk.sandbox.set_settings(visibility_lag_s=600)  # the slot does not show it yet
    bundle_id = ask(desk, workspace_id)
    change_during_the_call(desk, workspace_id)

    row = desk.row(workspace_id)
    assert (row.bundle_id, row.move, row.move_sent_at) == (bundle_id, None, None)
    assert (row.moved_from or {})["machine"] == before.cloud_workspace_id != row.cloud_workspace_id


def test_a_refusal_is_written_although_somebody_changed_the_row_during_the_call(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("error", operation="MigrateWorkspace", code="OperationNotSupportedException")
    ask(desk, workspace_id)
    change_during_the_call(desk, workspace_id)

    row = desk.row(workspace_id)
    assert (row.move, row.move_sent_at) == (None, None) and "move_failed" in desk.story(workspace_id)


def test_access_is_cut_while_the_outcome_of_a_move_is_not_known(desk: Desk) -> None:
    workspace_id = desk.available()
    ask(desk, workspace_id)
    desk.sandbox.add_fault("drop_before", operation="MigrateWorkspace", times=1)
    desk.work()
    assert desk.row(workspace_id).move_sent_at is not None
    have_window(desk, desk.row(workspace_id).application_id, ends=timedelta(minutes=1))
    settle(desk, 2)

    row = desk.row(workspace_id)
    assert row.move_sent_at is not None and row.access_cut_at is not None
    assert "access_ended" in desk.story(workspace_id)
    settle(desk, 10)
    assert [one["state"] for one in desk.machines()] == ["STOPPED"]


def test_a_move_that_the_cloud_gives_up_leaves_the_desktop_as_it_was(desk: Desk) -> None:
    workspace_id = desk.available()
    before = desk.row(workspace_id)
    desk.sandbox.add_fault("launch_error", operation="MigrateWorkspace", times=1)
    ask(desk, workspace_id)
    desk.live(60)
    settle(desk, 45)
    assert desk.row(workspace_id).moved_from is not None  # not yet: it may be listed late
    settle(desk, 45)

    after = desk.row(workspace_id)
    assert after.phase is Phase.READY and after.cloud_workspace_id == before.cloud_workspace_id
    assert after.bundle_id == before.bundle_id and after.bundle_name == before.bundle_name
    assert desk.orphans() == []


def test_one_listing_without_the_new_machine_gives_nothing_up(desk: Desk) -> None:
    workspace_id = desk.available()
    before = desk.row(workspace_id)
    bundle_id = ask(desk, workspace_id)
    desk.live(60)
    moved = desk.row(workspace_id)
    settle(desk, 25)
    # Listed again a while later; the old one is there and looks usable meanwhile.
    back_at = desk.clock.now().timestamp() + 5 * 60
    desk.sandbox.set_workspace(moved.cloud_workspace_id or "", visible_at=back_at)
    desk.sandbox.set_workspace(before.cloud_workspace_id or "", state="STOPPED")
    settle(desk, 15)

    after = desk.row(workspace_id)
    assert (after.cloud_workspace_id, after.bundle_id) == (moved.cloud_workspace_id, bundle_id)
    assert after.moved_from is not None and "move_failed" not in desk.story(workspace_id)


def test_snapshots_of_the_old_machine_are_not_promised_for_the_new_one(desk: Desk) -> None:
    workspace_id = desk.available()
    promise_snapshots(desk, workspace_id)
    ask(desk, workspace_id)
    desk.work()

    row = desk.row(workspace_id)
    assert row.moved_from is not None
    assert (row.files_snapshot_at, row.system_snapshot_at, row.snapshots_read_at) == (None, None, None)


def test_a_move_made_outside_is_followed_and_its_new_machine_never_ended(desk: Desk) -> None:
    workspace_id = desk.available()
    before = desk.row(workspace_id)
    old_id = before.cloud_workspace_id or ""
    desk.sandbox.set_workspace(old_id, state="TERMINATING")
    settle(desk, 16)
    assert desk.row(workspace_id).phase is Phase.TERMINATING
    desk.sandbox.vanish_workspace(old_id)
    claim = f"{desk.installation()}/{before.uid}/{before.generation}"
    new_id = desk.plant(before.username, claim=claim)
    settle(desk, 2)
    settle(desk, 30)

    after = desk.row(workspace_id)
    assert (after.phase, after.cloud_workspace_id) == (Phase.READY, new_id)
    assert after.state is State.AVAILABLE and after.error_code is None
    assert desk.writes_about(new_id) == [] and desk.orphans() == []
    assert "moved_outside" in desk.story(workspace_id)


def test_a_move_whose_new_machine_was_seen_ending_never_ends_the_old_one(desk: Desk) -> None:
    workspace_id = desk.available()
    before = desk.row(workspace_id)
    desk.sandbox.add_fault("launch_error", operation="MigrateWorkspace", times=1)
    ask(desk, workspace_id)
    desk.live(60)
    settle(desk, 25)  # a new machine may be listed late
    desk.sandbox.terminate_workspace(desk.row(workspace_id).cloud_workspace_id or "")
    settle(desk, 1)
    assert desk.row(workspace_id).phase is Phase.TERMINATING
    settle(desk, 45)
    settle(desk, 45)

    after = desk.row(workspace_id)
    assert (after.phase, after.cloud_workspace_id) == (Phase.READY, before.cloud_workspace_id)
    assert after.bundle_id == before.bundle_id and after.error_code is None
    assert desk.writes_about(before.cloud_workspace_id or "") == ["CreateWorkspaces"]


def test_a_refusal_is_said_and_changes_nothing(desk: Desk) -> None:
    workspace_id = desk.available()
    before = desk.row(workspace_id)
    desk.sandbox.add_fault("error", operation="MigrateWorkspace", code="OperationNotSupportedException")
    ask(desk, workspace_id)
    desk.live(60)

    after = desk.row(workspace_id)
    assert after.move is None and after.cloud_workspace_id == before.cloud_workspace_id
    assert "move_failed" in desk.story(workspace_id)


def test_a_move_that_is_refused_for_hours_ends_and_its_cause_is_said_once(desk: Desk) -> None:
    workspace_id = desk.available()
    fault = {"operation": "MigrateWorkspace", "code": "ResourceUnavailableException"}
    desk.sandbox.add_fault("error", times=-1, **fault)
    ask(desk, workspace_id)
    desk.live(4 * HOUR.total_seconds(), step_s=600)

    row, story = desk.row(workspace_id), desk.story(workspace_id)
    assert (row.move, row.move_sent_at) == (None, None)
    assert (story.count("move_postponed"), story.count("move_failed")) == (1, 1)
    assert len(desk.calls("MigrateWorkspace")) < 20


def test_a_desktop_that_is_being_moved_takes_no_other_action_but_its_end(desk: Desk) -> None:
    workspace_id = desk.available()
    ask(desk, workspace_id)

    with pytest.raises(Conflict):
        desk.press(workspace_id, Action.STOP)
    desk.press(workspace_id, Action.TERMINATE)
    assert desk.row(workspace_id).move is None
    desk.live(HOUR.total_seconds() / 2)
    assert desk.row(workspace_id).state is State.TERMINATED and sent(desk) == 0
