"""People's own account: the password, and the browsers in which they are signed in."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.desk import PASSWORD, Desk
from tests.pages.reader import Reader, Visitor

NEW_PASSWORD = "seven herons over the quay"
PROVIDER = "provider@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture
def clients(app: Flask, desk: Desk) -> Iterator[list[FlaskClient]]:
    yield [app.test_client(), app.test_client()]


def enter(
    client: FlaskClient, password: str = PASSWORD, *, email: str = PROVIDER, browser: str = FIREFOX
) -> int:
    token = Reader(client.get("/sign-in").text).find("meta", name="csrf-token")[0]["content"]
    body = {"email": email, "password": password, "csrf_token": token}
    return client.post("/sign-in", data=body, headers={"User-Agent": browser}).status_code


def change(visitor: Visitor, *, current: str = PASSWORD, password: str = NEW_PASSWORD) -> Reader:
    answer = visitor.post("/account/password", {"current": current, "password": password})
    return visitor.read("/account/") if answer.status_code == 303 else Reader(answer.text)


def is_in(client: FlaskClient) -> bool:
    return client.get("/start/").status_code == 200


def test_every_browser_is_shown_by_its_name_and_place(clients: list[FlaskClient]) -> None:
    assert enter(clients[0]) == enter(clients[1], browser="<b>Strange</b>/1.0") == 303

    page = Visitor(clients[0]).read("/account/")

    assert "Firefox on Linux" in page.text
    assert "An unknown browser" in page.text
    assert "127.0.0.1" in page.text
    assert "<b>Strange" not in page.text
    assert page.text.count("This browser") == 1


def test_another_browser_is_signed_out_at_once(clients: list[FlaskClient]) -> None:
    enter(clients[0])
    enter(clients[1])
    one = Visitor(clients[0])
    [action] = [
        form["action"]
        for form in one.read("/account/").find("form")
        if "/sessions/" in str(form["action"]) and "/sessions/end" not in str(form["action"])
    ]

    assert one.post(str(action)).status_code == 303

    assert is_in(clients[0])
    assert not is_in(clients[1])


def test_all_others_are_signed_out_in_one_press(clients: list[FlaskClient]) -> None:
    enter(clients[0])
    enter(clients[1])

    Visitor(clients[0]).post("/account/sessions/end")

    assert "1 other browser is signed out." in Visitor(clients[0]).read("/account/").text
    assert [is_in(one) for one in clients] == [True, False]


def test_nobody_ends_the_session_of_another_person(clients: list[FlaskClient], desk: Desk) -> None:
    desk.add_provider("rival@example.com", company="Rival")
    enter(clients[0])
    enter(clients[1], email="rival@example.com")

    statuses = {
        Visitor(clients[1]).post(f"/account/sessions/{number}/end").status_code for number in range(1, 5)
    }

    assert 404 in statuses
    assert is_in(clients[0])


def test_a_new_password_signs_out_everywhere_else_and_is_the_only_one_from_then_on(
    clients: list[FlaskClient],
) -> None:
    enter(clients[0])
    enter(clients[1])

    page = change(Visitor(clients[0]))

    assert "Your password is changed. All other browsers are signed out." in page.text
    assert [is_in(one) for one in clients] == [True, False]
    assert [enter(clients[1], one) for one in (PASSWORD, NEW_PASSWORD)] == [422, 303]


@pytest.mark.parametrize(
    ("current", "password", "field", "message"),
    [
        ("not the password", NEW_PASSWORD, "current", "This is not your current password."),
        (PASSWORD, PASSWORD, "password", "This is the password that you have now."),
        (PASSWORD, "passwordpassword", "password", "Many people use this password"),
        (PASSWORD, "provider-2026", "password", "This password is mostly your name"),
        (PASSWORD, "short", "password", "Use at least 12 characters."),
    ],
)
def test_a_refused_password_changes_nothing(
    clients: list[FlaskClient], current: str, password: str, field: str, message: str
) -> None:
    enter(clients[0])

    page = change(Visitor(clients[0]), current=current, password=password)

    assert message in page.text
    assert page.error_of(field)
    assert enter(clients[1]) == 303


def test_who_finds_a_browser_open_may_guess_ten_times(clients: list[FlaskClient]) -> None:
    enter(clients[0])
    visitor = Visitor(clients[0])
    for _ in range(10):
        change(visitor, current="not the password")

    page = change(visitor)

    assert "Too many attempts" in page.text
    assert enter(clients[1]) == 303


def test_a_stranger_who_guesses_does_not_lock_out_a_browser_that_is_known(clients: list[FlaskClient]) -> None:
    owner, stranger = clients
    enter(owner)
    Visitor(owner).post("/sign-out")

    assert [enter(stranger, "not the password") for _ in range(11)][-2:] == [422, 429]

    assert enter(stranger) == 429
    assert enter(owner) == 303


def test_a_changed_mark_of_a_browser_is_worth_nothing(clients: list[FlaskClient]) -> None:
    owner, stranger = clients
    enter(owner)
    stranger.set_cookie("berth-browser", "e30.forged")

    assert [enter(stranger, "not the password") for _ in range(11)][-1] == 429
