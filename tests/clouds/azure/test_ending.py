"""What the driver of Azure may end, and that it ends all of it."""

from collections.abc import Callable

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.contract.play import OpenGate
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.azure_avd.names import vm_name
from webapp.clouds.base import Order
from webapp.domain.lifecycle import Action
from webapp.domain.observation import MachineRef

CLAIM = "install/row1/1"
NAME = vm_name(CLAIM)
OURS = {"berth-claim": CLAIM, "berth-pool": "hp-berth-demo", "berth-user": "person.1@example.com"}


def living(stage: AzureStage) -> list[tuple[str, str]]:
    return [(one["kind"], one["name"]) for one in stage.control.journal() if one["gone_at"] is None]


@pytest.mark.parametrize("tags", [{}, {"cost": "4711"}], ids=["bare", "tagged"])
def test_a_foreign_machine_under_our_name_is_not_ended(
    driver: AzureAvd, azure_stage: AzureStage, tags: dict[str, str]
) -> None:
    azure_stage.control.make_machine(NAME, username="boss@example.com", tags=tags)
    before = living(azure_stage)

    refused = driver.act(Action.TERMINATE, [NAME]).refused

    azure_stage.control.advance(600)
    assert refused[NAME].code == "not_ours"
    assert living(azure_stage) == before


def test_the_record_of_our_deployment_does_not_speak_for_a_foreign_machine(
    driver: AzureAvd, azure_stage: AzureStage, order: Callable[..., Order]
) -> None:
    driver.create([order()])
    azure_stage.control.advance(3600)
    azure_stage.control.delete_by_hand(NAME)
    azure_stage.control.make_machine(NAME)

    refused = driver.act(Action.TERMINATE, [NAME]).refused

    assert refused[NAME].code == "not_ours"
    assert ("vm", NAME) in living(azure_stage)


# What a person adopted: without a claim, and with names of its own


def adopted(stage: AzureStage, name: str = "byhand", *, username: str = "person.1@example.com") -> MachineRef:
    stage.control.make_machine(
        name, username=username, nic=f"{name}417", disk=f"{name}_OsDisk_1", delete_option="Detach"
    )
    return MachineRef(name, username)


def end_until_gone(driver: AzureAvd, stage: AzureStage, machine: MachineRef) -> None:
    """As the engine does: ask for the end, look, and ask again while anything is left."""
    for _ in range(8):
        assert driver.act(Action.TERMINATE, [machine.cloud_workspace_id]).refused == {}
        stage.control.advance(120)
        if not driver.look([machine]) and not driver.look_in_slot(machine):
            return
    raise AssertionError(living(stage))


def test_an_adopted_machine_ends_with_its_card_and_disk(driver: AzureAvd, azure_stage: AzureStage) -> None:
    machine = adopted(azure_stage)
    before = living(azure_stage)

    end_until_gone(driver, azure_stage, machine)

    assert len(before) == 4
    assert living(azure_stage) == []


def test_card_and_disk_of_an_adopted_machine_are_marked_before_it_is_deleted(
    driver: AzureAvd, azure_stage: AzureStage, gate: OpenGate
) -> None:
    machine = adopted(azure_stage)
    gate.operations.clear()

    driver.act(Action.TERMINATE, [machine.cloud_workspace_id])
    assert "virtualMachines.delete" not in gate.operations
    azure_stage.control.advance(60)
    driver.act(Action.TERMINATE, [machine.cloud_workspace_id])
    azure_stage.control.advance(600)

    assert "virtualMachines.delete" in gate.operations
    assert [one.word for one in driver.look_in_slot(machine)] == ["MachineMissing"]
    assert driver.look([machine]) == {}


def test_another_machine_and_what_carries_a_claim_stand_when_an_adopted_one_ends(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    machine, _ = adopted(azure_stage), adopted(azure_stage, "other", username="person.2@example.com")
    azure_stage.control.set_tags("byhand", {"berth-claim": "elsewhere/row/1"}, parts=("nic",))

    end_until_gone(driver, azure_stage, machine)

    left = sorted(name for _, name in living(azure_stage))
    assert left == ["byhand417", "other", "other", "other417", "other_OsDisk_1"]


# What is outside the credential's resource group


@pytest.mark.parametrize("others", [0, 3], ids=["one", "many"])
def test_a_machine_outside_the_resource_group_is_reported_as_such_and_never_touched(
    driver: AzureAvd, azure_stage: AzureStage, gate: OpenGate, others: int
) -> None:
    for number in range(others):
        azure_stage.control.make_machine(f"vm{number}")
    azure_stage.control.make_machine(
        "byhand", username="person.1@example.com", resource_group="rg-other", pool_group="rg-berth-demo"
    )
    before, gate.operations[:] = living(azure_stage), []

    asked = [MachineRef("byhand"), *(MachineRef(f"vm{number}") for number in range(others))]
    seen = [driver.look(asked)["byhand"], *driver.look_in_slot(MachineRef("", "person.1@example.com"))]
    refused = driver.act(Action.TERMINATE, ["byhand"]).refused

    azure_stage.control.advance(600)
    assert [one.word for one in seen] == ["InAnotherResourceGroup"] * 2
    assert refused["byhand"].code == "machine_elsewhere"
    assert [one for one in gate.operations if "delete" in one or "update" in one] == []
    assert living(azure_stage) == before


# What is left


@pytest.mark.parametrize("parts", [("nic",), ("nic", "disk")], ids=["card", "card and disk"])
@pytest.mark.parametrize("others", [0, 3], ids=["one", "many"])
def test_a_card_without_its_tags_hides_neither_itself_nor_its_disk(
    driver: AzureAvd, azure_stage: AzureStage, parts: tuple[str, ...], others: int
) -> None:
    for number in range(others):
        azure_stage.control.make_machine(f"vm{number}")
    azure_stage.control.make_machine(NAME, tags=OURS)
    azure_stage.control.set_tags(NAME, {}, parts=parts)
    azure_stage.control.delete_by_hand(NAME, parts=("vm", "host"))
    slot = MachineRef(NAME, "person.1@example.com")
    asked = [slot, *(MachineRef(f"vm{number}") for number in range(others))]

    assert driver.look(asked)[NAME].word == "MachineMissing"
    assert [one.word for one in driver.look_in_slot(slot)] == ["MachineMissing"]
    assert driver.act(Action.TERMINATE, [NAME]).refused == {}

    azure_stage.control.advance(600)
    assert NAME not in driver.look(asked)
    assert driver.look_in_slot(slot) == []
    assert [name for _, name in living(azure_stage) if name.startswith(NAME)] == []


def test_a_card_of_another_claim_under_our_name_is_left_alone_and_keeps_nothing_from_its_end(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.make_machine(NAME, tags=OURS)
    azure_stage.control.set_tags(NAME, {"berth-claim": "install/another/1"}, parts=("nic",))
    azure_stage.control.delete_by_hand(NAME, parts=("vm", "disk", "host"))

    driver.act(Action.TERMINATE, [NAME])

    azure_stage.control.advance(600)
    assert driver.look([MachineRef(NAME)]) == {}
    assert living(azure_stage) == [("nic", f"{NAME}-nic")]
