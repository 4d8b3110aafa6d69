"""Applications by the API: listed, decided; and somebody hired by nothing but an e-mail address."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.world import Callers
from webapp.domain.roles import CompanyRole, Role
from webapp.extensions import db
from webapp.models import Application, Invitation, User
from webapp.services import tokens

NEW = "mina@people.example"


def hire(api: Callers, email: str, **more: Any):
    posting = api("POST", "/job-postings/", json={"title": "Analyst", "description": "Numbers"}).json
    body = {"job_posting_id": posting["id"], "email": email, **more}
    return api("POST", "/applications/", json=body)


def accept(app: Flask, url: str, *, name: str, password: str = "a long way to the sea") -> None:
    """As the person does who opens the link."""
    app.config["WTF_CSRF_ENABLED"] = False
    form = {"link": url.rpartition("=")[2], "name": name, "password": password}
    try:
        assert app.test_client().post("/invitation/", data=form).status_code == 303
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


def test_applications_are_listed_by_job_and_status_newest_first(api: Callers):
    waiting = api("GET", "/applications/?status=submitted").json
    of_job = api("GET", f"/applications/?job_posting_id={api.world.posting_id}").json

    assert [one["id"] for one in waiting["applications"]] == [api.world.waiting_application_id]
    assert {one["id"] for one in of_job["applications"]} == {
        api.world.application_id,
        api.world.waiting_application_id,
    }
    served = {one["id"]: one["workspace_id"] for one in of_job["applications"]}
    assert served == {
        api.world.application_id: api.world.workspace_id,
        api.world.waiting_application_id: None,
    }
    assert (waiting["count"], of_job["count"]) == (1, 2)


def test_pages_of_applications_follow_each_other(api: Callers):
    seen, path = [], "/applications/?limit=2"
    while path:
        page = api("GET", path).json
        seen += [one["id"] for one in page["applications"]]
        path = page["next"] and page["next"].removeprefix("/api/workspaces")

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == page["count"] == 5


def test_a_decision_is_made_once(api: Callers):
    one = f"/applications/{api.world.waiting_application_id}/"

    approved = [api("POST", f"{one}approve/") for _ in range(2)]
    refused = api("POST", f"{one}reject/")

    assert [answer.status_code for answer in approved] == [200, 200]
    assert {answer.json["status"] for answer in approved} == {"approved"}
    assert (refused.status_code, refused.json["code"]) == (409, "already_decided")
    assert api("GET", one).json["status"] == "approved"


def test_who_has_applied_to_the_company_is_hired_at_once(api: Callers):
    answer = hire(api, "  Tess@People.example ", name="Somebody Else")

    found = answer.json["application"]
    assert (answer.status_code, answer.json["invitation"]) == (201, None)
    assert (found["email"], found["name"], found["status"]) == ("tess@people.example", "tess", "approved")
    assert answer.headers["Location"].endswith(f"/applications/{found['id']}/")
    assert api("GET", f"/applications/{found['id']}/").json == found


def test_hired_twice_is_refused_with_the_application_there_is(api: Callers):
    body = {"job_posting_id": api.world.posting_id, "email": "tess@people.example"}

    answer = api("POST", "/applications/", json=body)

    assert (answer.status_code, answer.json["code"]) == (409, "application_exists")
    assert answer.json["application_id"] == api.world.waiting_application_id
    assert api("GET", f"/applications/{api.world.waiting_application_id}/").json["status"] == "submitted"


def test_who_is_new_is_invited_and_approved_by_accepting(api_app: Flask, api: Callers):
    answer = hire(api, NEW, name="Mina Park")
    invitation = answer.json["invitation"]

    accept(api_app, invitation["url"], name="Mina Park")
    after = api("GET", f"/invitations/{invitation['id']}/").json
    application = api("GET", f"/applications/{after['application_id']}/").json

    assert (answer.status_code, answer.json["application"]) == (202, None)
    assert (invitation["state"], invitation["application_id"]) == ("sent", None)
    assert (after["state"], after["person_id"]) == ("accepted", application["person_id"])
    assert (application["status"], application["email"]) == ("approved", NEW)
    assert application["job_posting_id"] == invitation["job_posting_id"]


@pytest.mark.parametrize("role", [Role.SEEKER, Role.PROVIDER, Role.ADMIN])
def test_nothing_is_said_about_people_of_others(api_app: Flask, api: Callers, role: Role):
    unknown = hire(api, "nobody@elsewhere.example")
    with api_app.app_context():
        person = User(
            email="known@elsewhere.example",
            name="Known Elsewhere",
            password_hash="x",
            role=role,
            company_id=2 if role is Role.PROVIDER else None,
            company_role=CompanyRole.OWNER if role is Role.PROVIDER else None,
            created_at=api_app.extensions["berth"].clock.now(),
        )
        db.session.add(person)
        db.session.commit()
    known = hire(api, "known@elsewhere.example")

    def without(answer: dict[str, Any]) -> dict[str, Any]:
        own = dict.fromkeys(("id", "email", "url", "job_posting_id"))
        return answer | {"invitation": answer["invitation"] | own}

    assert (known.status_code, without(known.json)) == (unknown.status_code, without(unknown.json))
    assert "Known Elsewhere" not in known.text


@pytest.mark.parametrize("email", ["nobody", "two words@x.example", "@x.example", "a" * 65 + "@x.example"])
def test_what_is_no_address_is_refused_and_nobody_is_invited(api_app: Flask, api: Callers, email: str):
    answer = hire(api, email)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["email"])
    with api_app.app_context():
        assert len(db.session.scalars(select(Invitation)).all()) == 1


def test_a_recruiter_of_some_jobs_hires_for_these_alone(api_app: Flask, api: Callers):
    with api_app.app_context():
        provider = db.session.get_one(User, api.world.provider_id)
        recruiter = User(
            email="rico@people.example",
            name="rico",
            password_hash="x",
            role=Role.PROVIDER,
            company_role=CompanyRole.RECRUITER,
            company_id=provider.company_id,
            is_limited_to_postings=True,
            created_at=provider.created_at,
        )
        db.session.add(recruiter)
        db.session.commit()
        _, api.world.tokens["recruiter"] = tokens.issue_token(
            api_app.extensions["berth"], user=recruiter, name="r"
        )

    seen = api("GET", "/applications/", by="recruiter").json
    foreign = api(
        "POST", "/applications/", json={"job_posting_id": api.world.posting_id, "email": NEW}, by="recruiter"
    )
    own = api("POST", "/job-postings/", json={"title": "Own", "description": "x"}, by="recruiter").json
    # Known to the company, but not to this recruiter.
    hired = api(
        "POST",
        "/applications/",
        json={"job_posting_id": own["id"], "email": "tess@people.example"},
        by="recruiter",
    )
    hidden = api("GET", f"/applications/{api.world.waiting_application_id}/", by="recruiter")
    hired_before = api("GET", "/people/?kind=hired", by="recruiter").json
    invitations = api("GET", "/invitations/", by="recruiter").json["invitations"]

    assert (seen["applications"], seen["count"]) == ([], 0)
    assert (foreign.status_code, hidden.status_code) == (404, 404)
    assert (hired_before["people"], hired_before["count"]) == ([], 0)
    assert [one["job_posting_id"] for one in invitations] == [own["id"]]
    assert (hired.status_code, hired.json["application"]) == (202, None)
    with api_app.app_context():
        assert db.session.scalars(select(Application.id)).all() == [1, 2, 3, 4, 5]
