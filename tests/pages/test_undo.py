"""Terminating with a grace on the pages: what is said before, and the one click that takes it back."""

from datetime import timedelta

import pytest

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.windows import set_grace, set_window, settle
from webapp.domain.access import Access
from webapp.domain.lifecycle import Action, Desired, State


@pytest.fixture
def kept(desk: Desk) -> int:
    set_grace(desk)
    workspace_id = desk.available(username="sam.okafor")
    desk.session.commit()
    return workspace_id


def _access(desk: Desk, workspace_id: int) -> Access:
    return desk.row(workspace_id).access(desk.clock.now())


def test_before_it_the_page_says_what_comes_back_and_afterwards_one_click_does(
    desk: Desk, provider: Visitor, kept: int
) -> None:
    page = provider.read(f"/workspaces/{kept}/terminate")
    assert "until then you can undo this" in page.text and "Delete it at once instead" in page.text

    provider.post(f"/workspaces/{kept}/terminate", {"username": "sam.okafor"})

    assert (_access(desk, kept), desk.row(kept).desired) == (Access.SUSPENDED, Desired.PRESENT)
    assert "the desktop is kept until" in provider.read(f"/workspaces/{kept}/").text
    provider.post(f"/workspaces/{kept}/undo", {})
    assert _access(desk, kept) is Access.OPEN
    assert "the desktop is kept until" not in provider.read(f"/workspaces/{kept}/").text


def test_deleting_now_has_a_confirmation_of_its_own(desk: Desk, provider: Visitor, kept: int) -> None:
    page = provider.read(f"/workspaces/{kept}/terminate?now=1")
    assert "permanently deletes every file" in page.text

    provider.post(f"/workspaces/{kept}/terminate", {"username": "sam", "now": "1"})
    assert desk.row(kept).desired is Desired.PRESENT and _access(desk, kept) is Access.OPEN
    provider.post(f"/workspaces/{kept}/terminate", {"username": "sam.okafor", "now": "1"})

    assert desk.row(kept).desired is Desired.ABSENT


def test_many_are_kept_and_come_back_in_one_press(desk: Desk, provider: Visitor, kept: int) -> None:
    other, never_usable = desk.available(), desk.order()
    desk.session.commit()
    desk.prove_everybody()
    ids = [kept, other, never_usable]
    page = provider.read("/workspaces/bulk/?action=terminate&" + "&".join(f"id={one}" for one in ids))
    assert "keeps the desktops for 7 days" in page.text

    done = provider.post("/workspaces/bulk/", {"action": "terminate", "id": ids, "confirm": "3"})

    assert "Undo for 2 desktops" in done.text
    assert [_access(desk, one) for one in ids[:2]] == [Access.SUSPENDED] * 2
    assert desk.row(never_usable).desired is Desired.ABSENT
    undone = provider.post("/workspaces/bulk/undo", {"id": ids})
    assert "Undo: 2 of 3 done" in undone.text
    settle(desk)
    assert [_access(desk, one) for one in ids[:2]] == [Access.OPEN] * 2


def test_many_can_be_deleted_at_once_by_a_box(desk: Desk, provider: Visitor, kept: int) -> None:
    desk.prove_everybody()

    provider.post("/workspaces/bulk/", {"action": "terminate", "id": [kept], "confirm": "1", "now": "y"})

    assert desk.row(kept).desired is Desired.ABSENT


@both_databases
def test_a_number_that_no_desktop_can_have_is_left_out(desk: Desk, provider: Visitor, kept: int) -> None:
    provider.post(f"/workspaces/{kept}/terminate", {"username": "sam.okafor"})

    answer = provider.post("/workspaces/bulk/undo", {"id": [kept, "9" * 18, "0"]})

    assert answer.status_code == 200 and "Undo: 1 of 1 done" in answer.text
    assert _access(desk, kept) is Access.OPEN


@pytest.fixture
def ended(desk: Desk, seeker: Visitor, approved: int) -> int:
    """The first seeker's desktop, terminated with a grace and switched off; its contract goes on."""
    set_grace(desk)
    set_window(desk, approved, ends=timedelta(hours=5))
    workspace_id = desk.available(application_id=approved)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    desk.session.rollback()
    return workspace_id


def test_whoever_has_lost_access_reads_on_every_page_that_it_has_ended_and_when(
    desk: Desk, provider: Visitor, seeker: Visitor, ended: int
) -> None:
    page, card = seeker.read(f"/desktops/{ended}/").text, seeker.read("/desktops/").text
    company = provider.read(f"/workspaces/{ended}/").text

    for said in (page, card):
        assert "Your access to this desktop has ended" in said
        assert "starts by itself when you connect" not in said
    suspended_at = desk.row(ended).suspended_at
    assert suspended_at is not None and f"Access ended{suspended_at:%-d %b %Y, %H:%M}" in page
    assert "starts by itself when the person signs in" not in company
    assert "check their network" not in company and "access is suspended" in company


def test_an_undo_after_the_contract_promises_no_access(desk: Desk, provider: Visitor, ended: int) -> None:
    before = provider.read(f"/workspaces/{ended}/").text
    desk.clock.pause(5 * 3600)
    desk.session.rollback()

    after = provider.read(f"/workspaces/{ended}/")

    assert "Gives back access" in before and "Gives back access" not in after.text
    assert "The contract has ended meanwhile" in after.text
    application_id = desk.row(ended).application_id
    assert f"/contracts/{application_id}/" in after.links()


def test_before_the_contract_begins_nobody_reads_that_connecting_starts_the_desktop(
    desk: Desk, provider: Visitor, seeker: Visitor, approved: int
) -> None:
    set_window(desk, approved, starts=timedelta(hours=5))
    workspace_id = desk.order(application_id=approved)
    desk.live(3600)
    desk.session.rollback()

    said = [seeker.read(f"/desktops/{workspace_id}/").text, seeker.read("/desktops/").text]
    company = provider.read(f"/workspaces/{workspace_id}/").text

    assert desk.row(workspace_id).state is State.STOPPED
    assert all("It stays off until your contract begins" in one for one in said)
    assert not any("starts by itself" in one for one in (*said, company))
