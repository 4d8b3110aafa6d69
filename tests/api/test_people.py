"""People by the API: colleagues and hired people, and who may disable whom."""

import base64
import json

import pytest
from flask import Flask

from tests.api.test_invitations import give_token
from tests.api.world import Callers
from webapp.domain.roles import CompanyRole
from webapp.extensions import db
from webapp.models import User


def people(api: Callers, query: str = "") -> dict[str, str]:
    found = api("GET", f"/people/{query}").json
    assert found["count"] == len(found["people"])
    return {one["name"]: one["kind"] for one in found["people"]}


def test_colleagues_and_hired_people_are_listed_and_nobody_else(api: Callers):
    assert people(api) == {"pia": "colleague", "sam": "hired", "dan": "colleague"}
    assert people(api, "?kind=hired") == {"sam": "hired"}
    assert people(api, "?kind=colleague") == {"pia": "colleague", "dan": "colleague"}
    assert people(api, "?email=Sam@people.example") == {"sam": "hired"}
    assert people(api, "?email=tess@people.example") == {}


def test_of_a_hired_person_the_company_sees_what_it_knows(api: Callers):
    [sam] = api("GET", "/people/?kind=hired").json["people"]
    [pia, _] = api("GET", "/people/?kind=colleague").json["people"]

    assert sam["application_ids"] == [api.world.application_id, *api.world.free_application_ids]
    assert (sam["is_active"], sam["company_role"], sam["created_at"]) == (None, None, None)
    assert (pia["is_active"], pia["company_role"], pia["application_ids"]) == (True, "owner", [])
    assert api("GET", f"/people/{sam['id']}/").json == sam


def test_pages_of_people_follow_each_other(api: Callers):
    seen, path = [], "/people/?limit=1"
    while path:
        page = api("GET", path).json
        seen += [one["name"] for one in page["people"]]
        path = page["next"] and page["next"].removeprefix("/api/workspaces")

    assert seen == ["pia", "sam", "dan"]


@pytest.mark.parametrize("number", [2**31, 2**62, -1])
def test_a_forged_cursor_with_a_number_that_no_person_can_have_is_refused(api: Callers, number: int):
    cursor = base64.urlsafe_b64encode(json.dumps([number]).encode()).decode().rstrip("=")

    answer = api("GET", f"/people/?cursor={cursor}")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_a_colleague_is_disabled_and_enabled_again(api: Callers):
    one = f"/people/{api.world.colleague_id}/"

    enabled = [api("POST", f"{one}enable/").json["is_active"] for _ in range(2)]
    disabled = [api("POST", f"{one}disable/").json["is_active"] for _ in range(2)]

    assert (enabled, disabled) == ([True, True], [False, False])
    assert api("GET", one).json["is_active"] is False


def test_nobody_disables_themselves_or_a_hired_person(api: Callers):
    [sam] = api("GET", "/people/?kind=hired").json["people"]

    own = api("POST", f"/people/{api.world.provider_id}/disable/")
    hired = api("POST", f"/people/{sam['id']}/disable/")

    assert (own.status_code, own.json["code"]) == (409, "own_account")
    assert hired.status_code == 404
    assert api("GET", "/people/", by="provider").status_code == 200


def test_a_token_changes_nobody_who_may_do_more(api_app: Flask, api: Callers):
    give_token(api_app, api, CompanyRole.MANAGER)
    one = f"/people/{api.world.colleague_id}/"

    answer = api("POST", f"{one}enable/", by="manager")

    assert (answer.status_code, answer.json["code"]) == (403, "role_too_high")
    assert api("GET", one).json["is_active"] is False
    with api_app.app_context():
        db.session.get_one(User, api.world.colleague_id).company_role = CompanyRole.MANAGER
        db.session.commit()
    assert api("POST", f"{one}enable/", by="manager").json["is_active"] is True


@pytest.mark.parametrize(
    ("role", "reads"),
    [(CompanyRole.RECRUITER, 200), (CompanyRole.FINANCE, 403), (CompanyRole.AUDITOR, 200)],
)
def test_who_manages_no_people_changes_none(api_app: Flask, api: Callers, role: CompanyRole, reads: int):
    give_token(api_app, api, role)

    assert api("GET", "/people/", by=role).status_code == reads
    assert api("POST", f"/people/{api.world.colleague_id}/enable/", by=role).status_code == 403
    assert api("GET", f"/people/{api.world.colleague_id}/").json["is_active"] is False
