"""The engine in the simulator: a part of what `python -m tests.simulator` plays by the thousand."""

from functools import partial

import pytest

from tests.simulator import campaign, schedule
from tests.simulator.aims import AIMS, ANYWHERE
from tests.simulator.contract_defences import OF_CONTRACTS
from tests.simulator.database import Database
from tests.simulator.defences import DEFENCES, ON_AZURE
from tests.simulator.readiness.defences import OF_READINESS
from tests.simulator.readiness.play import READY_AIMS
from tests.simulator.restores import play as restores
from tests.simulator.restores.defences import OF_RESTORES
from tests.simulator.restores.play import BACK_AIMS

MIXED = 5
"""The same, where both clouds are played: each costs as much as ten of the others."""
SCHEDULES = 15
"""In each of the slices, so that they spread over the cores."""
SLICES = [
    pytest.param(first, marks=() if first < SCHEDULES else pytest.mark.campaign)
    for first in range(0, 8 * SCHEDULES, SCHEDULES)
]

QUICK = ("access-rule", "contract-grace", "pool-count", "one-change", "same-promise", "snapshot-intent")
"""Of the defences of contracts, readiness and restores, those whose loss the first schedules notice."""
FURTHER = OF_CONTRACTS.keys() | OF_READINESS.keys() | OF_RESTORES.keys()
SEARCHES = [
    pytest.param(one, marks=() if one in QUICK or one not in FURTHER else pytest.mark.campaign)
    for one in DEFENCES
]

BEGIN_AT = {
    "absence-rule": 7,
    "duty-fence": 2,
    "lease": 2,
    "look-at-the-name": 2,
    "safe-cancel": 7,
    "send-guard": 4,
    "single-attempt": 7,
    "status-decides": 1,
}
"""When the search was measured, no seed before this one broke a rule; from here it goes on as from 0."""


@pytest.mark.parametrize("first", SLICES)
def test_the_rules_hold_at_every_moment_of_every_schedule(first: int) -> None:
    report = campaign.play(first, SCHEDULES)

    assert report.first is None, campaign.replay(report.first)
    assert report.counts["kills"] > SCHEDULES
    assert report.counts["pauses"] > SCHEDULES
    assert report.counts["answers lost"] > 0


@pytest.mark.parametrize("first", [4 * MIXED, pytest.param(5 * MIXED, marks=pytest.mark.campaign)])
def test_the_rules_hold_on_both_clouds_at_once(first: int) -> None:
    report = campaign.play(first, MIXED, is_mixed=True)

    assert report.first is None, campaign.replay(report.first)
    assert report.counts["Azure: deployments"] > 0


@pytest.mark.parametrize(
    ("first", "is_mixed"),
    [
        (0, False),
        (500, True),
        *(pytest.param(at, False, marks=pytest.mark.campaign) for at in (100, 200, 300)),
    ],
)
def test_the_rules_hold_with_windows_suspensions_undos_and_directories(first: int, is_mixed: bool) -> None:
    count = 1 if is_mixed else SCHEDULES // 3
    report = campaign.play(first, count, is_mixed=is_mixed, has_contracts=True)

    assert report.first is None, campaign.replay(report.first)
    assert report.counts["contracts changed"] > count
    assert report.counts["directory calls"] > 0
    assert report.counts["kills"] > 0


@pytest.mark.parametrize("first", [0, *(pytest.param(at, marks=pytest.mark.campaign) for at in (100, 200))])
def test_the_rules_hold_with_pools_hours_changes_of_size_and_moves(first: int) -> None:
    count = 2 if first == 0 else SCHEDULES
    report = campaign.play(first, count, is_ready=True)

    assert report.first is None, campaign.replay(report.first)
    assert report.counts["things changed"] > count
    assert report.counts["connections"] > 0
    assert report.counts["kills"] > 0


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(at, marks=pytest.mark.campaign) for at in (100, 200, 300))]
)
def test_the_rules_hold_with_backups_restores_and_files_that_come_back(first: int) -> None:
    count = 2 * SCHEDULES // 3 if first == 0 else 2 * SCHEDULES
    report = campaign.play(first, count, has_restores=True)

    assert report.first is None, campaign.replay(report.first)
    assert report.counts["restores done"] > 0
    assert report.counts["snapshots taken"] > 0
    assert report.counts["kills"] > 0


def test_a_seed_of_restores_replays_exactly() -> None:
    database = Database(is_ready=True)

    once, again = (restores.run(3, database, attempts=1) for _ in range(2))

    assert (once.trace, once.counts) == (again.trace, again.counts)


@pytest.mark.parametrize(("is_mixed", "is_ready"), [(False, False), (True, False), (False, True)])
def test_a_seed_replays_exactly(is_mixed: bool, is_ready: bool) -> None:
    database = Database(is_mixed=is_mixed, is_ready=is_ready)

    once, again = (schedule.run(7, database, attempts=1, is_ready=is_ready) for _ in range(2))

    assert once.trace == again.trace
    assert once.counts == again.counts


@pytest.mark.timeout(400)  # a search
@pytest.mark.parametrize("defence", SEARCHES)
def test_the_loss_of_a_defence_is_noticed(defence: str) -> None:
    aims = AIMS | READY_AIMS | BACK_AIMS
    aim, is_mixed, has_contracts = aims.get(defence, ANYWHERE), defence in ON_AZURE, defence in OF_CONTRACTS
    play = partial(
        campaign.play,
        is_mixed=is_mixed,
        aim=aim,
        has_contracts=has_contracts,
        is_ready=defence in OF_READINESS,
        has_restores=defence in OF_RESTORES,
    )
    lost = play(BEGIN_AT.get(defence, 0), 2_000, defence=defence, stops_at_first=True)

    assert lost.first is not None, f"{lost.schedules} schedules without {defence} broke no rule"
    kept = play(lost.first.seed, 1)
    assert kept.first is None, campaign.replay(kept.first)
