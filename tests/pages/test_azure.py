"""Azure on the pages: the cloud is chosen first, each speaks its own words, and nothing needs a script."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.azure_rows import (
    CLIENT,
    FIELDS,
    GUEST,
    MEMBER,
    SECRET,
    add_azure_credential,
    make_ready,
    observe,
)
from tests.desk import SECRET_FIELDS, START, Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.lifecycle import CloudState
from webapp.models import CloudCredential

NEW = {"cloud_provider": "azure", "name": "Azure", **FIELDS}
AMAZONS = ("Amazon", "WorkSpaces", "Registration code", "access key")


@pytest.fixture
def azure_id(desk: Desk) -> int:
    desk.credential_id = add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)
    return desk.credential_id


@pytest.fixture
def order(desk: Desk, azure_id: int) -> Callable[..., int]:
    """Order a desktop on Azure; its id."""

    def make(username: str = MEMBER, *, application_id: int | None = None, **columns: Any) -> int:
        workspace_id = desk.order(
            workspace_type="windows",
            bundle_id="az-standard",
            username=username,
            application_id=application_id or desk.add_application().id,
        )
        if columns.pop("is_ready", True):
            make_ready(desk.context, workspace_id, at=desk.clock.now(), **columns)
        desk.notifier.notifications.clear()
        return workspace_id

    return make


@pytest.fixture
def hired(desk: Desk, provider: Visitor, seeker: Visitor) -> int:
    """The application of the seeker at hand, approved."""
    seeker.post("/board/1/apply", {"message": ""})
    provider.post("/applications/1/approve")
    return 1


def _secret_expires(desk: Desk, *, in_days: int) -> None:
    credential = desk.session.get_one(CloudCredential, desk.credential_id)
    day = (START + timedelta(days=in_days)).date().isoformat()
    credential.public_fields = credential.public_fields | {"secret_expires_on": day}
    desk.session.commit()


def test_the_cloud_is_chosen_by_a_plain_link(provider: Visitor) -> None:
    choice = provider.read("/credentials/new")
    form = provider.read(str(choice.by_id("choose-azure")["href"]))

    assert "/credentials/new?cloud=aws" in choice.links()
    assert form.find("input", name="cloud_provider", value="azure")
    typed = {one["name"] for one in form.find("input") if one.get("name") in FIELDS}
    assert typed == set(FIELDS) - {"location"}
    assert form.find("option", value="westeurope")
    assert not form.find("input", name="access_key_id")
    assert "Directory (tenant) ID" in form.text and "shows it only once" in form.text


def test_each_field_says_where_to_find_it_and_what_may_be_left_out(provider: Visitor) -> None:
    form = provider.read("/credentials/new?cloud=azure")

    for name in FIELDS:
        assert f"{name}-help" in (form.by_id(name)["aria-describedby"] or ""), name
    assert form.by_id("image")["value"] == "MicrosoftWindowsDesktop:windows-11:win11-24h2-ent:latest"
    assert form.by_id("secret_expires_on")["type"] == "date"
    assert "required" not in form.by_id("image")
    assert int(form.by_id("subnet_id")["maxlength"] or 0) == 400


@pytest.mark.parametrize("cloud", ["", "mars", "AZURE"])
def test_without_a_cloud_the_choice_comes_back(provider: Visitor, cloud: str) -> None:
    response = provider.post("/credentials/", NEW | {"cloud_provider": cloud})

    assert response.status_code == 422
    assert "/credentials/new?cloud=azure" in Reader(response.text).links()
    assert SECRET not in response.text


def test_a_credential_is_stored_and_its_test_begins(desk: Desk, provider: Visitor) -> None:
    response = provider.post("/credentials/", NEW)

    page = provider.read(response.location)
    assert response.status_code == 303
    assert "hx-trigger" in page.by_id("credential-checks")
    assert "Azure Virtual Desktop" in page.text and "hp-personal" in page.text and "West Europe" in page.text
    assert SECRET not in page.text and CLIENT not in page.text


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"client_secret": CLIENT}, "client_secret", "Paste its value"),
        ({"tenant_id": "contoso"}, "tenant_id", "has the form"),
        ({"subnet_id": "snet"}, "subnet_id", "copy all of it"),
        ({"location": ""}, "location", "Choose the location"),
        ({"secret_expires_on": "2020-01-01"}, "secret_expires_on", "This date is in the past"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(
    provider: Visitor, change: dict[str, str], field: str, hint: str
) -> None:
    response = provider.post("/credentials/", NEW | change)

    page = Reader(response.text)
    assert response.status_code == 422
    assert page.error_of(field)
    assert hint in page.text
    assert page.by_id("host_pool")["value"] == "hp-personal"
    assert SECRET not in response.text


def test_an_edit_keeps_the_secret_and_takes_the_day(desk: Desk, azure_id: int, provider: Visitor) -> None:
    before = desk.credential().sealed_secret
    shown = provider.read(f"/credentials/{azure_id}/edit")
    assert shown.by_id("client_id")["value"] == CLIENT
    assert not shown.by_id("client_secret").get("value")

    body = NEW | {"client_secret": "", "secret_expires_on": "2027-03-31"}
    assert provider.post(f"/credentials/{azure_id}/", body).status_code == 303

    after = desk.credential()
    assert after.sealed_secret == before
    assert after.public_fields["secret_expires_on"] == "2027-03-31"


def test_the_edit_of_amazons_credential_stays_amazons(desk: Desk, provider: Visitor) -> None:
    page = provider.read("/credentials/1/edit")

    assert page.by_id("access_key_id")["value"] == SECRET_FIELDS["access_key_id"]
    assert not page.find("input", name="tenant_id")


@pytest.mark.parametrize(("days", "code"), [(20, "secret_expires_soon"), (-1, "secret_expired")])
def test_a_secret_that_runs_out_is_said_where_people_look(
    desk: Desk, order: Callable[..., int], provider: Visitor, days: int, code: str
) -> None:
    workspace_id = order()
    quiet = provider.read("/credentials/")
    _secret_expires(desk, in_days=days)

    assert not quiet.find("p", data_code=code)
    for path in ("/credentials/", f"/credentials/{desk.credential_id}/"):
        assert provider.read(path).find("p", data_code=code), path
    found = provider.read(f"/workspaces/{workspace_id}/")
    assert found.find("div", data_code=code)
    assert f"/credentials/{desk.credential_id}/edit" in found.links()


def test_the_list_names_cloud_and_place_of_each(desk: Desk, azure_id: int, provider: Visitor) -> None:
    page = provider.read("/credentials/")

    assert "hp-personal · West Europe" in page.text
    assert "Europe (Frankfurt) · d-" in page.text
    assert "Azure Virtual Desktop" in page.text and "Amazon WorkSpaces" in page.text


def test_the_order_form_asks_for_a_sign_in_name(desk: Desk, azure_id: int, provider: Visitor) -> None:
    application = desk.add_application()
    desk.session.commit()

    page = provider.read(f"/workspaces/new?application={application.id}&credential={azure_id}")

    assert page.by_id("username")["value"] == f"seeker{desk._people}@example.com"
    assert page.by_id("username")["maxlength"] == "113"
    assert "Sign-in name in Entra" in page.text and "hp-personal" in page.text
    assert "by the minute while the machine is allocated, and for its disk always" in page.text
    assert "127 GiB disk" in page.text
    assert not [word for word in AMAZONS if word in page.text]


def test_an_order_on_azure_becomes_a_workspace(desk: Desk, azure_id: int, provider: Visitor) -> None:
    form = {
        "application_id": desk.add_application().id,
        "cloud_credential_id": azure_id,
        "bundle_id": "az-standard",
        "username": GUEST,
    }
    desk.session.commit()

    wrong = provider.post("/workspaces/", form | {"username": "sam.okafor"})
    gone = provider.post("/workspaces/", form | {"bundle_id": "az-gone"})
    right = provider.post("/workspaces/", form)

    assert "looks like an e-mail address" in Reader(wrong.text).text
    assert Reader(gone.text).by_id("bundle_id-error"), "a bundle that is gone is not called Ubuntu"
    page = provider.read(right.location)
    assert page.by_id("workspace-status")["data-state"] == "PENDING"
    assert GUEST in page.text


def test_a_workspace_of_azure_is_described_in_its_words(order: Callable[..., int], provider: Visitor) -> None:
    workspace_id = order(heartbeat_at=START - timedelta(days=2))

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert "Last heartbeat" in page.text and "may not send one for days" in page.text
    assert "ms-avd:connect?workspaceid=" in page.text
    assert "https://windows.cloud.microsoft/webclient/avd/" in page.text
    assert "by the minute while allocated; the disk always" in page.text
    assert "Azure cannot rebuild a desktop in place; terminate it and order again." in page.text
    assert "deallocates it" in page.text
    assert not [word for word in AMAZONS if word in page.text]


def test_a_rebuild_is_refused_on_its_own_page_too(order: Callable[..., int], provider: Visitor) -> None:
    workspace_id = order()
    page = provider.read(f"/workspaces/{workspace_id}/rebuild", status=409)

    assert "terminate it and order again" in page.text and page.headings == ["Rebuilding is not possible"]
    assert f"/workspaces/{workspace_id}/" in page.links() and page.find("button", data_tone="danger") == []


def test_the_end_names_everything_that_goes(order: Callable[..., int], provider: Visitor) -> None:
    page = provider.read(f"/workspaces/{order()}/terminate")

    assert "The machine, network interface, disk and host pool registration" in page.text


def test_a_seeker_connects_with_windows_app(order: Callable[..., int], hired: int, seeker: Visitor) -> None:
    workspace_id = order(application_id=hired)

    page = seeker.read(f"/desktops/{workspace_id}/")

    assert str(page.by_id("open-client")["href"]).startswith("ms-avd:connect?")
    assert str(page.by_id("open-browser")["href"]).startswith("https://windows.cloud.microsoft/")
    assert "Open in Windows App" in page.text and "iPhone" in page.text
    assert not [word for word in AMAZONS if word in page.text]


def test_a_guest_reads_about_the_invitation(order: Callable[..., int], hired: int, seeker: Visitor) -> None:
    page = seeker.read(f"/desktops/{order(GUEST, application_id=hired)}/")

    assert "accept the invitation" in page.text.lower()
    assert "sam.okafor@home.example" in page.text
    assert "#EXT#" not in page.text


def test_a_stopped_desktop_says_whether_connecting_starts_it(
    desk: Desk, order: Callable[..., int], hired: int, provider: Visitor, seeker: Visitor
) -> None:
    workspace_id = order(application_id=hired, cloud_state=CloudState.STOPPED, cloud_word="Deallocated")
    by_itself = seeker.read(f"/desktops/{workspace_id}/")
    assert "It starts by itself when you connect." in by_itself.text
    assert by_itself.by_id("open-client")

    observe(desk.context, desk.credential_id, starts_on_connect=False)

    for path in ("/desktops/", f"/desktops/{workspace_id}/"):
        page = seeker.read(path)
        assert "Ask the company to start it." in page.text
        assert "starts by itself" not in page.text
    text = provider.read(f"/workspaces/{workspace_id}/").text
    assert "start it here when the person needs it" in text


def test_the_deletion_says_what_stays_in_entra(azure_id: int, provider: Visitor) -> None:
    page = provider.read(f"/credentials/{azure_id}/delete")

    assert "The client secret stays valid in Entra" in page.text


def test_the_bundles_are_those_of_azure(azure_id: int, provider: Visitor) -> None:
    page = provider.read(f"/credentials/{azure_id}/bundles/")

    assert "127 GiB" in page.text and "127 + 0" not in page.text
    assert "your own" not in page.text
    assert not [word for word in AMAZONS if word in page.text]
