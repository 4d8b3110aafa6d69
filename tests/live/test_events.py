"""Over real connections: who hears of a change that somebody commits, and when a stream ends."""

import pytest
from sqlalchemy import update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.live.listening import HEARTBEAT, Line, ticket_for
from webapp.domain.lifecycle import State
from webapp.domain.roles import Role
from webapp.models import Application, User, Workspace
from webapp.models.user import IDLE_LIMIT
from webapp.services import sign_in

pytestmark = both_databases
HIRES = "provider@example.com"


def seeker_of(desk: Desk, workspace_id: int) -> str:
    application_id = desk.row(workspace_id).application_id
    application = desk.session.get_one(Application, application_id)
    email = desk.session.get_one(User, application.seeker_id).email
    desk.session.commit()
    return email


def test_what_a_worker_does_reaches_its_company_and_its_seeker_and_nobody_else(
    line: Line, desk: Desk
) -> None:
    workspace_id, other_id = desk.order(), desk.order()
    desk.add_provider("other@example.com", company="Elsewhere")
    lists = line.listen(HIRES, "lists")
    page = line.listen(HIRES, f"workspace-{workspace_id}")
    own = line.listen(seeker_of(desk, workspace_id), "own")
    outside = [
        line.listen("other@example.com", "lists"),
        line.listen("other@example.com", f"workspace-{workspace_id}"),
        line.listen(seeker_of(desk, other_id), f"workspace-{workspace_id}"),
    ]
    idle = line.listen(desk.add_seeker().email, "own")

    desk.live_until(workspace_id, State.AVAILABLE)

    page.until(f"workspace-{workspace_id}")
    own.until("own")
    lists.until("lists")
    for ear in (*outside, idle):
        assert ear.during() == []


def test_what_is_not_committed_is_not_reported(line: Line, desk: Desk) -> None:
    workspace_id = desk.order()
    lists = line.listen(HIRES, "lists")
    lists.during()  # the order itself may still be on its way
    with desk.sessions() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(username="other"))
        session.rollback()

        assert lists.during() == []


def test_signing_out_ends_the_stream_and_the_ticket_of_this_browser_only(line: Line, desk: Desk) -> None:
    token = desk.session_token(HIRES)
    ticket = ticket_for(desk, token)
    ended, kept = line.call(ticket, "lists"), line.listen(HIRES, "lists")

    sign_in.sign_out(desk.context, token=token)

    assert ended.everything() == ["lists"], "its first look"
    assert line.call(ticket, "lists").status == 401
    assert kept.next() == HEARTBEAT


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": Role.SEEKER}], ids=["disabled", "of another role"]
)
def test_whose_rights_change_hears_nothing_more(line: Line, desk: Desk, change: dict[str, object]) -> None:
    ear = line.listen(HIRES, "lists")

    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.email == HIRES).values(**change))

    assert ear.everything() == []


def test_a_session_that_nobody_uses_ends_its_stream(line: Line, desk: Desk) -> None:
    ear = line.listen(HIRES, "lists")

    desk.clock.pause(IDLE_LIMIT.total_seconds() + 1)

    assert ear.everything() == []
