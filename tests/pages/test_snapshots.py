"""A desktop's page says from when its snapshots are, and a rebuild what comes back, before the press."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from webapp.models import Workspace


@pytest.fixture
def provider(desk: Desk, sign_in: SignIn) -> Visitor:
    return Visitor(sign_in(desk.provider.email))


def read(desk: Desk, workspace_id: int, *, hours_ago: float | None) -> None:
    """The duty has just asked the cloud."""
    now = desk.clock.now()
    made_at = None if hours_ago is None else now - timedelta(hours=hours_ago)
    values = {"files_snapshot_at": made_at, "system_snapshot_at": made_at, "snapshots_read_at": now}
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(values))


def test_the_page_shows_how_old_the_newest_are_and_when_the_next_is_due(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    unknown = provider.get(f"/workspaces/{workspace_id}/").text

    read(desk, workspace_id, hours_ago=3)

    page = provider.get(f"/workspaces/{workspace_id}/").text
    assert "Snapshots" not in unknown
    assert "system and files together" in page and "3 hours ago" in page
    assert "the next about" in page


def test_what_a_cloud_whose_clock_is_ahead_has_done_is_never_said_to_come(
    desk: Desk, provider: Visitor
) -> None:
    """The simulated cloud's clock runs faster than ours, and a real one may be wrong."""
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=-2)

    pages = [provider.get(f"/workspaces/{workspace_id}{of}").text for of in ("/", "/rebuild", "/restore")]

    assert all("just now" in page and "in 2 hours" not in page for page in pages)
    assert 'data-ago="happened"' in pages[0], "the script keeps it so on an open page"


def test_before_a_rebuild_it_says_to_which_moment_files_return(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    unknown = provider.get(f"/workspaces/{workspace_id}/rebuild").text

    read(desk, workspace_id, hours_ago=3)

    page = provider.get(f"/workspaces/{workspace_id}/rebuild").text
    assert "up to 12 hours of changes to files are lost" in unknown
    assert "3 hours ago" in page and "every change to files since then is lost" in page


def test_without_a_snapshot_a_rebuild_is_not_offered_and_the_reason_is_shown(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=None)

    page = provider.get(f"/workspaces/{workspace_id}/").text
    asked = provider.read(f"/workspaces/{workspace_id}/rebuild", status=409)

    assert "None yet: the desktop cannot be rebuilt" in page
    assert "The cloud has no snapshot of this desktop yet" in page
    assert "The cloud has no snapshot of this desktop yet" in asked.text


def test_a_program_reads_the_times_and_is_refused_without_a_snapshot(desk: Desk, program: Program) -> None:
    workspace_id = desk.available()
    read(desk, workspace_id, hours_ago=3)
    known = program.call("GET", f"workspaces/{workspace_id}/")
    assert known.status_code == 200, known.text

    read(desk, workspace_id, hours_ago=None)
    refused = program.call("POST", f"workspaces/{workspace_id}/rebuild/")

    assert known.json is not None and known.json["files_snapshot_at"] == known.json["system_snapshot_at"]
    assert known.json["snapshots_read_at"] is not None and "rebuild" in known.json["allowed_actions"]
    assert refused.status_code == 409
    assert refused.json is not None and refused.json["code"] == "action_not_allowed"
