"""What an entry point or the cloud does while a call is under way."""

import pytest

from sandbox import demo
from tests.desk import Desk
from webapp.domain.lifecycle import Action, Phase, State
from webapp.engine import looking
from webapp.engine.context import Engine


def pressing(desk: Desk, workspace_id: int, *, at: str, action: Action = Action.TERMINATE) -> Engine:
    """A worker during whose work somebody presses, once, when it reaches the point `at`."""
    pressed: list[str] = []

    def press(name: str) -> None:
        if name == at and not pressed:
            pressed.append(name)
            desk.press(workspace_id, action)

    return desk.make_engine(crashpoint=press)


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ResourceLimitExceededException", "AccessDeniedException"]
)
def test_a_cancel_during_a_refused_create_closes_the_order_at_once(desk: Desk, code: str) -> None:
    desk.sandbox.add_fault("error", operation="CreateWorkspaces", times=1, code=code, status=400)
    workspace_id = desk.order()

    desk.work(pressing(desk, workspace_id, at="refused"))
    desk.live(5)

    assert desk.row(workspace_id).state is State.TERMINATED
    assert desk.machines() == []


def test_a_cancel_during_a_create_that_fails_for_its_item_closes_the_order_at_once(desk: Desk) -> None:
    desk.refuse_users()
    workspace_id = desk.order()

    desk.work(pressing(desk, workspace_id, at="created"))
    desk.live(5)

    assert desk.row(workspace_id).state is State.TERMINATED


def test_a_cancel_during_a_successful_create_ends_the_machine(desk: Desk) -> None:
    workspace_id = desk.order()

    desk.work(pressing(desk, workspace_id, at="created"))
    desk.live_until(workspace_id, State.TERMINATED)

    assert [machine["gone_at"] is not None for machine in desk.sandbox.journal()] == [True]


def test_a_restart_whose_answer_was_lost_is_not_sent_again(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("drop_after", operation="RebootWorkspaces", times=1)

    desk.press(workspace_id, Action.RESTART)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert sum(call["accepted"] for call in desk.calls("RebootWorkspaces")) == 1


def test_a_stop_waits_for_a_refused_key_instead_of_failing(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="disabled")
    desk.press(workspace_id, Action.STOP)
    desk.live(120)
    assert desk.row(workspace_id).state is State.STOPPING

    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="active")

    desk.live_until(workspace_id, State.STOPPED)


def test_a_row_that_breaks_its_step_stops_no_other_row(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [desk.available() for _ in range(3)]
    good = looking.observations.observed

    def broken(engine: Engine, row, *rest):  # type: ignore[no-untyped-def]  # stands for a bug of ours
        if row.id == ids[1]:
            raise ZeroDivisionError
        return good(engine, row, *rest)

    monkeypatch.setattr(looking.observations, "observed", broken)
    for workspace_id in (ids[0], ids[2]):
        desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state="STOPPED")
    for _ in range(40):
        try:
            desk.live(60)
        except ZeroDivisionError:
            desk.notifier.notifications.clear()

    assert [desk.row(one).state for one in ids] == [State.STOPPED, State.AVAILABLE, State.STOPPED]
    assert desk.row(ids[1]).phase is Phase.READY
    assert desk.row(ids[1]).due_at is not None


@pytest.mark.parametrize("kind", ["http_500", "drop_before", "garbage", "throttle"])
def test_an_order_that_cannot_be_sent_says_so_once_and_goes_on_when_it_can(desk: Desk, kind: str) -> None:
    fault = desk.sandbox.add_fault(kind, operation="DescribeWorkspaces", times=-1)
    workspace_id = desk.order()

    desk.live(300)
    assert desk.story(workspace_id) == ["ordered", "look_failed"]
    assert desk.row(workspace_id).state is State.PENDING
    desk.sandbox.clear_faults(fault)

    desk.live_until(workspace_id, State.AVAILABLE)


def test_an_order_whose_key_may_not_look_waits_with_its_credential_marked(desk: Desk) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:DescribeWorkspaces"])
    workspace_id = desk.order()

    desk.live(120)

    assert desk.row(workspace_id).state is State.PENDING
    assert desk.credential().blocked_code == "access_denied"
