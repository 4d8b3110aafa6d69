"""The users that Berth made in Entra sign in to nothing while their access is over."""

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.killing import die_at
from tests.windows import DAY, HOUR, pass_time, set_grace, set_window, settle, undo
from webapp.domain.lifecycle import Action, State
from webapp.engine.reconcile import reconcile
from webapp.models import Application, DirectoryUser
from webapp.services import applications

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


def hired_again(desk: Desk, workspace_id: int) -> int:
    """The application of the same person for another job."""
    former = desk.row(workspace_id).application_id
    with desk.sessions() as session:
        person_id = session.get_one(Application, former).seeker_id
    posting_id = desk.open_posting(desk.provider)
    applied = applications.apply(desk.context, posting_id, seeker_id=person_id, message="")
    desk.approve(applied)
    return applied.id


def in_second_pool(desk: Desk, **changes: object) -> int:
    desk.sandbox.add_host_pool("hp-second")
    first = desk.credential_id
    desk.credential_id = desk.add_credential("Second", host_pool="hp-second")
    workspace_id = desk.available(username=NAME, **changes)
    desk.credential_id = first
    return workspace_id


def test_who_has_a_new_desktop_in_another_pool_is_enabled_while_the_former_one_is_kept(desk: Desk) -> None:
    former = hired(desk)
    set_window(desk, desk.row(former).application_id, ends=HOUR)
    pass_time(desk, HOUR)
    assert not is_enabled(desk)

    again = in_second_pool(desk, application_id=hired_again(desk, former))
    settle(desk)

    assert is_enabled(desk) and not disabled_at(desk)
    assert desk.row(former).access_cut_at is not None
    assert desk.story(again).count("user_enabled") == 1


def test_a_new_desktop_of_somebody_else_under_the_name_enables_nobody(desk: Desk) -> None:
    former = hired(desk)
    set_window(desk, desk.row(former).application_id, ends=HOUR)
    pass_time(desk, HOUR)

    in_second_pool(desk)
    settle(desk)

    assert not is_enabled(desk)


def test_of_two_desktops_the_last_one_that_closes_disables_the_user(desk: Desk) -> None:
    set_grace(desk)
    first = hired(desk)
    second = in_second_pool(desk, application_id=hired_again(desk, first))
    desk.press(first, Action.TERMINATE)
    settle(desk)
    assert is_enabled(desk)

    desk.press(second, Action.TERMINATE)
    settle(desk)

    assert not is_enabled(desk)
    undo(desk, second)
    settle(desk)
    assert is_enabled(desk)


def test_a_desktop_that_was_ordered_for_a_user_of_an_earlier_order_disables_it_too(desk: Desk) -> None:
    first = hired(desk)
    application_id = desk.row(first).application_id
    desk.press(first, Action.TERMINATE)
    desk.live_until(first, State.TERMINATED)
    again = desk.available(username=NAME, application_id=application_id)
    settle(desk)
    assert is_enabled(desk)
    set_grace(desk)

    desk.press(again, Action.TERMINATE)
    settle(desk)

    assert not is_enabled(desk)


def test_who_is_hired_again_keeps_the_password_as_the_log_says(desk: Desk) -> None:
    first = hired(desk)
    application_id = desk.row(first).application_id
    desk.press(first, Action.TERMINATE)
    desk.live_until(first, State.TERMINATED)
    assert not is_enabled(desk)

    again = desk.order(application_id=application_id, username=NAME, create_user=True)
    desk.live_until(again, State.AVAILABLE)

    assert is_enabled(desk)
    (enabled,) = (one for one in desk.events(again) if one.event == "user_enabled")
    assert "password" not in enabled.message


def test_whom_the_companys_own_people_have_disabled_stays_so(desk: Desk) -> None:
    workspace_id = hired(desk)
    application_id = desk.row(workspace_id).application_id
    desk.sandbox.set_user(NAME, accountEnabled=False)
    set_window(desk, application_id, ends=HOUR)
    pass_time(desk, HOUR)

    set_window(desk, application_id, ends=DAY)
    settle(desk, minutes=30)

    assert desk.row(workspace_id).access_cut_at is None
    assert not is_enabled(desk)
    assert desk.story(workspace_id).count("user_left_disabled") == 1


