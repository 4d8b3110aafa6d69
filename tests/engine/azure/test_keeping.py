"""What somebody has used is kept, whatever our record says; what is being made is made ready."""

from datetime import timedelta

import pytest

from sandbox.azure_control import AzureSandbox
from tests.desk import Desk
from tests.engine.azure.test_flow import kinds
from tests.rows import set_rows
from webapp.clouds.azure_avd.names import vm_name
from webapp.domain.lifecycle import Action, CloudState, Phase, State
from webapp.models import Workspace
from webapp.services import adoption

WHOLE = {"vm": 1, "nic": 1, "disk": 1, "host": 1}
TROUBLE = [{"status": "Upgrading"}, {"status": "Unavailable"}, {"status": "NoHeartbeat"}]


def adopt(desk: Desk, machine_id: str) -> int:
    orphan = desk.orphan(machine_id)
    application_id = desk.add_application().id
    return adoption.adopt(
        desk.context,
        orphan.id,
        application_id=application_id,
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
    ).id


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_desktop_that_is_adopted_in_trouble_is_kept(desk: Desk, trouble: dict[str, object]) -> None:
    name = desk.stage.plant("sam@example.com")
    desk.live(26 * 3600, step_s=3600)
    desk.sandbox.set_session_host(name, **trouble)

    workspace_id = adopt(desk, name)
    desk.live(1800)

    assert desk.row(workspace_id).state is State.ERROR
    assert kinds(desk) == WHOLE
    desk.sandbox.set_session_host(name, status="Available", heartbeat_age_s=None)
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.row(workspace_id).available_at is not None


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_desktop_in_use_that_our_record_takes_for_a_new_one_is_kept(
    desk: Desk, trouble: dict[str, object]
) -> None:
    workspace_id = desk.available()
    desk.live(3600, step_s=600)
    desk.sandbox.set_session_host(_machine(desk, workspace_id), **trouble)
    desk.clock.pause(2 * 3600)  # nobody looked meanwhile
    _restore(desk, workspace_id)

    desk.live(600)

    assert desk.row(workspace_id).state is State.ERROR
    assert "kept" in desk.story(workspace_id)
    assert kinds(desk) == WHOLE


def test_a_desktop_in_use_that_somebody_took_out_of_its_pool_is_kept(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.live(3600)
    desk.sandbox.delete_by_hand(_machine(desk, workspace_id), parts=("host",))
    desk.clock.pause(2 * 3600)
    _restore(desk, workspace_id)

    desk.live(600)

    assert desk.row(workspace_id).state is State.ERROR
    assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1}


def test_a_name_is_never_used_again_after_an_earlier_machine_appeared(desk: Desk) -> None:
    desk.sandbox.add_fault("deployment_error", times=-1, code="AllocationFailed", message="No capacity.")
    workspace_id = desk.order(username="sam@example.com")
    desk.live_until(workspace_id, State.ERROR, limit_s=6 * 3600)
    desk.live(1800)
    used = {one["name"] for one in desk.sandbox.journal() if one["kind"] == "vm"}
    desk.sandbox.clear_faults()
    first = f"{desk.installation()}/{desk.row(workspace_id).uid}/1"
    _appear(desk.sandbox, first)
    while desk.story(workspace_id)[-2:] != ["launch_failed", "cleaned_up"] or (
        "adopted" not in desk.story(workspace_id)
    ):
        desk.live(600, step_s=600)

    desk.press(workspace_id, Action.RETRY)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.row(workspace_id).generation == len(used) + 1
    assert _machine(desk, workspace_id) not in used


def _appear(cloud: AzureSandbox, claim: str) -> None:
    """The machine of an order that had been given up, after all; its join failed."""
    name = vm_name(claim)
    tags = {"berth-claim": claim, "berth-pool": "hp-berth-demo", "berth-user": "sam@example.com"}
    cloud.make_machine(name, username="", tags=tags)
    cloud.set_session_host(name, status="NotJoinedToDomain")


