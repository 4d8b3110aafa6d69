"""Every operation's answer is what the SDKs' own models of Azure allow."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.paging import ItemPaged
from azure.mgmt.compute.models import (
    CreationData,
    Disk,
    DiskProperties,
    DiskUpdate,
    HardwareProfile,
    Snapshot,
    SnapshotProperties,
    VirtualMachine,
    VirtualMachineProperties,
    VirtualMachineUpdate,
)
from azure.mgmt.desktopvirtualization.models import (
    HostPool,
    HostPoolPatch,
    RegistrationInfoPatch,
    SendMessage,
    SessionHostPatch,
)
from azure.mgmt.network.models import TagsObject
from azure.mgmt.resource.deployments.models import Deployment, DeploymentProperties

from sandbox import demo_azure as demo
from sandbox.azure import timing
from sandbox.azure.operations import OPERATIONS
from sandbox.azure_control import AzureSandbox
from tests.cases import each_case
from tests.sandbox.azure.clients import GROUP, POOL, Clients
from tests.sandbox.azure.costs import SCOPE, definition
from tests.sandbox.azure.session_host import parameters, template
from tests.sandbox.azure.strict import NotTheModel, check_answer
from tests.sandbox.azure.test_data_disks import entry, set_disks
from tests.sandbox.azure.test_run_commands import COMMAND, run
from tests.sandbox.azure.test_system_disks import make_disk

Desk = Callable[..., str]
ALL = {route.operation for route in OPERATIONS.values()} - {
    "operations.getStatus",
    "operations.getResult",
    "metrics.list",
    "backupStatus.get",
    "managementLocks.list",
}
"""Two are the pollers' own: `test_power` and `test_deploying` see pollers to their end. No SDK here has a
model of the other three."""
PUBLISHER, OFFER, SKU = "MicrosoftWindowsDesktop", "windows-11", "win11-24h2-ent"


class Driver:
    """Calls the SDK, and holds each answer against the model that the SDK read it into."""

    def __init__(self) -> None:
        self.checked = 0

    def __call__(self, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
        raw: list[Any] = []

        def hear(response: Any) -> None:
            text = response.http_response.text()
            raw.append(json.loads(text) if text else None)

        found = function(*args, raw_response_hook=hear, **named)
        where = getattr(function, "__qualname__", str(function))
        if isinstance(found, ItemPaged):
            found = list(found)
            check_answer(found, [one for page in raw for one in page["value"]], where)
        elif found is not None and raw[0] is not None:
            check_answer(found, raw[0], where)
        self.checked += 1
        return found


APP_GROUP_ID = (
    f"subscriptions/{demo.DEMO_SUBSCRIPTION_ID}/resourceGroups/{GROUP}/providers/"
    f"Microsoft.DesktopVirtualization/applicationGroups/{demo.DEMO_APP_GROUP}"
)


def _drive_avd(call: Driver, sdk: Clients, session_id: str, now: datetime) -> None:
    avd, host = sdk.avd, (GROUP, POOL, "vm1")
    info = RegistrationInfoPatch(
        expiration_time=now + timedelta(hours=2), registration_token_operation="Update"
    )
    call(avd.host_pools.update, GROUP, POOL, HostPoolPatch(registration_info=info))
    call(avd.host_pools.get, GROUP, POOL)
    call(avd.host_pools.list_by_resource_group, GROUP)
    call(avd.host_pools.list)
    call(avd.host_pools.retrieve_registration_token, GROUP, POOL)
    call(avd.host_pools.list_registration_tokens, GROUP, POOL)
    call(avd.session_hosts.list, GROUP, POOL)
    call(avd.session_hosts.get, *host)
    call(avd.session_hosts.update, *host, session_host=SessionHostPatch(assigned_user="anna@example.com"))
    call(avd.user_sessions.list, *host)
    call(avd.user_sessions.list_by_host_pool, GROUP, POOL)
    call(avd.user_sessions.get, *host, session_id)
    call(avd.user_sessions.send_message, *host, session_id, SendMessage(message_title="a", message_body="b"))
    call(avd.user_sessions.disconnect, *host, session_id)
    call(avd.user_sessions.delete, *host, session_id)
    call(avd.application_groups.get, GROUP, demo.DEMO_APP_GROUP)
    call(avd.application_groups.list_by_resource_group, GROUP)
    call(avd.application_groups.list_by_subscription)
    call(avd.workspaces.get, GROUP, demo.DEMO_WORKSPACE)
    call(avd.workspaces.list_by_resource_group, GROUP)
    call(avd.desktops.list, GROUP, demo.DEMO_APP_GROUP)
    call(avd.desktops.get, GROUP, demo.DEMO_APP_GROUP, "SessionDesktop")


def _drive_compute(call: Driver, sdk: Clients) -> None:
    compute, vm = sdk.compute, (GROUP, "vm1")
    call(compute.virtual_machines.get, *vm)
    call(compute.virtual_machines.get, *vm, expand="instanceView")
    call(compute.virtual_machines.instance_view, *vm)
    call(compute.virtual_machines.list_available_sizes, *vm)
    call(compute.virtual_machines.list, GROUP)
    call(compute.virtual_machines.list_all)
    call(compute.virtual_machines.list_all, status_only="true")
    call(compute.disks.get, GROUP, "vm1-os")
    call(compute.disks.list_by_resource_group, GROUP)
    call(compute.resource_skus.list, filter="location eq 'westeurope'")
    call(compute.usage.list, "westeurope")
    call(compute.virtual_machine_images.list_skus, "westeurope", PUBLISHER, OFFER)
    call(compute.virtual_machine_images.list, "westeurope", PUBLISHER, OFFER, SKU)
    version = compute.virtual_machine_images.list("westeurope", PUBLISHER, OFFER, SKU)[-1].name
    call(compute.virtual_machine_images.get, "westeurope", PUBLISHER, OFFER, SKU, version)
    call(sdk.network.network_interfaces.get, GROUP, "vm1-nic")
    call(sdk.network.network_interfaces.list, GROUP)
    call(sdk.network.network_interfaces.update_tags, GROUP, "vm1-nic", TagsObject(tags={"cost": "3"}))
    compute.disks.begin_update(GROUP, "vm1-os", DiskUpdate(tags={"cost": "3"}), polling=False)
    disk_id = compute.disks.get(GROUP, "vm1-os").id
    properties = SnapshotProperties(
        creation_data=CreationData(create_option="Copy", source_resource_id=disk_id), incremental=True
    )
    snapshot = Snapshot(location="westeurope", properties=properties, tags={"cost": "3"})
    compute.snapshots.begin_create_or_update(GROUP, "one", snapshot, polling=False)
    call(compute.snapshots.get, GROUP, "one")
    call(compute.snapshots.list_by_resource_group, GROUP)
    call(sdk.network.virtual_networks.get, GROUP, demo.DEMO_NETWORK)
    call(sdk.network.subnets.get, GROUP, demo.DEMO_NETWORK, demo.DEMO_SUBNET)


def _drive_disks_and_commands(call: Driver, sdk: Clients, control: AzureSandbox) -> None:
    """A machine with a data disk, and a script that runs on it."""
    control.advance(timing.SNAPSHOT_S)
    make_disk(sdk, "old")
    control.advance(timing.DISK_COPY_S)
    set_disks(sdk, entry("old"))
    call(sdk.compute.virtual_machines.get, GROUP, "vm1")
    run(sdk)
    for expand in (None, "instanceView"):
        call(sdk.compute.virtual_machine_run_commands.get_by_virtual_machine, *COMMAND, expand=expand)
    control.advance(timing.FILES_COPY_S)
    call(sdk.compute.virtual_machine_run_commands.get_by_virtual_machine, *COMMAND, expand="instanceView")
    call(sdk.resources.resources.list_by_resource_group, GROUP)
    sdk.compute.virtual_machine_run_commands.begin_delete(*COMMAND, polling=False)


def _drive_resources(call: Driver, sdk: Clients) -> None:
    resources, deployments = sdk.resources, sdk.deployments.deployments
    call(resources.resources.list_by_resource_group, GROUP)
    call(resources.resources.list)
    call(resources.resource_groups.get, GROUP)
    call(resources.providers.get, "Microsoft.Compute")
    call(resources.providers.register, "Microsoft.Compute")
    call(sdk.authorization.permissions.list_for_resource_group, GROUP)
    call(sdk.authorization.role_assignments.list_for_scope, APP_GROUP_ID, filter="atScope()")
    call(deployments.get, GROUP, "vm1")
    call(deployments.list_by_resource_group, GROUP)
    call(sdk.deployments.deployment_operations.list, GROUP, "vm1")
    assert deployments.check_existence(GROUP, "vm1")
    values = parameters("vm2", token=None, claim=None)
    properties = DeploymentProperties(mode="Incremental", template=template(), parameters=values)
    deployments.begin_validate(GROUP, "vm2", Deployment(properties=properties), polling=False)


def _drive_ends(sdk: Clients, control: AzureSandbox) -> None:
    """Accepted without a body: nothing to read, but all of them are asked for."""
    machines, deployments = sdk.compute.virtual_machines, sdk.deployments.deployments
    size = VirtualMachineProperties(hardware_profile=HardwareProfile(vm_size="Standard_D4s_v5"))
    for method in ("restart", "power_off", "deallocate", "start", "delete"):
        if method == "start":
            machines.begin_update(GROUP, "vm1", VirtualMachineUpdate(properties=size), polling=False)
            control.advance(120)
        getattr(machines, f"begin_{method}")(GROUP, "vm1", polling=False)
        control.advance(120)
    source = sdk.compute.snapshots.get(GROUP, "one")
    creation = CreationData(create_option="Copy", source_resource_id=source.id)
    disk = Disk(location="westeurope", properties=DiskProperties(creation_data=creation))
    sdk.compute.disks.begin_create_or_update(GROUP, "vm1-r1", disk, polling=False)
    sdk.network.network_interfaces.begin_delete(GROUP, "vm1-nic", polling=False)
    sdk.compute.disks.begin_delete(GROUP, "vm1-os", polling=False)
    sdk.compute.snapshots.begin_delete(GROUP, "one", polling=False)
    sdk.avd.session_hosts.delete(GROUP, POOL, "vm1")
    deployments.begin_delete(GROUP, "vm1", polling=False)


def test_every_operation_answers_as_the_models_say(
    desk: Desk, order: Callable[..., Any], sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    session_id = control.open_session("vm1", "anna@example.com")
    call = Driver()

    _drive_avd(call, sdk, session_id, datetime.fromtimestamp(control.now(), UTC))
    _drive_compute(call, sdk)
    _drive_disks_and_commands(call, sdk, control)
    _drive_resources(call, sdk)
    call(sdk.costs.query.usage, SCOPE, definition("2026-03-10", group=("ResourceId",)))
    _drive_ends(sdk, control)
    poller = order("vm3", polling=True)
    sdk.deployments.deployments.cancel(GROUP, "vm3")
    control.advance(10)
    with pytest.raises(HttpResponseError, match="Canceled"):
        poller.result()

    assert call.checked > 40
    assert ALL - {line["operation"] for line in control.ledger(outcome="ok")} == set()


def test_a_failed_deployment_and_its_steps_are_of_the_models_form(
    order: Callable[..., Any], sdk: Clients, control: AzureSandbox
) -> None:
    order("vm1", token="eyJ.not.mine")
    control.advance(900)
    call = Driver()

    failed = call(sdk.deployments.deployments.get, GROUP, "vm1")
    call(sdk.deployments.deployment_operations.list, GROUP, "vm1")
    call(sdk.compute.virtual_machines.get, GROUP, "vm1", expand="instanceView")

    assert failed.properties.provisioning_state == "Failed"


@each_case(
    ("kind", "wrong"),
    [
        (VirtualMachine, {"location": "w", "colour": "red"}),
        (VirtualMachine, {"name": "vm1"}),
        (VirtualMachine, {"location": "w", "properties": {"hardwareProfile": {"vmsize": "x"}}}),
        (Disk, {"location": "w", "properties": {"creationData": {"createOption": "Magic"}}}),
        (HostPool, {"location": "w", "properties": {"colour": "red"}}),
        (HostPool, {"location": "w", "properties": {"hostPoolType": "Personal"}}),
    ],
)
def test_the_check_finds_what_the_models_do_not_allow(kind: Any, wrong: dict[str, Any]) -> None:
    model = kind.deserialize(wrong) if hasattr(kind, "deserialize") else kind(wrong)

    with pytest.raises(NotTheModel):
        check_answer(model, wrong, "answer")
