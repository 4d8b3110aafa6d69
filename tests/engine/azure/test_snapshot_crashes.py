"""Workers that die, or sleep for forty minutes, as they take or delete snapshots of disks: same end."""

import pytest

from tests.desk import Desk
from tests.engine.azure.snapshots import backed_up, grown, in_cloud, play_rounds, rows_of, want
from tests.engine.azure.test_pool_crashes import Blow
from tests.windows import set_grace
from webapp.domain.disk_snapshots import SnapshotState
from webapp.domain.lifecycle import Action, State

TAKE = "snapshots.createOrUpdate"
WAYS = ("crash", "overtaken", "asleep")
TAKING = ("snapshots_listed", "snapshot_intent", "snapshot_sent")
ENDING = ("snapshots_listed", "snapshot_ending", "snapshot_ended")


def cases(points: tuple[str, ...]) -> list[object]:
    """Each point once, the ways in turn; the others are played with --whole."""
    return [
        pytest.param(point, way, marks=() if (place + turn) % len(WAYS) == 0 else pytest.mark.campaign)
        for place, point in enumerate(points)
        for turn, way in enumerate(WAYS)
    ]


@pytest.mark.parametrize(("point", "way"), cases(TAKING))
def test_one_that_was_being_taken_is_taken_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, way: str
) -> None:
    grown(desk)
    blow = Blow(desk, {point: 1}, way)
    blow.strike(monkeypatch)

    blow.live(lambda: bool(rows_of(desk, SnapshotState.READY)))

    [snapshot] = rows_of(desk)
    assert blow.left == {point: 0}
    assert set(in_cloud(desk)) == {snapshot.name}
    assert len([one for one in desk.calls(TAKE) if one["outcome"] == "ok"]) == 1
    assert snapshot.error_code is None


@pytest.mark.parametrize(("point", "way"), cases(ENDING))
def test_one_that_was_being_deleted_is_gone_and_proven_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, way: str
) -> None:
    set_grace(desk, 0)
    workspace_id = backed_up(desk)
    want(desk, days_after_end=0)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    [before] = rows_of(desk)
    assert before.state in (SnapshotState.READY, SnapshotState.ENDING)
    blow = Blow(desk, {point: 1}, way)
    blow.strike(monkeypatch)

    blow.live(lambda: {one.state for one in rows_of(desk)} == {SnapshotState.GONE})

    assert blow.left == {point: 0}
    play_rounds(desk)
    assert in_cloud(desk) == {}
