"""Users that Berth made are disabled in the end, also where the directory refused it at first."""

import pytest
from sqlalchemy import insert, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_directory_users import DIRECTORY, NAME, desk_of_few, give_password, known, order, users
from tests.windows import set_grace, settle, undo
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, Phase, State
from webapp.engine.users_by_name import MOST
from webapp.models import DirectoryUser, DirectoryUserState, Schedule, Workspace
from webapp.services.credentials import delete_credential

__all__ = ["desk_of_few"]
HOUR_S = 3600.0


def disabled(desk: Desk, name: str = NAME) -> bool:
    return next(one for one in users(desk) if one["user_name"] == name)["is_enabled"] == 0


def kept_out(desk: Desk) -> int:
    """A desktop in its grace, whose user is disabled and has had a password."""
    set_grace(desk)
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    give_password(desk)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    assert disabled(desk)
    return workspace_id


@both_databases
def test_a_user_whose_end_was_refused_once_is_disabled_a_little_later(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    give_password(desk)
    desk.sandbox.add_fault("throttle", operation="DisableUser", times=1)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    assert desk.story(workspace_id).count("user_not_disabled") == 1

    desk.live(HOUR_S)

    assert disabled(desk)
    assert known(desk)[0].disabled_at is not None


@both_databases
def test_a_user_whose_create_had_no_answer_is_disabled_after_its_order_was_cancelled(
    desk_of_few: Desk,
) -> None:
    desk = desk_of_few
    desk.sandbox.add_fault("drop_after", operation="CreateUser", times=1)
    workspace_id = order(desk)
    desk.work()
    desk.press(workspace_id, Action.TERMINATE)
    desk.work()

    desk.live(HOUR_S)

    (row,) = known(desk)
    assert desk.row(workspace_id).phase is Phase.GONE
    assert (row.state, row.disabled_at is None) == (DirectoryUserState.MADE, False)


def test_a_create_that_made_nobody_is_looked_for_until_it_cannot_arrive_any_more(desk_of_few: Desk) -> None:
    desk = desk_of_few
    desk.sandbox.add_fault("http_500", operation="CreateUser", times=1)
    workspace_id = order(desk)
    desk.work()
    desk.press(workspace_id, Action.TERMINATE)
    desk.work()
    assert known(desk)[0].state is DirectoryUserState.INTENT

    desk.live(HOUR_S)

    assert known(desk)[0].state is DirectoryUserState.FAILED


def test_a_name_that_is_somebody_elses_by_then_is_left_and_keeps_nobody_else_enabled(
    desk_of_few: Desk,
) -> None:
    desk = desk_of_few
    names = (NAME, "next.hire")
    desk.sandbox.add_fault("throttle", operation="DisableUser", times=-1)
    rows = [order(desk, username=name) for name in names]
    for workspace_id, name in zip(rows, names, strict=True):
        desk.live_until(workspace_id, State.AVAILABLE)
        give_password(desk, name)
    for workspace_id in rows:
        desk.press(workspace_id, Action.TERMINATE)
    for workspace_id in rows:
        desk.live_until(workspace_id, State.TERMINATED)
    desk.sandbox.remove_user(DIRECTORY, NAME)
    desk.sandbox.add_users(DIRECTORY, NAME)
    desk.sandbox.clear_faults()

    desk.live(HOUR_S)

    states = {row.username: row.state for row in known(desk)}
    assert states == {NAME: DirectoryUserState.FOUND, "next.hire": DirectoryUserState.MADE}
    assert disabled(desk, "next.hire")


def test_however_many_cannot_be_disabled_the_next_one_is(desk_of_few: Desk) -> None:
    desk = desk_of_few
    former = desk.available(username="leo.brandt")
    desk.press(former, Action.TERMINATE)
    desk.live_until(former, State.TERMINATED)
    kept = desk.available(username="leo.brandt")
    add_many(desk, former, "leo.brandt", MOST)
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    give_password(desk)
    desk.sandbox.add_fault("throttle", operation="DisableUser", times=1)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    desk.live(HOUR_S)

    assert disabled(desk)
    assert desk.row(kept).phase is Phase.READY


def add_many(desk: Desk, workspace_id: int, username: str, most: int) -> None:
    """Users that were made for an order that is over, and have another desktop."""
    now, row = desk.clock.now(), desk.row(workspace_id)
    with desk.sessions.begin() as session:
        session.execute(
            insert(DirectoryUser),
            [
                {
                    "company_id": row.company_id,
                    "credential_id": row.credential_id,
                    "workspace_id": row.id,
                    "slot": f"aws:elsewhere/{number}",
                    "username": username,
                    "username_key": username,
                    "mark": f"f00d/user/{number}",
                    "state": DirectoryUserState.MADE,
                    "intent_at": now,
                    "made_at": now,
                    "created_at": now,
                    "updated_at": now,
                }
                for number in range(most)
            ],
        )


@both_databases
def test_a_first_password_whose_worker_was_killed_lets_nobody_in_who_is_kept_out(desk_of_few: Desk) -> None:
    desk = desk_of_few
    set_grace(desk)
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live(HOUR_S)
    leave_in_doubt(desk)

    desk.live(HOUR_S)

    assert disabled(desk)
    assert known(desk)[0].password_failure == "person_kept_out"


@both_databases
def test_a_first_password_whose_worker_was_killed_lets_nobody_in_whose_desktop_has_ended(
    desk_of_few: Desk,
) -> None:
    desk = desk_of_few
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    assert known(desk)[0].disabled_at is not None
    leave_in_doubt(desk)

    desk.live(HOUR_S)

    assert disabled(desk)


def leave_in_doubt(desk: Desk) -> None:
    """The worker was killed when its call had enabled the user, before it wrote that down."""
    give_password(desk)
    with desk.sessions.begin() as session:
        session.execute(update(DirectoryUser).values(password_asked_at=desk.clock.now()))


def test_a_directory_that_does_not_let_us_enable_a_user_is_named_and_holds_nothing_else(
    desk_of_few: Desk,
) -> None:
    desk = desk_of_few
    workspace_id = kept_out(desk)
    desk.sandbox.add_fault(
        "error", operation="ResetUserPassword", code="AccessDeniedException", status=403, times=-1
    )

    undo(desk, workspace_id)
    settle(desk)

    refused = [one for one in desk.events(workspace_id) if one.event == "access_not_resumed"]
    assert [one.details["code"] for one in refused] == ["user_rights_missing"]
    assert desk.credential().blocked_code is None


def test_who_was_to_be_enabled_when_the_worker_was_killed_is_enabled_a_little_later(
    desk_of_few: Desk,
) -> None:
    """The desktop is as it should be, so nothing else leads to another look at it."""
    desk = desk_of_few
    workspace_id = kept_out(desk)
    is_open = dict.fromkeys(("suspended_at", "suspended_because", "destroy_at", "access_cut_at"))
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).values(access_ended_at=None, **is_open))
        session.execute(update(Schedule).values(due_at=None))
    assert disabled(desk)

    desk.live(HOUR_S)

    assert not disabled(desk) and known(desk)[0].disabling_at is None
    assert desk.story(workspace_id).count("user_enabled") == 1


def test_a_cloud_account_is_not_deleted_while_a_user_of_it_is_still_to_be_disabled(desk_of_few: Desk) -> None:
    desk = desk_of_few
    desk.sandbox.add_fault(
        "error", operation="DisableUser", code="AccessDeniedException", status=403, times=-1
    )
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    give_password(desk)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    company_id = desk.provider.company_id or 0

    with pytest.raises(Conflict, match="1 user that Berth made .* is not disabled yet") as refused:
        delete_credential(desk.context, desk.credential_id, company_id=company_id)
    desk.sandbox.clear_faults()
    desk.live(HOUR_S)
    delete_credential(desk.context, desk.credential_id, company_id=company_id)

    assert refused.value.code == "credential_in_use"
    assert disabled(desk)
