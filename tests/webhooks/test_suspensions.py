"""Access that ends is sent once; a line that leaves the lists ends nobody's access, and sends nothing."""

import pytest

from tests.desk import Desk
from tests.windows import DAY, pass_time, set_grace, set_window
from webapp.domain.lifecycle import Action, State
from webapp.services import workspace_actions

KINDS = ("workspace.suspended", "workspace.resumed")


def sent(post) -> list[str]:
    return [row.kind for row in post.rows()]


def delete(desk: Desk, workspace_id: int) -> None:
    workspace_actions.delete_workspace(
        desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor
    )


def test_what_is_terminated_and_then_taken_from_the_lists_is_suspended_once(desk: Desk, add_endpoint) -> None:
    set_grace(desk)
    workspace_id = desk.available()
    post = add_endpoint(*KINDS)

    desk.press(workspace_id, Action.TERMINATE)
    delete(desk, workspace_id)

    assert sent(post) == ["workspace.suspended"]
    assert desk.row(workspace_id).is_deleted and desk.story(workspace_id)[-1] == "delete_requested"


def test_a_deletion_that_keeps_the_desktop_for_the_grace_suspends_it(desk: Desk, add_endpoint) -> None:
    set_grace(desk)
    workspace_id = desk.available()
    post = add_endpoint(*KINDS)

    delete(desk, workspace_id)

    assert sent(post) == ["workspace.suspended"]


@pytest.mark.parametrize("state", [State.ERROR, State.TERMINATED])
def test_what_is_over_already_is_not_suspended_by_leaving_the_lists(
    desk: Desk, add_endpoint, state: State
) -> None:
    desk.sandbox.add_fault("error", operation="CreateWorkspaces", code="InvalidParameterValuesException")
    workspace_id = desk.order()
    if state is State.TERMINATED:
        desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, state)
    post = add_endpoint(*KINDS)

    delete(desk, workspace_id)

    assert desk.row(workspace_id).is_deleted and sent(post) == []


def test_a_termination_after_the_end_of_the_contract_does_not_suspend_again(desk: Desk, add_endpoint) -> None:
    set_grace(desk)
    workspace_id = desk.available()
    set_window(desk, desk.row(workspace_id).application_id, ends=DAY)
    pass_time(desk, DAY)
    post = add_endpoint(*KINDS)

    desk.press(workspace_id, Action.TERMINATE)

    assert sent(post) == []
    assert desk.story(workspace_id)[-1] == "terminate_requested"
