"""When the cloud made snapshots of desktops: read in turn, and without one no rebuild is offered."""

import pytest

from sandbox import demo
from tests.desk import Desk
from tests.killing import die_at
from webapp.domain.duties import READ_SNAPSHOTS
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action
from webapp.domain.snapshots import EVERY, FIRST_WITHIN, NONE_YET
from webapp.engine.reconcile import reconcile
from webapp.engine.snapshot_rows import FIRST

ASKED = "DescribeWorkspaceSnapshots"
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


@pytest.fixture
def ready(desk: Desk) -> int:
    """A desktop that was never asked about; its first snapshot comes two hours after its birth."""
    desk.sandbox.set_settings(first_snapshot_s=2 * HOUR_S)
    workspace_id = desk.available()
    desk.clock.pause(FIRST.total_seconds())
    return workspace_id


def read(desk: Desk) -> int:
    """The duty comes when it is due; how many calls it made."""
    before = len(desk.calls(ASKED))
    due_in_s = (desk.duty(READ_SNAPSHOTS).due_at - desk.clock.now()).total_seconds()
    desk.clock.pause(max(due_in_s, 0.0))
    reconcile(desk.engine, desk.credential_id)
    return len(desk.calls(ASKED)) - before


def test_without_a_snapshot_a_rebuild_is_refused_with_when_the_first_is_due(desk: Desk, ready: int) -> None:
    read(desk)

    row = desk.row(ready)
    assert (row.files_snapshot_at, row.has_no_snapshot) == (None, True)
    assert row.available_at is not None
    assert row.next_snapshot_at == row.available_at + FIRST_WITHIN
    assert "rebuild" not in row.allowed_actions
    with pytest.raises(Conflict, match="no snapshot of this desktop yet") as refused:
        desk.press(ready, Action.REBUILD)
    assert refused.value.message == NONE_YET
    assert [call for call in desk.calls("RebuildWorkspaces") if call["accepted"]] == []


def test_as_soon_as_there_is_one_a_rebuild_is_offered_and_the_next_is_known(desk: Desk, ready: int) -> None:
    read(desk)
    desk.clock.pause(2 * HOUR_S)

    read(desk)

    row = desk.row(ready)
    assert row.files_snapshot_at is not None
    assert row.files_snapshot_at == row.system_snapshot_at <= desk.clock.now()
    assert row.next_snapshot_at == row.files_snapshot_at + EVERY
    assert "rebuild" in row.allowed_actions
    desk.press(ready, Action.REBUILD)
    desk.work()
    assert desk.story(ready)[-1] == "rebuild_sent"


def test_a_desktop_with_one_is_asked_about_when_the_next_may_have_come(desk: Desk, ready: int) -> None:
    desk.clock.pause(1.5 * HOUR_S)
    calls = [read(desk)]
    made_at = desk.row(ready).files_snapshot_at
    assert made_at is not None
    desk.clock.pause((made_at + EVERY - desk.clock.now()).total_seconds())

    calls += [read(desk), read(desk), read(desk)]

    after = desk.row(ready).files_snapshot_at
    assert after is not None and after >= made_at + EVERY
    assert sum(calls) == 2


def test_a_snapshot_made_while_a_round_goes_on_is_shown_with_its_own_time(desk: Desk, ready: int) -> None:
    later = desk.available()
    born_at = desk.row(later).issued_at
    assert born_at is not None
    desk.clock.pause(2 * HOUR_S - 30 - (desk.clock.now() - born_at).total_seconds())
    began_at = desk.clock.now()

    def take_a_minute(point: str) -> None:
        if point == "snapshots_read":
            desk.clock.pause(60)

    reconcile(desk.make_engine(crashpoint=take_a_minute), desk.credential_id)

    made_at = desk.row(later).files_snapshot_at
    assert desk.row(ready).files_snapshot_at is not None
    assert made_at is not None
    assert made_at > began_at


def test_a_new_one_without_is_asked_about_every_hour(desk: Desk, ready: int) -> None:
    assert [read(desk), read(desk)] == [1, 0]
    desk.clock.pause(HOUR_S)

    assert read(desk) == 1


def test_a_new_desktop_is_not_asked_about_before_its_first_can_be_there(desk: Desk) -> None:
    desk.available()

    assert read(desk) == 0


def test_a_key_that_may_not_see_them_is_no_failure_and_nobody_is_refused(desk: Desk, ready: int) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[f"workspaces:{ASKED}"])

    read(desk)

    assert desk.duty(READ_SNAPSHOTS).failures == 0
    assert desk.row(ready).snapshots_read_at is None
    assert "rebuild" in desk.row(ready).allowed_actions
    assert desk.credential().blocked_code is None


def test_what_is_read_changes_no_version_so_nobody_loses_a_change(desk: Desk, ready: int) -> None:
    version = desk.row(ready).version

    read(desk)

    assert desk.row(ready).version == version
    assert desk.row(ready).snapshots_read_at is not None


def test_of_a_machine_that_gives_no_answer_nothing_is_known_and_the_others_have_their_turn(
    desk: Desk, ready: int
) -> None:
    silent = desk.available()
    desk.clock.pause(FIRST.total_seconds())
    desk.sandbox.add_fault(
        "error", operation=ASKED, code="ResourceNotFoundException", message="It is not there.", times=1
    )

    read(desk)

    # The other one had its turn while this one was made.
    read_at = [desk.row(one).snapshots_read_at for one in (ready, silent)]
    assert [one is None for one in read_at] == [False, True]
    assert not desk.row(silent).has_no_snapshot
    assert "rebuild" in desk.row(silent).allowed_actions
    assert desk.duty(READ_SNAPSHOTS).failures == 0


def test_a_machine_that_never_answers_has_not_every_round(desk: Desk, ready: int) -> None:
    desk.sandbox.add_fault(
        "error", operation=ASKED, code="ResourceNotFoundException", message="It is not there.", times=99
    )
    desk.clock.pause(DAY_S)

    calls = [read(desk) for _ in range(48)]

    assert 1 <= sum(calls) <= 12


def test_what_a_worker_that_dies_has_read_is_read_again(desk: Desk, ready: int) -> None:
    desk.clock.pause(1.5 * HOUR_S)
    due_in_s = (desk.duty(READ_SNAPSHOTS).due_at - desk.clock.now()).total_seconds()
    desk.clock.pause(max(due_in_s, 0.0))

    die_at(desk, "snapshots_read", lambda engine: reconcile(engine, desk.credential_id))
    assert desk.row(ready).snapshots_read_at is None
    desk.live(HOUR_S)

    assert desk.row(ready).files_snapshot_at is not None
