"""Desktops whose size the cloud ends: who has one, and what is said before one is moved."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.pages.test_snapshots import read
from webapp.domain.lifecycle import Action, State
from webapp.models import Inquiry, InquiryKind, Workspace
from webapp.queries.workspaces import get_workspace
from webapp.services import moves

REASON = "Amazon ends this size on 31 October 2027."


def retire(desk: Desk, workspace_id: int) -> None:
    """As the driver marks the bundle of this desktop in the newest list."""
    bundle_id = desk.row(workspace_id).bundle_id
    with desk.sessions.begin() as session:
        inquiry = session.scalars(select(Inquiry).where(Inquiry.kind == InquiryKind.LIST_BUNDLES)).one()
        bundles: list[dict[str, Any]] = [dict(one) for one in (inquiry.answer or {})["bundles"]]
        for one in bundles:
            if one["bundle_id"] == bundle_id:
                one |= {"retirement": REASON, "unavailable_reason": REASON}
        inquiry.answer = {"bundles": bundles}


def test_desktops_whose_size_ends_are_listed_with_the_reason(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    page = f"/credentials/{desk.credential_id}/retired/"
    assert "No desktop must move." in provider.read(page).text

    retire(desk, workspace_id)
    shown = provider.read(page)

    assert REASON in shown.text
    assert (
        f"/workspaces/{workspace_id}/" in shown.links()
        and f"/workspaces/{workspace_id}/move" in shown.links()
    )
    assert page in provider.read(f"/credentials/{desk.credential_id}/bundles/").links()


def test_what_is_kept_lost_and_paid_is_said_before_the_press(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    retire(desk, workspace_id)
    desk.prove_everybody()

    shown = provider.read(f"/workspaces/{workspace_id}/move")

    assert REASON in shown.text and "up to 12 hours of changes to files are lost" in shown.text
    assert "installed programs and settings are lost" in shown.text
    assert "a month" in shown.text and shown.find("input", name="bundle_id")


@pytest.mark.parametrize(
    ("hours_ago", "says"),
    [
        (3, "(3 hours ago): every change to files since then is lost"),
        (None, "without one every file is lost"),
    ],
)
def test_it_says_from_when_the_files_come_where_that_is_known(
    desk: Desk, provider: Visitor, hours_ago: float | None, says: str
) -> None:
    workspace_id = desk.available()
    desk.prove_everybody()
    read(desk, workspace_id, hours_ago=hours_ago)

    shown = provider.read(f"/workspaces/{workspace_id}/move").text

    assert says in shown and "up to 12 hours" not in shown


def test_a_move_needs_a_size_and_the_user_name(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    desk.prove_everybody()
    path, username = f"/workspaces/{workspace_id}/move", desk.row(workspace_id).username
    desk.session.expire_all()
    target = moves.targets(desk.context, _loaded(desk, workspace_id))[0]
    desk.session.commit()

    wrong = provider.post(path, {"bundle_id": target.bundle_id, "username": "somebody"})
    made_up = provider.post(path, {"bundle_id": "wsb-999999999", "username": username})
    assert wrong.status_code == made_up.status_code == 422
    assert desk.row(workspace_id).move is None

    right = provider.post(path, {"bundle_id": target.bundle_id, "username": username})
    assert right.status_code == 303
    assert (desk.row(workspace_id).move or {})["bundle_name"] == target.name
    assert "Is being moved to" in provider.read(f"/workspaces/{workspace_id}/").text
    assert provider.get(path).status_code == 409


def _loaded(desk: Desk, workspace_id: int) -> Workspace:
    return get_workspace(desk.session, workspace_id, company_id=desk.provider.company_id or 0)


def test_a_move_that_was_not_sent_is_withdrawn_by_a_press_and_one_that_was_sent_is_not(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    desk.prove_everybody()
    path, username = f"/workspaces/{workspace_id}/move", desk.row(workspace_id).username
    desk.session.expire_all()
    bundle_id = moves.targets(desk.context, _loaded(desk, workspace_id))[0].bundle_id
    desk.session.commit()
    asked = {"bundle_id": bundle_id, "username": username}
    assert provider.post(path, asked).status_code == 303
    assert path in provider.read(f"/workspaces/{workspace_id}/").links()

    shown = provider.get(path)
    assert shown.status_code == 409 and "the move can be withdrawn" in shown.text
    assert provider.post(f"{path}/withdraw", {}).status_code == 303

    assert desk.row(workspace_id).move is None and "move_withdrawn" in desk.story(workspace_id)
    desk.work()
    assert desk.calls("MigrateWorkspace") == []
    assert provider.post(path, asked).status_code == 303
    put_sent(desk, workspace_id)
    assert "cannot be withdrawn any more" in provider.get(path).text
    assert provider.post(f"{path}/withdraw", {}).status_code == 409
    assert desk.row(workspace_id).move is not None


def put_sent(desk: Desk, workspace_id: int) -> None:
    with desk.sessions.begin() as session:
        session.get_one(Workspace, workspace_id).move_sent_at = desk.clock.now()


def test_a_desktop_that_is_gone_offers_no_move(desk: Desk, provider: Visitor) -> None:
    hired = desk.available()
    move = f"/workspaces/{hired}/move"
    desk.session.commit()
    before = provider.read(f"/workspaces/{hired}/").links()
    desk.press(hired, Action.TERMINATE)
    desk.live_until(hired, State.TERMINATED)
    desk.session.rollback()

    assert move in before and move not in provider.read(f"/workspaces/{hired}/").links()
