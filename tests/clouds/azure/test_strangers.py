"""What stands under a name that we are about to use, and is not ours, is neither written over nor deleted."""

from collections.abc import Callable, Iterator

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.contract.play import OpenGate
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.azure_avd.names import vm_name
from webapp.clouds.base import Order
from webapp.domain.errors import CloudError, Failure, Trouble

Orders = Callable[..., Order]
PARTS = ("vm", "nic", "disk", "host")
CLAIM = "install/row1/1"
NAME = vm_name(CLAIM)


def kept(stage: AzureStage) -> list[tuple[str, str]]:
    return sorted((one["kind"], one["name"]) for one in stage.control.parts() if one["gone_at"] is None)


def plant(stage: AzureStage, *, only: str | None = None, tags: dict[str, str] | None = None) -> None:
    """A machine with everything, or one part of it, under the name of our next machine."""
    stage.control.make_machine(NAME, username="somebody@example.com", tags=tags)
    if only is not None:
        stage.control.delete_by_hand(NAME, parts=[part for part in PARTS if part != only])


def strangers(stage: AzureStage) -> Iterator[str]:
    """One after the other; each by what Berth says of it."""
    for only, said in {
        "vm": f"virtual machine {NAME}",
        "nic": f"network interface {NAME}-nic",
        "disk": f"disk {NAME}-os",
        "host": f"session host {NAME}",
    }.items():
        stage.control.reset(demo=True)
        plant(stage, only=only)
        yield said
    for tags in ({}, {"berth-claim": "install/row1/2"}, {"berth-claim": "other/row1/1"}, {"Berth-Claim": ""}):
        stage.control.reset(demo=True)
        plant(stage, tags=tags)
        yield f"virtual machine {NAME}"


def test_whatever_stands_under_the_next_name_without_our_claim_refuses_the_order_and_stays(
    enter: Callable[[], AzureAvd], order: Orders, azure_stage: AzureStage
) -> None:
    for said in strangers(azure_stage):
        before = kept(azure_stage)

        created = enter().create([order(1), order(2)])
        azure_stage.control.advance(3600)

        assert created.refused == {CLAIM: Failure("machine_name_taken", Trouble.EXISTS, detail=said)}
        assert list(created.accepted) == ["install/row2/1"], "the others of the batch are sent"
        assert set(before) <= set(kept(azure_stage)), said
        assert all(one["tags"].get("berth-claim") != CLAIM for one in azure_stage.control.parts()), said


def test_a_deployment_of_that_name_that_is_not_ours_is_not_written_over(
    enter: Callable[[], AzureAvd], order: Orders, azure_stage: AzureStage
) -> None:
    for state in ("Running", "Succeeded", "Failed", "Canceled"):
        azure_stage.control.reset(demo=True)
        azure_stage.control.make_deployment(NAME, state=state, tags={"berth-claim": "install/row9/1"})

        refused = enter().create([order(1)]).refused

        assert refused == {CLAIM: Failure("machine_name_taken", Trouble.EXISTS, detail=f"deployment {NAME}")}


def test_what_has_our_claim_is_sent_again(
    enter: Callable[[], AzureAvd], order: Orders, azure_stage: AzureStage
) -> None:
    """A lost answer: our own deployment, or what is left of it without a record."""
    for parts in ((), ("vm", "host"), ("vm", "nic", "host", "disk")):
        azure_stage.control.reset(demo=True)
        plant(azure_stage, tags={"berth-claim": CLAIM, "berth-pool": "hp-berth-demo"})
        if parts:
            azure_stage.control.delete_by_hand(NAME, parts=parts)

        assert list(enter().create([order(1)]).accepted) == [CLAIM], parts


def test_a_look_at_the_name_that_fails_leaves_the_order_unsent(
    driver: AzureAvd, order: Orders, azure_stage: AzureStage, gate: OpenGate
) -> None:
    azure_stage.control.add_fault("http_500", operation="disks.get", times=-1)
    created = driver.create([order(1), order(2)])
    assert created.unsent == {"install/row1/1", "install/row2/1"}

    azure_stage.control.clear_faults()
    azure_stage.control.add_fault("throttle", operation="disks.get", times=-1, retry_after_s=60)
    with pytest.raises(CloudError) as raised:
        driver.create([order(1)])
    assert (raised.value.failure.trouble, raised.value.retry_after_s) == (Trouble.THROTTLED, 60)
    assert "deployments.createOrUpdate" not in gate.operations


def test_the_name_costs_five_reads(driver: AzureAvd, order: Orders, gate: OpenGate) -> None:
    driver.create([order(1)])
    gate.operations.clear()

    driver.create([order(2)])

    assert gate.operations[-6:] == [
        "deployments.get",
        "virtualMachines.get",
        "networkInterfaces.get",
        "disks.get",
        "sessionHosts.get",
        "deployments.createOrUpdate",
    ]
