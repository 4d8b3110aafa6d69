"""Terminating with a grace on the pages: what is said before, and the one click that takes it back."""

import pytest

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.windows import set_grace, settle
from webapp.domain.access import Access
from webapp.domain.lifecycle import Desired


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
