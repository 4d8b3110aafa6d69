"""How an answer may be used: its type is named, no other site reads it, nothing lists what is on the disk."""

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.desk import Desk
from tests.pages.reader import Visitor
from webapp.pages.headers import CSP

ELSEWHERE = "https://evil.example"
PATHS = (
    "/",
    "/sign-in",
    "/board/",
    "/nowhere",
    "/workspaces/",
    "/workspaces/999/",
    "/workspaces/rows",
    "/workspaces/desktops.csv",
    "/costs/",
    "/healthz",
    "/metrics",
    "/static/logo.svg",
    "/static/nothing",
    "/assets/berth.css",
    "/assets/app.js",
    "/assets/nothing",
    "/docs/api/",
    "/api/nowhere",
    "/api/workspaces/workspaces/",
    "/api/workspaces/openapi.json",
)
TEXTS = ("text/", "image/svg+xml", "application/xml")
ON_THE_DISK = (
    "/static/",
    "/static/css/",
    "/static/js",
    "/assets/",
    "/.git/config",
    "/.git/HEAD",
    "/static/../.git/config",
    "/static/..%2f.git/config",
    "/static/..%252f.git/config",
    "/.env",
    "/wsgi.py",
    "/requirements.txt",
    "/berth.sqlite3",
)


def rules() -> dict[str, str]:
    return dict(one.partition(" ")[::2] for one in CSP)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_names_its_type_and_the_charset_of_its_text(
    desk: Desk, provider: Visitor, path: str
) -> None:
    desk.available()

    answer = provider.get(path)

    assert answer.data and answer.content_type, path
    if answer.mimetype.startswith(TEXTS):
        assert "charset=utf-8" in answer.content_type.lower(), (path, answer.content_type)
    elif answer.mimetype.endswith("json"):
        answer.data.decode("utf-8")
        assert answer.get_json() is not None


@pytest.mark.parametrize("path", PATHS)
def test_no_other_site_may_read_an_answer(provider: Visitor, path: str) -> None:
    asked = {"Origin": ELSEWHERE, "Access-Control-Request-Method": "POST"}

    answers = [
        provider.get(path, headers={"Origin": ELSEWHERE}),
        provider.client.options(path, headers=asked | {"Access-Control-Request-Headers": "X-CSRFToken"}),
    ]

    for answer in answers:
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")], path
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_pages_load_and_run_what_comes_from_here_and_stand_in_no_frame() -> None:
    found = rules()

    assert found["default-src"] == found["object-src"] == found["base-uri"] == "'none'"
    assert found["frame-ancestors"] == "'none'"
    assert found["script-src"] == found["style-src"] == found["form-action"] == "'self'"
    assert set(" ".join(found.values()).split()) == {"'none'", "'self'", "data:"}
    assert "data:" in found["img-src"] and "data:" not in found["script-src"]


@pytest.mark.parametrize("path", ON_THE_DISK)
def test_nothing_on_the_disk_is_listed_or_read(stranger: Visitor, path: str) -> None:
    assert stranger.get(path).status_code == 404


def test_trace_gives_nobodys_headers_back(app: Flask, provider: Visitor) -> None:
    for path in ("/", "/workspaces/", "/static/logo.svg", "/api/workspaces/workspaces/"):
        answer = provider.client.open(path, method="TRACE", headers={"X-Own": "canary"})

        assert answer.status_code == 405, path
        assert "canary" not in answer.text


def test_what_is_asked_for_is_decoded_once(provider: Visitor) -> None:
    page = provider.read("/workspaces/?q=%2561da").by_id("q")

    assert page["value"] == "%61da"


def test_no_address_goes_on_to_another_host_because_a_caller_says_so(app: Flask, stranger: Visitor) -> None:
    """Neither what stands in the address nor what a header says chooses the host."""
    for path in (
        "//evil.example/",
        "/\\evil.example",
        "/sign-in/%2f%2fevil.example",
        "/workspaces?next=//evil.example",
    ):
        for headers in ({}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
            try:
                location = stranger.client.get(path, headers=headers).location or ""
            except HTTPException:  # no such address
                continue
            assert not location.startswith(("//", "http://evil", "https://evil")), (path, location)


def test_each_page_of_a_signed_in_person_has_the_way_out(
    desk: Desk, provider: Visitor, seeker: Visitor
) -> None:
    desk.available()
    for visitor, paths in (
        (
            provider,
            (
                "/start/",
                "/workspaces/",
                "/workspaces/1/",
                "/people/",
                "/account/",
                "/tokens/",
                "/workspaces/999/",
            ),
        ),
        (seeker, ("/desktops/", "/board/", "/account/", "/desktops/999/")),
    ):
        for path in paths:
            html = visitor.get(path).text
            assert 'action="/sign-out"' in html and ">Sign out<" in html, path
