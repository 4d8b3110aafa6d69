"""Power by hours where the cloud refuses."""

import pytest

from tests.desk import Desk
from tests.engine.hours.story import SPREAD, by_hours, is_off, is_on, sleep_until, with_hours

STOP = "StopWorkspaces"
LATER = SPREAD.total_seconds() + 240


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


@pytest.mark.parametrize("kind", ["error", "item_error"])
def test_a_stop_that_the_cloud_refuses_is_sent_again_at_the_next_edge_only(desk: Desk, kind: str) -> None:
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")
    desk.sandbox.add_fault(kind, operation=STOP, times=-1, code="InvalidParameterValuesException")

    desk.live(2 * 3600)

    row = desk.row(workspace_id)
    assert is_on(desk, workspace_id) and row.requested_action is None
    assert row.error_code is not None, "a person sees why it still runs"
    assert len(desk.calls(STOP)) == 1
    assert by_hours(desk, workspace_id) == ["stop_requested"]
    desk.sandbox.clear_faults()
    sleep_until(desk, 1, "17:29")
    desk.live(LATER)
    assert is_off(desk.row(workspace_id))
