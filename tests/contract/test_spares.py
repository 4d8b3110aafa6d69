"""Machines for nobody in particular: what a warm pool needs of a cloud that makes them."""

from dataclasses import replace

import pytest

from tests.contract.play import Play
from webapp.clouds.base import Order
from webapp.clouds.spares import MakesSpares
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import MachineRef
from webapp.providers.registry import get_provider

HOUR_S = 3600.0


@pytest.fixture
def spares(play: Play) -> MakesSpares:
    if play.driver.spares is None:
        pytest.skip("this cloud makes no machine for nobody")
    return play.driver.spares


def make(play: Play, spares: MakesSpares) -> tuple[Order, str]:
    """One that can be used by nobody yet, and its order; nothing is left to do for it."""
    order = replace(play.order(), username="")
    created = spares.make_spares([order])
    machine_id = created.accepted[order.claim].cloud_workspace_id
    play.until(machine_id, order, CloudState.AVAILABLE, was_usable=False)
    seen = play.look(machine_id, order, was_usable=False)
    assert seen is not None
    assert play.driver.do_follow_ups(MachineRef(machine_id), seen.follow_ups) is None
    play.stage.control.advance(60.0)
    return order, machine_id


def test_a_pool_is_offered_where_the_driver_makes_spares(play: Play) -> None:
    rules = get_provider(play.stage.cloud).desktops

    assert (play.driver.spares is not None) is rules.makes_spares


def test_a_spare_comes_up_under_the_id_that_was_known_before_with_our_claim_and_nobody_in_it(
    play: Play, spares: MakesSpares
) -> None:
    order, machine_id = make(play, spares)

    seen = play.look(machine_id, order)
    assert machine_id == spares.machine_id_of(order.claim)
    assert play.driver.claim_of(machine_id) == order.claim
    assert seen is not None and (seen.username, seen.was_in_use) == ("", False)


@pytest.mark.parametrize("waits_h", [0, 5])
def test_a_spare_that_waited_switched_off_is_started_and_given_to_its_person(
    play: Play, spares: MakesSpares, waits_h: int
) -> None:
    """As a new machine of theirs, although it was made long ago."""
    order, machine_id = make(play, spares)
    play.driver.act(Action.STOP, [machine_id])
    play.until(machine_id, order, CloudState.STOPPED)
    play.stage.control.advance(waits_h * HOUR_S)
    owned = replace(order, username=play.stage.username(99))

    passed = _until_given(play, machine_id, owned)

    seen = play.look(machine_id, owned)
    assert passed == {CloudState.PENDING, CloudState.AVAILABLE}
    assert seen is not None and (seen.username, seen.was_in_use) == (owned.username, True)


def _until_given(play: Play, machine_id: str, order: Order) -> set[CloudState]:
    """Look as the engine does, which knows since when it is pending."""
    passed: set[CloudState] = set()
    for step in range(60):
        known = MachineRef(machine_id, order.username, state=CloudState.PENDING, state_s=step * 60.0)
        seen = play.driver.look([known])[machine_id]
        passed.add(seen.state)
        if seen.state is CloudState.AVAILABLE:
            return passed
        if seen.follow_ups:
            assert play.driver.do_follow_ups(known, seen.follow_ups) is None
        play.stage.control.advance(60.0)
    raise AssertionError(f"nobody has it: {passed}")
