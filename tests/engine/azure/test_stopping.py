"""A stop signs people out first, so that the broker does not keep them out the next morning."""

from datetime import timedelta

import pytest

from tests.desk import Desk
from webapp.domain.decisions.power import SIGN_OUT_LIMIT, SIGN_OUT_POLL
from webapp.domain.lifecycle import Action, State

PERSON = "sam@example.com"


def at_work(desk: Desk, *, notices_after_s: float) -> int:
    """A desktop at which its person is signed in."""
    desk.sandbox.set_settings(sign_out_s=notices_after_s)
    workspace_id = desk.available(username=PERSON)
    desk.sandbox.open_session(desk.row(workspace_id).cloud_workspace_id or "", PERSON)
    return workspace_id


def stop(desk: Desk, workspace_id: int) -> timedelta:
    """How long until the machine is deallocated."""
    pressed_at = desk.clock.now()
    desk.press(workspace_id, Action.STOP)
    desk.sweep()
    while not desk.calls("virtualMachines.deallocate"):
        assert desk.clock.now() - pressed_at < timedelta(minutes=10)
        desk.live(5, step_s=5)
    return desk.clock.now() - pressed_at


def counted(desk: Desk, workspace_id: int) -> int:
    [host] = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
    return len(host["sessions"])


def test_a_stop_waits_until_nobody_is_counted_any_more(desk: Desk) -> None:
    workspace_id = at_work(desk, notices_after_s=20)

    took = stop(desk, workspace_id)

    assert SIGN_OUT_POLL < took < SIGN_OUT_LIMIT
    assert counted(desk, workspace_id) == 0
    desk.live_until(workspace_id, State.STOPPED)
    assert desk.story(workspace_id).count("signing_out") == 1
    assert desk.row(workspace_id).error_code is None


def test_a_broker_that_never_notices_holds_a_stop_up_for_three_minutes_only(desk: Desk) -> None:
    workspace_id = at_work(desk, notices_after_s=86400)

    took = stop(desk, workspace_id)

    assert SIGN_OUT_LIMIT <= took <= SIGN_OUT_LIMIT + 2 * SIGN_OUT_POLL
    desk.live_until(workspace_id, State.STOPPED)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "http_503"])
def test_a_sign_out_that_breaks_off_is_done_again(desk: Desk, kind: str) -> None:
    workspace_id = at_work(desk, notices_after_s=20)
    desk.sandbox.add_fault(kind, operation="userSessions.delete", times=1)

    stop(desk, workspace_id)

    assert counted(desk, workspace_id) == 0
    desk.live_until(workspace_id, State.STOPPED)


def test_without_the_right_to_sign_out_a_stop_goes_on(desk: Desk) -> None:
    workspace_id = at_work(desk, notices_after_s=20)
    desk.sandbox.deny(["Microsoft.DesktopVirtualization/hostpools/sessionhosts/usersessions/read"])

    assert stop(desk, workspace_id) < timedelta(minutes=1)

    desk.live_until(workspace_id, State.STOPPED)
