"""Whom the contract keeps out of a session host is never its person, from the first minute of the host on."""

from datetime import datetime, timedelta

import pytest

from tests.desk import Desk
from tests.engine.azure.test_own_tags import READ, TAGS, tags
from tests.windows import DAY, access_of, pass_time, set_window, until
from webapp.domain.access import Access
from webapp.domain.lifecycle import Phase

PERSON = "sam@example.com"
SOON = timedelta(minutes=4)
"""Before any machine can be ready."""


def minutes_with_a_person(desk: Desk, *, minutes: int) -> list[datetime]:
    """When a host had its person."""
    found = list[datetime]()
    for _ in range(minutes):
        desk.live(60)
        hosts = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
        found += [desk.clock.now() for one in hosts if one["assigned_user"]]
    return found


@pytest.mark.parametrize("window", [{"starts": 5 * DAY}, {"ends": SOON}], ids=["too early", "too late"])
def test_a_new_desktop_is_not_given_to_a_person_whose_contract_is_not_open(
    desk: Desk, window: dict[str, timedelta]
) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, **window)
    workspace_id = desk.order(application_id=application_id, username=PERSON)

    assert minutes_with_a_person(desk, minutes=40) == []

    row = desk.row(workspace_id)
    assert (row.phase, row.access_ended_at is not None) == (Phase.READY, True), desk.story(workspace_id)
    assert desk.sandbox.sign_in(row.cloud_workspace_id or "", PERSON)
    assert len(desk.calls("virtualMachines.deallocate")) == 1
    assert "upkeep" not in desk.story(workspace_id)


def test_at_the_start_its_person_gets_it_with_the_companys_tags(desk: Desk) -> None:
    desk.credential_id = desk.add_credential("With tags", own_tags=TAGS)
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=DAY)
    starts_at = desk.clock.now() + DAY
    workspace_id = desk.order(application_id=application_id, username=PERSON)
    desk.live(3600)

    pass_time(desk, until(desk, starts_at))

    assert access_of(desk, workspace_id) is Access.OPEN
    [host] = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
    assert host["assigned_user"] == PERSON
    assert READ.items() <= tags(desk)["disk"].items()


def test_one_that_was_shut_down_from_inside_is_not_billed_through_the_grace(desk: Desk) -> None:
    workspace_id = desk.available(username=PERSON)
    row = desk.row(workspace_id)
    set_window(desk, row.application_id, ends=DAY)
    desk.sandbox.shut_down_in_guest(row.cloud_workspace_id or "")

    pass_time(desk, DAY)

    [machine] = [one for one in desk.sandbox.parts() if one["kind"] == "vm"]
    assert machine["power"] == "deallocated", machine
    assert desk.row(workspace_id).access_ended_at is not None


def test_one_that_was_shut_down_before_it_was_ready_is_made_ready_for_the_start(desk: Desk) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=5 * DAY)
    workspace_id = desk.order(application_id=application_id, username=PERSON)
    desk.live(11 * 60)
    desk.sandbox.shut_down_in_guest(desk.row(workspace_id).cloud_workspace_id or "")

    desk.live(3600)

    assert desk.row(workspace_id).phase is Phase.READY, desk.story(workspace_id)
