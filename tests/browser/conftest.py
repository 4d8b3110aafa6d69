"""A Berth that is served from this process, so that a browser sees what a test has just arranged.

The clock is the test's own, and so are the workers: nothing happens that the test does not want.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.apps import without_rate_limit
from tests.desk import PASSWORD, Desk


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    desk: Desk


class Quiet(WSGIRequestHandler):
    """Logs no requests: the test itself reports what failed."""

    def log(self, type: str, message: str, *args: object) -> None: ...


PATIENCE_MS = 20_000
"""Other tests use the same two cores: what comes late is not wrong."""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def site(app: Flask, desk: Desk) -> Iterator[Site]:
    """The desk's pages on a port of their own; workers come whenever a page waits for them."""
    app.extensions["berth"].clock.work = desk.work
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, name="site")
    thread.start()
    with without_rate_limit():
        yield Site(f"http://127.0.0.1:{server.server_port}", desk)
    server.shutdown()
    thread.join()
    server.server_close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """`visit("provider@example.com")`: a signed-in page; `visit(None)`: a stranger's."""
    contexts: list[BrowserContext] = []

    def enter(email: str | None, **options: object) -> Page:
        context = browser.new_context(base_url=site.url, **options)  # type: ignore[arg-type]  # passed on
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        if email is not None:
            page.goto("/sign-in")
            page.get_by_label("E-mail address").fill(email)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name="Sign out").wait_for()
        return page

    yield enter
    for context in contexts:
        context.close()
