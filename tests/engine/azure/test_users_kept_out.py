"""The users that Berth made in Entra sign in to nothing while their access is over."""

import pytest

from tests.desk import Desk
from tests.killing import die_at
from tests.windows import DAY, HOUR, pass_time, set_grace, set_window, settle, undo
from webapp.domain.lifecycle import Action, State
from webapp.engine.reconcile import reconcile
from webapp.models import DirectoryUser

NAME = "ghost.1@demo.example"


def hired(desk: Desk) -> int:
    """In use, by a user whom Berth made."""
    workspace_id = desk.order(username=NAME, create_user=True)
    desk.live_until(workspace_id, State.AVAILABLE)
    settle(desk)
    return workspace_id


def is_enabled(desk: Desk, name: str = NAME) -> bool:
    [user] = [one for one in desk.sandbox.users() if one["userPrincipalName"] == name]
    return bool(user["accountEnabled"])


def disabled_at(desk: Desk) -> object:
    with desk.sessions.begin() as session:
        return session.query(DirectoryUser).one().disabled_at


def test_at_the_end_of_the_contract_the_user_is_disabled_and_enabled_by_an_extension(desk: Desk) -> None:
    workspace_id = hired(desk)
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, ends=HOUR)

    pass_time(desk, HOUR)

    assert not is_enabled(desk) and disabled_at(desk)
    assert desk.row(workspace_id).access_ended_at is not None
    assert len(desk.calls("users.revokeSignInSessions")) == 1
    set_window(desk, application_id, ends=DAY)
    settle(desk)
    assert is_enabled(desk) and not disabled_at(desk)
    assert desk.row(workspace_id).access_cut_at is None


def test_an_undone_termination_enables_the_user_again(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    assert not is_enabled(desk)

    undo(desk, workspace_id)
    settle(desk)

    assert is_enabled(desk)


def test_whose_contract_has_not_begun_stays_enabled_to_accept_the_invitation(desk: Desk) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=DAY)
    workspace_id = desk.order(application_id=application_id, username=NAME, create_user=True)

    settle(desk, minutes=60)

    assert desk.row(workspace_id).access_ended_at is not None
    assert is_enabled(desk)


def test_a_user_of_the_companys_own_is_never_touched(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = desk.available(username="sam@example.com")
    desk.press(workspace_id, Action.TERMINATE)

    settle(desk)

    assert desk.row(workspace_id).access_ended_at is not None
    assert desk.calls("users.update") == desk.calls("users.revokeSignInSessions") == []


def test_who_has_another_desktop_stays_enabled(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.sandbox.add_host_pool("hp-second")
    desk.credential_id = desk.add_credential("Second", host_pool="hp-second")
    desk.available(username=NAME)

    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)

    assert desk.row(workspace_id).access_ended_at is not None
    assert is_enabled(desk)


@pytest.mark.parametrize("point", ["suspending", "user_disabled", "suspended"])
def test_a_worker_that_is_killed_leaves_the_user_disabled_in_the_end(desk: Desk, point: str) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.press(workspace_id, Action.TERMINATE)

    die_at(desk, point, lambda engine: reconcile(engine, desk.credential_id))
    settle(desk)

    assert not is_enabled(desk) and disabled_at(desk)
    undo(desk, workspace_id)
    settle(desk)
    assert is_enabled(desk)


def test_without_the_right_access_ends_all_the_same_and_the_log_says_so_once(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.sandbox.add_fault("error", operation="users.update", code="Authorization_RequestDenied", times=-1)

    desk.press(workspace_id, Action.TERMINATE)
    settle(desk, minutes=30)

    assert desk.row(workspace_id).access_ended_at is not None
    assert desk.story(workspace_id).count("user_not_disabled") == 1
    assert is_enabled(desk)
