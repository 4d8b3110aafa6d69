"""A move to another size by the API: where to, asking once, withdrawing before it is sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.api.world import READY, START, Callers


@pytest.fixture
def path(api: Callers, change: Callable[..., None]) -> str:
    change(api.world.workspace_id, **READY, bundle_id="wsb-older0001", bundle_name="Older")
    return f"/workspaces/{api.world.workspace_id}/"


def target_of(api: Callers, path: str) -> str:
    shown = api("GET", f"{path}move/").json
    assert (shown["moving"], shown["refusal"]) == (None, None)
    return str(shown["targets"][0]["bundle_id"])


def test_a_move_is_asked_for_once_and_shown_until_the_cloud_has_it(api: Callers, path: str) -> None:
    bundle_id = target_of(api, path)

    first = api("POST", f"{path}move/", json={"bundle_id": bundle_id})
    again = api("POST", f"{path}move/", json={"bundle_id": bundle_id})

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json["workspace"] == again.json["workspace"]
    moving = first.json["workspace"]["moving"]
    assert (moving["bundle_id"], moving["sent_at"]) == (bundle_id, None)
    assert moving["requested_at"] == "2026-11-24T10:00:00Z"
    assert first.json["workspace"]["allowed_actions"] == ["terminate"]
    shown = api("GET", f"{path}move/").json
    assert (shown["moving"], shown["targets"]) == (moving, []) and shown["refusal"]
    assert [one["event"] for one in api("GET", f"{path}logs/").json["logs"]].count("move_requested") == 1


def test_it_is_withdrawn_once_and_the_desktop_is_as_it_was(api: Callers, path: str) -> None:
    before = api("GET", path).json
    api("POST", f"{path}move/", json={"bundle_id": target_of(api, path)})

    first, again = api("DELETE", f"{path}move/"), api("DELETE", f"{path}move/")

    assert (first.status_code, again.status_code) == (202, 202)
    after = first.json["workspace"]
    assert again.json["workspace"] == after
    changes = {name for name in after if after[name] != before[name]}
    assert changes <= {"updated_at", "version"}
    logs = [one["event"] for one in api("GET", f"{path}logs/").json["logs"]]
    assert logs.count("move_withdrawn") == 1


def test_what_was_sent_cannot_be_withdrawn(api: Callers, path: str, change: Callable[..., None]) -> None:
    api("POST", f"{path}move/", json={"bundle_id": target_of(api, path)})
    change(api.world.workspace_id, move_sent_at=START + timedelta(minutes=1))

    answer = api("DELETE", f"{path}move/")

    assert (answer.status_code, answer.json["code"]) == (409, "action_not_allowed")
    assert api("GET", path).json["moving"]["sent_at"] == "2026-11-24T10:01:00Z"


def test_a_size_that_is_none_of_its_targets_is_refused(api: Callers, path: str) -> None:
    answer = api("POST", f"{path}move/", json={"bundle_id": "wsb-999999999"})

    assert (answer.status_code, answer.json["code"]) == (422, "bundle_not_found")
