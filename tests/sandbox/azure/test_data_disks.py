"""Data disks of a machine: attached and detached by the whole list, refused, gone or kept with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute.models import (
    DataDisk,
    ManagedDiskParameters,
    StorageProfile,
    VirtualMachineProperties,
    VirtualMachineUpdate,
)

from sandbox import demo_azure as demo
from sandbox.azure import timing
from sandbox.azure.ids import DISK, arm_id
from sandbox.azure_control import AzureSandbox
from tests.cases import each_case
from tests.sandbox.azure.clients import GROUP, Clients
from tests.sandbox.azure.test_snapshots import take
from tests.sandbox.azure.test_system_disks import disks, make_disk, swap

Desk = Callable[..., str]


def entry(disk: str, *, lun: int = 0, **changes: Any) -> DataDisk:
    disk_id = arm_id(demo.DEMO_SUBSCRIPTION_ID, GROUP, DISK, disk)
    wanted = {"create_option": "Attach", "managed_disk": ManagedDiskParameters(id=disk_id), **changes}
    return DataDisk(lun=lun, **wanted)


def set_disks(sdk: Clients, *entries: DataDisk, machine: str = "vm1", polling: bool = False) -> Any:
    """These are the machine's data disks from now on, and no others."""
    profile = StorageProfile(data_disks=list(entries))
    wanted = VirtualMachineUpdate(properties=VirtualMachineProperties(storage_profile=profile))
    return sdk.compute.virtual_machines.begin_update(GROUP, machine, wanted, polling=polling)


def shown(sdk: Clients, machine: str = "vm1") -> list[tuple[int, str, str]]:
    profile = sdk.compute.virtual_machines.get(GROUP, machine).properties.storage_profile
    return [(one.lun, one.name, one.delete_option) for one in profile.data_disks]


