"""Rebuild: one call, once, until the cloud has shown its end; what is lost is said before."""

import pytest

from sandbox import demo
from tests.crash.test_crash_points import die_at
from tests.desk import Desk
from webapp.domain.lifecycle import Action, State


def accepted(desk: Desk) -> int:
    """Rebuilds that the cloud really began; the credential's test asks for one that cannot be."""
    return sum(int(call["accepted"]) for call in desk.calls("RebuildWorkspaces"))


def test_a_rebuild_is_sent_once_and_watched_to_its_end(desk: Desk) -> None:
    workspace_id = desk.available()
    address = desk.row(workspace_id).ip_address

    desk.press(workspace_id, Action.REBUILD)
    desk.press(workspace_id, Action.REBUILD)
    desk.live(25 * 60)
    assert desk.row(workspace_id).state is State.MAINTENANCE
    assert desk.row(workspace_id).requested_action is Action.REBUILD, "longer than other actions may take"
    desk.live_until(workspace_id, State.AVAILABLE)

    assert accepted(desk) == 1
    assert desk.row(workspace_id).ip_address != address
    assert desk.row(workspace_id).error_code is None
    assert desk.story(workspace_id)[-3:] == ["rebuild_requested", "rebuild_sent", "rebuild_done"]


@pytest.mark.parametrize("word", ["STOPPED", "UNHEALTHY", "ERROR"])
def test_what_is_off_or_broken_can_be_rebuilt(desk: Desk, word: str) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state=word)
    desk.live_until(workspace_id, State(word))

    desk.press(workspace_id, Action.REBUILD)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert accepted(desk) == 1
    assert desk.row(workspace_id).error_code is None


def test_one_call_rebuilds_one_desktop(desk: Desk) -> None:
    ids = [desk.available() for _ in range(3)]
    desk.notifier.notifications.clear()

    for workspace_id in ids:
        desk.press(workspace_id, Action.REBUILD)
    desk.work()

    assert accepted(desk) == 3
    assert {desk.row(workspace_id).state for workspace_id in ids} == {State.MAINTENANCE}
    for workspace_id in ids:
        desk.live_until(workspace_id, State.AVAILABLE)


def test_a_rebuild_whose_answer_was_lost_is_not_sent_again(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("drop_after", operation="RebuildWorkspaces", times=1)

    desk.press(workspace_id, Action.REBUILD)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert accepted(desk) == 1
    assert desk.row(workspace_id).error_code is None


def test_a_rebuild_that_never_began_is_not_called_done(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("drop_before", operation="RebuildWorkspaces", times=1)

    desk.press(workspace_id, Action.REBUILD)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert accepted(desk) == 0
    assert desk.row(workspace_id).error_code == "action_unseen"
    assert "rebuild" in desk.row(workspace_id).allowed_actions


@pytest.mark.crash
@pytest.mark.parametrize("point", ["power", "powered"])
def test_a_worker_killed_at_a_rebuild_never_rebuilds_twice(desk: Desk, point: str) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.REBUILD)

    die_at(desk, point)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert accepted(desk) == (1 if point == "powered" else 0)


def test_a_rebuild_that_ended_while_no_worker_looked_is_known_by_its_new_address(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.REBUILD)
    desk.work()
    desk.notifier.notifications.clear()

    desk.clock.pause(60 * 60)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.row(workspace_id).error_code is None
    assert desk.story(workspace_id)[-1] == "rebuild_done"


def test_a_rebuild_that_breaks_the_desktop_says_so_at_once(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.REBUILD)
    desk.live(300)

    desk.sandbox.set_workspace(
        desk.row(workspace_id).cloud_workspace_id or "", state="ERROR", error_message="It did not start."
    )
    desk.live_until(workspace_id, State.ERROR)

    assert desk.row(workspace_id).error_code == "cloud_error_state"
    assert desk.row(workspace_id).requested_action is None
    assert desk.story(workspace_id)[-1] == "rebuild_failed"


def test_a_rebuild_that_never_ends_is_given_up_after_two_hours(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.REBUILD)
    desk.live(300)
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state="REBUILDING")

    desk.live(2.1 * 3600)

    assert desk.row(workspace_id).error_code == "action_timeout"
    assert desk.row(workspace_id).requested_action is None


def test_a_key_without_the_right_to_rebuild_still_orders(desk: Desk) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:RebuildWorkspaces"])
    desk.add_credential("Second")
    workspace_id = desk.available()

    desk.press(workspace_id, Action.REBUILD)
    desk.work()

    assert desk.row(workspace_id).state is State.AVAILABLE
    assert desk.row(workspace_id).error_code == "access_denied"
