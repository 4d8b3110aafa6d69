"""Profiles by the API: added, read, changed, archived, given to a job and ordered with."""

from typing import Any

import pytest

from tests.api.test_hours import HOURS
from tests.api.world import Callers

DESKTOP = {"cloud_credential_id": 1, "workspace_type": "ubuntu", "bundle_id": "wsb-ubuntu001"}


def add(api: Callers, **changes: Any) -> dict[str, Any]:
    answer = api("POST", "/profiles/", json={"name": "Clerks"} | DESKTOP | changes)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"].endswith(f"/profiles/{answer.json['id']}/")
    return answer.json


def give(api: Callers, **changes: Any) -> dict[str, Any]:
    """A new one, to the job whose applicant waits for a decision."""
    made = add(api, **changes)
    answer = api("PUT", f"/job-postings/{api.world.posting_id}/", json={"profile_id": made["id"]})
    assert (answer.status_code, answer.json["profile_id"]) == (200, made["id"])
    return made


def test_it_is_shown_with_all_that_it_gives(api: Callers):
    made = add(api, month_cap_minor=5_000, cap_currency="usd", default_days=90, username_pattern="{last}")

    assert made == DESKTOP | {
        "id": made["id"],
        "name": "Clerks",
        "bundle_name": "Standard Ubuntu 22.04",
        "create_user": False,
        "username_pattern": "{last}",
        "month_cap_minor": 5_000,
        "cap_currency": "USD",
        "default_starts_at": None,
        "default_ends_at": None,
        "default_days": 90,
        "default_zone": "UTC",
        "default_hours": None,
        "default_hours_in_own_zone": False,
        "orders_on_approval": False,
        "snapshots": None,
        "created_at": "2026-11-24T10:00:00Z",
        "updated_at": "2026-11-24T10:00:00Z",
        "archived_at": None,
        "desktop_version": 1,
        "version": 1,
    }
    assert api("GET", f"/profiles/{made['id']}/").json == made
    listed = api("GET", "/profiles/").json
    assert [one["name"] for one in listed["profiles"]] == ["Analysts", "Clerks"]
    first = api("GET", "/profiles/?limit=1").json
    second = api("GET", first["next"].removeprefix("/api/workspaces")).json
    assert [one["name"] for one in first["profiles"] + second["profiles"]] == ["Analysts", "Clerks"]


def test_how_many_snapshots_are_kept_is_sent_whole_or_left_to_the_account(api: Callers):
    wanted = {"is_on": True, "daily": 3, "weekly": 0, "days_after_end": 30}
    made = add(api, snapshots=wanted)
    one = f"/profiles/{made['id']}/"

    renamed = api("PUT", one, json={"name": "Readers"}).json
    wrong = api("PUT", one, json={"snapshots": wanted | {"daily": 0}})
    part = api("PUT", one, json={"snapshots": {"is_on": False}})
    left = api("PUT", one, json={"snapshots": None}).json

    assert made["snapshots"] == renamed["snapshots"] == wanted
    assert (wrong.status_code, part.status_code) == (422, 422)
    assert (left["snapshots"], left["version"], left["desktop_version"]) == (None, 3, 1)


def test_what_is_omitted_stays_and_each_change_is_a_version(api: Callers):
    made = add(api, default_days=90)
    one = f"/profiles/{made['id']}/"
    tag = {"If-Match": api("GET", one).headers["ETag"]}

    renamed = api("PUT", one, json={"name": "Readers"}, headers=tag)
    late = api("PUT", one, json={"name": "Others"}, headers=tag)
    windows = api("PUT", one, json={"workspace_type": "windows", "bundle_id": "wsb-windows01"}).json

    assert renamed.json == made | {"name": "Readers", "version": 2}
    assert (late.status_code, late.json["code"]) == (412, "precondition_failed")
    assert (windows["version"], windows["desktop_version"], windows["default_days"]) == (3, 3, 90)


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"name": "Analysts"}, 409, "name_taken", "name"),
        ({"cloud_credential_id": 3}, 422, "credential_not_found", "cloud_credential_id"),
        ({"cloud_credential_id": 2}, 409, "credential_not_usable", "cloud_credential_id"),
        ({"bundle_id": "wsb-retired01"}, 422, "bundle_not_found", "bundle_id"),
        ({"bundle_id": "wsb-windows01"}, 422, "bundle_type_mismatch", "bundle_id"),
        ({"create_user": True}, 422, "user_not_creatable", "create_user"),
        ({"username_pattern": "{who}"}, 422, "invalid", "username_pattern"),
        ({"month_cap_minor": 5}, 422, "invalid", "cap_currency"),
        ({"month_cap_minor": 5, "cap_currency": "12!"}, 422, "invalid", "cap_currency"),
        ({"default_zone": "Nowhere", "default_days": 3}, 422, "time_zone_unknown", "default_zone"),
        ({"default_hours": HOURS | {"holidays": "XX"}}, 422, "hours_invalid", "default_hours.holidays"),
    ],
)
def test_what_could_never_be_ordered_is_refused_under_its_name(
    api: Callers, changes: dict[str, Any], status: int, code: str, field: str
):
    answer = api("POST", "/profiles/", json={"name": "Clerks"} | DESKTOP | changes)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert list(answer.json["errors"]) == [field]
    assert api("GET", "/profiles/").json["count"] == 1


