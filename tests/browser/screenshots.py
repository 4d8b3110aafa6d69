"""The pictures in docs/screenshots/, made from a running demo: `python -m tests.browser.screenshots`.

Starts everything as `bin/run` does, walks from the approval to the connected seeker, replaces the pictures.
Raises AssertionError when a picture becomes too heavy to keep in the repository.
"""

from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_journey import SLOW_MS, order, sign_in
from tests.servers.chromium import open_browser
from tests.servers.stack import ROOT, Stack

PICTURES = ROOT / "docs" / "screenshots"
LARGEST_BYTES = 180_000
DESK = {"width": 1120, "height": 760}
PHONE = {"width": 360, "height": 740}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with Stack() as stack, open_browser() as browser:
        provider = _enter(browser, stack, "provider")
        phone = _enter(browser, stack, "provider", size=PHONE)
        dark = _enter(browser, stack, "provider", scheme="dark")
        _make_a_desktop(provider)
        _take(provider, "/start/", "start")
        _take(phone, "/start/", "start-phone")
        _show_an_order(provider)
        _show_a_cohort(provider)
        _take(provider, "/workspaces/", "workspaces")
        _take(dark, "/workspaces/", "workspaces-dark")
        _take(phone, "/workspaces/", "workspaces-phone")
        _take(provider, "/workspaces/1/", "workspace")
        _take(dark, "/workspaces/1/", "workspace-dark")
        _take(provider, "/workspaces/1/metrics", "metrics")
        _take(provider, "/credentials/1/", "credential-test")
        _take(provider, "/credentials/1/bundles/", "sizes")
        _compare_sizes(provider)
        _take(provider, "/credentials/new?cloud=aws", "credential-new")
        _take(_enter(browser, stack, "seeker"), "/desktops/1/", "connect")
        _take(_enter(browser, stack, "seeker", size=PHONE), "/desktops/1/", "connect-phone")


def _enter(
    browser: Browser, stack: Stack, who: str, *, size: dict[str, int] = DESK, scheme: str = "light"
) -> Page:
    context = browser.new_context(base_url=stack.url, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, who, stack.demo_password())
    return page


def _make_a_desktop(page: Page) -> None:
    page.goto("/credentials/1/")
    expect(page.locator("#credential-checks")).to_have_attribute("data-state", "ok", timeout=30_000)
    page.goto("/jobs/")
    page.get_by_role("link", name="Data analyst").click()
    card = page.locator("article", has_text="Sam Okafor")
    card.get_by_role("button", name="Approve", exact=True).click()
    expect(card).to_contain_text("Approved")
    order(page, person="Sam Okafor · Data analyst", bundle="Standard with Ubuntu 22.04")
    status = page.locator("#workspace-status")
    expect(status).to_have_attribute("data-state", "AVAILABLE", timeout=SLOW_MS)


def _show_an_order(page: Page) -> None:
    page.goto("/workspaces/new")
    page.get_by_label("Person").select_option(label="Mina Park · Data analyst")
    expect(page.get_by_role("radio").first).to_be_visible()
    _keep(page, "order")


def _show_a_cohort(page: Page) -> None:
    """Both support engineers and a stranger; one of the three has a name that cannot be."""
    page.goto("/jobs/2/")
    for person in ("Leo Brandt", "Aisha Khan"):
        card = page.locator("article", has_text=person)
        card.get_by_role("button", name="Approve", exact=True).click()
        expect(card).to_contain_text("Approved")
    page.get_by_role("link", name="Order for 2 approved people").click()
    page.get_by_label("Paste a list").fill("nobody@elsewhere.example")
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Review before ordering").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 of 3 can be ordered")
    _keep(page, "cohort-check")
    page.get_by_role("button", name="Order 2 desktops").click()
    expect(page.locator("#cohort")).to_contain_text("1 of 3 ready", timeout=SLOW_MS)
    _keep(page, "cohort")


def _compare_sizes(page: Page) -> None:
    """Those with Windows 11, whose prices are known."""
    page.goto("/credentials/1/bundles/?system=Windows+11")
    for one in page.locator("#bundle-rows").get_by_role("checkbox").all()[:3]:
        one.check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("link", name="Show all sizes")).to_be_visible()
    _keep(page, "sizes-compare")


def _take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    _keep(page, name)


def keep_part(part: Locator, name: str) -> None:
    """A picture of a part of a page."""
    _settle(part.page)
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    part.screenshot(path=path, animations="disabled")
    _check_size(path)


def _keep(page: Page, name: str) -> None:
    path: Path = PICTURES / f"{name}.png"
    _settle(page)
    page.screenshot(path=path, animations="disabled")
    _check_size(path)


def _settle(page: Page) -> None:
    page.wait_for_function("[...document.images].every((one) => one.complete)")
    page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")


def _check_size(path: Path) -> None:
    assert path.stat().st_size < LARGEST_BYTES, f"{path.name} is {path.stat().st_size} bytes"


if __name__ == "__main__":
    main()
