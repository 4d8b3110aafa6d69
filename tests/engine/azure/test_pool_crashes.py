"""Workers that die, or sleep for forty minutes, as they keep a pool or give its desktops away: same end."""

import logging
from collections import Counter
from collections.abc import Callable

import pytest

from tests.desk import Desk
from tests.engine.azure.pools import (
    assigned,
    births,
    desktops_of,
    live_until_ready,
    living_machines,
    states_of,
    want,
)
from tests.engine.azure.test_flow import deployments, kinds
from webapp.domain.lifecycle import Phase, State
from webapp.domain.pools import PoolState
from webapp.engine import leases, rows
from webapp.engine import reconcile as reconciling

FILLING = ("pool_looked", "pool_intent", "pool_made", "pool_recorded", "pool_acting", "pool_acted")
EMPTYING = ("pool_acting", "pool_acted", "pool_looked")
GIVING = ("pool_giving", "pool_given", "looked", "follow_up", "follow_ups_done")
WAYS = ("crash", "overtaken", "asleep")
CASES = [
    # Each point once, the ways in turn; the others are played with --whole.
    pytest.param(act, point, way, marks=() if (place + turn) % len(WAYS) == 0 else pytest.mark.campaign)
    for place, (act, point) in enumerate(
        (act, point)
        for act, points in (("fill", FILLING), ("empty", EMPTYING), ("give", GIVING))
        for point in points
    )
    for turn, way in enumerate(WAYS)
]
NAP_S, STEP_S = 2400.0, 60.0
PERSON = "sam@example.com"


class Killed(BaseException):
    """The worker is gone."""


class Blow:
    """What happens to the first worker that reaches the point, as often as said."""

    def __init__(self, desk: Desk, points: dict[str, int], way: str = "crash") -> None:
        self.desk, self.left, self.way = desk, dict(points), way
        self.is_dying = self.is_busy = False

    def strike(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on; a worker that dies leaves its lease behind."""
        release, aside = leases.Lease.release, rows.put_aside
        monkeypatch.setattr(leases.Lease, "release", self._spare(release))
        monkeypatch.setattr(reconciling, "put_aside", self._spare(aside))
        self.desk.engine = self.desk.make_engine(crashpoint=self._pass)

    def sweep(self) -> None:
        try:
            self.desk.sweep()
        except Killed:
            self.is_dying = False

    def live(self, is_over: Callable[[], bool], *, rounds: int = 240) -> None:
        for _ in range(rounds):
            self.sweep()
            if is_over():
                return
            self.desk.clock.pause(STEP_S)
        raise AssertionError(states_of(self.desk))

    def _spare(self, work):  # type: ignore[no-untyped-def]
        return lambda *given, **named: None if self.is_dying else work(*given, **named)

    def _pass(self, name: str) -> None:
        if self.is_busy or not self.left.get(name):
            return
        self.left[name] -= 1
        if self.way == "crash":
            self.is_dying = True
            raise Killed
        self.is_busy = True
        seconds = self.desk.settings.lease_s + 1 if self.way == "overtaken" else NAP_S
        while seconds > 0:
            self.desk.clock.pause(min(STEP_S + 1, seconds))
            self.desk.sweep()
            seconds -= STEP_S + 1
        self.is_busy = False


def waiting(desk: Desk) -> int:
    """How many are ready and switched off."""
    return sum(one.cloud_word == "Deallocated" for one in desktops_of(desk, PoolState.READY))


@pytest.mark.parametrize(("act", "point", "way"), CASES)
def test_a_pool_that_is_broken_at_a_point_ends_as_if_undisturbed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, act: str, point: str, way: str
) -> None:
    blow, workspace_id = Blow(desk, {point: 1}, way), 0
    if act != "fill":
        want(desk, 1)
        live_until_ready(desk, 1)
    blow.strike(monkeypatch)

    if act == "give":
        workspace_id = desk.order(username=PERSON)
        blow.live(lambda: desk.row(workspace_id).phase is Phase.READY and waiting(desk) == 1)
    elif act == "empty":
        want(desk, 0)
        blow.live(lambda: not living_machines(desk) and set(states_of(desk)) == {PoolState.GONE})
    else:
        want(desk, 1)
        blow.live(lambda: waiting(desk) == 1)

    assert blow.left == {point: 0}
    assert len(births(desk)) == (2 if act == "give" else 1)
    assert all(one.error_code is None for one in desktops_of(desk))
    if act == "give":
        row = desk.row(workspace_id)
        assert (row.state, row.error_code) == (State.AVAILABLE, None), desk.story(workspace_id)
        assert assigned(desk) == {row.cloud_workspace_id: PERSON}
        assert states_of(desk) == {PoolState.CLAIMED: 1, PoolState.READY: 1}
    elif act == "empty":
        assert kinds(desk) == Counter() and deployments(desk) == []
    else:
        assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1, "host": 1} and assigned(desk) == {}


@pytest.mark.parametrize("way", ["overtaken", "asleep"])
def test_a_worker_that_was_overtaken_before_it_gives_gives_no_second_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    want(desk, 2)
    live_until_ready(desk, 2)
    blow = Blow(desk, {"pool_choosing": 1}, way)
    blow.strike(monkeypatch)

    workspace_id = desk.order(username=PERSON)
    blow.live(lambda: desk.row(workspace_id).phase is Phase.READY and waiting(desk) == 2)

    assert blow.left == {"pool_choosing": 0}
    assert [one.workspace_id for one in desktops_of(desk, PoolState.CLAIMED)] == [workspace_id]
    assert [one.message for one in caplog.records if one.levelno >= logging.ERROR] == []
    assert "put_aside" not in desk.story(workspace_id)


def test_of_100_orders_at_once_10_get_one_each_of_a_pool_of_10_though_workers_die(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And 90 are made: none twice, none lost."""
    want(desk, 10)
    live_until_ready(desk, 10)
    pool = {one.cloud_workspace_id for one in desktops_of(desk)}
    want(desk, 0, 10)  # filled again by demand alone, of which the rule knows none that lasts
    orders = [desk.order() for _ in range(100)]
    blow = Blow(desk, {"pool_giving": 1, "pool_given": 1, "created": 1})
    blow.strike(monkeypatch)

    blow.live(lambda: all(desk.row(one).cloud_workspace_id for one in orders))

    rows_ = [desk.row(one) for one in orders]
    machines = Counter(one.cloud_workspace_id for one in rows_)
    given = desktops_of(desk, PoolState.CLAIMED)
    assert set(blow.left.values()) == {0}
    assert set(machines.values()) == {1}
    assert {one.cloud_workspace_id for one in given} == pool & set(machines) == pool
    assert len({one.workspace_id for one in given}) == 10
    assert all(one.phase in (Phase.CREATING, Phase.READY) and one.error_code is None for one in rows_)
    sent = [one for one in orders if "given_from_pool" not in desk.story(one)]
    assert len(sent) == 90
