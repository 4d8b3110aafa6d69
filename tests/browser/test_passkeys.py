"""Passkeys in real Chromium, with a device that the browser itself simulates."""

from dataclasses import replace

import pytest
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import select

from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import axe, complaints_about
from tests.desk import PASSWORD
from webapp.models import Passkey
from webapp.services.fresh_proof import LASTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROVIDER = "provider@example.com"
ADD = "Add a passkey"


@pytest.fixture
def site(site: Site) -> Site:
    """Under a name: an address of digits has no passkeys."""
    return replace(site, url=site.url.replace("127.0.0.1", "localhost"))


class Device:
    """Of the person who uses this page."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def knows_its_owner(self, is_verified: bool) -> None:  # noqa: FBT001  the finger that is put on it
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_verified})

    def count(self) -> int:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return len(found["credentials"])


def add(page: Page, name: str = "My laptop") -> None:
    page.goto("/account/passkeys/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name=ADD).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("button", name="Sign in", exact=True).wait_for()


def fill_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(PROVIDER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def stored(site: Site) -> list[tuple[str, str, int]]:
    with site.desk.sessions.begin() as session:
        rows = session.execute(select(Passkey.name, Passkey.host, Passkey.sign_count).order_by(Passkey.id))
        return [(name, host, count) for name, host, count in rows]


def test_a_passkey_is_added_and_signs_in_in_the_place_of_the_password(site: Site, visit: Visit) -> None:
    page = visit(PROVIDER)
    device = Device(page)

    add(page)
    expect(page.get_by_text("Your passkey works from now on.")).to_be_visible()
    assert device.count() == 1
    sign_out(page)
    page.get_by_role("button", name="Use a passkey instead").click()
    page.get_by_role("button", name="Sign out").first.wait_for()

    page.goto("/account/passkeys/")
    expect(page.get_by_role("rowheader", name="My laptop")).to_be_visible()
    [(name, host, count)] = stored(site)
    assert (name, host, count > 0) == ("My laptop", "localhost", True)


def test_a_passkey_is_asked_for_after_the_password(visit: Visit) -> None:
    page = visit(PROVIDER)
    Device(page)
    add(page)
    page.get_by_text("Your passkey works from now on.").wait_for()
    sign_out(page)

    fill_in(page)
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()


def test_a_device_that_does_not_know_its_owner_signs_nobody_in(visit: Visit) -> None:
    page = visit(PROVIDER)
    device = Device(page)
    add(page)
    page.get_by_text("Your passkey works from now on.").wait_for()
    sign_out(page)
    device.knows_its_owner(False)

    page.get_by_role("button", name="Use a passkey instead").click()

    expect(page.get_by_text("No passkey was used")).to_be_visible()
    expect(page).to_have_url("/sign-in")
    device.knows_its_owner(True)
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()


def test_a_device_is_added_once(site: Site, visit: Visit) -> None:
    page = visit(PROVIDER)
    Device(page)
    add(page)
    page.get_by_text("Your passkey works from now on.").wait_for()

    add(page, "Again")

    expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()
    assert len(stored(site)) == 1


def test_a_removed_passkey_does_not_sign_in_any_more(site: Site, visit: Visit) -> None:
    page = visit(PROVIDER)
    Device(page)
    add(page)
    page.get_by_text("Your passkey works from now on.").wait_for()
    page.goto("/account/passkeys/")
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("No passkeys yet").wait_for()
    assert stored(site) == []
    sign_out(page)

    page.get_by_role("button", name="Use a passkey instead").click()

    expect(page.get_by_text("This passkey was not accepted")).to_be_visible()


def test_after_ten_minutes_the_passkey_is_asked_for_before_a_token_is_made(site: Site, visit: Visit) -> None:
    page = visit(PROVIDER)
    Device(page)
    add(page)
    page.get_by_text("Your passkey works from now on.").wait_for()
    site.desk.clock.pause(LASTS.total_seconds())
    page.goto("/tokens/")
    page.get_by_label("Purpose").fill("Laptop")

    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()

    expect(page).to_have_url("/tokens/")
    expect(page.get_by_text("press the button again")).to_be_visible()
    page.get_by_label("Purpose").fill("Laptop")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text("Copy it now")).to_be_visible()


def test_a_passkey_is_added_after_the_password_was_asked_for_again(site: Site, visit: Visit) -> None:
    page = visit(PROVIDER)
    device = Device(page)
    site.desk.clock.pause(LASTS.total_seconds())

    add(page)
    page.get_by_label("Your password").fill(PASSWORD)
    assert device.count() == 0
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url("/account/passkeys/")
    page.get_by_role("button", name=ADD).click()

    expect(page.get_by_text("Your passkey works from now on.")).to_be_visible()


def test_a_proof_that_is_pressed_twice_does_not_sign_the_person_out(visit: Visit) -> None:
    page = visit(PROVIDER)
    page.goto("/account/prove/?next=/tokens/")
    page.get_by_label("Your password").fill(PASSWORD)

    page.evaluate("""() => {
        const form = document.querySelector('form[action="/account/prove/"]');
        form.requestSubmit();
        setTimeout(() => form.requestSubmit(), 15);
    }""")

    expect(page).to_have_url("/tokens/")
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()


def test_no_page_with_passkeys_shuts_anybody_out(visit: Visit, pytestconfig: pytest.Config) -> None:
    looks = {"source": axe(), "is_whole": pytestconfig.getoption("--whole")}
    page = visit(PROVIDER)
    Device(page)
    empty = complaints_about(page, ["/account/passkeys/", "/account/prove/"], **looks)
    add(page)
    page.get_by_text("Your passkey works from now on.").wait_for()
    own = complaints_about(page, ["/account/", "/account/passkeys/", "/account/prove/"], **looks)
    sign_out(page)
    fill_in(page)
    page.get_by_role("button", name="Use a passkey").wait_for()
    way_in = complaints_about(page, ["/sign-in", "/sign-in/code"], **looks)

    assert (empty, own, way_in) == ({}, {}, {})
