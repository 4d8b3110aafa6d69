"""Open pages: what a look must not take away. What the end of a session takes away: `test_session_end.py`."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site, Visit
from webapp.domain.lifecycle import State

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def table(site: Site, visit: Visit) -> Iterator[tuple[Page, int]]:
    """The table with one desktop that is being made: it asks every two seconds."""
    workspace_id = site.desk.order(username="sam.okafor")
    site.desk.session.commit()
    page = visit("provider@example.com")
    page.goto("/workspaces/")
    yield page, workspace_id


def test_a_row_that_changes_keeps_its_tick_and_is_announced_once(site: Site, table: tuple[Page, int]) -> None:
    page, workspace_id = table
    page.locator(f"#select-{workspace_id}").check()
    page.evaluate(
        """() => {
            globalThis.said = [];
            new MutationObserver(() => said.push(document.getElementById("announcer").textContent))
                .observe(document.getElementById("announcer"), { childList: true });
        }"""
    )

    site.desk.live_until(workspace_id, State.AVAILABLE)

    row = page.locator(f"#workspace-{workspace_id}")
    expect(row).to_have_attribute("data-state", "AVAILABLE")
    expect(page.locator(f"#select-{workspace_id}")).to_be_checked()
    expect(page.locator("#selected-count")).to_have_text("1 selected")
    [said] = page.evaluate("() => said")
    assert said.endswith(": Available")
    expect(page.locator("#workspace-rows")).not_to_have_attribute("data-poll", "")


def test_a_look_that_is_under_way_leaves_the_buttons_as_they_are(site: Site, visit: Visit) -> None:
    """A poll is not a press: on a slow server every button would fade and come back, look after look."""
    workspace_id = site.desk.order()
    site.desk.live_until(workspace_id, State.AVAILABLE)
    site.desk.session.commit()
    page = visit("provider@example.com")
    held: list[Route] = []
    page.route("**/status*", lambda route: held.append(route))
    page.goto(f"/workspaces/{workspace_id}/")

    page.evaluate("htmx.trigger('#workspace-status', 'look')")

    expect(page.locator("#workspace-status")).to_have_class(re.compile("htmx-request"))
    buttons = page.locator("#workspace-status .button")
    assert buttons.count() > 3
    assert {
        buttons.nth(at).evaluate("one => getComputedStyle(one).opacity") for at in range(buttons.count())
    } == {"1"}
    for one in held:
        one.abort()
