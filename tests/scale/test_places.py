"""Forward and back page by page, in every order and under every filter: each row once, and at its place."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.domain.connections import ConnectionState
from webapp.models import DesktopConnection, DesktopMonth, Schedule, Workspace
from webapp.queries.table_order import SORTS, Place
from webapp.queries.workspace_table import TableFilter, TablePage, read_table

pytestmark = both_databases

ROWS, PAGE = 30, 8
MONTH = date(2026, 11, 1)
CONNECTIONS = [
    (ConnectionState.CONNECTED, 1, True),
    (ConnectionState.CONNECTED, 2, False),
    (ConnectionState.DISCONNECTED, 1, True),
    (ConnectionState.UNKNOWN, 5, True),
    (ConnectionState.DISCONNECTED, None, True),
    (ConnectionState.DISCONNECTED, None, False),
]


@pytest.fixture
def many(desk: Desk) -> None:
    """Of every state, with many equal values."""
    draw = random.Random(7)
    desk.order(username="sam.okafor")
    row = desk.session.query(Workspace).one()
    copied = [one.name for one in Workspace.__table__.columns if one.computed is None and one.name != "id"]
    states = [
        {"phase": "gone", "desired": "absent", "terminated_at": desk.clock.now()},
        {"phase": "create_failed", "error_code": "user_not_found", "error_at": desk.clock.now()},
        {"phase": "gone", "desired": "absent", "terminated_at": desk.clock.now() - timedelta(days=9)},
    ]
    for number in range(ROWS):
        values = {name: getattr(row, name) for name in copied} | draw.choice(states)
        values |= {"uid": f"u{number}", "slot": f"s{number}", "username": draw.choice("äbC")}
        values |= {"created_at": desk.clock.now() + timedelta(seconds=draw.randint(1, 5))}
        desk.session.add(Workspace(**values, schedule=Schedule()))
    desk.session.flush()
    for workspace_id in desk.session.scalars(select(Workspace.id)):
        if amount := draw.choice([None, ("EUR", 300), ("USD", -5), ("USD", 0), ("USD", 700)]):
            desk.session.add(_cost(workspace_id, desk.provider.company_id, *amount))
        if known := draw.choice([None, *CONNECTIONS]):
            desk.session.add(_connection(desk, workspace_id, *known[:2], is_past_known=known[2]))
    desk.session.flush()


def _connection(
    desk: Desk, workspace_id: int, state: ConnectionState, days_ago: int | None, *, is_past_known: bool
) -> DesktopConnection:
    now = desk.clock.now()
    last = None if days_ago is None else now - timedelta(days=days_ago)
    return DesktopConnection(
        workspace_id=workspace_id,
        company_id=desk.provider.company_id,
        credential_id=desk.credential_id,
        state=state,
        is_watched=True,
        checked_at=now,
        is_past_known=is_past_known,
        first_connected_at=last,
        last_connected_at=last,
        quiet_since=None if state is ConnectionState.CONNECTED else last or now,
    )


def _cost(workspace_id: int, company_id: int | None, currency: str, amount_minor: int) -> DesktopMonth:
    return DesktopMonth(
        workspace_id=workspace_id,
        month=MONTH,
        company_id=company_id,
        currency=currency,
        amount_minor=amount_minor,
        is_billed=True,
        is_unpriced=False,
    )


def test_pages_meet_without_gap_or_double(desk: Desk, many: None) -> None:
    recent = desk.clock.now() - timedelta(hours=1)
    company_id = desk.provider.company_id or 0

    def page(wanted: TableFilter, sort: str, place: Place | None = None, limit: int = PAGE) -> TablePage:
        return read_table(
            desk.session,
            wanted,
            company_id=company_id,
            month=MONTH,
            sort=sort,
            place=place,
            limit=limit,
        )

    for wanted in (TableFilter(), TableFilter(ended_since=recent), TableFilter(state="trouble")):
        for sort in [f"{way}{name}" for name in SORTS for way in ("", "-")]:
            whole = [one.id for one in page(wanted, sort, limit=ROWS + 1).rows]
            pages = [page(wanted, sort)]
            while pages[-1].has_more:
                pages.append(page(wanted, sort, Place(pages[-1].rows[-1].key)))
            assert [one.id for shown in pages for one in shown.rows] == whole, (wanted, sort)
            assert len(pages) > 1 and pages[-1].found == len(whole)
            for earlier, later in zip(pages, pages[1:], strict=False):
                back = page(wanted, sort, Place(later.rows[0].key, is_end=True))
                assert [one.id for one in back.rows] == [one.id for one in earlier.rows], (wanted, sort)
                assert back.has_more
