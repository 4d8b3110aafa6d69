"""Access that ends while it is being given back is ended at Azure once more."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.desk import Desk
from tests.killing import die_at
from tests.windows import HOUR, pass_time, set_grace, set_window, settle, undo, until
from webapp.domain.lifecycle import Action
from webapp.engine.reconcile import reconcile

PERSON = "sam@example.com"


def in_use(desk: Desk) -> int:
    set_grace(desk)
    workspace_id = desk.available(username=PERSON)
    settle(desk)
    return workspace_id


def waiting_for_its_start(desk: Desk, *, starts: timedelta, ends: timedelta) -> int:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=starts, ends=ends)
    workspace_id = desk.order(application_id=application_id, username=PERSON)
    settle(desk, minutes=40)
    assert desk.row(workspace_id).access_ended_at is not None
    return workspace_id


def at_the_moment_it_is_given_back(desk: Desk, happen: Callable[[], object]) -> None:
    """Once."""
    pending = [happen]

    def point(name: str) -> None:
        if name == "resumed" and pending:
            pending.pop()()

    desk.engine = desk.make_engine(crashpoint=point)


def assert_closed(desk: Desk, workspace_id: int) -> None:
    row = desk.row(workspace_id)
    [host] = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
    assert not host["assigned_user"], desk.story(workspace_id)
    assert row.access_cut_at is not None and row.access_ended_at is not None


def test_by_another_termination(desk: Desk) -> None:
    workspace_id = in_use(desk)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    at_the_moment_it_is_given_back(desk, lambda: desk.press(workspace_id, Action.TERMINATE))

    undo(desk, workspace_id)
    settle(desk)

    assert_closed(desk, workspace_id)


def test_by_the_end_of_the_contract_while_the_worker_lies_dead(desk: Desk) -> None:
    began_at = desk.clock.now() + HOUR
    workspace_id = waiting_for_its_start(desk, starts=HOUR, ends=2 * HOUR)
    desk.clock.pause(until(desk, began_at).total_seconds())
    die_at(desk, "resumed", lambda engine: reconcile(engine, desk.credential_id))

    pass_time(desk, HOUR)

    assert_closed(desk, workspace_id)


@pytest.mark.parametrize("point", ["resuming", "resumed"])
def test_who_may_have_been_let_in_is_not_said_to_be_kept_out(desk: Desk, point: str) -> None:
    """A worker that dies leaves the sentence on the page for as long as nobody works."""
    workspace_id = in_use(desk)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    undo(desk, workspace_id)

    die_at(desk, point, lambda engine: reconcile(engine, desk.credential_id))

    row = desk.row(workspace_id)
    assert (row.access_cut_at is not None, row.access_ended_at) == (True, None)
    settle(desk)
    assert desk.story(workspace_id).count("access_opened") == 1
