"""What not every cloud can do: a driver has the capability, or people are refused with the reason."""

import inspect
import re

import pytest

from tests.contract.play import Play
from tests.contract.test_drivers import NOWHERE
from webapp.clouds import base
from webapp.clouds.base import CloudDriver, Hibernates, Moves, Rebuilds, Restores, SendsMessages, SignsOut
from webapp.clouds.billing import Bills, ReadsPrices
from webapp.clouds.connections import ReadsConnections
from webapp.clouds.disk_restores import RestoresDisks
from webapp.clouds.disk_snapshots import KeepsDiskSnapshots
from webapp.clouds.loads import ReadsLoads
from webapp.clouds.passwords import SetsPasswords
from webapp.clouds.people import ManagesPeople
from webapp.clouds.resizing import Resizes
from webapp.clouds.snapshots import ReadsSnapshots
from webapp.clouds.spares import MakesSpares
from webapp.clouds.suspension import SuspendsAccess
from webapp.clouds.system_images import CreatesSystemImages
from webapp.domain.actions import refusal
from webapp.domain.connections import ConnectionState
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.providers.registry import get_provider

CAPABILITIES = (
    Rebuilds,
    Restores,
    Moves,
    SignsOut,
    SendsMessages,
    Hibernates,
    Bills,
    ReadsPrices,
    ReadsConnections,
    ReadsLoads,
    ReadsSnapshots,
    KeepsDiskSnapshots,
    RestoresDisks,
    ManagesPeople,
    SetsPasswords,
    MakesSpares,
    SuspendsAccess,
    Resizes,
    CreatesSystemImages,
)


def _operations(protocol: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_")}


def test_the_contracts_table_names_every_operation() -> None:
    first_cells = re.findall(r"^\| ([^|]+) \|", base.__doc__ or "", re.MULTILINE)
    named = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}

    assert named == _operations(CloudDriver).union(*map(_operations, CAPABILITIES))


def test_a_change_of_size_is_offered_where_the_driver_can_do_it(play: Play) -> None:
    rules = get_provider(play.stage.cloud).desktops.resizes

    assert (play.driver.resizes is None) is (rules is None)


@pytest.mark.parametrize("action", [Action.REBUILD, Action.RESTORE])
def test_a_rebuild_or_restore_is_offered_where_the_driver_can_do_it_and_refused_with_the_reason_elsewhere(
    play: Play, action: Action
) -> None:
    reason = refusal(
        action,
        desired=Desired.PRESENT,
        phase=Phase.READY,
        cloud_state=CloudState.AVAILABLE,
        pending=None,
        has_failed=False,
        running_mode="AUTO_STOP",
        rules=get_provider(play.stage.cloud).desktops,
    )

    driver = play.driver
    capability = driver.rebuilds if action is Action.REBUILD else driver.restores or driver.disk_restores
    assert (capability is None) is (reason is not None)
    assert reason is None or reason.endswith(".")


@pytest.fixture
def rebuilds(play: Play) -> Rebuilds:
    if play.driver.rebuilds is None:
        pytest.skip("this cloud has no rebuild")
    return play.driver.rebuilds


def test_a_rebuild_comes_to_its_end_under_the_same_id_and_claim(play: Play, rebuilds: Rebuilds) -> None:
    order, machine_id = play.usable()

    assert rebuilds.rebuild(machine_id) is None

    seen = play.look(machine_id, order)
    assert seen is not None and seen.state is CloudState.MAINTENANCE
    play.until(machine_id, order, CloudState.AVAILABLE)
    assert play.driver.claim_of(machine_id) == order.claim


def test_a_rebuild_of_what_is_not_there_is_refused(rebuilds: Rebuilds) -> None:
    assert rebuilds.rebuild(NOWHERE) is not None


@pytest.fixture
def restores(play: Play) -> Restores:
    if play.driver.restores is None:
        pytest.skip("this cloud has no restore")
    return play.driver.restores


def test_a_restore_comes_to_its_end_under_the_same_id_and_claim(play: Play, restores: Restores) -> None:
    order, machine_id = play.usable()

    restores.restore(machine_id)

    seen = play.look(machine_id, order)
    assert seen is not None and seen.state is CloudState.MAINTENANCE
    play.until(machine_id, order, CloudState.AVAILABLE)
    assert play.driver.claim_of(machine_id) == order.claim


def test_a_restore_of_what_is_not_there_is_refused(restores: Restores) -> None:
    with pytest.raises(CloudError) as refused:
        restores.restore(NOWHERE)
    assert refused.value.failure.trouble is Trouble.ABSENT


@pytest.fixture
def connections(play: Play) -> ReadsConnections:
    if play.driver.connections is None:
        pytest.skip("this cloud does not say who is connected")
    return play.driver.connections


def test_nobody_is_connected_to_a_new_desktop_and_has_ever_been(
    play: Play, connections: ReadsConnections
) -> None:
    _, machine_id = play.usable()

    [seen] = connections.read_connections([machine_id]).values()

    assert (seen.state, seen.last_connected_at) == (ConnectionState.DISCONNECTED, None)


def test_who_connects_is_seen_with_the_time_and_who_leaves_too(
    play: Play, connections: ReadsConnections
) -> None:
    order, machine_id = play.usable()
    other_order, other = play.usable()

    play.stage.connect(machine_id, order.username)

    seen = connections.read_connections([machine_id, other])
    assert seen[machine_id].state is ConnectionState.CONNECTED
    began_at = seen[machine_id].last_connected_at
    assert began_at is not None and began_at.tzinfo is not None
    assert seen[other].state is ConnectionState.DISCONNECTED

    play.stage.disconnect(machine_id)

    assert connections.read_connections([machine_id])[machine_id].state is ConnectionState.DISCONNECTED


def test_nobody_is_connected_to_a_desktop_that_is_stopped(play: Play, connections: ReadsConnections) -> None:
    order, machine_id = play.usable()
    play.driver.act(Action.STOP, [machine_id])
    play.until(machine_id, order, CloudState.STOPPED)

    seen = connections.read_connections([machine_id])[machine_id]

    assert seen.state is not ConnectionState.CONNECTED


def test_a_full_read_of_connections_is_one_call_and_no_other_machine_is_in_it(
    play: Play, connections: ReadsConnections
) -> None:
    made = [play.make()[1] for _ in range(3)]
    before = len(play.gate.operations)

    seen = connections.read_connections(made[:2])

    assert len(play.gate.operations) - before == 1
    assert set(seen) <= set(made[:2])


def test_who_may_not_see_connections_is_refused(play: Play, connections: ReadsConnections) -> None:
    _, machine_id = play.usable()
    play.stage.deny_connections()

    with pytest.raises(CloudError) as refused:
        connections.read_connections([machine_id])

    assert refused.value.failure.code == "access_denied"


def test_a_stop_is_said_where_the_driver_shows_messages(play: Play) -> None:
    rules = get_provider(play.stage.cloud).desktops

    assert (play.driver.messages is not None) is rules.shows_messages
