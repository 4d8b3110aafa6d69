"""Snapshots of disks on Azure: taken once a day, kept by the rules, outliving their desktop, billed to it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.azure.snapshots import (
    BACK_S,
    DAY_S,
    backed_up,
    grown,
    hurry,
    in_cloud,
    next_day,
    play_rounds,
    rows_of,
    setting_of,
    want,
)
from tests.windows import set_grace
from webapp.clouds.azure_avd.actions import DELETE_SNAPSHOTS, READ_SNAPSHOTS, WRITE_SNAPSHOTS
from webapp.clouds.azure_avd.names import CLAIM_TAG, MACHINE_TAG, POOL_TAG
from webapp.domain.disk_snapshots import REFUSED_FOR, SnapshotKind, SnapshotState, name_of
from webapp.domain.duties import KEEP_DISK_SNAPSHOTS
from webapp.domain.end_records import Outcome
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.engine.disk_snapshots.taking import MOST_AT_ONCE
from webapp.models import DiskSnapshot, EndRecord, Installation, Workspace
from webapp.services.credentials import delete_credential
from webapp.services.disk_snapshots import delete_unknown

TAKE = "snapshots.createOrUpdate"


@both_databases
def test_the_first_is_taken_an_hour_after_the_desktop_is_available_with_our_mark(desk: Desk) -> None:
    workspace_id = desk.available()
    hurry(desk)
    assert rows_of(desk) == []
    row = desk.row(workspace_id)
    desk.sandbox.work_on(row.cloud_workspace_id or "")
    desk.clock.pause(3600.0)

    play_rounds(desk)

    [snapshot] = rows_of(desk)
    assert (snapshot.state, snapshot.kind) == (SnapshotState.READY, SnapshotKind.WEEKLY)
    assert snapshot.taken_at is not None and snapshot.size_gib == 127
    assert snapshot.name == f"{row.cloud_workspace_id}-s{snapshot.issued_at:%Y%m%d}"
    assert in_cloud(desk) == {snapshot.name: 1}
    [made] = desk.sandbox.contents()["snapshots"]
    assert made["claim"] == snapshot.claim and snapshot.claim.endswith(f"/{row.uid}/{row.generation}")


def test_one_a_day_is_taken_and_after_a_week_the_oldest_daily_one_goes(desk: Desk) -> None:
    backed_up(desk)

    for _ in range(9):
        next_day(desk)

    ready = rows_of(desk, SnapshotState.READY)
    assert {one.name for one in ready} == set(in_cloud(desk))
    assert len(ready) in (8, 9) and len({one.issued_at.date() for one in ready}) == len(ready)
    gone = rows_of(desk, SnapshotState.GONE)
    assert gone and all(one.kind is SnapshotKind.DAILY for one in gone)
    assert len(desk.calls(TAKE)) == 10


def test_an_answer_that_was_lost_makes_no_second_one(desk: Desk) -> None:
    grown(desk)
    desk.sandbox.add_fault("drop_after", operation=TAKE, times=1)

    play_rounds(desk, 4)

    [snapshot] = rows_of(desk)
    assert snapshot.state is SnapshotState.READY
    assert len(desk.calls(TAKE)) == 1 and len(in_cloud(desk)) == 1


def test_a_call_that_never_arrived_is_sent_again_under_the_same_name(desk: Desk) -> None:
    grown(desk)
    desk.sandbox.add_fault("drop_before", operation=TAKE, times=1)

    play_rounds(desk, 4)

    [snapshot] = rows_of(desk)
    assert snapshot.state is SnapshotState.READY and set(in_cloud(desk)) == {snapshot.name}


def test_one_that_fails_is_said_once_and_the_next_good_one_ends_it(desk: Desk) -> None:
    workspace_id = backed_up(desk)
    desk.sandbox.add_fault("operation_error", operation=TAKE, code="InternalExecutionError", times=2)

    next_day(desk)
    next_day(desk)

    assert desk.story(workspace_id).count("backup_failed") == 1
    assert desk.row(workspace_id).backup_error_code == "snapshot_failed"
    assert len(rows_of(desk, SnapshotState.READY)) == 1, "the good one of before is kept"
    next_day(desk)
    assert desk.row(workspace_id).backup_error_code is None
    assert len(in_cloud(desk)) == 2, "what failed was removed"


def test_a_key_without_the_right_takes_none_and_nothing_else_is_touched(desk: Desk) -> None:
    workspace_id = grown(desk)
    desk.sandbox.deny([READ_SNAPSHOTS, WRITE_SNAPSHOTS, DELETE_SNAPSHOTS])

    play_rounds(desk)

    assert rows_of(desk) == [] and setting_of(desk).refused_code == "access_denied"
    assert desk.duty(KEEP_DISK_SNAPSHOTS).failures == 0
    assert desk.credential().blocked_code is None
    desk.sandbox.allow()
    desk.clock.pause(REFUSED_FOR.total_seconds())
    desk.sweep()
    play_rounds(desk)
    assert setting_of(desk).refused_code is None
    assert [one.workspace_id for one in rows_of(desk, SnapshotState.READY)] == [workspace_id]


def test_without_the_right_to_write_nobody_hears_of_a_failure(desk: Desk) -> None:
    workspace_id = grown(desk)
    desk.sandbox.deny([WRITE_SNAPSHOTS])

    play_rounds(desk)

    assert setting_of(desk).refused_code == "access_denied"
    assert "backup_failed" not in desk.story(workspace_id)
    assert in_cloud(desk) == {}


def test_what_somebody_deletes_in_the_cloud_is_noticed_and_another_one_is_taken(desk: Desk) -> None:
    backed_up(desk)
    [before] = rows_of(desk)
    desk.sandbox.drop_snapshot(before.name)

    next_day(desk)

    [gone] = rows_of(desk, SnapshotState.GONE)
    assert (gone.id, gone.error_code) == (before.id, "snapshot_deleted")
    assert len(rows_of(desk, SnapshotState.READY)) == 1


def test_one_with_our_mark_that_an_older_database_does_not_know_is_kept_for_its_desktop(desk: Desk) -> None:
    workspace_id = backed_up(desk)
    with desk.sessions.begin() as session:
        session.execute(delete(DiskSnapshot))

    play_rounds(desk)

    [found] = rows_of(desk)
    assert (found.workspace_id, found.state) == (workspace_id, SnapshotState.READY)
    assert len(desk.calls(TAKE)) == 1


def test_one_whose_name_somebody_else_has_taken_does_not_stay_about_to_be_deleted(desk: Desk) -> None:
    workspace_id = grown(desk)
    machine = desk.row(workspace_id).cloud_workspace_id or ""
    name = name_of(machine, desk.clock.now(), SnapshotKind.WEEKLY)
    desk.sandbox.make_snapshot(name, of=machine, tags={})

    play_rounds(desk, 4)

    assert desk.row(workspace_id).backup_error_code == "snapshot_name_taken"
    assert [(one.name, one.state) for one in rows_of(desk)] == [(name, SnapshotState.GONE)]
    assert set(in_cloud(desk)) == {name}, "it is not ours, and stays"


def test_one_with_our_mark_that_no_desktop_explains_is_a_persons_to_decide(desk: Desk) -> None:
    backed_up(desk)
    [own] = rows_of(desk)
    installation = own.claim.partition("/")[0]
    pool = desk.credential().public_fields["host_pool"]
    for name, claim in (
        ("wstranger-s20261101", f"{installation}/{'0' * 32}/1"),
        ("other-s20261101", "somebody-else/1/1"),
    ):
        tags = {CLAIM_TAG: claim, POOL_TAG: pool, MACHINE_TAG: "wstranger"}
        desk.sandbox.make_snapshot(name, of=own.cloud_workspace_id, tags=tags)

    play_rounds(desk)

    [unknown] = rows_of(desk, SnapshotState.UNKNOWN)
    assert unknown.name == "wstranger-s20261101" and unknown.workspace_id is None
    delete_unknown(
        desk.context,
        unknown.id,
        credential_id=desk.credential_id,
        company_id=desk.provider.company_id or 0,
    )
    play_rounds(desk, 3)
    assert set(in_cloud(desk)) == {own.name, "other-s20261101"}
    assert len(rows_of(desk, SnapshotState.GONE)) == 1


def test_an_account_without_any_desktop_is_listed_once_a_day_for_those_with_our_mark(desk: Desk) -> None:
    workspace_id = desk.available()
    machine, pool = (
        desk.row(workspace_id).cloud_workspace_id or "",
        desk.credential().public_fields["host_pool"],
    )
    with desk.sessions.begin() as session:
        installation = session.scalars(select(Installation.uid)).one()
    tags = {CLAIM_TAG: f"{installation}/{'0' * 32}/1", POOL_TAG: pool, MACHINE_TAG: "wstranger"}
    desk.sandbox.make_snapshot("wstranger-s20261101", of=machine, tags=tags)
    want(desk, is_on=False)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    with desk.sessions.begin() as session:
        session.execute(delete(DiskSnapshot))
    before = len(desk.calls("snapshots.listByResourceGroup"))

    while not rows_of(desk):
        assert desk.clock.elapsed_s < 2 * DAY_S
        desk.clock.pause(2400)
        desk.sweep()

    assert [one.state for one in rows_of(desk)] == [SnapshotState.UNKNOWN]
    assert len(desk.calls("snapshots.listByResourceGroup")) - before == 1


@both_databases
def test_the_last_one_outlives_its_desktop_as_the_record_says_and_then_goes(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = backed_up(desk)
    next_day(desk)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    play_rounds(desk, 3)

    [last] = rows_of(desk, SnapshotState.READY)
    assert set(in_cloud(desk)) == {last.name}
    ended_at = desk.row(workspace_id).terminated_at
    with desk.sessions() as session:
        details = session.scalars(select(EndRecord)).one().details
    outcomes = {one["part"]: one["outcome"] for one in details["parts"]}
    assert outcomes["snapshots"] == Outcome.KEPT.value
    [kept] = details["kept"]
    assert ended_at is not None and kept["name"] == last.name
    until = (ended_at + timedelta(days=14)).replace(microsecond=0, tzinfo=None)
    assert kept["kept_until"] == f"{until.isoformat()}Z"
    with pytest.raises(Conflict, match="still kept"):
        delete_credential(desk.context, desk.credential_id, company_id=desk.provider.company_id or 0)

    desk.clock.pause(14 * DAY_S)
    desk.sweep()
    play_rounds(desk, 3)

    assert in_cloud(desk) == {} and rows_of(desk, SnapshotState.READY, SnapshotState.ENDING) == []


def test_with_no_days_after_the_end_they_go_with_their_desktop(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = backed_up(desk)
    want(desk, days_after_end=0)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    before = len(desk.calls("snapshots.get"))

    play_rounds(desk, 3)

    assert in_cloud(desk) == {}
    assert len(desk.calls("snapshots.get")) - before == 2  # one before the end, one as its proof
    with desk.sessions() as session:
        details = session.scalars(select(EndRecord)).one().details
    assert details["kept"] == []


def test_when_access_ends_one_more_is_taken_with_all_that_the_person_did(desk: Desk) -> None:
    set_grace(desk, 7)
    workspace_id = backed_up(desk)
    machine = desk.row(workspace_id).cloud_workspace_id or ""
    desk.sandbox.work_on(machine)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live(1200.0)

    play_rounds(desk)

    last = rows_of(desk, SnapshotState.READY)[-1]
    assert last.kind is SnapshotKind.LAST and in_cloud(desk)[last.name] == 1
    next_day(desk)
    assert len(rows_of(desk)) == 2, "nobody has worked on it since"


def test_a_desktop_that_stays_switched_off_is_not_copied_again(desk: Desk) -> None:
    workspace_id = backed_up(desk)
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    for _ in range(3):
        next_day(desk)

    assert len(rows_of(desk)) == 2, "one of while it ran, and none since"


def test_switched_off_none_are_taken(desk: Desk) -> None:
    grown(desk)
    want(desk, is_on=False)

    play_rounds(desk)

    assert rows_of(desk) == []


def test_many_desktops_are_done_some_at_a_time(desk: Desk) -> None:
    workspace_id = grown(desk)
    with desk.sessions.begin() as session:
        session.add_all(_busy(desk, desk.row(workspace_id), MOST_AT_ONCE))

    hurry(desk)

    assert desk.calls(TAKE) == []


def _busy(desk: Desk, row: Workspace, count: int) -> list[DiskSnapshot]:
    """That many are being taken, of another machine, and were just asked for."""
    now = desk.clock.now()
    return [
        DiskSnapshot(
            company_id=row.company_id,
            credential_id=row.credential_id,
            account_id=row.account_id,
            workspace_id=None,
            cloud_workspace_id=f"other{number}",
            claim="x/y/1",
            name=f"other{number}-s20261101",
            kind=SnapshotKind.DAILY,
            state=SnapshotState.INTENT,
            issued_at=now,
            sent_at=now,
        )
        for number in range(count)
    ]


def test_a_snapshot_that_is_locked_says_so_and_is_tried_again(desk: Desk) -> None:
    backed_up(desk)
    want(desk, is_on=False, daily=1, weekly=0)
    desk.sandbox.add_fault(
        "error", operation="snapshots.delete", code="ScopeLocked", message="Locked.", status=409, times=1
    )
    desk.clock.pause(2 * DAY_S)

    hurry(desk)

    [locked] = rows_of(desk)
    assert (locked.state, locked.error_code) == (SnapshotState.ENDING, "resource_locked")
    desk.clock.pause(BACK_S)
    play_rounds(desk, 3)
    assert in_cloud(desk) == {} and rows_of(desk, SnapshotState.GONE)


def test_taking_one_changes_nothing_that_somebody_may_be_changing(desk: Desk) -> None:
    workspace_id = grown(desk)
    before = (desk.row(workspace_id).version, desk.story(workspace_id))

    play_rounds(desk)

    assert (desk.row(workspace_id).version, desk.story(workspace_id)) == before


def test_a_desktop_that_azure_backup_keeps_is_left_to_it_until_it_is_no_more(desk: Desk) -> None:
    workspace_id = grown(desk)
    machine = desk.row(workspace_id).cloud_workspace_id or ""
    desk.sandbox.protect(machine, "vault-desktops")

    play_rounds(desk)

    assert rows_of(desk) == [] and desk.row(workspace_id).other_backup == "vault-desktops"
    asked = len(desk.calls("backupStatus.get"))
    play_rounds(desk)
    assert len(desk.calls("backupStatus.get")) == asked, "once a day"
    desk.sandbox.protect(machine, None)
    next_day(desk)
    assert desk.row(workspace_id).other_backup is None
    assert [one.state for one in rows_of(desk)] == [SnapshotState.READY]


def test_a_key_that_may_not_ask_about_azure_backup_takes_its_own(desk: Desk) -> None:
    workspace_id = grown(desk)
    desk.sandbox.protect(desk.row(workspace_id).cloud_workspace_id or "", "vault-desktops")
    desk.sandbox.deny(["Microsoft.RecoveryServices/locations/backupStatus/action"])

    play_rounds(desk)

    assert [one.state for one in rows_of(desk)] == [SnapshotState.READY]
