"""What the last 30 days needed is read by indexes, however many desktops a company ever had."""

from datetime import timedelta

from sqlalchemy import update

from tests.desk import Desk
from tests.plans import noted, plans_of
from webapp.models import Workspace
from webapp.queries.past_use import Past, read_past

DAY = timedelta(days=1)


def past(desk: Desk) -> Past:
    with desk.sessions() as session:
        found = read_past(
            session, {desk.credential_id: 1}, company_id=desk.provider.company_id or 0, now=desk.clock.now()
        )
    return found[desk.credential_id]


def put(desk: Desk, workspace_id: int, **columns: object) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(**columns))


def test_a_moved_desktop_began_when_it_was_first_there(desk: Desk) -> None:
    workspace_id, now = desk.available(), desk.clock.now()
    put(desk, workspace_id, issued_at=now - DAY, available_at=now - 40 * DAY)

    assert (past(desk).started, past(desk).most_at_once) == (0, 1)


def test_begun_and_ended_desktops_are_found_by_their_indexes(desk: Desk) -> None:
    with desk.sessions() as session:
        with noted(desk.database, "ORDER BY") as asked:
            read_past(session, {}, company_id=1, now=desk.clock.now())
        plans = plans_of(session, asked)

    assert plans == [
        ["SEARCH workspaces USING INDEX ix_workspaces_issued (company_id=? AND issued_at>?)"],
        ["SEARCH workspaces USING INDEX ix_workspaces_ended (company_id=? AND terminated_at>?)"],
    ]
