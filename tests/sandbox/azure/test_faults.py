"""Scripted trouble, one kind after the other, seen through the real SDKs and in the ledger."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)

from sandbox.azure_control import AzureSandbox, SandboxError
from tests.sandbox.azure.clients import GROUP, POOL, Clients

Order = Callable[..., Any]
Desk = Callable[..., str]
Living = Callable[[], set[str]]
Deployed = Callable[..., Any]
PUT = "deployments.createOrUpdate"


@pytest.mark.parametrize(
    ("kind", "more", "status", "code"),
    [
        ("throttle", {}, 429, "TooManyRequests"),
        ("throttle", {"code": "OperationNotAllowed", "retry_after_s": 600}, 429, "OperationNotAllowed"),
        ("http_500", {}, 500, "InternalServerError"),
        ("http_503", {"retry_after_s": 7}, 503, "ServerTimeout"),
        (
            "error",
            {"code": "RequestDisallowedByPolicy", "message": "Not here.", "status": 403},
            403,
            "RequestDisallowedByPolicy",
        ),
    ],
)
def test_a_refusing_fault_strikes_once_and_nothing_happens(
    kind: str, more: dict[str, Any], status: int, code: str, order: Order, control: AzureSandbox
) -> None:
    control.add_fault(kind, operation=PUT, **more)

    with pytest.raises(HttpResponseError) as refusal:
        order("vm1")

    assert refusal.value.error is not None and refusal.value.response is not None
    assert (refusal.value.status_code, refusal.value.error.code) == (status, code)
    wanted = {"retry_after_s": 0} | ({"retry_after_s": 1} if kind == "throttle" else {}) | more
    assert refusal.value.response.headers.get("Retry-After", "0") == str(wanted["retry_after_s"])
    assert control.journal() == []
    order("vm1")
    assert [line["outcome"] for line in control.ledger(operation=PUT)] == [code, "ok"]


def test_a_dropped_call_has_no_effect(order: Order, control: AzureSandbox) -> None:
    control.add_fault("drop_before", operation=PUT)

    with pytest.raises(AzureError):
        order("vm1")

    assert control.journal() == []
    [line] = control.ledger(operation=PUT)
    assert (line["outcome"], line["fault"], line["status"]) == ("dropped", "drop_before", None)


def test_a_lost_answer_leaves_its_effect(order: Order, control: AzureSandbox) -> None:
    control.add_fault("drop_after", operation=PUT)

    with pytest.raises(ServiceResponseError):
        order("vm1")

    assert [one["name"] for one in control.journal()] == ["vm1", "vm1-nic"]
    [line] = control.ledger(operation=PUT)
    assert (line["outcome"], line["accepted"], line["claims"]) == ("answer_lost", 1, ["claim/1"])


@pytest.mark.parametrize(("effect", "power"), [(False, "running"), (True, "deallocating")])
def test_a_hanging_call_times_out_while_others_are_served(
    effect: bool, power: str, control: AzureSandbox, sdk: Clients, make_clients: Callable[..., Clients]
) -> None:
    control.make_machine("vm1")
    control.add_fault("hang", operation="virtualMachines.deallocate", seconds=3, effect=effect)
    hasty = make_clients(read_timeout=0.3)
    outcomes: list[BaseException] = []

    def hang() -> None:
        with pytest.raises(ServiceResponseTimeoutError) as timeout:
            hasty.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
        outcomes.append(timeout.value)

    hanging = threading.Thread(target=hang)
    hanging.start()
    while not control.ledger(operation="virtualMachines.deallocate"):
        pass
    served = sdk.powers()
    hanging.join()

    assert len(outcomes) == 1
    assert served == {"vm1": power}


def test_a_slow_call_takes_effect_after_its_caller_has_given_up(
    control: AzureSandbox, make_clients: Callable[..., Clients], sdk: Clients
) -> None:
    control.make_machine("vm1")
    control.add_fault("slow", operation="virtualMachines.delete", seconds=0.4)
    hasty = make_clients(read_timeout=0.1)
    with pytest.raises(ServiceResponseTimeoutError):
        hasty.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)

    while not control.ledger(operation="virtualMachines.delete"):
        pass

    assert sdk.compute.virtual_machines.get(GROUP, "vm1").properties.provisioning_state == "Deleting"
    assert control.ledger(operation="virtualMachines.delete")[0]["fault"] == "slow"


@pytest.mark.parametrize("kind", ["garbage", "truncated"])
def test_a_spoilt_answer_is_no_empty_list(kind: str, sdk: Clients, control: AzureSandbox) -> None:
    control.make_machine("vm1")
    for operation, look in (("sessionHosts.list", sdk.statuses), ("virtualMachines.listAll", sdk.powers)):
        control.add_fault(kind, operation=operation)

        with pytest.raises((AzureError, ValueError)):
            look()

        assert set(look()) == {"vm1"}


def test_a_listing_may_come_empty_and_without_a_further_page(sdk: Clients, control: AzureSandbox) -> None:
    control.set_settings(vm_page=1)
    control.make_machine("vm1")
    control.make_machine("vm2")
    for look in (sdk.powers, sdk.statuses):
        control.clear_faults()
        control.add_fault("empty_listing")

        assert look() == {}
        assert set(look()) == {"vm1", "vm2"}


@pytest.mark.parametrize(
    ("type_name", "code", "living", "power"),
    [
        ("Microsoft.Network/networkInterfaces", "InternalServerError", {"nic"}, None),
        ("Microsoft.Compute/virtualMachines", "AllocationFailed", {"nic", "vm"}, ""),
        ("Microsoft.Compute/virtualMachines", "QuotaExceeded", {"nic", "vm"}, ""),
        ("Microsoft.Compute/virtualMachines", "OSProvisioningTimedOut", {"nic", "vm", "disk"}, "running"),
    ],
)
def test_a_deployment_may_fail_at_a_resource_and_leave_what_there_is(
    type_name: str,
    code: str,
    living: set[str],
    power: str | None,
    order: Order,
    sdk: Clients,
    control: AzureSandbox,
    deployed: Deployed,
) -> None:
    control.add_fault("deployment_error", resource_type=type_name, code=code, message="Scripted.")
    order("vm1")
    control.advance(1200)

    assert deployed().provisioning_state == "Failed"
    assert code in json.dumps(deployed().error.as_dict())
    kinds = {one["kind"] for one in control.journal() if one["gone_at"] is None}
    assert kinds == living | {"deployment"}
    assert sdk.powers().get("vm1") == power


def test_the_next_attempt_after_a_passing_failure_succeeds(
    order: Order, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    control.add_fault("deployment_error", code="AllocationFailed", message="No capacity.")
    order("vm1")
    control.advance(300)
    failed = sdk.compute.virtual_machines.instance_view(GROUP, "vm1").statuses[0]
    order("vm1")
    control.advance(1200)

    assert (failed.code, failed.message) == ("ProvisioningState/failed/AllocationFailed", "No capacity.")
    assert sdk.statuses() == {"vm1": "Available"}
    assert living() == {"deployment vm1", "nic vm1-nic", "vm vm1", "disk vm1-os", "host vm1"}


def test_a_code_may_hide_inside_another(order: Order, control: AzureSandbox, deployed: Deployed) -> None:
    control.add_fault("deployment_error", code="Conflict", inner_code="ReadOnlyDisabledSubscription")
    order("vm1")
    control.advance(300)

    [detail] = deployed().error.details
    assert detail.code == "Conflict"
    assert json.loads(detail.message)["error"]["code"] == "ReadOnlyDisabledSubscription"


def test_a_deployment_may_go_on_for_ever_and_is_cancelled(
    order: Order, sdk: Clients, control: AzureSandbox, deployed: Deployed
) -> None:
    control.add_fault("stuck")
    order("vm1")
    control.advance(86400)
    stuck = deployed().provisioning_state
    sdk.deployments.deployments.cancel(GROUP, "vm1")
    control.advance(10)

    assert (stuck, deployed().provisioning_state) == ("Running", "Canceled")


def test_an_agent_may_never_register(
    order: Order, sdk: Clients, control: AzureSandbox, deployed: Deployed
) -> None:
    control.add_fault("agent_silent")
    order("vm1")
    control.advance(86400)

    assert deployed().provisioning_state == "Succeeded"
    assert (sdk.powers(), sdk.statuses()) == ({"vm1": "running"}, {})


def test_an_agent_may_take_long_to_update_itself(order: Order, sdk: Clients, control: AzureSandbox) -> None:
    control.add_fault("agent_upgrading", seconds=2400)
    order("vm1")
    control.advance(2400)
    long = sdk.statuses()
    control.advance(600)

    assert (long, sdk.statuses()) == ({"vm1": "Upgrading"}, {"vm1": "Available"})


def test_a_host_may_come_up_in_another_state_and_stay_so(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    control.add_fault("host_status", host_status="NeedsAssistance", failed_checks=["MonitoringAgentCheck"])
    desk()
    machines = sdk.compute.virtual_machines
    machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(120)
    machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(300)

    host = sdk.avd.session_hosts.get(GROUP, POOL, "vm1")
    failed = [
        one.health_check_name
        for one in host.session_host_health_check_results
        if one.health_check_result == "HealthCheckFailed"
    ]
    assert (host.status, failed) == ("NeedsAssistance", ["MonitoringAgentCheck"])


def test_card_and_disk_may_stay_behind(
    desk: Desk, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    desk()
    control.add_fault("leftovers")
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(3600)

    assert living() == {"deployment vm1", "nic vm1-nic", "disk vm1-os", "host vm1"}


def test_a_deallocation_may_end_in_a_state_that_is_billed(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    control.add_fault("billed_stop")
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(300)

    assert sdk.powers() == {"vm1": "stopped"}


@pytest.mark.parametrize(
    ("method", "power"),
    [("start", "deallocated"), ("deallocate", "running"), ("restart", "running"), ("delete", "running")],
)
def test_an_operation_may_be_accepted_and_fail_in_the_end(
    method: str, power: str, desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    machines = sdk.compute.virtual_machines
    if method == "start":
        machines.begin_deallocate(GROUP, "vm1", polling=False)
        control.advance(60)
    control.add_fault("operation_error", code="AllocationFailed", message="No capacity.")
    poller = getattr(machines, f"begin_{method}")(GROUP, "vm1")
    control.advance(60)

    with pytest.raises(HttpResponseError, match="AllocationFailed"):
        poller.result()
    assert sdk.powers() == {"vm1": power}
    view = machines.instance_view(GROUP, "vm1")
    assert view.statuses[0].code == "ProvisioningState/failed/AllocationFailed"


def test_a_rule_strikes_only_what_it_names(order: Order, sdk: Clients, control: AzureSandbox) -> None:
    for more in (
        {"subscription_id": "another"},
        {"resource_group": "another"},
        {"client_id": "another"},
        {"resource_name": "VM2"},
        {"claim": "claim/3"},
        {"operation": "virtualMachines.start"},
    ):
        control.add_fault("http_500", **more)

    order("vm1")
    with pytest.raises(HttpResponseError, match="InternalServerError"):
        order("vm2")
    with pytest.raises(HttpResponseError, match="InternalServerError"):
        order("vm3", claim="claim/3")
    assert [rule["hits"] for rule in control.list_faults()] == [0, 0, 0, 1, 1, 0]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"kind": "magic"},
        {"kind": "error"},
        {"kind": "deployment_error"},
        {"kind": "slow", "colour": "red"},
        {"kind": "item_error", "code": "x"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(nonsense: dict[str, Any], control: AzureSandbox) -> None:
    with pytest.raises(SandboxError):
        control.add_fault(**nonsense)

    assert control.list_faults() == []


def test_a_refused_order_uses_up_no_other_rule(order: Order, control: AzureSandbox) -> None:
    control.add_fault("agent_silent")
    control.add_fault("throttle", operation=PUT)

    with pytest.raises(HttpResponseError, match="TooManyRequests"):
        order("vm1")

    assert [(rule["kind"], rule["remaining"]) for rule in control.list_faults()] == [
        ("agent_silent", 1),
        ("throttle", 0),
    ]


def test_chance_is_the_same_for_the_same_seed(sdk: Clients, control: AzureSandbox) -> None:
    def strikes(seed: int) -> list[bool]:
        control.clear_faults()
        control.add_fault("throttle", times=-1, probability=0.5, seed=seed)
        before = len(control.ledger())
        for _ in range(20):
            try:
                sdk.avd.host_pools.get(GROUP, POOL)
            except HttpResponseError:
                continue
        return [line["fault"] is not None for line in control.ledger()[before:]]

    first = strikes(1)

    assert strikes(1) == first != strikes(2)
    assert 0 < sum(first) < 20