def test_whom_the_companys_own_people_have_disabled_stays_so_when_hired_again(desk: Desk) -> None:
    workspace_id = hired(desk)
    application_id = desk.row(workspace_id).application_id
    desk.sandbox.set_user(NAME, accountEnabled=False)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    again = desk.order(application_id=application_id, username=NAME, create_user=True)
    desk.live_until(again, State.AVAILABLE)
    settle(desk)

    assert not is_enabled(desk)
    assert desk.story(again).count("user_left_disabled") == 1


def test_a_user_who_was_disabled_and_not_signed_out_is_signed_out_with_the_next_try(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.sandbox.add_fault("http_503", operation="users.revokeSignInSessions", times=9)
    desk.press(workspace_id, Action.TERMINATE)

    settle(desk, minutes=60)

    assert desk.calls("users.revokeSignInSessions")[-1]["outcome"] == "ok"
    assert not is_enabled(desk) and disabled_at(desk)
    assert desk.row(workspace_id).access_ended_at is not None


def test_a_directory_that_asks_for_minutes_keeps_no_machine_running(desk: Desk) -> None:
    set_grace(desk)
    first, other = hired(desk), desk.available(username="sam@example.com")
    second = desk.available(username="ghost.2@demo.example", create_user=True)
    desk.sandbox.add_fault("throttle", operation="users.update", retry_after_s=600, times=1)
    for workspace_id in (first, second, other):
        desk.press(workspace_id, Action.TERMINATE)

    settle(desk, minutes=8)

    assert desk.credential().blocked_code is None
    assert desk.row(other).access_ended_at is not None
    machines = [one["power"] for one in desk.sandbox.parts() if one["kind"] == "vm"]
    assert machines == ["deallocated"] * 3
    settle(desk, minutes=30)
    assert not is_enabled(desk) and not is_enabled(desk, "ghost.2@demo.example")


def test_a_directory_that_asks_for_minutes_keeps_no_machine_closed(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    desk.sandbox.add_fault("throttle", operation="users.update", retry_after_s=600, times=1)

    undo(desk, workspace_id)
    settle(desk, minutes=3)

    assert desk.credential().blocked_code is None
    settle(desk, minutes=30)
    assert is_enabled(desk) and desk.row(workspace_id).access_cut_at is None


def test_without_the_right_a_desktop_is_given_back_all_the_same(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    desk.sandbox.set_user(NAME, accountEnabled=True)
    desk.sandbox.add_fault("error", operation="users.get", code="Authorization_RequestDenied", times=-1)

    undo(desk, workspace_id)
    settle(desk, minutes=30)

    assert desk.row(workspace_id).access_cut_at is None
    assert desk.story(workspace_id).count("user_not_enabled") == 1


def test_a_desktop_that_was_closed_before_users_were_disabled_has_its_user_disabled_too(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    desk.sandbox.set_user(NAME, accountEnabled=True)
    with desk.sessions.begin() as session:
        session.execute(update(DirectoryUser).values(disabled_at=None, disabling_at=None))

    settle(desk, minutes=40)

    assert not is_enabled(desk) and disabled_at(desk)


def test_a_worker_that_is_killed_before_the_call_leaves_a_user_that_is_ours_to_enable(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk)
    desk.press(workspace_id, Action.TERMINATE)

    die_at(desk, "user_disabling", lambda engine: reconcile(engine, desk.credential_id))
    settle(desk)

    assert not is_enabled(desk) and disabled_at(desk)
    undo(desk, workspace_id)
    settle(desk)
    assert is_enabled(desk)


def test_a_user_who_was_made_and_not_admitted_is_disabled_when_the_order_is_cancelled(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "error", operation="groups.addMember", code="Authorization_RequestDenied", times=-1
    )
    workspace_id = desk.order(username=NAME, create_user=True)
    settle(desk, minutes=10)
    assert desk.row(workspace_id).waiting_code == "user_rights_missing"
    assert is_enabled(desk)

    desk.sandbox.clear_faults()
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk, minutes=90)

    assert desk.row(workspace_id).state is State.TERMINATED
    assert not is_enabled(desk)
