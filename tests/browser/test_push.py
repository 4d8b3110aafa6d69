"""Open pages beside a real `live`: they hear of what others do, and poll as soon as they hear nothing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect

from tests.apps import AppPool
from tests.browser.conftest import Site, Visit
from tests.desk import Desk, RecordingNotifier, StoryClock, WaitingClock
from tests.live.listening import served, wait_until
from tests.servers.stack import free_port
from webapp.config import Settings
from webapp.domain.lifecycle import Action, State

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def live_port() -> int:
    return free_port()


@pytest.fixture
def app(
    apps: AppPool, settings: Settings, live_port: int, clock: StoryClock, notifier: RecordingNotifier
) -> Iterator[Flask]:
    """Whose pages know where `live` would be."""
    url = f"http://127.0.0.1:{live_port}/live/events"
    with_live = replace(settings, credential_private_keys=(), live_url=url)
    with apps.open(with_live, clock=WaitingClock(clock), notifier=notifier) as opened:
        yield opened


def looks(page: Page, path: str) -> list[Request]:
    """The fragments that the page asks for from now on."""
    found: list[Request] = []
    page.on("request", lambda request: found.append(request) if path in request.url else None)
    return found


def test_a_settled_page_shows_at_once_what_somebody_else_does(
    site: Site, visit: Visit, desk: Desk, live_port: int
) -> None:
    workspace_id = desk.available()
    desk.session.commit()
    page = visit("provider@example.com")
    with served(desk.settings, desk.clock, port=live_port) as live:
        page.goto(f"/workspaces/{workspace_id}/")
        status = page.locator("#workspace-status")
        expect(status).to_have_attribute("data-state", "AVAILABLE")
        expect(status).not_to_have_attribute("data-poll", "")
        wait_until(lambda: len(live.streams) == 1)

        desk.press(workspace_id, Action.STOP)

        expect(status).to_have_attribute("data-state", "STOPPING")
        desk.live_until(workspace_id, State.STOPPED)
        expect(status).to_have_attribute("data-state", "STOPPED")
        page.goto("about:blank")
        wait_until(lambda: len(live.streams) == 0)


def test_a_change_is_seen_that_comes_while_the_page_shows_another(
    site: Site, visit: Visit, desk: Desk, live_port: int
) -> None:
    """htmx sets up what it has swapped in only after a while, which is made long here."""
    workspace_id = desk.available()
    desk.session.commit()
    page = visit("provider@example.com")
    with served(desk.settings, desk.clock, port=live_port) as live:
        page.goto(f"/workspaces/{workspace_id}/")
        page.evaluate("htmx.config.defaultSettleDelay = 3000")
        wait_until(lambda: len(live.streams) == 1)
        desk.press(workspace_id, Action.STOP)
        status = page.locator("#workspace-status")
        expect(status).to_have_attribute("data-state", "STOPPING")

        desk.live_until(workspace_id, State.STOPPED)

        expect(status).to_have_attribute("data-state", "STOPPED")


def test_a_page_polls_only_while_it_hears_nothing(
    site: Site, visit: Visit, desk: Desk, live_port: int
) -> None:
    workspace_id = desk.order()
    desk.session.commit()
    page = visit("provider@example.com")
    page.clock.install()
    with served(desk.settings, desk.clock, port=live_port):
        with page.expect_request("**/workspaces/rows"):  # the look with which a stream begins
            page.goto("/workspaces/")
        found = looks(page, "/workspaces/rows")
        page.clock.run_for(20_000)
        assert found == []

    desk.live_until(workspace_id, State.AVAILABLE)

    row = page.locator(f"#workspace-{workspace_id}")
    for _ in range(10):
        page.clock.run_for(2_000)
        if found:
            break
    expect(row).to_have_attribute("data-state", "AVAILABLE")


def test_a_page_without_a_stream_works_as_ever(site: Site, visit: Visit, desk: Desk) -> None:
    """Nobody answers where `live` should be."""
    workspace_id = desk.order()
    desk.session.commit()
    page = visit("provider@example.com")
    page.goto("/workspaces/")

    desk.live_until(workspace_id, State.AVAILABLE)

    expect(page.locator(f"#workspace-{workspace_id}")).to_have_attribute("data-state", "AVAILABLE")
    expect(page.locator("#connection-trouble")).to_be_hidden()


def test_a_settled_page_leads_to_the_sign_in_page_when_the_session_ends(
    site: Site, visit: Visit, desk: Desk, live_port: int
) -> None:
    workspace_id = desk.available()
    desk.session.commit()
    page = visit("provider@example.com")
    with served(desk.settings, desk.clock, port=live_port) as live:
        page.goto(f"/workspaces/{workspace_id}/")
        wait_until(lambda: len(live.streams) == 1)

        desk.clock.pause(9 * 3600)  # longer than a session stays without use

        page.wait_for_url(f"**/sign-in?next=/workspaces/{workspace_id}/")
        expect(page.get_by_role("status").first).to_contain_text("Your session has ended")
