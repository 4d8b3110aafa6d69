"""Every POST with a key is done once, and what is kept for its repeats shows nothing that is shown once."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.api.test_callers import BODIES, EXPECTED, filled
from tests.api.world import Callers
from webapp.extensions import db
from webapp.models import Base, IdempotencyKey

POSTS = sorted(route for route in EXPECTED if route[0] == "POST")
SHOWN_ONCE = re.compile(r"(?<=link=)[\w-]+|whsec_[\w+/=]+")
NO_ANSWER = (429, 503)
"""Not kept: the next one does the work."""


def counts(app: Flask) -> dict[str, int]:
    """How many rows each table has, but for the trail, which notes every call."""
    with app.app_context():
        tables = [one for one in Base.metadata.sorted_tables if one.name != "trail_entries"]
        return {one.name: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


@pytest.mark.parametrize("route", POSTS, ids=" ".join)
def test_a_repeat_gets_the_first_answer_and_does_nothing(api_app: Flask, api: Callers, route) -> None:
    path, key = filled(route, api.world), {"Idempotency-Key": "once"}
    more = {"json": BODIES[route]} if route in BODIES else {}

    first = api("POST", path, headers=key, **more)
    before = counts(api_app)
    again = api("POST", path, headers=key, **more)

    if first.status_code in NO_ANSWER:
        assert "Idempotency-Replayed" not in again.headers
        return
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert counts(api_app) == before
    with api_app.app_context():
        [kept] = db.session.scalars(select(IdempotencyKey.body)).all()
    assert [text for text in SHOWN_ONCE.findall(first.text) if text in (kept or "")] == []
    assert (kept or "").startswith("sealed:") == bool(SHOWN_ONCE.search(first.text))
