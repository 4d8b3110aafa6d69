"""Disks made of snapshots, and machines that get another system disk: content, order, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute.models import (
    CreationData,
    Disk,
    DiskProperties,
    ManagedDiskParameters,
    OSDisk,
    StorageProfile,
    VirtualMachineProperties,
    VirtualMachineUpdate,
)

from sandbox.azure import timing
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, Clients
from tests.sandbox.azure.test_snapshots import take

Desk = Callable[..., str]


def make_disk(sdk: Clients, name: str, *, of: str = "one", tags: dict[str, str] | None = None) -> Any:
    source = sdk.compute.snapshots.get(GROUP, of)
    creation = CreationData(create_option="Copy", source_resource_id=source.id)
    wanted = Disk(
        location=source.location, properties=DiskProperties(creation_data=creation), tags=tags or {}
    )
    return sdk.compute.disks.begin_create_or_update(GROUP, name, wanted, polling=False)


def swap(sdk: Clients, disk: str, *, machine: str = "vm1", option: str = "FromImage") -> Any:
    found = sdk.compute.disks.get(GROUP, disk)
    system = OSDisk(
        name=found.name,
        create_option=option,
        delete_option="Delete",
        managed_disk=ManagedDiskParameters(id=found.id),
    )
    properties = VirtualMachineProperties(storage_profile=StorageProfile(os_disk=system))
    wanted = VirtualMachineUpdate(properties=properties)
    return sdk.compute.virtual_machines.begin_update(GROUP, machine, wanted, polling=False)


def disks(control: AzureSandbox) -> dict[str, tuple[int, str]]:
    """Of each disk: which content it has, and on which machine."""
    return {one["name"]: (one["version"], one["machine"]) for one in control.contents()["disks"]}


def off_with_snapshot(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    """A deallocated machine whose disk has changed since its snapshot, and a disk made of that."""
    desk()
    control.work_on("vm1")
    take(sdk, "one")
    control.advance(timing.SNAPSHOT_S)
    control.work_on("vm1")
    make_disk(sdk, "vm1-r1", tags={"berth-claim": "a/b/1"})
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(timing.DEALLOCATE_S)


def test_a_machine_runs_with_what_the_snapshot_had(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    off_with_snapshot(desk, sdk, control)

    swap(sdk, "vm1-r1")
    control.advance(timing.PART_UPDATE_S)
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(timing.START_S + timing.HOST_BACK_S)

    assert disks(control) == {"vm1-os": (2, ""), "vm1-r1": (1, "vm1")}
    shown = sdk.compute.virtual_machines.get(GROUP, "vm1").properties.storage_profile.os_disk
    assert (shown.name, shown.delete_option) == ("vm1-r1", "Delete")
    made = sdk.compute.disks.get(GROUP, "vm1-r1")
    assert made.tags == {"berth-claim": "a/b/1"} and made.managed_by.endswith("/vm1")
    control.work_on("vm1")
    assert disks(control)["vm1-r1"] == (2, "vm1")


def test_the_same_disk_again_is_the_same_and_of_another_snapshot_it_is_refused(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    off_with_snapshot(desk, sdk, control)
    take(sdk, "two")
    control.advance(timing.SNAPSHOT_S)

    make_disk(sdk, "vm1-r1", tags={"who": "again"})

    assert disks(control)["vm1-r1"] == (1, "")
    with pytest.raises(HttpResponseError, match="creationData"):
        make_disk(sdk, "vm1-r1", of="two")


def test_a_disk_that_is_not_there_yet_cannot_be_used(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    off_with_snapshot(desk, sdk, control)
    make_disk(sdk, "vm1-r2")

    with pytest.raises(ResourceExistsError, match="Succeeded"):
        swap(sdk, "vm1-r2")


def test_only_a_deallocated_machine_gets_another_disk(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    off_with_snapshot(desk, sdk, control)
    with pytest.raises(ResourceExistsError, match="createOption"):
        swap(sdk, "vm1-r1", option="Attach")
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(timing.START_S)

    with pytest.raises(ResourceExistsError, match="deallocated"):
        swap(sdk, "vm1-r1")
    swap(sdk, "vm1-os")

    assert disks(control) == {"vm1-os": (2, "vm1"), "vm1-r1": (1, "")}


def test_the_disk_of_another_machine_stays_where_it_is(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    off_with_snapshot(desk, sdk, control)
    desk("vm2")

    with pytest.raises(ResourceExistsError, match="attached"):
        swap(sdk, "vm2-os")


def test_a_disk_from_before_goes_when_it_is_deleted_and_the_new_one_with_its_machine(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    off_with_snapshot(desk, sdk, control)
    swap(sdk, "vm1-r1")
    control.advance(timing.PART_UPDATE_S)

    sdk.compute.disks.begin_delete(GROUP, "vm1-os", polling=False)
    control.advance(timing.PART_DELETE_S)
    assert set(disks(control)) == {"vm1-r1"}
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(600)

    assert disks(control) == {}


def test_of_a_snapshot_that_is_gone_or_not_complete_no_disk_is_made(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    take(sdk, "one")
    with pytest.raises(ResourceExistsError, match="Succeeded"):
        make_disk(sdk, "vm1-r1")
    source = sdk.compute.snapshots.get(GROUP, "one").id
    control.drop_snapshot("one")
    creation = CreationData(create_option="Copy", source_resource_id=source)
    wanted = Disk(location="westeurope", properties=DiskProperties(creation_data=creation))

    with pytest.raises(ResourceNotFoundError):
        sdk.compute.disks.begin_create_or_update(GROUP, "vm1-r1", wanted, polling=False)
