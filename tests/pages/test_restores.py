"""Restoring by page and API: what comes back and what is lost is said before, and only that is asked for."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.azure_rows import add_azure_credential
from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from tests.pages.test_disk_snapshots import DAY, add, ready
from tests.pages.test_snapshots import read
from tests.restores.desktops import same_time, versions, written
from webapp.domain.lifecycle import Action, State
from webapp.models import Application, TrailEntry, User, Workspace


@pytest.fixture
def provider(desk: Desk, sign_in: SignIn) -> Visitor:
    return Visitor(sign_in(desk.provider.email))


def _shown(provider: Visitor, address: str) -> str:
    """The moment that the page promises."""
    [field] = provider.read(address).find("input", name="snapshot_at")
    return field["value"] or ""


def _snapshot_moves(desk: Desk, workspace_id: int) -> None:
    later = desk.row(workspace_id).system_snapshot_at
    assert later is not None
    with desk.sessions.begin() as session:
        session.execute(
            update(Workspace)
            .where(Workspace.id == workspace_id)
            .values(system_snapshot_at=later + timedelta(hours=12))
        )


def test_the_page_names_the_moment_and_the_loss_before_the_press(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=3)

    page = provider.read(f"/workspaces/{workspace_id}/restore")

    assert f"/workspaces/{workspace_id}/restore" in provider.read(f"/workspaces/{workspace_id}/").links()
    assert "3 hours ago" in page.text and "Every change since then is lost" in page.text
    assert "when Berth asked the cloud" in page.text
    assert "It takes up to an hour" in page.text


def test_a_restore_is_confirmed_by_the_user_name_and_asks_for_what_was_shown(
    desk: Desk, provider: Visitor
) -> None:
    same_time(desk)
    workspace_id = written(desk)
    address = f"/workspaces/{workspace_id}/restore"
    shown = _shown(provider, address)

    wrong = provider.post(address, {"username": "somebody", "snapshot_at": shown})
    assert (wrong.status_code, desk.row(workspace_id).requested_action) == (422, None)
    right = provider.post(address, {"username": desk.row(workspace_id).username, "snapshot_at": shown})
    assert right.status_code == 303
    page = provider.read(f"/workspaces/{workspace_id}/").text
    desk.live_until(workspace_id, State.AVAILABLE)

    assert "The desktop is being taken back to a snapshot" in page
    assert versions(desk, workspace_id) == (1, 1)
    assert "Restored to" in provider.read(f"/workspaces/{workspace_id}/").text


def test_if_the_snapshot_has_changed_since_the_page_was_read_nothing_is_asked_for(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=12)
    address = f"/workspaces/{workspace_id}/restore"
    shown = _shown(provider, address)
    _snapshot_moves(desk, workspace_id)

    answer = provider.post(address, {"username": desk.row(workspace_id).username, "snapshot_at": shown})
    nonsense = provider.post(
        address, {"username": desk.row(workspace_id).username, "snapshot_at": "yesterday"}
    )

    assert (answer.status_code, nonsense.status_code) == (409, 409)
    assert "no longer the one that would come back" in answer.text
    assert shown not in answer.text
    assert desk.row(workspace_id).requested_action is None


def test_what_cannot_be_restored_says_why(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=None)

    answer = provider.get(f"/workspaces/{workspace_id}/restore")

    assert answer.status_code == 409
    assert "no snapshot of the desktop’s system and files together yet" in answer.text


def test_the_trail_says_who_restored_which_desktop_to_when(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=3)
    username = desk.row(workspace_id).username

    provider.post(f"/workspaces/{workspace_id}/restore", {"username": username})

    with desk.sessions() as session:
        entry = session.scalars(select(TrailEntry).where(TrailEntry.action == "restores.create")).one()
    promised_at = desk.row(workspace_id).promised_snapshot_at
    assert entry.user_id == desk.provider.id
    assert promised_at is not None and f"{promised_at:%Y-%m-%d}" in str(entry.changes)
    assert "promised_snapshot_at" in str(entry.changes)


def test_a_program_restores_what_it_has_read_and_nothing_else(desk: Desk, program: Program) -> None:
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=3)
    known = program.call("GET", f"workspaces/{workspace_id}/").json
    assert known is not None and "restore" in known["allowed_actions"]
    at = known["system_snapshot_at"]

    bad = program.call("POST", f"workspaces/{workspace_id}/restore/?snapshot_at=yesterday")
    other = program.call("POST", f"workspaces/{workspace_id}/restore/?snapshot_at=2020-01-01T00:00:00Z")
    answers = [program.call("POST", f"workspaces/{workspace_id}/restore/?snapshot_at={at}") for _ in range(2)]

    assert bad.status_code == 422
    assert other.json is not None and (other.status_code, other.json["code"]) == (409, "snapshot_changed")
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].json is not None
    assert (answers[0].json["state"], answers[0].json["message"]) == (
        "MAINTENANCE",
        "Workspace restore requested",
    )


def test_the_seeker_hears_what_is_gone(desk: Desk, sign_in: SignIn, provider: Visitor) -> None:
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=3)
    desk.press(workspace_id, Action.RESTORE)
    with desk.sessions.begin() as session:
        application = session.get_one(Application, desk.row(workspace_id).application_id)
        email = session.get_one(User, application.seeker_id).email

    page = Visitor(sign_in(email)).read(f"/desktops/{workspace_id}/")

    assert "Your desktop is being taken back to a snapshot of it" in page.text


def test_another_company_restores_nothing(desk: Desk, sign_in: SignIn, provider: Visitor) -> None:
    workspace_id = desk.available(username="sam.okafor")
    read(desk, workspace_id, hours_ago=3)
    desk.add_provider("rival@example.com", company="Rival")
    rival = Visitor(sign_in("rival@example.com"))

    assert rival.get(f"/workspaces/{workspace_id}/restore").status_code == 404
    assert rival.post(f"/workspaces/{workspace_id}/restore", {"username": "sam.okafor"}).status_code == 404
    assert desk.row(workspace_id).requested_action is None


def _kept(desk: Desk, *days_ago: int) -> int:
    """A desktop on Azure with snapshots of these days, as a round of the duty leaves it."""
    credential_id = add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)
    workspace_id = ready(desk, credential_id)
    machine, now = desk.row(workspace_id).cloud_workspace_id, desk.clock.now()
    for days in days_ago:
        at = {"issued_at": now - DAY * days, "taken_at": now - DAY * days}
        add(desk, credential_id, f"s{days}", workspace_id=workspace_id, cloud_workspace_id=machine, **at)
    newest = {"system_snapshot_at": now - DAY * min(days_ago)}
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(newest))
    return workspace_id


def test_on_azure_the_page_offers_each_kept_snapshot_and_asks_for_the_chosen_one(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = _kept(desk, 1, 3)
    address = f"/workspaces/{workspace_id}/restore"

    page = provider.read(address)
    offered = page.find("input", name="snapshot_at")
    chosen = offered[1]["value"] or ""
    sent = provider.post(address, {"username": desk.row(workspace_id).username, "snapshot_at": chosen})

    row = desk.row(workspace_id)
    assert sent.status_code == 303
    assert [one["type"] for one in offered] == ["radio", "radio"]
    assert "checked" in offered[0] and "checked" not in offered[1]
    assert "3 days ago" in page.text and "Every change since then is lost" in page.text
    assert (row.requested_action, row.promised_snapshot_at) == (
        Action.RESTORE,
        desk.clock.now() - DAY * 3,
    )


def test_on_azure_a_program_restores_the_newest_or_a_kept_one_and_no_other(
    desk: Desk, program: Program
) -> None:
    workspace_id = _kept(desk, 1, 3)
    two_days_ago = f"{desk.clock.now() - DAY * 2:%Y-%m-%dT%H:%M:%SZ}"

    gone = program.call("POST", f"workspaces/{workspace_id}/restore/?snapshot_at={two_days_ago}")
    newest = program.call("POST", f"workspaces/{workspace_id}/restore/")

    assert gone.json is not None and (gone.status_code, gone.json["code"]) == (409, "snapshot_changed")
    assert newest.json is not None and (newest.status_code, newest.json["state"]) == (202, "MAINTENANCE")
    assert desk.row(workspace_id).promised_snapshot_at == desk.clock.now() - DAY
