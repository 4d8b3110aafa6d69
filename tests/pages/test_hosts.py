"""Requests for a host name that is not ours are refused, so that no link is built from it."""

from flask import Flask

SENTENCE = "Berth does not answer under this host name."
PATHS = ("/sign-in", "/api/workspaces/openapi.json", "/healthz", "/not-there", "/static/css/x.css")


def test_only_trusted_names_are_answered(app: Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["berth.example.com", ".desks.example.com", "127.0.0.1"]
    client = app.test_client()
    for host, is_ours in (
        ("berth.example.com", True),
        ("berth.example.com:8443", True),
        ("one.desks.example.com", True),
        ("127.0.0.1:8000", True),
        ("localhost", False),
        ("evil.example", False),
        ("berth.example.com.evil.example", False),
        ("berth.example.com@evil.example", False),
        ("xberth.example.com", False),
        ("169.254.169.254", False),
    ):
        for path in PATHS:
            answer = client.get(path, headers={"Host": host})

            assert (answer.status_code != 400) is is_ours, (host, path)
            if not is_ours:
                is_api = path.startswith("/api/")
                assert answer.json["code"] == "bad_request" if is_api else answer.text.startswith(SENTENCE)


def test_a_development_machine_answers_under_its_own_names_only(app: Flask) -> None:
    client = app.test_client()

    names = ("localhost", "127.0.0.1:8000", "rebound.example")
    statuses = [client.get("/healthz", headers={"Host": name}).status_code for name in names]

    assert statuses == [200, 200, 400]
