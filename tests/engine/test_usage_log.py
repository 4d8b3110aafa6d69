"""What a machine is billed as is logged with the observation that shows it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.domain.costs.spans import Power
from webapp.domain.lifecycle import Action, State
from webapp.models import UsageSpan
from webapp.services import adoption
from webapp.services.workspace_actions import delete_workspace

pytestmark = both_databases
RUNNING, STOPPED = Power.RUNNING, Power.STOPPED


class Line(NamedTuple):
    power: Power
    mode: str
    generation: int
    is_open: bool


def spans(desk: Desk, workspace_id: int) -> list[UsageSpan]:
    with desk.sessions.begin() as session:
        rows = session.scalars(
            select(UsageSpan).where(UsageSpan.workspace_id == workspace_id).order_by(UsageSpan.id)
        ).all()
        session.expunge_all()
    return list(rows)


def lines(desk: Desk, workspace_id: int) -> list[Line]:
    return [
        Line(one.power, one.running_mode, one.generation, one.ended_at is None)
        for one in spans(desk, workspace_id)
    ]


def edges(desk: Desk, workspace_id: int) -> list[datetime | None]:
    return [at for one in spans(desk, workspace_id) for at in (one.began_at, one.ended_at)]


def terminate(desk: Desk, workspace_id: int) -> None:
    delete_workspace(desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor)


def test_nothing_is_billed_before_the_desktop_can_be_used(desk: Desk) -> None:
    workspace_id = desk.order()
    desk.sweep()
    desk.live(60)

    assert (desk.row(workspace_id).cloud_workspace_id is not None, spans(desk, workspace_id)) == (True, [])


def test_a_launch_that_failed_costs_nothing_on_amazon(desk: Desk) -> None:
    desk.sandbox.add_fault("launch_error", code="OutOfCapacity", message="None left.", times=1)
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR)

    assert "launch_failed" in desk.story(workspace_id)
    assert spans(desk, workspace_id) == []


def test_a_desktop_in_use_is_one_span_however_often_it_is_looked_at(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.live(3600)

    [span] = spans(desk, workspace_id)
    row = desk.row(workspace_id)
    assert (span.began_at, span.ended_at, span.company_id) == (row.available_at, None, row.company_id)
    [machine] = desk.machines()
    assert (span.compute_type, span.operating_system) == (machine["compute"], machine["os_name"])


def test_stop_and_start_end_a_span_and_begin_the_next_at_the_same_moment(desk: Desk) -> None:
    workspace_id = desk.available()
    for action, state in ((Action.STOP, State.STOPPED), (Action.START, State.AVAILABLE)):
        desk.press(workspace_id, action)
        desk.live_until(workspace_id, state)

    assert [line.power for line in lines(desk, workspace_id)] == [RUNNING, STOPPED, RUNNING]
    _, *between, _ = edges(desk, workspace_id)
    assert between[0::2] == between[1::2]


def test_the_end_of_the_machine_ends_its_span(desk: Desk) -> None:
    workspace_id = desk.available()

    terminate(desk, workspace_id)
    desk.live_until(workspace_id, State.TERMINATED)

    assert lines(desk, workspace_id) == [Line(RUNNING, "AUTO_STOP", 1, False)]


def test_a_machine_that_vanished_is_billed_no_longer_and_again_when_it_is_back(desk: Desk) -> None:
    workspace_id = desk.available()
    [machine] = desk.machines()
    desk.sandbox.set_workspace(machine["workspace_id"], visible_at=desk.sandbox.now() + 7200)
    desk.live_until(workspace_id, State.ERROR)
    assert [line.is_open for line in lines(desk, workspace_id)] == [False]

    desk.live(7200)

    assert [line.is_open for line in lines(desk, workspace_id)] == [False, True]


def test_a_running_mode_that_somebody_changes_in_the_console_is_another_span(desk: Desk) -> None:
    workspace_id = desk.available()
    [machine] = desk.machines()

    desk.sandbox.set_workspace(machine["workspace_id"], running_mode="ALWAYS_ON")
    desk.live(900)

    assert [line.mode for line in lines(desk, workspace_id)] == ["AUTO_STOP", "ALWAYS_ON"]
    assert desk.row(workspace_id).running_mode == "ALWAYS_ON"


def test_an_adopted_machine_is_logged_from_its_first_look(desk: Desk) -> None:
    machine_id = desk.plant("mina.park")
    desk.live(1800)
    [orphan] = desk.orphans()

    adopted = adoption.adopt(
        desk.context,
        orphan.id,
        company_id=orphan.company_id,
        actor=desk.actor,
        application_id=desk.add_application().id,
    )
    desk.live(900)

    assert desk.row(adopted.id).cloud_workspace_id == machine_id
    assert [line.is_open for line in lines(desk, adopted.id)] == [True]
