"""What machines and disks cost, to the last digit: from what they were and when, whoever changed it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from sandbox.azure import timing
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, Clients
from tests.sandbox.azure.costs import DAY_S, HOUR_S, moment, truth

Order = Callable[..., Any]
BASE, WINDOWS, DISK = Decimal("0.2304"), Decimal("0.4144"), Decimal("11.52")
"""D4s_v5 an hour without and with the licence of Windows, E10 a month: westeurope, in US dollars."""
DIGITS = Decimal("1E-8")


def machine(control: AzureSandbox, at: str, name: str = "vm1", **more: Any) -> None:
    """A machine that runs from a moment on, with its own licence."""
    control.set_now(moment(at))
    control.make_machine(name, pool=None, **{"license": "Windows_Client", **more})


@pytest.mark.parametrize(
    ("license", "price"), [("Windows_Client", BASE), ("Windows_Server", BASE), (None, WINDOWS)]
)
def test_the_licence_type_decides_on_the_meter(
    license: str | None, price: Decimal, control: AzureSandbox
) -> None:
    machine(control, "2026-03-10T00:00", license=license)
    control.advance(HOUR_S)

    assert truth(control, "Virtual Machines") == {"2026-03-10": price}


def test_the_products_template_makes_machines_of_the_base_meter(order: Order, control: AzureSandbox) -> None:
    control.set_now(moment("2026-03-10T00:00"))
    order("vm1")
    control.advance(2 * DAY_S)

    assert truth(control, "Virtual Machines", first_day="2026-03-11", last_day="2026-03-11") == {
        "2026-03-11": BASE * 24
    }
    assert {one["service"] for one in control.bill()} == {"Virtual Machines", "Storage"}, "cards are free"


def test_only_a_deallocated_machine_is_free_and_its_disk_goes_on(sdk: Clients, control: AzureSandbox) -> None:
    machine(control, "2026-03-10T00:00")
    control.advance(6 * HOUR_S - timing.DEALLOCATE_S)
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.set_now(moment("2026-03-12T12:00"))
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.set_now(moment("2026-03-13T00:00"))

    assert truth(control, "Virtual Machines") == {"2026-03-10": BASE * 6, "2026-03-12": BASE * 12}
    assert truth(control, "Storage") == {
        day: (DISK / 31).quantize(DIGITS) for day in ("2026-03-10", "2026-03-11", "2026-03-12")
    }
    states = [one["state"] for one in control.meter() if one["kind"] == "vm"]
    assert states == ["allocated", "deallocated", "allocated"]


def test_shut_down_from_inside_or_stopped_without_deallocation_is_billed(
    sdk: Clients, control: AzureSandbox
) -> None:
    machine(control, "2026-03-10T00:00")
    machine(control, "2026-03-10T00:00", "vm2")
    control.shut_down_in_guest("vm1")
    control.add_fault("billed_stop")
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm2", polling=False)
    control.advance(DAY_S)

    assert sdk.powers() == {"vm1": "stopped", "vm2": "stopped"}
    assert truth(control, "Virtual Machines") == {"2026-03-10": BASE * 48}


def test_the_end_of_a_machine_ends_its_cost_and_a_kept_disk_goes_on(
    sdk: Clients, control: AzureSandbox
) -> None:
    machine(control, "2026-03-10T00:00", delete_option="Detach")
    machine(control, "2026-03-10T00:00", "vm2")
    control.advance(HOUR_S - timing.DELETE_S)
    for name in ("vm1", "vm2"):
        sdk.compute.virtual_machines.begin_delete(GROUP, name, polling=False)
    control.set_now(moment("2026-03-11T00:00"))
    kept = [one for one in control.bill() if one["service"] == "Storage"]
    control.delete_by_hand("vm1", parts=("disk",))
    control.advance(DAY_S)

    assert truth(control, "Virtual Machines") == {"2026-03-10": BASE * 2}
    lived_s = HOUR_S + int(timing.DISK_AFTER_S)
    assert [Decimal(one["amount"]) for one in kept] == [
        (DISK / 31).quantize(DIGITS),
        (DISK * lived_s / (31 * DAY_S)).quantize(DIGITS),
    ]
    assert set(truth(control)) == {"2026-03-10"}


def test_a_start_without_capacity_costs_nothing(order: Order, sdk: Clients, control: AzureSandbox) -> None:
    control.set_now(moment("2026-03-09T00:00"))
    control.add_fault("deployment_error", code="AllocationFailed", message="No capacity.")
    order("vm2")
    control.advance(HOUR_S)
    machine(control, "2026-03-10T00:00")
    control.set_power("vm1", "deallocated")
    control.advance(HOUR_S)
    control.add_fault("operation_error", operation="virtualMachines.start", code="AllocationFailed")
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(HOUR_S)

    assert sdk.powers()["vm1"] == "deallocated"
    assert truth(control, "Virtual Machines") == {}


@pytest.mark.parametrize(
    ("month", "count"), [("2026-02", 28), ("2028-02", 29), ("2026-04", 30), ("2026-12", 31)]
)
def test_a_disk_costs_its_months_price_in_every_month(month: str, count: int, control: AzureSandbox) -> None:
    machine(control, f"{month}-01T00:00")
    control.set_power("vm1", "deallocated")
    control.advance((count + 1) * DAY_S)

    by_day = truth(control, first_day=f"{month}-01", last_day=f"{month}-{count}")

    assert len(by_day) == count
    assert set(by_day.values()) == {(DISK / count).quantize(DIGITS)}


def test_a_price_holds_from_its_day_on(control: AzureSandbox) -> None:
    machine(control, "2026-02-27T12:00")
    control.set_price("Standard_D4s_v5", hour="0.25", valid_from="2026-03-01")
    control.set_price("Standard_D4s_v5", hour="9", system="windows", valid_from="2026-01-01")
    control.set_price("E10 LRS", month="31", valid_from="2026-03-01")
    control.set_now(moment("2026-03-02T00:00"))

    assert truth(control, "Virtual Machines") == {
        "2026-02-27": BASE * 12,
        "2026-02-28": BASE * 24,
        "2026-03-01": Decimal("0.25") * 24,
    }
    assert truth(control, "Storage")["2026-03-01"] == 1