@pytest.fixture
def two(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    """Two running machines, a snapshot of the first one's disk, and two disks made of it."""
    desk()
    desk("vm2")
    control.work_on("vm1")
    take(sdk, "one")
    control.advance(timing.SNAPSHOT_S)
    for name in ("old-1", "old-2"):
        make_disk(sdk, name)
    control.advance(timing.DISK_COPY_S)


@pytest.mark.usefixtures("two")
def test_a_machine_gets_a_data_disk_while_it_runs(sdk: Clients, control: AzureSandbox) -> None:
    began = set_disks(sdk, entry("old-1", lun=3), polling=True)
    states = [sdk.compute.virtual_machines.get(GROUP, "vm1").properties.provisioning_state]
    control.advance(timing.PART_UPDATE_S)

    found = began.result()

    assert [*states, found.properties.provisioning_state] == ["Updating", "Succeeded"]
    assert sdk.powers()["vm1"] == "running" and sdk.statuses()["vm1"] == "Available"
    [disk] = found.properties.storage_profile.data_disks
    assert (disk.lun, disk.name, disk.create_option, disk.caching) == (3, "old-1", "Attach", "None")
    assert (disk.delete_option, disk.to_be_detached, disk.disk_size_gb) == ("Detach", False, 127)
    assert disk.managed_disk.id.endswith("/disks/old-1")
    assert disk.managed_disk.storage_account_type == "Standard_LRS"
    made = sdk.compute.disks.get(GROUP, "old-1")
    assert made.managed_by.endswith("/vm1") and made.properties.disk_state == "Attached"
    assert disks(control)["old-1"] == (1, "vm1")
    [listed] = [one for one in sdk.compute.virtual_machines.list(GROUP) if one.name == "vm1"]
    assert [one.name for one in listed.properties.storage_profile.data_disks] == ["old-1"]


@pytest.mark.usefixtures("two")
def test_a_disk_that_the_list_lacks_is_detached_and_can_be_deleted(
    sdk: Clients, control: AzureSandbox
) -> None:
    set_disks(sdk, entry("old-1"), entry("old-2", lun=1))
    with pytest.raises(ResourceExistsError, match="attached to VM"):
        sdk.compute.disks.begin_delete(GROUP, "old-1", polling=False)

    set_disks(sdk, entry("old-2", lun=1, delete_option="Delete"))

    assert shown(sdk) == [(1, "old-2", "Delete")]
    assert disks(control)["old-1"] == (1, "") and disks(control)["old-2"] == (1, "vm1")
    set_disks(sdk)
    assert shown(sdk) == [] and disks(control)["old-2"] == (1, "")
    sdk.compute.disks.begin_delete(GROUP, "old-1", polling=False)
    control.advance(timing.PART_DELETE_S)
    assert "old-1" not in disks(control)


@pytest.mark.usefixtures("two")
def test_a_deallocated_machine_gets_one_too_and_stays_off(sdk: Clients, control: AzureSandbox) -> None:
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    with pytest.raises(ResourceExistsError, match="power state"):
        set_disks(sdk, entry("old-1"))
    control.advance(timing.DEALLOCATE_S)

    set_disks(sdk, entry("old-1"))
    control.advance(timing.PART_UPDATE_S)

    assert shown(sdk) == [(0, "old-1", "Detach")]
    assert sdk.powers()["vm1"] == "deallocated"


@pytest.mark.usefixtures("two")
def test_what_belongs_to_a_machine_already_is_refused(sdk: Clients, control: AzureSandbox) -> None:
    set_disks(sdk, entry("old-1"), machine="vm2")
    before = disks(control)

    for name in ("old-1", "vm2-os", "vm1-os"):
        with pytest.raises(ResourceExistsError, match=f"Disk {name} is attached to VM") as refused:
            set_disks(sdk, entry("old-2"), entry(name, lun=1))
        assert refused.value.error.code == "OperationNotAllowed"

    assert disks(control) == before and shown(sdk) == []


@pytest.mark.usefixtures("two")
def test_a_data_disk_does_not_become_the_system_disk(sdk: Clients, control: AzureSandbox) -> None:
    set_disks(sdk, entry("old-1"))
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(timing.DEALLOCATE_S)

    with pytest.raises(ResourceExistsError, match="attached"):
        swap(sdk, "old-1")


@each_case(
    ("entries", "code"),
    [
        ([entry("old-1"), entry("old-2")], "InvalidParameter"),
        ([entry("old-1"), entry("old-1", lun=1)], "InvalidParameter"),
        ([entry("old-1", lun=64)], "InvalidParameter"),
        ([entry("old-1", lun=-1)], "InvalidParameter"),
        ([entry("old-1", create_option="Empty")], "InvalidParameter"),
        ([entry("old-1", name="old-2")], "InvalidParameter"),
        ([entry("old-1", delete_option="Keep")], "InvalidParameter"),
        ([entry("old-1", managed_disk=None)], "NotFound"),
        ([entry("nothing")], "NotFound"),
        ([entry("old-1", lun=lun) for lun in range(9)], "OperationNotAllowed"),
    ],
)
@pytest.mark.usefixtures("two")
def test_a_list_that_cannot_be_is_refused(
    entries: list[DataDisk], code: str, sdk: Clients, control: AzureSandbox
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        set_disks(sdk, *entries)

    statuses = {"InvalidParameter": 400, "NotFound": 404, "OperationNotAllowed": 409}
    assert (refused.value.error.code, refused.value.status_code) == (code, statuses[code])
    assert shown(sdk) == [] and disks(control)["old-1"] == (1, "")


@pytest.mark.usefixtures("two")
def test_a_disk_that_is_not_there_yet_or_goes_cannot_be_attached(sdk: Clients, control: AzureSandbox) -> None:
    make_disk(sdk, "old-3")
    sdk.compute.disks.begin_delete(GROUP, "old-2", polling=False)

    for name in ("old-3", "old-2"):
        with pytest.raises(ResourceExistsError, match="Succeeded"):
            set_disks(sdk, entry(name))
    with pytest.raises(ResourceNotFoundError):
        set_disks(sdk, entry("old-1"), machine="nobody")

    control.advance(timing.DISK_COPY_S)
    set_disks(sdk, entry("old-3"))
    assert disks(control)["old-3"] == (1, "vm1")


@pytest.mark.usefixtures("two")
def test_with_its_machine_a_data_disk_goes_or_stays_as_its_delete_option_says(
    sdk: Clients, control: AzureSandbox
) -> None:
    set_disks(sdk, entry("old-1", delete_option="Delete"), entry("old-2", lun=1))

    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(600)

    assert disks(control) == {"old-2": (1, ""), "vm2-os": (0, "vm2")}
    assert sdk.compute.disks.get(GROUP, "old-2").managed_by is None


@pytest.mark.usefixtures("two")
def test_a_scripted_failure_attaches_nothing(sdk: Clients, control: AzureSandbox) -> None:
    control.add_fault("operation_error", operation="virtualMachines.update", code="InternalDiskError")
    began = set_disks(sdk, entry("old-1"), polling=True)
    control.advance(timing.PART_UPDATE_S)

    with pytest.raises(HttpResponseError, match="InternalDiskError"):
        began.result()

    assert shown(sdk) == [] and disks(control)["old-1"] == (1, "")
    assert sdk.powers()["vm1"] == "running"
