"""Budgets by the API: added, read with their figures, changed, lifted, removed; and what they refuse."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.api.world import Callers
from webapp.extensions import db
from webapp.models import Workspace

COMPANY = {"subject": "company", "currency": "EUR", "month_minor": 150_000}


def add(api: Callers, **changes: Any) -> dict[str, Any]:
    answer = api("POST", "/budgets/", json=COMPANY | changes)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"].endswith(f"/budgets/{answer.json['id']}/")
    return answer.json


def price(app: Flask, minor: int | None, currency: str | None) -> None:
    with app.app_context():
        db.session.execute(
            update(Workspace).values(month_price_minor=minor, month_fee_minor=0, price_currency=currency)
        )
        db.session.commit()


def test_a_budget_is_shown_with_what_is_spent_and_to_come(api: Callers, api_app: Flask):
    price(api_app, 30_00, "EUR")
    made = add(api, total_minor=900_000)

    found = api("GET", f"/budgets/{made['id']}/").json

    # 24 November: seven of thirty days are left.
    assert found["figures"] == [
        {"term": "month", "limit_minor": 150_000, "spent_minor": 0, "still_to_come_minor": 700},
        {"term": "whole", "limit_minor": 900_000, "spent_minor": 0, "still_to_come_minor": 700},
    ]
    assert (found["is_lifted"], found["unpriced_workspaces"], found["foreign_workspaces"]) == (False, 0, 0)
    assert api("GET", "/budgets/").json["count"] == 2


def test_what_does_not_count_is_counted_by_number(api: Callers, api_app: Flask):
    made = add(api)

    price(api_app, 5, "USD")
    foreign = api("GET", f"/budgets/{made['id']}/").json
    price(api_app, None, None)
    unpriced = api("GET", f"/budgets/{made['id']}/").json

    assert (foreign["foreign_workspaces"], foreign["unpriced_workspaces"]) == (1, 0)
    assert (unpriced["foreign_workspaces"], unpriced["unpriced_workspaces"]) == (0, 1)


def test_limits_are_replaced_and_a_lift_has_its_reason(api: Callers):
    one = f"/budgets/{add(api)['id']}/"

    changed = api("PUT", one, json={"total_minor": 5}).json
    lifted = api("POST", f"{one}lift/", json={"until": "2026-11-30T12:00:00+02:00", "reason": "Late"}).json
    removed = api("DELETE", one)

    assert (changed["month_minor"], changed["total_minor"]) == (None, 5)
    assert (lifted["is_lifted"], lifted["lifted_until"], lifted["lift_reason"]) == (
        True,
        "2026-11-30T10:00:00Z",
        "Late",
    )
    assert removed.status_code == 204
    assert api("GET", one).status_code == 404


@pytest.mark.parametrize(
    ("status", "field", "changes"),
    [
        (422, "month_minor", {"month_minor": None}),
        (422, "month_minor", {"month_minor": 0}),
        (422, "month_minor", {"month_minor": "5"}),
        (422, "total_minor", {"total_minor": 1.5}),
        (422, "currency", {"currency": "MOO"}),
        (422, "subject", {"subject": "moon"}),
        (422, "subject", {"subject": "job"}),
        (422, "subject", {"job_posting_id": 1}),
        (409, "subject", {"currency": "USD"}),
        (404, None, {"subject": "job", "job_posting_id": 9999}),
        (404, None, {"subject": "cohort", "cohort_id": 9999}),
    ],
)
def test_what_cannot_be_a_budget_is_refused(
    api: Callers, status: int, field: str | None, changes: dict[str, Any]
):
    answer = api("POST", "/budgets/", json=COMPANY | changes)

    assert answer.status_code == status, answer.json
    assert list(answer.json["errors"]) == ([field] if field else [])


@pytest.mark.parametrize(
    "lift",
    [
        {"until": "2026-11-24T10:00:00Z", "reason": "Now"},
        {"until": "2030-01-01T00:00:00Z", "reason": "Far"},
        {"until": "2026-11-30T10:00:00", "reason": "Where?"},
        {"until": "2026-11-30T10:00:00Z", "reason": " "},
        {"until": "2026-11-30T10:00:00Z"},
    ],
)
def test_a_lift_without_an_end_or_a_reason_is_refused(api: Callers, lift: dict[str, str]):
    assert api("POST", f"/budgets/{api.world.budget_id}/lift/", json=lift).status_code == 422


def test_pages_follow_each_other(api: Callers):
    add(api)
    first = api("GET", "/budgets/?limit=1").json
    second = api("GET", first["next"].removeprefix("/api/workspaces")).json

    assert [len(first["budgets"]), len(second["budgets"]), second["next"]] == [1, 1, None]
    assert first["budgets"] != second["budgets"]
