"""The order form with its summary, and the user name of a failed order corrected on its page."""

import pytest
from sqlalchemy import update

from sandbox.demo import DEMO_DIRECTORY_ID
from tests.desk import UBUNTU, WINDOWS, Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.lifecycle import State
from webapp.domain.roles import CompanyRole
from webapp.models import CloudCredential, ListPrice, User, Workspace
from webapp.services import budgets
from webapp.services.budgets import BudgetRequest


def test_the_summary_says_for_whom_where_for_how_much_and_what_happens_next(
    desk: Desk, provider: Visitor
) -> None:
    application = desk.add_application()
    desk.session.commit()
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")

    page = provider.read(f"/workspaces/new?application={application.id}&bundle={WINDOWS}")

    assert page.by_id("order-summary")
    assert page.find("button", form="order-form"), "the button of the summary sends the form"
    assert f"must be a user in the directory {DEMO_DIRECTORY_ID}" in page.text
    prices = {str(one["value"]): one["data-price"] for one in page.find("input", name="bundle_id")}
    assert prices[WINDOWS] == "$11.25 a month, and $0.33 an hour in use"
    months = {str(one["value"]): one["data-month"] for one in page.find("input", name="bundle_id")}
    assert months[WINDOWS] == "about $64.05 a month at 160 hours of use"
    always_on = {str(one["value"]): one["data-always-on"] for one in page.find("input", name="bundle_id")}
    assert always_on[WINDOWS] == "Above 81 hours a month always-on is cheaper."
    assert "160 hours are a month of full-time work" in page.text
    assert "What happens next" in page.text and "You need not wait here." in page.text


@pytest.mark.parametrize("makes_users", [True, False])
def test_where_berth_can_create_the_user_the_form_says_so_beside_what_is_needed(
    desk: Desk, provider: Visitor, makes_users: bool
) -> None:
    application = desk.add_application()
    desk.session.commit()
    with desk.sessions.begin() as session:
        credential = session.get_one(CloudCredential, desk.credential_id)
        credential.observed = credential.observed | {"makes_users": makes_users}

    page = provider.read(f"/workspaces/new?application={application.id}")

    assert bool(page.find("input", name="create_user")) is makes_users
    assert ("Berth can create the user: tick that below." in page.text) is makes_users


def test_before_prices_are_read_those_that_ship_are_an_indication_and_linux_is_unknown(
    desk: Desk, provider: Visitor
) -> None:
    application = desk.add_application()
    desk.session.commit()
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")
    with desk.sessions.begin() as session:
        session.query(ListPrice).delete()

    page = provider.read(f"/workspaces/new?application={application.id}&bundle={WINDOWS}")

    offers = {str(one["value"]): one for one in page.find("input", name="bundle_id")}
    assert offers[WINDOWS]["data-price"] == "about $9.75 a month, and $0.30 an hour in use"
    assert offers[WINDOWS]["data-always-on"] == "Above 84 hours a month always-on is cheaper."
    assert offers[UBUNTU]["data-price"] == "unknown", "no price of a Linux desktop is verified"
    assert offers[UBUNTU]["data-month"] == "unknown: Berth knows no price of this size"
    assert "List prices of another region, of 27 June 2026" in page.text


def test_whoever_may_not_see_budgets_is_not_led_to_them(desk: Desk, provider: Visitor) -> None:
    application = desk.add_application()
    wanted = BudgetRequest(Subject.COMPANY, None, "USD", Limits(1, None))
    budgets.add_budget(desk.context, wanted, company_id=desk.provider.company_id or 0)
    with desk.sessions.begin() as session:
        session.query(ListPrice).delete()
        session.execute(
            update(User).where(User.id == desk.provider.id).values(company_role=CompanyRole.RECRUITER)
        )
    desk.session.commit()
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")

    page = provider.read(f"/workspaces/new?application={application.id}&bundle={UBUNTU}")

    assert "counts in no budget: it is let through" in page.text
    assert "/costs/budgets/" not in page.links()


