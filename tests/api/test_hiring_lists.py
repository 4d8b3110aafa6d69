"""The lists of hiring on both databases: whole, in pages, and by their filters."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.services import tokens

pytestmark = both_databases

ROOT = "/api/workspaces"


@pytest.fixture
def read(app: Flask, desk: Desk) -> Callable[[str], list[int]]:
    """The ids of a list, page by page, after its filters; none twice."""
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="lists")
    client: FlaskClient = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    for email in ("ada@example.com", "leo@example.com"):
        body = {"email": email, "job_posting_id": desk.posting_id}
        assert client.post(f"{ROOT}/applications/", json=body).status_code == 202

    def ids(path: str) -> list[int]:
        found: list[int] = []
        place, noun = f"{ROOT}/{path}{'&' if '?' in path else '?'}limit=2", path.partition("/")[0]
        while place:
            page = client.get(place).json
            found += [one["id"] for one in page[noun.replace("-", "_")]]
            place = page["next"]
            assert len(found) <= page["count"]
        assert len(set(found)) == len(found) == page["count"]
        return found

    return ids


def test_lists_have_everything_once_and_in_their_order(desk: Desk, read: Callable[[str], list[int]]) -> None:
    approved = [desk.add_application().id for _ in range(3)]
    waiting = [desk.add_application(is_approved=False).id for _ in range(2)]
    desk.session.rollback()

    assert read("applications/") == [*waiting[::-1], *approved[::-1]]
    assert read("applications/?status=submitted") == waiting[::-1]
    assert read(f"applications/?status=approved&job_posting_id={desk.posting_id}") == approved[::-1]
    assert read("applications/?job_posting_id=9999") == []
    assert len(read("people/")) == 4
    assert len(read("people/?kind=hired")) == 3
    assert read("people/?kind=colleague") == [desk.provider.id]
    assert len(read("invitations/")) == 2
    assert len(read("invitations/?kind=hire&email=ada@example.com")) == 1
    assert read("job-postings/?status=open") == read("job-postings/")
    assert read("cohorts/") == []
    assert read("webhooks/") == []
