"""The end of a session in real tabs: what it showed leaves every one of them, and comes back in none."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from tests.browser.conftest import Site, Visit
from tests.desk import PASSWORD
from webapp.models import UserSession
from webapp.models.user import IDLE_LIMIT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROVIDER, SEEKER = "provider@example.com", "seeker1@example.com"
ELSEWHERE = "http://prizes.example"
SETTLED = "/people/"
"""A page that asks nothing by itself and hears of nothing."""


def another_tab(page: Page, path: str) -> Page:
    tab = page.context.new_page()
    tab.goto(path)
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
    return tab


def leaves(tab: Page, to: str = "/sign-in") -> None:
    """It has led to the page of which nobody signed in sees anything."""
    tab.wait_for_url(f"**{to}")
    expect(tab.get_by_label("Password")).to_be_visible()
    assert tab.locator('meta[name="person"]').get_attribute("content") == ""


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit(PROVIDER)


def enter(page: Page, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def test_signing_out_empties_every_tab_of_the_browser(page: Page) -> None:
    tabs = [another_tab(page, path) for path in (SETTLED, "/workspaces/", "/jobs/new")]

    page.get_by_role("button", name="Sign out").click()

    for tab in (page, *tabs):
        leaves(tab)


def test_other_browsers_stay_as_they_are(page: Page, visit: Visit) -> None:
    other = visit(PROVIDER)

    page.get_by_role("button", name="Sign out").click()
    leaves(page)

    other.reload()
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_tab_that_is_made_while_another_signs_out_is_emptied_too(site: Site, page: Page) -> None:
    """Its page left the server before the session ended, and arrives after everybody has heard of it."""
    tab = page.context.new_page()
    held = page.request.get(SETTLED).text()
    tab.route(f"**{SETTLED}", lambda route: route.fulfill(body=held, content_type="text/html"))
    site.desk.clock.pause(1)
    page.get_by_role("button", name="Sign out").click()
    leaves(page)

    tab.goto(SETTLED, wait_until="commit")

    leaves(tab)


def test_nothing_is_left_while_the_sign_in_page_is_on_its_way(page: Page) -> None:
    tab = another_tab(page, SETTLED)
    tab.route("**/sign-in", lambda route: route.abort())

    page.get_by_role("button", name="Sign out").click()
    leaves(page)

    expect(tab.get_by_role("button", name="Sign out")).to_have_count(0)
    assert PROVIDER not in tab.content()


def test_somebody_else_who_signs_in_finds_no_page_of_the_one_before(
    page: Page, site: Site, visit: Visit
) -> None:
    site.desk.add_seeker()
    site.desk.session.commit()
    tab, other = another_tab(page, SETTLED), visit(SEEKER)

    page.context.add_cookies(other.context.cookies())  # type: ignore[arg-type]  # what one answers, the other takes
    page.goto("/desktops/")

    tab.wait_for_url("**/desktops/")


def test_a_new_page_of_the_same_person_sends_nobody_away(page: Page) -> None:
    tab = another_tab(page, SETTLED)
    tab.evaluate("new BroadcastChannel('berth-person').onmessage = () => { document.title = 'heard' }")

    page.goto("/jobs/")

    expect(tab).to_have_title("heard")
    assert tab.url.endswith(SETTLED)
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.parametrize("path", ["/account/digest/stop?mail=unknown", "/sign-in"])
def test_a_form_of_another_site_ends_no_session(site: Site, page: Page, path: str) -> None:
    """One that a person is led to: the browser keeps our cookie from it, and takes the answer's."""
    tab, elsewhere = another_tab(page, SETTLED), page.context.new_page()
    tab.evaluate("new BroadcastChannel('berth-person').onmessage = () => { document.title = 'heard' }")
    form = f'<form method="post" action="{site.url}{path}"><button>Prize</button></form>'
    elsewhere.route(f"{ELSEWHERE}/", lambda route: route.fulfill(body=form, content_type="text/html"))

    elsewhere.goto(f"{ELSEWHERE}/")
    elsewhere.get_by_role("button", name="Prize").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_be_visible()

    page.goto("/jobs/")  # heard after whatever the page between has said
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(tab).to_have_title("heard")
    assert tab.url.endswith(SETTLED)
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_next_poll_after_the_end_leads_to_the_sign_in_page(site: Site, page: Page) -> None:
    site.desk.order(username="sam.okafor")
    site.desk.session.commit()
    page.goto("/workspaces/?q=sam")
    expect(page.locator("#workspace-rows")).to_contain_text("sam.okafor")

    end_all_sessions(site)

    leaves(page, "/sign-in?next=/workspaces/?q%3Dsam")
    assert "sam.okafor" not in page.content()
    expect(page.get_by_role("status").first).to_contain_text("Your session has ended")


def test_a_page_that_asks_nothing_looks_each_minute_whether_the_session_lives(site: Site, page: Page) -> None:
    page.clock.install()
    page.goto(SETTLED)
    end_all_sessions(site)

    page.clock.run_for(61_000)

    leaves(page, f"/sign-in?next={SETTLED}")


def test_looking_is_not_use(site: Site, page: Page) -> None:
    page.clock.install()
    page.goto(SETTLED)
    site.desk.clock.pause((IDLE_LIMIT - timedelta(minutes=1)).total_seconds())
    with page.expect_response("**/session") as looked:
        page.clock.run_for(61_000)
    assert looked.value.status == 204

    site.desk.clock.pause(120)
    page.clock.run_for(61_000)

    leaves(page, f"/sign-in?next={SETTLED}")


def test_whoever_comes_back_to_a_tab_after_the_end_is_led_away(site: Site, page: Page) -> None:
    tab = another_tab(page, SETTLED)
    end_all_sessions(site)

    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    leaves(tab, f"/sign-in?next={SETTLED}")
    leaves(page)


def end_all_sessions(site: Site) -> None:
    with site.desk.sessions() as session:
        session.execute(delete(UserSession))
        session.commit()


OUT_OF_MEMORY = """() => {
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    return document.body.textContent.trim();
}"""
"""A browser that keeps pages says so to the one it goes back to; Playwright's keeps none of ours."""


def test_a_page_out_of_the_memory_of_the_browser_asks_first(site: Site, page: Page) -> None:
    tab = another_tab(page, SETTLED)

    assert tab.evaluate(OUT_OF_MEMORY) == ""
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()

    end_all_sessions(site)
    assert tab.evaluate(OUT_OF_MEMORY) == ""
    leaves(tab, f"/sign-in?next={SETTLED}")


def test_nobody_goes_back_to_a_page_of_the_session_before(page: Page) -> None:
    page.goto(SETTLED)
    page.get_by_role("button", name="Sign out").click()
    leaves(page)

    page.go_back(wait_until="commit")

    leaves(page, f"/sign-in?next={SETTLED}")
