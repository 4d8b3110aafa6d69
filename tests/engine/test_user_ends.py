"""Users that Berth made are disabled in the end, also where the directory refused it at first."""

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_directory_users import DIRECTORY, NAME, desk_of_few, give_password, known, order, users
from webapp.domain.lifecycle import Action, Phase, State
from webapp.models import DirectoryUserState

__all__ = ["desk_of_few"]
HOUR_S = 3600.0


def disabled(desk: Desk, name: str = NAME) -> bool:
    return next(one for one in users(desk) if one["user_name"] == name)["is_enabled"] == 0


@both_databases
def test_a_user_whose_end_was_refused_once_is_disabled_a_little_later(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    give_password(desk)
    desk.sandbox.add_fault("throttle", operation="DisableUser", times=1)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    assert not disabled(desk)

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
    desk.sandbox.add_fault("throttle", operation="DisableUser", times=2)
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

    desk.live(HOUR_S)

    states = {row.username: row.state for row in known(desk)}
    assert states == {NAME: DirectoryUserState.FOUND, "next.hire": DirectoryUserState.MADE}
    assert disabled(desk, "next.hire")
