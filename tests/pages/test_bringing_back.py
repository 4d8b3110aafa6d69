"""Bringing files back by the pages: what is said before the press, what follows it, and what refuses it."""

import re
from datetime import timedelta
from html import unescape

from sqlalchemy import select, update

from tests.azure_rows import make_ready
from tests.desk import Desk
from tests.kept_files import KEPT_DAYS, bring_back, change, failed, gone
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.windows import HOUR, have_window
from webapp.domain.catalogue import entry
from webapp.domain.file_returns import ReturnState
from webapp.domain.roles import CompanyRole
from webapp.models import FileReturn, TrailEntry, Workspace
from webapp.services import colleagues


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
        assert "its files are gone" not in page.text


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


def shown(visitor: Visitor, path: str, part: str) -> str:
    """A part of a page."""
    page = unescape(" ".join(visitor.get(path).text.split()))
    assert page.count(f'id="{part}"') == 1
    return re.sub(r"<[^>]+>", "", page.partition(f'id="{part}"')[2].partition("</section>")[0])


def test_the_new_desktop_says_what_becomes_of_the_files_until_they_are_there(
    desk: Desk, provider: Visitor
) -> None:
    made, now = bring_back(desk, gone(desk)), desk.clock.now()
    here = f"/workspaces/{made}/"
    waiting = shown(provider, here, "file-return")
    make_ready(desk.context, made, at=now)
    change(desk, FileReturn, state=ReturnState.UNDERWAY, disk="w9-f1", begun_at=now)
    underway = shown(provider, here, "file-return")
    change(desk, FileReturn, error_code="access_denied", error_at=now)
    kept_waiting = shown(provider, here, "file-return")
    nothing = dict.fromkeys(("error_code", "error_at"))
    change(desk, FileReturn, state=ReturnState.DONE, copied_at=now, ended_at=now, **nothing)
    there = shown(provider, here, "file-return")

    assert r"will be copied into C:\Former files as soon as" in waiting and "kept until" in waiting
    assert r"are being copied into C:\Former files" in underway
    assert "cannot be copied" in kept_waiting and entry("access_denied").message in kept_waiting
    assert r"are in C:\Former files since" in there and "cannot be copied" not in underway + there
    assert not any("Try again" in one for one in (waiting, underway, there))


def test_what_failed_says_why_and_can_be_tried_again_with_one_press(desk: Desk, provider: Visitor) -> None:
    made = failed(desk)
    here, again = f"/workspaces/{made}/", f"/workspaces/{made}/bring-back/again"
    before, offered = shown(provider, here, "file-return"), provider.get(here).text

    answer = provider.post(again, {})

    after = shown(provider, here, "file-return")
    assert "did not come. " in before and entry("files_not_copied").message in before
    assert again in offered and again not in provider.get(here).text
    assert (answer.status_code, answer.headers["Location"]) == (303, here)
    assert [one.state for one in returns(desk)] == [ReturnState.DONE, ReturnState.WAITING]
    assert "did not come" not in after


def test_while_the_disk_still_goes_nobody_can_try_again(desk: Desk, provider: Visitor) -> None:
    made = failed(desk, state=ReturnState.ENDING)

    part = shown(provider, f"/workspaces/{made}/", "file-return")
    page = provider.get(f"/workspaces/{made}/").text
    answer = provider.post(f"/workspaces/{made}/bring-back/again", {})

    assert "Then you can try again" in part and "bring-back/again" not in page
    assert answer.status_code == 409 and len(returns(desk)) == 1


def test_after_the_retention_the_new_desktop_offers_nothing_more(desk: Desk, provider: Visitor) -> None:
    made = failed(desk)
    change(desk, Workspace, terminated_at=None)
    [row] = returns(desk)
    with desk.sessions.begin() as session:
        ended = {"terminated_at": desk.clock.now() - timedelta(days=KEPT_DAYS)}
        session.execute(update(Workspace).where(Workspace.id == row.former_id).values(ended))

    part = shown(provider, f"/workspaces/{made}/", "file-return")

    assert "is not kept any more" in part
    assert "bring-back/again" not in provider.get(f"/workspaces/{made}/").text
    assert provider.post(f"/workspaces/{made}/bring-back/again", {}).status_code == 409


