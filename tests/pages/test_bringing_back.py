"""Bringing files back by the pages: what is said before the press, what follows it, and what refuses it."""

from datetime import timedelta

from tests.desk import Desk
from tests.kept_files import KEPT_DAYS, change, gone
from tests.pages.reader import Visitor
from tests.windows import HOUR, have_window
from webapp.models import FileReturn, Workspace


def returns(desk: Desk) -> list[FileReturn]:
    with desk.sessions() as session:
        return session.query(FileReturn).order_by(FileReturn.id).all()


def test_the_desktop_that_is_gone_and_its_record_lead_there(desk: Desk, provider: Visitor) -> None:
    former = gone(desk)
    address = f"/workspaces/{former}/bring-back"

    for path in (f"/workspaces/{former}/", f"/workspaces/{former}/record"):
        page = provider.read(path)
        assert address in page.links() and "Possible until" in page.text
        assert "Bring the files back in a new desktop" in page.text


def test_the_page_says_for_whom_what_comes_where_and_what_not(desk: Desk, provider: Visitor) -> None:
    former = gone(desk)

    page = " ".join(provider.read(f"/workspaces/{former}/bring-back").text.split())

    for said in (
        "This orders a new desktop for seeker",
        "Standard",
        "List price",
        r"C:\Users",
        r"C:\Former files",
        "Programs and settings do not come back",
        "one more disk is on the cloud’s bill",
        "Possible until",
        "2 days ago",
    ):
        assert said in page


def test_one_press_leads_to_the_new_desktop_and_two_are_one(desk: Desk, provider: Visitor) -> None:
    former = gone(desk)
    address = f"/workspaces/{former}/bring-back"

    first, second = (provider.post(address, {}) for _ in range(2))

    [row] = returns(desk)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"] == f"/workspaces/{row.workspace_id}/"
    assert "on their way to" in provider.read(f"/workspaces/{former}/").text


def test_after_the_retention_it_is_offered_nowhere_and_refused(desk: Desk, provider: Visitor) -> None:
    former = gone(desk, days_ago=KEPT_DAYS - 1)
    address = f"/workspaces/{former}/bring-back"
    assert address in provider.read(f"/workspaces/{former}/").links()

    ended_at = desk.clock.now() - timedelta(days=KEPT_DAYS)
    change(desk, Workspace, terminated_at=ended_at)

    pages = [provider.read(f"/workspaces/{former}/{path}") for path in ("", "record")]
    asked, pressed = provider.get(address), provider.post(address, {})
    assert all(address not in page.links() for page in pages)
    assert (asked.status_code, pressed.status_code) == (409, 409)
    assert "cannot be brought back" in asked.text and "cannot be brought back" in pressed.text
    assert returns(desk) == []


def test_who_has_a_desktop_already_is_shown_it_instead(desk: Desk, provider: Visitor) -> None:
    former = gone(desk)
    other = desk.order(
        application_id=desk.row(former).application_id,
        workspace_type="windows",
        bundle_id="az-standard",
        username="other@quayside.example",
    )
    address = f"/workspaces/{former}/bring-back"

    answers = provider.get(address), provider.post(address, {})

    for answer in answers:
        assert answer.status_code == 409
        assert "already has a desktop" in answer.text and f"/workspaces/{other}/" in answer.text
    assert returns(desk) == []


def test_after_the_contract_the_page_says_why_not(desk: Desk, provider: Visitor) -> None:
    former = gone(desk)
    have_window(desk, desk.row(former).application_id, ends=-HOUR)

    answer = provider.post(f"/workspaces/{former}/bring-back", {})

    assert answer.status_code == 409 and "contract of this person has ended" in answer.text
    assert "but not now" in provider.read(f"/workspaces/{former}/").text
    assert returns(desk) == []


def test_a_desktop_that_is_there_has_its_files(desk: Desk, provider: Visitor) -> None:
    answer = provider.get(f"/workspaces/{desk.order()}/bring-back")

    assert answer.status_code == 409 and "not gone" in answer.text


def test_another_company_finds_nothing(desk: Desk, rival: Visitor) -> None:
    former = gone(desk)

    for answer in (
        rival.get(f"/workspaces/{former}/bring-back"),
        rival.post(f"/workspaces/{former}/bring-back", {}),
        rival.post(f"/workspaces/{former}/bring-back/again", {}),
    ):
        assert answer.status_code == 404
    assert returns(desk) == []
