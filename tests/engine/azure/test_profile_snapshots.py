"""A profile says how many snapshots of its desktops' disks are kept, whatever the account's setting is."""

from sqlalchemy import update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.azure.snapshots import backed_up, grown, in_cloud, next_day, play_rounds, rows_of, want
from tests.services.test_profiles import change, make
from tests.windows import set_grace
from webapp.domain.disk_snapshots import SnapshotPolicy, SnapshotState
from webapp.domain.lifecycle import Action, State
from webapp.models import Profile, Workspace
from webapp.queries.disk_snapshots import policy_for

OFF = SnapshotPolicy(is_on=False)


def ordered_with(desk: Desk, workspace_id: int, policy: SnapshotPolicy | None) -> Profile:
    profile = make(desk, snapshots=policy)
    with desk.sessions.begin() as session:
        own = {"profile_id": profile.id, "profile_version": 1}
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(own))
    desk.notifier.notifications.clear()
    return profile


@both_databases
def test_none_are_taken_of_a_desktop_whose_profile_wants_none(desk: Desk) -> None:
    workspace_id = grown(desk)
    profile = ordered_with(desk, workspace_id, OFF)

    play_rounds(desk)
    before = rows_of(desk)
    change(desk, profile, snapshots=None)
    desk.notifier.notifications.clear()
    play_rounds(desk)

    assert before == []
    assert [one.state for one in rows_of(desk)] == [SnapshotState.READY]


def test_they_are_taken_where_the_account_takes_none(desk: Desk) -> None:
    workspace_id = grown(desk)
    ordered_with(desk, workspace_id, SnapshotPolicy(daily=2))
    want(desk, is_on=False)

    play_rounds(desk)

    assert [one.state for one in rows_of(desk)] == [SnapshotState.READY]
    with desk.sessions() as session:
        assert policy_for(session, desk.row(workspace_id)) == SnapshotPolicy(daily=2)


def test_a_profile_that_says_nothing_leaves_it_to_the_account(desk: Desk) -> None:
    workspace_id = grown(desk)
    ordered_with(desk, workspace_id, None)
    want(desk, is_on=False)

    play_rounds(desk)

    assert rows_of(desk) == []
    with desk.sessions() as session:
        assert policy_for(session, desk.row(workspace_id)) == OFF


def test_its_numbers_decide_which_ones_are_over(desk: Desk) -> None:
    workspace_id = backed_up(desk)
    ordered_with(desk, workspace_id, SnapshotPolicy(daily=1, weekly=0))

    next_day(desk)

    assert len(in_cloud(desk)) == 1


def test_its_days_after_the_end_hold_for_the_last_one(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = backed_up(desk)
    ordered_with(desk, workspace_id, SnapshotPolicy(days_after_end=0))
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    play_rounds(desk, 3)

    assert in_cloud(desk) == {}
