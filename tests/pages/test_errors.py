"""What people see when something fails."""

import pytest
from flask import Flask

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.errors import Unavailable


def test_a_wrong_address_gets_a_page_with_a_way_on(stranger: Visitor) -> None:
    page = stranger.read("/nowhere", status=404)

    assert page.headings == ["Page not found"]
    assert "/" in page.links()


@pytest.mark.parametrize(
    "path", ["/workspaces/999/", "/workspaces/999999999999999999/", "/credentials/999/", "/jobs/999/"]
)
def test_an_unknown_id_gets_the_same_page(provider: Visitor, path: str) -> None:
    assert provider.read(path, status=404).headings == ["Page not found"]


def test_a_button_pressed_without_its_token_is_refused_in_words(provider: Visitor) -> None:
    response = provider.client.post("/jobs/", data={"title": "x", "description": "y"})

    assert response.status_code == 400
    assert "has expired" in Reader(response.text).text


def test_a_form_sent_after_signing_out_leads_to_the_sign_in_and_back(stranger: Visitor) -> None:
    referrer = {"Referer": "http://localhost/workspaces/new?application=1"}

    page = stranger.client.post("/workspaces/", data={"username": "x"}, headers=referrer)
    fragment = stranger.client.post("/workspaces/1/start", headers={"HX-Request": "true"})

    way_in = next(link for link in Reader(page.text).links() if link.startswith("/sign-in?"))
    assert "next=/workspaces/new?application%3D1" in way_in and "You are signed out" in page.text
    assert (fragment.status_code, fragment.headers["HX-Redirect"][:8]) == (401, "/sign-in")


def test_the_wrong_method_says_which_are_right(provider: Visitor) -> None:
    response = provider.post("/workspaces/new")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_body_that_is_too_large_is_refused(provider: Visitor) -> None:
    response = provider.post("/jobs/", {"title": "x", "description": "y" * 300_000})

    assert response.status_code == 413
    assert Reader(response.text).headings == ["Too large"]


@pytest.mark.own_app
def test_a_fault_shows_its_reference_and_no_trace(app: Flask, stranger: Visitor) -> None:
    def broken() -> str:
        raise RuntimeError("the secret inside")

    app.add_url_rule("/broken", view_func=broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    response = stranger.get("/broken")

    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in response.text
    assert "secret inside" not in response.text
    assert "Traceback" not in response.text


@pytest.mark.own_app
def test_a_refusal_reaches_an_open_page_as_a_notice(app: Flask, stranger: Visitor) -> None:
    def away() -> str:
        raise Unavailable("The cloud has not answered yet.", retry_after_s=5)

    app.add_url_rule("/away", view_func=away)

    response = stranger.get("/away", headers={"HX-Request": "true"})

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.headers["HX-Retarget"] == "#notice"
    assert "The cloud has not answered yet." in response.text
    assert "<html" not in response.text


def test_pages_of_the_other_role_are_refused(provider: Visitor, seeker: Visitor) -> None:
    assert provider.read("/desktops/", status=403).headings == ["You do not have access"]
    assert seeker.read("/workspaces/", status=403).headings == ["You do not have access"]


def test_faults_under_api_are_answered_in_json(stranger: Visitor) -> None:
    assert not stranger.get("/api/workspaces/nowhere/").mimetype.startswith("text/html")


def test_every_page_of_another_company_answers_404(desk: Desk, rival: Visitor) -> None:
    workspace_id = desk.available()
    desk.prove_everybody()

    for path in (
        f"/workspaces/{workspace_id}/",
        f"/workspaces/{workspace_id}/terminate",
        "/credentials/1/",
        "/credentials/1/edit",
        "/credentials/1/bundles/",
        "/credentials/1/bundles/list",
        "/jobs/1/",
        "/workspaces/new/1/bundles",
    ):
        assert rival.get(path).status_code == 404, path
    for path in (
        f"/workspaces/{workspace_id}/stop",
        f"/workspaces/{workspace_id}/refresh",
        "/credentials/1/test",
        "/credentials/1/delete",
        "/jobs/1/close",
        "/applications/1/reject",
    ):
        assert rival.post(path).status_code == 404, path
    assert rival.read("/workspaces/").by_id("content")
    assert "person." not in rival.read("/workspaces/?ended=1").text
