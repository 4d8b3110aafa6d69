"""The parts of the harness that may be wrong unnoticed: a check that never fails checks nothing."""

from collections.abc import Callable

import pytest

from tests.crash.harness import invariants, schedule
from tests.crash.harness.company import Company
from tests.crash.harness.faults import lowest_tokens
from tests.crash.harness.points import Blow
from tests.crash.harness.resumption import percentile
from tests.crash.harness.world import World

pytestmark = pytest.mark.crash


def machine(number: int, claim: str | None, *, user: str = "u1", gone_at: float | None = None) -> dict:
    return {
        "workspace_id": f"ws-{number}",
        "claim": claim,
        "directory_id": "d-1",
        "user_name": user,
        "gone_at": gone_at,
        "born_at": 1.0,
    }


def test_a_seed_always_draws_the_same_steps_and_another_seed_others() -> None:
    assert schedule.draw(7) == schedule.draw(7) != schedule.draw(8)


def test_every_step_that_can_be_drawn_can_be_performed() -> None:
    drawn = {step.split()[0] for seed in range(50) for step in schedule.draw(seed)}

    assert all(callable(getattr(schedule.Attack, f"do_{name}")) for name in drawn)
    assert {"order", "press", "delete", "blow", "kill", "fault", "wipe", "restart_database", "jump"} <= drawn


@pytest.mark.parametrize(
    "machines",
    [
        [machine(1, "i/row/1"), machine(2, "i/row/2", user="u2")],
        [machine(1, "i/row/1"), machine(2, "i/other/1")],
        [machine(1, "i/row/1", gone_at=5.0), machine(2, "i/row/1")],
    ],
    ids=["two of one row", "two in one slot", "two with one claim"],
)
def test_two_machines_are_found(machines: list[dict]) -> None:
    assert list(invariants.one_machine_each(machines))


def test_a_machine_that_followed_another_is_no_second_one() -> None:
    machines = [machine(1, "i/row/1", gone_at=5.0), machine(2, "i/row/2"), machine(3, None, user="stranger")]

    assert list(invariants.one_machine_each(machines)) == []


def test_calls_faster_than_the_cloud_allows_are_found() -> None:
    assert lowest_tokens([0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0]) == 0.0
    assert lowest_tokens([0.0] * 6) < 0


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile(list(range(1, 101)), 0.99) == 100
    assert percentile([], 0.99) == 0.0


def test_every_blow_has_a_name_without_a_dot() -> None:
    assert all("." not in blow for blow in Blow)  # the names of the files are split at dots


@pytest.mark.slow
def test_a_throttled_first_list_of_bundles_is_asked_for_again(make_world: Callable[..., World]) -> None:
    world = make_world(poll_interval_s=300)
    # The first call belongs to the credential test; with this seed the second one, the list, is throttled.
    world.cloud.add_fault("throttle", operation="DescribeWorkspaceBundles", times=1, probability=0.5, seed=1)
    company = Company(world)

    [credential_id] = company.add_credentials(1)

    assert company.is_usable(credential_id)
