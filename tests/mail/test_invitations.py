"""Invitations by mail: each person gets one link, and it is the one that works."""

import re

import pytest
from flask import Flask

from tests.desk import PASSWORD, Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.pages.reader import Visitor
from webapp.domain.errors import TooMany
from webapp.models import Application, Mail
from webapp.services import invitation_limits, invitations, tokens
from webapp.services.hiring import invite_one
from webapp.services.invitation_limits import AGAIN_AFTER, WINDOW
from webapp.services.invitations import Wanted


def links(office: Office) -> dict[str, str]:
    """By recipient, of the newest mail."""
    found = {}
    for one in office.arrived:
        match = re.search(r"https://portal\.example/berth/invitation/\?link=(\S+)", one.text("plain"))
        if match:
            found[one.recipients[0]] = match[1]
    return found


def test_thirty_people_are_invited_by_mail_and_thirty_accept(
    app: Flask, desk: Desk, office: Office, postman: Postman
) -> None:
    posting_id = desk.add_application().job_posting_id
    people = [Wanted(f"person{number}@example.com", f"Person {number}") for number in range(30)]
    invitations.invite(
        desk.context,
        people,
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
        posting_id=posting_id,
    )
    desk.session.rollback()
    for _ in range(5):
        postman.work()

    assert len(links(office)) == 30
    assert office.subjects().count("Quayside invites you: Analyst") == 30
    for number, token in enumerate(links(office).values()):
        values = {"link": token, "name": f"Person {number}", "password": PASSWORD}
        assert Visitor(app.test_client()).post("/invitation/", values).status_code == 303
    approved = desk.session.query(Application).filter_by(job_posting_id=posting_id, status="approved").count()
    assert approved >= 30


def test_a_withdrawn_invitation_that_waits_leads_nowhere(
    app: Flask, desk: Desk, office: Office, postman: Postman
) -> None:
    company_id = desk.provider.company_id or 0
    [sent] = invitations.invite(
        desk.context, [Wanted("ada@example.com")], company_id=company_id, invited_by=desk.provider
    )
    invitations.revoke(desk.context, sent.invitation_id or 0, company_id=company_id, by=desk.provider)
    desk.session.rollback()
    postman.work()

    assert Visitor(app.test_client()).get(f"/invitation/?link={sent.token}").status_code == 410


def test_the_api_shows_no_link_that_goes_by_mail(
    app: Flask, desk: Desk, office: Office, postman: Postman
) -> None:
    posting_id = desk.add_application().job_posting_id
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="ats")
    desk.session.rollback()
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    hired = client.post(
        "/api/workspaces/applications/", json={"email": "ada@example.com", "job_posting_id": posting_id}
    )
    path = f"/api/workspaces/invitations/{hired.json['invitation']['id']}/send-again/"
    soon = client.post(path, json={})
    desk.clock.pause(AGAIN_AFTER.total_seconds())
    again = client.post(path, json={})
    postman.work()

    assert (hired.status_code, soon.status_code, again.status_code) == (202, 429, 200)
    assert (hired.json["invitation"]["url"], again.json["url"]) == (None, None)
    assert len(links(office)) == 1


def _invite(desk: Desk, *emails: str) -> list[invitations.Invited]:
    return invitations.invite(
        desk.context,
        [Wanted(email) for email in emails],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
    )


def _mails(desk: Desk) -> int:
    with desk.sessions() as session:
        return session.query(Mail).filter_by(kind="colleague_invited").count()


def test_one_address_gets_no_second_mail_within_five_minutes(
    desk: Desk, office: Office, postman: Postman
) -> None:
    company_id = desk.provider.company_id or 0
    [sent] = _invite(desk, "ada@example.com")

    [again] = _invite(desk, "ada@example.com")
    with pytest.raises(TooMany, match="a moment ago"):
        invitations.send_again(
            desk.context, sent.invitation_id or 0, company_id=company_id, invited_by=desk.provider
        )
    with pytest.raises(TooMany, match="a moment ago"):
        invite_one(desk.context, Wanted("ada@example.com"), company_id=company_id, by=desk.provider)

    assert (again.code, again.token, _mails(desk)) == ("invited_just_now", "", 1)
    invitations.find_invitation(desk.context, sent.token)
    desk.session.rollback()
    desk.clock.pause(AGAIN_AFTER.total_seconds())
    invitations.send_again(
        desk.context, sent.invitation_id or 0, company_id=company_id, invited_by=desk.provider
    )
    assert _mails(desk) == 2


def test_a_company_mails_no_more_invitations_in_an_hour_than_its_limit(
    desk: Desk, office: Office, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitation_limits, "MOST_MAILS", 3)
    company_id = desk.provider.company_id or 0
    [sent, _] = _invite(desk, "ada@example.com", "leo@example.com")
    with pytest.raises(TooMany, match="within an hour"):
        _invite(desk, "mina@example.com", "sam@example.com")
    desk.clock.pause(AGAIN_AFTER.total_seconds())
    _invite(desk, "mina@example.com")
    with pytest.raises(TooMany, match="within an hour"):
        invitations.send_again(
            desk.context, sent.invitation_id or 0, company_id=company_id, invited_by=desk.provider
        )

    assert _mails(desk) == 3
    desk.clock.pause(WINDOW.total_seconds())
    _invite(desk, "sam@example.com")
    assert _mails(desk) == 4
