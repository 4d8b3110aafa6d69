"""What Berth says where it cannot make a person's user, for each kind of directory, as people see it.

`bin/test tests/browser/test_who_makes_users.py --pictures` makes docs/screenshots/users/ again.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from sandbox import demo
from sandbox.control import Sandbox
from tests.browser.conftest import Visit
from tests.browser.screenshots import PICTURES, keep_part
from tests.clouds.aws.stage import AwsStage
from tests.clouds.azure.stage import AzureStage
from tests.desk import Desk, StoryClock, make_settings
from webapp.config import Settings
from webapp.domain.lifecycle import State
from webapp.models import InquiryKind
from webapp.services import inquiries

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DIRECTORY = demo.DEMO_DIRECTORY_ID
SIZE = {"width": 760, "height": 900}
GUEST = "ghost.ada@elsewhere.example"
"""Nobody in the simulated tenant."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A directory whose users Berth cannot make, and what the order form says to whoever orders."""

    prepare: Callable[[Desk, AzureStage], object]
    says: str
    remedy: str
    also: str = ""
    is_azure: bool = False


def directory(**changes: str) -> Callable[[Desk, AzureStage], object]:
    return lambda desk, _azure: desk.sandbox.set_directory(DIRECTORY, **changes)


KINDS = {
    "managed-data-off": Kind(
        directory(data_access="Disabled"),
        "Berth can create users here once an administrator has enabled",
        "“User and group management” on the directory’s page in the Directory Service console",
        also="People of a trusted domain are always created in their own domain.",
    ),
    "managed-no-rights": Kind(
        lambda desk, _azure: desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ds-data:*"]),
        "The key may not create users in this directory.",
        "Add the rights named by the test, or let an administrator of the directory create the users.",
    ),
    "managed-shared": Kind(
        directory(service_type="SharedMicrosoftAD"),
        "The directory is shared with this account.",
        "An administrator of the account that owns it creates its users.",
    ),
    "simple-ad": Kind(
        directory(service_type="SimpleAD"),
        "Berth cannot create users in a Simple AD",
        "An administrator of the directory creates them, with a computer that has joined it.",
    ),
    "ad-connector": Kind(
        directory(service_type="ADConnector"),
        "the users are in your own Active Directory",
        "an administrator there creates them",
    ),
    "identity-center": Kind(
        directory(user_identity_type="AWS_IAM_IDENTITY_CENTER"),
        "An administrator of IAM Identity Center creates the users",
        "there or at the identity provider that it is connected to",
    ),
    "entra-no-consent": Kind(
        lambda _desk, azure: azure.control.set_permissions([]),
        "Berth’s application has no consent to create users.",
        "or consents to the permissions that the test names",
        is_azure=True,
    ),
    "entra-no-group": Kind(
        lambda _desk, azure: azure.control.end_assignments(),
        "Berth cannot tell which group new people belong to, so it creates no users.",
        "Enter the group in the cloud account and test it",
        is_azure=True,
    ),
}


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox, azure_stage: AzureStage) -> Settings:
    return make_settings(database_url, AwsStage(sandbox), azure_stage)


@pytest.fixture
def clock(sandbox: Sandbox, azure_stage: AzureStage) -> StoryClock:
    return StoryClock(sandbox, azure_stage.control)


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[Locator, str], None]:
    """A picture of a part of the page, where pictures are wanted."""
    wanted = bool(request.config.getoption("--pictures"))
    return lambda part, name: keep_part(part, f"users/{name}") if wanted else None


def enter(visit: Visit) -> Page:
    return visit("provider@example.com", viewport=SIZE)


@pytest.mark.parametrize("name", KINDS)
def test_an_order_says_who_makes_the_user_and_what_would_let_berth(
    desk: Desk,
    azure_stage: AzureStage,
    visit: Visit,
    keep: Callable[[Locator, str], None],
    name: str,
) -> None:
    kind = KINDS[name]
    credential_id = desk.add_credential_of(azure_stage, "Azure") if kind.is_azure else desk.credential_id
    kind.prepare(desk, azure_stage)
    desk.clock.pause(60)
    inquiries.ask(desk.context, credential_id=credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    desk.work()
    application = desk.add_application()
    application.seeker.name = "Ada Byron"
    desk.session.commit()
    page = enter(visit)

    page.goto(f"/workspaces/new?application={application.id}&credential={credential_id}")

    needed = page.locator("#needed-first")
    expect(needed).to_contain_text(kind.says)
    expect(needed).to_contain_text(kind.remedy)
    expect(needed).to_contain_text(kind.also)
    expect(page.get_by_label("Create the user for")).to_have_count(0)
    keep(needed, name)


def test_an_order_for_a_guest_whom_the_tenant_does_not_invite_says_what_to_do(
    desk: Desk, azure_stage: AzureStage, visit: Visit, keep: Callable[[Locator, str], None]
) -> None:
    desk.credential_id = desk.add_credential_of(azure_stage, "Azure")
    azure_stage.control.add_fault("error", operation="invitations.create", code="BadRequest", times=-1)
    workspace_id = desk.order(
        workspace_type="windows", bundle_id=azure_stage.bundle_id, username=GUEST, create_user=True
    )
    desk.live_until(workspace_id, State.ERROR)
    desk.session.commit()
    page = enter(visit)

    page.goto(f"/workspaces/{workspace_id}/")

    wrong = page.locator("#findings .finding").first
    expect(wrong).to_contain_text("The directory does not invite this address.")
    expect(wrong).to_contain_text("create the user there")
    keep(wrong, "entra-guests-blocked")


def test_each_picture_is_there_and_its_page_of_the_docs_shows_it() -> None:
    docs = "".join((PICTURES.parent / page).read_text() for page in ("aws.md", "azure.md"))

    kept = {one.stem for one in (PICTURES / "users").glob("*.png")}
    assert kept == {*KINDS, "entra-guests-blocked"}
    assert {name for name in kept if f"screenshots/users/{name}.png" not in docs} == set()
