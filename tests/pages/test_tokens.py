"""A person makes, names, scopes and revokes API tokens on a page."""

import re

from flask import Flask

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.roles import CompanyRole
from webapp.models import User

MADE = re.compile(r"berth_[0-9a-f]{8}_[\w-]{40,}")
API = "/api/workspaces/workspaces/"


def calls(app: Flask, token: str, method: str = "GET") -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().open(API, method=method, headers=headers, json={}).status_code


def test_a_token_is_shown_once_and_works_as_far_as_its_scope(app: Flask, provider: Visitor) -> None:
    page = provider.post("/tokens/", {"name": "Hiring tool", "scope": "read", "days": "30"})

    (token,) = MADE.findall(page.text)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert token not in provider.get("/tokens/").text
    assert "Hiring tool" in provider.read("/tokens/").text
    assert (calls(app, token), calls(app, token, "POST")) == (200, 403)


def test_a_revoked_token_is_refused_at_once(app: Flask, provider: Visitor, rival: Visitor) -> None:
    (token,) = MADE.findall(provider.post("/tokens/", {"name": "x", "scope": "write", "days": ""}).text)

    assert rival.post("/tokens/1/revoke").status_code == 404
    assert calls(app, token, "POST") == 422
    assert provider.post("/tokens/1/revoke").status_code == 303
    assert calls(app, token) == 401
    assert "berth_" + token.split("_")[1] not in provider.get("/tokens/").text


def test_a_token_ends_on_its_day(app: Flask, desk: Desk, provider: Visitor) -> None:
    (token,) = MADE.findall(provider.post("/tokens/", {"name": "x", "scope": "read", "days": "30"}).text)

    desk.clock.elapsed_s += 30 * 86_400

    assert calls(app, token) == 401


def test_a_seekers_token_only_reads(app: Flask, seeker: Visitor) -> None:
    (token,) = MADE.findall(seeker.post("/tokens/", {"name": "x", "scope": "write", "days": "30"}).text)

    assert (calls(app, token), calls(app, token, "POST")) == (200, 403)
    assert "Webhooks" not in seeker.read("/tokens/").text


def test_a_token_without_a_name_or_with_a_made_up_scope_comes_back(provider: Visitor) -> None:
    for form, field in (
        ({"name": " ", "scope": "read", "days": "30"}, "name"),
        ({"name": "x", "scope": "admin", "days": "30"}, "scope"),
        ({"name": "x", "scope": "read", "days": "9999"}, "days"),
    ):
        answer = provider.post("/tokens/", form)
        assert answer.status_code == 422
        assert Reader(answer.text).error_of(field)
    assert "No tokens yet" in provider.read("/tokens/").text


def test_a_token_with_a_role_may_do_no_more_than_the_role(app: Flask, provider: Visitor) -> None:
    page = provider.post(
        "/tokens/", {"name": "Book-keeping", "scope": "write", "role": "finance", "days": "30"}
    )
    (token,) = MADE.findall(page.text)
    headers = {"Authorization": f"Bearer {token}"}

    statuses = {
        path: app.test_client().get(f"/api/workspaces/{path}/", headers=headers).status_code
        for path in ("costs", "budgets", "workspaces", "cloud-credentials")
    }

    assert statuses == {"costs": 200, "budgets": 200, "workspaces": 403, "cloud-credentials": 403}
    assert "as finance" in provider.read("/tokens/").text


def test_nobody_makes_a_token_with_a_role_that_allows_more(
    desk: Desk, seeker: Visitor, provider: Visitor
) -> None:
    asked = {"name": "x", "scope": "read", "role": "owner", "days": "30"}
    with desk.sessions.begin() as session:
        session.get_one(User, desk.provider.id).company_role = CompanyRole.RECRUITER

    assert seeker.post("/tokens/", asked).status_code == 422
    assert provider.post("/tokens/", asked).status_code == 422
    assert provider.post("/tokens/", asked | {"role": "auditor"}).status_code == 422
    assert provider.post("/tokens/", asked | {"role": "recruiter"}).status_code == 200
