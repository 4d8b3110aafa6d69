"""Invitations by mail: each person gets one link, and it is the one that works."""

import re

from flask import Flask

from tests.desk import PASSWORD, Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.pages.reader import Visitor
from webapp.models import Application
from webapp.services import invitations, tokens
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
    again = client.post(f"/api/workspaces/invitations/{hired.json['invitation']['id']}/send-again/", json={})
    postman.work()

    assert (hired.status_code, again.status_code) == (202, 200)
    assert (hired.json["invitation"]["url"], again.json["url"]) == (None, None)
    assert len(links(office)) == 1
