"""The first hour of a contract on a host pool that starts nothing when a person connects."""

from tests.azure_rows import observe
from tests.desk import Desk
from tests.windows import HOUR, pass_time, set_grace, set_window, settle, undo
from webapp.domain.lifecycle import Action, State


def made_ahead(desk: Desk, *, starts_on_connect: bool) -> int:
    observe(desk.context, desk.credential_id, starts_on_connect=starts_on_connect)
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=2 * HOUR)
    workspace_id = desk.order(application_id=application_id, username="sam@example.com")
    settle(desk, minutes=60)
    row = desk.row(workspace_id)
    assert (row.state, row.invited_at) == (State.STOPPED, None), desk.story(workspace_id)
    return workspace_id


def test_at_its_start_the_desktop_is_started_and_then_its_person_invited(desk: Desk) -> None:
    workspace_id = made_ahead(desk, starts_on_connect=False)

    pass_time(desk, HOUR)

    row = desk.row(workspace_id)
    assert (row.state, row.invited_at is not None) == (State.AVAILABLE, True), desk.story(workspace_id)
    assert len(desk.calls("virtualMachines.start")) == 1


def test_one_that_starts_by_itself_is_left_off(desk: Desk) -> None:
    workspace_id = made_ahead(desk, starts_on_connect=True)

    pass_time(desk, HOUR)

    row = desk.row(workspace_id)
    assert (row.state, row.invited_at is not None) == (State.STOPPED, True)
    assert desk.calls("virtualMachines.start") == []


def test_what_was_in_use_stays_off_when_its_termination_is_undone(desk: Desk) -> None:
    set_grace(desk)
    observe(desk.context, desk.credential_id, starts_on_connect=False)
    workspace_id = desk.available(username="sam@example.com")
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)

    undo(desk, workspace_id)
    settle(desk)

    assert desk.row(workspace_id).state is State.STOPPED
    assert desk.calls("virtualMachines.start") == []
