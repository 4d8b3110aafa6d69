"""Workers that die, or sleep for forty minutes, at each step of a restore on Azure: same end."""

import pytest

from tests.desk import Desk
from tests.engine.azure.restores import MAKE, disks, machine, restores, written
from tests.engine.azure.test_pool_crashes import Blow
from webapp.domain.disk_restores import LIMIT, RestoreState
from webapp.domain.lifecycle import Action, State

WAYS = ("crash", "overtaken", "asleep")
STEPS, SWAP = 5, 3
"""A disk, its mark, off, swap, start."""
PLACES = [
    ("snapshots_asked", 0),
    *((point, turn) for turn in range(STEPS) for point in ("restoring", "restored")),
    ("disk_ending", 0),
    ("disk_ended", 0),
]
CASES = [
    # Each place once, the ways in turn; the others are played with --whole.
    pytest.param(point, skipped, way, marks=() if (place + turn) % len(WAYS) == 0 else pytest.mark.campaign)
    for place, (point, skipped) in enumerate(PLACES)
    for turn, way in enumerate(WAYS)
]


class LateBlow(Blow):
    """Strikes after the point was passed so often."""

    skipped = 0

    def _pass(self, name: str) -> None:
        if not self.is_busy and self.skipped and self.left.get(name):
            self.skipped -= 1
            return
        super()._pass(name)


@pytest.mark.parametrize(("point", "skipped", "way"), CASES)
def test_a_restore_that_is_broken_at_a_place_ends_as_if_undisturbed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, skipped: int, way: str
) -> None:
    workspace_id = written(desk)
    promised_at = desk.row(workspace_id).system_snapshot_at
    desk.press(workspace_id, Action.RESTORE)
    blow = LateBlow(desk, {point: 1}, way)
    blow.skipped = skipped
    blow.strike(monkeypatch)

    blow.live(
        lambda: (
            desk.row(workspace_id).state is State.AVAILABLE
            and {one.state for one in restores(desk)} == {RestoreState.DONE}
        ),
        rounds=480,
    )

    row, name = desk.row(workspace_id), machine(desk, workspace_id)
    assert (blow.left, blow.skipped) == ({point: 0}, 0)
    assert disks(desk) == {f"{name}-r1": (0, name)}
    assert (row.error_code, row.returned_snapshot_at) == (None, promised_at)
    assert desk.story(workspace_id).count("restore_done") == 1
    assert len([one for one in desk.calls(MAKE) if one["outcome"] == "ok"]) == 1
    assert [one.state for one in restores(desk)] == [RestoreState.DONE]


def test_the_disk_from_before_goes_also_if_nobody_has_seen_the_desktop_off(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace_id = written(desk)
    desk.press(workspace_id, Action.RESTORE)
    blow = LateBlow(desk, {"restored": 1}, "crash")
    blow.skipped = SWAP
    blow.strike(monkeypatch)
    blow.live(lambda: blow.left == {"restored": 0})
    name = machine(desk, workspace_id)
    assert disks(desk)[f"{name}-r1"][1] == name

    desk.sandbox.set_power(name, "running")
    desk.sandbox.set_session_host(name, status="Available", heartbeat_age_s=None)
    desk.clock.pause(LIMIT.total_seconds())
    blow.live(lambda: desk.row(workspace_id).requested_action is None)

    assert desk.row(workspace_id).error_code == "action_timeout"
    blow.live(lambda: disks(desk) == {f"{name}-r1": (0, name)}, rounds=200)
