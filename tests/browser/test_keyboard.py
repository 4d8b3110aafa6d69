"""The five main journeys by keyboard alone: no mouse is touched after the page is open."""

import re

import pytest
from playwright.sync_api import Page, expect

from sandbox.demo import DEMO_ACCESS_KEY_ID, DEMO_DIRECTORY_ID, DEMO_SECRET_ACCESS_KEY
from tests.browser.conftest import Site, Visit
from tests.desk import PASSWORD
from webapp.domain.lifecycle import State
from webapp.domain.roles import ApplicationStatus
from webapp.models import InquiryKind
from webapp.services import applications, inquiries

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROVIDER = "provider@example.com"


def tab_to(page: Page, selector: str, *, most: int = 90) -> None:
    """Press Tab until this has the focus, and see that a person would see that."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"nothing shows that {selector} has the focus"
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")


def follow(page: Page, selector: str) -> None:
    """The same, and wait for the page that it leads to."""
    tab_to(page, selector)
    send(page)


def send(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def enter(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def approve(site: Site, application_id: int) -> None:
    desk = site.desk
    applications.decide(
        desk.context,
        application_id,
        company_id=desk.provider.company_id or 0,
        decided_by_id=desk.provider.id,
        status=ApplicationStatus.APPROVED,
    )


def know_bundles(site: Site) -> None:
    desk = site.desk
    inquiries.ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.LIST_BUNDLES)
    desk.work()


def test_from_the_application_to_the_order(site: Site, visit: Visit) -> None:
    know_bundles(site)
    waiting = site.desk.add_application(is_approved=False)
    site.desk.session.commit()
    page = visit(PROVIDER)

    follow(page, f"#approve-{waiting.id}")
    follow(page, "button[form=order-form]")

    expect(page.locator("#workspace-status")).to_have_attribute("data-state", "PENDING")


def test_from_the_list_to_the_end_of_a_desktop(site: Site, visit: Visit) -> None:
    workspace_id = site.desk.available(username="sam.okafor")
    page = visit(PROVIDER)
    page.goto("/workspaces/")

    follow(page, f"#workspace-{workspace_id} th a")
    status = page.locator("#workspace-status")
    press(page, "#press-stop")
    expect(status).to_have_attribute("data-state", "STOPPING")
    expect(page.locator("#announcer")).to_have_text(re.compile("Stopping"))
    follow(page, "a[href$='/terminate']")
    enter(page, "#username", "sam.okafor")
    send(page)

    expect(status).to_have_attribute("data-state", "TERMINATING")


def test_many_desktops_are_ticked_and_restarted(site: Site, visit: Visit) -> None:
    made = [site.desk.available(), site.desk.available()]
    page = visit(PROVIDER)
    page.goto("/workspaces/")

    tab_to(page, "#select-all")
    page.keyboard.press("Space")
    expect(page.locator("#selected-count")).to_have_text("2 selected")
    page.keyboard.press("Shift+Tab")
    follow(page, "#bulk button[value=restart]")
    follow(page, "#bulk-go")

    expect(page.get_by_role("heading", level=1)).to_have_text("Restart: 2 of 2 done")
    assert [site.desk.row(one).requested_action for one in made] == ["restart"] * 2


def test_a_cohort_from_the_job_to_its_page(site: Site, visit: Visit) -> None:
    know_bundles(site)
    for _ in range(2):
        site.desk.add_application()
    site.desk.session.commit()
    page = visit(PROVIDER)
    page.goto("/jobs/1/")

    follow(page, "a[href^='/cohorts/new']")
    tab_to(page, "input[name=bundle_id]")
    page.keyboard.press("Space")
    tab_to(page, "#pattern")
    page.keyboard.press("Control+A")
    page.keyboard.type("{mailbox}")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("2 of 2 can be ordered")
    follow(page, "#order-cohort")

    expect(page.locator("#cohort")).to_contain_text("2 being created")


def test_a_credential_from_the_choice_of_the_cloud_to_its_test(site: Site, visit: Visit) -> None:
    page = visit(PROVIDER)
    page.goto("/credentials/")

    follow(page, "a[href='/credentials/new']")
    follow(page, "#choose-aws")
    enter(page, "#name", "By hand")
    tab_to(page, "#region")
    page.keyboard.type("Europe (Frankfurt)")
    enter(page, "#directory_id", DEMO_DIRECTORY_ID)
    enter(page, "#access_key_id", DEMO_ACCESS_KEY_ID)
    enter(page, "#secret_access_key", DEMO_SECRET_ACCESS_KEY)
    send(page)
    site.desk.work()
    site.desk.session.commit()

    expect(page.locator("#credential-checks")).to_have_attribute("data-state", "ok")


def test_a_seeker_from_signing_in_to_the_call_for_help(site: Site, visit: Visit) -> None:
    desk = site.desk
    person = desk.add_seeker()
    page = visit(None)
    page.goto("/sign-in")
    enter(page, "#email", person.email)
    enter(page, "#password", PASSWORD)
    send(page)
    follow(page, "a[href='/board/']")
    follow(page, "a[href='/board/1/']")
    follow(page, "main form button")
    expect(page.get_by_text("Application sent")).to_be_visible()
    approve(site, 1)
    workspace_id = desk.available(application_id=1, username="sam.okafor")
    page.goto("/desktops/")

    follow(page, f"#connect-{workspace_id}")
    tab_to(page, "#open-client")
    tab_to(page, "[data-copy=registration-code]")
    follow(page, "#ask-help")

    expect(page.locator("#trouble")).to_contain_text("We notified Quayside")
    assert desk.row(workspace_id).state is State.AVAILABLE


def test_the_main_journey_needs_no_script(site: Site, visit: Visit) -> None:
    """Approve, order, watch, connect, call for help: as a browser without scripts does it."""
    know_bundles(site)
    desk = site.desk
    waiting = desk.add_application(is_approved=False)
    address = desk.session.get_one(type(desk.provider), waiting.seeker_id).email
    desk.session.commit()
    page = visit(PROVIDER, java_script_enabled=False)

    page.get_by_role("button", name="Approve and order").click()
    page.get_by_role("button", name="Order desktop").click()
    expect(page.locator("#workspace-status")).to_have_attribute("data-state", "PENDING")
    workspace_id = int(page.url.split("/")[-2])
    desk.live_until(workspace_id, State.AVAILABLE)
    page.reload()
    expect(page.locator("#workspace-status")).to_have_attribute("data-state", "AVAILABLE")

    seeker = visit(address, java_script_enabled=False)
    seeker.get_by_role("link", name="Connect").click()
    expect(seeker.locator("#open-client")).to_have_attribute("href", re.compile("^workspaces://"))
    seeker.get_by_role("button", name="Ask Quayside").click()
    expect(seeker.locator("#trouble")).to_contain_text("We notified Quayside")
