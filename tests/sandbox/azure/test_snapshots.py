"""Snapshots of disks: what they have, that the same call makes one, what they cost, how they end."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute.models import CreationData, Snapshot, SnapshotProperties

from sandbox.azure import timing
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, Clients
from tests.sandbox.azure.costs import DAY_S, moment, truth

Desk = Callable[..., str]
GIB_MONTH = Decimal("0.06")
"""In westeurope, in US dollars."""


def take(sdk: Clients, name: str, *, disk: str = "vm1-os", tags: dict[str, str] | None = None) -> Any:
    source = sdk.compute.disks.get(GROUP, disk)
    creation = CreationData(create_option="Copy", source_resource_id=source.id)
    wanted = Snapshot(
        location=source.location,
        properties=SnapshotProperties(creation_data=creation, incremental=True),
        tags=tags or {},
    )
    return sdk.compute.snapshots.begin_create_or_update(GROUP, name, wanted, polling=False)


def versions(control: AzureSandbox) -> dict[str, int]:
    return {one["name"]: one["version"] for one in control.contents()["snapshots"]}


def test_a_snapshot_has_what_the_disk_had_when_it_was_asked_for(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    control.work_on("vm1")
    take(sdk, "one", tags={"berth-claim": "a/b/1"})
    control.work_on("vm1")
    states = [sdk.compute.snapshots.get(GROUP, "one").properties.provisioning_state]
    control.advance(timing.SNAPSHOT_S)

    found = sdk.compute.snapshots.get(GROUP, "one")
    assert [*states, found.properties.provisioning_state] == ["Updating", "Succeeded"]
    assert versions(control) == {"one": 1}
    assert found.tags == {"berth-claim": "a/b/1"} and found.properties.incremental
    assert [one.name for one in sdk.compute.snapshots.list_by_resource_group(GROUP)] == ["one"]


def test_the_same_again_copies_nothing_and_another_source_is_refused(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    desk("vm2")
    take(sdk, "one")
    control.work_on("vm1")

    take(sdk, "one", tags={"who": "again"})

    assert versions(control) == {"one": 0}
    assert sdk.compute.snapshots.get(GROUP, "one").tags == {"who": "again"}
    with pytest.raises(HttpResponseError, match="creationData"):
        take(sdk, "one", disk="vm2-os")


def test_one_outlives_its_machine_and_goes_when_it_is_deleted(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    take(sdk, "one")
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(600)
    assert versions(control) == {"one": 0}

    sdk.compute.snapshots.begin_delete(GROUP, "one", polling=False)
    control.advance(timing.PART_DELETE_S)

    assert versions(control) == {}
    with pytest.raises(ResourceNotFoundError):
        sdk.compute.snapshots.get(GROUP, "one")
    sdk.compute.snapshots.begin_delete(GROUP, "one", polling=False)


def test_one_that_is_being_deleted_is_in_the_way_of_the_next(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    take(sdk, "one")
    control.advance(timing.SNAPSHOT_S)
    sdk.compute.snapshots.begin_delete(GROUP, "one", polling=False)

    with pytest.raises(ResourceExistsError):
        take(sdk, "one")


def test_a_scripted_failure_leaves_one_that_has_failed(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    control.add_fault("operation_error", operation="snapshots.createOrUpdate", code="InternalExecutionError")
    take(sdk, "one")
    control.advance(timing.SNAPSHOT_S)

    assert sdk.compute.snapshots.get(GROUP, "one").properties.provisioning_state == "Failed"


def test_each_gib_of_each_snapshot_is_billed_for_as_long_as_it_exists(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    control.set_now(moment("2026-03-09T12:00"))
    control.make_machine("vm1", pool=None)
    control.set_now(moment("2026-03-10T00:00"))
    take(sdk, "one")
    take(sdk, "two")
    control.advance(DAY_S)
    taken = timing.USED_GIB + timing.CHANGED_GIB

    found = {
        one["resource_id"].rpartition("/")[2]: Decimal(one["amount"])
        for one in control.bill(first_day="2026-03-10", last_day="2026-03-10")
        if "/snapshots/" in one["resource_id"].lower()
    }

    assert set(found) == {"one", "two"}
    assert abs(sum(found.values()) - GIB_MONTH * taken / 31) < Decimal("1E-7")
    assert truth(control, "Storage", first_day="2026-03-10", last_day="2026-03-10")["2026-03-10"] > sum(
        found.values()
    )
