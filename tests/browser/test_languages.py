"""Another language in a real browser: chosen once, and then pages and script speak it, on a phone too."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.furnished import furnish
from tests.browser.test_accessibility import PUBLIC, axe, complaints_about, seeker_paths

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


def test_who_chooses_german_is_spoken_to_in_german_by_pages_and_script(site: Site, visit: Visit) -> None:
    made = furnish(site.desk)
    page = visit(made.seeker, permissions=["clipboard-read", "clipboard-write"])
    page.clock.install()
    page.goto("/account/")
    page.get_by_label("Language", exact=True).select_option("Deutsch")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Ihr Konto")).to_be_visible()

    page.goto(f"/desktops/{made.running}/")
    page.get_by_role("button", name="Kopieren").first.click()
    expect(page.get_by_role("button", name="Kopiert").first).to_be_visible()
    page.goto("/account/")
    page.clock.run_for(11_000)

    times = page.locator("time[data-ago]")
    assert all(re.match(r"vor \d+ |in \d+ |gerade eben", one) for one in times.all_inner_texts())
    assert re.search(r" ME(?:S)?Z$", times.first.get_attribute("title") or "")


def test_german_pages_fit_and_shut_nobody_out(site: Site, visit: Visit) -> None:
    """Its words are longer."""
    made = furnish(site.desk)
    looks = {"source": axe(), "is_whole": False}
    own = visit(made.seeker)
    own.goto("/account/")
    own.get_by_label("Language", exact=True).select_option("Deutsch")
    own.get_by_role("button", name="Save", exact=True).click()

    found = {
        **complaints_about(own, [*seeker_paths(made), "/account/", "/account/second-factor/"], **looks),
        **complaints_about(visit(None, locale="de-DE"), [*PUBLIC, *made.links], **looks),
    }

    assert found == {}
