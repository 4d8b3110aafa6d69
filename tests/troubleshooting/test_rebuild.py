"""Rebuilding by page and API: what is lost is named, confirmed, and the seeker reads it in plain words."""

import pytest
from flask.testing import FlaskClient

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.troubleshooting.scenarios import broken, unhealthy
from tests.troubleshooting.test_causes import ROOT, caller, diagnose
from tests.troubleshooting.test_pages import provider, shown_on_page
from webapp.domain.lifecycle import State
from webapp.models import Application, User

__all__ = ["caller", "provider"]  # fixtures


@pytest.mark.parametrize("cause", [unhealthy, broken])
def test_a_broken_desktop_offers_a_rebuild_and_names_the_loss(
    desk: Desk, provider: Visitor, caller: FlaskClient, cause
) -> None:
    workspace_id = cause(desk)

    remedies = diagnose(caller, workspace_id)["findings"][0]["remedies"]
    page = provider.read(f"/workspaces/{workspace_id}/rebuild")

    rebuild = next(one for one in remedies if one["action"] == "rebuild")
    assert rebuild["data_loss"] is True
    assert "last snapshot" in rebuild["label"]
    assert f"/workspaces/{workspace_id}/rebuild" in provider.read(f"/workspaces/{workspace_id}/").links()
    assert "up to 12 hours of changes to files are lost" in page.text
    assert "installed programs and settings are lost" in page.text


def test_a_rebuild_is_confirmed_by_the_user_name(desk: Desk, provider: Visitor) -> None:
    workspace_id = unhealthy(desk)
    address = f"/workspaces/{workspace_id}/rebuild"

    wrong = provider.post(address, {"username": "somebody"})
    assert (wrong.status_code, desk.row(workspace_id).requested_action) == (422, None)

    right = provider.post(address, {"username": desk.row(workspace_id).username})
    assert right.status_code == 303
    assert shown_on_page(provider, workspace_id) == ["rebuilding"]
    desk.live(600)
    assert desk.row(workspace_id).state is State.MAINTENANCE
    assert shown_on_page(provider, workspace_id) == ["rebuilding"]
    page = provider.read(f"/workspaces/{workspace_id}/")
    assert "The desktop is being rebuilt. This takes up to an hour." in page.text

    desk.live_until(workspace_id, State.AVAILABLE)
    assert shown_on_page(provider, workspace_id) == ["no_trouble"]


def test_what_cannot_be_rebuilt_says_why(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()

    answer = provider.get(f"/workspaces/{workspace_id}/rebuild")

    assert answer.status_code == 409
    assert "not ready yet" in answer.text


def test_the_api_rebuilds_once(desk: Desk, caller: FlaskClient) -> None:
    workspace_id = desk.available()

    answers = [caller.post(f"{ROOT}/{workspace_id}/rebuild/") for _ in range(2)]
    desk.work()

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json["state"] == "MAINTENANCE"
    assert sum(int(call["accepted"]) for call in desk.calls("RebuildWorkspaces")) == 1


def test_the_seeker_hears_that_it_is_repaired_and_what_is_gone(
    desk: Desk, caller: FlaskClient, sign_in: SignIn, provider: Visitor
) -> None:
    workspace_id = desk.available()
    caller.post(f"{ROOT}/{workspace_id}/rebuild/")
    with desk.sessions.begin() as session:
        application = session.get_one(Application, desk.row(workspace_id).application_id)
        email = session.get_one(User, application.seeker_id).email

    page = Visitor(sign_in(email)).read(f"/desktops/{workspace_id}/")

    assert "Your desktop is being repaired" in page.text
    assert "Programs you installed are lost." in page.text


def test_another_company_rebuilds_nothing(desk: Desk, sign_in: SignIn, provider: Visitor) -> None:
    workspace_id = desk.available(username="sam.okafor")
    desk.add_provider("rival@example.com", company="Rival")
    rival = Visitor(sign_in("rival@example.com"))

    assert rival.get(f"/workspaces/{workspace_id}/rebuild").status_code == 404
    assert rival.post(f"/workspaces/{workspace_id}/rebuild", {"username": "sam.okafor"}).status_code == 404
    assert desk.row(workspace_id).requested_action is None
