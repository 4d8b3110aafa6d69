"""Thirty people, from a pasted list to their desktops: what is pressed, and how often."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.browser.conftest import Site, Visit
from tests.browser.test_keyboard import know_bundles
from tests.desk import PASSWORD
from webapp.models import Workspace
from webapp.services import invitations

PEOPLE = 30
MOST_PRESSES = 8


class Counted:
    """A page of which the presses and choices are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, selector: str) -> None:
        self.presses += 1
        self.page.locator(selector).first.click()


def test_thirty_people_are_invited_and_ordered_for_with_a_handful_of_presses(
    site: Site, visit: Visit
) -> None:
    know_bundles(site)
    provider = Counted(visit("provider@example.com"))
    provider.page.goto(f"/jobs/{site.desk.posting_id}/")

    paths = _invite(provider)
    _accept_by_hand(visit(None), paths[0])
    for number, path in enumerate(paths[1:], 1):  # as the first one did
        token = path.partition("=")[2]
        invitations.accept_as_new(site.desk.context, token, name=f"Person {number}", password=PASSWORD)
    site.desk.session.rollback()
    _order(provider)

    assert provider.presses <= MOST_PRESSES
    count = site.desk.session.scalar(select(func.count()).select_from(Workspace))
    site.desk.session.rollback()
    assert count == PEOPLE


def _invite(provider: Counted) -> list[str]:
    """The paths of the links, in order."""
    provider.press("a[href^='/people/invite']")
    people = "\n".join(f"Person {number} <person{number}@example.com>" for number in range(PEOPLE))
    provider.page.fill("#people", people)
    provider.press("main form button")
    expect(provider.page.get_by_role("heading", level=1)).to_have_text("Links to send")
    return list(dict.fromkeys(re.findall(r"/invitation/\?link=[\w-]+", provider.page.content())))


def _accept_by_hand(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("#name")).to_have_value("Person 0")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My desktops")


def _order(provider: Counted) -> None:
    provider.press("a[href='/people/']")
    expect(provider.page.locator("main")).to_contain_text("Accepted")
    provider.press("main a[href^='/jobs/']")
    provider.press("a[href^='/cohorts/new']")
    provider.press("input[name=bundle_id]")
    provider.page.fill("#pattern", "{mailbox}")
    provider.press("button[form=cohort-form]")
    expect(provider.page.get_by_role("heading", level=1)).to_have_text(f"{PEOPLE} of {PEOPLE} can be ordered")
    provider.press("#order-cohort")
    expect(provider.page.locator("#cohort")).to_contain_text(f"{PEOPLE} being created")
