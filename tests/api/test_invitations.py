"""Invitations by the API: the link is shown once, a token gives no more than it has, and no link is kept."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.test_applications import accept
from tests.api.world import Callers
from webapp.domain.roles import CompanyRole
from webapp.domain.secret_texts import hash_of
from webapp.extensions import db
from webapp.models import IdempotencyKey, Invitation, User
from webapp.services import tokens

COLLEAGUE = {"kind": "colleague", "email": "cleo@people.example", "company_role": "recruiter"}
HIRE = {"kind": "hire", "email": "mina@people.example", "name": "Mina Park", "job_posting_id": 1}
KEY = {"Idempotency-Key": "invite-cleo"}


def give_token(app: Flask, api: Callers, role: CompanyRole) -> None:
    """Of the owner, but with this role."""
    with app.app_context():
        owner = db.session.get_one(User, api.world.provider_id)
        _, api.world.tokens[role] = tokens.issue_token(
            app.extensions["berth"], user=owner, name=role, company_role=role
        )


def test_the_link_is_in_the_answer_once(api: Callers):
    made = api("POST", "/invitations/", json=COLLEAGUE)

    one = made.headers["Location"].removeprefix("/api/workspaces")
    assert (made.status_code, made.json["state"]) == (201, "sent")
    assert re.fullmatch(r"http://[^/]+/invitation/\?link=\S{40,}", made.json["url"])
    assert api("GET", one).json == {name: made.json[name] for name in made.json if name != "url"}
    assert "url" not in api("GET", "/invitations/").json["invitations"][0]


def test_a_repeat_gets_the_same_link_which_is_kept_sealed(api_app: Flask, api: Callers):
    first = api("POST", "/invitations/", json=COLLEAGUE, headers=KEY)
    again = api("POST", "/invitations/", json=COLLEAGUE, headers=KEY)

    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    with api_app.app_context():
        [kept] = db.session.scalars(select(IdempotencyKey.body)).all()
    assert first.json["url"].rpartition("=")[2] not in kept
    assert "cleo" not in kept


def test_no_log_has_the_link(api: Callers, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")

    made = api("POST", "/invitations/", json=HIRE, headers=KEY)
    again = api("POST", f"/invitations/{made.json['id']}/send-again/")

    for answer in (made, again):
        assert answer.json["url"].rpartition("=")[2] not in caplog.text


def test_sent_again_it_has_another_link_and_revoked_it_has_none(api_app: Flask, api: Callers):
    made = api("POST", "/invitations/", json=HIRE).json
    one = f"/invitations/{made['id']}/"

    again = api("POST", f"{one}send-again/").json
    browser = api_app.test_client()
    assert browser.get(made["url"]).status_code == 410
    assert browser.get(again["url"]).status_code == 200
    revoked = [api("POST", f"{one}revoke/") for _ in range(2)]

    assert again["url"] != made["url"]
    assert [answer.json["state"] for answer in revoked] == ["revoked", "revoked"]
    assert browser.get(again["url"]).status_code == 410


def test_what_was_accepted_is_not_sent_again(api_app: Flask, api: Callers):
    made = api("POST", "/invitations/", json=HIRE).json
    accept(api_app, made["url"], name="Mina Park")

    for verb in ("send-again", "revoke"):
        answer = api("POST", f"/invitations/{made['id']}/{verb}/")
        assert (answer.status_code, answer.json["code"]) == (409, "invitation_accepted")


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("company_role", {"kind": "colleague", "email": "a@b.example"}),
        ("job_posting_id", {"kind": "hire", "email": "a@b.example"}),
        ("job_posting_id", COLLEAGUE | {"job_posting_id": 1}),
        ("company_role", HIRE | {"company_role": "manager"}),
        ("company_role", COLLEAGUE | {"company_role": "emperor"}),
        ("kind", COLLEAGUE | {"kind": "friend"}),
        ("email", COLLEAGUE | {"email": "nobody"}),
    ],
)
def test_what_cannot_be_an_invitation_is_refused(api: Callers, field: str, body: dict[str, object]):
    answer = api("POST", "/invitations/", json=body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert api("GET", "/invitations/").json["count"] == 1


def test_who_is_here_already_is_not_invited(api: Callers):
    colleague = api("POST", "/invitations/", json=COLLEAGUE | {"email": "pia@people.example"})
    hired = api("POST", "/invitations/", json=HIRE | {"email": "sam@people.example"})

    assert (colleague.status_code, colleague.json["code"]) == (409, "already_colleague")
    assert (hired.status_code, hired.json["code"]) == (409, "application_exists")


def test_a_token_gives_no_role_that_is_above_its_own(api_app: Flask, api: Callers):
    give_token(api_app, api, CompanyRole.MANAGER)
    give_token(api_app, api, CompanyRole.RECRUITER)

    for by, path, body in (
        ("manager", "/invitations/", COLLEAGUE | {"company_role": "owner"}),
        ("manager", f"/invitations/{api.world.invitation_id}/send-again/", None),
        ("manager", f"/invitations/{api.world.invitation_id}/revoke/", None),
        ("recruiter", "/invitations/", COLLEAGUE),
        ("recruiter", f"/invitations/{api.world.invitation_id}/revoke/", None),
    ):
        answer = api("POST", path, by=by, json=body) if body else api("POST", path, by=by)
        assert answer.status_code == 403, (by, path, answer.json)
    assert api("GET", f"/invitations/{api.world.invitation_id}/").json["state"] == "sent"
    assert api("POST", "/invitations/", by="manager", json=COLLEAGUE).status_code == 201
    assert api("POST", "/invitations/", by="recruiter", json=HIRE).status_code == 201


def test_an_invitation_with_a_role_above_the_own_is_not_taken_over(api_app: Flask, api: Callers):
    give_token(api_app, api, CompanyRole.MANAGER)
    made = api("POST", "/invitations/", json=COLLEAGUE | {"company_role": "owner"}).json
    path = f"/invitations/{made['id']}/"

    answer = api("POST", "/invitations/", by="manager", json=COLLEAGUE)

    assert (answer.status_code, answer.json["code"]) == (403, "role_too_high")
    kept = api("GET", path).json
    assert kept == {name: made[name] for name in kept}
    with api_app.app_context():
        one = db.session.get_one(Invitation, made["id"])
        assert one.token_hash == hash_of(made["url"].rpartition("=")[2])
    api("POST", f"{path}revoke/")
    again = api("POST", "/invitations/", by="manager", json=COLLEAGUE)
    assert (again.status_code, again.json["company_role"]) == (201, "recruiter")


@pytest.mark.parametrize("role", [CompanyRole.FINANCE, CompanyRole.AUDITOR])
def test_who_only_reads_invites_nobody(api_app: Flask, api: Callers, role: CompanyRole):
    give_token(api_app, api, role)

    assert api("POST", "/invitations/", by=role, json=HIRE).status_code == 403
    assert api("GET", "/invitations/", by=role).status_code == (200 if role is CompanyRole.AUDITOR else 403)
    with api_app.app_context():
        assert len(db.session.scalars(select(Invitation.id)).all()) == 1


def test_the_list_is_of_one_kind_job_or_address(api: Callers):
    made = api("POST", "/invitations/", json=HIRE).json["id"]

    for query in ("kind=hire", "job_posting_id=1", "email=MINA@people.example"):
        found = api("GET", f"/invitations/?{query}").json
        assert ([one["id"] for one in found["invitations"]], found["count"]) == ([made], 1), query
    assert api("GET", "/invitations/?kind=colleague").json["count"] == 1


def test_a_hire_is_invited_with_the_window_of_the_contract(api_app: Flask, api: Callers):
    window = {"starts_at": "2027-03-01T08:00:00+01:00", "window_zone": "Europe/Berlin"}
    made = api("POST", "/invitations/", json=HIRE | window)
    again = api("POST", "/invitations/", json=HIRE)

    accept(api_app, again.json["url"], name="Mina Park")

    shown = ["2027-03-01T07:00:00Z", None, "Europe/Berlin"]
    assert [made.json[name] for name in ("starts_at", "ends_at", "window_zone")] == shown
    application_id = api("GET", f"/invitations/{made.json['id']}/").json["application_id"]
    found = api("GET", f"/applications/{application_id}/").json
    assert [found[name] for name in ("starts_at", "ends_at", "window_zone")] == shown


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (HIRE | {"ends_at": "2026-01-01T00:00:00Z"}, "window_invalid", "ends_at"),
        (
            HIRE | {"starts_at": "2027-03-01T00:00:00Z", "ends_at": "2027-02-01T00:00:00Z"},
            "window_invalid",
            "ends_at",
        ),
        (
            HIRE | {"ends_at": "2027-02-01T00:00:00Z", "window_zone": "Berlin"},
            "time_zone_unknown",
            "window_zone",
        ),
        (COLLEAGUE | {"ends_at": "2027-02-01T00:00:00Z"}, "invalid", "ends_at"),
    ],
)
def test_nobody_is_invited_with_a_window_that_cannot_be_meant(api: Callers, body, code, field):
    before = api("GET", "/invitations/").json["count"]

    answer = api("POST", "/invitations/", json=body)

    assert (answer.status_code, answer.json["code"], list(answer.json["errors"])) == (422, code, [field])
    assert api("GET", "/invitations/").json["count"] == before