@pytest.mark.parametrize("way", ["in the guest", "at the portal"])
def test_a_desktop_that_is_switched_off_before_it_is_ready_is_started_and_made_ready(
    desk: Desk, way: str
) -> None:
    workspace_id = _being_set_up(desk)
    name = _machine(desk, workspace_id)
    desk.sandbox.shut_down_in_guest(name) if way == "in the guest" else desk.sandbox.set_power(
        name, "deallocated"
    )
    desk.live(60)
    assert desk.row(workspace_id).state is State.PENDING

    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.story(workspace_id).count("upkeep") == 2  # started, and given to its person
    [host] = [one for one in desk.sandbox.parts() if one["kind"] == "host" and one["gone_at"] is None]
    assert host["assigned_user"] == desk.row(workspace_id).username


def test_a_desktop_that_somebody_else_was_given_while_it_was_made_says_so(desk: Desk) -> None:
    workspace_id = _being_set_up(desk)
    name = _machine(desk, workspace_id)
    desk.sandbox.set_session_host(name, assigned_user="other@example.com")

    desk.live_until(workspace_id, State.ERROR, limit_s=3600)

    assert desk.row(workspace_id).error_code == "assigned_to_other"
    assert desk.story(workspace_id).count("held_up") == 1
    desk.sandbox.set_session_host(name, assigned_user=None)
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.row(workspace_id).error_code is None


def test_a_desktop_that_was_given_to_its_person_is_looked_at_again_a_little_later(desk: Desk) -> None:
    workspace_id = desk.order()
    while "upkeep" not in desk.story(workspace_id):
        desk.live(10)

    row = desk.row(workspace_id)
    assert row.due_at == (row.observed_at or desk.clock.now()) + timedelta(
        seconds=desk.settings.poll_interval_s
    )


def test_a_desktop_that_is_started_at_the_cloud_is_starting_and_not_broken(desk: Desk) -> None:
    workspace_id = _stopped_for_hours(desk)
    desk.sandbox.set_power(_machine(desk, workspace_id), "running")
    desk.sandbox.set_session_host(_machine(desk, workspace_id), status="Unavailable")

    desk.live(360)

    assert (desk.row(workspace_id).state, desk.row(workspace_id).error_code) == (State.STARTING, None)
    desk.live(900)
    assert desk.row(workspace_id).state is State.ERROR
    desk.sandbox.set_session_host(_machine(desk, workspace_id), status="Available", heartbeat_age_s=None)
    desk.live_until(workspace_id, State.AVAILABLE)


def test_a_start_by_the_button_shows_no_error_on_its_way(desk: Desk) -> None:
    workspace_id = _stopped_for_hours(desk)
    desk.press(workspace_id, Action.START)
    codes = set()

    while desk.row(workspace_id).state is not State.AVAILABLE:
        desk.live(10)
        codes.add(desk.row(workspace_id).error_code)

    assert codes == {None}


@pytest.mark.parametrize("status", ["DomainTrustRelationshipLost", "SxSStackListenerNotReady"])
def test_a_host_that_cannot_be_connected_to_is_an_error_although_its_heart_beats(
    desk: Desk, status: str
) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_session_host(_machine(desk, workspace_id), status=status)

    desk.live(1800)

    assert desk.row(workspace_id).state is State.ERROR


def _machine(desk: Desk, workspace_id: int) -> str:
    return desk.row(workspace_id).cloud_workspace_id or ""


def _restore(desk: Desk, workspace_id: int) -> None:
    """The database is older than the desktop: it was being made when the backup was taken."""
    then = {"phase": Phase.CREATING, "available_at": None, "cloud_state": CloudState.PENDING}
    with desk.sessions.begin() as session:
        set_rows(session, Workspace.id == workspace_id, **then, due_at=desk.clock.now())


def _being_set_up(desk: Desk) -> int:
    """A desktop whose machine runs, and whose agent is not ready yet."""
    desk.sandbox.add_fault("agent_upgrading", seconds=1200)
    workspace_id = desk.order()
    while desk.row(workspace_id).cloud_word not in ("Upgrading", "Registering"):
        desk.live(30)
    return workspace_id


def _stopped_for_hours(desk: Desk) -> int:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)
    desk.live(3 * 3600, step_s=600)
    return workspace_id
