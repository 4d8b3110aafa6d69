"""Whoever invites too often hears for how long to wait: page and API say it like every other limit."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.desk import Desk
from tests.mail.office import Office
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from webapp.services import invitation_limits, invitations, tokens
from webapp.services.invitation_limits import AGAIN_AFTER
from webapp.services.invitations import Wanted

ADA, LEO = "ada@example.com", "leo@example.com"
MINUTE = 60


def invite(desk: Desk, *emails: str) -> int:
    """The first one's id."""
    found = invitations.invite(
        desk.context,
        [Wanted(email) for email in emails],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
        posting_id=desk.posting_id,
    )
    return found[0].invitation_id or 0


def wait_s(answer: TestResponse) -> int:
    assert answer.status_code == 429, answer.text
    return int(answer.headers["Retry-After"])


@pytest.mark.own_app
def test_the_api_says_how_long_to_wait(app: Flask, desk: Desk, office: Office) -> None:
    invited = invite(desk, ADA)
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="ats")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    desk.clock.pause(MINUTE)
    hire = {"kind": "hire", "email": ADA, "job_posting_id": desk.posting_id}
    colleague = {"kind": "colleague", "email": ADA, "company_role": "recruiter"}
    person = {"email": ADA, "job_posting_id": desk.posting_id}

    answers = [
        client.post(f"/api/workspaces/invitations/{invited}/send-again/", json={}),
        client.post("/api/workspaces/invitations/", json=hire),
        client.post("/api/workspaces/invitations/", json=colleague),
        client.post("/api/workspaces/applications/", json=person),
    ]

    assert [wait_s(one) for one in answers] == [AGAIN_AFTER.total_seconds() - MINUTE] * 4
    assert {one.json["code"] for one in answers} == {"too_many_requests"}


def test_the_pages_say_how_long_to_wait(
    desk: Desk, office: Office, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited = invite(desk, ADA)
    provider = Visitor(sign_in(desk.provider.email))
    desk.clock.pause(MINUTE)
    soon = provider.post(f"/people/invitations/{invited}/again")
    monkeypatch.setattr(invitation_limits, "MOST_MAILS", 1)

    many = provider.post("/people/invite", {"job": str(desk.posting_id), "people": LEO})

    assert wait_s(soon) == AGAIN_AFTER.total_seconds() - MINUTE
    assert wait_s(many) == 3600
