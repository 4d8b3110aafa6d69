"""Workers that die, or sleep for forty minutes, at each step of files that come back on Azure: same end."""

import pytest

from tests.desk import Desk
from tests.engine.azure.restores import MAKE, disks, machine, written
from tests.engine.azure.returns import asked, ended, play, returned, returns
from tests.engine.azure.test_restore_crashes import WAYS, LateBlow
from webapp.domain.file_returns import ReturnState
from webapp.domain.lifecycle import State

PLACES = [
    *(("files_looked_at", turn) for turn in range(4)),
    # A disk, its attaching, the copy.
    *((point, turn) for turn in range(3) for point in ("files_moving", "files_moved")),
    # Detaching the disk, deleting it.
    *((point, turn) for turn in range(2) for point in ("files_disk_ending", "files_disk_ended")),
]
SAMPLE = {
    ("files_looked_at", 2, "crash"),
    ("files_moving", 1, "overtaken"),
    ("files_moved", 2, "asleep"),
    ("files_disk_ending", 0, "crash"),
    ("files_disk_ended", 1, "overtaken"),
}
"""Each point once, each way; all 42 are played with --whole."""
CASES = [
    pytest.param(*case, marks=() if case in SAMPLE else pytest.mark.campaign)
    for case in ((point, skipped, way) for point, skipped in PLACES for way in WAYS)
]


@pytest.mark.parametrize(("point", "skipped", "way"), CASES)
def test_a_return_that_is_broken_at_a_place_ends_as_if_undisturbed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, skipped: int, way: str
) -> None:
    former = ended(desk, written(desk))
    workspace_id = asked(desk, former)
    desk.live_until(workspace_id, State.AVAILABLE)
    blow = LateBlow(desk, {point: 1}, way)
    blow.skipped = skipped
    blow.strike(monkeypatch)

    blow.live(lambda: {one.state for one in returns(desk)} == {ReturnState.DONE}, rounds=480)

    name = machine(desk, workspace_id)
    assert (blow.left, blow.skipped) == ({point: 0}, 0)
    assert returned(desk, workspace_id) == [0]
    assert list(disks(desk)) == [f"{name}-os"]
    assert len([one for one in desk.calls(MAKE) if one["outcome"] == "ok"]) == 1
    assert desk.story(workspace_id).count("files_back") == 1
    play(desk, 1)
