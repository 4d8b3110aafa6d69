"""Random presses, faults, crashes and jumps of time; afterwards every request is fulfilled, by one machine.

A crash is an exception that nobody catches, and whose lease stays behind until it runs out.
"""

import random
from collections import Counter

import pytest

from tests.desk import Desk
from webapp.domain.errors import AppError
from webapp.domain.lifecycle import Action, Desired, Phase
from webapp.engine import leases
from webapp.engine.reconcile import reconcile

FAULTS = ["throttle", "http_500", "http_503", "drop_before", "drop_after", "truncated", "launch_error"]
POINTS = ["found", "intent", "created", "refused", "terminating", "terminated", "looked", "power", "powered"]
STEPS, ROWS = 40, 3


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.campaign) for seed in (2, 3))])
def test_whatever_happens_every_request_is_fulfilled_by_one_machine(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    desk.sandbox.set_settings(visibility_lag_s=rng.choice([0, 20, 240]), tag_lag_s=rng.choice([0, 45]))
    workspace_ids = [desk.order() for _ in range(ROWS)]
    for _ in range(STEPS):
        _step(desk, monkeypatch, rng, workspace_ids)
        _assert_one_machine_each(desk)

    desk.sandbox.clear_faults()
    desk.live(4 * 3600, step_s=300)

    _assert_one_machine_each(desk)
    _assert_requests(desk, workspace_ids)


def _step(desk: Desk, patch: pytest.MonkeyPatch, rng: random.Random, workspace_ids: list[int]) -> None:
    match rng.choice(["press", "fault", "time", "time", "crash", "lost notification"]):
        case "press":
            weighted = [*Action, Action.RETRY, Action.STOP, Action.START]
            _press(desk, rng.choice(workspace_ids), rng.choice(weighted))
        case "fault":
            desk.sandbox.add_fault(rng.choice(FAULTS), times=1)
        case "time":
            desk.clock.pause(rng.choice([1, 20, 35, 130, 700]))
            desk.sweep()
        case "crash":
            _crash(desk, patch, rng, workspace_ids)
        case _:
            desk.notifier.notifications.clear()


def _crash(desk: Desk, patch: pytest.MonkeyPatch, rng: random.Random, workspace_ids: list[int]) -> None:
    """A worker comes by; at one point somebody presses something, or the worker dies."""
    point, is_death = rng.choice(POINTS), rng.random() < 0.6
    action, workspace_id = rng.choice([*Action]), rng.choice(workspace_ids)

    def happen(name: str) -> None:
        if name == point:
            if is_death:
                raise Killed
            _press(desk, workspace_id, action)

    with patch.context() as dead:
        if is_death:
            dead.setattr(leases.Lease, "release", lambda _lease: None)
            dead.setattr("webapp.engine.reconcile.put_aside", lambda *_, **__: None)
        try:
            reconcile(desk.make_engine(crashpoint=happen), desk.credential_id)
        except Killed:
            return


def _press(desk: Desk, workspace_id: int, action: Action) -> None:
    try:
        desk.press(workspace_id, action)
    except AppError:
        return  # not possible now, and said so


def _assert_one_machine_each(desk: Desk) -> None:
    living = [one for one in desk.sandbox.journal() if one["gone_at"] is None]
    per_claim = Counter(one["claim"].rpartition("/")[0] for one in living)
    assert max(per_claim.values(), default=0) <= 1, per_claim


def _assert_requests(desk: Desk, workspace_ids: list[int]) -> None:
    living = {one["workspace_id"] for one in desk.sandbox.journal() if one["gone_at"] is None}
    rows = [desk.row(one) for one in workspace_ids]
    for row in rows:
        details = (row.desired, row.phase, row.requested_action, desk.story(row.id))
        if row.desired is Desired.ABSENT:
            assert row.phase is Phase.GONE, details
        else:
            assert row.phase in (Phase.READY, Phase.CREATE_FAILED), details
        assert row.requested_action is None, details
        assert (row.due_at is None) == (row.phase in (Phase.GONE, Phase.CREATE_FAILED)), details
    assert living == {row.cloud_workspace_id for row in rows if row.phase is Phase.READY}
