"""Bundles by the API: the list, who may have the cloud asked for it, and the system of an own bundle."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from tests.api.world import BUNDLES, Callers
from webapp.extensions import db
from webapp.models import Inquiry, InquiryKind
from webapp.queueing import JobName


def test_bundles_are_shown_in_the_words_of_the_contract(api: Callers, recording_notifier):
    recording_notifier.notified.clear()

    answer = api("GET", f"/bundles/{api.world.credential_id}/")

    assert (answer.status_code, answer.json["count"]) == (200, 4)
    assert answer.json["bundles"][0] == {
        "bundle_id": "wsb-ubuntu001",
        "name": "Standard Ubuntu 22.04",
        "description": "Two cores",
        "compute_type": "STANDARD",
        "vcpus": 2,
        "memory_gib": 4,
        "root_storage": 80,
        "user_storage": 50,
        "workspace_type": "ubuntu",
        "cloud_provider": "aws",
        "available": True,
        "unavailable_reason": None,
        "possible_types": [],
    }
    assert [one["available"] for one in answer.json["bundles"]] == [True, True, False, False]
    assert answer.json["bundles"][3]["possible_types"] == ["ubuntu", "windows"]
    assert recording_notifier.notified == []


def test_bundles_can_be_asked_for_again(api: Callers, answering, frozen_clock):
    answering(answer={"bundles": BUNDLES[:1]}, answer_at=frozen_clock.now(), failure=None)

    answer = api("GET", f"/bundles/{api.world.credential_id}/?refresh=true")

    assert (answer.status_code, answer.json["count"]) == (200, 1)


def test_a_link_in_a_browser_session_never_asks_the_cloud(
    api_app: Flask, api: Callers, frozen_clock, recording_notifier
):
    """Anybody's page can have the link: the last list is given, however old, and no question is written."""
    listed, never = (
        f"/bundles/{one}/" for one in (api.world.credential_id, api.world.untested_credential_id)
    )
    recording_notifier.notified.clear()
    frozen_clock.pause(3600)

    stale, head, refused, unknown = (
        api("GET", listed, by="browser"),
        api("HEAD", listed, by="browser"),
        api("GET", f"{listed}?refresh=true", by="browser"),
        api("GET", never, by="browser"),
    )

    assert (stale.status_code, stale.json["count"], head.status_code) == (200, 4, 200)
    for answer in (refused, unknown):
        assert (answer.status_code, answer.json["code"]) == (403, "token_required")
    assert recording_notifier.notified == []
    assert _questions(api_app) == {True: 0, False: 2}


def test_a_token_gets_a_list_that_is_fresh(api: Callers, answering, frozen_clock):
    answering(answer={"bundles": BUNDLES[:1]}, answer_at=frozen_clock.now(), failure=None)
    frozen_clock.elapsed += timedelta(hours=1)

    answer = api("GET", f"/bundles/{api.world.credential_id}/")

    assert (answer.status_code, answer.json["count"]) == (200, 1)


def test_trouble_with_the_bundles_keeps_its_code(api: Callers, answering):
    answering(failure={"code": "access_denied", "cloud_code": "AccessDenied", "detail": "raw cloud text"})

    answer = api("GET", f"/bundles/{api.world.credential_id}/?refresh=true")

    assert (answer.status_code, answer.json["code"]) == (503, "access_denied")
    assert "raw cloud text" not in answer.text


def test_asking_for_bundles_works_for_a_reading_request(api_app: Flask, api: Callers):
    answer = api("GET", f"/bundles/{api.world.untested_credential_id}/")

    assert (answer.status_code, answer.json["code"]) == (503, "not_answered_yet")
    with api_app.app_context():
        asked = db.session.scalar(
            select(Inquiry).where(
                Inquiry.credential_id == api.world.untested_credential_id,
                Inquiry.kind == InquiryKind.LIST_BUNDLES,
            )
        )
        assert asked is not None and asked.is_open


def test_an_own_bundle_that_is_not_recognised_is_given_its_system(
    api: Callers, recording_notifier, frozen_clock
):
    bundles, order = f"/bundles/{api.world.credential_id}/", _order(api)
    refused = api("POST", "/workspaces/", json=order)
    recording_notifier.notified.clear()

    given = api("PUT", f"{bundles}wsb-nameless1/system/", json={"workspace_type": "windows"})
    notified = list(recording_notifier.notified)
    listed = api("GET", bundles, by="browser").json["bundles"][3]
    ordered = api("POST", "/workspaces/", json=order)

    assert (refused.status_code, refused.json["code"]) == (422, "bundle_not_found")
    assert given.status_code == 200
    assert given.json == listed
    assert (listed["workspace_type"], listed["available"]) == ("windows", True)
    assert [name for name, _ in notified] == [JobName.ANSWER], (
        "a worker that reads the list now would miss it"
    )
    assert ordered.status_code == 201


def test_a_system_that_cannot_be_is_refused_with_its_reason(api: Callers):
    def give(bundle_id: str, body: dict[str, str]):
        answer = api("PUT", f"/bundles/{api.world.credential_id}/{bundle_id}/system/", json=body)
        return answer.status_code, answer.json["code"], answer.json["errors"]

    ubuntu, windows = {"workspace_type": "ubuntu"}, {"workspace_type": "windows"}

    assert give("wsb-ubuntu001", windows) == (
        422,
        "system_not_possible",
        {
            "workspace_type": [
                "You cannot choose this system for “Standard Ubuntu 22.04”. It runs Ubuntu 22.04."
            ]
        },
    )
    assert give("wsb-retired01", ubuntu)[2]["workspace_type"][0].endswith("Amazon has retired this bundle.")
    assert give("wsb-unknown01", ubuntu)[:2] == (422, "bundle_not_found")
    assert give("wsb-nameless1", {"workspace_type": "mars"})[:2] == (422, "invalid")
    assert give("wsb-nameless1", {})[:2] == (422, "invalid")


def _order(api: Callers) -> dict[str, object]:
    return {
        "application_id": api.world.free_application_ids[0],
        "cloud_credential_id": api.world.credential_id,
        "workspace_type": "windows",
        "bundle_id": "wsb-nameless1",
        "username": "someone",
    }


def _questions(api_app: Flask) -> dict[bool, int]:
    """How many lists are asked for now, and how many are not."""
    with api_app.app_context():
        asked = db.session.scalars(select(Inquiry).where(Inquiry.kind == InquiryKind.LIST_BUNDLES)).all()
        return {state: sum(one.is_open is state for one in asked) for state in (True, False)}
