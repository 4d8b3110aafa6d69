"""What people do by hand, at the portal or in the guest; ledger and journal; the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.mgmt.compute.models import DiskUpdate
from azure.mgmt.network.models import TagsObject

from sandbox import demo_azure as demo
from sandbox.azure_control import AzureSandbox, SandboxError
from tests.sandbox.azure.clients import GROUP, POOL, Clients

Order = Callable[..., Any]
Desk = Callable[..., str]
Living = Callable[[], set[str]]


def test_somebody_makes_a_machine_by_hand(sdk: Clients, control: AzureSandbox, living: Living) -> None:
    control.make_machine("byhand", username="anna@example.com", tags={"who": "portal"})
    control.make_machine("nohost", pool=None)

    assert sdk.statuses() == {"byhand": "Available"}
    assert sdk.powers() == {"byhand": "running", "nohost": "running"}
    host = sdk.avd.session_hosts.get(GROUP, POOL, "byhand")
    assert host.assigned_user == "anna@example.com"
    assert {"vm byhand", "nic byhand-nic", "disk byhand-os", "host byhand"} < living()
    assert {(one["made_by"], one["claim"]) for one in control.journal()} == {("console", None)}
    with pytest.raises(SandboxError, match="exists already"):
        control.make_machine("byhand")
    with pytest.raises(SandboxError, match="no such host pool"):
        control.make_machine("lost", pool="nowhere")


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        (["vm"], {"nic vm1-nic", "disk vm1-os", "host vm1"}),
        (["vm", "nic", "disk"], {"host vm1"}),
        (["host"], {"vm vm1", "nic vm1-nic", "disk vm1-os"}),
        (["vm", "nic", "disk", "host"], set()),
    ],
)
def test_somebody_deletes_parts_by_hand(
    parts: list[str], left: set[str], control: AzureSandbox, living: Living
) -> None:
    control.make_machine("vm1")

    control.delete_by_hand("vm1", parts=parts)
    control.advance(3600)

    assert living() == left


def test_a_name_that_was_taken_by_hand_is_taken(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    control.make_machine("vm1")
    control.delete_by_hand("vm1")

    desk("vm1")

    assert sdk.statuses() == {"vm1": "Unavailable"}


def test_what_is_left_of_a_machine_is_found_by_its_name(control: AzureSandbox, living: Living) -> None:
    control.make_machine("vm1")
    control.delete_by_hand("vm1", parts=["vm"])

    control.delete_by_hand("vm1")

    assert living() == set()
    with pytest.raises(SandboxError, match="nothing of that name"):
        control.delete_by_hand("vm1")


def test_a_machine_deleted_by_hand_ends_its_deployment_in_failure(
    order: Order, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    order("vm1")
    control.advance(30)
    control.delete_by_hand("vm1")
    control.advance(1200)

    assert living() == {"deployment vm1"}
    assert sdk.deployments.deployments.get(GROUP, "vm1").properties.provisioning_state == "Failed"


def test_a_host_shows_what_it_is_set_to(sdk: Clients, control: AzureSandbox) -> None:
    control.make_machine("vm1")
    control.set_session_host(
        "vm1",
        status="NoHeartbeat",
        heartbeat_age_s=900,
        assigned_user="ben@example.com",
        allow_new_session=False,
        failed_checks=["UrlsAccessibleCheck"],
    )

    host = sdk.avd.session_hosts.get(GROUP, POOL, "vm1")

    assert (host.status, host.assigned_user, host.allow_new_session) == (
        "NoHeartbeat",
        "ben@example.com",
        False,
    )
    assert control.now() - host.last_heart_beat.timestamp() == pytest.approx(900, abs=1)
    control.set_session_host("vm1", status="Available", heartbeat_age_s=None, assigned_user=None)
    again = sdk.avd.session_hosts.get(GROUP, POOL, "vm1")
    assert control.now() - again.last_heart_beat.timestamp() <= 30 and again.assigned_user is None


def test_a_machine_shows_what_it_is_set_to(sdk: Clients, control: AzureSandbox) -> None:
    control.make_machine("vm1")
    control.set_power("vm1", "unknown", provisioning="Failed", code="AllocationFailed", message="No.")

    assert sdk.powers() == {"vm1": ""}
    [status] = sdk.compute.virtual_machines.instance_view(GROUP, "vm1").statuses
    assert (status.code, status.message) == ("ProvisioningState/failed/AllocationFailed", "No.")
    control.set_power("vm1", "stopped")
    assert sdk.powers() == {"vm1": "stopped"}


def test_nonsense_is_refused_in_words(control: AzureSandbox) -> None:
    control.make_machine("vm1")
    for words, handler in (
        ("no such machine", lambda: control.set_power("nobody", "running")),
        ("power is one of", lambda: control.set_power("vm1", "sleeping")),
        ("no such session host", lambda: control.set_session_host("nobody", status="Available")),
        ("nothing to set", lambda: control.set_session_host("vm1")),
        ("no such part", lambda: control.delete_by_hand("vm1", parts=["soul"])),
        ("a secret is one of", lambda: control.set_secret(state="stolen")),
        ("no such application", lambda: control.set_secret(state="wrong", client_id="nobody")),
        ("a subscription is one of", lambda: control.set_subscription("Gone")),
        ("a provider is one of", lambda: control.set_provider("Microsoft.Compute", "Lost")),
        ("no such setting", lambda: control.set_settings(colour=1)),
        ("no such host pool", lambda: control.set_host_pool("nowhere", exists=False)),
        ("no such control request", lambda: control._ask("POST", "magic", {})),
    ):
        with pytest.raises(SandboxError, match=words):
            handler()


def test_the_ledger_shows_who_asked_for_what(order: Order, sdk: Clients, control: AzureSandbox) -> None:
    order("vm1", claim="claim/7")
    sdk.compute.virtual_machines.begin_delete(GROUP, "nobody", polling=False)

    [made] = control.ledger(operation="deployments.createOrUpdate")
    [deleted] = control.ledger(operation="virtualMachines.delete")

    assert (made["ids"], made["claims"], made["accepted"], made["status"]) == (["vm1"], ["claim/7"], 1, 201)
    assert (made["tenant_id"], made["client_id"]) == (demo.DEMO_TENANT_ID, demo.DEMO_CLIENT_ID)
    assert (made["subscription_id"], made["resource_group"]) == (demo.DEMO_SUBSCRIPTION_ID, GROUP)
    assert (deleted["ids"], deleted["accepted"], deleted["status"]) == (["nobody"], 0, 204)
    assert control.ledger(since=made["seq"]) == [deleted]


def test_the_journal_proves_that_there_were_never_two(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk("vm1")
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(60)
    desk("vm2")

    dead, alive = (one for one in control.journal() if one["kind"] == "vm")

    assert (dead["name"], dead["claim"], dead["resource_group"]) == ("vm1", "claim/1", GROUP)
    assert alive["born_at"] >= dead["gone_at"] and alive["gone_at"] is None


def test_card_and_disk_can_be_given_other_tags_and_stay_when_their_machine_goes(
    sdk: Clients, control: AzureSandbox
) -> None:
    control.make_machine("vm1", tags={"cost": "1"}, nic="card", disk="disk", delete_option="Detach")
    control.set_tags("vm1", {"cost": "2"}, parts=("nic",))
    assert sdk.network.network_interfaces.get(GROUP, "card").tags == {"cost": "2"}

    card = sdk.network.network_interfaces.update_tags(GROUP, "card", TagsObject(tags={"cost": "3"}))
    sdk.compute.disks.begin_update(GROUP, "disk", DiskUpdate(tags={"cost": "3"}), polling=False)
    at_once = sdk.compute.disks.get(GROUP, "disk").tags
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(60)

    assert (card.tags, at_once) == ({"cost": "3"}, None)
    assert sdk.compute.disks.get(GROUP, "disk").tags == {"cost": "3"}
    assert [(one["kind"], one["name"]) for one in control.journal() if one["gone_at"] is None] == [
        ("nic", "card"),
        ("disk", "disk"),
        ("host", "vm1"),
    ]


def test_a_subnet_may_vanish_and_another_come(order: Order, sdk: Clients, control: AzureSandbox) -> None:
    other = f"{demo.DEMO_SUBNET_ID}-2"
    control.set_subnet(exists=False)
    control.set_subnet(subnet_id=other, free=10)

    with pytest.raises(Exception, match="InvalidResourceReference"):
        order("vm1")
    order("vm1", subnet=other)

    network = sdk.network.virtual_networks.get(GROUP, demo.DEMO_NETWORK)
    assert [one.id for one in network.properties.subnets] == [other]


def test_a_reset_forgets_everything_but_the_authority(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    control.set_settings(list_lag_s=60)
    control.add_fault("throttle", times=-1)
    control.deny(["*"])

    control.reset()

    assert (control.journal(), control.ledger(), control.list_faults()) == ([], [], [])
    assert control.state()["settings"]["list_lag_s"] == 0
    assert sdk.statuses() == {} and sdk.powers() == {}
