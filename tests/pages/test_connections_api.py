"""The API's list of desktops by who has connected: the filters and the order of the page."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_connections import look, machine
from tests.pages.counting import counted_queries
from tests.pages.reader import Program, Visitor
from tests.pages.test_connections import set_connection
from tests.pages.test_table import shown
from webapp.services import tokens

pytestmark = both_databases
ORDERS = {"last_connected_at": "connected", "-last_connected_at": "-connected"}


@pytest.fixture
def five(desk: Desk) -> list[int]:
    """Never, long ago, lately, now, and nobody knows."""
    desk.sandbox.set_now(desk.clock.now().timestamp())
    made = [desk.available() for _ in range(5)]
    _, long_ago, lately, here, unknown = made
    desk.stage.connect(machine(desk, here), "")
    look(desk)
    for workspace_id, days in ((long_ago, 20), (lately, 8)):
        at = desk.clock.now() - timedelta(days=days)
        set_connection(desk, workspace_id, first_connected_at=at, last_connected_at=at, quiet_since=at)
    set_connection(desk, unknown, is_past_known=False)
    return made


def ids_of(program: Program, query: str) -> list[int]:
    """Of all pages."""
    found, path = [], f"workspaces/?{query}"
    while path:
        page = program.read(path)
        found += [one["id"] for one in page["workspaces"]]
        path = page["next"] and page["next"].removeprefix("/api/workspaces/")
    assert page["count"] == len(found)
    return found


def test_filters_and_order_are_those_of_the_page(
    desk: Desk, program: Program, provider: Visitor, five: list[int]
) -> None:
    never, long_ago, lately, here, unknown = five
    by_page = {
        kind: shown(provider.read(f"/workspaces/?connected={kind}")) for kind in ("never", "7", "14", "30")
    }

    by_api = {kind: ids_of(program, f"connection={kind}") for kind in by_page}
    ordered = {sort: ids_of(program, f"sort={sort}&limit=2") for sort in ORDERS}

    assert by_api == by_page == {"never": [never], "7": [lately, long_ago], "14": [long_ago], "30": []}
    assert ordered == {sort: shown(provider.read(f"/workspaces/?sort={one}")) for sort, one in ORDERS.items()}
    assert ordered["last_connected_at"] == [never, long_ago, lately, here, unknown]
    assert ids_of(program, "connection=7&sort=last_connected_at&limit=1") == [long_ago, lately]
    assert ids_of(program, "connection=7&state=ERROR") == []


def test_more_than_a_list_counts_are_found_the_same(
    desk: Desk, program: Program, five: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = ids_of(program, "connection=7")

    monkeypatch.setattr("webapp.queries.connections.MOST_COUNTED", 1)

    assert ids_of(program, "connection=7") == few


def test_a_list_costs_no_query_more_for_each_desktop(desk: Desk, program: Program, five: list[int]) -> None:
    counts = {}
    for limit in (2, 5):
        with counted_queries() as queries:
            program.read(f"workspaces/?sort=-last_connected_at&limit={limit}")
        counts[limit] = len(queries)

    assert counts[5] <= counts[2] + 1, "what is without a connection is a second part"


def test_a_forged_cursor_and_an_unknown_value_are_refused(program: Program, five: list[int]) -> None:
    of_age = program.read("workspaces/?limit=1")["next"].partition("cursor=")[2]

    for query in (f"sort=last_connected_at&cursor={of_age}", "sort=username", "connection=8"):
        assert program.call("GET", f"workspaces/?{query}").status_code == 422


@pytest.mark.parametrize("query", ["connection=never", "sort=last_connected_at"])
def test_a_seeker_learns_nothing_by_it(app: Flask, desk: Desk, query: str) -> None:
    person = desk.add_seeker()
    _, token = tokens.issue_token(desk.context, user=person, name="own")

    assert Program(app.test_client(), token).call("GET", f"workspaces/?{query}").status_code == 422
