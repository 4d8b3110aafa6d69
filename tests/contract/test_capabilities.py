"""What not every cloud can do: a driver has the capability, or people are refused with the reason."""

import inspect
import re

import pytest

from tests.contract.play import Play
from tests.contract.test_drivers import NOWHERE
from webapp.clouds import base
from webapp.clouds.base import CloudDriver, Rebuilds, SignsOut
from webapp.clouds.billing import Bills, ReadsPrices
from webapp.clouds.people import ManagesPeople
from webapp.clouds.suspension import SuspendsAccess
from webapp.domain.actions import refusal
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.providers.registry import get_provider

CAPABILITIES = (Rebuilds, SignsOut, Bills, ReadsPrices, ManagesPeople, SuspendsAccess)


def _operations(protocol: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_")}


def test_the_contracts_table_names_every_operation() -> None:
    named = set(re.findall(r"^\| `(\w+)`", base.__doc__ or "", re.MULTILINE))

    assert named == _operations(CloudDriver).union(*map(_operations, CAPABILITIES))


def test_a_rebuild_is_offered_where_the_driver_can_do_it_and_refused_with_the_reason_elsewhere(
    play: Play,
) -> None:
    reason = refusal(
        Action.REBUILD,
        desired=Desired.PRESENT,
        phase=Phase.READY,
        cloud_state=CloudState.AVAILABLE,
        pending=None,
        has_failed=False,
        running_mode="AUTO_STOP",
        rules=get_provider(play.stage.cloud).desktops,
    )

    assert (play.driver.rebuilds is None) is (reason is not None)
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
