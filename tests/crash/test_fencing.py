"""A worker that is stopped past its lease and wakes up writes nothing and sends nothing: real processes."""

import sys
import time
from collections.abc import Callable

import pytest

from tests.crash.harness.company import Company
from tests.crash.harness.points import Blow, Taken
from tests.crash.harness.processes import is_alive
from tests.crash.harness.world import World
from webapp.domain.lifecycle import Action, Phase, State

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes through /proc"),
    pytest.mark.parametrize(
        "database",
        [
            pytest.param("sqlite", marks=pytest.mark.campaign),
            pytest.param("postgresql", marks=pytest.mark.postgres),
        ],
    ),
]

WRITES = ("CreateWorkspaces", "StartWorkspaces", "StopWorkspaces", "RebootWorkspaces", "TerminateWorkspaces")
WAKES_WITHIN_S = 30.0


def test_a_worker_that_slept_past_its_lease_changes_nothing(
    make_world: Callable[..., World], database: str
) -> None:
    world = make_world(database=database, poll_interval_s=120)
    company = Company(world)
    [credential_id] = company.add_credentials(1)

    for point in ("found", "intent", "created"):
        sleeper = world.lay(point, Blow.STOP)
        workspace_id = company.order(credential_id) or 0  # the last of the rows
        _sleep_and_wake(world, sleeper, lambda: world.rows()[-1].cloud_workspace_id is not None)
    world.live_until(lambda: all(row.phase is Phase.READY for row in world.rows()))

    for point, action, state in (
        ("looked", Action.STOP, State.STOPPED),
        ("power", Action.START, State.AVAILABLE),
        ("powered", Action.STOP, State.STOPPED),
        ("terminating", Action.TERMINATE, State.TERMINATED),
    ):
        sleeper = world.lay(point, Blow.STOP)
        assert company.press(workspace_id, action)
        _sleep_and_wake(world, sleeper, lambda wanted=state: world.rows()[-1].state is wanted)

    assert len(world.cloud.journal()) == 3
    assert sum(int(call["accepted"]) for call in world.ledger(operation="CreateWorkspaces")) == 3


def _sleep_and_wake(world: World, number: int, is_done_by_another: Callable[[], bool]) -> None:
    """One worker sleeps, another finishes its work; the sleeper wakes, alone, and must do nothing."""
    sleeper = world.wait_taken(number)
    world.live_until(is_done_by_another, what=f"the work that was stopped at {sleeper.point}")
    assert world.now_s() - sleeper.at_s >= world.settings.lease_s - 15, "the lease was not waited for"
    world.workers.freeze()
    before, calls = world.snapshot(), len(_writes(world))

    world.workers.resume(sleeper.horse_pid)
    _wait_for_end(sleeper)

    assert world.snapshot() == before, f"the sleeper at {sleeper.point} wrote"
    assert len(_writes(world)) == calls, f"the sleeper at {sleeper.point} sent"
    world.workers.resume_all()
    world.workers.restart_dead()


def _wait_for_end(sleeper: Taken) -> None:
    give_up_at = time.monotonic() + WAKES_WITHIN_S
    while is_alive(sleeper.horse_pid):
        assert time.monotonic() < give_up_at, f"the sleeper at {sleeper.point} goes on"
        time.sleep(0.02)


def _writes(world: World) -> list[dict[str, object]]:
    return [call for call in world.ledger() if call["operation"] in WRITES]
