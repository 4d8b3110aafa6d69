"""Every error under /api/ is a problem document, and reveals nothing that it should not."""

import pytest
from flask import Flask

from tests.api.world import Callers

MEMBERS = {"type", "title", "status", "code", "detail", "errors", "request_id"}


def check_problem(answer, status: int, code: str) -> None:
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert set(answer.json) >= MEMBERS
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        ({"method": "GET", "path": "/nothing/"}, 404, "not_found"),
        ({"method": "GET", "path": f"/workspaces/{2**31}/"}, 404, "not_found"),
        ({"method": "GET", "path": f"/workspaces/{2**63}/"}, 404, "not_found"),
        ({"method": "GET", "path": f"/bundles/{2**31 - 1}/"}, 404, "not_found"),
        ({"method": "GET", "path": "/workspaces/-1/"}, 404, "not_found"),
        ({"method": "PATCH", "path": "/workspaces/"}, 405, "method_not_allowed"),
        ({"method": "TRACE", "path": "/workspaces/"}, 405, "method_not_allowed"),
        (
            {"method": "POST", "path": "/workspaces/", "data": "{", "content_type": "application/json"},
            400,
            "malformed_json",
        ),
        (
            {"method": "POST", "path": "/workspaces/", "data": b"\xff", "content_type": "application/json"},
            400,
            "malformed_json",
        ),
        (
            {
                "method": "POST",
                "path": "/workspaces/",
                "data": "[" * 90_000,
                "content_type": "application/json",
            },
            400,
            "malformed_json",
        ),
        (
            {
                "method": "POST",
                "path": "/workspaces/",
                "data": "9" * 9_000,
                "content_type": "application/json",
            },
            400,
            "malformed_json",
        ),
        (
            {"method": "POST", "path": "/workspaces/", "data": "[]", "content_type": "application/json"},
            422,
            "invalid",
        ),
        (
            {"method": "POST", "path": "/workspaces/", "data": "null", "content_type": "application/json"},
            422,
            "invalid",
        ),
        (
            {"method": "POST", "path": "/workspaces/", "data": "{}", "content_type": "text/plain"},
            415,
            "unsupported_media_type",
        ),
        ({"method": "POST", "path": "/workspaces/", "data": {"a": "b"}}, 415, "unsupported_media_type"),
        (
            {
                "method": "POST",
                "path": "/workspaces/",
                "data": b" " * 300_000,
                "content_type": "application/json",
            },
            413,
            "body_too_large",
        ),
    ],
)
def test_errors_are_problem_documents(api: Callers, call, status, code):
    call = dict(call)

    answer = api(call.pop("method"), call.pop("path"), **call)

    check_problem(answer, status, code)


def test_a_wrong_method_is_answered_with_the_right_ones(api: Callers):
    answer = api("PATCH", "/workspaces/")

    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.own_app
def test_a_fault_shows_nothing_but_its_number(api_app: Flask, api: Callers):
    def fail() -> None:
        raise RuntimeError("internal words: password=hunter2")

    api_app.view_functions["api.list_workspaces"] = fail

    answer = api("GET", "/workspaces/")

    # The guard was replaced together with the view, and the caller is still known.
    check_problem(answer, 500, "internal_error")
    assert "hunter2" not in answer.text and "Traceback" not in answer.text


def test_paths_outside_the_api_keep_their_own_errors(api_app: Flask):
    answer = api_app.test_client().get("/no-such-page")

    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_missing_slash_is_redirected_with_method_and_query_kept(api: Callers, method):
    path = "/workspaces" if method != "DELETE" else "/workspaces/1"

    answer = api(method, f"{path}?limit=3")

    assert answer.status_code == 308
    assert answer.headers["Location"].endswith(f"/api/workspaces{path}/?limit=3")


def test_options_and_head_behave(api: Callers):
    options, head = api("OPTIONS", "/workspaces/", by="nobody"), api("HEAD", "/workspaces/")

    assert (options.status_code, head.status_code) == (200, 200)
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(options.headers["Allow"].split(", "))
    assert head.data == b""


def test_answers_are_not_kept_by_anyone(api: Callers):
    assert api("GET", "/workspaces/").headers["Cache-Control"] == "no-store"
