"""What Resource Manager refuses before anything is made: nested reasons, and no record."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from sandbox import demo_azure as demo
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import Clients
from tests.sandbox.azure.session_host import IMAGE, template

Order = Callable[..., Any]
Desk = Callable[..., str]


def _refusal(order: Order, name: str = "vm1", **changes: Any) -> Any:
    with pytest.raises(HttpResponseError) as refusal:
        order(name, **changes)
    assert refusal.value.error is not None
    return refusal.value


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": "Standard_None"}, "InvalidParameter"),
        ({"name": "a-name-of-sixteen"}, "InvalidParameter"),
        ({"password": ""}, "InvalidParameter"),
        ({"image": {**IMAGE, "sku": "win12"}}, "PlatformImageNotFound"),
        ({"image": {**IMAGE, "publisher": "Canonical"}}, "PlatformImageNotFound"),
        ({"location": "atlantis"}, "LocationNotAvailableForResourceType"),
        ({"subnet": f"{demo.DEMO_SUBNET_ID}-2"}, "InvalidResourceReference"),
        ({"location": demo.DEMO_OTHER_LOCATION}, "InvalidResourceReference"),
    ],
)
def test_a_bad_order_is_refused_with_its_reason_inside(
    changes: dict[str, Any], code: str, order: Order, control: AzureSandbox
) -> None:
    refusal = _refusal(order, changes.pop("name", "vm1"), **changes)

    assert (refusal.status_code, refusal.error.code) == (400, "InvalidTemplateDeployment")
    assert refusal.error.details[0].code == code
    assert control.journal() == []


def test_a_full_subnet_takes_nobody_in(desk: Desk, order: Order, control: AzureSandbox, sdk: Clients) -> None:
    control.set_subnet(free=1)
    desk("vm1")

    refusal = _refusal(order, "vm2")

    assert refusal.error.details[0].code == "SubnetIsFull"
    subnet = sdk.network.subnets.get(demo.DEMO_RESOURCE_GROUP, demo.DEMO_NETWORK, demo.DEMO_SUBNET)
    length = int(subnet.properties.address_prefix.rpartition("/")[2])
    assert 2 ** (32 - length) - 5 == len(subnet.properties.ip_configurations)


def test_a_size_may_be_withheld_from_a_subscription(
    order: Order, control: AzureSandbox, sdk: Clients
) -> None:
    control.restrict_sku("Standard_D4s_v5")

    refusal = _refusal(order)

    assert refusal.error.details[0].code == "SkuNotAvailable"
    control.restrict_sku("Standard_D4s_v5", None)
    order("vm1")


@pytest.mark.parametrize("name", ["cores", "standardDSv5Family"])
def test_quotas_of_region_and_family_hold_and_count_what_is_deallocated(
    name: str, desk: Desk, order: Order, control: AzureSandbox, sdk: Clients
) -> None:
    control.set_quota(name, 8)
    desk("vm1")
    sdk.compute.virtual_machines.begin_deallocate(demo.DEMO_RESOURCE_GROUP, "vm1", polling=False)
    control.advance(120)
    order("vm2")
    control.advance(10)

    refusal = _refusal(order, "vm3")

    assert refusal.error.details[0].code == "QuotaExceeded"
    used = {one.name.value: (one.current_value, one.limit) for one in sdk.compute.usage.list("westeurope")}
    assert used[name] == (8, 8) and used["virtualMachines"][0] == 2


def test_two_orders_at_once_for_the_last_cores_end_with_one_machine(
    order: Order, control: AzureSandbox, deployed: Callable[..., Any]
) -> None:
    control.set_quota("cores", 4)
    order("vm1")
    order("vm2")
    control.advance(1200)

    assert (deployed("vm1").provisioning_state, deployed("vm2").provisioning_state) == ("Succeeded", "Failed")
    assert deployed("vm2").error.details[0].code == "QuotaExceeded"
    assert [one["name"] for one in control.journal() if one["kind"] == "vm"] == ["vm1"]


def test_the_same_machine_again_needs_no_more_quota(desk: Desk, order: Order, control: AzureSandbox) -> None:
    control.set_quota("cores", 4)
    desk("vm1")

    order("vm1")


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("outputs", "machine", "value"), "[magic('x')]", "magic"),
        (("outputs", "machine", "value"), "[concat('x']", "parse"),
        (("outputs", "machine", "value"), "[parameters('nobody')]", "nobody"),
        (("parameters", "name", "type"), "word", "unknown type"),
        (("parameters", "name", "minLength"), 10, "length"),
        (("parameters", "more"), {"type": "string"}, "not provided"),
        (
            ("resources", 0, "dependsOn"),
            ["[resourceId('Microsoft.Compute/virtualMachines', parameters('name'))]"],
            "Circular",
        ),
        (("resources", 0, "name"), "[parameters('name')]/inner", "segment"),
        (("resources", 0, "apiVersion"), "", "apiVersion"),
        (("resources", 0, "type"), "Microsoft.Storage/storageAccounts", "cannot make"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(
    place: tuple[Any, ...], value: Any, words: str, order: Order, control: AzureSandbox
) -> None:
    broken = copy.deepcopy(template())
    inside: Any = broken
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value

    refusal = _refusal(order, template=broken)

    assert (refusal.status_code, refusal.error.code) == (400, "InvalidTemplate")
    assert words in refusal.error.message
    assert control.journal() == []


def test_a_parameter_that_the_template_does_not_know_is_refused(order: Order) -> None:
    assert _refusal(order, colour="red").error.code == "InvalidTemplate"


def test_every_resource_needs_its_own_right(order: Order, control: AzureSandbox) -> None:
    control.deny(["Microsoft.Compute/virtualMachines/write"])

    refusal = _refusal(order)

    assert (refusal.status_code, refusal.error.code) == (403, "InvalidTemplateDeployment")
    assert refusal.error.details[0].code == "AuthorizationFailed"
    assert "Microsoft.Compute/virtualMachines/write" in refusal.error.details[0].message


def test_joining_a_subnet_is_a_right_of_the_subnet(order: Order, control: AzureSandbox) -> None:
    control.deny(["Microsoft.Network/virtualNetworks/subnets/join/action"], scope=demo.DEMO_SUBNET_ID)

    refusal = _refusal(order)

    assert (refusal.status_code, refusal.error.code) == (403, "LinkedAuthorizationFailed")
    assert "subnets/join/action" in refusal.error.message
    assert control.journal() == []


def test_an_unregistered_provider_is_named(order: Order, control: AzureSandbox) -> None:
    control.set_provider("Microsoft.Network", "NotRegistered")

    # The SDK's own policy would register it and wait for that; here it is only named.
    control.deny(["Microsoft.Network/register/action"])
    refusal = _refusal(order)

    assert (refusal.status_code, refusal.error.code) == (409, "MissingSubscriptionRegistration")