def test_an_archived_one_is_given_by_no_job_and_cannot_be_changed(api: Callers):
    made = give(api)
    one = f"/profiles/{made['id']}/"

    archived = [api("POST", f"{one}archive/").json["archived_at"] for _ in range(2)]

    assert archived == ["2026-11-24T10:00:00Z"] * 2
    posting = f"/job-postings/{api.world.posting_id}/"
    assert api("GET", posting).json["profile_id"] is None
    given = api("PUT", posting, json={"profile_id": made["id"]})
    assert (given.status_code, given.json["code"]) == (422, "profile_not_found")
    assert api("PUT", one, json={"name": "X"}).json["code"] == "profile_archived"
    assert [one["id"] for one in api("GET", "/profiles/?is_archived=true").json["profiles"]] == [made["id"]]


def test_a_profile_of_another_company_is_given_by_nobody(api: Callers):
    answer = api(
        "POST",
        "/job-postings/",
        by="other provider",
        json={"title": "Spy", "description": "Looks.", "profile_id": api.world.profile_id},
    )

    assert (answer.status_code, answer.json["code"]) == (422, "profile_not_found")


def test_an_approval_orders_and_the_workspace_says_by_which_version(api: Callers):
    made = give(api, orders_on_approval=True)

    approved = api("POST", f"/applications/{api.world.waiting_application_id}/approve/").json

    assert approved["order_refusal"] is None
    ordered = api("GET", f"/workspaces/{approved['workspace_id']}/").json
    assert (ordered["profile_id"], ordered["profile_version"]) == (made["id"], 1)
    assert ordered["bundle_id"] == DESKTOP["bundle_id"]


def test_a_refused_order_leaves_the_approval_and_says_why_until_one_is_made(api: Callers):
    made = give(api, orders_on_approval=True)
    bundle = {"workspace_type": "windows", "bundle_id": "wsb-windows01"}
    dear = {"month_cap_minor": 1, "cap_currency": "USD"} | bundle
    api("PUT", f"/profiles/{made['id']}/", json=dear)
    application = f"/applications/{api.world.waiting_application_id}/"

    approved = api("POST", f"{application}approve/").json
    refused = api("POST", f"{application}order/", json={"profile_version": 2})
    late = api("POST", f"{application}order/", json={"profile_version": 1})
    api("PUT", f"/profiles/{made['id']}/", json={"month_cap_minor": None, "cap_currency": None})
    ordered = api("POST", f"{application}order/", json={"profile_version": 3})

    assert (approved["status"], approved["workspace_id"]) == ("approved", None)
    assert approved["order_refusal_code"] == "profile_cap_reached"
    assert approved["order_refusal"].startswith("A month of this desktop costs $")
    assert (refused.status_code, refused.json["code"]) == (409, "profile_cap_reached")
    assert (late.status_code, late.json["code"]) == (409, "profile_changed")
    assert (ordered.status_code, ordered.json["profile_version"]) == (201, 3)
    assert api("GET", f"/workspaces/{ordered.json['id']}/").json == ordered.json
    assert api("GET", application).json["order_refusal"] is None


def test_a_job_without_one_orders_nothing_by_itself(api: Callers):
    [free, *_] = api.world.free_application_ids

    answer = api("POST", f"/applications/{free}/order/", json={})

    assert (answer.status_code, answer.json["code"]) == (409, "no_profile")


def test_hours_are_a_part_of_the_version_and_of_what_is_ordered(api: Callers):
    made = give(api, default_hours=HOURS, default_hours_in_own_zone=True, orders_on_approval=True)
    one = f"/profiles/{made['id']}/"

    renamed = api("PUT", one, json={"name": "Readers"}).json
    approved = api("POST", f"/applications/{api.world.waiting_application_id}/approve/").json
    without = api("PUT", one, json={"default_hours": None}).json

    assert (made["default_hours"], made["default_hours_in_own_zone"]) == (HOURS, True)
    assert (renamed["default_hours"], renamed["desktop_version"]) == (HOURS, 1)
    assert approved["hours"] == HOURS and approved["workspace_id"] is not None
    assert (without["default_hours"], without["default_hours_in_own_zone"]) == (None, False)
    assert (without["version"], without["desktop_version"]) == (3, 3)
