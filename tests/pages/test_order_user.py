"""The user of an order on its pages: made by Berth where it can, else by whom, and what became of it."""

import pytest

from sandbox import demo
from tests.desk import UBUNTU, Desk
from tests.pages.conftest import Visitor
from webapp.domain.lifecycle import State
from webapp.models import InquiryKind
from webapp.services import inquiries

DIRECTORY = demo.DEMO_DIRECTORY_ID


def _test(desk: Desk, **directory: str) -> None:
    desk.sandbox.set_directory(DIRECTORY, **directory)
    desk.clock.pause(60)
    inquiries.ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    desk.work()
    desk.session.commit()


def _form(desk: Desk, application_id: int) -> str:
    return f"/workspaces/new?application={application_id}&credential={desk.credential_id}"


def test_an_order_form_makes_the_user_where_berth_can(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_users(DIRECTORY, [])
    application = desk.add_application()
    page = provider.read(_form(desk, application.id))

    answer = provider.post(
        "/workspaces/",
        {
            "application_id": application.id,
            "cloud_credential_id": desk.credential_id,
            "bundle_id": UBUNTU,
            "username": "new.hire",
            "create_user": "1",
        },
    )

    assert page.find("input", name="create_user")
    assert answer.status_code == 303
    workspace_id = int(str(answer.location).strip("/").split("/")[-1])
    desk.live_until(workspace_id, State.AVAILABLE)
    assert [one["user_name"] for one in desk.sandbox.people(DIRECTORY)] == ["new.hire"]
    shown = provider.read(f"/workspaces/{workspace_id}/")
    assert "Created the user new.hire in the directory." in shown.text


@pytest.mark.parametrize(
    ("directory", "says"),
    [
        ({"service_type": "SimpleAD"}, "Simple AD"),
        ({"service_type": "ADConnector"}, "your own Active Directory"),
        ({"service_type": "SharedMicrosoftAD"}, "the account that owns it"),
        ({"user_identity_type": "AWS_IAM_IDENTITY_CENTER"}, "administrator of IAM Identity Center"),
        ({"data_access": "Disabled"}, "User and group management"),
    ],
)
def test_elsewhere_the_form_and_the_waiting_order_say_who_makes_the_user(
    desk: Desk, provider: Visitor, directory: dict[str, str], says: str
) -> None:
    workspace_id = desk.order(username="late.person")
    _test(desk, **directory)
    desk.sandbox.set_users(DIRECTORY, [])
    desk.clock.pause(600)
    desk.sweep()

    form = provider.read(_form(desk, desk.add_application().id))
    page = provider.read(f"/workspaces/{workspace_id}/")

    assert says in form.text and not form.find("input", name="create_user")
    if desk.row(workspace_id).state is State.PENDING and desk.row(workspace_id).waiting_code:
        assert says in page.text


def test_a_name_that_is_taken_is_numbered_on_before_the_order(desk: Desk, provider: Visitor) -> None:
    first, second = desk.add_application(), desk.add_application()
    for one in (first, second):
        one.seeker.name = "Ada Byron"
    desk.session.commit()
    desk.order(application_id=first.id, username="ada.byron")

    page = provider.read(_form(desk, second.id))

    assert page.by_id("username")["value"] == "ada.byron2"


def test_the_name_of_a_waiting_order_is_corrected_and_it_goes_on(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_users(DIRECTORY, ["sam.okafor"])
    workspace_id = desk.order(username="sam.okofor")
    desk.work()
    page = provider.read(f"/workspaces/{workspace_id}/")

    done = provider.post(f"/workspaces/{workspace_id}/username", {"username": "sam.okafor"})

    assert "The directory has no such user." in page.text and page.by_id("correct")
    assert done.status_code == 303
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.row(workspace_id).username == "sam.okafor"


def test_an_order_whose_name_is_taken_may_use_the_user_who_is_there(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_users(DIRECTORY, ["leo.brandt"])
    workspace_id = desk.order(username="leo.brandt", create_user=True)
    desk.live_until(workspace_id, State.ERROR)
    page = provider.read(f"/workspaces/{workspace_id}/")

    provider.post(f"/workspaces/{workspace_id}/username", {"username": "leo.brandt"})

    assert "A user whom Berth did not create has this name" in page.text
    assert page.find("input", name="create_user")
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.sandbox.people(DIRECTORY) == []
