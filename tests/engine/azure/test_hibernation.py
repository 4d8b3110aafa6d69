"""Outside the working hours a desktop is hibernated where account and size say so; else it is stopped."""

import pytest

from tests.desk import Desk
from tests.engine.hours.story import (
    after_the_question,
    die_at,
    give_hours,
    is_off,
    is_on,
    machine,
    office_hours,
    sleep_until,
)
from tests.resizing import asked, resize
from webapp.domain.lifecycle import Action, State
from webapp.domain.resizes import ResizeKind
from webapp.services.credentials import change_credential

PERSON = "sam@example.com"
DEALLOCATE = "virtualMachines.deallocate"
EVENING_S = 900


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def set_hibernation(desk: Desk, value: str = "on") -> None:
    """As on the account's page."""
    change_credential(
        desk.context,
        desk.credential_id,
        company_id=desk.provider.company_id or 0,
        name="Cloud",
        fields=desk.stage.fields | {"client_secret": "", "hibernation": value},
    )


def left_open(desk: Desk) -> int:
    """A desktop of today's shift whose person has gone home and left everything open."""
    set_hibernation(desk)
    workspace_id = desk.order(username=PERSON)
    desk.live_until(workspace_id, State.AVAILABLE)
    give_hours(desk, workspace_id, office_hours())
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON, state="Disconnected")
    sleep_until(desk, 0, "17:29")
    return workspace_id


def sessions(desk: Desk) -> int:
    return sum(len(one["sessions"]) for one in desk.sandbox.parts() if one["kind"] == "host")


def test_what_was_open_comes_back_in_the_morning(desk: Desk) -> None:
    workspace_id = left_open(desk)

    desk.live(EVENING_S)

    row = desk.row(workspace_id)
    assert is_off(row) and row.is_hibernated
    assert row.cloud_word == "Hibernated"
    assert "hibernation_sent" in desk.story(workspace_id)
    assert sessions(desk) == 1, "nobody was signed out"
    sleep_until(desk, 1, "08:44")
    desk.live(15 * 60)
    row = desk.row(workspace_id)
    assert is_on(desk, workspace_id) and not row.is_hibernated and row.hibernation is None
    assert sessions(desk) == 1
    assert row.error_code is None


def test_who_connects_after_the_question_is_left_at_work(desk: Desk) -> None:
    workspace_id = left_open(desk)

    after_the_question(
        desk, workspace_id, lambda: desk.sandbox.open_session(machine(desk, workspace_id), PERSON)
    )
    desk.live(3600)

    assert is_on(desk, workspace_id)
    assert desk.calls(DEALLOCATE) == []
    assert "stop_withdrawn" in desk.story(workspace_id)


def test_what_a_person_stops_is_stopped(desk: Desk) -> None:
    workspace_id = left_open(desk)

    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    row = desk.row(workspace_id)
    assert (row.cloud_word, row.is_hibernated, sessions(desk)) == ("Deallocated", False, 0)


def test_a_refusal_that_passes_is_tried_again(desk: Desk) -> None:
    workspace_id = left_open(desk)
    desk.sandbox.add_fault("throttle", operation=DEALLOCATE, retry_after_s=20, times=1)

    desk.live(EVENING_S)

    row = desk.row(workspace_id)
    assert is_off(row) and row.is_hibernated
    assert "action_postponed" in desk.story(workspace_id) and row.error_code is None


@pytest.mark.parametrize(
    ("code", "status"), [("VMHibernateNotSupported", 409), ("OperationNotAllowed", 409), ("Unheard", 400)]
)
def test_what_azure_does_not_hibernate_is_stopped(desk: Desk, code: str, status: int) -> None:
    workspace_id = left_open(desk)
    desk.sandbox.add_fault("error", operation=DEALLOCATE, code=code, message="No.", status=status)

    desk.live(EVENING_S)

    row = desk.row(workspace_id)
    assert is_off(row) and not row.is_hibernated
    assert row.cloud_word == "Deallocated"
    assert desk.story(workspace_id).count("hibernation_failed") == 1
    assert len(desk.calls(DEALLOCATE)) == 2
    assert row.error_code is None


def test_a_hibernation_that_fails_after_azure_took_it_is_followed_by_one_stop(desk: Desk) -> None:
    workspace_id = left_open(desk)
    desk.sandbox.add_fault(
        "operation_error", operation=DEALLOCATE, code="VMHibernateFailed", message="Retry later."
    )

    desk.live(2 * EVENING_S)

    row = desk.row(workspace_id)
    assert is_off(row) and not row.is_hibernated
    assert desk.story(workspace_id).count("hibernation_failed") == 1
    assert len(desk.calls(DEALLOCATE)) == 2
    [said] = [one for one in desk.events(workspace_id) if one.event == "hibernation_failed"]
    assert (said.details or {})["cloud_code"] == "VMHibernateFailed"


def test_a_desktop_from_before_the_setting_is_stopped(desk: Desk) -> None:
    workspace_id = desk.available(username=PERSON)
    give_hours(desk, workspace_id, office_hours())
    set_hibernation(desk)
    sleep_until(desk, 0, "17:29")

    desk.live(EVENING_S)

    row = desk.row(workspace_id)
    assert is_off(row) and (row.cloud_word, row.hibernation) == ("Deallocated", None)


def test_a_size_that_cannot_is_made_all_the_same(desk: Desk) -> None:
    set_hibernation(desk)
    desk.sandbox.add_fault("empty_listing", operation="resourceSkus.list", times=-1)
    workspace_id = desk.order(username=PERSON)

    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.row(workspace_id).error_code is None


@pytest.mark.parametrize("point", ["hibernating", "hibernated"])
def test_a_worker_that_dies_at_it_leaves_a_desktop_that_is_hibernated(desk: Desk, point: str) -> None:
    workspace_id = left_open(desk)
    assert die_at(desk, point, until=lambda: True)

    desk.live(EVENING_S)

    row = desk.row(workspace_id)
    assert is_off(row) and row.is_hibernated
    assert (row.cloud_word, sessions(desk)) == ("Hibernated", 1)
    assert len(desk.calls(DEALLOCATE)) == 1


def test_a_hibernated_desktop_keeps_its_size_until_it_was_started(desk: Desk) -> None:
    workspace_id = left_open(desk)
    desk.live(EVENING_S)

    resize(desk, workspace_id, ResizeKind.SIZE, "Standard_D8s_v5")
    desk.live(EVENING_S)

    row = desk.row(workspace_id)
    assert (row.error_code, asked(desk, workspace_id)) == ("size_while_hibernated", False)
    assert row.is_hibernated and desk.calls("virtualMachines.update") == []
