"""What the last 30 days needed is read by indexes, however many desktops a company ever had."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, update

from tests.desk import Desk
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
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        if "ORDER BY" in text:
            asked.append((text, values))

    event.listen(desk.database, "before_cursor_execute", note)
    with desk.sessions() as session:
        read_past(session, {}, company_id=1, now=desk.clock.now())
        event.remove(desk.database, "before_cursor_execute", note)
        connection = session.connection()
        plans = [
            [step[3] for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            for text, values in asked
        ]

    assert plans == [
        ["SEARCH workspaces USING INDEX ix_workspaces_issued (company_id=? AND issued_at>?)"],
        ["SEARCH workspaces USING INDEX ix_workspaces_ended (company_id=? AND terminated_at>?)"],
    ]
