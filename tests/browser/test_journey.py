"""The demo flow in a real browser, on everything that `bin/run` starts."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sandbox.azure_control import AzureSandbox
from sandbox.control import Sandbox
from tests.servers.stack import Stack

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

NARROW = {"width": 360, "height": 740}
SLOW_MS = 90_000
SPEED = 240.0
"""Of the clouds' clock: four times the demo's, slow enough for a browser to see each state."""


@pytest.fixture(scope="session")  # tests of other modules come between these
def stack(browser: Browser, running_stack: Stack) -> Stack:
    """Everything running, and the demo's credential tested, which takes a moment after the start."""
    started = running_stack
    Sandbox(started.setting("AWS_ENDPOINT_URL")).set_speed(SPEED)
    azure = AzureSandbox(started.setting("AZURE_ENDPOINT_URL"), ca_file=started.setting("AZURE_CA_FILE"))
    azure.set_speed(SPEED)
    page = browser.new_page(base_url=started.url)
    sign_in(page, "provider", started.demo_password())
    page.goto("/credentials/1/")
    expect(page.locator("#credential-checks")).to_have_attribute("data-state", "ok", timeout=30_000)
    page.context.close()
    return started


def sign_in(page: Page, who: str, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(f"{who}@demo.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.fixture
def complaints() -> list[str]:
    """What the browsers' consoles said; must be empty at the end."""
    return []


@pytest.fixture
def open_as(browser: Browser, stack: Stack, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """`open_as("provider", java_script_enabled=False)`: a signed-in page whose console must stay empty."""
    contexts: list[BrowserContext] = []

    def enter(who: str, **options: object) -> Page:
        context = browser.new_context(base_url=stack.url, **options)  # type: ignore[arg-type]  # passed on
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, who, stack.demo_password())
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []


def order(page: Page, *, person: str, bundle: str, username: str = "", cloud: str = "Demo Amazon") -> None:
    page.goto("/workspaces/new")
    for label, text in (("Person", person), ("Cloud account", cloud)):
        choice = page.get_by_label(label)
        wanted = choice.locator("option", has_text=text).get_attribute("value") or ""
        choice.select_option(wanted)
        if page.get_by_role("button", name="Continue").is_visible():
            page.get_by_role("button", name="Continue").click()
        expect(page.get_by_label(label)).to_have_value(wanted)
    page.get_by_role("radio", name=bundle).check()
    if username:
        page.get_by_label("User name in the directory").fill(username)
    page.get_by_role("button", name="Order desktop").click()


def links(page: Page, path: str, selector: str) -> list[str]:
    """Where the first such link of a page leads; nowhere when no other test has made anything yet."""
    page.goto(path)
    found = page.locator(selector)
    return [found.first.get_attribute("href") or path] if found.count() else []


def test_from_the_approval_to_the_connected_seeker_without_a_reload(open_as: Callable[..., Page]) -> None:
    provider, seeker = open_as("provider"), open_as("seeker")
    provider.goto("/jobs/")
    provider.get_by_role("link", name="Data analyst").click()
    card = provider.locator("article", has_text="Sam Okafor")
    card.get_by_role("button", name="Approve", exact=True).click()
    expect(card).to_contain_text("Approved")

    order(provider, person="Sam Okafor · Data analyst", bundle="Standard with Ubuntu 22.04")

    status = provider.locator("#workspace-status")
    expect(status).to_have_attribute("data-state", "PENDING")
    seeker.goto("/desktops/")
    expect(seeker.locator("#desktop-cards")).to_contain_text("Setting up")
    expect(status).to_have_attribute("data-state", "AVAILABLE", timeout=SLOW_MS)
    expect(provider.locator("#announcer")).to_have_text("Sam Okafor: Available")
    seeker.get_by_role("link", name="Connect").click(timeout=SLOW_MS)
    expect(seeker.get_by_role("link", name="Open in the WorkSpaces app")).to_have_attribute(
        "href", "workspaces://sam.okafor@WSdemo+BERTH1"
    )
    expect(seeker.get_by_text("WSdemo+BERTH1").first).to_be_visible()


@pytest.mark.campaign  # the same buttons are pressed on Azure
def test_stop_start_and_terminate_by_the_buttons(open_as: Callable[..., Page]) -> None:
    page = open_as("provider")
    order(page, person="Mina Park · Data analyst", bundle="Value with Ubuntu 22.04")
    status = page.locator("#workspace-status")
    expect(status).to_have_attribute("data-state", "AVAILABLE", timeout=SLOW_MS)

    page.get_by_role("button", name="Stop").click()
    expect(status).to_have_attribute("data-state", "STOPPED", timeout=SLOW_MS)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(status).to_have_attribute("data-state", "AVAILABLE", timeout=SLOW_MS)
    page.get_by_role("link", name="Terminate").click()
    page.get_by_label("User name").fill("mina.park")
    page.get_by_role("button", name="Terminate desktop").click()

    expect(status).to_have_attribute("data-state", "TERMINATED", timeout=SLOW_MS)


def test_a_remedy_is_pressed_where_the_trouble_is_shown(open_as: Callable[..., Page]) -> None:
    page = open_as("provider")
    page.goto("/jobs/")
    page.get_by_role("link", name="Support engineer").click()
    card = page.locator("article", has_text="Aisha Khan")
    card.get_by_role("button", name="Approve", exact=True).click()
    expect(card).to_contain_text("Approved")
    bundle, person = "Value with Ubuntu 22.04", "Aisha Khan · Support engineer"
    order(page, person=person, bundle=bundle, username="ghost.aisha")
    status, findings = page.locator("#workspace-status"), page.locator("#findings")
    expect(findings).to_contain_text("The directory has no such user.", timeout=SLOW_MS)
    expect(status).to_have_attribute("data-state", "PENDING")
    before = page.url

    findings.get_by_role("button", name="Check the cloud now").click()
    expect(findings).to_contain_text("The directory has no such user.", timeout=SLOW_MS)
    assert page.url == before
    findings.get_by_text("Evidence").click()
    expect(findings).to_contain_text("ResourceNotFound.User")

    findings.get_by_role("button", name="Order again").click()
    expect(page.get_by_role("radio", name=bundle)).to_be_checked()
    expect(page.get_by_label("User name in the directory")).to_have_value("ghost.aisha")
    page.get_by_label("User name in the directory").fill("aisha.khan")
    page.get_by_role("button", name="Order desktop").click()
    expect(status).to_have_attribute("data-state", "AVAILABLE", timeout=SLOW_MS)
    expect(findings).to_contain_text("No problems found.")


def test_the_same_on_azure_from_the_order_to_the_link_and_the_end(open_as: Callable[..., Page]) -> None:
    page = open_as("provider")
    order(page, person="Mina Park · Data analyst", bundle="Standard with Windows 11", cloud="Demo Azure")
    status = page.locator("#workspace-status")
    expect(status).to_have_attribute("data-state", "AVAILABLE", timeout=SLOW_MS)
    expect(page.get_by_text("ms-avd:connect?workspaceid=").first).to_be_visible()

    page.get_by_role("button", name="Stop").click()
    expect(status).to_have_attribute("data-state", "STOPPED", timeout=SLOW_MS)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(status).to_have_attribute("data-state", "AVAILABLE", timeout=SLOW_MS)
    page.get_by_role("link", name="Terminate").click()
    page.get_by_label("User name").fill("mina@demo.example")
    page.get_by_role("button", name="Terminate desktop").click()

    expect(status).to_have_attribute("data-state", "TERMINATED", timeout=SLOW_MS)


def test_everything_needed_works_without_scripts(open_as: Callable[..., Page]) -> None:
    page = open_as("provider", java_script_enabled=False)
    page.goto("/jobs/")
    page.get_by_role("link", name="Support engineer").click()
    card = page.locator("article", has_text="Leo Brandt")
    card.get_by_role("button", name="Approve", exact=True).click()
    page.goto("/credentials/")
    page.get_by_role("link", name="Demo Amazon").click()
    page.get_by_role("button", name="Test now").click()
    expect(page.get_by_text(re.compile("checks passed"))).to_be_visible()
    page.get_by_role("link", name="Desktop sizes").click()
    page.get_by_role("button", name=re.compile("Refresh|Load from the cloud")).click()
    expect(page.get_by_role("link", name="Order this size").first).to_be_visible()

    order(page, person="Leo Brandt · Support engineer", bundle="Standard with Ubuntu 22.04")

    expect(page.locator("#workspace-status")).to_have_attribute("data-state", "PENDING")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.campaign)])
