"""Jobs, applications, and the seeker's side."""

from sqlalchemy import Engine, event

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.lifecycle import Action, State


def test_from_the_posted_job_to_the_order_link(provider: Visitor, seeker: Visitor) -> None:
    provider.post("/jobs/", {"title": "Pilot", "location": "Harbour", "description": "Bring ships in."})
    assert "Pilot" in seeker.read("/board/").text
    seeker.post("/board/2/apply", {"message": "I know <b>every</b> rock."})
    assert "Awaiting decision" in seeker.read("/desktops/").text

    page = provider.read("/jobs/2/")
    assert "I know <b>every</b> rock." in page.text
    provider.post("/applications/1/approve")

    assert "/workspaces/new?application=1" in provider.read("/jobs/2/").links()
    assert "Approved" in seeker.read("/desktops/").text
    assert provider.post("/applications/1/reject").status_code == 409


def test_a_closed_job_takes_no_applications_and_leaves_the_board(provider: Visitor, seeker: Visitor) -> None:
    provider.post("/jobs/1/close")

    assert "/board/1/" not in seeker.read("/board/").links()
    response = seeker.post("/board/1/apply", {"message": ""})
    assert response.status_code == 409
    assert "This job is closed to new applications." in Reader(response.text).text

    provider.post("/jobs/1/reopen")
    assert seeker.post("/board/1/apply", {"message": ""}).status_code == 303


def test_applying_twice_is_answered_kindly(seeker: Visitor) -> None:
    seeker.post("/board/1/apply", {"message": "once"})

    assert seeker.post("/board/1/apply", {"message": "twice"}).status_code == 409
    assert "You applied" in seeker.read("/board/1/").text


def test_a_job_without_a_title_comes_back_with_what_was_typed(provider: Visitor) -> None:
    response = provider.post("/jobs/", {"title": "", "description": "Bring ships in."})

    assert response.status_code == 422
    assert Reader(response.text).error_of("title")
    assert "Bring ships in." in response.text


def test_the_seeker_watches_the_desktop_and_reads_how_to_connect(
    desk: Desk, provider: Visitor, seeker: Visitor
) -> None:
    seeker.post("/board/1/apply", {"message": ""})
    provider.post("/applications/1/approve")
    workspace_id = desk.order(application_id=1, username="sam.okafor")
    card = seeker.read("/desktops/")
    assert card.by_id("desktop-cards")["hx-trigger"] == "every 2s, look"
    assert "Connect" not in [a.get("id", "").partition("-")[0] for a in card.find("a")]
    assert "still being set up" in seeker.read(f"/desktops/{workspace_id}/").text

    desk.live_until(workspace_id, State.AVAILABLE)

    page = seeker.read(f"/desktops/{workspace_id}/")
    assert "workspaces://sam.okafor@WSdemo+BERTH1" in page.links()
    assert "https://clients.amazonworkspaces.com/" in page.links()
    assert "Forgot password?" in page.text
    assert page.by_id("desktop-connect")["hx-trigger"] == "look"
    assert f"/desktops/{workspace_id}/" in seeker.read("/desktops/").links()


def test_someone_elses_desktop_is_not_there(desk: Desk, seeker: Visitor) -> None:
    workspace_id = desk.available()

    assert seeker.get(f"/desktops/{workspace_id}/").status_code == 404
    assert seeker.get(f"/desktops/{workspace_id}/connect").status_code == 404
    assert "No desktop yet" in seeker.read("/desktops/").text


def test_an_ended_desktop_shows_no_way_in(desk: Desk, provider: Visitor, seeker: Visitor) -> None:
    seeker.post("/board/1/apply", {"message": ""})
    provider.post("/applications/1/approve")
    workspace_id = desk.available(application_id=1)
    desk.press(workspace_id, Action.TERMINATE)

    page = seeker.read(f"/desktops/{workspace_id}/")

    assert "This desktop has ended." in page.text
    assert not [link for link in page.links() if link.startswith("workspaces:")]


def test_looking_at_pages_writes_nothing(desk: Desk, provider: Visitor, seeker: Visitor) -> None:
    workspace_id = desk.available()
    for visitor in (provider, seeker):
        visitor.get("/board/")  # the last-seen time, at most every five minutes, is the one exception
    written: list[str] = []

    def watch(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if (
            not statement.lstrip()
            .upper()
            .startswith(("SELECT", "BEGIN", "PRAGMA", "INSERT INTO TRAIL_ENTRIES"))
        ):
            written.append(statement)

    event.listen(Engine, "before_cursor_execute", watch)
    try:
        for path in (
            "/workspaces/",
            "/workspaces/rows",
            f"/workspaces/{workspace_id}/",
            "/workspaces/new",
            f"/workspaces/{workspace_id}/status",
            "/credentials/",
            "/credentials/1/",
            "/credentials/1/checks",
            "/credentials/1/bundles/",
            "/jobs/",
            "/jobs/1/",
            "/board/",
        ):
            assert provider.get(path).status_code == 200, path
        for path in ("/desktops/", "/desktops/cards", "/board/1/"):
            assert seeker.get(path).status_code == 200, path
    finally:
        event.remove(Engine, "before_cursor_execute", watch)

    assert written == []