def test_without_somebody_to_order_for_the_page_leads_to_the_next_step(desk: Desk, provider: Visitor) -> None:
    assert "Nobody is waiting for a desktop" in provider.read("/workspaces/new").text

    application = desk.add_application(is_approved=False)
    desk.session.commit()

    page = provider.read("/workspaces/new")
    assert "First, approve an applicant" in page.text and "/start/" in page.links()
    provider.post(f"/applications/{application.id}/approve")
    assert provider.read("/workspaces/new").by_id("order-summary")


def test_a_new_company_is_led_to_its_cloud_account_first(rival: Visitor) -> None:
    page = rival.read("/workspaces/new")

    assert "First, connect your cloud account" in page.text
    assert "/credentials/new" in page.links()


@pytest.fixture
def failed(desk: Desk) -> int:
    """An order that failed for its user name."""
    desk.refuse_users("sam.okofor")
    workspace_id = desk.order(username="sam.okofor")
    desk.live_until(workspace_id, State.ERROR)
    desk.session.commit()
    return workspace_id


def test_a_wrong_user_name_is_corrected_on_the_page_of_the_failed_order(
    desk: Desk, provider: Visitor, failed: int
) -> None:
    page = provider.read(f"/workspaces/{failed}/")
    assert "No desktop was created for this order, so it costs nothing." in page.text
    assert page.by_id("username")["value"] == "sam.okofor"
    assert page.by_id("press-retry")["data-tone"] == page.by_id("remedy-0-retry")["data-tone"] == "quiet"

    refused = provider.post(f"/workspaces/{failed}/username", {"username": "a b"})
    done = provider.post(f"/workspaces/{failed}/username", {"username": "sam.okafor"})

    assert refused.status_code == 422 and Reader(refused.text).error_of("username")
    assert (done.status_code, done.location) == (303, f"/workspaces/{failed}/")
    desk.live_until(failed, State.AVAILABLE)
    assert desk.row(failed).username == "sam.okafor"


def test_the_user_name_of_what_exists_is_not_changed(desk: Desk, provider: Visitor, rival: Visitor) -> None:
    workspace_id = desk.available(username="sam.okafor")

    refused = provider.post(f"/workspaces/{workspace_id}/username", {"username": "other"})
    strange = rival.post(f"/workspaces/{workspace_id}/username", {"username": "other"})

    assert (refused.status_code, strange.status_code) == (409, 404)
    assert "Correct the user name" not in provider.read(f"/workspaces/{workspace_id}/").text
    assert desk.row(workspace_id).username == "sam.okafor"


def test_a_failed_order_with_a_successor_is_not_corrected(desk: Desk, provider: Visitor, failed: int) -> None:
    newer = desk.order(application_id=desk.row(failed).application_id, username="sam.okafor")
    desk.session.commit()

    page = provider.read(f"/workspaces/{failed}/")
    stale = provider.post(f"/workspaces/{failed}/username", {"username": "other"})

    assert page.find("input", name="username") == []
    assert [one for one in page.find("button") if "retry" in str(one.get("id"))] == []
    assert f"/workspaces/{newer}/" in page.links() and "A newer order has replaced this one" in page.text
    assert "already has a desktop" in Reader(stale.text).text and stale.status_code == 409
    assert desk.row(failed).username == "sam.okofor", "nothing is saved of what is refused"


def test_a_failure_that_is_not_about_the_name_keeps_trying_again_first(desk: Desk, provider: Visitor) -> None:
    desk.refuse_users()
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)
    with desk.sessions.begin() as session:
        session.get_one(Workspace, workspace_id).error_code = "bundle_not_found"

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert page.by_id("correct")["data-tone"] == "quiet"


def test_ending_an_order_without_a_desktop_promises_no_loss(
    desk: Desk, provider: Visitor, failed: int
) -> None:
    page = provider.read(f"/workspaces/{failed}/")
    asked = provider.read(f"/workspaces/{failed}/terminate")
    done = provider.post(f"/workspaces/{failed}/terminate", {"username": "sam.okofor"})

    assert "Ends this order. No desktop was created, so no files are lost." in page.text
    assert "no files are lost and nothing costs money" in asked.text
    assert "deletes" not in asked.text and "disconnected" not in asked.text
    assert done.status_code == 303
    desk.live_until(failed, State.TERMINATED)