def test_nothing_is_wider_than_a_phone(open_as: Callable[..., Page], scheme: str) -> None:
    provider = open_as("provider", viewport=NARROW, color_scheme=scheme)
    seeker = open_as("seeker", viewport=NARROW, color_scheme=scheme)

    for page, paths in (
        (
            provider,
            [
                "/workspaces/",
                "/workspaces/new",
                "/credentials/1/",
                "/jobs/1/",
                "/credentials/1/bundles/",
                *links(provider, "/workspaces/", "tbody a"),
            ],
        ),
        (
            seeker,
            [
                "/board/",
                "/board/1/",
                "/desktops/",
                *links(seeker, "/desktops/", "main a[href^='/desktops/']"),
            ],
        ),
    ):
        for path in paths:
            page.goto(path)
            too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert too_wide <= 0, f"{path} is {too_wide} px too wide"


def test_a_hidden_tab_asks_nothing(open_as: Callable[..., Page]) -> None:
    page = open_as("provider")
    page.goto("/workspaces/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "?probe" in request.url else None)
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: true, configurable: true });
            const poll = document.createElement("div"), count = document.createElement("span");
            count.id = "workspace-count";  // comes beside the rows; a page of first steps has none
            poll.id = "probe"; poll.dataset.poll = "";
            poll.setAttribute("hx-get", "/workspaces/rows?probe"); poll.setAttribute("hx-trigger", "now");
            document.body.append(poll, count); htmx.process(poll); htmx.trigger(poll, "now");
        }"""
    )
    hidden = list(asked)
    page.evaluate("""() => { delete document.hidden; htmx.trigger("#probe", "now"); }""")
    page.wait_for_timeout(300)

    assert hidden == []
    assert len(asked) == 1


def test_an_unavailable_server_is_reported_and_polled_less_often(
    open_as: Callable[..., Page], complaints: list[str]
) -> None:
    page = open_as("provider")
    page.goto("/workspaces/")
    asked: list[str] = []

    def refuse(route) -> None:  # type: ignore[no-untyped-def]  # playwright's own kind
        asked.append(route.request.url)
        route.fulfill(status=503, body="<h1>proxy error</h1>")

    page.route("**/rows?probe", refuse)  # the page's own list may look at any moment
    page.evaluate(
        """() => {
            const poll = document.createElement("div");
            poll.id = "probe"; poll.dataset.poll = ""; poll.textContent = "kept";
            poll.setAttribute("hx-get", "/workspaces/rows?probe"); poll.setAttribute("hx-trigger", "now");
            document.body.append(poll); htmx.process(poll); htmx.trigger(poll, "now");
        }"""
    )
    expect(page.locator("#connection-trouble")).to_contain_text("Trying again in")
    page.evaluate("""() => htmx.trigger("#probe", "now")""")

    assert len(asked) == 1
    assert page.locator("#probe").inner_text() == "kept"
    assert all("503" in line for line in complaints)
    complaints.clear()
