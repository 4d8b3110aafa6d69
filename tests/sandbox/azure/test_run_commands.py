"""Run commands that bring files back: what is copied, how each run ends, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute.models import (
    RunCommandInputParameter,
    VirtualMachineRunCommand,
    VirtualMachineRunCommandProperties,
    VirtualMachineRunCommandScriptSource,
)

from sandbox.azure import timing
from sandbox.azure_control import AzureSandbox
from tests.cases import each_case
from tests.sandbox.azure.clients import GROUP, Clients
from tests.sandbox.azure.test_data_disks import entry, set_disks
from tests.sandbox.azure.test_snapshots import take
from tests.sandbox.azure.test_system_disks import make_disk

Desk = Callable[..., str]
COMMAND = (GROUP, "vm1", "bring-back")
RIGHT = "Microsoft.Compute/virtualMachines/runCommands"


def run(
    sdk: Clients,
    *,
    script: str | None = "Copy-Item",
    folder: str = "C:\\Before",
    machine: str = "vm1",
    tags: dict[str, str] | None = None,
    polling: bool = False,
    **changes: Any,
) -> Any:
    properties = VirtualMachineRunCommandProperties(
        source=VirtualMachineRunCommandScriptSource(script=script),
        parameters=[RunCommandInputParameter(name="folder", value=folder)],
        **{"async_execution": True, "timeout_in_seconds": 3600, **changes},
    )
    wanted = VirtualMachineRunCommand(location="westeurope", properties=properties, tags=tags or {})
    return sdk.compute.virtual_machine_run_commands.begin_create_or_update(
        GROUP, machine, COMMAND[2], wanted, polling=polling
    )


def look(sdk: Clients) -> Any:
    """What the command says about its run."""
    commands = sdk.compute.virtual_machine_run_commands
    return commands.get_by_virtual_machine(*COMMAND, expand="instanceView").properties.instance_view


def end_of(sdk: Clients) -> tuple[str, int, str]:
    found = look(sdk)
    return found.execution_state, found.exit_code, found.output


def returned(control: AzureSandbox, disk: str = "vm1-os") -> list[int]:
    """The versions that have been copied onto this disk."""
    [found] = [one["returned"] for one in control.contents()["disks"] if one["name"] == disk]
    return list(found)


@pytest.fixture
def attached(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    """A running machine to which a disk with version 2 of another machine is attached."""
    desk("gone")
    for _ in range(2):
        control.work_on("gone")
    take(sdk, "kept", disk="gone-os")
    sdk.compute.virtual_machines.begin_delete(GROUP, "gone", polling=False)
    control.advance(600)
    desk()
    make_disk(sdk, "old", of="kept")
    control.advance(timing.DISK_COPY_S)
    set_disks(sdk, entry("old"))
    control.advance(timing.PART_UPDATE_S)


@pytest.mark.usefixtures("attached")
def test_a_run_brings_the_files_of_the_attached_disk_to_the_machine(
    sdk: Clients, control: AzureSandbox
) -> None:
    began = run(sdk, tags={"who": "berth"}, polling=True)
    states = [end_of(sdk)]
    control.advance(timing.PART_UPDATE_S)
    made = began.result()
    control.advance(timing.FILES_COPY_S - timing.PART_UPDATE_S - 1)
    states.append(end_of(sdk))
    assert returned(control) == []

    control.advance(1)

    assert [*states, end_of(sdk)] == [("Running", 0, ""), ("Running", 0, ""), ("Succeeded", 0, "Copied.")]
    assert returned(control) == [2] and returned(control, "old") == []
    assert (look(sdk).end_time - look(sdk).start_time).total_seconds() == timing.FILES_COPY_S
    assert (made.properties.provisioning_state, made.tags) == ("Succeeded", {"who": "berth"})
    assert (made.properties.source.script, made.properties.timeout_in_seconds) == ("Copy-Item", 3600)
    assert [(one.name, one.value) for one in made.properties.parameters] == [("folder", "C:\\Before")]
    assert made.properties.instance_view is None


@pytest.mark.usefixtures("attached")
def test_the_same_again_runs_nothing_and_another_body_runs_again(sdk: Clients, control: AzureSandbox) -> None:
    run(sdk)
    control.advance(timing.FILES_COPY_S)
    first = look(sdk)

    assert run(sdk, polling=True).result().properties.provisioning_state == "Succeeded"

    assert look(sdk).end_time == first.end_time and end_of(sdk)[0] == "Succeeded"
    run(sdk, folder="C:\\Earlier")
    assert look(sdk).start_time == first.end_time and end_of(sdk)[0] == "Running"
    control.advance(timing.FILES_COPY_S)
    assert end_of(sdk) == ("Succeeded", 0, "Copied.") and returned(control) == [2]


@pytest.mark.usefixtures("attached")
def test_a_run_that_is_replaced_ends_with_the_later_one(sdk: Clients, control: AzureSandbox) -> None:
    run(sdk)
    control.advance(timing.FILES_COPY_S / 2)
    run(sdk, script="Copy-Item -Force")

    control.advance(timing.FILES_COPY_S / 2)
    assert end_of(sdk)[0] == "Running" and returned(control) == []

    control.advance(timing.FILES_COPY_S / 2)
    assert end_of(sdk)[0] == "Succeeded" and returned(control) == [2]


@pytest.mark.usefixtures("attached")
def test_without_a_disk_or_without_room_a_run_fails_and_says_why(sdk: Clients, control: AzureSandbox) -> None:
    control.fill("vm1")
    run(sdk)
    control.advance(timing.FILES_COPY_S)
    room = "Not enough space: 80 GiB are needed, 12 GiB are free."
    assert end_of(sdk) == ("Failed", 3, room)

    set_disks(sdk)
    run(sdk, folder="D:\\")
    control.advance(timing.FILES_COPY_S)
    assert end_of(sdk) == ("Failed", 2, "No former disk is attached.")
    assert returned(control) == []

    control.fill("vm1", full=False)
    set_disks(sdk, entry("old"))
    run(sdk)
    control.advance(timing.FILES_COPY_S)
    assert end_of(sdk) == ("Succeeded", 0, "Copied.")


@pytest.mark.usefixtures("attached")
def test_a_run_fails_if_the_machine_is_stopped_meanwhile(sdk: Clients, control: AzureSandbox) -> None:
    run(sdk)
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(timing.FILES_COPY_S)

    assert end_of(sdk)[:2] == ("Failed", 1) and returned(control) == []


@pytest.mark.usefixtures("attached")
def test_a_run_ends_when_its_time_is_over(sdk: Clients, control: AzureSandbox) -> None:
    run(sdk, timeout_in_seconds=120)
    control.advance(120)

    assert end_of(sdk)[0] == "TimedOut"
    control.advance(timing.FILES_COPY_S)
    assert end_of(sdk)[0] == "TimedOut" and returned(control) == []


@pytest.mark.usefixtures("attached")
def test_a_machine_that_is_off_runs_nothing(sdk: Clients, control: AzureSandbox) -> None:
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(timing.DEALLOCATE_S)

    with pytest.raises(ResourceExistsError, match="when the VM is not running") as refused:
        run(sdk)

    assert refused.value.error.code == "OperationNotAllowed"
    with pytest.raises(ResourceNotFoundError) as missing:
        look(sdk)
    assert missing.value.error.code == "ResourceNotFound"
    with pytest.raises(ResourceNotFoundError):
        run(sdk, machine="nobody")


@pytest.mark.usefixtures("attached")
def test_who_lacks_the_right_runs_sees_and_deletes_nothing(sdk: Clients, control: AzureSandbox) -> None:
    control.deny([f"{RIGHT}/write"])
    with pytest.raises(HttpResponseError, match=f"{RIGHT}/write") as refused:
        run(sdk)
    assert (refused.value.status_code, refused.value.error.code) == (403, "AuthorizationFailed")

    control.allow()
    run(sdk)
    control.deny([f"{RIGHT}/read", f"{RIGHT}/delete"])
    with pytest.raises(HttpResponseError, match=f"{RIGHT}/read"):
        look(sdk)
    with pytest.raises(HttpResponseError, match=f"{RIGHT}/delete"):
        sdk.compute.virtual_machine_run_commands.begin_delete(*COMMAND, polling=False)


@each_case(
    "changes",
    [
        {"script": " "},
        {"script": None},
        {"async_execution": False},
        {"timeout_in_seconds": 0},
        {"parameters": [{"name": "folder"}]},
    ],
)
@pytest.mark.usefixtures("attached")
def test_a_body_that_cannot_run_is_refused(changes: dict[str, Any], sdk: Clients) -> None:
    properties = {
        "source": {"script": changes.get("script", "Copy-Item")},
        "asyncExecution": changes.get("async_execution", True),
        "timeoutInSeconds": changes.get("timeout_in_seconds", 60),
        "parameters": changes.get("parameters", []),
    }
    body = VirtualMachineRunCommand({"location": "westeurope", "properties": properties})

    with pytest.raises(HttpResponseError) as refused:
        sdk.compute.virtual_machine_run_commands.begin_create_or_update(*COMMAND, body, polling=False)

    assert refused.value.status_code == 400


@pytest.mark.usefixtures("attached")
def test_one_that_is_deleted_ends_at_once_and_can_be_deleted_again(
    sdk: Clients, control: AzureSandbox
) -> None:
    commands = sdk.compute.virtual_machine_run_commands
    run(sdk)
    ended = commands.begin_delete(*COMMAND)
    with pytest.raises(ResourceExistsError, match="being deleted"):
        run(sdk)
    control.advance(timing.PART_DELETE_S)
    ended.result()

    with pytest.raises(ResourceNotFoundError):
        look(sdk)
    commands.begin_delete(*COMMAND).result()
    control.advance(timing.FILES_COPY_S)
    assert returned(control) == []


@pytest.mark.usefixtures("attached")
def test_one_goes_with_its_machine(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    run(sdk)
    [listed] = [one for one in sdk.resources.resources.list_by_resource_group(GROUP) if one.type == RIGHT]
    assert listed.name == "vm1/bring-back"
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(600)
    assert RIGHT not in {one.type for one in sdk.resources.resources.list_by_resource_group(GROUP)}

    desk()

    with pytest.raises(ResourceNotFoundError):
        look(sdk)
    control.advance(timing.FILES_COPY_S)
    assert returned(control) == []


@pytest.mark.usefixtures("attached")
def test_a_scripted_failure_runs_nothing_and_the_same_body_runs_then(
    sdk: Clients, control: AzureSandbox
) -> None:
    operation = "virtualMachineRunCommands.createOrUpdate"
    control.add_fault("operation_error", operation=operation, code="VMAgentStatusCommunicationError")
    began = run(sdk, polling=True)
    control.advance(timing.PART_UPDATE_S)
    with pytest.raises(HttpResponseError, match="VMAgentStatusCommunicationError"):
        began.result()
    control.advance(timing.FILES_COPY_S)
    assert end_of(sdk)[0] == "Failed" and returned(control) == []

    run(sdk)
    control.advance(timing.FILES_COPY_S)

    assert end_of(sdk) == ("Succeeded", 0, "Copied.") and returned(control) == [2]
