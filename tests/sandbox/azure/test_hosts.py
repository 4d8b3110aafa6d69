"""Session hosts: whom they are given to, who is signed in, how they show what their machines do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.desktopvirtualization.models import SendMessage, SessionHostPatch

from sandbox.azure import timing
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, POOL, Clients

Desk = Callable[..., str]
Living = Callable[[], set[str]]


def _assign(sdk: Clients, name: str, user: str, *, force: bool | None = None) -> Any:
    return sdk.avd.session_hosts.update(
        GROUP, POOL, name, force=force, session_host=SessionHostPatch(assigned_user=user)
    )


def _age_s(sdk: Clients, control: AzureSandbox, name: str = "vm1") -> float:
    beat = sdk.avd.session_hosts.get(GROUP, POOL, name).last_heart_beat
    return float((datetime.fromtimestamp(control.now(), UTC) - beat).total_seconds())


def test_a_host_names_its_machine_and_itself(desk: Desk, sdk: Clients) -> None:
    desk()

    host = sdk.avd.session_hosts.get(GROUP, POOL, "VM1")

    assert host.name == f"{POOL}/vm1" and host.id.rsplit("/", 1)[1] == "vm1"
    vm = sdk.compute.virtual_machines.get(GROUP, "vm1")
    assert (host.resource_id, host.virtual_machine_id) == (vm.id, vm.properties.vm_id)
    assert host.status == "Available" and host.update_state == "Succeeded"
    results = {one.health_check_result for one in host.session_host_health_check_results}
    assert results == {"HealthCheckSucceeded"}


def test_a_host_is_given_to_one_person_and_not_taken_away_lightly(desk: Desk, sdk: Clients) -> None:
    desk()
    assert _assign(sdk, "vm1", "anna@example.com").assigned_user == "anna@example.com"
    _assign(sdk, "vm1", "Anna@example.com")

    with pytest.raises(ResourceExistsError, match="ActivityId: .* Error: .*force"):
        _assign(sdk, "vm1", "ben@example.com")
    with pytest.raises(ResourceExistsError, match="force"):
        _assign(sdk, "vm1", "")

    assert _assign(sdk, "vm1", "ben@example.com", force=True).assigned_user == "ben@example.com"
    assert _assign(sdk, "vm1", "", force=True).assigned_user is None


def test_one_person_has_one_desktop_in_a_pool(desk: Desk, sdk: Clients) -> None:
    desk("vm1")
    desk("vm2")
    _assign(sdk, "vm1", "anna@example.com")

    with pytest.raises(ResourceExistsError, match="vm1"):
        _assign(sdk, "vm2", "ANNA@example.com", force=True)


@pytest.mark.parametrize("user", ["anna", "ghost1@example.com"])
def test_nobody_unknown_gets_a_desktop(user: str, desk: Desk, sdk: Clients) -> None:
    desk()

    with pytest.raises(HttpResponseError, match="not found in the directory") as refusal:
        _assign(sdk, "vm1", user)

    assert refusal.value.status_code == 400


def test_new_sessions_can_be_kept_away_without_touching_the_rest(desk: Desk, sdk: Clients) -> None:
    desk()
    _assign(sdk, "vm1", "anna@example.com")

    host = sdk.avd.session_hosts.update(
        GROUP, POOL, "vm1", session_host=SessionHostPatch(allow_new_session=False)
    )

    assert (host.allow_new_session, host.assigned_user) == (False, "anna@example.com")


def test_a_host_that_is_not_there_is_worded_as_virtual_desktop_does(sdk: Clients) -> None:
    with pytest.raises(ResourceNotFoundError) as no_host:
        sdk.avd.session_hosts.get(GROUP, POOL, "nobody")
    with pytest.raises(ResourceNotFoundError) as no_pool:
        list(sdk.avd.session_hosts.list(GROUP, "nowhere"))
    with pytest.raises(ResourceNotFoundError, match="ParentResourceNotFound"):
        sdk.avd.session_hosts.get(GROUP, "nowhere", "nobody")

    assert no_host.value.error is not None and no_host.value.error.code == "404"
    assert no_pool.value.error is not None and no_pool.value.error.code == "ParentResourceNotFound"


def test_removing_a_host_removes_its_record_only(desk: Desk, sdk: Clients, living: Living) -> None:
    desk()

    sdk.avd.session_hosts.delete(GROUP, POOL, "vm1")
    sdk.avd.session_hosts.delete(GROUP, POOL, "vm1")

    assert "host vm1" not in living() and "vm vm1" in living()


def test_somebody_who_is_signed_in_keeps_the_host_in_its_pool(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    session_id = control.open_session("vm1", "anna@example.com")
    sessions = sdk.avd.user_sessions

    with pytest.raises(ResourceExistsError, match="user sessions"):
        sdk.avd.session_hosts.delete(GROUP, POOL, "vm1")
    [shown] = sessions.list(GROUP, POOL, "vm1")
    sessions.send_message(GROUP, POOL, "vm1", session_id, SendMessage(message_title="Soon", message_body="…"))
    sessions.disconnect(GROUP, POOL, "vm1", session_id)
    after = sessions.get(GROUP, POOL, "vm1", session_id)
    sessions.delete(GROUP, POOL, "vm1", session_id, force=True)
    sessions.delete(GROUP, POOL, "vm1", session_id, force=True)

    assert shown.user_principal_name == "anna@example.com" and shown.id.endswith(
        f"/userSessions/{session_id}"
    )
    assert after.session_state == "Disconnected"
    assert sdk.avd.session_hosts.get(GROUP, POOL, "vm1").sessions == 0
    with pytest.raises(ResourceNotFoundError):
        sessions.get(GROUP, POOL, "vm1", session_id)


def test_sessions_of_a_pool_are_found_by_person_and_state(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk("vm1")
    desk("vm2")
    control.open_session("vm1", "anna@example.com")
    control.open_session("vm2", "ben@example.com", state="Disconnected")

    def users(wanted: str | None) -> list[str]:
        found = sdk.avd.user_sessions.list_by_host_pool(GROUP, POOL, filter=wanted)
        return [one.user_principal_name for one in found]

    assert users(None) == ["anna@example.com", "ben@example.com"]
    assert users("userPrincipalName eq 'anna@example.com' and state eq 'active'") == ["anna@example.com"]
    assert users("userPrincipalName eq 'anna@example.com' and state eq 'disconnected'") == []
    with pytest.raises(HttpResponseError, match="filter"):
        users("colour eq 'red'")


def test_a_forced_end_takes_the_sessions_along(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    desk()
    control.open_session("vm1", "anna@example.com")

    sdk.avd.session_hosts.delete(GROUP, POOL, "vm1", force=True)

    assert sdk.statuses() == {}


def test_a_host_at_rest_sends_no_heartbeat_until_somebody_signs_in(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    for hours in (0, 5, 48):
        control.advance(hours * 3600)
        assert sdk.statuses() == {"vm1": "Available"}
    assert 53 * 3600 <= _age_s(sdk, control) < 54 * 3600

    control.open_session("vm1", "anna@example.com")

    assert _age_s(sdk, control) <= timing.HEARTBEAT_S


def test_hosts_come_in_the_shapes_that_were_recorded(sdk: Clients, control: AzureSandbox) -> None:
    control.set_settings(recorded_shapes=1)
    for number in range(40):
        control.make_machine(f"vm{number}")

    shown = [one for one in sdk.avd.session_hosts.list(GROUP, POOL) if one is not None]

    assert len(shown) == 40 and {one.status for one in shown} == {"Available"}
    beats = [one.last_heart_beat for one in shown]
    assert None in beats and any(beat is not None and beat.tzinfo is None for beat in beats)
    assert any(one.status_timestamp is None for one in shown)
    assert any(None in one.session_host_health_check_results for one in shown)
    names = [one.id.rpartition("/")[2] for one in shown]
    assert {name.lower() for name in names} == {f"vm{number}" for number in range(40)}
    assert not all(name.islower() for name in names)


def test_the_heart_beats_while_the_machine_runs_and_stops_with_it(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    control.set_settings(resting_heartbeats=0)
    desk()
    control.advance(3600)
    running = _age_s(sdk, control)
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(3600)

    assert running <= timing.HEARTBEAT_S
    assert _age_s(sdk, control) >= 3600
    assert sdk.statuses() == {"vm1": "Shutdown"}
    [check] = {
        one.health_check_result
        for one in sdk.avd.session_hosts.get(GROUP, POOL, "vm1").session_host_health_check_results
    }
    assert check == "SessionHostShutdown"


def test_the_pool_notices_late_what_its_machines_do(desk: Desk, sdk: Clients, control: AzureSandbox) -> None:
    desk()
    machines = sdk.compute.virtual_machines
    machines.begin_deallocate(GROUP, "vm1", polling=False)
    seen = [sdk.statuses()["vm1"]]
    for seconds, step in (
        (timing.STATUS_LAG_S, None),
        (timing.DEALLOCATE_S, "start"),
        (timing.START_S, None),
        (timing.HOST_BACK_S, None),
    ):
        control.advance(seconds)
        seen.append(sdk.statuses()["vm1"])
        if step:
            machines.begin_start(GROUP, "vm1", polling=False)

    assert seen == ["Available", "Shutdown", "Shutdown", "Shutdown", "Available"]
    assert _age_s(sdk, control) <= timing.HEARTBEAT_S, "it has just come up"


@pytest.mark.parametrize(("days", "status"), [(89, "Available"), (91, "Unavailable")])
def test_a_host_that_was_off_too_long_has_lost_its_registration(
    days: int, status: str, desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(days * 86400)
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(3600)

    assert sdk.statuses() == {"vm1": status}


def test_a_restart_keeps_the_machine_running_and_the_host_away(
    desk: Desk, sdk: Clients, control: AzureSandbox
) -> None:
    desk()
    sdk.compute.virtual_machines.begin_restart(GROUP, "vm1", polling=False)
    control.advance(timing.STATUS_LAG_S)
    vm = sdk.compute.virtual_machines.get(GROUP, "vm1")

    assert (sdk.powers(), vm.properties.provisioning_state) == ({"vm1": "running"}, "Updating")
    assert sdk.statuses() == {"vm1": "Unavailable"}
    control.advance(timing.RESTART_S + timing.HOST_BACK_S)
    assert sdk.statuses() == {"vm1": "Available"}


def test_a_hosts_record_outlives_its_machine(
    desk: Desk, sdk: Clients, control: AzureSandbox, living: Living
) -> None:
    desk()
    sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    control.advance(600)

    assert living() == {"deployment vm1", "host vm1"}
    assert sdk.statuses() == {"vm1": "Unavailable"}


def test_a_machine_that_stops_before_its_agent_is_up_to_date_comes_back_available(
    order: Callable[..., Any], sdk: Clients, control: AzureSandbox
) -> None:
    order("vm1")
    control.advance(420)
    first = sdk.statuses()
    sdk.compute.virtual_machines.begin_power_off(GROUP, "vm1", skip_shutdown=True, polling=False)
    control.advance(1200)
    stopped = sdk.statuses()
    sdk.compute.virtual_machines.begin_start(GROUP, "vm1", polling=False)
    control.advance(600)

    assert (first, stopped) == ({"vm1": "Upgrading"}, {"vm1": "Unavailable"})
    assert sdk.statuses() == {"vm1": "Available"}
