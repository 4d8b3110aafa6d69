"""What the engine believes of every cloud that can keep a person out (`webapp/clouds/suspension.py`)."""

from dataclasses import replace

import pytest

from tests.contract.play import Play
from webapp.clouds.suspension import SuspendsAccess
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import MachineRef


@pytest.fixture
def suspends(play: Play) -> SuspendsAccess:
    if play.driver.suspends is None:
        pytest.skip("only the person's user keeps them out")
    return play.driver.suspends


def look(play: Play, kept: MachineRef) -> MachineRef:
    """The same with the state in which it is seen now, as the engine asks."""
    return replace(kept, state=play.driver.look([kept])[kept.cloud_workspace_id].state)


def test_a_suspended_desktop_needs_nothing_more(play: Play, suspends: SuspendsAccess) -> None:
    order, machine_id = play.usable()
    kept = MachineRef(machine_id, order.username, was_usable=True, is_suspended=True)

    for _ in range(2):
        suspends.suspend(look(play, kept))

    seen = play.driver.look([kept])[machine_id]
    assert (seen.state is CloudState.AVAILABLE) is suspends.leaves_running(kept)
    assert seen.follow_ups == ()
    assert seen.username == order.username
    assert play.driver.claim_of(machine_id) == order.claim


def test_a_suspended_desktop_is_stopped_and_started_without_its_person_coming_back(
    play: Play, suspends: SuspendsAccess
) -> None:
    order, machine_id = play.usable()
    kept = MachineRef(machine_id, order.username, was_usable=True, is_suspended=True)
    suspends.suspend(kept)  # its state is not known: nobody stops it here

    for action, state in ((Action.STOP, CloudState.STOPPED), (Action.START, CloudState.AVAILABLE)):
        assert play.driver.act(action, [machine_id]).refused == {}
        for _ in range(30):
            play.stage.control.advance(60)
            seen = play.driver.look([kept])[machine_id]
            assert seen.follow_ups == ()
            if seen.state is state:
                break
        assert seen.state is state


def test_a_suspended_desktop_is_given_back_to_its_person(play: Play, suspends: SuspendsAccess) -> None:
    order, machine_id = play.usable()
    kept = MachineRef(machine_id, order.username, was_usable=True)
    suspends.suspend(kept)

    for _ in range(2):
        suspends.resume(kept)

    seen = play.look(machine_id, order)
    assert seen is not None
    assert (seen.state, seen.follow_ups, seen.username) == (CloudState.AVAILABLE, (), order.username)


def test_what_was_suspended_a_moment_ago_is_given_back_though_a_look_did_not_show_it_yet(
    play: Play, suspends: SuspendsAccess
) -> None:
    order, machine_id = play.usable()
    as_seen = MachineRef(
        machine_id, order.username, was_usable=True, state=CloudState.AVAILABLE, running_mode="ALWAYS_ON"
    )
    suspends.suspend(as_seen)

    suspends.resume(as_seen)

    seen = play.look(machine_id, order)
    assert seen is not None
    assert (seen.state, seen.follow_ups) == (CloudState.AVAILABLE, ())


def test_a_suspended_desktop_can_be_ended(play: Play, suspends: SuspendsAccess) -> None:
    order, machine_id = play.usable()
    suspends.suspend(MachineRef(machine_id, order.username, was_usable=True))

    play.end(machine_id, order)

    assert machine_id not in play.living()
