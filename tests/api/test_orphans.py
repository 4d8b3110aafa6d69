"""Machines without a workspace, by the API."""

from tests.api.world import ORPHAN_MACHINE, Callers


def test_the_list_shows_what_each_machine_is_and_what_it_costs(api: Callers):
    answer = api("GET", "/orphans/").json

    assert answer["count"] == 1
    [orphan] = answer["orphans"]
    assert (orphan["cloud_workspace_id"], orphan["kind"]) == (ORPHAN_MACHINE, "unknown_row")
    assert orphan["has_our_mark"] is True
    assert orphan["cost"] == {
        "currency": "USD",
        "month_cents": 975,
        "hour_cents": 30,
        "month": "9.75",
        "hour": "0.30",
        "is_of_region": False,
        "is_exact": False,
        "valid_from": "2026-06-27",
        "read_at": None,
    }


def test_the_list_is_narrowed_by_status_and_credential(api: Callers):
    def count(query: str) -> int:
        return api("GET", f"/orphans/?{query}").json["count"]

    assert count("status=open") == 1
    assert count("status=ignored") == 0
    assert count(f"cloud_credential_id={api.world.credential_id}") == 1
    assert count(f"cloud_credential_id={api.world.untested_credential_id}") == 0
    assert api("GET", "/orphans/?status=odd").status_code == 422


def test_others_have_an_empty_list(api: Callers):
    assert api("GET", "/orphans/", by="other provider").json["orphans"] == []


def test_a_machine_is_ignored_and_watched_again(api: Callers):
    one = f"/orphans/{api.world.orphan_id}/"

    assert api("POST", f"{one}ignore/").json["orphan"]["status"] == "ignored"
    assert api("POST", f"{one}ignore/").status_code == 200
    assert api("POST", f"{one}watch/").json["orphan"]["status"] == "open"


def test_ending_needs_the_machines_id_and_is_asked_once(api: Callers):
    end = f"/orphans/{api.world.orphan_id}/terminate/"

    wrong = api("POST", end, json={"confirm": "ws-other"})
    assert (wrong.status_code, wrong.json["code"]) == (422, "confirmation_wrong")
    done = api("POST", end, json={"confirm": ORPHAN_MACHINE})
    assert (done.status_code, done.json["orphan"]["status"]) == (202, "terminating")
    refused = api("POST", f"/orphans/{api.world.orphan_id}/ignore/")
    assert (refused.status_code, refused.json["code"]) == (409, "action_not_allowed")


def test_an_adopted_machine_is_a_workspace(api: Callers):
    adopt = f"/orphans/{api.world.orphan_id}/adopt/"

    answer = api("POST", adopt, json={"application_id": api.world.free_application_ids[0]})

    assert answer.status_code == 201, answer.json
    assert answer.json["workspace"]["cloud_workspace_id"] == ORPHAN_MACHINE
    assert answer.json["workspace"]["state"] == "AVAILABLE"  # as it was seen last
    again = api("POST", adopt, json={"application_id": api.world.free_application_ids[1]})
    assert (again.status_code, again.json["code"]) == (409, "action_not_allowed")
