"""Azure: a machine gets another size, once, running or stopped."""

import pytest

from tests.crash.test_crash_points import die_at
from tests.desk import Desk
from tests.resizing import asked, resize
from webapp.domain.errors import Invalid
from webapp.domain.lifecycle import Action, State
from webapp.domain.resizes import ResizeKind
from webapp.models import Workspace

LARGE, SMALL = "Standard_D8s_v5", "Standard_D2s_v5"


def changed(desk: Desk) -> int:
    """Changes that Azure really began."""
    return sum(int(call["accepted"]) for call in desk.calls("virtualMachines.update"))


def until_done(desk: Desk, workspace_id: int, *, limit_s: float = 4 * 3600) -> Workspace:
    end_s = desk.clock.elapsed_s + limit_s
    while asked(desk, workspace_id) and desk.clock.elapsed_s < end_s:
        desk.live(60)
    return desk.row(workspace_id)


def test_a_running_desktop_restarts_with_a_larger_size(desk: Desk) -> None:
    workspace_id = desk.available()

    resize(desk, workspace_id, ResizeKind.SIZE, LARGE)
    row = until_done(desk, workspace_id)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert (row.compute_type, row.error_code) == (LARGE, None)
    assert changed(desk) == 1
    assert "resize_done" in desk.story(workspace_id)


def test_a_stopped_desktop_gets_a_smaller_size_and_stays_off(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    resize(desk, workspace_id, ResizeKind.SIZE, SMALL)
    row = until_done(desk, workspace_id)

    assert (row.compute_type, row.state) == (SMALL, State.STOPPED)
    assert changed(desk) == 1


def test_among_many_desktops_the_size_of_one_is_read_too(desk: Desk) -> None:
    ids = [desk.available() for _ in range(4)]

    resize(desk, ids[0], ResizeKind.SIZE, LARGE)
    row = until_done(desk, ids[0])

    assert row.compute_type == LARGE
    assert changed(desk) == 1


def test_a_size_that_is_not_where_it_runs_is_not_sent(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("empty_listing", operation="virtualMachines.listAvailableSizes")

    resize(desk, workspace_id, ResizeKind.SIZE, LARGE)
    row = until_done(desk, workspace_id)

    assert (row.error_code, changed(desk)) == ("size_not_here", 0)


def test_what_azure_has_no_room_for_is_reported_with_its_code(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault(
        "operation_error", operation="virtualMachines.update", code="AllocationFailed", message="No room."
    )

    resize(desk, workspace_id, ResizeKind.SIZE, LARGE)
    row = until_done(desk, workspace_id)

    assert (row.error_code, row.resize_kind) == ("no_capacity", None)
    assert changed(desk) == 1


def test_there_are_no_other_properties_to_change(desk: Desk) -> None:
    workspace_id = desk.available()

    with pytest.raises(Invalid, match="cannot change the running mode"):
        resize(desk, workspace_id, ResizeKind.RUNNING_MODE, "ALWAYS_ON")


@pytest.mark.crash
@pytest.mark.parametrize("point", ["resizing", "resized"])
def test_a_worker_killed_at_a_change_of_size_does_not_change_it_twice(desk: Desk, point: str) -> None:
    workspace_id = desk.available()
    resize(desk, workspace_id, ResizeKind.SIZE, LARGE)

    die_at(desk, point)
    row = until_done(desk, workspace_id)

    assert row.compute_type == LARGE
    assert changed(desk) == 1
