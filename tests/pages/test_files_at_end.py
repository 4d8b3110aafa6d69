"""What becomes of a desktop's files: on its person's page and card, before it is ended, and for programs."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.azure_rows import add_azure_credential, observe
from tests.desk import Desk
from tests.pages.reader import Program, Visitor
from tests.pages.test_disk_snapshots import add, ready
from tests.windows import DAY, have_window, set_grace
from webapp.domain.disk_snapshots import SnapshotPolicy
from webapp.domain.lifecycle import Action
from webapp.models import Workspace
from webapp.services.disk_snapshots import set_policy

NO_COPY = "Berth cannot export files and keeps no copy of them."
COPY = "keeps the last snapshot of its disk until"


@pytest.fixture
def azure(desk: Desk) -> int:
    return add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)


@pytest.fixture
def on_azure(desk: Desk, seeker: Visitor, approved: int, azure: int) -> int:
    """The seeker's own desktop."""
    return ready(desk, azure, application_id=approved)


def end(desk: Desk, workspace_id: int, *, within: timedelta) -> None:
    have_window(desk, desk.row(workspace_id).application_id, ends=within)


def read(seeker: Visitor, workspace_id: int) -> str:
    """Page and card say the same."""
    page, cards = (seeker.read(path).text for path in (f"/desktops/{workspace_id}/", "/desktops/"))
    for words in (NO_COPY, COPY, "Copy what is yours from this desktop before"):
        assert (words in page) == (words in cards)
    return " ".join(page.split())


def test_two_weeks_before_the_end_the_person_is_asked_to_copy_files_out(
    desk: Desk, seeker: Visitor, hired: int
) -> None:
    end(desk, hired, within=15 * DAY)
    early = read(seeker, hired)
    end(desk, hired, within=10 * DAY)

    page = read(seeker, hired)

    assert NO_COPY not in early
    assert "Copy what is yours from this desktop before" in page and NO_COPY in page and COPY not in page


def test_after_the_end_the_page_says_until_when_the_desktop_is_kept(
    desk: Desk, seeker: Visitor, hired: int
) -> None:
    set_grace(desk)
    desk.press(hired, Action.TERMINATE)

    page = read(seeker, hired)

    assert "The desktop is deleted on" in page and NO_COPY in page
    assert "before: your access ends then" not in page and "If you need a file from it, ask" in page


def test_where_a_snapshot_outlives_the_desktop_the_page_says_how_long(
    desk: Desk, seeker: Visitor, azure: int, on_azure: int
) -> None:
    end(desk, on_azure, within=DAY)
    without = read(seeker, on_azure)
    add(desk, azure, "w1-s20261101", workspace_id=on_azure)
    kept = read(seeker, on_azure)
    set_policy(desk.context, azure, SnapshotPolicy(is_on=False), company_id=desk.provider.company_id or 0)
    off = read(seeker, on_azure)

    assert (NO_COPY in without, COPY in without) == (True, False)
    assert (NO_COPY in kept, COPY in kept) == (False, True)
    assert (NO_COPY in off, COPY in off) == (True, False)


def test_what_the_companys_own_backup_keeps_is_promised_to_nobody(
    desk: Desk, seeker: Visitor, azure: int, on_azure: int
) -> None:
    add(desk, azure, "w1-s20261101", workspace_id=on_azure)
    end(desk, on_azure, within=DAY)
    with desk.sessions.begin() as session:
        kept = {"other_backup": "vault-desktops", "other_backup_at": desk.clock.now()}
        session.execute(update(Workspace).where(Workspace.id == on_azure).values(kept))

    assert COPY not in read(seeker, on_azure)


def test_who_ends_a_desktop_at_amazon_reads_that_berth_exports_nothing(desk: Desk, provider: Visitor) -> None:
    set_grace(desk)
    workspace_id = desk.available()

    for path in ("terminate", "terminate?now=1"):
        page = provider.read(f"/workspaces/{workspace_id}/{path}").text
        assert "Berth cannot export it: let" in page and "copy files out before you press" in page


