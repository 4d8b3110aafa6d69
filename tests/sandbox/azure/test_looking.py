"""Lists: pages, filters, what is shown late, what is left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.desktopvirtualization.models import HostPoolPatch, RegistrationInfoPatch

from sandbox import demo_azure as demo
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, POOL, Clients

Order = Callable[..., Any]
Desk = Callable[..., str]


@pytest.fixture
def five(control: AzureSandbox) -> list[str]:
    """Machines with hosts, made by hand; their names."""
    names = [f"vm{number}" for number in range(1, 6)]
    for name in names:
        control.make_machine(name, tags={"berth-claim": f"claim/{name}", "Team": "data"})
    return names


def _pages(pager: Any) -> list[list[str]]:
    return [[one.name.rpartition("/")[2] for one in page] for page in pager.by_page()]


def test_a_list_comes_in_pages_that_the_sdk_follows(
    five: list[str], sdk: Clients, control: AzureSandbox
) -> None:
    control.set_settings(vm_page=2, host_page=3)

    assert _pages(sdk.compute.virtual_machines.list_all(status_only="true")) == [
        ["vm1", "vm2"],
        ["vm3", "vm4"],
        ["vm5"],
    ]
    assert _pages(sdk.compute.virtual_machines.list(GROUP)) == [["vm1", "vm2"], ["vm3", "vm4"], ["vm5"]]
    assert _pages(sdk.avd.session_hosts.list(GROUP, POOL)) == [["vm1", "vm2", "vm3"], ["vm4", "vm5"]]


def test_the_pool_may_be_asked_for_other_pages(five: list[str], sdk: Clients) -> None:
    hosts = sdk.avd.session_hosts

    assert _pages(hosts.list(GROUP, POOL, page_size=4)) == [five[:4], five[4:]]
    assert _pages(hosts.list(GROUP, POOL, initial_skip=3)) == [five[3:]]
    assert _pages(hosts.list(GROUP, POOL, page_size=2, is_descending=True, initial_skip=1)) == [
        ["vm4", "vm3"],
        ["vm2", "vm1"],
    ]
    with pytest.raises(HttpResponseError, match="pagesize"):
        list(hosts.list(GROUP, POOL, page_size=0))


def test_nothing_is_lost_between_two_pages_when_something_dies(
    five: list[str], sdk: Clients, control: AzureSandbox
) -> None:
    control.set_settings(vm_page=2)
    pages = sdk.compute.virtual_machines.list_all(status_only="true").by_page()
    first = [vm.name for vm in next(pages)]

    control.delete_by_hand("vm1")
    rest = [vm.name for page in pages for vm in page]

    assert (first, rest) == (["vm1", "vm2"], ["vm3", "vm4", "vm5"])


def test_statuses_only_leaves_the_rest_out(five: list[str], sdk: Clients) -> None:
    lean = next(iter(sdk.compute.virtual_machines.list_all(status_only="true")))
    whole = next(iter(sdk.compute.virtual_machines.list_all()))

    assert lean.properties.instance_view.statuses and lean.properties.hardware_profile is None
    assert whole.properties.instance_view is None
    assert whole.properties.hardware_profile.vm_size == "Standard_D4s_v5"


def test_resources_are_found_by_tag_and_then_shown_without_tags(five: list[str], sdk: Clients) -> None:
    resources = sdk.resources.resources

    by_tag = list(
        resources.list_by_resource_group(GROUP, filter="tagName eq 'berth-claim' and tagValue eq 'claim/vm2'")
    )
    by_name = list(resources.list(filter="tagName eq 'team'"))
    plain = {one.name: one.tags for one in resources.list_by_resource_group(GROUP)}

    assert sorted(one.name for one in by_tag) == ["vm2", "vm2-nic"]
    assert {one.tags for one in by_tag} == {None}
    assert len(by_name) == 10
    assert plain["vm2"] == {"berth-claim": "claim/vm2", "Team": "data"} and plain["vm2-os"] is None


def test_resources_are_found_by_type_and_counted_out(five: list[str], sdk: Clients) -> None:
    resources = sdk.resources.resources
    disks = list(resources.list_by_resource_group(GROUP, filter="resourceType eq 'Microsoft.Compute/disks'"))
    page = next(resources.list_by_resource_group(GROUP, top=3).by_page())

    assert [disk.name for disk in disks] == [f"vm{number}-os" for number in range(1, 6)]
    assert all(disk.managed_by for disk in disks)
    assert len(list(page)) == 3
    for wrong in ("colour eq 'red'", "tagName eq 'a' and resourceType eq 'b'"):
        with pytest.raises(HttpResponseError, match="filter"):
            list(resources.list_by_resource_group(GROUP, filter=wrong))


def test_lists_run_behind_and_single_looks_do_not(control: AzureSandbox, sdk: Clients, order: Order) -> None:
    control.set_settings(list_lag_s=60)
    control.make_machine("vm1")

    def seen() -> list[bool]:
        return [
            "vm1" in sdk.powers(),
            "vm1" in sdk.statuses(),
            "vm1" in [one.name for one in sdk.resources.resources.list()],
        ]

    fresh, alone = seen(), sdk.compute.virtual_machines.get(GROUP, "vm1").name
    control.advance(60)
    settled = seen()
    control.delete_by_hand("vm1")
    gone = seen()
    control.advance(60)

    assert (alone, fresh, settled, gone, seen()) == ("vm1", [False] * 3, [True] * 3, [True] * 3, [False] * 3)


def test_sizes_show_what_they_have_and_who_may_not_use_them(sdk: Clients, control: AzureSandbox) -> None:
    control.restrict_sku("Standard_D8s_v5")
    found = {one.name: one for one in sdk.compute.resource_skus.list(filter="location eq 'westeurope'")}

    capabilities = {one.name: one.value for one in found["Standard_D4s_v5"].capabilities}
    assert (capabilities["vCPUs"], capabilities["MemoryGB"], capabilities["HyperVGenerations"]) == (
        "4",
        "16",
        "V1,V2",
    )
    assert found["Standard_D4s_v5"].family == "standardDSv5Family"
    [restriction] = found["Standard_D8s_v5"].restrictions
    assert (restriction.type, restriction.reason_code) == ("Location", "NotAvailableForSubscription")
    assert found["Standard_D4s_v5"].restrictions == []
    assert len(list(sdk.compute.resource_skus.list())) > len(found)
    with pytest.raises(HttpResponseError, match="InvalidFilter"):
        list(sdk.compute.resource_skus.list(filter="name eq 'x'"))


def test_images_are_offered_by_their_skus_and_versions(sdk: Clients) -> None:
    images = sdk.compute.virtual_machine_images
    place = ("westeurope", "microsoftwindowsdesktop", "windows-11")

    assert "win11-24h2-ent" in [one.name for one in images.list_skus(*place)]
    assert len(images.list(*place, "win11-24h2-ent")) == 3


def test_a_pool_shows_what_berth_asks_of_it(sdk: Clients, control: AzureSandbox) -> None:
    control.set_host_pool(assignment_type="Automatic")
    automatic = sdk.avd.host_pools.get(GROUP, POOL)
    control.set_host_pool(type="Pooled")
    pooled = sdk.avd.host_pools.get(GROUP, POOL)
    control.set_host_pool(exists=False)

    assert (automatic.host_pool_type, automatic.personal_desktop_assignment_type) == ("Personal", "Automatic")
    assert (pooled.host_pool_type, pooled.personal_desktop_assignment_type) == ("Pooled", None)
    with pytest.raises(HttpResponseError, match="ResourceNotFound"):
        sdk.avd.host_pools.get(GROUP, POOL)


def test_links_are_made_of_the_demos_object_ids(sdk: Clients) -> None:
    pool = sdk.avd.host_pools.get(GROUP, POOL)
    [desktop] = sdk.avd.desktops.list(GROUP, demo.DEMO_APP_GROUP)

    assert pool.application_group_references[0].endswith(f"/{demo.DEMO_APP_GROUP}")
    assert sdk.avd.workspaces.get(GROUP, demo.DEMO_WORKSPACE).object_id == demo.DEMO_WORKSPACE_OBJECT_ID
    assert desktop.object_id == demo.DEMO_DESKTOP_OBJECT_ID


@pytest.mark.parametrize(("hours", "is_good"), [(0.9, False), (1, True), (24 * 30, True), (24 * 31, False)])
def test_a_registration_token_lives_from_an_hour_to_thirty_days(
    hours: float, is_good: bool, sdk: Clients, control: AzureSandbox
) -> None:
    if is_good:
        assert sdk.token(control.now(), hours=hours)
        return

    with pytest.raises(HttpResponseError, match="ExpirationTime value must be between") as refusal:
        sdk.token(control.now(), hours=hours)

    assert (refusal.value.status_code, refusal.value.error.code) == (400, "400")  # type: ignore[union-attr]


def test_a_token_is_shown_only_with_its_own_right_and_while_it_is_valid(
    sdk: Clients, control: AzureSandbox
) -> None:
    pools = sdk.avd.host_pools
    before = pools.retrieve_registration_token(GROUP, POOL)
    token = sdk.token(control.now(), hours=2)
    shown = pools.get(GROUP, POOL).registration_info
    listed = pools.list_registration_tokens(GROUP, POOL).value
    control.advance(2 * 3600 + 1)
    expired = pools.retrieve_registration_token(GROUP, POOL)

    assert (before.token, shown.token, expired.token) == (None, None, None)
    assert shown.expiration_time == expired.expiration_time
    assert [one.token for one in listed] == [token]
    assert pools.list_registration_tokens(GROUP, POOL).value == []


def test_a_token_can_be_deleted(sdk: Clients, control: AzureSandbox) -> None:
    sdk.token(control.now())
    info = RegistrationInfoPatch(
        expiration_time=datetime.now(UTC) + timedelta(hours=2), registration_token_operation="Delete"
    )

    sdk.avd.host_pools.update(GROUP, POOL, HostPoolPatch(registration_info=info))

    assert sdk.avd.host_pools.retrieve_registration_token(GROUP, POOL).token is None
