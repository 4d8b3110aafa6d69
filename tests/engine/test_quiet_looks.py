"""A look that finds nothing writes for a whole batch, and never over what somebody did meanwhile."""

import sqlite3
from dataclasses import replace
from itertools import product

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.domain.decisions.needs import Need, need_of
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase, State
from webapp.engine import leases
from webapp.engine.context import Engine
from webapp.engine.reconcile import reconcile
from webapp.engine.rows import row_state
from webapp.models import Workspace
from webapp.models.workspace_conditions import IS_URGENT_SQL
from webapp.services.order_changes import change_order


def _due_pair(desk: Desk) -> tuple[int, int]:
    """Two desktops in use, both due for a look that will find nothing."""
    pair = desk.order(), desk.order()
    for one in pair:
        desk.live_until(one, State.AVAILABLE)
    latest = max(desk.row(one).due_at or desk.clock.now() for one in pair)
    desk.clock.pause((latest - desk.clock.now()).total_seconds())
    desk.notifier.notifications.clear()
    return pair


def _engine_in_which(desk: Desk, step: object) -> Engine:
    """The step comes between the answer of the cloud and its record, once."""
    steps = [step]

    def at(name: str) -> None:
        if name == "looked" and steps:
            steps.pop()()  # type: ignore[operator]

    return desk.make_engine(crashpoint=at)


@both_databases
def test_a_press_between_look_and_record_is_not_put_off(desk: Desk) -> None:
    """The clock stands still: the times of press and look are the same, and only the version differs."""
    pressed, other = _due_pair(desk)
    sent = len(desk.calls("StopWorkspaces"))

    reconcile(_engine_in_which(desk, lambda: desk.press(pressed, Action.STOP)), desk.credential_id)

    assert len(desk.calls("StopWorkspaces")) == sent + 1, "in the same run"
    assert desk.row(other).due_at == desk.clock.now() + desk.engine.rest


@both_databases
def test_a_termination_between_look_and_record_is_not_put_off(desk: Desk) -> None:
    pressed, _ = _due_pair(desk)

    reconcile(_engine_in_which(desk, lambda: desk.press(pressed, Action.TERMINATE)), desk.credential_id)

    assert desk.row(pressed).phase is Phase.TERMINATING
    desk.live_until(pressed, State.TERMINATED)


@both_databases
def test_who_lost_the_account_during_a_look_writes_nothing(desk: Desk) -> None:
    pair = _due_pair(desk)
    before = [(desk.row(one).due_at, desk.row(one).observed_at) for one in pair]

    def another_takes_the_account() -> None:
        desk.clock.pause(desk.settings.lease_s + 1)
        assert leases.claim(desk.engine, desk.credential_id) is not None

    reconcile(_engine_in_which(desk, another_takes_the_account), desk.credential_id)

    assert [(desk.row(one).due_at, desk.row(one).observed_at) for one in pair] == before


@both_databases
def test_a_look_that_finds_nothing_changes_no_version_and_tells_when_it_was(desk: Desk) -> None:
    first, second = _due_pair(desk)
    before = [(row.version, row.updated_at) for row in (desk.row(first), desk.row(second))]

    reconcile(desk.engine, desk.credential_id)

    rows = desk.row(first), desk.row(second)
    assert [(row.version, row.updated_at) for row in rows] == before
    assert [row.observed_at for row in rows] == [desk.clock.now()] * 2


@both_databases
def test_an_order_that_moves_to_another_account_is_due_there(desk: Desk) -> None:
    other = desk.add_credential("Other")
    workspace_id = desk.order()
    change_order(
        desk.context,
        workspace_id,
        lambda order: replace(order, cloud_credential_id=other),
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
    )

    assert desk.row(workspace_id).schedule.credential_id == other
    desk.live_until(workspace_id, State.AVAILABLE)


def _shapes() -> list[Workspace]:
    actions: tuple[Action | None, ...] = (None, *(one for one in Action if one is not Action.TERMINATE))
    clouds = (None, CloudState.AVAILABLE, CloudState.TERMINATING)
    return [
        Workspace(
            phase=phase,
            desired=desired,
            requested_action=action,
            action_sent_at=None,
            look_requested_at=None,
            cloud_state=cloud,
            absent_count=absent,
            generation=1,
            attempt=1,
        )
        for phase, desired, action, cloud, absent in product(Phase, Desired, actions, clouds, (0, 1))
    ]


def test_what_is_not_called_urgent_needs_a_look_or_nothing() -> None:
    database = sqlite3.connect(":memory:")
    for row in _shapes():
        given = (row.phase, row.desired, row.requested_action, row.cloud_state, row.absent_count)
        (is_urgent,) = database.execute(
            f"SELECT {IS_URGENT_SQL} FROM (SELECT ? AS phase, ? AS desired, ? AS requested_action,"
            " ? AS cloud_state, ? AS absent_count, NULL AS look_requested_at,"
            " NULL AS resize_kind, NULL AS move)",
            given,
        ).fetchone()
        if not is_urgent:
            assert need_of(row_state(row)) in (Need.LOOK, Need.REST), given
    database.close()
