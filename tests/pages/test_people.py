"""Signing in, up and out, as a browser sees it."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.desk import PASSWORD, Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.demo_people import DEMO_PEOPLE
from webapp.extensions import db, limiter
from webapp.factory import create_app

RIGHT = {"email": "provider@example.com", "password": PASSWORD}


def test_a_provider_begins_at_what_needs_them_and_a_seeker_at_the_desktops(app: Flask, desk: Desk) -> None:
    seeker = {"email": desk.add_seeker().email, "password": PASSWORD}

    assert Visitor(app.test_client()).post("/sign-in", RIGHT).location == "/start/"
    assert Visitor(app.test_client()).post("/sign-in", seeker).location == "/desktops/"


def test_a_wrong_password_and_an_unknown_address_look_the_same(app: Flask, desk: Desk) -> None:
    texts = []
    for wrong in ({**RIGHT, "password": "not this one"}, {**RIGHT, "email": "nobody@example.com"}):
        response = Visitor(app.test_client()).post("/sign-in", wrong)
        assert response.status_code == 422
        texts.append(Reader(response.text).text)

    assert "The e-mail address or password is incorrect." in texts[0]
    assert texts[0] == texts[1]


def test_the_address_stays_in_the_form_and_the_password_does_not(stranger: Visitor) -> None:
    response = stranger.post("/sign-in", {**RIGHT, "password": "not this one"})

    assert Reader(response.text).by_id("email")["value"] == RIGHT["email"]
    assert "not this one" not in response.text


@pytest.mark.parametrize(
    "target, expected",
    [
        ("/jobs/?q=1", "/jobs/?q=1"),
        ("https://elsewhere.example/", "/start/"),
        ("//elsewhere.example/", "/start/"),
        ("/\\elsewhere.example", "/start/"),
        ("/\t/elsewhere.example", "/start/"),
        ("javascript:alert(1)", "/start/"),
        ("/sign-out", "/start/"),
        ("", "/start/"),
    ],
)
def test_signing_in_leads_back_but_never_to_another_site(
    stranger: Visitor, target: str, expected: str
) -> None:
    assert stranger.post("/sign-in", {**RIGHT, "next": target}).location == expected


def test_a_stranger_is_led_to_the_way_in_and_back(stranger: Visitor) -> None:
    location = urlsplit(stranger.get("/workspaces/?q=sam").location)

    assert location.path == "/sign-in"
    assert parse_qs(location.query) == {"next": ["/workspaces/?q=sam"]}


def test_a_fragment_never_becomes_the_sign_in_page(stranger: Visitor) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/workspaces/?q=sam"}

    response = stranger.get("/workspaces/rows", headers=headers)

    assert (response.status_code, response.text) == (401, "")
    assert response.headers["X-Berth-Sign-In"] == "/sign-in?next=/workspaces/?q%3Dsam"
    assert "HX-Redirect" not in response.headers, "a look must not take away what somebody is typing"


def test_a_press_without_a_session_leads_to_the_way_in(stranger: Visitor) -> None:
    response = stranger.post("/workspaces/1/stop", is_htmx=True)

    assert (response.status_code, response.text) == (401, "")
    assert response.headers["HX-Redirect"].startswith("/sign-in")


def test_signing_out_ends_the_session_for_copies_of_the_cookie_too(app: Flask, provider: Visitor) -> None:
    copy = app.test_client()
    cookie = provider.client.get_cookie("berth")
    assert cookie is not None
    copy.set_cookie("berth", cookie.value)
    assert copy.get("/workspaces/").status_code == 200

    provider.post("/sign-out")

    assert provider.get("/workspaces/").status_code == 302
    assert copy.get("/workspaces/").status_code == 302


def test_the_session_of_a_busy_person_lives_on_and_an_idle_one_ends(desk: Desk, provider: Visitor) -> None:
    for _ in range(3):
        desk.clock.pause(4 * 3600)
        assert provider.get("/workspaces/").status_code == 200

    desk.clock.pause(9 * 3600)

    assert provider.get("/workspaces/").status_code == 302


def test_polls_alone_do_not_keep_a_session_alive(desk: Desk, provider: Visitor) -> None:
    for _ in range(3):
        desk.clock.pause(3 * 3600)
        answer = provider.get("/workspaces/rows", headers={"HX-Request": "true"})

    assert answer.status_code == 401


def test_guessing_from_one_address_is_slowed_down(stranger: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    token = Reader(stranger.get("/sign-in").text).find("meta", name="csrf-token")[0]["content"]
    form = {"email": "", "password": "", "csrf_token": token}  # refused before any hashing

    answers = [
        stranger.client.post("/sign-in", data=form, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
        for _ in range(125)  # the limit is 60 in a minute, and a minute may end in between
    ]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 422
    assert refused, "125 attempts fall into at most two windows of 60"
    assert "Retry-After" in refused[0].headers
    assert Reader(refused[0].text).headings == ["Too many requests"]


def test_a_company_signs_up_and_is_inside_at_once(stranger: Visitor) -> None:
    response = stranger.post(
        "/sign-up/company",
        {"company_name": "Newport", "name": "Nia", "email": "nia@newport.example", "password": PASSWORD},
    )

    assert response.location == "/start/"
    assert "Three steps to your first desktop" in stranger.read("/start/").text


def test_a_weak_password_is_refused_beside_its_field(stranger: Visitor) -> None:
    response = stranger.post(
        "/sign-up/person", {"name": "Sam", "email": "sam@example.com", "password": "short"}
    )

    page = Reader(response.text)
    assert response.status_code == 422
    assert page.error_of("password")
    assert page.by_id("email")["value"] == "sam@example.com"
    assert "short" not in {a.get("value") for _, a in page.elements}


def test_an_address_that_is_taken_says_no_more_than_needed(stranger: Visitor) -> None:
    response = stranger.post("/sign-up/person", {**RIGHT, "name": "Sam"})

    assert response.status_code == 409
    assert "You cannot sign up with this e-mail address." in Reader(response.text).text


def test_whoever_signs_up_from_a_job_comes_back_to_it(stranger: Visitor) -> None:
    form = {"name": "Noor", "email": "noor@example.com", "password": "correct horse battery"}

    answer = stranger.post("/sign-up/person", {**form, "next": "/board/1/"})

    assert (answer.status_code, answer.location) == (303, "/board/1/")


def test_the_demos_people_enter_in_one_press_where_there_is_a_demo_and_nowhere_else(
    desk: Desk, stranger: Visitor
) -> None:
    desk.add_provider(DEMO_PEOPLE["provider"].email, company="Harbour")
    desk.session.commit()
    settings = replace(desk.settings, credential_private_keys=(), demo_password=PASSWORD)
    demo = create_app(settings, clock=desk.clock, notifier=desk.notifier)
    demo.config["RATELIMIT_ENABLED"] = False
    visitor = Visitor(demo.test_client())

    offered = visitor.read("/sign-in")
    entered = visitor.post("/sign-in/demo/provider")

    assert "Pia Lund" in offered.text and PASSWORD not in visitor.get("/sign-in").text
    assert (entered.status_code, entered.location) == (303, "/start/")
    assert "Pia Lund" not in stranger.read("/sign-in").text
    assert stranger.post("/sign-in/demo/provider").status_code == 404
    with demo.app_context():
        db.engine.dispose()
