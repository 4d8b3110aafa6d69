"""A hand-over to the next person, and a desktop given back to one who is hired again, by the API."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.api.world import READY, Callers
from webapp.domain.costs.bills import Source
from webapp.domain.roles import CompanyRole
from webapp.extensions import db
from webapp.models import Application, Company, CostDay, User, Workspace


@pytest.fixture
def one(api_app: Flask, api: Callers, change: Any) -> str:
    change(api.world.workspace_id, **READY)
    with api_app.app_context():
        db.session.execute(update(Company).values(grace_days=7, contract_grace_days=5))
        db.session.commit()
    return f"/workspaces/{api.world.workspace_id}/"


def wanted(api: Callers, **more: object) -> dict[str, object]:
    return {"application_id": api.world.waiting_application_id, "username": "tess.next"} | more


def test_the_answer_is_the_new_workspace_and_both_name_each_other(api: Callers, one: str) -> None:
    answer = api("POST", f"{one}hand-over/", json=wanted(api))

    assert (answer.status_code, answer.json["state"]) == (201, "PENDING")
    made = answer.json
    assert answer.headers["Location"].endswith(f"/workspaces/{made['id']}/")
    former = api("GET", one).json
    assert (made["replaces"], made["replaced_by"]) == (former["id"], None)
    assert (former["replaces"], former["replaced_by"]) == (None, made["id"])
    assert (former["state"], former["pending_action"]) == ("TERMINATING", "terminate")
    same = ("bundle_id", "workspace_type", "cloud_credential_id", "cloud_provider")
    assert {name: made[name] for name in same} == {name: former[name] for name in same}
    approved = api("GET", f"/applications/{api.world.waiting_application_id}/").json
    assert (approved["status"], approved["workspace_id"]) == ("approved", made["id"])


def test_the_former_one_is_kept_by_choice(api: Callers, one: str) -> None:
    assert api("POST", f"{one}hand-over/", json=wanted(api, keep=True)).status_code == 201

    former = api("GET", one).json
    assert (former["access"], former["state"]) == ("suspended", "AVAILABLE")
    assert former["destroy_at"] == "2026-11-29T10:00:00Z"


def test_dates_that_are_given_replace_what_is_left(api: Callers, one: str) -> None:
    ends = {"starts_at": None, "ends_at": "2027-06-30T22:00:00Z"}
    api("PUT", f"/applications/{api.world.application_id}/window/", json=ends)

    answer = api("POST", f"{one}hand-over/", json=wanted(api, starts_at="2026-12-01T08:00:00Z"))

    assert (answer.json["starts_at"], answer.json["ends_at"]) == (
        "2026-12-01T08:00:00Z",
        "2027-06-30T22:00:00Z",
    )
    assert answer.json["access"] == "not_yet"


def test_the_same_key_hands_over_once_and_a_second_call_names_the_next_workspace(
    api: Callers, one: str
) -> None:
    key = {"Idempotency-Key": "hand-over-1"}
    first = api("POST", f"{one}hand-over/", json=wanted(api), headers=key)
    again = api("POST", f"{one}hand-over/", json=wanted(api), headers=key)

    assert (first.json, again.headers["Idempotency-Replayed"]) == (again.json, "true")
    refused = api("POST", f"{one}hand-over/", json=wanted(api))
    assert (refused.status_code, refused.json["code"]) == (409, "handed_over")
    assert refused.json["workspace_id"] == first.json["id"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"application_id": 9999}, "application_not_found"),
        ({"application_id": 1}, "application_not_found"),
        ({"username": "no such/name"}, "username_invalid"),
        ({"username": "sam.okafor"}, "username_taken"),
        ({"ends_at": "2026-11-23T00:00:00Z"}, "window_invalid"),
        ({"window_zone": "Mars"}, "time_zone_unknown"),
        ({"create_user": True}, "user_not_creatable"),
    ],
)
def test_what_is_refused_leaves_both_as_they_were(
    api: Callers, one: str, changes: dict[str, object], code: str
) -> None:
    before = api("GET", one).json

    refused = api("POST", f"{one}hand-over/", json=wanted(api, **changes))

    assert refused.json["code"] == code
    assert api("GET", one).json == before
    waiting = api("GET", f"/applications/{api.world.waiting_application_id}/").json
    assert waiting["status"] == "submitted"


def test_who_may_order_but_not_terminate_hands_nothing_over(api_app: Flask, api: Callers, one: str) -> None:
    with api_app.app_context():
        person = update(User).where(User.id == api.world.provider_id)
        db.session.execute(person.values(company_role=CompanyRole.RECRUITER))
        db.session.commit()

    refused = api("POST", f"{one}hand-over/", json=wanted(api))

    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")


def test_the_costs_of_the_contract_go_on(api_app: Flask, api: Callers, one: str) -> None:
    former_id = api.world.workspace_id
    made = api("POST", f"{one}hand-over/", json=wanted(api)).json["id"]
    with api_app.app_context():
        for workspace_id, minor in ((former_id, 700), (made, 50)):
            db.session.add(
                CostDay(
                    company_id=api.world.company_id,
                    credential_id=api.world.credential_id,
                    day=date(2026, 11, 23),
                    currency="USD",
                    source=Source.BILLED,
                    workspace_id=workspace_id,
                    amount_minor=minor,
                )
            )
        db.session.commit()

    found = api("GET", f"/workspaces/{made}/costs/").json["contract"]

    money = {"amount_minor": 750, "currency": "USD"}
    assert (found["billed"], found["estimated"]) == ([money], [])
    assert [one["workspace_id"] for one in found["workspaces"]] == [former_id, made]
    assert api("GET", f"{one}costs/").json["contract"] == found


def close(api: Callers, app: Flask) -> None:
    """The contract is over, and the desktop kept."""
    with app.app_context():
        row = db.session.get_one(Workspace, api.world.workspace_id)
        ended = row.created_at
        row.ends_at, row.suspended_at, row.suspended_because = ended, ended, "contract_ended"
        row.destroy_at = ended + timedelta(days=5)
        db.session.execute(
            update(Application).where(Application.id == row.application_id).values(ends_at=ended)
        )
        db.session.commit()


def test_whoever_is_hired_again_is_offered_the_former_desktop_and_gets_it(
    api_app: Flask, api: Callers, one: str
) -> None:
    close(api, api_app)
    [again, *_] = api.world.free_application_ids
    offered = api("GET", f"/applications/{again}/").json
    assert offered["kept_workspace_id"] == api.world.workspace_id
    listed = {row["id"]: row for row in api("GET", "/applications/").json["applications"]}
    assert listed[again] == offered

    answer = api("POST", f"{one}give-back/", json={"application_id": again})

    assert answer.status_code == 202
    shown = answer.json["workspace"]
    assert (shown["application_id"], shown["access"], shown["destroy_at"]) == (again, "open", None)
    now = api("GET", f"/applications/{again}/").json
    assert (now["workspace_id"], now["kept_workspace_id"]) == (api.world.workspace_id, None)
    assert api("GET", f"/applications/{api.world.application_id}/").json["workspace_id"] is None
    assert api("POST", f"{one}give-back/", json={"application_id": again}).json["workspace"] == shown


def test_it_is_given_back_to_nobody_else(api_app: Flask, api: Callers, one: str) -> None:
    close(api, api_app)
    api("POST", f"/applications/{api.world.waiting_application_id}/approve/")

    foreign = api("POST", f"{one}give-back/", json={"application_id": api.world.waiting_application_id})
    unknown = api("POST", f"{one}give-back/", json={"application_id": 9999})
    same = api("POST", f"{one}give-back/", json={"application_id": api.world.application_id})

    assert [one.json["code"] for one in (foreign, unknown, same)] == [
        "action_not_allowed",
        "application_not_found",
        "action_not_allowed",
    ]
