"""Cloud credentials and bundles as the provider sees them."""

from sandbox.demo import DEMO_SECRET_ACCESS_KEY
from tests.desk import SECRET_FIELDS, UBUNTU, Desk
from tests.pages.reader import Reader, Visitor

OTHER_SECRET = "another/secret+of+forty+characters+00002"
AMAZON = {"cloud_provider": "aws", **SECRET_FIELDS}


def test_a_credential_is_stored_and_tested_at_once(desk: Desk, provider: Visitor) -> None:
    response = provider.post("/credentials/", {**AMAZON, "name": "Second"})
    waiting = provider.read(response.location)
    assert "hx-trigger" in waiting.by_id("credential-checks")

    desk.work()

    page = provider.read(response.location)
    assert "hx-trigger" not in page.by_id("credential-checks")
    assert "workspaces:CreateWorkspaces" in page.text
    assert "Ready" in page.text


def test_the_secret_never_comes_back(desk: Desk, provider: Visitor) -> None:
    wrong = provider.post("/credentials/", {**AMAZON, "name": "Second", "directory_id": "d-1"})
    assert wrong.status_code == 422
    assert DEMO_SECRET_ACCESS_KEY not in wrong.text

    for path in ("/credentials/", "/credentials/1/", "/credentials/1/edit"):
        assert DEMO_SECRET_ACCESS_KEY not in provider.get(path).text


def test_a_wrong_field_keeps_the_rest_and_says_what_is_wrong_beside_it(provider: Visitor) -> None:
    response = provider.post("/credentials/", {**AMAZON, "name": "Second", "directory_id": "d-1"})

    page = Reader(response.text)
    assert page.error_of("directory_id")
    assert page.by_id("name")["value"] == "Second"
    assert "autofocus" in page.find("div", role="alert")[0]
    assert "#directory_id" in page.links()


def test_a_name_that_is_taken_is_a_message_and_not_a_fault(provider: Visitor) -> None:
    response = provider.post("/credentials/", {**AMAZON, "name": "Cloud"})

    assert response.status_code == 409
    assert Reader(response.text).error_of("name")


def test_an_edit_without_a_secret_keeps_the_stored_one(desk: Desk, provider: Visitor) -> None:
    before = desk.credential().sealed_secret
    form = {**SECRET_FIELDS, "name": "Renamed", "secret_access_key": ""}

    assert provider.post("/credentials/1/", form).status_code == 303

    assert (desk.credential().name, desk.credential().sealed_secret) == ("Renamed", before)


def test_bad_news_of_a_test_name_the_check_and_the_remedy(desk: Desk, provider: Visitor) -> None:
    provider.post("/credentials/1/", {**SECRET_FIELDS, "name": "Cloud", "secret_access_key": OTHER_SECRET})

    response = provider.post("/credentials/1/test")

    page = provider.read(response.location)
    assert "Test failed" in page.text
    assert page.find("li", data_tone="bad")
    [leads] = [one for one in page.find("a", **{"class": "button"}) if "data-tone" not in one]
    assert leads["href"] == "/credentials/1/edit"


def test_a_credential_in_use_cannot_be_deleted(desk: Desk, provider: Visitor) -> None:
    desk.order()

    assert "1 desktop still uses this cloud account." in provider.read("/credentials/1/delete").text
    assert provider.post("/credentials/1/delete").status_code == 409
    assert provider.get("/credentials/1/").status_code == 200


def test_an_unused_credential_is_deleted_with_its_secret(desk: Desk, provider: Visitor) -> None:
    provider.post("/credentials/1/delete", {"confirm": "Cloud"})

    assert provider.get("/credentials/1/").status_code == 404
    assert desk.credential().sealed_secret == ""


def test_bundles_come_by_a_button_without_scripts_and_by_polling_with_them(
    desk: Desk, provider: Visitor
) -> None:
    assert "Refresh" in provider.read("/credentials/1/bundles/").text

    asked = Reader(provider.post("/credentials/1/bundles/refresh", is_htmx=True).text)
    assert asked.by_id("bundle-list")["hx-trigger"] == "every 1s"
    desk.work()

    listed = provider.read("/credentials/1/bundles/")
    assert "hx-trigger" not in listed.by_id("bundle-list")
    assert f"/workspaces/new?credential=1&bundle={UBUNTU}" in listed.links()
    assert "unavailable, and why" in listed.text


def test_a_worker_that_stays_away_ends_the_polling_in_words(desk: Desk, provider: Visitor) -> None:
    provider.post("/credentials/1/bundles/refresh", is_htmx=True)
    desk.clock.pause(120)

    page = provider.read("/credentials/1/bundles/")

    assert "No worker has answered yet" in page.text
    assert "hx-trigger" not in page.by_id("bundle-list")
