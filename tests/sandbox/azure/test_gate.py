"""Who is let in, to what, and how often."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

from sandbox import demo_azure as demo
from sandbox.azure.ids import arm_id, group_id
from sandbox.azure.server import Handle
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, POOL, Clients

Make = Callable[..., Clients]
Desk = Callable[..., str]
OTHER = "33333333-3333-4333-8333-333333333333"


def _refusal(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    with pytest.raises(HttpResponseError) as refusal:
        found = function(*args, **named)
        list(found if hasattr(found, "by_page") else [])
    return refusal.value


def test_a_denied_action_is_named_and_nothing_happens(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    avd, machines, rights = sdk.avd, sdk.compute.virtual_machines, sdk.authorization.permissions
    denied: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
        ("Microsoft.DesktopVirtualization/hostpools/read", avd.host_pools.get, (GROUP, POOL)),
        (
            "Microsoft.DesktopVirtualization/hostpools/sessionhosts/read",
            avd.session_hosts.list,
            (GROUP, POOL),
        ),
        ("Microsoft.Compute/virtualMachines/start/action", machines.begin_start, (GROUP, "vm1")),
        ("Microsoft.Compute/virtualMachines/delete", machines.begin_delete, (GROUP, "vm1")),
        ("Microsoft.Compute/skus/read", sdk.compute.resource_skus.list, ()),
        ("Microsoft.Resources/deployments/read", sdk.deployments.deployments.get, (GROUP, "vm1")),
        ("Microsoft.Authorization/permissions/read", rights.list_for_resource_group, (GROUP,)),
    ]
    for action, function, args in denied:
        control.deny([action.upper()])

        refusal = _refusal(function, *args)

        assert (refusal.status_code, refusal.error.code) == (403, "AuthorizationFailed")
        assert f"'{action}'" in refusal.error.message and demo.DEMO_PRINCIPAL_ID in refusal.error.message
        control.allow()
    assert sdk.powers() == {"vm1": "running"}


def test_rights_are_reported_as_they_are(sdk: Clients, control: AzureSandbox) -> None:
    control.set_role(["Microsoft.Compute/*", "Microsoft.Authorization/*/read"], not_actions=["*/delete"])
    control.deny(["Microsoft.Compute/disks/write"], scope=demo.DEMO_SUBNET_ID)

    [on_group] = sdk.authorization.permissions.list_for_resource_group(GROUP)
    [on_subnet] = sdk.authorization.permissions.list_for_resource(
        GROUP, "Microsoft.Network", f"virtualNetworks/{demo.DEMO_NETWORK}", "subnets", demo.DEMO_SUBNET
    )

    assert on_group.actions == ["Microsoft.Compute/*", "Microsoft.Authorization/*/read"]
    assert on_group.not_actions == ["*/delete"]
    assert on_subnet.not_actions == ["*/delete", "Microsoft.Compute/disks/write"]
    assert _refusal(sdk.avd.host_pools.get, GROUP, POOL).error.code == "AuthorizationFailed"


def test_a_role_holds_below_its_scope_only(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    desk()
    group = group_id(demo.DEMO_SUBSCRIPTION_ID, GROUP)
    control.set_role(["Microsoft.Compute/*", "Microsoft.Authorization/*/read"], scopes=[group.upper()])

    refused = _refusal(sdk.compute.virtual_machines.list_all, status_only="true")

    assert (refused.status_code, refused.error.code) == (403, "AuthorizationFailed")
    assert [one.name for one in sdk.compute.virtual_machines.list(GROUP)] == ["vm1"]
    control.add_role(["*/read"], scopes=[f"/subscriptions/{demo.DEMO_SUBSCRIPTION_ID}"])
    assert sdk.powers() == {"vm1": "running"}
    rights = [one.actions for one in sdk.authorization.permissions.list_for_resource_group(GROUP)]
    assert rights == [["Microsoft.Compute/*", "Microsoft.Authorization/*/read"], ["*/read"]]


def test_a_role_takes_its_time_to_arrive(sdk: Clients, control: AzureSandbox) -> None:
    control.set_settings(role_lag_s=120)
    control.deny(["Microsoft.DesktopVirtualization/*"])
    control.allow()

    assert _refusal(sdk.avd.host_pools.get, GROUP, POOL).error.code == "AuthorizationFailed"
    control.advance(120)
    assert sdk.avd.host_pools.get(GROUP, POOL).name == POOL


def test_what_is_not_there_is_distinguished_from_what_is_not_ours(sdk: Clients, make_clients: Make) -> None:
    stranger = make_clients(subscription_id=OTHER)

    codes = [
        _refusal(stranger.avd.host_pools.get, GROUP, POOL).error.code,
        _refusal(sdk.avd.host_pools.get, "nowhere", POOL).error.code,
        _refusal(sdk.avd.host_pools.get, GROUP, "nothing").error.code,
        _refusal(sdk.network.subnets.get, GROUP, demo.DEMO_NETWORK, "nothing").error.code,
        _refusal(
            sdk.compute.virtual_machine_images.list_skus, "westeurope", "Canonical", "ubuntu"
        ).error.code,
        _refusal(sdk.resources.providers.get, "Microsoft.Nothing").error.code,
        _refusal(sdk.avd.desktops.get, GROUP, demo.DEMO_APP_GROUP, "Other").error.code,
    ]

    assert codes == [
        "SubscriptionNotFound",
        "ResourceGroupNotFound",
        "ResourceNotFound",
        "ResourceNotFound",
        "NotFound",
        "InvalidResourceNamespace",
        "ResourceNotFound",
    ]


def test_a_disabled_subscription_can_be_read_and_nothing_else(
    desk: Desk, order: Callable[..., Any], sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    control.set_subscription("Disabled")

    assert sdk.powers() == {"vm1": "running"}
    with pytest.raises(ResourceExistsError, match="ReadOnlyDisabledSubscription"):
        sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    with pytest.raises(ResourceExistsError, match="ReadOnlyDisabledSubscription"):
        order("vm2")
    control.set_subscription("Deleted")
    with pytest.raises(ResourceNotFoundError, match="SubscriptionNotFound"):
        sdk.powers()
    control.set_subscription("Enabled")
    order("vm2")


def test_a_provider_is_registered_after_a_while(sdk: Clients, control: AzureSandbox) -> None:
    control.set_provider("Microsoft.DesktopVirtualization", "NotRegistered")
    providers = sdk.resources.providers
    states = [providers.get("microsoft.desktopvirtualization").registration_state]
    states.append(providers.register("Microsoft.DesktopVirtualization").registration_state)
    control.advance(30)
    states.append(providers.get("Microsoft.DesktopVirtualization").registration_state)

    assert states == ["NotRegistered", "Registering", "Registered"]
    assert sdk.avd.host_pools.get(GROUP, POOL).name == POOL


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        ("reads", lambda sdk: sdk.avd.host_pools.get(GROUP, POOL)),
        ("writes", lambda sdk: sdk.avd.host_pools.retrieve_registration_token(GROUP, POOL)),
        ("deletes", lambda sdk: sdk.avd.session_hosts.delete(GROUP, POOL, "nobody")),
    ],
)
def test_resource_manager_lets_so_many_calls_through(
    kind: str, call: Callable[[Clients], Any], sdk: Clients, control: AzureSandbox
) -> None:
    control.set_settings(**{f"{kind}_per_s": 0.25, f"{kind}_burst": 2})
    call(sdk)
    call(sdk)

    refusal = _refusal(call, sdk)

    assert (refusal.status_code, refusal.error.code) == (429, "TooManyRequests")
    assert refusal.response.headers["Retry-After"] == "4"
    control.advance(4)
    call(sdk)


def test_the_buckets_of_reads_and_writes_are_reported_with_every_answer(
    sdk: Clients, control: AzureSandbox
) -> None:
    control.set_settings(reads_per_s=25)
    heard: list[str] = []

    for _ in range(2):
        sdk.avd.host_pools.get(
            GROUP,
            POOL,
            cls=lambda response, _, headers: heard.append(
                response.http_response.headers["x-ms-ratelimit-remaining-subscription-reads"]
            ),
        )

    assert heard == ["249", "248"]


def test_compute_counts_whole_lists_by_itself_and_words_it_otherwise(
    sdk: Clients, control: AzureSandbox
) -> None:
    control.set_settings(list_all_per_min=1)
    sdk.powers()

    refusal = _refusal(sdk.compute.virtual_machines.list_all)

    assert (refusal.status_code, refusal.error.code) == (429, "OperationNotAllowed")
    assert refusal.error.details[0].code == "TooManyRequests"
    assert refusal.response.headers["Retry-After"] == "60"
    assert sdk.avd.host_pools.get(GROUP, POOL).name == POOL


def _get(server: Handle, path: str, **headers: str) -> tuple[int, Any]:
    """A call without the SDKs, for what they never do."""
    context = ssl.create_default_context(cafile=server.ca_file)
    request = urllib.request.Request(f"{server.url}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["error"]["code"]


def test_calls_without_version_or_token_or_meaning_are_refused(
    server: Handle, sdk: Clients, control: AzureSandbox
) -> None:
    token = {
        "Authorization": f"Bearer {sdk.credential.get_token('https://management.azure.com/.default').token}"
    }
    pool = arm_id(demo.DEMO_SUBSCRIPTION_ID, GROUP, "Microsoft.DesktopVirtualization/hostPools", POOL)
    version = "?api-version=2024-04-03"

    assert _get(server, pool + version) == (401, "AuthenticationFailed")
    assert _get(server, pool + version, Authorization="Bearer a.b.c") == (401, "InvalidAuthenticationToken")
    assert _get(server, pool, **token) == (400, "MissingApiVersionParameter")
    assert _get(server, f"{pool}/magic{version}", **token) == (404, "NotFound")
    assert _get(server, pool.upper() + version, **token)[0] == 200


def test_an_answer_carries_the_clouds_own_time(sdk: Clients, control: AzureSandbox) -> None:
    control.set_now(2_000_000_000)
    dates = []

    sdk.avd.host_pools.get(
        GROUP, POOL, raw_response_hook=lambda one: dates.append(one.http_response.headers["Date"])
    )

    assert dates == ["Wed, 18 May 2033 03:33:20 GMT"]


def test_several_subscriptions_and_pools_stand_side_by_side(
    desk: Desk, sdk: Clients, control: AzureSandbox, make_clients: Make
) -> None:
    desk("vm1")
    control.add_subscription(OTHER)
    control.add_host_pool("hp-theirs", subscription_id=OTHER, resource_group="rg-theirs")
    control.add_host_pool("hp-second")
    theirs = make_clients(subscription_id=OTHER)

    control.make_machine("vm9", pool="hp-theirs", subscription_id=OTHER, resource_group="rg-theirs")
    control.make_machine("vm2", pool="hp-second")

    assert sdk.statuses() == {"vm1": "Available"} and set(sdk.powers()) == {"vm1", "vm2"}
    assert [host.name for host in sdk.avd.session_hosts.list(GROUP, "hp-second")] == ["hp-second/vm2"]
    assert set(theirs.powers()) == {"vm9"}
    assert [host.name for host in theirs.avd.session_hosts.list("rg-theirs", "hp-theirs")] == [
        "hp-theirs/vm9"
    ]
    pool = theirs.avd.host_pools.get("rg-theirs", "hp-theirs")
    group = theirs.avd.application_groups.get(
        "rg-theirs", pool.application_group_references[0].rpartition("/")[2]
    )
    assert group.workspace_arm_path.endswith("/ws-hp-theirs")


def test_an_application_that_is_forgotten_is_not_let_in(sdk: Clients, control: AzureSandbox) -> None:
    sdk.avd.host_pools.get(GROUP, POOL)
    control.reset(demo=False)

    with pytest.raises(ClientAuthenticationError, match="InvalidAuthenticationToken"):
        sdk.avd.host_pools.get(GROUP, POOL)