def test_a_desktop_without_a_return_has_no_such_part(desk: Desk, provider: Visitor) -> None:
    assert "file-return" not in provider.read(f"/workspaces/{desk.order()}/").text


def test_the_person_reads_where_the_own_files_are(desk: Desk, seeker: Visitor, approved: int) -> None:
    made, now = bring_back(desk, gone(desk, application_id=approved)), desk.clock.now()
    path = f"/desktops/{made}/"
    coming = shown(seeker, path, "former-files")
    change(desk, FileReturn, state=ReturnState.DONE, copied_at=now, ended_at=now)
    there = shown(seeker, path, "former-files")
    lost = {"copied_at": None, "error_code": "files_no_space", "error_at": now}
    change(desk, FileReturn, **lost)
    failed_to = shown(seeker, path, "former-files")

    assert "are being brought back" in coming
    assert r"are in C:\Former files." in there
    assert "could not be brought back. Ask " in failed_to and "no room" not in failed_to


def test_who_is_limited_to_other_jobs_finds_nothing(desk: Desk, sign_in: SignIn) -> None:
    former = gone(desk)
    rita = desk.add_provider("rita@example.com", company="Quayside")
    about = {"company_id": rita.company_id or 0, "by": desk.provider}
    postings = [desk.open_posting(desk.provider)]
    colleagues.change_role(desk.context, rita.id, CompanyRole.RECRUITER, posting_ids=postings, **about)
    recruiter = Visitor(sign_in(rita.email))

    assert recruiter.get(f"/workspaces/{former}/bring-back").status_code == 404
    assert recruiter.post(f"/workspaces/{former}/bring-back", {}).status_code == 404
    assert returns(desk) == []


def test_who_only_reads_is_offered_nothing(desk: Desk, sign_in: SignIn) -> None:
    former = gone(desk)
    auditor = desk.add_provider("ada@example.com", company="Quayside")
    about = {"company_id": auditor.company_id or 0, "by": desk.provider}
    colleagues.change_role(desk.context, auditor.id, CompanyRole.AUDITOR, posting_ids=None, **about)
    reader = Visitor(sign_in(auditor.email))

    assert f"/workspaces/{former}/bring-back" not in reader.read(f"/workspaces/{former}/").links()
    assert f"/workspaces/{former}/bring-back" not in reader.read(f"/workspaces/{former}/record").links()
    assert reader.post(f"/workspaces/{former}/bring-back", {}).status_code == 403


def test_the_trail_says_who_brought_the_files_back(desk: Desk, provider: Visitor) -> None:
    former = gone(desk)
    provider.post(f"/workspaces/{former}/bring-back", {})

    with desk.sessions() as session:
        entry = session.scalars(select(TrailEntry).where(TrailEntry.action == "bringing_back.create")).one()
    assert (entry.user_id, entry.outcome, entry.subject) == (
        desk.provider.id,
        "done",
        f"workspace_id={former}",
    )
    assert {"workspaces", "file_returns"} <= {one["table"] for one in entry.changes}


def test_while_files_are_copied_the_desktop_cannot_be_restored_and_the_page_says_so_first(
    desk: Desk, provider: Visitor
) -> None:
    made, now = failed(desk, state=ReturnState.ENDING), desk.clock.now()
    change(desk, Workspace, system_snapshot_at=now, files_snapshot_at=now, snapshots_read_at=now)

    page = provider.get(f"/workspaces/{made}/restore")

    assert page.status_code == 409 and "are being copied to this one" in page.text


def test_the_new_desktop_keeps_the_profile_by_which_snapshots_are_kept(desk: Desk) -> None:
    former = gone(desk)
    change(desk, Workspace, profile_id=7, profile_version=3)

    made = desk.row(bring_back(desk, former))

    assert (made.profile_id, made.profile_version) == (7, 3)
