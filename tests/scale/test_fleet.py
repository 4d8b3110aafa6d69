"""A small fleet over several accounts, for some time of the clock: all are looked at, at a bounded cost."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, select

from tests.conftest import postgres_first
from tests.scale.fleet import OF_FLEET, Fleet, make_fleet
from tests.scale.fleet_cloud import BATCH
from tests.scale.settled import StandingClock
from webapp.database import make_engine
from webapp.domain.lifecycle import CloudState, Phase
from webapp.models import Workspace

pytestmark = postgres_first
ACCOUNTS, DESKTOPS, SWEEP_EVERY_S = 3, 90, 30.0
PAGES = -(-DESKTOPS // ACCOUNTS // BATCH)
"""Of a look, and of a list, in each account."""


@contextmanager
def fleet_at(url: str, *, restless: int) -> Iterator[Fleet]:
    database, clock = make_engine(url), StandingClock()
    try:
        yield make_fleet(database, url, clock, accounts=ACCOUNTS, desktops=DESKTOPS, restless=restless)
    finally:
        database.dispose()


def test_every_desktop_is_looked_at_in_time_and_none_is_made_twice(database_url: str) -> None:
    with fleet_at(database_url, restless=3) as fleet:
        fleet.live(minutes=60, sweep_every_s=SWEEP_EVERY_S)

        rest_s, poll_s = fleet.engine.rest.total_seconds(), fleet.engine.poll.total_seconds()
        now_s = fleet.clock.monotonic_s()
        assert len(fleet.cloud.seen_s) == DESKTOPS
        assert max(now_s - seen_s for seen_s in fleet.cloud.seen_s.values()) <= rest_s + SWEEP_EVERY_S
        # A press puts a look off for a poll at most.
        assert fleet.cloud.longest_unseen_s <= rest_s + poll_s + SWEEP_EVERY_S
        assert set(fleet.cloud.made.values()) == {1}
        with fleet.engine.sessions() as session:
            states = Counter(session.scalars(select(Workspace.cloud_state).where(OF_FLEET)))
            assert set(session.scalars(select(Workspace.phase).where(OF_FLEET))) == {Phase.READY}
        assert states == {CloudState.AVAILABLE: DESKTOPS - 1, CloudState.STOPPED: 1}


def test_a_settled_fleet_costs_one_write_a_batch_and_none_of_its_workspaces(database_url: str) -> None:
    said, rounds = Counter[str](), 4

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said[" ".join(statement.split()[:3])] += 1

    with fleet_at(database_url, restless=0) as fleet:
        event.listen(fleet.database, "before_cursor_execute", count)
        fleet.live(minutes=5 * rounds, sweep_every_s=SWEEP_EVERY_S)

        calls = fleet.cloud.calls
        assert calls["look"] + calls["page of a list"] <= (rounds + 2) * ACCOUNTS * PAGES
        assert said["UPDATE schedules SET"] == calls["look"] + calls["claims"]
        assert not said["UPDATE workspaces SET"] and not said["INSERT INTO events"]