def test_who_ends_one_with_a_snapshot_reads_until_when_it_is_kept(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    set_grace(desk)
    workspace_id = ready(desk, azure)
    add(desk, azure, "w1-s20261101", workspace_id=workspace_id)

    page = provider.read(f"/workspaces/{workspace_id}/terminate").text

    assert "kept for 14 more days, until" in page and "cannot export" not in page


def test_a_program_reads_when_files_are_deleted_and_how_long_a_snapshot_stays(
    desk: Desk, program: Program, azure: int
) -> None:
    workspace_id = ready(desk, azure)
    here = f"workspaces/{workspace_id}/disk-snapshots/"
    without = program.read(here)
    end(desk, workspace_id, within=DAY)
    add(desk, azure, "w1-s20261101", workspace_id=workspace_id)

    found = program.read(here)

    assert (without["files_deleted_at"], without["files_kept_until"]) == (None, None)
    assert found["files_deleted_at"] < found["files_kept_until"]


def test_a_lock_in_the_cloud_account_is_said_before_the_press(
    desk: Desk, provider: Visitor, seeker: Visitor, azure: int, on_azure: int
) -> None:
    asked = f"/workspaces/{on_azure}/terminate"
    without = provider.read(asked).text
    observe(desk.context, azure, locks=[{"name": "keep", "level": "CanNotDelete", "machine": ""}])
    early = provider.read(f"/workspaces/{on_azure}/").text
    end(desk, on_azure, within=DAY)

    page = provider.read(asked).text

    assert 'id="lock"' not in without and "keeps this desktop from being deleted" not in early
    assert "The cloud will refuse to delete it." in page and "“keep” (CanNotDelete)" in page
    assert "keeps this desktop from being deleted" in provider.read(f"/workspaces/{on_azure}/").text
    next_person = desk.add_application().id
    desk.session.commit()
    handed_over = provider.read(f"/workspaces/{on_azure}/hand-over?application={next_person}").text
    assert "The cloud will refuse to delete it." in handed_over and "“keep” (CanNotDelete)" in handed_over
    assert "“keep”" not in seeker.read(f"/desktops/{on_azure}/").text


def test_before_many_end_it_is_said_which_of_them_a_lock_keeps(
    desk: Desk, provider: Visitor, azure: int, on_azure: int
) -> None:
    other = ready(desk, azure, username="other@quayside.example")
    machine = desk.row(other).cloud_workspace_id or ""
    both = f"id={on_azure}&id={other}"
    locks = [{"name": "keep", "level": "ReadOnly", "machine": machine}]
    observe(desk.context, azure, locks=locks)

    stopping = provider.read(f"/workspaces/bulk/?action=stop&{both}").text
    one_of_two = provider.read(f"/workspaces/bulk/?action=terminate&{both}").text
    the_other = provider.read(f"/workspaces/bulk/?action=terminate&id={on_azure}").text

    assert "“keep”" not in stopping + the_other
    assert "The cloud will refuse to delete 1 of them." in one_of_two
    assert one_of_two.count("The lock “keep” (ReadOnly) is on this desktop.") == 1


def test_while_one_with_a_snapshot_is_kept_no_page_says_that_all_its_files_go_for_good(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    set_grace(desk)
    workspace_id = ready(desk, azure)
    add(desk, azure, "w1-s20261101", workspace_id=workspace_id)
    hand_over = provider.read(f"/workspaces/{workspace_id}/hand-over?application={desk.add_application().id}")
    desk.press(workspace_id, Action.TERMINATE)

    page = provider.read(f"/workspaces/{workspace_id}/").text

    assert "permanently deleted" not in hand_over.text
    assert "the last snapshot of its disk is kept for 14 more days, until" in page
    assert "Then every file on it is permanently deleted" not in page
    assert "Desktop destroyed, with all its files" not in page


def test_where_no_snapshots_are_taken_any_more_none_is_promised_before_an_end(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    set_grace(desk)
    workspace_id = ready(desk, azure)
    add(desk, azure, "w1-s20261101", workspace_id=workspace_id)
    set_policy(desk.context, azure, SnapshotPolicy(is_on=False), company_id=desk.provider.company_id or 0)

    page = provider.read(f"/workspaces/{workspace_id}/terminate").text

    assert "last snapshot of its disk is kept" not in page
