"""What must be true of a scripted desk's rows and machines, always and in the end."""

from tests.scripted_desk import ScriptedDesk
from webapp.domain.lifecycle import Action, Desired, Phase
from webapp.models import Workspace

ENDS = {Phase.READY, Phase.GONE, Phase.CREATE_FAILED, Phase.CONFLICT}
OVER = {Phase.GONE, Phase.CREATE_FAILED}
CALM_S, STEP_S = 3 * 3600, 120


def live_calmly(desk: ScriptedDesk, seconds: float = CALM_S) -> None:
    """A cloud without faults, workers and a scheduler that live, and time."""
    desk.cloud.calm()
    live_to_the_end(desk, seconds)


def live_to_the_end(desk: ScriptedDesk, seconds: float = CALM_S) -> None:
    """Until every row is at rest, or the time is over."""
    end_s = desk.clock.elapsed_s + seconds
    desk.sweep()
    while desk.clock.elapsed_s < end_s and not all(is_at_rest(desk, row) for row in desk.rows()):
        desk.clock.pause(STEP_S)
        desk.sweep()


def is_at_rest(desk: ScriptedDesk, row: Workspace) -> bool:
    """Nothing is under way that more time would bring to its end."""
    if row.desired is Desired.ABSENT:
        return row.phase is Phase.GONE
    if row.phase in (Phase.READY, Phase.LOST) and row.cloud_workspace_id not in desk.cloud.machines:
        return row.phase is Phase.LOST or is_asked_about(desk)
    return row.phase in ENDS and row.requested_action is None


def is_asked_about(desk: ScriptedDesk) -> bool:
    """So many machines are missing at once that Berth believes it only when a person confirms it."""
    return desk.credential().alarm_code == "too_many_lost"


def assert_at_an_end(desk: ScriptedDesk) -> None:
    for row in desk.rows():
        details = (row.phase, row.desired, row.requested_action, row.error_code, desk.story(row.id))
        if row.phase is Phase.LOST and row.desired is Desired.PRESENT:
            # Only a person can say that a lost machine is over; it stays watched and can be ended.
            assert row.refusal(Action.TERMINATE) is None and row.due_at is not None, details
        else:
            assert is_at_rest(desk, row), details


def assert_one_machine_each(desk: ScriptedDesk) -> None:
    """No two machines for one row, and none that is listed or about to be behind a row that is over."""
    for row in desk.rows():
        living = [one for one in desk.cloud.of_row(row.uid) if not one.is_hidden]
        assert len(living) <= 1, desk.story(row.id)
        if row.phase in OVER:
            assert not living, (row.phase, desk.story(row.id))
