"""Machines: power states, what they cost, how they end and what goes with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute.models import HardwareProfile, VirtualMachineProperties, VirtualMachineUpdate

from sandbox.azure import timing
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, Clients, power_of
from tests.sandbox.azure.session_host import template

Order = Callable[..., Any]
Desk = Callable[..., str]
Living = Callable[[], set[str]]


def _codes(sdk: Clients, name: str = "vm1") -> list[str]:
    vm = sdk.compute.virtual_machines.get(GROUP, name, expand="instanceView")
    return [status.code for status in vm.properties.instance_view.statuses]


@pytest.mark.parametrize(
    ("method", "passing", "end", "seconds"),
    [
        ("begin_deallocate", "deallocating", "deallocated", timing.DEALLOCATE_S),
        ("begin_power_off", "stopping", "stopped", timing.POWER_OFF_S),
    ],
)
def test_switching_off_passes_through_a_state_and_back(
    method: str, passing: str, end: str, seconds: float, desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    machines = sdk.compute.virtual_machines
    getattr(machines, method)(GROUP, "vm1", polling=False)
    seen = [_codes(sdk)]
    control.advance(seconds)
    seen.append(_codes(sdk))
    machines.begin_start(GROUP, "vm1", polling=False)
    seen.append(_codes(sdk))
    control.advance(timing.START_S)

    assert seen == [
        ["ProvisioningState/updating", f"PowerState/{passing}"],
        ["ProvisioningState/succeeded", f"PowerState/{end}"],
        ["ProvisioningState/updating", "PowerState/starting"],
    ]
    assert sdk.powers() == {"vm1": "running"}


def test_the_sdks_poller_waits_for_the_end(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    desk()
    poller = sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1")
    control.advance(timing.DEALLOCATE_S)

    poller.result()

    assert poller.status() == "Succeeded"


def test_shutting_down_in_the_guest_goes_on_being_billed(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    control.shut_down_in_guest("vm1")
    control.advance(300)
    stopped = sdk.powers()
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(300)

    assert (stopped, sdk.powers()) == ({"vm1": "stopped"}, {"vm1": "deallocated"})


def test_what_is_so_already_is_accepted_and_changes_nothing(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()

    sdk.compute.virtual_machines.begin_start(GROUP, "vm1").result()

    assert _codes(sdk) == ["ProvisioningState/succeeded", "PowerState/running"]


def test_a_newer_operation_takes_the_place_of_the_one_before(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    stopping = sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1")
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(300)

    with pytest.raises(HttpResponseError, match="OperationPreempted"):
        stopping.result()
    assert sdk.powers() == {"vm1": "running"}


def test_not_everything_can_be_done_in_every_state(
    desk: Desk, order: Order, sdk: Clients, control: AzureSandbox
) -> None:
    desk("vm1")
    machines = sdk.compute.virtual_machines
    machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(60)
    with pytest.raises(ResourceExistsError, match="not running"):
        machines.begin_restart(GROUP, "vm1", polling=False)
    machines.begin_delete(GROUP, "vm1", polling=False)
    with pytest.raises(ResourceExistsError, match="marked for deletion"):
        machines.begin_start(GROUP, "vm1", polling=False)
    order("vm2")
    control.advance(10)
    with pytest.raises(ResourceExistsError, match="Conflict"):
        machines.begin_deallocate(GROUP, "vm2", polling=False)
    with pytest.raises(ResourceNotFoundError, match="ResourceNotFound"):
        machines.begin_start(GROUP, "vm3", polling=False)


def test_a_machine_takes_card_and_disk_along_some_seconds_later(
    desk: Desk, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    desk()
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    seen = [living()]
    for seconds in (timing.DELETE_S, timing.NIC_AFTER_S, timing.DISK_AFTER_S):
        control.advance(seconds)
        seen.append(living())

    left = {"deployment vm1", "host vm1"}
    assert seen == [
        left | {"vm vm1", "nic vm1-nic", "disk vm1-os"},
        left | {"nic vm1-nic", "disk vm1-os"},
        left | {"disk vm1-os"},
        left,
    ]


def test_deleting_twice_and_by_force_and_what_is_gone_are_all_fine(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    machines = sdk.compute.virtual_machines
    machines.begin_delete(GROUP, "vm1", polling=False)
    first = machines.begin_delete(GROUP, "vm1")
    machines.begin_delete(GROUP, "vm1", force_deletion=True, polling=False)
    control.advance(timing.FORCED_DELETE_S)

    first.result()
    machines.begin_delete(GROUP, "vm1").result()

    with pytest.raises(ResourceNotFoundError):
        machines.get(GROUP, "vm1")


def test_a_card_in_use_and_a_disk_in_use_stay(desk: Desk, sdk: Clients) -> None:
    desk()

    with pytest.raises(HttpResponseError, match="NicInUse"):
        sdk.network.network_interfaces.begin_delete(GROUP, "vm1-nic", polling=False)
    with pytest.raises(ResourceExistsError, match="attached to VM"):
        sdk.compute.disks.begin_delete(GROUP, "vm1-os", polling=False)


def test_leftovers_are_ended_by_name_and_twice(
    desk: Desk, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    desk()
    control.delete_by_hand("vm1", parts=["vm"])
    for _ in range(2):
        sdk.network.network_interfaces.begin_delete(GROUP, "vm1-nic", polling=False)
        sdk.compute.disks.begin_delete(GROUP, "vm1-os", polling=False)
        control.advance(timing.PART_DELETE_S)

    assert living() == {"deployment vm1", "host vm1"}


def test_the_card_of_a_machine_that_failed_is_kept_for_it_three_minutes(
    order: Order, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    control.add_fault("deployment_error", code="AllocationFailed")
    order("vm1")
    control.advance(125)
    control.delete_by_hand("vm1", parts=["vm"])
    cards = sdk.network.network_interfaces

    with pytest.raises(HttpResponseError, match="NicReservedForAnotherVm"):
        cards.begin_delete(GROUP, "vm1-nic", polling=False)
    control.advance(timing.NIC_RESERVED_S)
    cards.begin_delete(GROUP, "vm1-nic", polling=False)
    control.advance(timing.PART_DELETE_S)

    assert living() == {"deployment vm1"}


def test_a_machine_may_be_deleted_while_it_is_being_made(
    order: Order, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    order("vm1")
    control.advance(30)
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", force_deletion=True, polling=False)
    control.advance(900)

    assert living() == {"deployment vm1"}
    assert sdk.deployments.deployments.get(GROUP, "vm1").properties.provisioning_state == "Failed"


def test_power_states_are_seen_one_by_one_too(desk: Desk, sdk: Clients) -> None:
    desk()

    assert power_of(sdk.compute.virtual_machines.instance_view(GROUP, "vm1")) == "running"


def _hibernate(sdk: Clients) -> None:
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", hibernate=True, polling=False)


def test_a_hibernated_machine_keeps_its_sessions_and_its_size(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk(template=template(hibernates=True))
    control.open_session("vm1", "sam@example.com", state="Disconnected")
    _hibernate(sdk)
    control.advance(timing.DEALLOCATE_S)
    hibernated = _codes(sdk)
    with pytest.raises(HttpResponseError) as refused:
        _resize(sdk)
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(timing.START_S)

    assert hibernated[1:] == ["PowerState/deallocated", "HibernationState/Hibernated"]
    assert refused.value.error is not None and refused.value.error.code == "OperationNotAllowed"
    assert _codes(sdk)[1:] == ["PowerState/running"]
    [host] = [one for one in control.parts() if one["kind"] == "host"]
    assert len(host["sessions"]) == 1


def test_a_hibernated_machine_that_is_deallocated_keeps_nothing(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk(template=template(hibernates=True))
    _hibernate(sdk)
    control.advance(timing.DEALLOCATE_S)

    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)

    assert _codes(sdk)[1:] == ["PowerState/deallocated"]
    _resize(sdk)


def test_what_was_not_made_for_it_is_not_running_or_has_just_started_is_not_hibernated(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    def code() -> str:
        with pytest.raises(HttpResponseError) as refused:
            _hibernate(sdk)
        return refused.value.error.code if refused.value.error is not None else ""

    desk()
    assert code() == "OperationNotAllowed"
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(600)
    desk(template=template(hibernates=True))
    control.set_power("vm1", "deallocated")
    assert code() == "OperationNotAllowed"
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(timing.START_S)
    assert code() == "VMHibernateNotSupported"


def _resize(sdk: Clients) -> None:
    hardware = HardwareProfile(vm_size="Standard_D2s_v5")
    change = VirtualMachineUpdate(properties=VirtualMachineProperties(hardware_profile=hardware))
    sdk.compute.virtual_machines.begin_update(GROUP, "vm1", change, polling=False)
