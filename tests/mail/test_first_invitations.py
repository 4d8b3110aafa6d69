"""A person hears once that the desktop can be used, whatever became of the contract's start meanwhile."""

from contextlib import suppress
from datetime import timedelta

import pytest

from tests.azure_rows import observe
from tests.conftest import both_databases
from tests.desk import Desk
from tests.killing import die_at
from tests.mail.conftest import Postman
from tests.mail.test_occasions import recipients
from tests.windows import HOUR, pass_time, set_exactly, set_grace, set_window, settle, undo, until
from webapp.domain.lifecycle import Action, State
from webapp.domain.windows import Window
from webapp.engine.reconcile import reconcile

KIND = "desktop_ready"
LATER = 2 * HOUR
"""Within a day: the nightly test would observe the directory again, and try all its rights."""


def made_ahead(desk: Desk, *, starts: timedelta = LATER) -> int:
    """A desktop that is ready and off, for a contract that begins later."""
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=starts)
    workspace_id = desk.order(application_id=application_id)
    settle(desk, minutes=40)
    row = desk.row(workspace_id)
    assert row.available_at is not None and row.access_ended_at is not None and row.invited_at is None
    return workspace_id


def die_on_the_way(desk: Desk, point: str) -> None:
    """At the point, as soon as a worker comes to it: an inventory may have looked first."""
    for _ in range(3):
        with suppress(AssertionError):
            return die_at(desk, point, lambda engine: reconcile(engine, desk.credential_id))
        desk.clock.pause(desk.settings.poll_interval_s)
    raise AssertionError(f"{point} was never reached")


def stays_off(desk: Desk) -> None:
    """The cloud starts nothing when a person connects."""
    observe(desk.context, desk.credential_id, starts_on_connect=False)


@both_databases
@pytest.mark.parametrize("window", [Window(zone="UTC"), None], ids=["no start", "a start in the past"])
def test_who_was_kept_out_until_a_start_that_is_taken_away_is_invited(
    desk: Desk, postman: Postman, window: Window | None
) -> None:
    workspace_id = made_ahead(desk)
    application_id = desk.row(workspace_id).application_id

    set_exactly(desk, application_id, window or Window(desk.clock.now() - HOUR, None, "UTC"))
    settle(desk)

    assert len(recipients(postman, KIND)) == 1
    assert desk.row(workspace_id).invited_at is not None
    pass_time(desk, 2 * LATER)
    assert len(recipients(postman, KIND)) == 1


def test_what_was_terminated_before_the_start_and_undone_after_it_invites_its_person(
    desk: Desk, postman: Postman
) -> None:
    set_grace(desk)
    workspace_id = made_ahead(desk)
    desk.press(workspace_id, Action.TERMINATE)
    pass_time(desk, 2 * LATER)
    assert recipients(postman, KIND) == []

    undo(desk, workspace_id)
    settle(desk)

    assert len(recipients(postman, KIND)) == 1


def test_nobody_is_invited_again_by_an_undo_or_an_extension(desk: Desk, postman: Postman) -> None:
    set_grace(desk)
    workspace_id = desk.available()
    assert len(recipients(postman, KIND)) == 1

    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    undo(desk, workspace_id)
    settle(desk)

    assert desk.row(workspace_id).access_cut_at is None
    assert len(recipients(postman, KIND)) == 1


@pytest.mark.parametrize("point", ["resuming", "resumed", "opened", "looked", "inviting"])
def test_a_worker_that_is_killed_on_the_way_leaves_one_invitation(
    desk: Desk, postman: Postman, point: str
) -> None:
    workspace_id = made_ahead(desk)
    starts_at = desk.row(workspace_id).starts_at
    assert starts_at is not None
    desk.clock.pause(until(desk, starts_at).total_seconds())

    die_on_the_way(desk, point)
    settle(desk)

    assert len(recipients(postman, KIND)) == 1


def test_what_does_not_start_by_itself_is_started_before_its_person_is_invited(
    desk: Desk, postman: Postman
) -> None:
    workspace_id = made_ahead(desk)
    stays_off(desk)
    desk.clock.pause(LATER.total_seconds())

    while not recipients(postman, KIND):
        desk.live(30)

    assert [one["state"] for one in desk.machines()] == ["AVAILABLE"], desk.story(workspace_id)
    settle(desk)
    assert len(recipients(postman, KIND)) == 1
    assert len(desk.calls("StartWorkspaces")) == 1
    assert desk.story(workspace_id).count("start_requested") == 1


def test_a_start_that_the_cloud_refuses_is_shown_and_the_invitation_waits_for_a_person(
    desk: Desk, postman: Postman
) -> None:
    workspace_id = made_ahead(desk)
    stays_off(desk)
    desk.sandbox.add_fault(
        "error", operation="StartWorkspaces", times=1, code="OperationNotSupportedException"
    )

    pass_time(desk, LATER)

    row = desk.row(workspace_id)
    assert row.error_code is not None and row.requested_action is None
    assert len(desk.calls("StartWorkspaces")) == 1 and recipients(postman, KIND) == []
    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)
    settle(desk)
    assert len(recipients(postman, KIND)) == 1


def test_one_that_its_owners_start_by_hand_is_started_too(desk: Desk, postman: Postman) -> None:
    workspace_id = made_ahead(desk)
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", running_mode="MANUAL")
    settle(desk, minutes=40)

    pass_time(desk, LATER)

    assert len(desk.calls("StartWorkspaces")) == 1
    assert len(recipients(postman, KIND)) == 1


def test_one_that_always_runs_is_free_before_its_person_is_invited(desk: Desk, postman: Postman) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=LATER)
    workspace_id = desk.order(application_id=application_id)
    desk.live(60)
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", running_mode="ALWAYS_ON")
    settle(desk, minutes=40)
    assert desk.row(workspace_id).cloud_word == "ADMIN_MAINTENANCE"

    pass_time(desk, LATER)

    assert desk.calls("StartWorkspaces") == []
    assert desk.row(workspace_id).state is State.AVAILABLE
    assert len(recipients(postman, KIND)) == 1
