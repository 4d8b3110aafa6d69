"""Single sign-on in a real browser, with an issuer on another site."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from sandbox.control import Sandbox
from tests.browser.conftest import Site, Visit
from tests.clouds.aws.stage import AwsStage
from tests.desk import make_settings
from tests.pages.single_sign_on.issuer import Issuer
from tests.pages.single_sign_on.names import Names
from tests.pages.single_sign_on.traveller import set_up
from webapp.config import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def names() -> Iterator[Names]:
    made = Names()
    server = made.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox, names: Names) -> Settings:
    local = frozenset({"127.0.0.1", "localhost"})
    return make_settings(database_url, AwsStage(sandbox), local_issuers=local, dns_server=names.address)


@pytest.fixture
def issuer(site: Site, names: Names) -> Iterator[Issuer]:
    """Its pages are on `localhost`, which is another site than `127.0.0.1` to a browser."""
    made = Issuer(site.desk.clock.now, shows_page=True)
    made.person = {"sub": "1", "email": "ada@example.com", "name": "Ada Byron"}
    server = made.start()
    elsewhere = made.url.replace("127.0.0.1", "localhost")
    made.document["authorization_endpoint"] = f"{elsewhere}/authorize"
    set_up(site.desk, made, names)
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()


def test_somebody_signs_in_from_the_sign_in_page_to_the_start_page(
    site: Site, visit: Visit, issuer: Issuer
) -> None:
    page = visit(None)
    page.goto("/sign-in")

    page.get_by_role("link", name="Sign in with your company").click()
    page.get_by_label("E-mail address").fill("ada@example.com")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Continue as Ada").click()

    expect(page).to_have_url(f"{site.url}/start/")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_link_of_the_company_leads_to_its_issuer_and_back_to_the_wanted_page(
    site: Site, visit: Visit, issuer: Issuer
) -> None:
    page = visit(None)

    page.goto("/sign-in/company?domain=example.com&next=/people/")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Continue as Ada").click()

    expect(page).to_have_url(f"{site.url}/people/")
