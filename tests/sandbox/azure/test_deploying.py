"""Deployments: what they bring into being, when, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.resource.deployments.models import Deployment, DeploymentProperties

from sandbox.azure import timing
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, POOL, Clients
from tests.sandbox.azure.session_host import parameters, template

Order = Callable[..., Any]
Desk = Callable[..., str]
Living = Callable[[], set[str]]
Deployed = Callable[..., Any]
ALL = {"deployment vm1", "nic vm1-nic", "vm vm1", "disk vm1-os", "host vm1"}


def test_everything_comes_into_being_step_by_step(
    order: Order, sdk: Clients, control: AzureSandbox, living: Living, deployed: Deployed
) -> None:
    order("vm1")
    seen = [living()]
    for seconds in (5, 120, 120, 180):
        control.advance(seconds)
        seen.append(living())

    assert seen[0] == {"deployment vm1", "nic vm1-nic"}
    assert seen[1] == ALL - {"host vm1"} == seen[3]
    assert seen[4] == ALL
    assert deployed().provisioning_state == "Succeeded"
    assert deployed().outputs["machine"]["value"].endswith("/virtualMachines/vm1")
    assert sdk.statuses() == {"vm1": "Upgrading"}
    control.advance(timing.UPGRADE_S)
    assert sdk.statuses() == {"vm1": "Available"} and sdk.powers() == {"vm1": "running"}


def test_each_part_shows_how_far_it_is_and_whose_it_is(
    order: Order, sdk: Clients, control: AzureSandbox
) -> None:
    cards = sdk.network.network_interfaces
    order("vm1")
    states = [cards.get(GROUP, "vm1-nic").properties.provisioning_state]
    control.advance(60)
    states.append(cards.get(GROUP, "vm1-nic").properties.provisioning_state)
    states.append(sdk.compute.virtual_machines.get(GROUP, "vm1").properties.provisioning_state)
    control.advance(900)
    vm = sdk.compute.virtual_machines.get(GROUP, "vm1")

    assert states == ["Updating", "Succeeded", "Creating"]
    assert vm.properties.provisioning_state == "Succeeded"
    assert vm.identity.type == "SystemAssigned" and vm.properties.license_type == "Windows_Client"
    assert cards.get(GROUP, "vm1-nic").properties.virtual_machine.id == vm.id
    assert sdk.compute.disks.get(GROUP, "vm1-os").managed_by == vm.id
    assert [one.name for one in vm.resources] == ["AADLoginForWindows", "agent"]
    assert {one.properties.provisioning_state for one in vm.resources} == {"Succeeded"}


def test_everything_carries_the_claim_also_what_has_no_tags(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()

    assert {one["claim"] for one in control.journal()} == {"claim/1"}
    assert {one["made_by"] for one in control.journal()} == {"deployment"}
    assert sdk.compute.virtual_machines.get(GROUP, "vm1").tags == {"berth-claim": "claim/1"}
    assert sdk.network.network_interfaces.get(GROUP, "vm1-nic").tags == {"berth-claim": "claim/1"}
    assert not sdk.compute.disks.get(GROUP, "vm1-os").tags


def test_a_setting_lets_the_disk_take_over_its_machines_tags(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    control.set_settings(disk_tags=1)
    desk()

    assert sdk.compute.disks.get(GROUP, "vm1-os").tags == {"berth-claim": "claim/1"}


def test_the_poller_of_the_sdk_comes_to_its_end(
    order: Order, sdk: Clients, control: AzureSandbox, deployed: Deployed
) -> None:
    poller = order("vm1", polling=True)
    control.advance(600)
    resumed = sdk.deployments.deployments.begin_create_or_update(
        GROUP, "vm1", None, continuation_token=poller.continuation_token()
    )

    assert resumed.result().properties.provisioning_state == "Succeeded"
    assert deployed().correlation_id == resumed.result().properties.correlation_id


def test_a_running_deployment_cannot_be_replaced_nor_forgotten(
    order: Order, sdk: Clients, control: AzureSandbox
) -> None:
    order("vm1")

    with pytest.raises(ResourceExistsError) as refusal:
        order("vm1")
    with pytest.raises(ResourceExistsError):
        sdk.deployments.deployments.begin_delete(GROUP, "vm1", polling=False)

    assert refusal.value.error is not None and refusal.value.error.code == "DeploymentActive"
    assert len([one for one in control.journal() if one["kind"] == "nic"]) == 1


def test_the_same_order_again_makes_nothing_twice(
    desk: Desk, order: Order, control: AzureSandbox, living: Living, deployed: Deployed
) -> None:
    desk()
    order("vm1")
    control.advance(600)

    assert len(control.journal()) == 5 and living() == ALL
    assert deployed().provisioning_state == "Succeeded"


def test_a_machine_does_not_take_another_password(
    desk: Desk, order: Order, deployed: Deployed, control: AzureSandbox
) -> None:
    desk()
    order("vm1", password="Aa1!another")
    control.advance(60)

    assert deployed().error.details[0].code == "PropertyChangeNotAllowed"


def test_a_token_that_is_no_good_fails_the_agents_extension(
    order: Order, control: AzureSandbox, deployed: Deployed, living: Living, sdk: Clients
) -> None:
    order("vm1", token="eyJ.not.mine")
    control.advance(900)

    found = deployed()
    assert found.provisioning_state == "Failed" and found.error.code == "DeploymentFailed"
    [detail] = found.error.details
    inner = json.loads(detail.message)["error"]
    assert (detail.code, inner["code"]) == ("Conflict", "ResourceDeploymentFailure")
    assert inner["details"][0]["code"] == "VMExtensionProvisioningError"
    assert "INVALID_REGISTRATION_TOKEN" in inner["details"][0]["message"]
    assert living() == ALL - {"host vm1"}
    view = sdk.compute.virtual_machines.instance_view(GROUP, "vm1")
    assert view.statuses[0].code == "ProvisioningState/failed/VMExtensionProvisioningError"


def test_the_sdks_own_poller_raises_what_the_deployment_says(order: Order, control: AzureSandbox) -> None:
    poller = order("vm1", token="eyJ.not.mine", polling=True)
    control.advance(900)

    with pytest.raises(HttpResponseError) as failure:
        poller.result()

    assert failure.value.error is not None
    assert (failure.value.status_code, failure.value.error.code) == (200, "DeploymentFailed")


@pytest.mark.parametrize(("works", "state"), [(0, "Failed"), (1, "Succeeded")])
def test_a_renewed_token_ends_the_one_before_unless_set_otherwise(
    works: int, state: str, order: Order, sdk: Clients, control: AzureSandbox, deployed: Deployed
) -> None:
    control.set_settings(old_tokens_work=works)
    old = sdk.token(control.now())
    sdk.token(control.now())
    order("vm1", token=old)
    control.advance(900)

    assert deployed().provisioning_state == state


def test_a_token_that_runs_out_before_the_agent_comes_is_no_good(
    order: Order, sdk: Clients, control: AzureSandbox, deployed: Deployed
) -> None:
    token = sdk.token(control.now(), hours=1)
    control.advance(3600 - 60)
    order("vm1", token=token)
    control.advance(900)

    assert deployed().provisioning_state == "Failed"


def test_a_name_that_was_joined_before_makes_a_host_that_nobody_can_use(
    desk: Desk, sdk: Clients, control: AzureSandbox, deployed: Deployed
) -> None:
    desk("vm1")
    control.delete_by_hand("vm1")
    sdk.deployments.deployments.begin_delete(GROUP, "vm1", polling=False)
    control.advance(60)

    desk("VM1")

    assert deployed().provisioning_state == "Succeeded"
    [host] = sdk.avd.session_hosts.list(GROUP, POOL)
    failed = [
        check.health_check_name
        for check in host.session_host_health_check_results
        if check.health_check_result == "HealthCheckFailed"
    ]
    assert (host.status, failed) == ("Unavailable", ["DomainJoinedCheck", "AADJoinedHealthCheck"])


def test_cancelling_ends_what_has_not_begun_and_nothing_else(
    order: Order, sdk: Clients, control: AzureSandbox, deployed: Deployed, living: Living
) -> None:
    order("vm1")
    control.advance(30)
    sdk.deployments.deployments.cancel(GROUP, "vm1")
    at_once = deployed().provisioning_state
    control.advance(900)

    assert (at_once, deployed().provisioning_state) == ("Running", "Canceled")
    assert living() == ALL - {"host vm1"} and sdk.powers() == {"vm1": "running"}
    with pytest.raises(ResourceExistsError, match="DeploymentCannotBeCancelled"):
        sdk.deployments.deployments.cancel(GROUP, "vm1")


def test_a_cancelled_deployment_runs_again_to_its_end(
    order: Order, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    order("vm1")
    sdk.deployments.deployments.cancel(GROUP, "vm1")
    control.advance(10)
    order("vm1")
    control.advance(1200)

    assert living() == ALL and sdk.statuses() == {"vm1": "Available"}
    assert len(control.journal()) == 5


def test_forgetting_a_deployment_leaves_what_it_made(
    desk: Desk, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    desk()
    sdk.deployments.deployments.begin_delete(GROUP, "vm1", polling=False)
    control.advance(10)

    assert living() == ALL - {"deployment vm1"}
    with pytest.raises(ResourceNotFoundError, match="DeploymentNotFound"):
        sdk.deployments.deployments.get(GROUP, "vm1")
    sdk.deployments.deployments.begin_delete(GROUP, "vm1", polling=False)
    assert not sdk.deployments.deployments.check_existence(GROUP, "vm1")


def test_the_steps_of_a_deployment_can_be_read_one_by_one(
    order: Order, sdk: Clients, control: AzureSandbox
) -> None:
    order("vm1", token="eyJ.not.mine")
    control.advance(900)

    steps = [one.properties for one in sdk.deployments.deployment_operations.list(GROUP, "vm1")]

    assert [(one.target_resource.resource_name, one.provisioning_state) for one in steps] == [
        ("vm1-nic", "Succeeded"),
        ("vm1", "Succeeded"),
        ("vm1/AADLoginForWindows", "Succeeded"),
        ("vm1/agent", "Failed"),
    ]
    assert steps[-1].status_message.error.code == "Conflict"


def test_deployments_are_listed_by_their_state(
    desk: Desk, order: Order, sdk: Clients, control: AzureSandbox
) -> None:
    desk("vm1")
    order("vm2")

    def names(wanted: str) -> list[str]:
        found = sdk.deployments.deployments.list_by_resource_group(
            GROUP, filter=f"provisioningState eq '{wanted}'"
        )
        return [one.name for one in found]

    assert (names("Accepted"), names("Running"), names("Succeeded")) == (["vm2"], [], ["vm1"])
    control.advance(1)
    assert (names("Running"), names("Succeeded"), names("Failed")) == (["vm2"], ["vm1"], [])


def test_no_secret_stands_in_the_history(desk: Desk, control: AzureSandbox, sdk: Clients) -> None:
    desk(password="Aa1!very.secret")
    found = sdk.deployments.deployments.get(GROUP, "vm1")

    assert "very.secret" not in json.dumps(found.as_dict())
    assert found.properties.parameters["password"] == {"type": "SecureString"}
    assert "very.secret" not in json.dumps(control.state())


def test_the_history_of_a_group_is_not_endless(
    order: Order, control: AzureSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "DEPLOYMENTS_KEPT", 1)
    order("vm1")

    with pytest.raises(ResourceExistsError, match="DeploymentQuotaExceeded"):
        order("vm2")


def test_a_dry_run_checks_everything_and_makes_nothing(sdk: Clients, control: AzureSandbox) -> None:
    def body(**changes: Any) -> Deployment:
        values = parameters("vm1", token=None, claim=None, **changes)
        return Deployment(
            properties=DeploymentProperties(mode="Incremental", template=template(), parameters=values)
        )

    def validate(**changes: Any) -> Any:
        return sdk.deployments.deployments.begin_validate(GROUP, "vm1", body(**changes)).result()

    good = validate()
    with pytest.raises(HttpResponseError) as bad:
        validate(size="Standard_None")

    assert good.properties.provisioning_state == "Succeeded" and good.error is None
    assert bad.value.error is not None and bad.value.error.details[0].code == "InvalidParameter"
    assert control.journal() == []


def test_what_is_detached_outlives_its_machine(
    desk: Desk, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    desk(template=template(delete_option="Detach"))
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(300)

    assert living() == ALL - {"vm vm1"}


@pytest.mark.parametrize(
    ("gone", "code"),
    [(["vm"], "ConflictingUserInput"), (["vm", "disk"], None), ([], "AnotherOperationInProgress")],
)
def test_a_machine_cannot_be_made_again_among_the_remains_of_the_one_before(
    gone: list[str],
    code: str | None,
    desk: Desk,
    order: Order,
    sdk: Clients,
    control: AzureSandbox,
    deployed: Deployed,
) -> None:
    desk()
    if gone:
        control.delete_by_hand("vm1", parts=gone)
    else:
        sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    order("vm1")
    control.advance(900)

    details = deployed().error.details if deployed().error else []
    assert [one.code for one in details] == ([code] if code else [])


def test_complete_mode_is_not_for_the_sandbox(order: Order) -> None:
    with pytest.raises(HttpResponseError, match="Incremental"):
        order("vm1", mode="Complete")
