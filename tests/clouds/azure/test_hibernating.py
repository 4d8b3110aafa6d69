"""Hibernation: which machines are made for it, and what is sent to one."""

from collections.abc import Callable

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.contract.play import TODAY, OpenGate
from webapp.clouds.azure_avd.bundles import HIBERNATES, Offer, can_hibernate
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.azure_avd.names import vm_name
from webapp.clouds.azure_avd.tables import BUNDLES
from webapp.clouds.base import Order
from webapp.domain.errors import CloudError
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import MachineRef
from webapp.domain.resizes import Resize, ResizeKind

Enter = Callable[..., AzureAvd]
SEND = "virtualMachines.deallocate"


@pytest.fixture
def made(azure_stage: AzureStage, order: Callable[..., Order]) -> Callable[[AzureAvd], str]:
    """A running machine that this driver has made; its name."""

    def make(driver: AzureAvd) -> str:
        one = order()
        assert driver.create([one]).refused == {}
        azure_stage.control.advance(1800)
        return vm_name(one.claim)

    return make


def seen(driver: AzureAvd, name: str) -> str:
    [found] = driver.look([MachineRef(name, was_usable=True)]).values()
    return found.word


def test_an_account_that_says_nothing_hibernates_nothing_and_asks_for_no_sizes(
    driver: AzureAvd, made: Callable[[AzureAvd], str], enter: Enter, gate: OpenGate
) -> None:
    name = made(driver)

    assert driver.hibernates is None
    assert "resourceSkus.list" not in gate.operations
    later = enter(hibernation="on").hibernates
    assert later is not None and later.hibernate(name) is False
    assert SEND not in gate.operations


def test_a_machine_is_hibernated_once_and_is_not_shown_as_one_that_is_off(
    enter: Enter, made: Callable[[AzureAvd], str], azure_stage: AzureStage, gate: OpenGate
) -> None:
    driver = enter(hibernation="on")
    name, hibernates = made(driver), driver.hibernates
    assert hibernates is not None

    answers = [hibernates.hibernate(name)]
    answers.append(hibernates.hibernate(name))
    azure_stage.control.advance(120)
    answers.append(hibernates.hibernate(name))

    assert answers == [True] * 3
    assert gate.operations.count(SEND) == 1, "another one would be refused"
    assert seen(driver, name) == "Hibernated"
    kept = Resize(ResizeKind.SIZE, "Standard_D2s_v5")
    refused = driver.resizes.resize(MachineRef(name, state=CloudState.STOPPED), kept)
    assert refused is not None and refused.code == "size_while_hibernated"
    driver.act(Action.START, [name])
    azure_stage.control.advance(300)
    assert seen(driver, name) != "Hibernated"


def test_a_refusal_is_raised(enter: Enter, made: Callable[[AzureAvd], str], azure_stage: AzureStage) -> None:
    driver = enter(hibernation="on")
    name, hibernates = made(driver), driver.hibernates
    azure_stage.control.add_fault(
        "error", operation=SEND, code="VMHibernateFailed", message="No.", status=409
    )

    with pytest.raises(CloudError) as raised:
        assert hibernates is not None
        hibernates.hibernate(name)

    assert raised.value.failure.code == "hibernation_failed"


def test_a_size_can_if_the_catalogue_says_so_and_its_memory_fits() -> None:
    size = BUNDLES["az-standard"]

    def offer(*, can: bool, memory_gib: int = 16) -> dict[str, Offer]:
        return {size.vm_size: Offer(4, memory_gib, size.family, is_blocked=False, can_hibernate=can)}

    assert can_hibernate(size, offer(can=True))
    assert not can_hibernate(size, offer(can=True, memory_gib=128))
    assert not can_hibernate(size, offer(can=False))
    assert not can_hibernate(size, {})
    assert can_hibernate(size, None), "as documented"


def test_the_sizes_say_it(enter: Enter, driver: AzureAvd) -> None:
    kept = {
        one.bundle_id
        for one in enter(hibernation="on").list_bundles(today=TODAY)
        if HIBERNATES in one.description
    }

    assert kept == set(BUNDLES)
    assert not any(HIBERNATES in one.description for one in driver.list_bundles(today=TODAY))
