"""From the order to the desktop and back on Azure: the parts, the person, the end that leaves nothing."""

from collections import Counter

import pytest

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.clouds.azure_avd.names import vm_name
from webapp.domain.lifecycle import Action, Phase, State
from webapp.services.connection import connection_of
from webapp.services.workspace_actions import refresh

pytestmark = both_databases


def kinds(desk: Desk) -> Counter[str]:
    """How many parts of each kind live."""
    return Counter(str(one["kind"]) for one in desk.stage.machines())


def deployments(desk: Desk) -> list[str]:
    """The records that stand in the resource group."""
    return [
        one["name"]
        for one in desk.sandbox.journal()
        if one["kind"] == "deployment" and one["gone_at"] is None
    ]


def test_an_order_becomes_a_desktop_that_is_given_to_its_person(desk: Desk) -> None:
    workspace_id = desk.order(username="sam@example.com")
    assert desk.row(workspace_id).state is State.PENDING

    desk.live_until(workspace_id, State.AVAILABLE)

    row = desk.row(workspace_id)
    assert row.cloud_workspace_id == vm_name(f"{desk.installation()}/{row.uid}/1")
    assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1, "host": 1}
    [host] = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
    assert host["assigned_user"] == "sam@example.com"
    assert desk.story(workspace_id) == ["ordered", "create_sent", "create_accepted", "upkeep", "available"]


def test_the_record_of_a_deployment_is_removed_once_the_desktop_is_in_use(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.live(120)

    assert deployments(desk) == []
    assert desk.row(workspace_id).state is State.AVAILABLE


def test_a_record_of_a_deployment_that_could_not_be_removed_is_removed_later(desk: Desk) -> None:
    fault = desk.sandbox.add_fault("http_503", operation="deployments.delete", times=-1)
    workspace_id = desk.available()
    desk.live(120)
    assert len(deployments(desk)) == 1

    desk.sandbox.clear_faults(fault)
    desk.live(2 * desk.settings.inventory_interval_s, step_s=300)

    assert deployments(desk) == []
    assert desk.row(workspace_id).state is State.AVAILABLE


def test_the_links_name_the_feed_and_the_person(desk: Desk) -> None:
    workspace_id = desk.available(username="sam@example.com")

    row = refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)
    connection = connection_of(row, now=desk.clock.now())

    assert connection.connection_string.startswith("ms-avd:connect?workspaceid=")
    assert "username=sam%40example.com" in connection.connection_string
    assert connection.web_client_url and "#loginHint=" in connection.web_client_url
    assert connection.registration_code is None


def test_stop_releases_the_machine_and_start_brings_it_back(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)
    assert desk.row(workspace_id).cloud_word == "Deallocated"
    assert desk.calls("virtualMachines.powerOff") == []
    desk.press(workspace_id, Action.START)
    assert desk.row(workspace_id).state is State.STARTING
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.row(workspace_id).requested_action is None


def test_a_restart_lasts_until_the_host_shows_life_again(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.press(workspace_id, Action.RESTART)
    desk.live(60, step_s=10)
    assert desk.row(workspace_id).state is State.RESTARTING
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.calls("virtualMachines.restart")) == 1
    assert desk.story(workspace_id)[-1] == "restart_done"


def test_a_terminated_desktop_leaves_no_machine_card_disk_or_host(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert kinds(desk) == Counter()
    assert deployments(desk) == []


def test_whoever_is_signed_in_does_not_stop_the_end(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.open_session(desk.row(workspace_id).cloud_workspace_id, "sam@example.com")

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert kinds(desk) == Counter()


@pytest.mark.parametrize("after_s", [0, 45, 200, 420])
def test_a_cancel_while_it_is_being_made_leaves_nothing(desk: Desk, after_s: int) -> None:
    workspace_id = desk.order()
    desk.sweep()
    desk.live(after_s, step_s=15)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert kinds(desk) == Counter()
    assert deployments(desk) == []


def test_what_does_not_go_with_its_machine_is_ended_before_the_record_says_so(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("leftovers", operation="virtualMachines.delete")

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert kinds(desk) == Counter()
    assert len(desk.calls("disks.delete")) == 1
    assert len(desk.calls("networkInterfaces.delete")) == 1


def test_what_lost_its_tags_is_ended_before_the_record_says_so(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_tags(desk.row(workspace_id).cloud_workspace_id, {}, parts=("nic", "disk"))
    desk.sandbox.add_fault("leftovers", operation="virtualMachines.delete")

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert kinds(desk) == Counter()


def test_a_cohort_is_made_at_once_and_observed_together(desk: Desk) -> None:
    ids = [desk.order() for _ in range(25)]

    for workspace_id in ids:
        desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.calls("deployments.createOrUpdate")) == 25
    assert kinds(desk) == {"vm": 25, "nic": 25, "disk": 25, "host": 25}
    assert len({one["claim"] for one in desk.stage.machines()}) == 25


def test_the_deadline_is_azures_own(desk: Desk) -> None:
    desk.sandbox.add_fault("agent_upgrading", seconds=100_000)
    workspace_id = desk.order()

    desk.live(desk.settings.provision_timeout_of(desk.stage.cloud) - 1500)
    assert desk.row(workspace_id).state is State.PENDING
    desk.live(desk.settings.provision_timeout_of(desk.stage.cloud))

    assert desk.row(workspace_id).state is State.ERROR
    assert desk.row(workspace_id).phase in (Phase.STALLED, Phase.CREATE_FAILED, Phase.TERMINATING)
