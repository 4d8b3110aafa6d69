"""Who is connected: on the desktop's page, in the list with its filters, in the API, and as advice."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from tests.conftest import both_databases
from tests.cost_days import add_day
from tests.desk import Desk
from tests.engine.test_connections import look, machine
from tests.pages.counting import counted_queries
from tests.pages.reader import Program, Visitor
from tests.pages.test_table import shown
from webapp.models import CloudCredential, DesktopConnection
from webapp.queries import workspace_table

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def set_connection(desk: Desk, workspace_id: int, **columns: object) -> None:
    with desk.sessions.begin() as session:
        session.execute(
            update(DesktopConnection).where(DesktopConnection.workspace_id == workspace_id).values(**columns)
        )


def text_of(provider: Visitor, workspace_id: int) -> str:
    return provider.read(f"/workspaces/{workspace_id}/").text


def test_a_desktops_page_says_who_is_connected_and_when_the_cloud_was_asked(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    look(desk)
    assert "Never connected" in text_of(provider, workspace_id)
    assert "Looked at" in text_of(provider, workspace_id)

    desk.stage.connect(machine(desk, workspace_id), "")
    look(desk)
    assert "Connected now" in text_of(provider, workspace_id)

    desk.stage.disconnect(machine(desk, workspace_id))
    look(desk)
    text = text_of(provider, workspace_id)
    assert "Last connected" in text and "First connected" in text


def test_a_page_says_so_when_nobody_knows_and_why(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    look(desk)
    with desk.sessions.begin() as session:
        session.execute(delete(DesktopConnection))
    assert "the cloud has not said yet" in text_of(provider, workspace_id)

    account = f"/credentials/{desk.credential_id}/"
    assert "looked at" in provider.read(account).text
    with desk.sessions.begin() as session:
        session.execute(update(CloudCredential).values(connections_hidden_at=desk.clock.now()))
    assert "not visible" in provider.read(account).text
    assert "may not see who is connected" in text_of(provider, workspace_id)


@both_databases
def test_the_list_shows_it_and_finds_who_never_came_and_who_has_been_away(
    desk: Desk, provider: Visitor
) -> None:
    never, away, here = (desk.available() for _ in range(3))
    desk.stage.connect(machine(desk, here), "")
    look(desk)
    now = desk.clock.now()
    long_ago = now - 20 * DAY
    values = {"first_connected_at": long_ago, "last_connected_at": long_ago, "quiet_since": long_ago}
    set_connection(desk, away, **values)

    page = provider.read("/workspaces/")
    assert "never" in page.text and "now" in page.text
    assert shown(provider.read("/workspaces/?connected=never")) == [never]
    assert shown(provider.read("/workspaces/?connected=7")) == [away]
    assert shown(provider.read("/workspaces/?connected=14&sort=username")) == [away]
    assert shown(provider.read("/workspaces/?connected=30")) == []
    assert "Nothing matches this filter" in provider.read("/workspaces/?connected=30").text

    set_connection(desk, away, is_watched=False)
    values = {"quiet_since": None}
    set_connection(desk, never, **values)  # it has ended
    assert shown(provider.read("/workspaces/?connected=never")) == []


@both_databases
def test_the_list_is_sorted_by_the_last_connection(desk: Desk, provider: Visitor) -> None:
    """Never, long ago, a while ago, now; what nobody knows comes last both ways, as in the order by costs."""
    never, long_ago, lately, here, unknown = (desk.available() for _ in range(5))
    desk.stage.connect(machine(desk, here), "")
    look(desk)
    for workspace_id, days in ((long_ago, 20), (lately, 3)):
        at = desk.clock.now() - days * DAY
        set_connection(desk, workspace_id, first_connected_at=at, last_connected_at=at, quiet_since=at)
    set_connection(desk, unknown, is_past_known=False)

    up, down = (provider.read(f"/workspaces/?sort={sort}") for sort in ("connected", "-connected"))

    assert shown(up) == [never, long_ago, lately, here, unknown]
    assert shown(down) == [here, lately, long_ago, never, unknown]
    assert up.find("th", aria_sort="ascending") and down.find("th", aria_sort="descending")
    assert shown(provider.read("/workspaces/?sort=-connected&connected=7")) == [long_ago]


@both_databases
def test_the_filter_finds_the_same_whether_few_or_many_match(
    desk: Desk, provider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [desk.available() for _ in range(4)]
    look(desk)
    few = shown(provider.read("/workspaces/?connected=never"))

    monkeypatch.setattr("webapp.queries.connections.MOST_COUNTED", 2)

    assert shown(provider.read("/workspaces/?connected=never")) == few == made[::-1]
    assert workspace_table.MOST_COUNTED > 2


def test_the_list_costs_no_query_more_for_each_desktop(desk: Desk, provider: Visitor) -> None:
    desk.available()
    look(desk)
    with counted_queries() as few:
        provider.read("/workspaces/")
    for _ in range(3):
        desk.available()
    look(desk)

    with counted_queries() as many:
        provider.read("/workspaces/")

    assert len(many) == len(few)


def test_a_desktop_that_nobody_uses_is_wasted_money_and_its_page_says_so(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    look(desk)
    add_day(desk, workspace_id, billed=1250)
    desk.session.commit()
    since = desk.clock.now() - 15 * DAY
    set_connection(desk, workspace_id, quiet_since=since)

    start = provider.read("/start/")

    assert "1 desktop that nobody has connected to for 14 days" in " ".join(start.text.split())
    assert shown(provider.read("/workspaces/?connected=14&state=AVAILABLE&sort=-cost")) == [workspace_id]
    assert "Nobody has ever connected to it" in provider.read(f"/workspaces/{workspace_id}/costs").text


def test_the_api_says_it_and_an_etag_does_not_change_with_every_look(desk: Desk, program: Program) -> None:
    workspace_id = desk.available()
    path = f"workspaces/{workspace_id}/"
    with desk.sessions.begin() as session:
        session.execute(delete(DesktopConnection))
    unknown = program.read(path)
    assert unknown["connection_state"] is unknown["last_connected_at"] is None

    look(desk)
    never = program.read(path)
    assert (never["connection_state"], never["first_connected_at"]) == ("disconnected", None)
    desk.stage.connect(machine(desk, workspace_id), "")
    look(desk)
    came = program.call("GET", path)
    look(desk)
    still = program.call("GET", path)

    assert came.json is not None and still.json is not None
    assert came.json["connection_state"] == "connected"
    assert came.json["first_connected_at"] == came.json["last_connected_at"] is not None
    assert still.json["connection_checked_at"] > came.json["connection_checked_at"]
    assert came.headers["ETag"] == still.headers["ETag"]
    metrics = program.read(f"{path}metrics/")
    assert metrics["connection_state"] == "connected"
    assert metrics["last_connected_at"] == came.json["last_connected_at"]
